// SPDX-License-Identifier: GPL-2.0-only
/*
 * shrinker.c - all arenas, and what they give back when the kernel is short of
 * memory.
 *
 * What could be given back is not known before the magazines are emptied, so
 * the count is that of all free objects: an upper bound, good enough to decide
 * whether to ask.
 */
#include <linux/errno.h>
#include <linux/mm.h>

#include "../compat.h"
#include "chunk.h"

static struct shrinker *arenas_shrinker;
static LIST_HEAD(arenas);
static DEFINE_SPINLOCK(arenas_lock);

/**
 * arenas_add() - Put an arena on the list of all.
 * @arena: The arena.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arenas_add(struct gomap_arena *arena)
{
	spin_lock_bh(&arenas_lock);
	list_add_tail(&arena->all, &arenas);
	spin_unlock_bh(&arenas_lock);
}

/**
 * arenas_remove() - Take an arena from the list of all.
 * @arena: The arena.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arenas_remove(struct gomap_arena *arena)
{
	spin_lock_bh(&arenas_lock);
	list_del(&arena->all);
	spin_unlock_bh(&arenas_lock);
}

static u64 bytes_free(struct gomap_arena *arena)
{
	const struct arena_class *c;
	u64 bytes = 0;
	u32 i;

	spin_lock(&arena->lock);
	for (i = 0; i < ARENA_NR_CLASSES; i++) {
		c = class_at(arena, i);
		if (c && c->nr_free > c->nr_pinned)
			bytes += (c->nr_free - c->nr_pinned) *
				 arena_class_size(arena, i);
	}
	spin_unlock(&arena->lock);
	return bytes;
}

static unsigned long count_free_pages(struct shrinker *shrinker,
				      struct shrink_control *sc)
{
	struct gomap_arena *arena;
	u64 bytes = 0;

	spin_lock_bh(&arenas_lock);
	list_for_each_entry(arena, &arenas, all)
		bytes += bytes_free(arena);
	spin_unlock_bh(&arenas_lock);
	return bytes >> PAGE_SHIFT ?: SHRINK_EMPTY;
}

/* The next one that is not about to go, and to the end of the list with it. */
static struct gomap_arena *next_arena(void)
{
	struct gomap_arena *arena, *found = NULL;

	spin_lock_bh(&arenas_lock);
	list_for_each_entry(arena, &arenas, all) {
		if (refcount_inc_not_zero(&arena->refs)) {
			found = arena;
			list_move_tail(&arena->all, &arenas);
			break;
		}
	}
	spin_unlock_bh(&arenas_lock);
	return found;
}

static u32 count_arenas(void)
{
	struct gomap_arena *arena;
	u32 nr = 0;

	spin_lock_bh(&arenas_lock);
	list_for_each_entry(arena, &arenas, all)
		nr++;
	spin_unlock_bh(&arenas_lock);
	return nr;
}

static unsigned long give_back(struct shrinker *shrinker,
			       struct shrink_control *sc)
{
	u32 left = count_arenas();
	struct gomap_arena *arena;
	unsigned long given = 0;

	while (left-- && given < sc->nr_to_scan && (arena = next_arena())) {
		given += arena_trim(arena) >> PAGE_SHIFT;
		arena_put_later(arena);
	}
	return given ?: SHRINK_STOP;
}

/**
 * arenas_init() - Let the kernel ask for memory when it is short of it.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int arenas_init(void)
{
	arenas_shrinker = gomap_shrinker_register(count_free_pages, give_back);
	return arenas_shrinker ? 0 : -ENOMEM;
}

/**
 * arenas_exit() - Do not let it any more.
 *
 * Context: Process context, may sleep.
 */
void arenas_exit(void)
{
	gomap_shrinker_unregister(arenas_shrinker);
}
