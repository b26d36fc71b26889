// SPDX-License-Identifier: GPL-2.0-only
/*
 * leaks.c - what a map holds, compared with what its buckets refer to.
 *
 * Every object that a bucket refers to gets a mark; whatever is in use without
 * one at the end is lost.  Marks are in the arena and cost no memory.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "core.h"
#include "stripe.h"

/* Buckets to visit between two looks at who else wants the CPU. */
#define LEAKS_BATCH	64

/**
 * struct search - a search for leaks.
 * @m: The map.
 * @arena: Its arena at the start; a reference is held.
 * @leaks: What was found.
 */
struct search {
	struct gomap *m;
	struct gomap_arena *arena;
	struct gomap_leaks *leaks;
};

static void mark(struct search *s, u32 handle)
{
	enum arena_mark found = arena_mark(s->arena, handle);

	s->leaks->dangling += found == ARENA_MARK_NONE;
	s->leaks->shared += found == ARENA_MARK_AGAIN;
}

static void mark_field(struct search *s, const struct gomap_field *f,
		       const struct gomap_slot_ref *ref)
{
	if (!f->is_inline)
		mark(s, field_handle(f, ref->bucket, ref->slot));
}

static void mark_chain(struct search *s, struct gomap_bucket *head)
{
	const struct gomap_layout *l = &s->m->layout;
	struct gomap_slot_ref ref;
	struct gomap_bucket *b;
	u32 handle;

	for (b = head; b; b = bucket_next(s->arena, b)) {
		handle = READ_ONCE(b->overflow);
		if (handle)
			mark(s, handle);
		s->leaks->empty_buckets += b != head &&
					   !bucket_has_entries(b);
	}
	chain_for_each_entry(ref, s->arena, head) {
		mark_field(s, &l->key, &ref);
		mark_field(s, &l->value, &ref);
	}
}

static void mark_array(struct search *s, const struct gomap_table *t,
		       const struct gomap_array *array, u64 i)
{
	if (table_is_home(t, array, i) && array_bucket(array, i))
		mark_chain(s, array_bucket(array, i));
}

/* The chains of one number.  False: there is none of that number. */
static bool mark_number(struct search *s, u64 i)
{
	struct gomap_stripe *stripe;
	struct gomap_table *t;
	bool there;

	t = stripe_lock_bucket(s->m, i, &stripe);
	there = i < table_nr_numbers(t) && t->arena == s->arena;
	if (there) {
		mark_array(s, t, t->old, i);
		mark_array(s, t, t->array, i);
	}
	stripe_unlock(stripe);
	return there;
}

static int mark_all(struct search *s)
{
	u64 i;

	for (i = 0; mark_number(s, i); i++) {
		if (i % LEAKS_BATCH == 0) {
			cond_resched();
			if (fatal_signal_pending(current))
				return -EINTR;
		}
	}
	return 0;
}

static struct gomap_arena *hold_arena(struct gomap *m)
{
	struct gomap_arena *arena;

	rcu_read_lock();
	arena = arena_get(rcu_dereference(m->table)->arena);
	rcu_read_unlock();
	return arena;
}

/*
 * The locks that count the changes let every writer finish what it is at.  What
 * a writer has taken and not published yet counts as lost, so who tries and
 * fails is counted, too.
 */
static int search_map(struct gomap *m, struct gomap_leaks *leaks)
{
	struct search s = { .m = m, .leaks = leaks };
	u64 writes = stripes_writes(m);
	int err;

	s.arena = hold_arena(m);
	err = mark_all(&s);
	arena_sweep(s.arena, leaks);
	arena_put(s.arena);
	leaks->certain = writes == stripes_writes(m);
	return err;
}

int gomap_find_leaks(struct gomap *map, struct gomap_leaks *leaks)
{
	int err;

	*leaks = (struct gomap_leaks){ .certain = true };
	if (!map)
		return 0;
	if (mutex_lock_killable(&map->leaks_mutex))
		return -EINTR;
	err = search_map(map, leaks);
	mutex_unlock(&map->leaks_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(gomap_find_leaks);
