// SPDX-License-Identifier: GPL-2.0-only
/*
 * evacuate.c - move the entries of old buckets: section 6 of core.h.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "core.h"
#include "shape.h"
#include "view.h"

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
 * struct evacuation - a group of old buckets on the move.
 * @m: The map.
 * @t: Its table.
 * @first: Number of the first of them.
 * @nr_old: How many: one, or all that a smaller array has one bucket for.
 * @stride: From the number of one to that of the next.
 * @split_bit: The bit of the hash that says which; 0 unless the map doubles.
 * @dst: Destinations: that of the first one's number, and half the new array
 *	away, of which @head is NULL without @split_bit.
 */
struct evacuation {
	struct gomap *m;
	const struct gomap_table *t;
	u64 first;
	u32 nr_old;
	u64 stride;
	u64 split_bit;
	struct evacuation_dst dst[2];
};

static struct gomap_bucket *old_bucket(const struct evacuation *e, u32 n)
{
	return array_bucket(e->t->old, e->first + n * e->stride);
}

static void dst_init(struct evacuation_dst *dst, struct gomap_bucket *head)
{
	*dst = (struct evacuation_dst){ .head = head, .last = head };
}

static noinline int dst_add_bucket(struct evacuation *e,
				   struct evacuation_dst *dst)
{
	u32 handle = arena_alloc(e->t->arena, ARENA_CLASS_BUCKET);
	struct gomap_bucket *b;

	if (!handle)
		return -ENOMEM;
	b = bucket_clean(e->t->arena, handle);
	bucket_link(dst->last, handle);
	dst->last = b;
	dst->used = 0;
	dst->nr_overflow++;
	return 0;
}

static __always_inline int dst_append(struct evacuation *e,
				      const struct gomap_layout *layout,
				      struct evacuation_dst *dst,
				      const struct gomap_slot_ref *from)
{
	struct gomap_slot_ref to;
	int err;

	if (unlikely(dst->used == GOMAP_SLOTS)) {
		err = dst_add_bucket(e, dst);
		if (err)
			return err;
	}
	to = (struct gomap_slot_ref){ .bucket = dst->last, .slot = dst->used };
	slot_copy(layout, &to, from);
	bucket_set_tophash(to.bucket, to.slot,
			   bucket_tophash(from->bucket, from->slot));
	dst->used++;
	return 0;
}

/* Which destination the low bits of a key's hash choose. */
static __always_inline struct evacuation_dst *dst_of(
		struct evacuation *e, const struct gomap_layout *layout,
		const struct gomap_slot_ref *ref)
{
	const void *key;
	u64 hash;
	u32 len;

	if (!e->split_bit)
		return &e->dst[0];
	key = field_get(&layout->key, e->t->arena, ref->bucket, ref->slot,
			&len);
	hash = gomap_hash(&e->t->seed, key, len);
	return &e->dst[!!(hash & e->split_bit)];
}

static __always_inline int copy_bucket(struct evacuation *e,
				       const struct gomap_layout *layout,
				       struct gomap_bucket *b)
{
	struct gomap_slot_ref ref = { .bucket = b };
	u64 taken;
	int err;

	for (taken = gomap_tophash_taken(b->tophash); taken;
	     taken &= taken - 1) {
		ref.slot = gomap_tophash_first(taken);
		err = dst_append(e, layout, dst_of(e, layout, &ref), &ref);
		if (unlikely(err))
			return err;
	}
	return 0;
}

static __always_inline int copy_chain(struct evacuation *e,
				      const struct gomap_layout *layout,
				      struct gomap_bucket *head)
{
	struct gomap_bucket *b;
	int err;

	for (b = head; b; b = bucket_next(e->t->arena, b)) {
		err = copy_bucket(e, layout, b);
		if (unlikely(err))
			return err;
	}
	return 0;
}

#define DEFINE_COPY_CHAIN(name, shape)					\
static noinline int copy_chain_##name(struct evacuation *e,		\
				      struct gomap_bucket *head)	\
{									\
	const struct gomap_layout layout =				\
		shape_layout(shape, &e->m->layout);			\
									\
	return copy_chain(e, &layout, head);				\
}
DEFINE_FOR_SHAPES(DEFINE_COPY_CHAIN)

