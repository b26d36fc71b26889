/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * search.h - find a key in a chain: the one search there is, for readers, writers
 * and the fallback of readers.  It is written in slots.h.
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

#define prefetch_slots	gomap_prefetch_slots

/* The lines of a bucket, the first one too: for who does not look at it at once. */
static __always_inline void prefetch_chain(const struct gomap_bucket *head,
					   const struct gomap_layout *layout)
{
	if (!head)
		return;
	prefetch(head);
	prefetch_slots(head, layout);
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
	return gomap_bucket_search(layout, object_of, (void *)arena, b, word,
				   hash, key->data, key->len, ref);
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
	return gomap_chain_search(layout, object_of, (void *)arena, home->head,
				  home->hash, key->data, key->len, ref);
}

#endif /* GOMAP_SEARCH_H */
