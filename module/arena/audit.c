// SPDX-License-Identifier: GPL-2.0-only
/*
 * audit.c - what an arena holds, and whether anybody knows of it.
 */
#include <linux/build_bug.h>
#include <linux/sched.h>

#include "chunk.h"

/* Objects in use: exact while nobody allocates or retires. */
static u64 class_live(const struct arena_class *c, u64 cached)
{
	return c->nr_places - c->nr_free - c->nr_retired - cached;
}

static void add_class(const struct gomap_arena *arena, u32 i,
		      struct arena_totals *totals)
{
	const struct arena_class *c = class_at(arena, i);
	u64 live = class_live(c, magazines_cached(c));
	u64 bytes = live * arena_class_size(arena, i);
	bool outside = class_is_by_kmalloc(arena, i);

	totals->nr_chunks += c->nr_chunks;
	totals->bytes_chunks += c->bytes;
	totals->objects_live += live;
	totals->bytes_live += bytes;
	totals->bytes_idle += c->bytes -
			      (outside ? live * sizeof(void *) : bytes);
	totals->object_allocs += c->handed_out + magazines_handed_out(c);
}

/**
 * arena_totals() - Report what an arena holds.
 * @arena: The arena.
 * @totals: Where to put it; exact while nobody allocates or retires.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_totals(struct gomap_arena *arena, struct arena_totals *totals)
{
	u32 i;

	*totals = (struct arena_totals){};
	spin_lock_bh(&arena->lock);
	totals->object_allocs = arena->handed_out_before;
	for (i = 0; i < ARENA_NR_CLASSES; i++)
		if (class_at(arena, i))
			add_class(arena, i, totals);
	spin_unlock_bh(&arena->lock);
}

/**
 * arena_count_on() - Let an arena count on where another one stopped.
 * @arena: The arena, not in use yet.
 * @object_allocs: Objects that the other one handed out.
 *
 * Context: Any context.
 */
void arena_count_on(struct gomap_arena *arena, u64 object_allocs)
{
	arena->handed_out_before = object_allocs;
}

static void report_class(const struct gomap_arena *arena, u32 i,
			 struct gomap_memory_class *row)
{
	const struct arena_class *c = class_at(arena, i);
	u64 cached = magazines_cached(c);

	*row = (struct gomap_memory_class){
		.object_size = arena_class_size(arena, i),
		.is_bucket = i == ARENA_CLASS_BUCKET,
		.nr_chunks = c->nr_chunks,
		.bytes = c->bytes,
		.live = class_live(c, cached),
		.retired = c->nr_retired,
		.cached = cached,
		.free = c->nr_free,
	};
}

/**
 * arena_memory() - Report what an arena holds, class by class.
 * @arena: The arena.
 * @memory: Where to put it.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_memory(struct gomap_arena *arena, struct gomap_memory *memory)
{
	const struct arena_class *c;
	u32 i;

	static_assert(ARENA_NR_CLASSES <= GOMAP_MEMORY_CLASSES);

	memory->nr = 0;
	spin_lock_bh(&arena->lock);
	for (i = 0; i < ARENA_NR_CLASSES; i++) {
		c = class_at(arena, i);
		if (c && c->nr_chunks)
			report_class(arena, i, &memory->class[memory->nr++]);
	}
	spin_unlock_bh(&arena->lock);
}

/* What link[] says of an object.  0 as well where there is none. */
static u16 link_of(struct gomap_arena *arena, u32 handle)
{
	struct arena_chunk *chunk;

	lockdep_assert_held(&arena->lock);

	if (!arena_object(arena, handle, NULL))
		return 0;
	chunk = arena_chunk_of(arena, handle);
	return READ_ONCE(chunk->link[handle - chunk->first]);
}

static void set_link(struct gomap_arena *arena, u32 handle, u16 link)
{
	struct arena_chunk *chunk = arena_chunk_of(arena, handle);

	WRITE_ONCE(chunk->link[handle - chunk->first], link);
}

/**
 * arena_object_is_live() - Is a handle in use, and not free or retired?
 * @arena: The arena.
 * @handle: Any value.
 *
 * Context: Process or softirq context.
 * Return: Whether it is.
 */
bool arena_object_is_live(struct gomap_arena *arena, u32 handle)
{
	u16 link;

	rcu_read_lock();
	spin_lock_bh(&arena->lock);
	link = link_of(arena, handle);
	spin_unlock_bh(&arena->lock);
	rcu_read_unlock();
	return link == LINK_LIVE || link == LINK_MARKED;
}

/**
 * arena_mark() - Note that somebody refers to an object.
 * @arena: The arena.
 * @handle: Any value.
 *
 * Context: Process or softirq context; marks are for one task at a time.
 * Return: Whether it was known already.
 */
enum arena_mark arena_mark(struct gomap_arena *arena, u32 handle)
{
	enum arena_mark mark = ARENA_MARK_NONE;
	u16 link;

	rcu_read_lock();
	spin_lock_bh(&arena->lock);
	link = link_of(arena, handle);
	if (link == LINK_LIVE) {
		set_link(arena, handle, LINK_MARKED);
		mark = ARENA_MARK_FIRST;
	} else if (link == LINK_MARKED) {
		mark = ARENA_MARK_AGAIN;
	}
	spin_unlock_bh(&arena->lock);
	rcu_read_unlock();
	return mark;
}

static void sweep_object(struct arena_chunk *chunk, u32 place,
			 struct gomap_leaks *leaks)
{
	u16 link = READ_ONCE(chunk->link[place]);

	if (link == LINK_MARKED)
		WRITE_ONCE(chunk->link[place], LINK_LIVE);
	if (link != LINK_LIVE)
		return;
	leaks->objects++;
	leaks->bytes += chunk->object_size;
	if (!leaks->first_handle)
		leaks->first_handle = chunk->first + place;
}

/* One chunk.  False: there are no more. */
static bool sweep_chunk(struct gomap_arena *arena, u32 *number,
			struct gomap_leaks *leaks)
{
	struct arena_chunk *chunk;
	u32 place;

	spin_lock_bh(&arena->lock);
	chunk = arena_chunk_at(arena, number);
	for (place = 0; chunk && place < chunk->fresh; place++)
		sweep_object(chunk, place, leaks);
	spin_unlock_bh(&arena->lock);
	return chunk;
}

/**
 * arena_sweep() - Count live objects without a mark, and take all marks away.
 * @arena: The arena.
 * @leaks: Where to count them.
 *
 * Context: Process context, may sleep.
 */
void arena_sweep(struct gomap_arena *arena, struct gomap_leaks *leaks)
{
	u32 number = 0;

	while (sweep_chunk(arena, &number, leaks))
		cond_resched();
}
