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

/* The first number from @from on that the low @B bits of the hash send to @b. */
static inline u64 number_for_bucket(struct gomap *m, u64 from, u64 b, u32 B)
{
	while ((gomap_hash(&m->table->seed, &from, 8) & ((1ULL << B) - 1)) != b)
		from++;
	return from;
}

#endif /* NUMBERS_H */
