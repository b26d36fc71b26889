// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the map grows, who pays for it, and what never allocates.
 */
#include <linux/bottom_half.h>

#include "test.h"

static void first_insert_makes_the_first_bucket(void)
{
	struct gomap *map = test_create_u64();
	struct gomap_info info;

	EXPECT_EQ(0, gomap_info(map, &info, false));
	EXPECT_EQ(0, info.nr_buckets);
	EXPECT_EQ(0, test_store(map, 1));
	EXPECT_EQ(0, gomap_info(map, &info, false));
	EXPECT_EQ(1, info.nr_buckets);
	test_put(map);
}

/* Go's schedule: over 6.5 entries to a bucket, and more than one bucket's. */
static void b_after_each_boundary(void)
{
	static const struct {
		u64 inserts;
		u32 b;
	} boundaries[] = {
		{ 8, 0 }, { 9, 1 }, { 13, 1 }, { 14, 2 }, { 26, 2 }, { 27, 3 },
		{ 52, 3 }, { 53, 4 }, { 104, 4 }, { 105, 5 }, { 208, 5 },
		{ 209, 6 }, { 1664, 8 }, { 1665, 9 },
	};
	struct gomap *map = test_create_u64();
	u64 n = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(boundaries); i++) {
		test_fill(map, n, boundaries[i].inserts - n);
		n = boundaries[i].inserts;
		EXPECT_EQ(boundaries[i].b, test_b(map));
		EXPECT_EQ(0, test_count_wrong(map, 0, n));
	}
	EXPECT_EQ(n, gomap_len(map));
	test_put(map);
}

static void b_of_a_hint(void)
{
	static const struct {
		u64 hint;
		u32 b;
	} cases[] = {
		{ 0, 0 }, { 4, 0 }, { 8, 0 }, { 9, 1 }, { 13, 1 }, { 14, 2 },
		{ 10000, 11 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct gomap *map = test_create(8, 8, cases[i].hint, 0);

		EXPECT_EQ(cases[i].b, test_b(map));
		test_put(map);
	}
}

static void growth_is_finished_on_request(void)
{
	struct gomap *map = test_create_u64();
	struct gomap_info info;

	test_fill(map, 0, 3329);
	EXPECT_EQ(0, gomap_finish_resize(map));
	EXPECT_EQ(0, gomap_info(map, &info, false));
	EXPECT_EQ(GOMAP_RESIZING_NO, info.resizing);
	EXPECT_EQ(0, info.nr_old_buckets);
	EXPECT_EQ(10, info.B);
	EXPECT_EQ(0, test_count_wrong(map, 0, 3329));
	EXPECT_EQ(0, gomap_finish_resize(map));
	test_put(map);
}

static bool is_not_growing(const struct gomap_info *info)
{
	return info->resizing == GOMAP_RESIZING_NO;
}

static void worker_finishes_growth(void)
{
	struct gomap *map = test_create_u64();

	test_fill(map, 0, 3329);
	EXPECT(test_wait_for(map, is_not_growing));
	EXPECT_EQ(0, test_count_wrong(map, 0, 3329));
	test_put(map);
}

static bool has_second_seed(const struct gomap_info *info)
{
	return info->seed_generation == 2;
}

static void empty_map_draws_a_seed(void)
{
	struct gomap *map = test_create(8, 8, 0, GOMAP_F_NO_SHRINK);
	u64 key;

	test_fill(map, 0, 30);
	for (key = 0; key < 30; key++)
		EXPECT_EQ(1, gomap_delete(map, &key, sizeof(key)));
	EXPECT(test_wait_for(map, has_second_seed));
	EXPECT_EQ(3, test_b(map));
	test_fill(map, 0, 30);
	EXPECT_EQ(0, test_count_wrong(map, 0, 30));
	test_put(map);
}

static int store_atomic(struct gomap *map, u64 key)
{
	int ret;

	local_bh_disable();
	ret = gomap_store(map, &key, sizeof(key), &key, sizeof(key),
			  GFP_ATOMIC);
	local_bh_enable();
	return ret;
}

static bool is_grown_to_2000(const struct gomap_info *info)
{
	return info->B == 9 && is_not_growing(info);
}

/* Whoever may not sleep never waits for a growth, nor fails for want of one. */
static void atomic_inserts_leave_growth_to_the_worker(void)
{
	struct gomap *map = test_create_u64();
	u64 key;

	for (key = 0; key < 2000; key++)
		if (!EXPECT_EQ(0, store_atomic(map, key)))
			break;
	EXPECT_EQ(0, test_count_wrong(map, 0, 2000));
	EXPECT(test_wait_for(map, is_grown_to_2000));
	EXPECT_EQ(0, test_count_wrong(map, 0, 2000));
	EXPECT_EQ(2000, gomap_len(map));
	test_put(map);
}

static void overwrites_allocate_nothing(void)
{
	struct gomap *map = test_create(8, 8, 2000, 0);
	struct gomap_info before, after;
	int round;
	u64 key;

	test_fill(map, 0, 1000);
	EXPECT_EQ(0, gomap_info(map, &before, false));
	for (round = 0; round < 20; round++)
		for (key = 0; key < 1000; key++)
			EXPECT_EQ(1, test_store(map, key));
	EXPECT_EQ(0, gomap_info(map, &after, false));
	EXPECT_EQ(before.kernel_allocs, after.kernel_allocs);
	EXPECT_EQ(before.object_allocs, after.object_allocs);
	test_put(map);
}

static void deletes_allocate_nothing(void)
{
	struct gomap *map = test_create(8, 8, 2000, 0);
	struct gomap_info before, after;
	u64 key;

	test_fill(map, 0, 1000);
	EXPECT_EQ(0, gomap_info(map, &before, false));
	for (key = 0; key < 999; key++)
		EXPECT_EQ(1, gomap_delete(map, &key, sizeof(key)));
	EXPECT_EQ(0, gomap_info(map, &after, false));
	EXPECT_EQ(before.kernel_allocs, after.kernel_allocs);
	EXPECT_EQ(before.object_allocs, after.object_allocs);
	EXPECT_EQ(before.B, after.B);
	test_put(map);
}

static void long_values_take_one_object_each(void)
{
	static const u8 value[1000];
	struct gomap *map = test_create(8, sizeof(value), 2000, 0);
	struct gomap_info full, again;
	u64 key;

	for (key = 0; key < 1000; key++)
		EXPECT_EQ(0, gomap_insert(map, &key, 8, value, sizeof(value),
					  GFP_KERNEL));
	EXPECT_EQ(0, gomap_info(map, &full, false));
	EXPECT_EQ(1000 + full.nr_overflow, full.objects_live);
	for (key = 0; key < 1000; key++)
		EXPECT_EQ(1, gomap_store(map, &key, 8, value, sizeof(value),
					 GFP_KERNEL));
	EXPECT_EQ(0, gomap_info(map, &again, false));
	EXPECT_EQ(full.object_allocs, again.object_allocs);
	EXPECT_EQ(full.objects_live, again.objects_live);
	test_put(map);
}

const struct test growth_tests[] = {
	TEST(first_insert_makes_the_first_bucket),
	TEST(b_after_each_boundary),
	TEST(b_of_a_hint),
	TEST(growth_is_finished_on_request),
	TEST(worker_finishes_growth),
	TEST(empty_map_draws_a_seed),
	TEST(atomic_inserts_leave_growth_to_the_worker),
	TEST(overwrites_allocate_nothing),
	TEST(deletes_allocate_nothing),
	TEST(long_values_take_one_object_each),
	{}
};
