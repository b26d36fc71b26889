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
 * Neither has a map with a limit on its entries, which one number has to keep.
 * Whoever publishes a table, with which portions may become smaller, or sets a
 * limit has all stripes tell first.
 */
#ifndef GOMAP_COUNT_H
#define GOMAP_COUNT_H

#include <linux/minmax.h>

#include "../arena/quota.h"
#include "core.h"

#define COUNT_SLACK_SHIFT	4	/* log2 of buckets for an entry of slack */
#define COUNT_PORTION_MAX	64U	/* as gomap_len() promises */

/* What a stripe may keep to itself of a table with 2^B buckets. */
static inline u32 count_portion_for(const struct gomap *m, u32 B)
{
	u64 fair = (1ULL << B) >> (COUNT_SLACK_SHIFT + m->stripe_bits_max);

	return min_t(u64, fair, COUNT_PORTION_MAX);
}

static inline u32 count_portion(const struct gomap *m,
				const struct gomap_table *t)
{
	return READ_ONCE(m->max_entries) ? 0 : t->count_portion;
}

static inline u64 count_slack(const struct gomap *m,
			      const struct gomap_table *t)
{
	return (u64)count_portion(m, t) << m->stripe_bits_max;
}

/* The number of entries is not above this. */
static inline u64 count_upper_bound(const struct gomap *m,
				    const struct gomap_table *t)
{
	return atomic64_read(&m->count) + count_slack(m, t);
}

/* And not below this. */
static inline u64 count_lower_bound(const struct gomap *m,
				    const struct gomap_table *t)
{
	return max_t(s64, atomic64_read(&m->count) - count_slack(m, t), 0);
}

/* Keep a change, of one entry; the stripe's lock is held. */
static inline void count_keep(struct gomap *m, const struct gomap_table *t,
			      struct gomap_stripe *stripe, s64 change)
{
	s64 kept = stripe->kept + change, portion = count_portion(m, t);

	if (kept > portion || kept < -portion) {
		atomic64_add(kept, &m->count);
		kept = 0;
	}
	WRITE_ONCE(stripe->kept, kept);
}

/*
 * Count an entry that is about to be added; nothing can go wrong with it any
 * more: so the count is exact, and a limit on it refuses nobody for the sake of
 * one who does not come.  False: there are as many as there may be.
 */
static inline bool count_entry(struct gomap *m, const struct gomap_table *t,
			       struct gomap_stripe *stripe)
{
	u64 max = READ_ONCE(m->max_entries);

	if (max)
		return add_within(&m->count, 1, max);
	count_keep(m, t, stripe, 1);
	return true;
}

/* Count one that was removed.  True: it was the last one. */
static inline bool uncount_entry(struct gomap *m, const struct gomap_table *t,
				 struct gomap_stripe *stripe)
{
	count_keep(m, t, stripe, -1);
	return !count_lower_bound(m, t) && !gomap_len(m);
}

void count_tell(struct gomap *m);

#endif /* GOMAP_COUNT_H */
