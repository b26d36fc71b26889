// SPDX-License-Identifier: GPL-2.0-only
/*
 * trim.c - empty chunks are given back.
 *
 * By itself a class keeps as many free objects as it has others, and one chunk
 * at least: it takes a doubling of what is in use until it needs more.  On
 * request, and for a kernel that is short of memory, all that is empty goes.
 * What a presize took stays.
 */
#include "chunk.h"

/*
 * What is retired while a grace period is under way waits for its end, and for
 * that of the next one.
 */
#define GRACE_PERIODS_OF_RETIRED	2

/* Empty chunks come last; the pinned ones among them are passed over. */
static struct arena_chunk *last_empty_chunk(const struct arena_class *c)
{
	struct arena_chunk *chunk;

	list_for_each_entry_reverse(chunk, &c->usable, node) {
		if (!chunk_is_empty(chunk))
			return NULL;
		if (!chunk->pinned)
			return chunk;
	}
	return NULL;
}

/* An empty chunk that should go, or NULL. */
static struct arena_chunk *superfluous_chunk(const struct arena_class *c,
					     bool all)
{
	struct arena_chunk *chunk = last_empty_chunk(c);
	u64 others = c->nr_places - c->nr_free;

	if (!chunk || all)
		return chunk;
	return c->nr_chunks > 1 && c->nr_free - chunk->nr >= others ? chunk :
								      NULL;
}

/* The bytes of a chunk that was given back; 0: there is none to be. */
static u64 trim_chunk(struct gomap_arena *arena, struct arena_class *c, bool all)
{
	struct arena_chunk *chunk;
	u64 bytes = 0;

	spin_lock_bh(&arena->lock);
	chunk = superfluous_chunk(c, all);
	if (chunk) {
		directory_remove(arena, chunk);
		bytes = chunk->bytes;
	}
	spin_unlock_bh(&arena->lock);
	if (chunk)
		chunk_retire(chunk);
	return bytes;
}

static u64 trim_class(struct gomap_arena *arena, struct arena_class *c, bool all)
{
	u64 bytes, sum = 0;

	if (all)
		magazines_empty(arena, c);
	while ((bytes = trim_chunk(arena, c, all)))
		sum += bytes;
	return sum;
}

static u64 trim(struct gomap_arena *arena, bool all)
{
	struct arena_class *c;
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < ARENA_NR_CLASSES; i++) {
		c = class_at(arena, i);
		if (c)
			bytes += trim_class(arena, c, all);
	}
	return bytes;
}

/**
 * arena_trim() - Give back all chunks that are empty.
 * @arena: The arena.
 *
 * Context: Process or softirq context; does not sleep.
 * Return: Bytes that come free with the next grace period.
 */
u64 arena_trim(struct gomap_arena *arena)
{
	return trim(arena, true);
}

/**
 * arena_trim_after_grace_period() - Give back all chunks that are empty once
 *	what is retired now is free.
 * @arena: The arena.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_trim_after_grace_period(struct gomap_arena *arena)
{
	bool pending;

	spin_lock_bh(&arena->lock);
	pending = arena->rcu_pending;
	if (pending)
		arena->trim_after = GRACE_PERIODS_OF_RETIRED;
	spin_unlock_bh(&arena->lock);
	if (!pending)
		arena_trim(arena);
}

/**
 * trim_count_grace_period() - One grace period less to wait for.
 * @arena: The arena, its next grace period started if one is needed.
 *
 * On an arena that is used all the time one follows the other.
 *
 * Context: Caller holds arena.lock.
 */
void trim_count_grace_period(struct gomap_arena *arena)
{
	lockdep_assert_held(&arena->lock);

	if (!arena->trim_after)
		return;
	arena->trim_after--;
	if (arena->rcu_pending && arena->trim_after)
		return;
	arena->trim_after = 0;
	WRITE_ONCE(arena->trim_all, true);
}

/**
 * trim_is_worth_it() - Has an arena more than it should keep?
 * @arena: The arena, of which objects have become free.
 *
 * Context: Caller holds arena.lock.
 * Return: Whether it has.
 */
bool trim_is_worth_it(const struct gomap_arena *arena)
{
	const struct arena_class *c;
	u32 i;

	lockdep_assert_held(&arena->lock);

	if (READ_ONCE(arena->trim_all))
		return true;
	for (i = 0; i < ARENA_NR_CLASSES; i++) {
		c = class_at(arena, i);
		if (c && superfluous_chunk(c, false))
			return true;
	}
	return false;
}

/**
 * trim_as_due() - Give back what trim_is_worth_it() saw.
 * @arena: The arena.
 *
 * Context: Process context.
 */
void trim_as_due(struct gomap_arena *arena)
{
	trim(arena, xchg(&arena->trim_all, false));
}

/**
 * arena_unpin() - Let chunks go that a presize took.
 * @arena: The arena, of which more is wanted than was foreseen.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_unpin(struct gomap_arena *arena)
{
	struct arena_chunk *chunk;
	u32 number = 0;

	spin_lock_bh(&arena->lock);
	while ((chunk = arena_chunk_at(arena, &number))) {
		class_at(arena, chunk->class)->nr_pinned = 0;
		chunk->pinned = false;
	}
	spin_unlock_bh(&arena->lock);
}
