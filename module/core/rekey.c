// SPDX-License-Identifier: GPL-2.0-only
/*
 * rekey.c - a new seed for a map that is in use: on request, and when a chain
 * is so long that somebody must have found keys that collide.
 *
 * Under the new seed the entries of one old bucket go anywhere, so an old
 * bucket and its destinations share no stripe.  All stripes are locked instead,
 * for a few buckets at a time.  Two things follow:
 * - while anybody holds any stripe lock no mark of evacuation is set, so a
 *   writer who has found the home of its key under the lock of that home's
 *   stripe knows that it stays; one lock is enough for everyone;
 * - destinations are in use already, by entries moved earlier and by new ones,
 *   so each entry is written like an insert, and what memory a bucket's entries
 *   could need is made sure of first: nothing has to be undone.
 * Writers do not take part; the worker does it, or who asked for it.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "core.h"
#include "trace.h"

/*
 * Work for one hold of all the locks: so many entries moved or old buckets
 * visited, some 20 us.  Longer makes writers wait, shorter spends more time on
 * taking 64 locks than on what they are for.
 */
#define REKEY_ENTRIES		128
#define REKEY_BUCKETS		256

/*
 * A chain with so many full buckets more than the load of the map explains is
 * no chance: with 6.5 entries to a bucket on average one of 2^31 buckets has 48
 * of them with probability 10^-16.
 */
#define ATTACK_BUCKETS		6

/* Jiffies between two rekeys that a map starts by itself. */
#define ATTACK_INTERVAL		(10 * HZ)

static bool chain_shows_an_attack(struct gomap *m, const struct gomap_table *t,
				  const struct gomap_home *home)
{
	u64 load = gomap_len(m) >> home->array->B;

	/* The last bucket is the one that was added just now. */
	return chain_length(t->arena, home->head) - 1 >= ATTACK_BUCKETS + load;
}

/**
 * rekey_if_attacked() - Let the worker rekey the map if a chain calls for it.
 * @m: The map.
 * @t: Its table.
 * @home: A chain that got another overflow bucket.
 *
 * Context: Caller holds the chain's stripe lock, in an RCU read-side critical
 *	section.
 */
void rekey_if_attacked(struct gomap *m, const struct gomap_table *t,
		       const struct gomap_home *home)
{
	if (READ_ONCE(m->rekey_due) || table_is_rekeying(t) ||
	    time_before(jiffies, READ_ONCE(m->rekey_not_before)) ||
	    !chain_shows_an_attack(m, t, home))
		return;
	if (xchg(&m->rekey_due, true))
		return;
	WRITE_ONCE(m->rekey_not_before, jiffies + ATTACK_INTERVAL);
	atomic64_inc(&m->attacks);
	trace_gomap_attack(m, chain_length(t->arena, home->head), gomap_len(m));
	worker_kick(m, 0);
}

/* The first empty slot of a new home, in a new overflow bucket if need be. */
static void find_room(struct gomap *m, const struct gomap_table *t,
		      struct gomap_bucket *head, struct gomap_slot_ref *room)
{
	struct gomap_bucket *b;
	u32 handle;

	if (chain_find_empty(t->arena, head, room))
		return;
	handle = arena_alloc(t->arena, ARENA_CLASS_BUCKET);
	b = bucket_clean(t->arena, handle);
	bucket_link(room->bucket, handle);
	*room = (struct gomap_slot_ref){ .bucket = b };
	atomic64_inc(&m->nr_overflow);
}

static void rekey_entry(struct gomap *m, const struct gomap_table *t,
			const struct gomap_slot_ref *from)
{
	struct gomap_bucket *head;
	struct gomap_slot_ref to;
	const void *key;
	u64 hash;
	u32 len;

	key = field_get(&m->layout.key, t->arena, from->bucket, from->slot,
			&len);
	hash = gomap_hash(&t->seed, key, len);
	head = array_bucket(t->array, hash & array_mask(t->array));

	chain_write_begin(head);
	find_room(m, t, head, &to);
	slot_copy(&m->layout, &to, from);
	bucket_set_tophash(to.bucket, to.slot, gomap_tophash(hash));
	chain_write_end(head);
}

