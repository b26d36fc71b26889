// SPDX-License-Identifier: GPL-2.0-only
/*
 * magazine.c - a few free objects at hand for each CPU.
 *
 * A CPU takes from its own magazine, under a lock that nobody else wants, and
 * goes to the class for a batch when that is empty.  Only when the class has
 * nothing left either are the other magazines looked into: so what a presize
 * has provided can be used up to the last object, whoever asks.
 *
 * Which magazine is a CPU's own only matters for speed.  A task that is moved
 * to another CPU meanwhile uses the one it has chosen, under its lock.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/smp.h>

#include "chunk.h"

/* A class gets magazines when it has several times what they hold. */
#define WORTH_FACTOR	4

static size_t magazines_bytes(void)
{
	return nr_cpu_ids * sizeof(struct arena_magazine);
}

/* Others count the objects without the lock. */
static void set_nr(struct arena_magazine *mag, u32 nr)
{
	WRITE_ONCE(mag->nr, nr);
}

/*
 * The last one in is the first one out, and objects that were never in use are
 * taken in the order of their addresses: turned round they are handed out in
 * that order, which is the one that the CPU foresees.  For objects of 1 KiB an
 * insert takes half the time so.
 */
static void turn_round(struct arena_magazine *mag)
{
	u32 i;

	for (i = 0; i < mag->nr / 2; i++)
		swap(mag->handle[i], mag->handle[mag->nr - 1 - i]);
}

static void refill(struct gomap_arena *arena, struct arena_class *c,
		   struct arena_magazine *mag)
{
	struct arena_chunk *chunk;
	u32 handle;

	spin_lock(&arena->lock);
	while (mag->nr < MAGAZINE_BATCH && !list_empty(&c->usable)) {
		chunk = list_first_entry(&c->usable, struct arena_chunk, node);
		handle = chunk_take(c, chunk);
		WRITE_ONCE(chunk->link[handle - chunk->first], LINK_CACHED);
		mag->handle[mag->nr] = handle;
		set_nr(mag, mag->nr + 1);
	}
	spin_unlock(&arena->lock);
	turn_round(mag);
}

static u32 pop(struct arena_magazine *mag)
{
	u32 handle;

	if (!mag->nr)
		return 0;
	set_nr(mag, mag->nr - 1);
	handle = mag->handle[mag->nr];
	WRITE_ONCE(mag->handed_out, mag->handed_out + 1);
	return handle;
}

static u32 steal(struct arena_magazine *magazines)
{
	u32 cpu, handle = 0;

	for (cpu = 0; cpu < nr_cpu_ids && !handle; cpu++) {
		if (!READ_ONCE(magazines[cpu].nr))
			continue;
		spin_lock_bh(&magazines[cpu].lock);
		handle = pop(&magazines[cpu]);
		spin_unlock_bh(&magazines[cpu].lock);
	}
	return handle;
}

/**
 * magazine_alloc() - Take an object from a class with magazines.
 * @arena: The arena.
 * @c: The class.
 * @magazines: Its magazines.
 *
 * Context: Process or softirq context; does not sleep.
 * Return: Its handle, or 0: there is none left anywhere.
 */
u32 magazine_alloc(struct gomap_arena *arena, struct arena_class *c,
		   struct arena_magazine *magazines)
{
	struct arena_magazine *mag = &magazines[raw_smp_processor_id()];
	u32 handle;

	spin_lock_bh(&mag->lock);
	if (!mag->nr)
		refill(arena, c, mag);
	handle = pop(mag);
	spin_unlock_bh(&mag->lock);
	return handle ?: steal(magazines);
}

/**
 * magazine_free() - Put back an object that was handed out and not used.
 * @arena: The arena.
 * @c: Its class.
 * @chunk: Its chunk.
 * @handle: The object.
 *
 * Context: Process or softirq context; does not sleep.
 * Return: Whether there was room.
 */
bool magazine_free(struct gomap_arena *arena, struct arena_class *c,
		   struct arena_chunk *chunk, u32 handle)
{
	struct arena_magazine *mag = READ_ONCE(c->magazine);
	bool room;

	if (!mag)
		return false;
	mag += raw_smp_processor_id();
	spin_lock_bh(&mag->lock);
	room = mag->nr < MAGAZINE_SIZE;
	if (room) {
		WRITE_ONCE(chunk->link[handle - chunk->first], LINK_CACHED);
		mag->handle[mag->nr] = handle;
		set_nr(mag, mag->nr + 1);
		WRITE_ONCE(mag->handed_out, mag->handed_out - 1);
	}
	spin_unlock_bh(&mag->lock);
	return room;
}

