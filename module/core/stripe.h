/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stripe.h - the locks of writers, and the right to look at the table.
 *
 * Whoever holds a stripe lock may use the current table until the unlock, and
 * is in an RCU section, so that handles may be followed.
 */
#ifndef GOMAP_STRIPE_H
#define GOMAP_STRIPE_H

#include <linux/compiler.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "core.h"
#include "search.h"

struct gomap_table *stripe_lock_bucket(struct gomap *m, u64 low_bits,
				       struct gomap_stripe **stripe)
	__acquires(RCU) __acquires(&(*stripe)->lock);

/**
 * stripe_unlock() - Undo stripe_lock_key() or stripe_lock_bucket().
 * @stripe: The stripe.
 *
 * Context: As it was locked.
 */
static __always_inline void stripe_unlock(struct gomap_stripe *stripe)
	__releases(&stripe->lock) __releases(RCU)
{
	spin_unlock_bh(&stripe->lock);
	rcu_read_unlock();
}

/*
 * The stripe of what was the home before the lock is held: look again where a
 * span may have come since, or a mark been set.  False: it is not the home any
 * more, but a chain in another stripe.
 */
static __always_inline bool home_is_settled(const struct gomap_table *t,
					    const struct gomap_key *key,
					    struct gomap_home *home,
					    u32 bucket_size)
{
	u64 hash = home->hash;

	if (likely(home->head && !t->old))
		return true;
	*home = table_home(t, key, bucket_size);
	return home->hash == hash;
}

/**
 * stripe_lock_key() - Hash a key and lock the stripe of its home.
 * @m: The map.
 * @layout: Of its buckets.
 * @key: The key; it is hashed for the table that is returned.
 * @stripe: Takes the stripe.
 * @home: Takes the key's home, which stays it until the caller evacuates it.
 *
 * In a rekey the home moves from one stripe to another.  It does so with all
 * stripes locked: once any lock is held, the home stays where it is.
 *
 * Context: Process or softirq context.
 * Return: The current table.
 */
static __always_inline struct gomap_table *
stripe_lock_key(struct gomap *m, const struct gomap_layout *layout,
		struct gomap_key *key, struct gomap_stripe **stripe,
		struct gomap_home *home)
	__acquires(RCU) __acquires(&(*stripe)->lock)
{
	struct gomap_table *t, *locked;

	rcu_read_lock();
	t = rcu_dereference(m->table);
	for (;;) {
		table_hash_key(t, key, field_len(&layout->key, key->len));
		*home = table_home(t, key, layout->bucket_size);
		*stripe = stripe_of(m, t, home->hash);
		prefetch_chain(home->head, layout);
		spin_lock_bh(&(*stripe)->lock);
		locked = rcu_dereference(m->table);
		if (likely(locked == t) &&
		    home_is_settled(t, key, home, layout->bucket_size))
			return t;
		spin_unlock_bh(&(*stripe)->lock);
		t = locked;
	}
}

#endif /* GOMAP_STRIPE_H */
