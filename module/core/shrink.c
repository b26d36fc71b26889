// SPDX-License-Identifier: GPL-2.0-only
/*
 * shrink.c - when a map gives buckets back: by itself when it has become
 * sparse, and on request.
 *
 * Go's maps never shrink, so these rules are our own.  A map shrinks when there
 * is less than one entry to a bucket, to the size whose load is below half of
 * LOAD_FACTOR.  Thus it takes a doubling of the entries to grow again, and
 * from there the loss of six in seven to shrink again: it cannot thrash.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>

#include "core.h"
#include "count.h"

/*
 * A shrink cuts B by so much at most, as it moves 2^4 old buckets under one
 * hold of a lock: at less than an entry a bucket no more than a grown one has.
 * A map that has lost nearly everything shrinks several times.
 */
#define SHRINK_STEP_MAX		4

static u32 smaller_B(const struct gomap *m, u32 B, u64 entries)
{
	u32 floor = max(B_for_entries(entries), m->B_min);

	if (floor + SHRINK_STEP_MAX < B)
		floor = B - SHRINK_STEP_MAX;
	return min(floor, B);
}

static bool may_shrink_by_itself(const struct gomap *m, u32 B)
{
	return !(m->params.flags & GOMAP_F_NO_SHRINK) && B > m->B_min;
}

/* The size that a map of now shrinks to by itself; B: it does not. */
static u32 B_to_shrink_to(const struct gomap *m, u32 B)
{
	u64 n = gomap_len(m);

	return !may_shrink_by_itself(m, B) || n >> B ? B : smaller_B(m, B, 2 * n);
}

/**
 * shrink_if_sparse() - Let the worker shrink the map if that is due.
 * @m: The map, of which an entry was removed.
 * @t: Its table.
 *
 * Context: Caller holds a stripe lock, and has had a full barrier since the
 *	removal.
 */
void shrink_if_sparse(struct gomap *m, const struct gomap_table *t)
{
	u32 B = t->array->B;

	if (!may_shrink_by_itself(m, B))
		return;
	if (READ_ONCE(m->shrink_due) || t->old || B_to_shrink_to(m, B) == B)
		return;
	WRITE_ONCE(m->shrink_due, true);
	worker_kick(m, WORKER_DELAY);
}

/* Start a shrink to what the function says.  1: started; 0: none is due. */
static int shrink_to(struct gomap *m,
		     u32 (*target)(const struct gomap *m, u32 B))
{
	struct gomap_table *t;
	int ret = 0;
	u32 B;

	if (mutex_lock_killable(&m->resize_mutex))
		return -EINTR;
	t = settled_table(m);
	if (t) {
		B = target(m, t->array->B);
		if (B < t->array->B)
			ret = resize_start(m, t, GOMAP_RESIZING_SHRINK, B) ?: 1;
	}
	mutex_unlock(&m->resize_mutex);
	return ret;
}

static int shrink_until(struct gomap *m,
			u32 (*target)(const struct gomap *m, u32 B))
{
	int ret;

	do {
		ret = gomap_finish_resize(m) ?: shrink_to(m, target);
	} while (ret > 0);
	return ret;
}

/**
 * shrink_while_sparse() - Shrink the map as often as it takes.
 * @m: The map.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, or -EINTR a fatal signal.
 */
int shrink_while_sparse(struct gomap *m)
{
	return shrink_until(m, B_to_shrink_to);
}

static u32 B_to_compact_to(const struct gomap *m, u32 B)
{
	return smaller_B(m, B, gomap_len(m));
}

/* Move everything to an array of the same size, if that has overflow buckets. */
static int shed_overflow_buckets(struct gomap *m)
{
	struct gomap_table *t;
	int err = 0;

	if (mutex_lock_killable(&m->resize_mutex))
		return -EINTR;
	t = settled_table(m);
	if (t && atomic64_read(&m->nr_overflow))
		err = resize_start(m, t, GOMAP_RESIZING_SAME_SIZE, t->array->B);
	mutex_unlock(&m->resize_mutex);
	return err;
}

static bool is_as_small_as_can_be(struct gomap *m)
{
	u32 B = map_B(m);

	return B_to_compact_to(m, B) == B;
}

/* What the entries have left becomes free with a grace period. */
static void trim_arena(struct gomap *m)
{
	rcu_read_lock();
	arena_trim_after_grace_period(rcu_dereference(m->table)->arena);
	rcu_read_unlock();
}

int gomap_compact(struct gomap *map)
{
	int err;

	if (!map)
		return -EINVAL;
	err = gomap_finish_resize(map);
	if (err)
		return err;
	/* What shrinks sheds its overflow buckets on the way. */
	err = is_as_small_as_can_be(map) ? shed_overflow_buckets(map) :
					   shrink_until(map, B_to_compact_to);
	if (!err)
		err = gomap_finish_resize(map);
	trim_arena(map);
	return err;
}
EXPORT_SYMBOL_GPL(gomap_compact);
