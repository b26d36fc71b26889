/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout.h - where keys and values lie in a bucket, and how they are read.
 *
 * A *field* is the key or the value of a slot:
 *
 *	              content up to 128 bytes    longer content
 *	fixed size    the bytes                  handle -> the bytes
 *	variable      u16 length, the bytes      handle -> u32 length, the bytes
 *
 * Values of a map with GOMAP_F_STABLE are long, however short they are, and
 * begin at a multiple of 8 bytes: their length, if they have one, is a u64.
 *
 * A bucket is its header, then eight slots.  Keys lie beside their values
 * (K V K V ...) where that costs no padding, for it saves a cache line per hit
 * and a tenth of the time; otherwise all keys come first (K K ... V V ...), as
 * in Go.  Either way a field is at offset + slot * stride, and no byte of a
 * bucket is padding, but for the rounding of its size to 8.
 *
 * How a layout is made stands in shape.h.
 */
#ifndef GOMAP_LAYOUT_H
#define GOMAP_LAYOUT_H

#include <linux/compiler.h>
#include <linux/gomap.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "../arena/arena.h"

struct gomap_bucket;

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
	u32 max;
	u32 size;
	u32 offset;
	u32 stride;
	u32 prefix;
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
	u32 pair_size;
	u32 bucket_size;
};

/* Would a content of this length be right for the field? */
static __always_inline bool field_accepts(const struct gomap_field *f, u32 len)
{
	return f->is_var ? len <= f->max : len == f->max;
}

/* Bytes of a content that the field accepts, a constant if the layout is one. */
static __always_inline u32 field_len(const struct gomap_field *f, u32 len)
{
	return f->is_var ? len : f->max;
}

/* Bytes of the arena object that a content of this length needs. */
static __always_inline u32 field_object_size(const struct gomap_field *f, u32 len)
{
	return f->prefix + len;
}

static __always_inline void *field_at(const struct gomap_field *f,
			     struct gomap_bucket *b, unsigned long slot)
{
	unsigned long bits = 8 * slot;

	/*
	 * Eight times a slot, the place of its tophash, is what a search has in
	 * the first place: where it is known to do the compiler is to start from
	 * there.  A hit has four instructions less then that wait for memory.
	 */
	if (__builtin_constant_p(f->stride) && f->stride % 8 == 0) {
		OPTIMIZER_HIDE_VAR(bits);
		return (void *)b + f->offset + bits * (f->stride / 8);
	}
	return (void *)b + f->offset + slot * f->stride;
}

/*
 * memcpy(), without a call for the sizes that most keys and values have: also in
 * a kernel that is built with -fno-builtin, as User-mode Linux is.
 */
static __always_inline void *copy_bytes(void *to, const void *from, u32 len)
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

/* memset() to zero, likewise. */
static __always_inline void clear_bytes(void *at, u32 len)
{
	switch (len) {
	case 4:
		__builtin_memset(at, 0, 4);
		return;
	case 8:
		__builtin_memset(at, 0, 8);
		return;
	case 16:
		__builtin_memset(at, 0, 16);
		return;
	default:
		memset(at, 0, len);
	}
}

/* The handle in a field, or 0: there is none, or the content is inline. */
static __always_inline u32 field_handle(const struct gomap_field *f,
			       struct gomap_bucket *b, unsigned long slot)
{
	return f->is_inline ? 0 : READ_ONCE(*(u32 *)field_at(f, b, slot));
}

static __always_inline const void *inline_content(const struct gomap_field *f,
					 const void *at, u32 *len)
{
	if (!f->is_var) {
		*len = f->max;
		return at;
	}
	*len = min_t(u32, READ_ONCE(*(const u16 *)at), f->max);
	return at + sizeof(u16);
}

static __always_inline const void *object_content(const struct gomap_field *f,
					 const void *object, u32 size, u32 *len)
{
	if (!f->is_var) {
		*len = f->max;
		return size < f->max ? NULL : object;
	}
	*len = min3(READ_ONCE(*(const u32 *)object), f->max, size - f->prefix);
	return object + f->prefix;
}

/**
 * field_get() - Where the content of a field lies, and how long it is.
 * @f: The field.
 * @arena: Where handles lead to.
 * @b: The bucket.
 * @slot: The slot.
 * @len: Takes the bytes of the content.
 *
 * Also for a reader who looks while the slot is being written.  Then the
 * answer may be wrong, but it is safe: the content lies in memory of the map
 * and is as long as @len says.
 *
 * Context: Any context; caller is in an RCU read-side critical section.
 * Return: The content, or NULL: there is none.
 */
static __always_inline const void *field_get(const struct gomap_field *f,
				    const struct gomap_arena *arena,
				    struct gomap_bucket *b, unsigned long slot,
				    u32 *len)
{
	const void *object;
	u32 size;

	if (f->is_inline)
		return inline_content(f, field_at(f, b, slot), len);

	object = arena_object(arena, field_handle(f, b, slot), &size);
	if (!object)
		return NULL;
	return object_content(f, object, size, len);
}

/*
 * Write how long a content is that lies in its slot, and zero what is left of a
 * longer one: it is nobody's to see.
 */
static __always_inline void inline_set_len(void *at, u32 len)
{
	u32 had = *(u16 *)at;

	WRITE_ONCE(*(u16 *)at, (u16)len);
	if (unlikely(had > len))
		memset(at + sizeof(u16) + len, 0, had - len);
}

/**
 * field_put() - Write a field.
 * @f: The field.
 * @b: The bucket, its version odd or not published yet.
 * @slot: The slot.
 * @content: The content where it is inline; NULL where @len is 0.
 * @len: Bytes of @content.
 * @handle: The object with the content where it is not inline.
 *
 * Context: Any context; caller holds the bucket's stripe lock.
 */
static __always_inline void field_put(const struct gomap_field *f,
				      struct gomap_bucket *b, unsigned long slot,
				      const void *content, u32 len, u32 handle)
{
	void *at = field_at(f, b, slot);

	if (!f->is_inline) {
		WRITE_ONCE(*(u32 *)at, handle);
		return;
	}
	if (f->is_var) {
		inline_set_len(at, len);
		at += sizeof(u16);
	}
	if (len)
		copy_bytes(at, content, len);
}

/**
 * field_clear() - Zero a field, so that nothing is left to be seen in it.
 * @f: The field.
 * @b: The bucket, its version odd.
 * @slot: The slot.
 *
 * A handle goes in one piece: readers follow what they find.
 *
 * Context: Any context; caller holds the bucket's stripe lock.
 */
static __always_inline void field_clear(const struct gomap_field *f,
					struct gomap_bucket *b,
					unsigned long slot)
{
	if (f->is_inline)
		clear_bytes(field_at(f, b, slot), f->size);
	else
		field_put(f, b, slot, NULL, 0, 0);
}

void object_fill(const struct gomap_field *f, void *object,
		 const void *content, u32 len);

#endif /* GOMAP_LAYOUT_H */
