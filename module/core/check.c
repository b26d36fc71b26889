// SPDX-License-Identifier: GPL-2.0-only
/*
 * check.c - the invariants of core.h, section 7, under their numbers.
 *
 * Buckets are verified one by one under their stripe lock, while writers go
 * on; totals are compared only if nothing was written from begin to end.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "core.h"
#include "search.h"
#include "stripe.h"

/* Buckets to verify between two looks at who else wants the CPU. */
#define CHECK_BATCH	64

/**
 * struct check - what a check has counted.
 * @m: The map.
 * @entries: Entries.
 * @nr_overflow: Overflow buckets of the current array.
 * @nr_marked: Old buckets with the mark of evacuation.
 * @nr_handles: Handles to objects, overflow buckets included.
 */
struct check {
	struct gomap *m;
	u64 entries;
	u64 nr_overflow;
	u64 nr_marked;
	u64 nr_handles;
};

static bool is_known_code(u8 top)
{
	return top <= TOPHASH_EMPTY_ONE || top >= TOPHASH_MIN;
}

/* I4: codes are known, and EMPTY_REST is followed by nothing else. */
static bool codes_are_in_order(const struct gomap_arena *arena,
			       struct gomap_bucket *head)
{
	struct gomap_bucket *b;
	bool rest = false;
	unsigned int slot;
	u8 top;

	for (b = head; b; b = bucket_next(arena, b)) {
		for (slot = 0; slot < GOMAP_SLOTS; slot++) {
			top = bucket_tophash(b, slot);
			if (!is_known_code(top))
				return false;
			if (rest && top != TOPHASH_EMPTY_REST)
				return false;
			rest = top == TOPHASH_EMPTY_REST;
		}
	}
	return true;
}

/* I10: a handle names a live object; an inline field has none. */
static bool handle_is_live(struct check *c, const struct gomap_table *t,
			   const struct gomap_field *f,
			   const struct gomap_slot_ref *ref)
{
	if (f->is_inline)
		return true;
	c->nr_handles++;
	return arena_object_is_live(t->arena,
				    field_handle(f, ref->bucket, ref->slot));
}

/**
 * struct chain - a chain that is being verified.
 * @t: The table.
 * @array: The array that the chain belongs to.
 * @i: Its number there.
 * @head: Its first bucket.
 */
struct chain {
	const struct gomap_table *t;
	const struct gomap_array *array;
	u64 i;
	struct gomap_bucket *head;
};

/* I3: the first slot with an entry's key is the entry's own. */
static bool key_is_there_once(struct check *c, const struct chain *chain,
			      const struct gomap_slot_ref *ref,
			      const struct gomap_key *key, u64 hash)
{
	struct gomap_home home = { .head = chain->head, .hash = hash };
	struct gomap_slot_ref first;

	return chain_search(&c->m->layout, chain->t->arena, &home, key,
			    &first) &&
	       first.bucket == ref->bucket && first.slot == ref->slot;
}

static int check_entry(struct check *c, const struct chain *chain,
		       const struct gomap_slot_ref *ref)
{
	const struct gomap_layout *l = &c->m->layout;
	const struct gomap_table *t = chain->t;
	struct gomap_key key;
	u64 hash;

	if (!handle_is_live(c, t, &l->key, ref) ||
	    !handle_is_live(c, t, &l->value, ref))
		return 10;
	key.data = field_get(&l->key, t->arena, ref->bucket, ref->slot,
			     &key.len);
	table_hash_key(t, &key, key.len);
	hash = chain->array == t->old ? key.old_hash : key.hash;
	if ((hash & array_mask(chain->array)) != chain->i)
		return 1;
	if (gomap_tophash(hash) != bucket_tophash(ref->bucket, ref->slot))
		return 2;
	if (!key_is_there_once(c, chain, ref, &key, hash))
		return 3;
	c->entries++;
	return 0;
}

