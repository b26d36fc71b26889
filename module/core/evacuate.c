// SPDX-License-Identifier: GPL-2.0-only
/*
 * evacuate.c - move the entries of an old bucket: section 6 of core.h.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "core.h"

/**
 * struct evacuation_dst - a chain that is being filled from its start.
 * @head: Its first bucket.
 * @last: The bucket that takes the next entry.
 * @used: Slots of @last that are taken.
 * @nr_overflow: Overflow buckets behind @head.
 */
struct evacuation_dst {
	struct gomap_bucket *head;
	struct gomap_bucket *last;
	unsigned int used;
	u32 nr_overflow;
};

/**
 * struct evacuation - one old bucket on the move.
 * @m: The map.
 * @t: Its table.
 * @old: The old bucket.
 * @split_bit: The bit of the hash that says Y; 0 when the size stays.
 * @x: Destination of the same number.
 * @y: Destination half the new array away; @head is NULL when the size stays.
 */
struct evacuation {
	struct gomap *m;
	const struct gomap_table *t;
	struct gomap_bucket *old;
	u64 split_bit;
	struct evacuation_dst x;
	struct evacuation_dst y;
};

static void dst_init(struct evacuation_dst *dst, struct gomap_bucket *head)
{
	*dst = (struct evacuation_dst){ .head = head, .last = head };
}

static int dst_add_bucket(struct evacuation *e, struct evacuation_dst *dst)
{
	u32 handle = arena_alloc(e->t->arena, ARENA_CLASS_BUCKET);
	struct gomap_bucket *b;

	if (!handle)
		return -ENOMEM;
	b = arena_object(e->t->arena, handle, NULL);
	memset(b, 0, e->m->layout.bucket_size);
	bucket_link(dst->last, handle);
	dst->last = b;
	dst->used = 0;
	dst->nr_overflow++;
	return 0;
}

static void copy_field(const struct gomap_field *f, struct gomap_bucket *to,
		       unsigned int to_slot, const struct gomap_slot_ref *from)
{
	memcpy(field_at(f, to, to_slot),
	       field_at(f, from->bucket, from->slot), f->size);
}

/* Append an entry: the bytes of its slot, a handle with its object. */
static int dst_append(struct evacuation *e, struct evacuation_dst *dst,
		      const struct gomap_slot_ref *from)
{
	const struct gomap_layout *l = &e->m->layout;
	int err;

	if (dst->used == GOMAP_SLOTS) {
		err = dst_add_bucket(e, dst);
		if (err)
			return err;
	}
	copy_field(&l->key, dst->last, dst->used, from);
	copy_field(&l->value, dst->last, dst->used, from);
	bucket_set_tophash(dst->last, dst->used,
			   bucket_tophash(from->bucket, from->slot));
	dst->used++;
	return 0;
}

/* Which destination the low bits of a key's hash choose. */
static struct evacuation_dst *dst_of(struct evacuation *e,
				     const struct gomap_slot_ref *ref)
{
	const void *key;
	u32 len;

	if (!e->split_bit)
		return &e->x;
	key = field_get(&e->m->layout.key, e->t->arena, ref->bucket, ref->slot,
			&len);
	if (gomap_hash(&e->t->seed, key, len) & e->split_bit)
		return &e->y;
	return &e->x;
}

static int copy_entries(struct evacuation *e)
{
	struct gomap_slot_ref ref;
	int err;

	chain_for_each_entry(ref, e->t->arena, e->old) {
		err = dst_append(e, dst_of(e, &ref), &ref);
		if (err)
			return err;
	}
	return 0;
}

/* Retire the overflow buckets of a chain that no reader goes through again. */
static void retire_overflow(struct gomap_arena *arena, u32 handle)
{
	struct gomap_bucket *b;
	u32 next;

	for (; handle; handle = next) {
		b = arena_object(arena, handle, NULL);
		next = b->overflow;
		arena_retire(arena, handle);
	}
}

