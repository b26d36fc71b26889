/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later OR MIT */
/*
 * slots.h - a bucket and its slots: where keys and values lie, and how a key is
 * found in a chain, by a reader who takes no lock.
 *
 * A *field* is the key or the value of a slot:
 *
 *	              content up to 128 bytes    longer content
 *	fixed size    the bytes                  handle -> the bytes
 *	variable      u16 length, the bytes      handle -> u32 length, the bytes
 *
 * Values of a map whose values are stable are long, however short they are, and
 * begin at a multiple of 8 bytes: their length, if they have one, is a u64.
 *
 * A bucket is its header, then eight slots.  Keys lie beside their values
 * (K V K V ...) where that costs no padding, for it saves a cache line per hit
 * and a tenth of the time; otherwise all keys come first (K K ... V V ...), as
 * in Go.  Either way a field is at offset + slot * stride, and no byte of a
 * bucket is padding, but for the rounding of its size to 8.
 *
 * A *chain* is a bucket of the array with its overflow buckets.  The version
 * of the first bucket stands for the whole chain: it is even while the chain
 * is at rest and odd while its one writer, who holds the stripe lock, changes
 * it.  The versions of overflow buckets are not used.
 *
 *	writer				reader
 *	------				------
 *	version = odd			v = version, even	(A)
 *	smp_wmb()		(B)	search, copy
 *	change the chain		smp_rmb()		(C)
 *	version = even, release	(D)	version still v?
 *
 *	A reads what D wrote: all changes up to there are visible to the
 *	reader.  B and C: a reader that saw any part of a change sees the odd
 *	version, or a later one, when it looks again.
 *
 * One implementation for the module, the host build and the user library, whose
 * readers look at the same buckets through a mapping.  They differ in where a
 * handle leads to, so that is an argument: a function, inlined like all of this,
 * and what it is called with.
 *
 * Programs include this, too: it compiles as C++ and defines no name of theirs.
 */
#ifndef GOMAP_SLOTS_H
#define GOMAP_SLOTS_H

#include "hash.h"
#include "tophash.h"

#ifdef __KERNEL__
#include <linux/compiler.h>
#include <linux/prefetch.h>
#include <asm/barrier.h>

#define GOMAP_READ_ONCE(x)		READ_ONCE(x)
/* What each is for is said where it is used. */
#define gomap_smp_load_acquire(p)	smp_load_acquire(p)	/* A and others */
#define gomap_smp_rmb()			smp_rmb()		/* C and others */
#define gomap_data_race(x)		data_race(x)		/* validated */
#define gomap_prefetch(p)		prefetch(p)
#define GOMAP_HIDE_VAR(x)		OPTIMIZER_HIDE_VAR(x)
#else
#ifndef __cplusplus
#include <stdbool.h>
#endif

/*
 * The same by the compiler's own means.  A word of 64 bits may be read in halves
 * where the machine has 32: the version tells then, too.
 */
#define GOMAP_READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#if __SIZEOF_LONG__ >= 8
#define gomap_smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#else
#define gomap_smp_load_acquire(p) (__extension__ ({			\
	__typeof__(*(p) + 0) value__ = GOMAP_READ_ONCE(*(p));		\
									\
	gomap_smp_rmb();						\
	value__;							\
}))
#endif
#define gomap_smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define gomap_data_race(x)	(x)
#define gomap_prefetch(p)	__builtin_prefetch(p)
#define GOMAP_HIDE_VAR(x)	__asm__ ("" : "=r" (x) : "0" (x))
#endif

#define gomap_unlikely(x)	__builtin_expect(!!(x), 0)
#define gomap_likely(x)		__builtin_expect(!!(x), 1)

#define GOMAP_FIELD_INLINE_MAX	128U	/* bytes of a content in its slot */
#define GOMAP_CACHE_LINE	64U	/* bytes, on most machines */

/**
 * struct gomap_bucket - eight slots.  All fields: written under the stripe
 * lock with the chain's version odd, read under that lock or validated.
 * @version: Of the chain, if this is its first bucket.
 * @overflow: Handle of the next bucket of the chain; 0: none.
 * @tophash: One byte for each slot, see tophash.h.
 * @data: Keys and values.
 */
struct gomap_bucket {
	__u32 version;
	__u32 overflow;
	__u64 tophash;
	__u8 data[];
};

/**
 * struct gomap_slot_ref - a slot in a chain.
 * @bucket: The bucket that it is in.
 * @slot: Its number there.
 */
struct gomap_slot_ref {
	struct gomap_bucket *bucket;
	unsigned long slot;
};

