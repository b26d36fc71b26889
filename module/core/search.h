/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * search.h - find a key in a chain: the one search there is, for readers, writers
 * and the fallback of readers.
 *
 * It is compiled once for each shape of maps, see shape.h.
 */
#ifndef GOMAP_SEARCH_H
#define GOMAP_SEARCH_H

#include <linux/compiler.h>
#include <linux/prefetch.h>
#include <linux/string.h>

#include "bucket.h"
#include "table.h"

#define CACHE_LINE	64U	/* bytes, on most machines */

/*
 * Have the lines of a bucket fetched of which a hit needs one, while the line
 * with its tophashes, which says which one, is on its way.  What is longer than
 * four lines would cost others more than it gains here.
 */
static __always_inline void prefetch_slots(const struct gomap_bucket *b,
					   const struct gomap_layout *layout)
{
	if (layout->bucket_size > 4 * CACHE_LINE)
		return;
	prefetch((const void *)b + CACHE_LINE);
	if (layout->bucket_size > 2 * CACHE_LINE)
		prefetch((const void *)b + 2 * CACHE_LINE);
}

/* The same, and the first line: for who does not look at it at once. */
static __always_inline void prefetch_chain(const struct gomap_bucket *head,
					   const struct gomap_layout *layout)
{
	if (!head)
		return;
	prefetch(head);
	prefetch_slots(head, layout);
}

static __always_inline bool bytes_equal(const void *a, const void *b, u32 len)
{
	switch (len) {
	case 4:
		return gomap_load_le32(a) == gomap_load_le32(b);
	case 8:
		return gomap_load_le64(a) == gomap_load_le64(b);
	case 16:
		return gomap_load_le64(a) == gomap_load_le64(b) &&
		       gomap_load_le64(a + 8) == gomap_load_le64(b + 8);
	default:
		return !memcmp(a, b, len);
	}
}

static __always_inline bool slot_has_key(const struct gomap_layout *layout,
					 const struct gomap_arena *arena,
					 struct gomap_bucket *b,
					 unsigned long slot,
					 const struct gomap_key *key)
{
	const void *data;
	u32 len;

	data = field_get(&layout->key, arena, b, slot, &len);
	if (!data || len != field_len(&layout->key, key->len))
		return false;
	/* A lock-free reader may race with a writer here; the version tells. */
	return data_race(bytes_equal(data, key->data, len));
}

/*
 * Look for a key in one bucket.  @word: its tophashes, of which the first slot to
 * hold the key is the one that counts.
 */
static __always_inline bool bucket_search(const struct gomap_layout *layout,
					  const struct gomap_arena *arena,
					  struct gomap_bucket *b, u64 word,
					  u64 hash, const struct gomap_key *key,
					  struct gomap_slot_ref *ref)
{
	u64 match = gomap_tophash_match(word, gomap_tophash(hash));

	for (; match; match &= match - 1) {
		ref->bucket = b;
		ref->slot = gomap_tophash_first(match);
		if (slot_has_key(layout, arena, b, ref->slot, key))
			return true;
	}
	return false;
}

/**
 * chain_search() - Find a key in a chain.
 * @layout: Shape of the buckets.
 * @arena: Where overflow buckets and contents lie.
 * @home: The chain.
 * @key: The key, of a length that the layout accepts.
 * @ref: Takes the slot where it is.
 *
 * A lock-free reader must not believe the answer, neither yes nor no, before
 * chain_read_valid().
 *
 * Context: Any context; caller is in an RCU read-side critical section.
 * Return: Whether the key is there.
 */
static __always_inline bool chain_search(const struct gomap_layout *layout,
					 const struct gomap_arena *arena,
					 const struct gomap_home *home,
					 const struct gomap_key *key,
					 struct gomap_slot_ref *ref)
{
	struct gomap_bucket *b = home->head;
	u64 word;

	while (b) {
		word = READ_ONCE(b->tophash);
		if (bucket_search(layout, arena, b, word, home->hash, key, ref))
			return true;
		b = bucket_next(arena, b);
		if (unlikely(b) && gomap_tophash_ends_chain(word))
			return false;
	}
	return false;
}

#endif /* GOMAP_SEARCH_H */
