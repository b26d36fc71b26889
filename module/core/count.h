/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * count.h - how many entries there are, without a cache line that all writers
 * need.
 *
 * A stripe keeps what its writers add and remove to itself, and adds it to the
 * map's count when it has become a portion.  The number of entries is the map's
 * count and what all stripes keep.  Rules of growth ask for more often than
 * anybody can sum that up; but from the map's count alone it is known within the
 * slack, what all stripes together can keep: only where that leaves a question
 * open is it summed up, so that the answers are exact.
 *
 * The slack is a sixteenth of an entry for each bucket, so the question is open
 * for one insert in a hundred.  A small map has no slack: stripes tell at once.
 * Neither has a map with a limit on its entries, which one number has to keep,
 * nor one with a view, in which the number of entries is to be seen.
 * Whoever publishes a table, with which portions may become smaller, or sets a
 * limit has all stripes tell first.
 */
#ifndef GOMAP_COUNT_H
#define GOMAP_COUNT_H

#include <linux/minmax.h>

#include "../arena/quota.h"
#include "core.h"
#include "view.h"

#define COUNT_SLACK_SHIFT	4	/* log2 of buckets for an entry of slack */
#define COUNT_PORTION_MAX	64U	/* as gomap_len() promises */

/* What a stripe may keep to itself of a table with 2^B buckets. */
static __always_inline u32 count_portion_for(const struct gomap *m, u32 B)
{
	u64 fair = (1ULL << B) >> (COUNT_SLACK_SHIFT + m->stripe_bits_max);

	if (m->view.super)
		return 0;
	return min_t(u64, fair, COUNT_PORTION_MAX);
}

/* @max: the limit on entries, m->max_entries, read once. */
static __always_inline u32 count_portion(const struct gomap_table *t, u64 max)
{
	return unlikely(max) ? 0 : t->count_portion;
}

static __always_inline u64 count_slack(const struct gomap *m,
				       const struct gomap_table *t, u64 max)
{
	return (u64)count_portion(t, max) << m->stripe_bits_max;
}

/* The number of entries is not above this. */
static __always_inline u64 count_upper_bound(const struct gomap *m,
					     const struct gomap_table *t,
					     u64 max)
{
	return atomic64_read(&m->count) + count_slack(m, t, max);
}

/* And not below this. */
static __always_inline u64 count_lower_bound(const struct gomap *m,
					     const struct gomap_table *t,
					     u64 max)
{
	return max_t(s64, atomic64_read(&m->count) - count_slack(m, t, max), 0);
}

/* Keep a change, of one entry; the stripe's lock is held. */
static __always_inline void count_keep(struct gomap *m,
				       const struct gomap_table *t,
				       struct gomap_stripe *stripe, u64 max,
				       s64 change)
{
	s64 kept = stripe->kept + change, portion = count_portion(t, max);

	if (unlikely(kept > portion || kept < -portion)) {
		atomic64_add(kept, &m->count);
		view_count(m, kept);
		kept = 0;
	}
	WRITE_ONCE(stripe->kept, kept);
}

/*
 * Count an entry that is about to be added; nothing can go wrong with it any
 * more: so the count is exact, and a limit on it refuses nobody for the sake of
 * one who does not come.  False: there are as many as there may be.
 */
static __always_inline bool count_entry(struct gomap *m,
					const struct gomap_table *t,
					struct gomap_stripe *stripe, u64 max)
{
	if (unlikely(max)) {
		if (!add_within(&m->count, 1, max))
			return false;
		view_count(m, 1);
		return true;
	}
	count_keep(m, t, stripe, max, 1);
	return true;
}

/*
 * Count one that was removed.  True: there may be less than one entry to a bucket,
 * so it is worth a look whether the map has become sparse or empty.
 */
static __always_inline bool uncount_entry(struct gomap *m,
					  const struct gomap_table *t,
					  struct gomap_stripe *stripe, u64 max)
{
	count_keep(m, t, stripe, max, -1);
	return count_lower_bound(m, t, max) <= array_mask(t->array);
}

/* May one more entry be too many for the array, or are its overflow buckets? */
static __always_inline bool count_is_high(const struct gomap *m,
					  const struct gomap_table *t, u64 max)
{
	return count_upper_bound(m, t, max) >= t->entries_max ||
	       atomic64_read(&m->nr_overflow) > array_mask(t->array);
}

void count_tell(struct gomap *m);

#endif /* GOMAP_COUNT_H */
