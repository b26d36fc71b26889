// SPDX-License-Identifier: GPL-2.0-only
/*
 * grow.c - when a map grows: Go's rules, and what to do when memory is refused.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>

#include "core.h"
#include "count.h"

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

	if (t->old || !count_is_high(m, t, READ_ONCE(m->max_entries)))
		return false;
	if (over_load_factor(gomap_len(m) + 1, B))
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
	u32 B = map_B(m);

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

static int start_locked(struct gomap *m)
{
	struct gomap_table *t = settled_table(m);
	enum gomap_resize kind;
	int err;

	if (!t || !growth_is_due(m, t))
		return 0;
	kind = over_load_factor(gomap_len(m) + 1, t->array->B) ?
	       GOMAP_RESIZING_DOUBLE : GOMAP_RESIZING_SAME_SIZE;
	err = resize_start(m, t, kind,
			   t->array->B + (kind == GOMAP_RESIZING_DOUBLE));
	if (err == -ENOMEM || err == -EDQUOT)
		put_off_growth(m);
	if (!err)
		WRITE_ONCE(m->grow_backoff, 0);
	return err;
}

/**
 * growth_start() - Start a growth, if one is due and no resize is under way.
 * @m: The map.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM or -EDQUOT growth is put off for a while, or -EINTR a
 *	fatal signal.
 */
int growth_start(struct gomap *m)
{
	int err;

	if (mutex_lock_killable(&m->resize_mutex))
		return -EINTR;
	err = start_locked(m);
	mutex_unlock(&m->resize_mutex);
	return err;
}
