// SPDX-License-Identifier: GPL-2.0-only
/*
 * help.c - evacuation by those who hold no lock: a write's second bucket, and
 * all that are left, for the worker and on request.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "core.h"
#include "stripe.h"

/* A run of evacuated buckets that a writer steps over at most, as in Go. */
#define EVACUATED_SKIP_MAX	1024

/* Old buckets to evacuate between two looks at who else wants the CPU. */
#define HELP_BATCH		64

/* Overflow buckets to take when an evacuation found none. */
#define HELP_RESERVE		64

/* Jiffies for which nobody waits for memory where there was none. */
#define EVACUATE_BACKOFF	(HZ / 10 + 1)

/**
 * evacuation_may_be_tried() - May a write wait for memory to evacuate to?
 * @m: The map.
 *
 * Where there is none, to find that out takes the kernel milliseconds, and a
 * write goes well without.
 *
 * Context: Any context.
 * Return: Whether it may.
 */
bool evacuation_may_be_tried(const struct gomap *m)
{
	return !READ_ONCE(m->evacuation_lacked) ||
	       time_after_eq(jiffies, READ_ONCE(m->evacuate_not_before));
}

/**
 * evacuation_was_tried() - Remember whether there was memory to evacuate to.
 * @m: The map.
 * @err: 0, or what it was refused with.
 *
 * Context: Any context.
 */
void evacuation_was_tried(struct gomap *m, int err)
{
	bool lacked = err == -ENOMEM || err == -EDQUOT;

	if (lacked)
		WRITE_ONCE(m->evacuate_not_before, jiffies + EVACUATE_BACKOFF);
	if (lacked != READ_ONCE(m->evacuation_lacked))
		WRITE_ONCE(m->evacuation_lacked, lacked);
}

/*
 * Evacuate old bucket i, if this array is still being filled.  1: done, go on;
 * 0: the resize is over; -ENOMEM: memory for its entries lacks.
 */
static int evacuate_one(struct gomap *m, const struct gomap_array *array, u64 i)
{
	struct gomap_stripe *stripe;
	const struct gomap_table *t;
	int ret = 0;

	t = stripe_lock_bucket(m, i, &stripe);
	if (writers_evacuate(t) && t->array == array)
		ret = evacuate_bucket(m, t, i) ?: 1;
	stripe_unlock(stripe);
	return ret;
}

static int evacuate_with_memory(struct gomap *m, struct gomap_array *array,
				u64 i)
{
	int ret;

	ret = array_populate_halves(array, i, GFP_KERNEL);
	if (ret)
		return ret;
	while ((ret = evacuate_one(m, array, i)) == -ENOMEM) {
		ret = arena_reserve(array->arena, ARENA_CLASS_BUCKET,
				    HELP_RESERVE, GFP_KERNEL);
		if (ret)
			return ret;
	}
	return ret;
}

/**
 * struct old_bucket - an old bucket that is to be evacuated.
 * @array: The new array, for comparison.
 * @i: Number of the bucket.
 */
struct old_bucket {
	const struct gomap_array *array;
	u64 i;
};

/* The first one that has no mark yet.  False: none is left to be found. */
static bool next_old_bucket(struct gomap *m, struct old_bucket *next)
{
	const struct gomap_table *t = rcu_dereference(m->table);
	u64 first = READ_ONCE(m->nevacuate), i = first, end;

	if (!writers_evacuate(t))
		return false;
	end = min(array_nr_buckets(t->old), first + EVACUATED_SKIP_MAX);
	while (i < end && bucket_is_evacuated(array_bucket(t->old, i)))
		i++;
	if (i != first)
		cmpxchg(&m->nevacuate, first, i);

	next->array = t->array;
	next->i = i;
	return i < end;
}

static void help_sleeping(struct gomap *m)
{
	struct gomap_array *array = map_hold_array(m);
	struct old_bucket next;
	bool found;

	rcu_read_lock();
	found = next_old_bucket(m, &next);
	rcu_read_unlock();
	if (found && next.array == array)
		evacuation_was_tried(m, evacuate_with_memory(m, array, next.i));
	array_put(array);
}

/* The same with the memory that there is.  -ENOMEM: more is needed. */
static int help_atomic(struct gomap *m)
{
	struct old_bucket next;
	int ret = 0;

	rcu_read_lock();
	if (next_old_bucket(m, &next))
		ret = evacuate_one(m, next.array, next.i);
	rcu_read_unlock();
	return ret;
}

static bool all_evacuated(struct gomap *m)
{
	const struct gomap_table *t;
	bool all;

	rcu_read_lock();
	t = rcu_dereference(m->table);
	all = resize_is_done(m, t);
	rcu_read_unlock();
	return all;
}

/**
 * resize_help_now() - A write's share of the resize under way.
 * @m: The map.
 * @may_sleep: Whether memory may be waited for.
 *
 * The write has evacuated its own bucket; this is one more, in the order of
 * their numbers, so that a resize ends after as many writes as there are old
 * buckets at the latest where there is memory to evacuate to.  Go's rule; a
 * rekey is left to the worker.
 *
 * Context: Process or softirq context, no lock is held; sleeps only if
 *	@may_sleep.
 */
void resize_help_now(struct gomap *m, bool may_sleep)
{
	if (help_atomic(m) == -ENOMEM && may_sleep &&
	    evacuation_may_be_tried(m))
		help_sleeping(m);
	if (all_evacuated(m))
		resize_finish_if_done(m);
}

/**
 * struct resize_left - a resize that somebody wants to end.
 * @array: The new array, held; NULL: no resize is under way.
 * @nr_old: Old buckets.
 * @rekey: It is a rekey.
 */
struct resize_left {
	struct gomap_array *array;
	u64 nr_old;
	bool rekey;
};

static bool hold_resize(struct gomap *m, struct resize_left *left)
{
	const struct gomap_table *t;

	*left = (struct resize_left){};
	rcu_read_lock();
	t = rcu_dereference(m->table);
	if (t->old) {
		refcount_inc(&t->array->refs);
		left->array = t->array;
		left->nr_old = array_nr_buckets(t->old);
		left->rekey = table_is_rekeying(t);
	}
	rcu_read_unlock();
	return left->array;
}

static int evacuate_rest(struct gomap *m, const struct resize_left *left)
{
	u64 i;
	int ret;

	for (i = 0; i < left->nr_old; i++) {
		ret = evacuate_with_memory(m, left->array, i);
		if (ret <= 0)
			return ret;
		if (i % HELP_BATCH == 0) {
			cond_resched();
			if (fatal_signal_pending(current) || map_is_dying(m))
				return -EINTR;
		}
	}
	return 0;
}

int gomap_finish_resize(struct gomap *map)
{
	struct resize_left left;
	int err = 0;

	while (map && !err && hold_resize(map, &left)) {
		err = left.rekey ? rekey_rest(map, left.array) :
				   evacuate_rest(map, &left);
		array_put(left.array);
		if (!err)
			resize_finish_if_done(map);
	}
	return err;
}
EXPORT_SYMBOL_GPL(gomap_finish_resize);