/**
 * struct gomap_field - one field of the slots of a map.  Constant.
 * @max: Bytes of the longest content.
 * @size: Bytes that the field takes in its slot.
 * @offset: Of the field of slot 0, bytes from the start of the bucket.
 * @stride: Bytes from the field of one slot to that of the next.
 * @prefix: Bytes before the content in its object: the length, if it varies.
 * @is_var: Its length varies.
 * @is_inline: The content lies in the slot.
 */
struct gomap_field {
	__u32 max;
	__u32 size;
	__u32 offset;
	__u32 stride;
	__u32 prefix;
	bool is_var;
	bool is_inline;
};

/**
 * struct gomap_layout - the shape of a map's buckets.  Constant.
 * @key: The keys.
 * @value: The values.
 * @pair_size: Bytes of a key with its value behind it; 0: they lie apart.
 * @bucket_size: Bytes of a bucket.
 */
struct gomap_layout {
	struct gomap_field key;
	struct gomap_field value;
	__u32 pair_size;
	__u32 bucket_size;
};

/**
 * typedef gomap_object_fn - where a handle leads to.
 * @objects: Whose handle it is.
 * @handle: The handle; 0: none.
 * @least: Bytes that the object must have to be one.
 * @size: Takes the bytes that it has, unless NULL.
 *
 * May be asked for any handle that a reader has come by, however old.
 *
 * Return: The object, or NULL: there is none.
 */
typedef const void *(*gomap_object_fn)(void *objects, __u32 handle,
				       __u32 least, __u32 *size);

/* -- versions ------------------------------------------------------------- */

/* A, pairs with D in chain_write_end().  False: a writer is inside. */
static __always_inline bool
gomap_chain_read_begin(const struct gomap_bucket *head, __u32 *version)
{
	*version = gomap_smp_load_acquire(&head->version);	/* A */
	return !(*version & 1);
}

/* C, pairs with B in chain_write_begin().  True: nothing changed since. */
static __always_inline bool
gomap_chain_read_valid(const struct gomap_bucket *head, __u32 version)
{
	gomap_smp_rmb();	/* C */
	return GOMAP_READ_ONCE(head->version) == version;
}

static __always_inline bool
gomap_bucket_is_evacuated(const struct gomap_bucket *b)
{
	/* E, pairs with F in bucket_mark_evacuated(). */
	return gomap_tophash_is_evacuated(gomap_smp_load_acquire(&b->tophash));
}

/*
 * The bucket after this one in its chain, or NULL.  J, the address dependency
 * from the handle to the bucket, pairs with I in bucket_link().
 */
static __always_inline struct gomap_bucket *
gomap_bucket_next(gomap_object_fn object, void *objects,
		  const struct gomap_bucket *b, __u32 bucket_size)
{
	__u32 handle = GOMAP_READ_ONCE(b->overflow);	/* J */

	if (!gomap_unlikely(handle))
		return NULL;
	return (struct gomap_bucket *)object(objects, handle, bucket_size,
					     NULL);
}

/* -- fields --------------------------------------------------------------- */

/* Would a content of this length be right for the field? */
static __always_inline bool gomap_field_accepts(const struct gomap_field *f,
						__u32 len)
{
	return f->is_var ? len <= f->max : len == f->max;
}

/* Bytes of a content that the field accepts, a constant if the layout is one. */
static __always_inline __u32 gomap_field_len(const struct gomap_field *f,
					     __u32 len)
{
	return f->is_var ? len : f->max;
}

static __always_inline void *gomap_field_at(const struct gomap_field *f,
					    struct gomap_bucket *b,
					    unsigned long slot)
{
	unsigned long bits = 8 * slot;
	__u8 *at = (__u8 *)b;

	/*
	 * Eight times a slot, the place of its tophash, is what a search has in
	 * the first place: where it is known to do the compiler is to start from
	 * there.  A hit has four instructions less then that wait for memory.
	 */
	if (__builtin_constant_p(f->stride) && f->stride % 8 == 0) {
		GOMAP_HIDE_VAR(bits);
		return at + f->offset + bits * (f->stride / 8);
	}
	return at + f->offset + slot * f->stride;
}

/*
 * memcpy(), without a call for the sizes that most keys and values have: also in
 * a kernel that is built with -fno-builtin, as User-mode Linux is.
 */
static __always_inline void *gomap_copy_bytes(void *to, const void *from,
					      __u32 len)
{
	switch (len) {
	case 4:
		return __builtin_memcpy(to, from, 4);
	case 8:
		return __builtin_memcpy(to, from, 8);
	case 16:
		return __builtin_memcpy(to, from, 16);
	default:
		return memcpy(to, from, len);
	}
}

