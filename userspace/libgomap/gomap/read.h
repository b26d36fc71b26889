/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * How a view is read: <linux/gomap_view.h> in code.  Part of <gomap_view.h>, which
 * needs it for what is compiled into programs; nothing here is for them to call.
 *
 * A view changes all the time, so each step looks whether what it goes by is
 * still so before it goes on:
 *
 *	V   sequence, even
 *	    where the array is, its size, the seed
 *	X   sequence again: these belong together, so the entry of the span is in
 *	    the table of spans
 *	Z   the entry
 *	X   sequence again: that was the table of spans still, so the entry is one,
 *	    and the unit that it says is good to be read
 *	A   version, even
 *	    search, copy
 *	C   version again
 *	X   sequence again: and that was the version of this bucket
 *
 * The second look at the sequence is no ornament: what lies where a table has
 * been may be a bucket now, with the key of somebody in the place of a unit, and
 * a place that the kernel never named may raise SIGBUS.  The same is done on the
 * way to an object: root, directory, object.
 *
 * Whatever was read, each address is made by gomap_view__at(), which knows where
 * the mapping ends; it counts in 64 bits, in a process of 32 bits, too.
 */
#ifndef GOMAP_READ_H
#define GOMAP_READ_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/gomap.h>
#include <linux/gomap_view.h>

#include "hash.h"
#include "slots.h"
#include "tophash.h"

/**
 * struct gomap_view - a view of a map.  What the inline code needs of it, for
 * nobody else; constant.
 * @base: Where it is mapped.
 * @bytes: How much of it is.
 * @shape: enum gomap_view_shape.
 */
struct gomap_view {
	const unsigned char *base;
	uint64_t bytes;
	uint32_t shape;
};

/* The shapes of maps for which there is a search of their own, bytes: K_V. */
enum gomap_view_shape {
	GOMAP_VIEW_SHAPE_ANY,
	GOMAP_VIEW_SHAPE_4_4,
	GOMAP_VIEW_SHAPE_4_8,
	GOMAP_VIEW_SHAPE_8,	/* keys of 8, any values */
	GOMAP_VIEW_SHAPE_8_8,
	GOMAP_VIEW_SHAPE_16_8
};

/**
 * struct gomap_view_now - where to look in a settled map, at one time.
 * @sequence: When.
 * @spans: The table of spans.
 * @mask: Which bits of a hash are the number of a bucket.
 * @span_shift: Log2 of the buckets in a span.
 * @seed: What hashes start from.
 */
struct gomap_view_now {
	uint32_t sequence;
	uint32_t spans;
	uint32_t mask;
	uint32_t span_shift;
	struct gomap_seed seed;
};

static __always_inline const struct gomap_view_super *
gomap_view__super(const struct gomap_view *view)
{
	return (const struct gomap_view_super *)(const void *)view->base;
}

/* @len bytes at @offset behind a unit; NULL: not all of them are mapped. */
static __always_inline const void *
gomap_view__at(const struct gomap_view *view, uint32_t unit, uint64_t offset,
	       uint32_t len)
{
	uint64_t from = (uint64_t)unit * GOMAP_VIEW_UNIT + offset;

	if (gomap_unlikely(from > view->bytes || len > view->bytes - from))
		return NULL;
	return view->base + (size_t)from;
}

/* V, pairs with U in the kernel.  False: it is being changed. */
static __always_inline bool
gomap_view__begin(const struct gomap_view_super *super, uint32_t *sequence)
{
	*sequence = gomap_smp_load_acquire(&super->sequence);	/* V */
	return !(*sequence & 1);
}

/* X, pairs with W in the kernel: is all still as it was? */
static __always_inline bool
gomap_view__unchanged(const struct gomap_view_super *super, uint32_t sequence)
{
	gomap_smp_rmb();	/* X */
	return gomap_likely(GOMAP_READ_ONCE(super->sequence) == sequence);
}

static __always_inline void
gomap_view__read_array(const struct gomap_view_array *array, uint32_t *spans,
		       uint32_t *mask, uint32_t *span_shift,
		       struct gomap_seed *seed)
{
	*spans = GOMAP_READ_ONCE(array->spans);
	*mask = GOMAP_READ_ONCE(array->mask);
	*span_shift = GOMAP_READ_ONCE(array->span_shift) & 31;
	seed->state[0] = GOMAP_READ_ONCE(array->seed[0]);
	seed->state[1] = GOMAP_READ_ONCE(array->seed[1]);
	seed->state[2] = GOMAP_READ_ONCE(array->seed[2]);
	seed->state[3] = GOMAP_READ_ONCE(array->seed[3]);
}

