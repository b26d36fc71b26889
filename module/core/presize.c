// SPDX-License-Identifier: GPL-2.0-only
/*
 * presize.c - all memory that a hint asks for, at create.
 *
 * Afterwards no insert takes memory from the kernel until there are more
 * entries than were hinted at: there are buckets for them, overflow buckets for
 * the chains that chance makes longer than eight, and objects for contents that
 * do not lie in their slots.  Contents whose length varies cannot be foreseen.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/minmax.h>

#include "core.h"

/*
 * Overflow buckets that a bucket has on average, in 1/65536, by the load in
 * quarters of an entry.  Hashes spread entries over buckets as Poisson's
 * distribution says: it is the sum over k > 8 of the probability of k entries
 * times the overflow buckets that k entries need.
 */
static const u32 overflow_by_load[] = {
	0, 1, 1, 1, 1, 1, 2, 6, 16,
	37, 75, 142, 250, 413, 648, 971, 1401, 1952,
	2639, 3474, 4464, 5615, 6928, 8399, 10023, 11790, 13688,
};

/* Where the table ends a bucket has nothing but what the next one would. */
#define LOAD_QUARTERS_MAX	(ARRAY_SIZE(overflow_by_load) - 1)

/*
 * So many standard deviations above the average there are too few overflow
 * buckets in one map of 30,000.
 */
#define DEVIATIONS		4

/**
 * overflow_buckets_for() - Overflow buckets that entries are likely to need.
 * @entries: How many entries.
 * @B: Log2 of the number of buckets, of which their load is at most
 *	LOAD_FACTOR.
 *
 * Context: Any context.
 * Return: A number that is rarely exceeded.
 */
u32 overflow_buckets_for(u64 entries, u32 B)
{
	u64 quarters = min_t(u64, ((4 * entries) >> B) + 1, LOAD_QUARTERS_MAX);
	u64 average = DIV_ROUND_UP((u64)overflow_by_load[quarters] << B, 65536);

	return average + DEVIATIONS * int_sqrt(average) + 1;
}

/* Bytes of the object that a content of a field needs; 0: none is foreseen. */
static u32 foreseen_object(const struct gomap_field *f)
{
	return f->is_inline || f->is_var ? 0 : field_object_size(f, f->max);
}

static u64 bytes_foreseen(const struct gomap *m)
{
	const struct gomap_layout *l = &m->layout;
	u64 buckets = 1ULL << m->B_min;

	buckets += overflow_buckets_for(m->params.hint, m->B_min);
	return buckets * l->bucket_size +
	       m->params.hint * ((u64)foreseen_object(&l->key) +
				 foreseen_object(&l->value));
}

/**
 * presize_is_possible() - Is there so much memory at all?
 * @m: The map, its layout and its parameters known.
 *
 * Context: Process context.
 * Return: Whether there is.  Of memory that is not the kernel's nothing is known.
 */
bool presize_is_possible(const struct gomap *m)
{
	return m->params.alloc_ops || account_could_hold(bytes_foreseen(m));
}

static int presize_field(const struct gomap *m, const struct gomap_table *t,
			 const struct gomap_field *f)
{
	u32 size = foreseen_object(f);

	if (!size)
		return 0;
	return arena_presize(t->arena, arena_class_of(size), m->params.hint,
			     GFP_KERNEL);
}

/*
 * Keys and values of one class share its objects: the sum is what is wanted of
 * it.
 */
static int presize_contents(const struct gomap *m, const struct gomap_table *t)
{
	const struct gomap_layout *l = &m->layout;
	u32 key = foreseen_object(&l->key), value = foreseen_object(&l->value);

	if (key && value && arena_class_of(key) == arena_class_of(value))
		return arena_presize(t->arena, arena_class_of(key),
				     2 * m->params.hint, GFP_KERNEL);
	return presize_field(m, t, &l->key) ?: presize_field(m, t, &l->value);
}

/**
 * presize_table() - Take the memory that the hint of a map asks for.
 * @m: The map.
 * @t: Its first table.
 *
 * A hint that fits into one bucket is no reason to take any: as in Go, the
 * first insert does that.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, -EDQUOT, or -EINTR a fatal signal.
 */
int presize_table(const struct gomap *m, const struct gomap_table *t)
{
	u32 B = t->array->B;

	if (!B)
		return 0;
	return array_populate(t->array, GFP_KERNEL) ?:
	       arena_presize(t->arena, ARENA_CLASS_BUCKET,
			     overflow_buckets_for(m->params.hint, B),
			     GFP_KERNEL) ?:
	       presize_contents(m, t);
}
