/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Iterations: every entry of a map, one after the other.  Part of
 * <linux/gomap.h>, which includes it and says what may be observed.
 */
#ifndef _LINUX_GOMAP_ITER_H
#define _LINUX_GOMAP_ITER_H

#include <linux/types.h>

struct gomap;

/**
 * struct gomap_iter_pos - where an iteration stands.  All zero: at the start.
 * @generation: Content of the map that it belongs to; changes with a clear.
 * @seed_generation: Seed that @position was computed with.
 * @flags: POS_* bits of core/iter.c.
 * @start: Where the iteration began.
 * @position: Last entry returned, in iteration order.
 * @tie: Orders entries of equal @position.
 *
 * A few words that need no memory elsewhere: they may be kept, and handed to
 * another thread or process.  Wrong values are found out or do no harm.
 */
struct gomap_iter_pos {
	u32 generation;
	u32 seed_generation;
	u64 flags;
	u64 start;
	u64 position;
	u64 tie;
};

#define GOMAP_ITER_PLAN	14	/* entries; one bucket in a thousand has more */

/**
 * struct gomap_iter - an iteration in progress; its owner's alone.
 * @map: The map, may be NULL.
 * @pos: Where it stands.
 * @plan: The entries that come next, all of one chain; for core/iter.c alone.
 * @plan.pos: Where it goes on from: from elsewhere it is no good.
 * @plan.table: Which table it was made for; 0: there is no plan.
 * @plan.chain: The chain.
 * @plan.version: Of the chain: with another one the plan is no good.
 * @plan.nr: Entries.
 * @plan.next: The next one of them.
 * @plan.slot: Where each is: its bucket's number in the chain and its slot.
 * @plan.position: Of each, in ascending order.
 */
struct gomap_iter {
	struct gomap *map;
	struct gomap_iter_pos pos;
	struct {
		struct gomap_iter_pos pos;
		u64 table;
		const void *chain;
		u32 version;
		u8 nr;
		u8 next;
		u8 slot[GOMAP_ITER_PLAN];
		u64 position[GOMAP_ITER_PLAN];
	} plan;
};

/**
 * struct gomap_entry - room for a key and a value, see gomap_iter_next().
 * @key: Where to copy the key to; NULL: it is not wanted.
 * @value: Where to copy the value to; NULL: it is not wanted.
 * @key_cap: Bytes of room at @key.
 * @value_cap: Bytes of room at @value.
 * @key_len: Out: bytes of the key, wanted or not.
 * @value_len: Out: bytes of the value, wanted or not.
 */
struct gomap_entry {
	void *key;
	void *value;
	u32 key_cap;
	u32 value_cap;
	u32 key_len;
	u32 value_len;
};

/**
 * gomap_iter_begin() - Start an iteration at a random place.
 * @iter: The iterator, uninitialised.
 * @map: The map, or NULL.  The iterator takes no reference of its own.
 *
 * Context: Process context, may sleep.
 */
void gomap_iter_begin(struct gomap_iter *iter, struct gomap *map);

/**
 * gomap_iter_resume() - Go on with an iteration from a saved position.
 * @iter: The iterator, uninitialised.
 * @map: The map, or NULL.
 * @pos: The position, a copy of another iterator's pos; all zero: start.
 *
 * Context: Process context, may sleep.
 */
void gomap_iter_resume(struct gomap_iter *iter, struct gomap *map,
		       const struct gomap_iter_pos *pos);

/**
 * gomap_iter_next() - Copy out the next entry.
 * @iter: The iterator.
 * @entry: Says what is wanted and where to put it, and takes the lengths.
 *
 * Every key that is in the map from begin to end is returned exactly once, over
 * any number of grows and shrinks; a key deleted before its turn is not; one
 * inserted meanwhile may be, once.  The value is the one at the moment of the call.
 * The map may be written to between calls, by the caller too.
 *
 * Context: Process context, may sleep.
 * Return: 1 an entry was copied, 0 there are no more, -EMSGSIZE the room in
 *	@entry is too small (lengths are set, the iterator stays where it was),
 *	-ESTALE the map was cleared or rekeyed or the position is not of this
 *	map, -ENOMEM or -EDQUOT a rekey is under way and cannot be finished now,
 *	-EINTR a fatal signal (the iterator stays where it was).
 */
int gomap_iter_next(struct gomap_iter *iter, struct gomap_entry *entry);

/**
 * gomap_iter_end() - Finish an iteration, at any point of it.
 * @iter: The iterator.
 *
 * Context: Any context.
 */
void gomap_iter_end(struct gomap_iter *iter);

#endif /* _LINUX_GOMAP_ITER_H */