static int copy_entries(struct evacuation *e)
{
	u32 n;
	int err;

	for (n = 0; n < e->nr_old; n++) {
		err = call_by_shape(e->m->shape, copy_chain, e,
				    old_bucket(e, n));
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
	int i, err;

	for (i = 0; i < 2 && e->dst[i].head; i++)
		chain_write_begin(e->dst[i].head);
	err = copy_entries(e);
	for (i = 0; i < 2 && e->dst[i].head; i++) {
		if (err)
			empty_dst(e, &e->dst[i]);
		chain_write_end(e->dst[i].head);
	}
	return err;
}

/**
 * leave_old_bucket() - Mark an old bucket whose entries have been moved.
 * @m: The map, in a resize.
 * @t: Its table.
 * @b: The bucket.
 *
 * Context: Caller holds the stripe locks of the bucket and of where its entries
 *	went, in an RCU read-side critical section.
 */
void leave_old_bucket(struct gomap *m, const struct gomap_table *t,
		      struct gomap_bucket *b)
{
	u32 overflow = b->overflow;

	chain_write_begin(b);
	bucket_mark_evacuated(b);
	WRITE_ONCE(b->overflow, 0);
	if (unlikely(m->view.super))
		view_wipe_bucket(m, b);
	chain_write_end(b);
	retire_overflow(t->arena, overflow);
	atomic64_inc(&m->nr_evacuated);
}

/* The old buckets that are to be moved together with number i, and where to. */
static int evacuation_init(struct evacuation *e, struct gomap *m,
			   const struct gomap_table *t, u64 i)
{
	u64 nr_old = array_nr_buckets(t->old);
	u64 nr_new = array_nr_buckets(t->array);

	*e = (struct evacuation){
		.m = m,
		.t = t,
		.first = i & (min(nr_old, nr_new) - 1),
		.nr_old = max(nr_old >> t->array->B, 1ULL),
		.stride = nr_new,
		.split_bit = nr_new > nr_old ? nr_old : 0,
	};
	dst_init(&e->dst[0], array_bucket(t->array, e->first));
	if (!e->dst[0].head)
		return -ENOMEM;
	if (!e->split_bit)
		return 0;
	dst_init(&e->dst[1], array_bucket(t->array, e->first + e->split_bit));
	return e->dst[1].head ? 0 : -ENOMEM;
}

/**
 * evacuate_bucket() - Move the entries of an old bucket to their new places.
 * @m: The map, in a resize that is no rekey.
 * @t: Its table.
 * @i: Number of the old bucket.
 *
 * In a shrink the old buckets that share their destination with it move, too:
 * a destination is filled in one go, before anybody looks at it.
 *
 * Context: Caller holds the bucket's stripe lock, in an RCU read-side critical
 *	section.
 * Return: 0, also if that was done before; -ENOMEM a destination has no memory
 *	or the arena no overflow bucket (the old bucket is as it was).
 */
int evacuate_bucket(struct gomap *m, const struct gomap_table *t, u64 i)
{
	struct evacuation e;
	u32 n, nr_overflow;
	int err;

	stripe_assert_held(m, t, i);

	if (bucket_is_evacuated(array_bucket(t->old, i)))
		return 0;
	stripe_of(m, t, i)->writes++;
	err = evacuation_init(&e, m, t, i) ?: fill_destinations(&e);
	if (err)
		return err;
	for (n = 0; n < e.nr_old; n++)
		leave_old_bucket(m, t, old_bucket(&e, n));
	nr_overflow = e.dst[0].nr_overflow + e.dst[1].nr_overflow;
	if (nr_overflow)
		atomic64_add(nr_overflow, &m->nr_overflow);
	return 0;
}

/**
 * resize_lacks_destination() - Does memory keep a bucket from evacuation?
 * @t: The table, in a resize that writers take part in.
 * @hash: Low bits that choose the bucket.
 *
 * Context: Caller holds the bucket's stripe lock.
 * Return: Whether the old bucket is still to be evacuated, and the new array
 *	has no memory where its entries go.
 */
bool resize_lacks_destination(const struct gomap_table *t, u64 hash)
{
	u64 i = hash & array_mask(t->old);

	if (bucket_is_evacuated(array_bucket(t->old, i)))
		return false;
	return !array_bucket(t->array, i & array_mask(t->array)) ||
	       !array_bucket(t->array, (i + array_nr_buckets(t->old)) &
				       array_mask(t->array));
}

/**
 * evacuate_own_bucket() - Evacuate the bucket that a write is going to.
 * @m: The map.
 * @t: Its table, in a resize that writers take part in.
 * @hash: Of its key; not rekeying, so there is one.
 *
 * What cannot be done for lack of memory is left for later: the old bucket
 * serves the write as well.
 *
 * Context: Caller holds the key's stripe lock, in an RCU read-side critical
 *	section.
 * Return: The key's home, which is another one now.
 */
struct gomap_home evacuate_own_bucket(struct gomap *m,
				      const struct gomap_table *t, u64 hash)
{
	evacuate_bucket(m, t, hash & array_mask(t->old));
	return table_home_of_hash(t, hash);
}
