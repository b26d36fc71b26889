// SPDX-License-Identifier: GPL-2.0-only
/*
 * stripe.c - the locks of writers, one by one and all of them; see stripe.h.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/minmax.h>

#include "core.h"
#include "stripe.h"

static size_t stripes_bytes(const struct gomap *m)
{
	return sizeof(*m->stripes) << m->stripe_bits_max;
}

/**
 * stripes_create() - Make the stripes of a map.
 * @m: The map, its account open.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM or -EDQUOT.
 */
int stripes_create(struct gomap *m)
{
	struct gomap_stripe *stripes;
	u32 i, nr = clamp_t(u32, STRIPES_PER_CPU * num_possible_cpus(), 1,
			    STRIPES_MAX);

	m->stripe_bits_max = ilog2(nr);
	stripes = account_alloc(m->account, stripes_bytes(m),
				ACCOUNT_DESCRIPTOR, GFP_KERNEL);
	if (IS_ERR(stripes))
		return PTR_ERR(stripes);
	for (i = 0; i < 1U << m->stripe_bits_max; i++)
		spin_lock_init(&stripes[i].lock);
	m->stripes = stripes;
	return 0;
}

/**
 * stripes_destroy() - Free the stripes of a map.
 * @m: The map.
 *
 * Context: Process context.
 */
void stripes_destroy(struct gomap *m)
{
	account_free(m->account, m->stripes, stripes_bytes(m),
		     ACCOUNT_DESCRIPTOR);
}

/**
 * stripe_mask_for() - The stripes to use while a smallest array is in use.
 * @m: The map.
 * @B: Of the smallest array: a stripe has at least one of its buckets.
 *
 * Context: Any context.
 * Return: The mask of the low bits of a hash.
 */
u32 stripe_mask_for(const struct gomap *m, u32 B)
{
	return (1U << min(B, m->stripe_bits_max)) - 1;
}

/**
 * stripe_lock_bucket() - Lock the stripe of a bucket.
 * @m: The map.
 * @low_bits: Number of the bucket, or a hash that chooses it.
 * @stripe: Takes the stripe.
 *
 * Context: Process or softirq context.
 * Return: The current table.
 */
struct gomap_table *stripe_lock_bucket(struct gomap *m, u64 low_bits,
				       struct gomap_stripe **stripe)
	__acquires(RCU) __acquires(&(*stripe)->lock)
{
	struct gomap_table *t, *locked;

	rcu_read_lock();
	t = rcu_dereference(m->table);
	for (;;) {
		*stripe = stripe_of(m, t, low_bits);
		spin_lock_bh(&(*stripe)->lock);
		locked = rcu_dereference(m->table);
		if (locked->stripe_mask == t->stripe_mask)
			return locked;
		spin_unlock_bh(&(*stripe)->lock);
		t = locked;
	}
}

/**
 * stripes_lock_all() - Stop all writers, to publish a table.
 * @m: The map.
 *
 * Context: Process or softirq context.
 */
void stripes_lock_all(struct gomap *m)
	__acquires(&m->table_lock)
{
	u32 i;

	spin_lock_bh(&m->table_lock);
	for (i = 0; i < 1U << m->stripe_bits_max; i++) {
		spin_lock_nest_lock(&m->stripes[i].lock, &m->table_lock);
		__release(&m->stripes[i].lock);	/* sparse counts one for all */
	}
}

/**
 * stripes_unlock_all() - Undo stripes_lock_all().
 * @m: The map.
 *
 * Context: As they were locked.
 */
void stripes_unlock_all(struct gomap *m)
	__releases(&m->table_lock)
{
	u32 i = 1U << m->stripe_bits_max;

	while (i-- > 0) {
		__acquire(&m->stripes[i].lock);
		spin_unlock(&m->stripes[i].lock);
	}
	spin_unlock_bh(&m->table_lock);
}

/**
 * stripes_table() - The current table, for who has locked all stripes.
 * @m: The map.
 *
 * Context: Caller holds all stripe locks.
 * Return: The table.
 */
struct gomap_table *stripes_table(const struct gomap *m)
{
	return rcu_dereference_protected(m->table,
					 lockdep_is_held(&m->table_lock));
}

/**
 * stripes_writes() - How many changes were made to a map.
 * @m: The map.
 *
 * Context: Process or softirq context.
 * Return: The number, of one moment.
 */
u64 stripes_writes(struct gomap *m)
{
	u64 writes = 0;
	u32 i;

	stripes_lock_all(m);
	for (i = 0; i < 1U << m->stripe_bits_max; i++)
		writes += m->stripes[i].writes;
	stripes_unlock_all(m);
	return writes;
}
