// SPDX-License-Identifier: GPL-2.0-only
/*
 * grow.c - when a map grows, and how growth starts and ends.
 *
 * Section 6 of core.h; what happens in between is evacuate.c.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>

#include "core.h"

/* Waiting time after growth had no memory: doubled each time, in jiffies. */
#define BACKOFF_FIRST		(HZ / 100 + 1)
#define BACKOFF_MAX		(10 * HZ)

/* Buckets are counted in 32 bits. */
#define B_MAX			31

/**
 * growth_is_due() - Would one more entry make the map grow?
 * @m: The map.
 * @t: Its table.
 *
 * Context: Caller holds a stripe lock, or is content with a rough answer.
 * Return: Whether it would.
 */
bool growth_is_due(struct gomap *m, const struct gomap_table *t)
{
	u32 B = t->array->B;

	if (t->old)
		return false;
	if (over_load_factor(atomic64_read(&m->count) + 1, B))
		return B < B_MAX;
	return too_many_overflow_buckets(atomic64_read(&m->nr_overflow), B);
}

/**
 * growth_has_to_double() - Is the map over its load already?
 * @m: The map.
 *
 * Context: Process context.
 * Return: Whether it is, and could double.
 */
bool growth_has_to_double(struct gomap *m)
{
	u32 B;

	rcu_read_lock();
	B = rcu_dereference(m->table)->array->B;
	rcu_read_unlock();
	return B < B_MAX && over_load_factor(gomap_len(m), B);
}

/**
 * growth_may_be_tried() - Has enough time passed since growth failed?
 * @m: The map.
 *
 * Context: Any context.
 * Return: Whether it has.
 */
bool growth_may_be_tried(const struct gomap *m)
{
	return !READ_ONCE(m->grow_backoff) ||
	       time_after_eq(jiffies, READ_ONCE(m->grow_not_before));
}

static void put_off_growth(struct gomap *m)
{
	unsigned long backoff = clamp_t(unsigned long, 2 * m->grow_backoff,
					BACKOFF_FIRST, BACKOFF_MAX);

	WRITE_ONCE(m->grow_failures, m->grow_failures + 1);
	WRITE_ONCE(m->grow_not_before, jiffies + backoff);
	WRITE_ONCE(m->grow_backoff, backoff);
}

/**
 * growth_is_under_way() - Is a growth waiting for its end to be published?
 * @m: The map.
 *
 * L, pairs with K in growth_finish_if_done(): who holds resize_mutex and is
 * told that none is sees the table that it ended with, and that one stays.
 *
 * Context: Process context.
 * Return: Whether one is.
 */
bool growth_is_under_way(struct gomap *m)
{
	lockdep_assert_held(&m->resize_mutex);

	return smp_load_acquire(&m->finish);	/* L */
}

/**
 * struct growth - what a growth needs before it can start.
 * @array: The new array.
 * @begin: The table that starts it.
 * @finish: The table that ends it.
 */
struct growth {
	struct gomap_array *array;
	struct gomap_table *begin;
	struct gomap_table *finish;
};

static int prepare_growth(struct gomap *m, const struct gomap_table *t,
			  bool same_size, struct growth *g)
{
	u32 B = t->array->B + !same_size;

	/* Readers take an old bucket's memory for granted. */
	if (array_populate(t->array, GFP_KERNEL))
		return -ENOMEM;
	g->array = array_create(t->arena, B, GFP_KERNEL);
	if (!g->array)
		return -ENOMEM;
	g->begin = table_successor(m, t, g->array, t->array);
	if (!g->begin)
		goto err_put_array;
	g->finish = table_successor(m, t, g->array, NULL);
	if (!g->finish)
		goto err_destroy_begin;

	g->begin->growing = same_size ? GOMAP_GROWING_SAME_SIZE :
					GOMAP_GROWING_DOUBLE;
	/* Good to have, not needed: evacuation can wait for its buckets. */
	arena_reserve(t->arena, ARENA_CLASS_BUCKET,
		      overflow_buckets_to_reserve(B), GFP_KERNEL);
	return 0;

err_destroy_begin:
	table_destroy(g->begin);
err_put_array:
	array_put(g->array);
	return -ENOMEM;
}

static void begin_growth(struct gomap *m, struct gomap_table *t,
			 struct growth *g)
{
	stripes_lock_all(m);
	atomic64_set(&m->nr_overflow, 0);
	atomic64_set(&m->nr_evacuated, 0);
	WRITE_ONCE(m->nevacuate, 0);
	if (g->begin->growing == GOMAP_GROWING_SAME_SIZE)
		m->same_size_grows++;
	else
		m->grows++;
	WRITE_ONCE(m->finish, g->finish);
	publish_table(m, g->begin);
	stripes_unlock_all(m);

	table_retire(t);
	array_put(g->array);
}

static int start_locked(struct gomap *m)
{
	struct gomap_table *t;
	struct growth g;
	bool same_size;
	int err;

	lockdep_assert_held(&m->resize_mutex);

	/* While a growth is under way the table may go: not ours to look at. */
	if (growth_is_under_way(m))
		return 0;
	t = rcu_dereference_protected(m->table,
				      lockdep_is_held(&m->resize_mutex));
	if (!growth_is_due(m, t))
		return 0;

	same_size = !over_load_factor(gomap_len(m) + 1, t->array->B);
	err = prepare_growth(m, t, same_size, &g);
	if (err) {
		put_off_growth(m);
		return err;
	}
	WRITE_ONCE(m->grow_backoff, 0);
	begin_growth(m, t, &g);
	return 0;
}

/**
 * growth_start() - Start a growth, if one is due and none is under way.
 * @m: The map.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -ENOMEM: growth is put off for a while.
 */
int growth_start(struct gomap *m)
{
	int err;

	mutex_lock(&m->resize_mutex);
	err = start_locked(m);
	mutex_unlock(&m->resize_mutex);

	/* Writers evacuate; if none come, the worker does. */
	worker_kick(m, WORKER_DELAY);
	return err;
}

/**
 * growth_finish_if_done() - End a growth whose last bucket is evacuated.
 * @m: The map.
 *
 * Context: Process or softirq context; no stripe lock is held.
 */
void growth_finish_if_done(struct gomap *m)
{
	struct gomap_table *t;

	stripes_lock_all(m);
	t = stripes_table(m);
	if (t->old && m->finish &&
	    atomic64_read(&m->nr_evacuated) == array_nr_buckets(t->old)) {
		publish_table(m, m->finish);
		/* K, pairs with L in growth_is_under_way(). */
		smp_store_release(&m->finish, NULL);
	} else {
		t = NULL;
	}
	stripes_unlock_all(m);

	if (t)
		table_retire(t);
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

	rcu_read_lock();
	do {
		array = rcu_dereference(m->table)->array;
	} while (!refcount_inc_not_zero(&array->refs));
	rcu_read_unlock();
	return array;
}