/* I10 for the overflow buckets of a chain, and I8's count of them. */
static int check_overflow(struct check *c, const struct chain *chain)
{
	struct gomap_arena *arena = chain->t->arena;
	struct gomap_bucket *b;

	for (b = chain->head; b->overflow; b = bucket_next(arena, b)) {
		if (!arena_object_is_live(arena, b->overflow))
			return 10;
		c->nr_handles++;
		c->nr_overflow += chain->array == chain->t->array;
	}
	return 0;
}

static int check_chain(struct check *c, const struct chain *chain)
{
	struct gomap_arena *arena = chain->t->arena;
	struct gomap_slot_ref ref;
	int ret;

	if (chain->head->version & 1)
		return 9;
	if (!codes_are_in_order(arena, chain->head))
		return 4;
	ret = check_overflow(c, chain);
	if (ret)
		return ret;
	chain_for_each_entry(ref, arena, chain->head) {
		ret = check_entry(c, chain, &ref);
		if (ret)
			return ret;
	}
	return 0;
}

/* I5, or else the chain's own invariants. */
static int check_old_bucket(struct check *c, const struct chain *chain)
{
	if (!bucket_is_evacuated(chain->head))
		return check_chain(c, chain);
	c->nr_marked++;
	return chain->head->overflow ? 5 : 0;
}

/* I6 of a destination, or else the chain's own invariants. */
static int check_current_bucket(struct check *c, const struct chain *chain)
{
	struct gomap_bucket *b = chain->head;

	if (!table_is_home(chain->t, chain->array, chain->i))
		return b && (b->tophash || b->overflow) ? 6 : 0;
	if (!b)
		return chain->t->old ? 6 : 0;
	if (bucket_is_evacuated(b))
		return 5;
	return check_chain(c, chain);
}

static bool stripes_are_fine_enough(const struct gomap_table *t)
{
	return t->stripe_mask < array_nr_buckets(t->array) &&
	       (!t->old || t->stripe_mask < array_nr_buckets(t->old));
}

static int check_number(struct check *c, const struct gomap_table *t, u64 i)
{
	struct chain chain = { .t = t, .i = i };
	int ret = 0;

	if (!stripes_are_fine_enough(t))
		return 12;
	if (t->old && i < array_nr_buckets(t->old)) {
		chain.array = t->old;
		chain.head = array_bucket(t->old, i);
		ret = check_old_bucket(c, &chain);
	}
	if (!ret && i < array_nr_buckets(t->array)) {
		chain.array = t->array;
		chain.head = array_bucket(t->array, i);
		ret = check_current_bucket(c, &chain);
	}
	return ret;
}

/* The buckets of number i; -ENOENT: there are none of that number. */
static int check_bucket(struct check *c, u64 i)
{
	struct gomap_stripe *stripe;
	struct gomap_table *t;
	int ret = -ENOENT;

	t = stripe_lock_bucket(c->m, i, &stripe);
	if (i < table_nr_numbers(t))
		ret = check_number(c, t, i);
	stripe_unlock(stripe);
	return ret;
}

static int check_buckets(struct check *c)
{
	u64 i;
	int ret = 0;

	for (i = 0; !ret; i++) {
		ret = check_bucket(c, i);
		if (i % CHECK_BATCH == 0) {
			cond_resched();
			if (fatal_signal_pending(current))
				return -EINTR;
		}
	}
	return ret == -ENOENT ? 0 : ret;
}

static int check_totals(const struct check *c, const struct gomap_info *info)
{
	if (c->entries != info->len)
		return 7;
	if (c->nr_overflow != info->nr_overflow)
		return 8;
	if (c->nr_handles != info->objects_live)
		return 10;
	if (c->nr_marked != info->nr_evacuated)
		return 11;
	return 0;
}

int gomap_check(struct gomap *map)
{
	struct check c = { .m = map };
	struct gomap_info info;
	u64 writes;
	int ret;

	if (!map)
		return 0;
	writes = stripes_writes(map);
	ret = check_buckets(&c);
	if (ret)
		return ret;
	gomap_info(map, &info, false);
	if (writes != stripes_writes(map))
		return 0;
	return check_totals(&c, &info);
}
EXPORT_SYMBOL_GPL(gomap_check);
