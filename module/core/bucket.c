// SPDX-License-Identifier: GPL-2.0-only
/*
 * bucket.c - make room in a chain, and count what is in it; see bucket.h.
 */
#include <linux/string.h>

#include "bucket.h"

/**
 * bucket_clean() - Make a bucket of an arena object that was taken for one.
 * @arena: The arena.
 * @handle: The object, which nobody else looks at.
 *
 * Context: Any context; caller is in an RCU read-side critical section.
 * Return: The bucket, empty.
 */
struct gomap_bucket *bucket_clean(const struct gomap_arena *arena, u32 handle)
{
	return memset(arena_object(arena, handle, NULL), 0, arena->bucket_size);
}

/**
 * chain_find_empty() - Find the first empty slot of a chain.
 * @arena: Where overflow buckets lie.
 * @head: First bucket of the chain.
 * @ref: Takes the slot; without one, the chain's last bucket and GOMAP_SLOTS.
 *
 * Context: Caller holds the stripe lock, in an RCU read-side critical section.
 * Return: Whether there is one.
 */
bool chain_find_empty(const struct gomap_arena *arena,
		      struct gomap_bucket *head, struct gomap_slot_ref *ref)
{
	struct gomap_bucket *b;

	for (b = head; b; b = bucket_next(arena, b)) {
		if (bucket_find_empty(b, ref))
			return true;
		ref->bucket = b;
		ref->slot = GOMAP_SLOTS;
	}
	return false;
}

/* Is everything after this slot empty? */
static bool rest_is_empty(const struct gomap_arena *arena,
			  const struct gomap_slot_ref *ref)
{
	struct gomap_bucket *next;

	if (ref->slot < GOMAP_SLOTS - 1)
		return bucket_tophash(ref->bucket, ref->slot + 1) ==
		       TOPHASH_EMPTY_REST;
	next = bucket_next(arena, ref->bucket);
	return !next || bucket_tophash(next, 0) == TOPHASH_EMPTY_REST;
}

/* Step back to the slot before this one.  False: this is the first one. */
static bool step_back(const struct gomap_arena *arena,
		      struct gomap_bucket *head, struct gomap_slot_ref *ref)
{
	struct gomap_bucket *b = head;

	if (ref->slot > 0) {
		ref->slot--;
		return true;
	}
	if (ref->bucket == head)
		return false;
	while (bucket_next(arena, b) != ref->bucket)
		b = bucket_next(arena, b);
	ref->bucket = b;
	ref->slot = GOMAP_SLOTS - 1;
	return true;
}

/**
 * chain_mark_empty() - Mark a slot as empty, in a chain of any length.
 * @arena: Where overflow buckets lie.
 * @head: First bucket of the chain, its version odd.
 * @at: The slot.
 *
 * If nothing comes after the slot then it, and all empty ones before it, become
 * EMPTY_REST, which keeps misses short.
 *
 * Context: Caller holds the stripe lock, in an RCU read-side critical section.
 */
void chain_mark_empty(const struct gomap_arena *arena,
		      struct gomap_bucket *head, struct gomap_slot_ref at)
{
	bucket_set_tophash(at.bucket, at.slot, TOPHASH_EMPTY_ONE);

	if (!rest_is_empty(arena, &at))
		return;
	do {
		bucket_set_tophash(at.bucket, at.slot, TOPHASH_EMPTY_REST);
	} while (step_back(arena, head, &at) &&
		 bucket_tophash(at.bucket, at.slot) == TOPHASH_EMPTY_ONE);
}

/**
 * chain_count() - Count the entries of a chain.
 * @arena: Where overflow buckets lie.
 * @head: First bucket of the chain.
 *
 * Context: Caller holds the stripe lock, in an RCU read-side critical section.
 * Return: How many.
 */
u32 chain_count(const struct gomap_arena *arena, struct gomap_bucket *head)
{
	struct gomap_slot_ref ref;
	u32 n = 0;

	chain_for_each_entry(ref, arena, head)
		n++;
	return n;
}

/**
 * chain_length() - Count the buckets of a chain.
 * @arena: Where overflow buckets lie.
 * @head: First bucket of the chain.
 *
 * Context: Caller holds the stripe lock, in an RCU read-side critical section.
 * Return: How many, the first one included.
 */
u32 chain_length(const struct gomap_arena *arena, struct gomap_bucket *head)
{
	u32 n = 0;

	for (; head; head = bucket_next(arena, head))
		n++;
	return n;
}