/**
 * struct rekey - a walk through the old buckets of a rekey.
 * @m: The map.
 * @array: Its new array, for comparison.
 * @i: The next old bucket.
 * @lacking: Overflow buckets that it could need, where it lacked any.
 */
struct rekey {
	struct gomap *m;
	const struct gomap_array *array;
	u64 i;
	u32 lacking;
};

/* Returns the entries that were moved, or -ENOMEM: nothing was done. */
static int rekey_bucket(struct rekey *r, const struct gomap_table *t)
{
	struct gomap_bucket *old = array_bucket(t->old, r->i);
	struct gomap_slot_ref ref;
	u32 n;

	if (bucket_is_evacuated(old))
		return 0;
	n = chain_count(t->arena, old);
	if (!arena_has(t->arena, ARENA_CLASS_BUCKET, n)) {
		r->lacking = n;
		return -ENOMEM;
	}
	chain_for_each_entry(ref, t->arena, old)
		rekey_entry(r->m, t, &ref);
	leave_old_bucket(r->m, t, old);
	return n;
}

/* 1: enough for one hold of the locks, go on; 0: all are done; or -ENOMEM. */
static int rekey_buckets(struct rekey *r, const struct gomap_table *t)
{
	u64 first = r->i;
	u32 entries = 0;
	int moved;

	stripes_assert_held(r->m);
	for (; r->i < array_nr_buckets(t->old); r->i++) {
		if (entries >= REKEY_ENTRIES || r->i - first >= REKEY_BUCKETS)
			return 1;
		moved = rekey_bucket(r, t);
		if (moved < 0)
			return moved;
		entries += moved;
	}
	return 0;
}

static int rekey_some(struct rekey *r)
{
	const struct gomap_table *t;
	int ret;

	rcu_read_lock();	/* handles are followed */
	stripes_lock_all(r->m);
	t = stripes_table(r->m);
	ret = t->old && t->array == r->array ? rekey_buckets(r, t) : 0;
	r->m->stripes[0].writes++;
	stripes_unlock_all(r->m);
	rcu_read_unlock();
	return ret;
}

/**
 * rekey_rest() - Move what is left to the new seed.
 * @m: The map.
 * @array: The new array, held by the caller.
 *
 * Context: Process context, may sleep.
 * Return: 0 done, or the rekey is over; -ENOMEM; -EDQUOT; or -EINTR a fatal
 *	signal.
 */
int rekey_rest(struct gomap *m, struct gomap_array *array)
{
	struct rekey r = { .m = m, .array = array };
	int ret;

	while ((ret = rekey_some(&r))) {
		if (ret < 0)
			ret = arena_reserve(array->arena, ARENA_CLASS_BUCKET,
					    r.lacking, GFP_KERNEL);
		if (ret < 0)
			return ret;
		cond_resched();
		if (fatal_signal_pending(current) || map_is_dying(m))
			return -EINTR;
	}
	return 0;
}

/* 1: started; 0: a resize is under way. */
static int rekey_start(struct gomap *m)
{
	struct gomap_table *t;
	int ret = 0;

	if (mutex_lock_killable(&m->resize_mutex))
		return -EINTR;
	t = settled_table(m);
	if (t)
		ret = resize_start(m, t, GOMAP_RESIZING_REKEY,
				   t->array->B) ?: 1;
	mutex_unlock(&m->resize_mutex);
	return ret;
}

int gomap_rekey(struct gomap *map)
{
	int ret;

	if (!map)
		return -EINVAL;
	do {
		ret = gomap_finish_resize(map) ?: rekey_start(map);
	} while (!ret);
	return ret < 0 ? ret : gomap_finish_resize(map);
}
EXPORT_SYMBOL_GPL(gomap_rekey);
