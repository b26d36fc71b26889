// SPDX-License-Identifier: GPL-2.0-only
/*
 * search.c - find a key in a chain, whatever its length; see search.h.
 */
#include "search.h"

/**
 * chain_find() - Find a key in a chain.
 * @layout: Shape of the buckets.
 * @arena: Where overflow buckets and contents lie.
 * @home: The chain.
 * @key: The key.
 * @ref: Takes the slot where it is.
 *
 * A lock-free reader must not believe the answer, neither yes nor no, before
 * chain_read_valid().
 *
 * Context: Any context; caller is in an RCU read-side critical section.
 * Return: Whether the key is there.
 */
bool chain_find(const struct gomap_layout *layout,
		const struct gomap_arena *arena, const struct gomap_home *home,
		const struct gomap_key *key, struct gomap_slot_ref *ref)
{
	switch (layout->search_len) {
	case 4:
		return chain_search(layout, arena, home, key, ref, 4);
	case 8:
		return chain_search(layout, arena, home, key, ref, 8);
	case 16:
		return chain_search(layout, arena, home, key, ref, 16);
	default:
		return chain_search(layout, arena, home, key, ref, 0);
	}
}