/* Undo a copy that could not be finished: nobody has looked at it yet. */
static void empty_dst(struct evacuation *e, struct evacuation_dst *dst)
{
	struct gomap_bucket *head = dst->head;
	u32 overflow = head->overflow;

	WRITE_ONCE(head->overflow, 0);
	WRITE_ONCE(head->tophash, 0);
	memset(head->data, 0, e->m->layout.bucket_size - sizeof(*head));
	retire_overflow(e->t->arena, overflow);
}

static int fill_destinations(struct evacuation *e)
{
	int err;

	chain_write_begin(e->x.head);
	if (e->y.head)
		chain_write_begin(e->y.head);
	err = copy_entries(e);
	if (err) {
		empty_dst(e, &e->x);
		if (e->y.head)
			empty_dst(e, &e->y);
	}
	if (e->y.head)
		chain_write_end(e->y.head);
	chain_write_end(e->x.head);
	return err;
}

static void leave_old_bucket(struct evacuation *e)
{
	u32 overflow = e->old->overflow;

	chain_write_begin(e->old);
	bucket_mark_evacuated(e->old);
	WRITE_ONCE(e->old->overflow, 0);
	chain_write_end(e->old);
	retire_overflow(e->t->arena, overflow);
}

/**
 * evacuate_bucket() - Move the entries of one old bucket to their new places.
 * @m: The map, growing.
 * @t: Its table.
 * @i: Number of the old bucket.
 *
 * Context: Caller holds the bucket's stripe lock, in an RCU read-side critical
 *	section.
 * Return: 0, also if that was done before; -ENOMEM a destination has no memory
 *	or the arena no overflow bucket (the old bucket is as it was).
 */
int evacuate_bucket(struct gomap *m, const struct gomap_table *t, u64 i)
{
	struct evacuation e = {
		.m = m,
		.t = t,
		.old = array_bucket(t->old, i),
	};
	int err;

	lockdep_assert_held(&m->stripes[i & t->stripe_mask].lock);

	if (bucket_is_evacuated(e.old))
		return 0;
	dst_init(&e.x, array_bucket(t->array, i));
	if (!e.x.head)
		return -ENOMEM;
	if (t->growing == GOMAP_GROWING_DOUBLE) {
		e.split_bit = array_nr_buckets(t->old);
		dst_init(&e.y, array_bucket(t->array, i + e.split_bit));
		if (!e.y.head)
			return -ENOMEM;
	}

	err = fill_destinations(&e);
	if (err)
		return err;
	leave_old_bucket(&e);
	atomic64_add(e.x.nr_overflow + e.y.nr_overflow, &m->nr_overflow);
	atomic64_inc(&m->nr_evacuated);
	m->stripes[i & t->stripe_mask].writes++;
	return 0;
}

/**
 * growth_lacks_destination() - Does memory keep a bucket from evacuation?
 * @t: The table.
 * @hash: Low bits that choose the bucket.
 *
 * Context: Caller holds the bucket's stripe lock.
 * Return: Whether the old bucket is still to be evacuated, and the new array
 *	has no memory where its entries go.
 */
bool growth_lacks_destination(const struct gomap_table *t, u64 hash)
{
	u64 i;

	if (!t->old)
		return false;
	i = hash & array_mask(t->old);
	if (bucket_is_evacuated(array_bucket(t->old, i)))
		return false;
	return !array_bucket(t->array, i) ||
	       !array_bucket(t->array, (i + array_nr_buckets(t->old)) &
				       array_mask(t->array));
}

/**
 * evacuate_own_bucket() - Evacuate the bucket that a write is going to.
 * @m: The map.
 * @t: Its table.
 * @hash: Of the key.
 *
 * What cannot be done for lack of memory is left for later: the old bucket
 * serves the write as well.
 *
 * Context: Caller holds the key's stripe lock, in an RCU read-side critical
 *	section.
 */
void evacuate_own_bucket(struct gomap *m, const struct gomap_table *t, u64 hash)
{
	if (t->old)
		evacuate_bucket(m, t, hash & array_mask(t->old));
}