/* False: it is not settled now; its one cache line says all of that. */
static __always_inline bool
gomap_view__settled(const struct gomap_view_super *super,
		    struct gomap_view_now *now)
{
	if (!gomap_view__begin(super, &now->sequence))
		return false;
	if (gomap_unlikely(GOMAP_READ_ONCE(super->resizing) !=
			   GOMAP_RESIZE_NONE))
		return false;
	now->seed.function = GOMAP_READ_ONCE(super->hash);
	gomap_view__read_array(&super->array, &now->spans, &now->mask,
			       &now->span_shift, &now->seed);
	return gomap_view__unchanged(super, now->sequence);
}

/*
 * The unit of the span that a bucket is in, by an array that was read whole; to
 * be used when the sequence is still the same.
 */
static __always_inline uint32_t
gomap_view__span(const struct gomap_view *view, uint32_t spans, uint32_t i,
		 uint32_t span_shift)
{
	const void *entry = gomap_view__at(view, spans,
					   (uint64_t)(i >> span_shift) *
					   sizeof(uint32_t), sizeof(uint32_t));

	if (gomap_unlikely(!spans || !entry))
		return GOMAP_VIEW_ASK;
	return gomap_smp_load_acquire((const uint32_t *)entry);	/* Z */
}

/* A bucket in its span; NULL: it is not mapped, or not in the view. */
static __always_inline struct gomap_bucket *
gomap_view__bucket(const struct gomap_view *view, uint32_t span, uint32_t i,
		   uint32_t span_shift, uint32_t bucket_size)
{
	uint32_t place = i & ((1U << span_shift) - 1);

	if (gomap_unlikely(span == GOMAP_VIEW_ASK))
		return NULL;
	return (struct gomap_bucket *)
		gomap_view__at(view, span, (uint64_t)place * bucket_size,
			       bucket_size);
}

/* Handles of maps that have none in their slots. */
static __always_inline const void *
gomap_view__no_object(void *objects, __u32 handle, __u32 least, __u32 *size)
{
	(void)objects;
	(void)handle;
	(void)least;
	(void)size;
	return NULL;
}

/*
 * Search the first bucket of a chain, in a map whose keys and values have one
 * size and lie in their slots.  -EAGAIN: that does not say it all.
 */
static __always_inline int
gomap_view__read_head(const struct gomap_layout *layout,
		      struct gomap_bucket *head, uint64_t hash,
		      const void *key, void *value)
{
	uint64_t word = GOMAP_READ_ONCE(head->tophash);
	struct gomap_slot_ref ref;

	if (gomap_bucket_search(layout, gomap_view__no_object, NULL, head,
				word, hash, key, layout->key.max, &ref)) {
		gomap_copy_bytes(value, gomap_field_at(&layout->value,
						       ref.bucket, ref.slot),
				 layout->value.max);
		return (int)layout->value.max;
	}
	if (gomap_unlikely(GOMAP_READ_ONCE(head->overflow)) ||
	    gomap_tophash_is_evacuated(word))
		return -EAGAIN;
	return -ENOENT;
}

/* The same of one whose place is known, with all that makes it believable. */
static __always_inline int
gomap_view__try_head(const struct gomap_view_super *super,
		     const struct gomap_layout *layout,
		     struct gomap_bucket *head, uint32_t sequence,
		     uint64_t hash, const void *key, void *value)
{
	uint32_t version;
	int ret;

	gomap_prefetch_slots(head, layout);
	if (gomap_unlikely(!gomap_chain_read_begin(head, &version)))
		return -EAGAIN;
	ret = gomap_view__read_head(layout, head, hash, key, value);
	/* In this order: the version is one only while the bucket is. */
	if (gomap_unlikely(!gomap_chain_read_valid(head, version)) ||
	    !gomap_view__unchanged(super, sequence))
		return -EAGAIN;
	return ret;
}

/*
 * The first look at a key.  It does nothing that an attempt would not do, but
 * calls nothing, so that all that it knows stays in registers.
 */
static __always_inline int
gomap_view__look(const struct gomap_view *view,
		 const struct gomap_layout *layout, const void *key,
		 void *value)
{
	const struct gomap_view_super *super = gomap_view__super(view);
	struct gomap_view_now now;
	struct gomap_bucket *head;
	uint32_t i, span;
	uint64_t hash;

	if (gomap_unlikely(!gomap_view__settled(super, &now)))
		return -EAGAIN;
	hash = gomap_hash(&now.seed, key, layout->key.max);
	i = (uint32_t)hash & now.mask;
	span = gomap_view__span(view, now.spans, i, now.span_shift);
	if (gomap_unlikely(!gomap_view__unchanged(super, now.sequence)))
		return -EAGAIN;
	if (gomap_unlikely(!span))
		return -ENOENT;
	head = gomap_view__bucket(view, span, i, now.span_shift,
				  layout->bucket_size);
	if (gomap_unlikely(!head))
		return -EAGAIN;
	return gomap_view__try_head(super, layout, head, now.sequence, hash,
				    key, value);
}

#endif /* GOMAP_READ_H */
