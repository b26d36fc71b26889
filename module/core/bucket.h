/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bucket.h - one bucket, its version, and the chain of its overflow buckets, as
 * the kernel reads and writes them.
 *
 * The bucket itself, and what A to D are, is in slots.h.
 */
#ifndef GOMAP_BUCKET_H
#define GOMAP_BUCKET_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>

#include "layout.h"
#include "slots.h"
#include "tophash.h"

struct gomap_array;

/**
 * struct gomap_key - a key that is looked for.
 * @data: Its bytes.
 * @len: How many.
 * @hash: Its hash, under the seed of the current array.
 * @old_hash: Its hash, under the seed of the old array: the same one unless a
 *	rekey is under way.
 */
struct gomap_key {
	const void *data;
	u32 len;
	u64 hash;
	u64 old_hash;
};

/**
 * struct gomap_home - the chain that holds a key's entry, if it is there at all.
 * @head: First bucket of the chain; NULL: nothing was stored there yet.
 * @array: The array that it belongs to.
 * @hash: Of the key, under the seed of that array.
 */
struct gomap_home {
	struct gomap_bucket *head;
	const struct gomap_array *array;
	u64 hash;
};

/* Open a chain for changes.  B, pairs with C in gomap_chain_read_valid(). */
static __always_inline void chain_write_begin(struct gomap_bucket *head)
{
	WRITE_ONCE(head->version, head->version + 1);
	smp_wmb();	/* B */
}

/* Publish the changes.  D, pairs with A in gomap_chain_read_begin(). */
static __always_inline void chain_write_end(struct gomap_bucket *head)
{
	smp_store_release(&head->version, head->version + 1);	/* D */
}

/* A: pairs with D above.  False: a writer is inside. */
static __always_inline bool chain_read_begin(const struct gomap_bucket *head,
				    u32 *version)
{
	return gomap_chain_read_begin(head, version);
}

/* C: pairs with B above.  True: nothing changed since. */
static __always_inline bool chain_read_valid(const struct gomap_bucket *head,
				    u32 version)
{
	return gomap_chain_read_valid(head, version);
}

/*
 * Link a bucket behind the last one of a chain.  I, pairs with J, the address
 * dependency in gomap_bucket_next(): who finds the bucket finds what is in it, and
 * not what it held before it was free.
 */
static __always_inline void bucket_link(struct gomap_bucket *last, u32 handle)
{
	smp_store_release(&last->overflow, handle);	/* I */
}

static __always_inline bool bucket_is_evacuated(const struct gomap_bucket *b)
{
	return gomap_bucket_is_evacuated(b);
}

static __always_inline void bucket_mark_evacuated(struct gomap_bucket *b)
{
	/* F, pairs with E: who sees the mark sees the entries' new places. */
	smp_store_release(&b->tophash, TOPHASH_WORD_EVACUATED);
}

static __always_inline void bucket_set_tophash(struct gomap_bucket *b, unsigned long slot,
				      u8 top)
{
	WRITE_ONCE(b->tophash, gomap_tophash_set(b->tophash, slot, top));
}

static __always_inline u8 bucket_tophash(const struct gomap_bucket *b, unsigned long slot)
{
	return gomap_tophash_get(READ_ONCE(b->tophash), slot);
}

static __always_inline bool slot_is_empty(const struct gomap_bucket *b,
				 unsigned long slot)
{
	return bucket_tophash(b, slot) <= TOPHASH_EMPTY_ONE;
}

static __always_inline bool bucket_has_entries(const struct gomap_bucket *b)
{
	unsigned long slot;

	for (slot = 0; slot < GOMAP_SLOTS; slot++)
		if (!slot_is_empty(b, slot))
			return true;
	return false;
}

/*
 * The bucket after this one in its chain, or NULL; the caller is in an RCU
 * read-side critical section.
 */
static __always_inline struct gomap_bucket *bucket_next(const struct gomap_arena *arena,
					       const struct gomap_bucket *b)
{
	return gomap_bucket_next(object_of, (void *)arena, b, 0);
}