static __always_inline bool gomap_bytes_equal(const void *a, const void *b,
					      __u32 len)
{
	switch (len) {
	case 4:
		return gomap_load_le32(a) == gomap_load_le32(b);
	case 8:
		return gomap_load_le64(a) == gomap_load_le64(b);
	case 16:
		return gomap_load_le64(a) == gomap_load_le64(b) &&
		       gomap_load_le64((const __u8 *)a + 8) ==
		       gomap_load_le64((const __u8 *)b + 8);
	default:
		return !memcmp(a, b, len);
	}
}

/* The handle in a field, or 0: there is none, or the content is inline. */
static __always_inline __u32 gomap_field_handle(const struct gomap_field *f,
						struct gomap_bucket *b,
						unsigned long slot)
{
	if (f->is_inline)
		return 0;
	return GOMAP_READ_ONCE(*(__u32 *)gomap_field_at(f, b, slot));
}

/* A length as it was read, but none that leads out of what it is the length of. */
static __always_inline __u32 gomap_clamp_len(__u32 len, __u32 max)
{
	return len < max ? len : max;
}

static __always_inline const void *
gomap_inline_content(const struct gomap_field *f, const void *at, __u32 *len)
{
	if (!f->is_var) {
		*len = f->max;
		return at;
	}
	*len = gomap_clamp_len(GOMAP_READ_ONCE(*(const __u16 *)at), f->max);
	return (const __u8 *)at + sizeof(__u16);
}

static __always_inline const void *
gomap_object_content(const struct gomap_field *f, const void *object,
		     __u32 size, __u32 *len)
{
	if (!f->is_var) {
		*len = f->max;
		return size < f->max ? NULL : object;
	}
	*len = gomap_clamp_len(GOMAP_READ_ONCE(*(const __u32 *)object), f->max);
	*len = gomap_clamp_len(*len, size - f->prefix);
	return (const __u8 *)object + f->prefix;
}

/**
 * gomap_field_get() - Where the content of a field lies, and how long it is.
 * @f: The field.
 * @object: Where a handle leads to.
 * @objects: What @object is called with.
 * @b: The bucket.
 * @slot: The slot.
 * @len: Takes the bytes of the content.
 *
 * Also for a reader who looks while the slot is being written.  Then the
 * answer may be wrong, but it is safe: the content lies in memory of the map
 * and is as long as @len says.
 *
 * Context: Any context; what @object finds stays.
 * Return: The content, or NULL: there is none.
 */
static __always_inline const void *
gomap_field_get(const struct gomap_field *f, gomap_object_fn object,
		void *objects, struct gomap_bucket *b, unsigned long slot,
		__u32 *len)
{
	const void *content;
	__u32 size;

	if (f->is_inline)
		return gomap_inline_content(f, gomap_field_at(f, b, slot), len);

	content = object(objects, gomap_field_handle(f, b, slot),
			 f->is_var ? f->prefix : f->max, &size);
	if (!content)
		return NULL;
	return gomap_object_content(f, content, size, len);
}

/* -- search --------------------------------------------------------------- */

/*
 * Have the lines of a bucket fetched of which a hit needs one, while the line
 * with its tophashes, which says which one, is on its way.  What is longer than
 * four lines would cost others more than it gains here.
 */
static __always_inline void
gomap_prefetch_slots(const struct gomap_bucket *b,
		     const struct gomap_layout *layout)
{
	if (layout->bucket_size > 4 * GOMAP_CACHE_LINE)
		return;
	gomap_prefetch((const __u8 *)b + GOMAP_CACHE_LINE);
	if (layout->bucket_size > 2 * GOMAP_CACHE_LINE)
		gomap_prefetch((const __u8 *)b + 2 * GOMAP_CACHE_LINE);
}

static __always_inline bool
gomap_slot_has_key(const struct gomap_layout *layout, gomap_object_fn object,
		   void *objects, struct gomap_bucket *b, unsigned long slot,
		   const void *key, __u32 key_len)
{
	const void *data;
	__u32 len;

	data = gomap_field_get(&layout->key, object, objects, b, slot, &len);
	if (!data || len != gomap_field_len(&layout->key, key_len))
		return false;
	/* A lock-free reader may race with a writer here; the version tells. */
	return gomap_data_race(gomap_bytes_equal(data, key, len));
}

/*
 * Look for a key in one bucket.  @word: its tophashes, of which the first slot to
 * hold the key is the one that counts.
 */
static __always_inline bool
gomap_bucket_search(const struct gomap_layout *layout, gomap_object_fn object,
		    void *objects, struct gomap_bucket *b, __u64 word,
		    __u64 hash, const void *key, __u32 key_len,
		    struct gomap_slot_ref *ref)
{
	__u64 match = gomap_tophash_match(word, gomap_tophash(hash));

	for (; match; match &= match - 1) {
		ref->bucket = b;
		ref->slot = gomap_tophash_first(match);
		if (gomap_slot_has_key(layout, object, objects, b, ref->slot,
				       key, key_len))
			return true;
	}
	return false;
}

