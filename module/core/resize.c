// SPDX-License-Identifier: GPL-2.0-only
/*
 * resize.c - how a resize starts and ends, whatever it is for.
 *
 * Section 6 of core.h.  When one is due: grow.c, shrink.c, rekey.c; what
 * happens in between: evacuate.c, rekey.c, help.c.
 */
#include <linux/err.h>
#include <linux/errno.h>

#include "core.h"
#include "trace.h"

/* An array of 2^4 buckets is the smallest that has overflow buckets ahead. */
#define RESERVE_B_MIN	4

/**
 * resize_is_under_way() - Is a resize waiting for its end to be published?
 * @m: The map.
 *
 * L, pairs with K in resize_finish_if_done(): who holds resize_mutex and is
 * told that none is sees the table that it ended with, and that one stays.
 *
 * Context: Process context.
 * Return: Whether one is.
 */
bool resize_is_under_way(struct gomap *m)
{
	lockdep_assert_held(&m->resize_mutex);

	return smp_load_acquire(&m->finish);	/* L */
}

/**
 * settled_table() - The current table, if no resize is under way.
 * @m: The map.
 *
 * Context: Process context; caller holds resize_mutex, until whose release the
 *	table stays.
 * Return: The table, or NULL.
 */
struct gomap_table *settled_table(struct gomap *m)
{
	/* While a resize is under way the table may go: not ours to look at. */
	if (resize_is_under_way(m))
		return NULL;
	return rcu_dereference_protected(m->table,
					 lockdep_is_held(&m->resize_mutex));
}

/**
 * struct resize - what a resize needs before it can start.
 * @kind: Which it is.
 * @array: The new array.
 * @begin: The table that starts it.
 * @finish: The table that ends it.
 */
struct resize {
	enum gomap_resize kind;
	struct gomap_array *array;
	struct gomap_table *begin;
	struct gomap_table *finish;
};

/* A rekey cannot wait for memory half-way through: see rekey.c. */
static int prepare_rekey(const struct gomap *m, const struct gomap_table *t,
			 struct resize *r)
{
	r->begin->old_seed = t->seed;
	r->begin->seed_generation++;
	r->begin->generation++;
	table_draw_seed(m, r->begin);
	r->finish->seed = r->begin->seed;
	r->finish->seed_generation = r->begin->seed_generation;
	r->finish->generation = r->begin->generation;
	return array_populate(r->array, GFP_KERNEL);
}

/*
 * Good to have, not needed: evacuation can wait for its buckets.  A small array
 * has none ahead, as in Go: most never need one.
 */
static void reserve_overflow_buckets(const struct gomap *m,
				     const struct gomap_table *t, u32 B)
{
	if (B >= RESERVE_B_MIN)
		arena_reserve(t->arena, ARENA_CLASS_BUCKET,
			      overflow_buckets_for(gomap_len(m), B),
			      GFP_KERNEL);
}

static int prepare(struct gomap *m, const struct gomap_table *t, u32 B,
		   struct resize *r)
{
	int err;

	/* Readers take an old bucket's memory for granted. */
	err = array_populate(t->array, GFP_KERNEL);
	if (err)
		return err;
	r->array = array_create(t->arena, B, SPAN_BYTES_MAX, GFP_KERNEL);
	if (IS_ERR(r->array))
		return PTR_ERR(r->array);
	r->begin = table_successor(m, t, r->array, t->array);
	if (IS_ERR(r->begin)) {
		err = PTR_ERR(r->begin);
		goto err_put_array;
	}
	r->finish = table_successor(m, t, r->array, NULL);
	if (IS_ERR(r->finish)) {
		err = PTR_ERR(r->finish);
		goto err_destroy_begin;
	}
	r->begin->resizing = r->kind;
	if (r->kind == GOMAP_RESIZING_REKEY) {
		err = prepare_rekey(m, t, r);
		if (err)
			goto err_destroy_finish;
	}
	reserve_overflow_buckets(m, t, B);
	return 0;

err_destroy_finish:
	table_destroy(r->finish);
err_destroy_begin:
	table_destroy(r->begin);
err_put_array:
	array_put(r->array);
	return err;
}

static void begin(struct gomap *m, struct gomap_table *t, struct resize *r)
{
	/* More than the hint has foreseen: what it took is like any other. */
	if (r->kind == GOMAP_RESIZING_DOUBLE && m->B_min)
		arena_unpin(t->arena);

	stripes_lock_all(m);
	atomic64_set(&m->nr_overflow, 0);
	atomic64_set(&m->nr_evacuated, 0);
	WRITE_ONCE(m->nevacuate, 0);
	m->resizes[r->kind]++;
	WRITE_ONCE(m->finish, r->finish);
	publish_table(m, r->begin);
	stripes_unlock_all(m);

	trace_gomap_resize_begin(m, r->kind, t->array->B, r->array->B,
				 gomap_len(m));
	table_retire(t);
	array_put(r->array);
	/* Writers evacuate; if none come, or a rekey is not theirs, the worker. */
	worker_kick(m, r->kind == GOMAP_RESIZING_REKEY ? 0 : WORKER_DELAY);
}

/**
 * resize_start() - Start a resize.
 * @m: The map.
 * @t: What settled_table() said, not NULL.
 * @kind: Which kind.
 * @B: Log2 of the number of buckets to come.
 *
 * Context: Process context, may sleep; caller holds resize_mutex.
 * Return: 0, -ENOMEM, or -EINTR a fatal signal.
 */
int resize_start(struct gomap *m, struct gomap_table *t, enum gomap_resize kind,
		 u32 B)
{
	struct resize r = { .kind = kind };
	int err;

	lockdep_assert_held(&m->resize_mutex);

	err = prepare(m, t, B, &r);
	if (!err)
		begin(m, t, &r);
	return err;
}

/**
 * resize_is_done() - Is the last old bucket evacuated?
 * @m: The map.
 * @t: Its table.
 *
 * Context: Caller holds a stripe lock or is in an RCU read-side critical
 *	section, and then has a rough answer.
 * Return: Whether a resize is under way that only has to be ended.
 */
bool resize_is_done(const struct gomap *m, const struct gomap_table *t)
{
	return t->old &&
	       atomic64_read(&m->nr_evacuated) == array_nr_buckets(t->old);
}

/**
 * resize_finish_if_done() - End a resize whose last bucket is evacuated.
 * @m: The map.
 *
 * Context: Process or softirq context; no stripe lock is held.
 */
void resize_finish_if_done(struct gomap *m)
{
	struct gomap_table *t;

	stripes_lock_all(m);
	t = stripes_table(m);
	if (m->finish && resize_is_done(m, t)) {
		publish_table(m, m->finish);
		/* K, pairs with L in resize_is_under_way(). */
		smp_store_release(&m->finish, NULL);
	} else {
		t = NULL;
	}
	stripes_unlock_all(m);

	if (t) {
		trace_gomap_resize_end(m, t->resizing, t->array->B,
				       gomap_len(m));
		table_retire(t);
	}
}

/**
 * map_hold_array() - The current array, held.
 * @m: The map.
 *
 * Context: Process context.
 * Return: The array, to be given back by array_put().
 */
struct gomap_array *map_hold_array(struct gomap *m)
{
	struct gomap_array *array;

	/* The table holds it, until a grace period after the table has gone. */
	rcu_read_lock();
	array = rcu_dereference(m->table)->array;
	refcount_inc(&array->refs);
	rcu_read_unlock();
	return array;
}