/*
 * Mark a slot of a chain of one bucket as empty: with the empty ones at the end
 * all become EMPTY_REST, which keeps misses short.
 */
static __always_inline void bucket_mark_empty(struct gomap_bucket *b,
					      unsigned long slot)
{
	u64 word = gomap_tophash_set(b->tophash, slot, TOPHASH_EMPTY_ONE);

	WRITE_ONCE(b->tophash, gomap_tophash_trim(word));
}

static __always_inline void field_copy(const struct gomap_field *f,
				       const struct gomap_slot_ref *to,
				       const struct gomap_slot_ref *from)
{
	copy_bytes(field_at(f, to->bucket, to->slot),
		   field_at(f, from->bucket, from->slot), f->size);
}

struct gomap_bucket *bucket_clean(const struct gomap_arena *arena, u32 handle);
bool chain_find_empty(const struct gomap_arena *arena,
		      struct gomap_bucket *head, struct gomap_slot_ref *ref);
void chain_mark_empty(const struct gomap_arena *arena,
		      struct gomap_bucket *head, struct gomap_slot_ref at);
u32 chain_count(const struct gomap_arena *arena, struct gomap_bucket *head);
u32 chain_length(const struct gomap_arena *arena, struct gomap_bucket *head);

/* Find the first empty slot of a bucket, if it has one. */
static __always_inline bool bucket_find_empty(struct gomap_bucket *b,
					    struct gomap_slot_ref *ref)
{
	u64 match = gomap_tophash_empties(b->tophash);

	if (unlikely(!match))
		return false;
	ref->bucket = b;
	ref->slot = gomap_tophash_first(match);
	return true;
}

/**
 * chain_vacate() - Empty a slot.
 * @layout: Shape of the buckets.
 * @arena: Where overflow buckets lie.
 * @head: First bucket of the chain, its version odd.
 * @ref: The slot, which holds an entry.
 *
 * The bytes of key and value are zeroed, so that nothing is left for who may
 * see the memory later.
 *
 * Context: Caller holds the stripe lock, in an RCU read-side critical section.
 */
static __always_inline void chain_vacate(const struct gomap_layout *layout,
					 const struct gomap_arena *arena,
					 struct gomap_bucket *head,
					 const struct gomap_slot_ref *ref)
{
	field_clear(&layout->key, ref->bucket, ref->slot);
	field_clear(&layout->value, ref->bucket, ref->slot);
	if (likely(!head->overflow))
		bucket_mark_empty(head, ref->slot);
	else
		chain_mark_empty(arena, head, *ref);
}

/**
 * slot_copy() - Copy an entry: the bytes of its slot, a handle with its object.
 * @layout: Shape of the buckets.
 * @to: The slot to fill; its tophash is for the caller to set.
 * @from: The slot with the entry.
 *
 * Context: Caller holds the stripe locks of both, the version of @to's chain is
 *	odd.
 */
static __always_inline void slot_copy(const struct gomap_layout *layout,
				      const struct gomap_slot_ref *to,
				      const struct gomap_slot_ref *from)
{
	const struct gomap_field *key = &layout->key;

	if (layout->pair_size) {
		copy_bytes(field_at(key, to->bucket, to->slot),
			   field_at(key, from->bucket, from->slot),
			   layout->pair_size);
		return;
	}
	field_copy(key, to, from);
	field_copy(&layout->value, to, from);
}

/* The slots of a chain that hold an entry; @ref.bucket is NULL at its end. */
#define chain_for_each_entry(ref, arena, head)				\
	for ((ref).bucket = (head); (ref).bucket;			\
	     (ref).bucket = bucket_next(arena, (ref).bucket))		\
		for ((ref).slot = 0; (ref).slot < GOMAP_SLOTS; (ref).slot++) \
			if (!slot_is_empty((ref).bucket, (ref).slot))

#endif /* GOMAP_BUCKET_H */
