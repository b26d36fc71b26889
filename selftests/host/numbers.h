/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * numbers.h - maps from numbers to their complements, which is content enough
 * for tests of structure.
 */
#ifndef NUMBERS_H
#define NUMBERS_H

#include "../../module/core/core.h"
#include "test.h"

static inline void put(struct gomap *m, u64 number)
{
	u64 value = ~number;

	CHECK(gomap_store(m, &number, 8, &value, 8, GFP_KERNEL) >= 0);
}

static inline void put_range(struct gomap *m, u64 first, u64 end)
{
	for (u64 i = first; i < end; i++)
		put(m, i);
}

static inline void drop(struct gomap *m, u64 number)
{
	CHECK_EQ(gomap_delete(m, &number, 8), 1);
}

static inline bool has(struct gomap *m, u64 number)
{
	u64 value = 0;
	int ret = gomap_lookup(m, &number, 8, &value, 8);

	if (ret == -ENOENT)
		return false;
	CHECK_EQ(ret, 8);
	CHECK_EQ(value, ~number);
	return true;
}

/* These and no others, and every invariant holds. */
static inline void check_has_range(struct gomap *m, u64 first, u64 end)
{
	for (u64 i = first; i < end; i++)
		CHECK(has(m, i));
	CHECK_EQ(gomap_len(m), end - first);
	CHECK_EQ(gomap_check(m), 0);
}

static inline u32 B_of(struct gomap *m)
{
	return m->table->array->B;
}

static inline bool is_growing(struct gomap *m)
{
	return m->table->old;
}

static inline struct gomap_info info_of(struct gomap *m)
{
	struct gomap_info info;

	CHECK_EQ(gomap_info(m, &info, false), 0);
	return info;
}

/* A map of 2^B buckets, at rest, that the next new entry makes double. */
static inline struct gomap *full_map(u32 B)
{
	u64 most = B ? 13ULL << (B - 1) : 8;
	struct gomap *m = test_map(8, 8, 0, most);

	put_range(m, 0, most);
	CHECK_EQ(B_of(m), B);
	CHECK(!is_growing(m));
	return m;
}

/* Start a resize whether it is due or not; 0: also if one is under way. */
static inline int try_start_resize(struct gomap *m, enum gomap_resize kind,
				   u32 B)
{
	struct gomap_table *t;
	int ret;

	mutex_lock(&m->resize_mutex);
	t = settled_table(m);
	ret = t ? resize_start(m, t, kind, B) : 0;
	mutex_unlock(&m->resize_mutex);
	return ret;
}

/* The same of a map at rest: nobody has helped with it yet. */
static inline void start_resize(struct gomap *m, enum gomap_resize kind, u32 B)
{
	CHECK_EQ(try_start_resize(m, kind, B), 0);
	CHECK_EQ(m->table->resizing, kind);
}

/* The first number from @from on that the low @B bits of the hash send to @b. */
static inline u64 number_for_bucket(struct gomap *m, u64 from, u64 b, u32 B)
{
	while ((gomap_hash(&m->table->seed, &from, 8) & ((1ULL << B) - 1)) != b)
		from++;
	return from;
}

/*
 * Fill one bucket's chain with @nr entries, beyond @next, and return the last.
 */
static inline u64 fill_bucket(struct gomap *m, u64 next, u64 b, u32 nr)
{
	while (nr--) {
		next = number_for_bucket(m, next + 1, b, B_of(m));
		put(m, next);
	}
	return next;
}

#endif /* NUMBERS_H */
