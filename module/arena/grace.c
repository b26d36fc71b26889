// SPDX-License-Identifier: GPL-2.0-only
/*
 * grace.c - objects that readers may still be looking at, until they are not.
 *
 * Retired objects are collected in one phase while those of the other phase
 * wait for their grace period:
 *
 *	phase 0   collect | wait ........ free | collect
 *	phase 1	  free    | collect .......... | wait ........ free
 *			  ^ call_rcu()	       ^ callback, and the next one
 *
 * Where objects are shown the callback leaves the rest to a work, which zeroes
 * them first.
 */
#include <linux/sched.h>

#include "background.h"
#include "chunk.h"

static void start_grace_period(struct gomap_arena *arena);

/* All that a chunk had waiting is free. */
static void free_retired(struct gomap_arena *arena, struct arena_chunk *chunk,
			 unsigned int phase)
{
	struct arena_class *c = class_at(arena, chunk->class);
	struct arena_list *waiting = &chunk->retired[phase];

	chunk_free_objects(chunk, waiting);
	c->nr_retired -= waiting->nr;
	chunk_give(c, chunk, waiting);
	*waiting = (struct arena_list){};
	list_del_init(&chunk->retired_node[phase]);
}

/* Free all that waited, and start the next grace period if there is more. */
static void free_waiting(struct gomap_arena *arena)
{
	struct arena_chunk *chunk, *next;
	unsigned int phase;
	bool trim;

	spin_lock_bh(&arena->lock);
	phase = !arena->phase;
	list_for_each_entry_safe(chunk, next, &arena->retired[phase],
				 retired_node[phase])
		free_retired(arena, chunk, phase);
	arena->rcu_pending = false;
	if (!list_empty(&arena->retired[arena->phase]))
		start_grace_period(arena);
	trim_count_grace_period(arena);
	trim = trim_is_worth_it(arena);
	spin_unlock_bh(&arena->lock);
	if (trim)
		arena_trim_later(arena);
	arena_put_later(arena);
}

/* A chunk with objects that wait stays where it is, and so do they: no lock. */
static void scrub_waiting(struct gomap_arena *arena)
{
	unsigned int phase = !arena->phase;
	struct arena_chunk *chunk;

	list_for_each_entry(chunk, &arena->retired[phase],
			    retired_node[phase]) {
		chunk_scrub_objects(chunk, &chunk->retired[phase]);
		cond_resched();
	}
}

/**
 * grace_scrub_work() - Zero, then free, what was retired a grace period ago.
 * @work: Of an arena that is shown.
 *
 * Context: Process context.
 */
void grace_scrub_work(struct work_struct *work)
{
	struct gomap_arena *arena = container_of(work, struct gomap_arena,
						 scrub);

	scrub_waiting(arena);
	free_waiting(arena);
}

static void grace_period_over(struct rcu_head *rcu)
{
	struct gomap_arena *arena = container_of(rcu, struct gomap_arena, rcu);

	if (account_is_shown(arena->account))
		background_run(&arena->scrub);
	else
		free_waiting(arena);
}

static void start_grace_period(struct gomap_arena *arena)
{
	lockdep_assert_held(&arena->lock);

	arena->phase = !arena->phase;
	arena->rcu_pending = true;
	arena_get(arena);
	call_rcu(&arena->rcu, grace_period_over);
}

/* An object stops being in use.  True unless that is a bug of the caller. */
static bool end_use(struct arena_chunk *chunk, u32 place)
{
	u16 link = READ_ONCE(chunk->link[place]);

	return !WARN_ON_ONCE(link != LINK_LIVE && link != LINK_MARKED);
}

static void retire(struct gomap_arena *arena, struct arena_chunk *chunk,
		   u32 place)
{
	struct arena_list *collecting = &chunk->retired[arena->phase];

	if (!collecting->nr)
		list_add(&chunk->retired_node[arena->phase],
			 &arena->retired[arena->phase]);
	list_push(chunk, collecting, place);
	class_at(arena, chunk->class)->nr_retired++;
	if (!arena->rcu_pending)
		start_grace_period(arena);
}

/**
 * arena_retire() - Give back an object that readers may still be looking at.
 * @arena: The arena.
 * @handle: The object, which no reader can find any more; or 0.
 *
 * It is free after a grace period.  Allocates nothing.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_retire(struct gomap_arena *arena, u32 handle)
{
	struct arena_chunk *chunk;

	if (!handle)
		return;
	spin_lock_bh(&arena->lock);
	chunk = arena_chunk_of(arena, handle);
	if (end_use(chunk, handle - chunk->first))
		retire(arena, chunk, handle - chunk->first);
	spin_unlock_bh(&arena->lock);
}
