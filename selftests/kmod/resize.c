// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a map gets smaller, and how it moves to a new seed, while it is in use.
 */
#include "test.h"

static void drop(struct gomap *map, u64 first, u64 count)
{
	u64 i, key;

	for (i = 0; i < count; i++) {
		key = first + i;
		EXPECT_EQ(1, gomap_delete(map, &key, sizeof(key)));
	}
}

/* The figures of now; good until they are asked for again. */
static const struct gomap_info *info_of(struct gomap *map)
{
	static struct gomap_info info;

	EXPECT_EQ(0, gomap_info(map, &info, false));
	return &info;
}

/* 2 * 10 entries is what 2^2 buckets can take. */
static bool has_shrunk_for_10(const struct gomap_info *info)
{
	return info->B == 2 && info->resizing == GOMAP_RESIZING_NO;
}

static void a_sparse_map_shrinks_by_itself(void)
{
	struct gomap *map = test_create_u64();

	test_fill(map, 0, 1000);
	EXPECT_EQ(8, test_b(map));
	drop(map, 10, 990);
	EXPECT(test_wait_for(map, has_shrunk_for_10));
	EXPECT_AT_LEAST(2, info_of(map)->shrinks);
	EXPECT_EQ(0, test_count_wrong(map, 0, 10));
	test_put(map);
}

static bool has_reached_its_hint(const struct gomap_info *info)
{
	return info->B == 4 && info->resizing == GOMAP_RESIZING_NO;
}

static void no_shrink_goes_below_the_hint(void)
{
	struct gomap *map = test_create(8, 8, 100, 0);

	EXPECT_EQ(4, test_b(map));
	test_fill(map, 0, 1000);
	drop(map, 1, 999);
	EXPECT(test_wait_for(map, has_reached_its_hint));
	EXPECT_EQ(0, gomap_compact(map));
	EXPECT_EQ(4, test_b(map));
	EXPECT_EQ(0, test_count_wrong(map, 0, 1));
	test_put(map);
}

static void compact_fits_the_entries(void)
{
	struct gomap *map = test_create(8, 8, 0, GOMAP_F_NO_SHRINK);

	test_fill(map, 0, 3329);
	drop(map, 100, 3229);
	EXPECT_EQ(10, test_b(map));
	EXPECT_EQ(0, info_of(map)->shrinks);
	EXPECT_EQ(0, gomap_compact(map));
	EXPECT_EQ(4, test_b(map));
	EXPECT_EQ(0, test_count_wrong(map, 0, 100));
	EXPECT_EQ(100, gomap_len(map));
	EXPECT_EQ(-EINVAL, gomap_compact(NULL));
	test_put(map);
}

static void rekey_keeps_the_content(void)
{
	struct gomap *map = test_create_u64();
	struct gomap_iter iter;
	struct gomap_entry entry = {};

	test_fill(map, 0, 3329);
	gomap_iter_begin(&iter, map);
	EXPECT_EQ(1, gomap_iter_next(&iter, &entry));
	EXPECT_EQ(0, gomap_rekey(map));
	EXPECT_EQ(-ESTALE, gomap_iter_next(&iter, &entry));
	gomap_iter_end(&iter);
	EXPECT_EQ(2, info_of(map)->seed_generation);
	EXPECT_EQ(1, info_of(map)->rekeys);
	EXPECT_EQ(0, info_of(map)->attacks);
	EXPECT_EQ(10, test_b(map));
	EXPECT_EQ(0, test_count_wrong(map, 0, 3329));
	EXPECT_EQ(-EINVAL, gomap_rekey(NULL));
	test_put(map);
}

const struct test resize_tests[] = {
	TEST(a_sparse_map_shrinks_by_itself),
	TEST(no_shrink_goes_below_the_hint),
	TEST(compact_fits_the_entries),
	TEST(rekey_keeps_the_content),
	{}
};