/**
 * gomap_chain_search() - Find a key in a chain.
 * @layout: Shape of the buckets.
 * @object: Where a handle leads to.
 * @objects: What @object is called with.
 * @head: First bucket of the chain, or NULL.
 * @hash: Of the key, under the seed of the array that the chain belongs to.
 * @key: The key.
 * @key_len: Bytes of it, which the layout accepts.
 * @ref: Takes the slot where it is.
 *
 * A lock-free reader must not believe the answer, neither yes nor no, before
 * gomap_chain_read_valid().
 *
 * Context: Any context; what @object finds stays.
 * Return: Whether the key is there.
 */
static __always_inline bool
gomap_chain_search(const struct gomap_layout *layout, gomap_object_fn object,
		   void *objects, struct gomap_bucket *head, __u64 hash,
		   const void *key, __u32 key_len, struct gomap_slot_ref *ref)
{
	struct gomap_bucket *b = head;
	__u64 word;

	while (b) {
		word = GOMAP_READ_ONCE(b->tophash);
		if (gomap_bucket_search(layout, object, objects, b, word, hash,
					key, key_len, ref))
			return true;
		b = gomap_bucket_next(object, objects, b, layout->bucket_size);
		if (gomap_unlikely(b) && gomap_tophash_ends_chain(word))
			return false;
	}
	return false;
}

/* -- layouts -------------------------------------------------------------- */

#define GOMAP_ROUND_UP(x, to)	(((x) + (to) - 1) & ~((__u32)(to) - 1))

/* The alignment that a field of this size has by nature, at most 8. */
static __always_inline __u32 gomap_natural_alignment(__u32 size)
{
	return size ? gomap_clamp_len(size & -size, 8) : 1;
}

static __always_inline void gomap_field_init(struct gomap_field *f, __u32 max,
					     bool is_var, bool is_stable)
{
	f->max = max;
	f->is_var = is_var;
	f->is_inline = max <= GOMAP_FIELD_INLINE_MAX && !is_stable;
	f->prefix = !is_var ? 0 : is_stable ? sizeof(__u64) : sizeof(__u32);
	if (!f->is_inline)
		f->size = sizeof(__u32);
	else if (is_var)
		f->size = GOMAP_ROUND_UP((__u32)sizeof(__u16) + max,
					 sizeof(__u16));
	else
		f->size = max;
}

static __always_inline __u32
gomap_field_alignment(const struct gomap_field *f)
{
	/* A length before the bytes is all that wants to be aligned. */
	if (f->is_inline && f->is_var)
		return sizeof(__u16);
	return gomap_natural_alignment(f->size);
}

static __always_inline void gomap_lay_out_pairs(struct gomap_layout *l)
{
	__u32 slot = l->key.size + l->value.size;

	l->key.offset = sizeof(struct gomap_bucket);
	l->key.stride = slot;
	l->value.offset = l->key.offset + l->key.size;
	l->value.stride = slot;
	l->pair_size = slot;
}

static __always_inline void gomap_lay_out_groups(struct gomap_layout *l)
{
	l->key.offset = sizeof(struct gomap_bucket);
	l->key.stride = l->key.size;
	l->value.offset = GOMAP_ROUND_UP(l->key.offset +
					 GOMAP_SLOTS * l->key.size,
					 gomap_field_alignment(&l->value));
	l->value.stride = l->value.size;
	l->pair_size = 0;
}

/**
 * gomap_layout_of() - Lay out the buckets of a map.
 * @key_size: Bytes of a key.
 * @value_size: Bytes of a value.
 * @var_key: Keys have up to @key_size bytes.
 * @var_value: Values have up to @value_size bytes.
 * @stable: Values are stable.
 *
 * Context: Any context.
 * Return: The layout, which is a constant where the arguments are.
 */
static __always_inline struct gomap_layout
gomap_layout_of(__u32 key_size, __u32 value_size, bool var_key, bool var_value,
		bool stable)
{
	__u32 key_alignment, value_alignment, slot;
	struct gomap_layout l;

	gomap_field_init(&l.key, key_size, var_key, false);
	gomap_field_init(&l.value, value_size, var_value, stable);

	key_alignment = gomap_field_alignment(&l.key);
	value_alignment = gomap_field_alignment(&l.value);
	slot = l.key.size + l.value.size;
	if (l.key.size % value_alignment == 0 && slot % key_alignment == 0 &&
	    slot % value_alignment == 0)
		gomap_lay_out_pairs(&l);
	else
		gomap_lay_out_groups(&l);
	l.bucket_size = GOMAP_ROUND_UP((__u32)sizeof(struct gomap_bucket) +
				       GOMAP_SLOTS * slot, 8);
	return l;
}

#endif /* GOMAP_SLOTS_H */