static struct arena_magazine *magazines_create(struct gomap_arena *arena,
					       gfp_t gfp)
{
	struct arena_magazine *magazines;
	u32 cpu;

	magazines = account_alloc(arena->account, magazines_bytes(),
				  ACCOUNT_DESCRIPTOR, gfp);
	if (IS_ERR(magazines))
		return NULL;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		spin_lock_init(&magazines[cpu].lock);
	return magazines;
}

static bool is_worth_magazines(struct gomap_arena *arena,
			       const struct arena_class *c)
{
	u64 nr_places;

	spin_lock_bh(&arena->lock);
	nr_places = c->nr_places;
	spin_unlock_bh(&arena->lock);
	return nr_places >= WORTH_FACTOR * nr_cpu_ids * MAGAZINE_SIZE;
}

/**
 * magazines_provide() - Give a class magazines, if it is worth it.
 * @arena: The arena.
 * @c: The class.
 * @gfp: Whether the call may sleep.
 *
 * A class with a few objects does without: its magazines would hold more memory
 * than it does.  It does without, too, where they cannot be had.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 */
void magazines_provide(struct gomap_arena *arena, struct arena_class *c,
		       gfp_t gfp)
{
	struct arena_magazine *magazines;

	if (READ_ONCE(c->magazine) || !is_worth_magazines(arena, c))
		return;
	magazines = magazines_create(arena, gfp);
	/* M, pairs with N, the address dependency of who reads the pointer. */
	if (magazines && cmpxchg_release(&c->magazine, NULL, magazines))
		account_free(arena->account, magazines, magazines_bytes(),
			     ACCOUNT_DESCRIPTOR);
}

static void empty(struct gomap_arena *arena, struct arena_class *c,
		  struct arena_magazine *mag)
{
	struct arena_chunk *chunk;
	u32 handle;

	spin_lock_bh(&mag->lock);
	spin_lock(&arena->lock);
	while (mag->nr) {
		set_nr(mag, mag->nr - 1);
		handle = mag->handle[mag->nr];
		chunk = arena_chunk_of(arena, handle);
		chunk_give_one(c, chunk, handle - chunk->first);
	}
	spin_unlock(&arena->lock);
	spin_unlock_bh(&mag->lock);
}

/**
 * magazines_empty() - Give back to a class what its magazines hold.
 * @arena: The arena.
 * @c: The class.
 *
 * Context: Process or softirq context; does not sleep.
 */
void magazines_empty(struct gomap_arena *arena, struct arena_class *c)
{
	struct arena_magazine *magazines = READ_ONCE(c->magazine);
	u32 cpu;

	for (cpu = 0; magazines && cpu < nr_cpu_ids; cpu++)
		empty(arena, c, &magazines[cpu]);
}

/**
 * magazines_cached() - Objects in the magazines of a class.
 * @c: The class.
 *
 * Context: Process or softirq context; exact while nobody allocates.
 * Return: How many.
 */
u64 magazines_cached(const struct arena_class *c)
{
	const struct arena_magazine *magazines = READ_ONCE(c->magazine);
	u64 nr = 0;
	u32 cpu;

	for (cpu = 0; magazines && cpu < nr_cpu_ids; cpu++)
		nr += READ_ONCE(magazines[cpu].nr);
	return nr;
}

/**
 * magazines_handed_out() - Objects that the magazines of a class handed out.
 * @c: The class.
 *
 * Context: Process or softirq context; exact while nobody allocates.
 * Return: How many, less those given back unused.
 */
u64 magazines_handed_out(const struct arena_class *c)
{
	const struct arena_magazine *magazines = READ_ONCE(c->magazine);
	u64 nr = 0;
	u32 cpu;

	for (cpu = 0; magazines && cpu < nr_cpu_ids; cpu++)
		nr += READ_ONCE(magazines[cpu].handed_out);
	return nr;
}

/**
 * magazines_destroy() - Free the magazines of a class.
 * @arena: The arena, which nobody else uses any more.
 * @c: The class.
 *
 * Context: Process or softirq context.
 */
void magazines_destroy(struct gomap_arena *arena, struct arena_class *c)
{
	account_free(arena->account, c->magazine, magazines_bytes(),
		     ACCOUNT_DESCRIPTOR);
}
