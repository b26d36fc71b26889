/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What the files of views share: the whole of a view, and attempts at a chain of
 * any map, in a resize, too.
 */
#ifndef LIBGOMAP_VIEW_INTERNAL_H
#define LIBGOMAP_VIEW_INTERNAL_H

#define GOMAP_VIEW_NO_INLINE
#include "gomap_view.h"
#include "internal.h"

/*
 * Attempts before the kernel is asked, as many as it makes itself before it takes
 * a lock.
 */
#define READ_TRIES	8

/*
 * Handles that one attempt follows: none that is believed in the end needs as
 * many, and what is not may lead in a circle.
 */
#define HANDLES_MAX	1024

/* What an attempt came to, where it is neither a length nor an errno for users. */
#define TRY_AGAIN	(-EAGAIN)	/* what was seen means nothing */
#define TRY_ASK		(-EREMOTE)	/* it is not in the view */

/**
 * struct whole_view - a view, all of it.
 * @open: What the inline code knows; the handle that users have.
 * @map: A descriptor of our own, for what is not in the view.
 * @layout: Shape of the buckets.
 * @plain: Keys and values have one size and lie in their slots.
 * @window: Bytes that the view can grow to.
 * @owns_mapping: It is ours to unmap.
 * @retried: See struct gomap_view_stats; counted by any thread.
 * @asked: Likewise.
 */
struct whole_view {
	struct gomap_view open;
	struct gomap map;
	struct gomap_layout layout;
	bool plain;
	uint64_t window;
	bool owns_mapping;
	uint64_t retried __attribute__((aligned(64)));
	uint64_t asked;
};

static inline struct whole_view *whole(struct gomap_view *view)
{
	return (struct whole_view *)(void *)view;
}

static inline const struct whole_view *whole_const(const struct gomap_view *view)
{
	return (const struct whole_view *)(const void *)view;
}

/* One of the arrays, as it was at one time. */
struct array_now {
	uint32_t spans;		/* 0: there is none */
	uint32_t mask;
	uint32_t span_shift;
	struct gomap_seed seed;
};

/**
 * struct attempt - one attempt at a chain.
 * @view: The view.
 * @super: Its first page.
 * @sequence: All of what follows is of.
 * @resizing: GOMAP_RESIZE_*.
 * @root: Unit of the root.
 * @generation: Of the content.
 * @seed_generation: Of the seed.
 * @array: The current array.
 * @old: The one that is being left.
 * @steps: Handles that may still be followed.
 * @missing: One led to something that is not in the view.
 * @home_bits: Log2 of the buckets in the array that the home was found in.
 * @head: The home, NULL: nothing was ever stored there.
 * @hash: Of the key that is looked for, in the array of the home.
 * @version: Of the home.
 */
struct attempt {
	struct gomap_view *view;
	const struct gomap_view_super *super;
	uint32_t sequence;
	uint32_t resizing;
	uint32_t root;
	uint32_t generation;
	uint32_t seed_generation;
	struct array_now array;
	struct array_now old;
	uint32_t steps;
	bool missing;
	uint32_t home_bits;
	struct gomap_bucket *head;
	uint64_t hash;
	uint32_t version;
};

/* view_attempt.c: each 0, TRY_AGAIN or TRY_ASK, in this order. */
int attempt_begin(struct attempt *a, struct gomap_view *view);
int attempt_home(struct attempt *a, uint64_t hash, uint64_t old_hash);
int attempt_end(const struct attempt *a);

bool attempt_is_current(const struct attempt *a);
const void *attempt_object(void *attempt, uint32_t handle, uint32_t least,
			   uint32_t *size);
uint64_t view_load64(const void *at);
uint64_t view_load64_by_halves(const void *at);

static inline void count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/*
 * A view of what is mapped elsewhere: the tests' way in.  @fd stays with the
 * caller.
 */
int gomap__view_on(struct gomap_view **view, const void *base, uint64_t bytes,
		   int fd);

#endif /* LIBGOMAP_VIEW_INTERNAL_H */
