/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * search.h - find a key in a chain: the one search there is, for readers, writers
 * and the fallback of readers.
 *
 * Functions with an argument @search_len are compiled once for each length of
 * key that is worth it, the values of layout->search_len, and once for all other
 * lengths, 0: where it is a constant the hash becomes straight code, and a
 * comparison one instruction.
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
					   u32 bucket_size)
{
	if (bucket_size > 4 * CACHE_LINE)
		return;
	prefetch((const void *)b + CACHE_LINE);
	if (bucket_size > 2 * CACHE_LINE)
		prefetch((const void *)b + 2 * CACHE_LINE);
}

/* The same, and the first line: for who does not look at it at once. */
static __always_inline void prefetch_chain(const struct gomap_bucket *head,
					   u32 bucket_size)
{
	if (!head)
		return;
	prefetch(head);
	prefetch_slots(head, bucket_size);
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
					 unsigned int slot,
					 const struct gomap_key *key,
					 const u32 search_len)
{
	const void *data;
	u32 len = search_len;

	if (search_len) {
		data = field_at(&layout->key, b, slot);
	} else {
		data = field_get(&layout->key, arena, b, slot, &len);
		if (!data || len != key->len)
			return false;
	}
	/* A lock-free reader may race with a writer here; the version tells. */
	return data_race(bytes_equal(data, key->data, len));
}

/* What chain_find() does, for one length of key. */
static __always_inline bool chain_search(const struct gomap_layout *layout,
					 const struct gomap_arena *arena,
					 const struct gomap_home *home,
					 const struct gomap_key *key,
					 struct gomap_slot_ref *ref,
					 const u32 search_len)
{
	u8 top = gomap_tophash(home->hash);
	struct gomap_bucket *b;
	u64 word, match;

	for (b = home->head; b; b = bucket_next(arena, b)) {
		word = READ_ONCE(b->tophash);
		for (match = gomap_tophash_match(word, top); match;
		     match &= match - 1) {
			ref->bucket = b;
			ref->slot = gomap_tophash_first(match);
			if (slot_has_key(layout, arena, b, ref->slot, key,
					 search_len))
				return true;
		}
		if (gomap_tophash_ends_chain(word))
			return false;
	}
	return false;
}

bool chain_find(const struct gomap_layout *layout,
		const struct gomap_arena *arena, const struct gomap_home *home,
		const struct gomap_key *key, struct gomap_slot_ref *ref);

#endif /* GOMAP_SEARCH_H */
