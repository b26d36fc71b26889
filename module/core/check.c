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

/* I3: the first slot with an entry's key is the entry's own. */
static bool key_is_there_once(struct check *c, const struct gomap_table *t,
			      struct gomap_bucket *head,
			      const struct gomap_slot_ref *ref,
			      const struct gomap_key *key)
{
	struct gomap_slot_ref first;

	return chain_find(&c->m->layout, t->arena, head, key, &first) &&
	       first.bucket == ref->bucket && first.slot == ref->slot;
}

static int check_entry(struct check *c, const struct gomap_table *t,
		       const struct gomap_array *array, u64 i,
		       struct gomap_bucket *head,
		       const struct gomap_slot_ref *ref)
{
	const struct gomap_layout *l = &c->m->layout;
	struct gomap_key key;

	if (!handle_is_live(c, t, &l->key, ref) ||
	    !handle_is_live(c, t, &l->value, ref))
		return 10;
	key.data = field_get(&l->key, t->arena, ref->bucket, ref->slot,
			     &key.len);
	key.hash = gomap_hash(&t->seed, key.data, key.len);
	if ((key.hash & array_mask(array)) != i)
		return 1;
	if (gomap_tophash(key.hash) != bucket_tophash(ref->bucket, ref->slot))
		return 2;
	if (!key_is_there_once(c, t, head, ref, &key))
		return 3;
	c->entries++;
	return 0;
}

/* I10 for the overflow buckets of a chain, and I8's count of them. */
static int check_overflow(struct check *c, const struct gomap_table *t,
			  const struct gomap_array *array,
			  struct gomap_bucket *head)
{
	struct gomap_bucket *b;

	for (b = head; b->overflow; b = bucket_next(t->arena, b)) {
		if (!arena_object_is_live(t->arena, b->overflow))
			return 10;
		c->nr_handles++;
		c->nr_overflow += array == t->array;
	}
	return 0;
}

static int check_chain(struct check *c, const struct gomap_table *t,
		       const struct gomap_array *array, u64 i,
		       struct gomap_bucket *head)
{
	struct gomap_slot_ref ref;
	int ret;

	if (head->version & 1)
		return 9;
	if (!codes_are_in_order(t->arena, head))
		return 4;
	ret = check_overflow(c, t, array, head);
	if (ret)
		return ret;
	chain_for_each_entry(ref, t->arena, head) {
		ret = check_entry(c, t, array, i, head, &ref);
		if (ret)
			return ret;
	}
	return 0;
}

/* I5, or else the chain's own invariants. */
static int check_old_bucket(struct check *c, const struct gomap_table *t, u64 i)
{
	struct gomap_bucket *b = array_bucket(t->old, i);

	if (!bucket_is_evacuated(b))
		return check_chain(c, t, t->old, i, b);
	c->nr_marked++;
	return b->overflow ? 5 : 0;
}

static bool is_destination(const struct gomap_table *t, u64 i)
{
	u64 old = t->old ? i & array_mask(t->old) : 0;

	return t->old && !bucket_is_evacuated(array_bucket(t->old, old));
}

static int check_current_bucket(struct check *c, const struct gomap_table *t,
				u64 i)
{
	struct gomap_bucket *b = array_bucket(t->array, i);

	if (!b)
		return is_destination(t, i) || !t->old ? 0 : 6;
	if (is_destination(t, i))
		return b->tophash || b->overflow ? 6 : 0;
	if (bucket_is_evacuated(b))
		return 5;
	return check_chain(c, t, t->array, i, b);
}

static bool stripes_are_fine_enough(const struct gomap_table *t)
{
	u32 B = t->old ? t->old->B : t->array->B;

	return t->stripe_mask < 1ULL << B;
}

/* The buckets of number i; -ENOENT: there are none of that number. */
static int check_bucket(struct check *c, u64 i)
{
	struct gomap_stripe *stripe;
	struct gomap_table *t;
	int ret = -ENOENT;

	t = stripe_lock_bucket(c->m, i, &stripe);
	if (i < array_nr_buckets(t->array)) {
		ret = stripes_are_fine_enough(t) ? 0 : 12;
		if (!ret && t->old && i < array_nr_buckets(t->old))
			ret = check_old_bucket(c, t, i);
		if (!ret)
			ret = check_current_bucket(c, t, i);
	}
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
