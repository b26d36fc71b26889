// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a map grows, and what a growth leaves alone: Go's rule, more than 6.5
 * entries to a bucket, seen from outside.
 */
#include "harness.h"
#include "common.h"

FIXTURE(growth) {
	int control;
	int map;
};

FIXTURE_SETUP(growth)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(growth)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

static __u32 b_of(int map)
{
	struct gomap_ioc_info info;

	return gm_info(map, 0, &info) ? ~0U : info.b;
}

TEST_F(growth, no_bucket_before_the_first_insert)
{
	struct gomap_ioc_info info;

	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(0, info.b);
	EXPECT_EQ(0, info.nr_buckets);
	EXPECT_EQ(0, gm_put(self->map, 1, 1));
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(0, info.b);
	EXPECT_EQ(1, info.nr_buckets);
}

/* One variant: a number of inserts, and B after it. */
FIXTURE(boundary) {
	int control;
	int map;
};

FIXTURE_VARIANT(boundary) {
	__u64 inserts;
	__u32 b;
};

FIXTURE_VARIANT_ADD(boundary, 8) { 8, 0 };
FIXTURE_VARIANT_ADD(boundary, 9) { 9, 1 };
FIXTURE_VARIANT_ADD(boundary, 13) { 13, 1 };
FIXTURE_VARIANT_ADD(boundary, 14) { 14, 2 };
FIXTURE_VARIANT_ADD(boundary, 26) { 26, 2 };
FIXTURE_VARIANT_ADD(boundary, 27) { 27, 3 };
FIXTURE_VARIANT_ADD(boundary, 52) { 52, 3 };
FIXTURE_VARIANT_ADD(boundary, 53) { 53, 4 };
FIXTURE_VARIANT_ADD(boundary, 104) { 104, 4 };
FIXTURE_VARIANT_ADD(boundary, 105) { 105, 5 };
FIXTURE_VARIANT_ADD(boundary, 208) { 208, 5 };
FIXTURE_VARIANT_ADD(boundary, 209) { 209, 6 };

FIXTURE_SETUP(boundary)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(boundary)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

TEST_F(boundary, distinct_inserts)
{
	EXPECT_EQ(0, gm_fill(self->map, 0, variant->inserts));
	EXPECT_EQ(variant->b, b_of(self->map));
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, variant->inserts));
	EXPECT_EQ(variant->inserts, gm_len(self->map));
}

/* Overwriting is no insert: the count alone decides. */
TEST_F(boundary, overwrites_do_not_count)
{
	for (int round = 0; round < 5; round++)
		EXPECT_EQ(0, gm_fill(self->map, 0, variant->inserts));
	EXPECT_EQ(variant->b, b_of(self->map));
}

TEST_F(boundary, in_one_batch)
{
	struct gomap_batch_op ops[256];
	struct gomap_ioc_batch batch;
	__u64 keys[256];

	for (__u64 i = 0; i < variant->inserts; i++) {
		keys[i] = i;
		ops[i] = gm_batch_op(GOMAP_OP_INSERT, &keys[i], 8, &keys[i], 8);
	}
	EXPECT_EQ(0, gm_batch(self->map, ops, variant->inserts, &batch));
	EXPECT_EQ(0, batch.failed);
	EXPECT_EQ(variant->b, b_of(self->map));
}

/* The growing insert fails (it is there already): no growth for nothing. */
TEST_F(growth, refused_inserts_do_not_grow)
{
	EXPECT_EQ(0, gm_fill(self->map, 0, 8));
	for (__u64 key = 0; key < 8; key++)
		EXPECT_EQ(-EEXIST, gm_insert(self->map, &key, 8, &key, 8));
	EXPECT_EQ(8, gm_len(self->map));
	EXPECT_EQ(0, b_of(self->map));
}

/*
 * B at every step of 3000 inserts.  Go does not start a growth while one is
 * under way, but always has finished when the next falls due.
 */
TEST_F(growth, schedule)
{
	for (__u64 n = 1; n <= 3000; n++) {
		ASSERT_LE(0, gm_put(self->map, n, n));
		ASSERT_EQ(gm_b_for(n), b_of(self->map)) {
			TH_LOG("after %llu inserts", (unsigned long long)n);
		}
	}
}

TEST_F(growth, every_key_is_found_all_the_time)
{
	for (__u64 n = 1; n <= 500; n++) {
		ASSERT_LE(0, gm_put(self->map, n - 1, n - 1));
		ASSERT_EQ(0, gm_count_wrong(self->map, 0, n)) {
			TH_LOG("after %llu inserts", (unsigned long long)n);
		}
	}
	EXPECT_EQ(500, gm_len(self->map));
}

TEST_F(growth, invariants_hold_all_the_time)
{
	for (__u64 n = 1; n <= 450; n++) {
		ASSERT_LE(0, gm_put(self->map, n, n));
		ASSERT_EQ(0, gm_check(self->map)) {
			TH_LOG("after %llu inserts", (unsigned long long)n);
		}
	}
}

TEST_F(growth, figures_of_a_growth)
{
	struct gomap_ioc_info info;
	bool seen = false;

	EXPECT_EQ(0, gm_fill(self->map, 0, 6656));
	ASSERT_TRUE(gm_wait_until_grown(self->map));
	ASSERT_EQ(0, gm_put(self->map, 6656, 6656));
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(11, info.b);
	EXPECT_EQ(2048, info.nr_buckets);
	if (info.growing) {
		seen = true;
		EXPECT_EQ(GOMAP_RESIZE_DOUBLE, info.growing);
		EXPECT_EQ(10, info.old_b);
		EXPECT_EQ(1024, info.nr_old_buckets);
		EXPECT_GT(1024, info.nr_evacuated);
	}
	EXPECT_TRUE(seen);
	EXPECT_EQ(11, info.grows);
	EXPECT_TRUE(gm_wait_until_grown(self->map));
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(info.b, info.old_b);
	EXPECT_EQ(0, info.nr_old_buckets);
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, 6657));
}

TEST_F(growth, worker_finishes_what_writers_leave)
{
	EXPECT_EQ(0, gm_fill(self->map, 0, 6657));
	EXPECT_TRUE(gm_wait_until_grown(self->map));
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, 6657));
}

TEST_F(growth, clear_keeps_b_and_draws_a_seed)
{
	struct gomap_ioc_info before, after;

	EXPECT_EQ(0, gm_fill(self->map, 0, 209));
	ASSERT_EQ(0, gm_info(self->map, 0, &before));
	EXPECT_EQ(0, gm_clear(self->map));
	ASSERT_EQ(0, gm_info(self->map, 0, &after));
	EXPECT_EQ(6, after.b);
	EXPECT_NE(before.seed_generation, after.seed_generation);
	EXPECT_EQ(0, gm_fill(self->map, 0, 416));
	EXPECT_EQ(6, b_of(self->map));
	EXPECT_EQ(0, gm_put(self->map, 416, 416));
	EXPECT_EQ(7, b_of(self->map));
}

/* Deleted down to nothing: a new seed, drawn in the background. */
TEST_F(growth, empty_map_draws_a_seed)
{
	double end = gm_now() + 5;
	struct gomap_ioc_info info;

	EXPECT_EQ(0, gm_fill(self->map, 0, 20));
	for (__u64 key = 0; key < 20; key++)
		EXPECT_EQ(1, gm_del(self->map, key));
	do {
		ASSERT_EQ(0, gm_info(self->map, 0, &info));
		usleep(10000);
	} while (info.seed_generation == 1 && gm_now() < end);
	EXPECT_EQ(2, info.seed_generation);
	EXPECT_EQ(0, gm_fill(self->map, 0, 20));
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, 20));
}

TEST_F(growth, seed_stays_while_there_are_entries)
{
	struct gomap_ioc_info info;

	EXPECT_EQ(0, gm_fill(self->map, 0, 100));
	for (__u64 key = 0; key < 99; key++)
		EXPECT_EQ(1, gm_del(self->map, key));
	usleep(300000);
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(1, info.seed_generation);
}

/*
 * Entries that come and go leave overflow buckets behind: the map grows to the
 * same size in order to shed them, and never to twice the size.
 */
TEST_F(growth, coming_and_going_does_not_double)
{
	struct gomap_ioc_info info;

	for (__u64 key = 0; key < 20000; key++) {
		ASSERT_LE(0, gm_put(self->map, key, key));
		if (key >= 800)
			ASSERT_EQ(1, gm_del(self->map, key - 800));
	}
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(800, info.len);
	EXPECT_EQ(7, info.b);
	EXPECT_GE(128, info.nr_overflow);
	EXPECT_EQ(0, gm_count_wrong(self->map, 19200, 800));
}

/* At three entries to a bucket none has sixteen, which is the open end. */
TEST_F(growth, histogram_adds_up)
{
	struct gm_shape shape = { 8, 8, 0, 6000 };
	int map = gm_create(self->control, shape);
	struct gomap_ioc_info info;
	__u64 buckets = 0, entries = 0;

	ASSERT_LE(0, map);
	EXPECT_EQ(0, gm_fill(map, 0, 3000));
	ASSERT_EQ(0, gm_info(map, GOMAP_INFO_FILL, &info));
	for (int i = 0; i < GOMAP_FILL_BINS; i++) {
		buckets += info.fill[i];
		entries += i * info.fill[i];
	}
	EXPECT_EQ(info.nr_buckets, buckets);
	EXPECT_EQ(0, info.fill[GOMAP_FILL_BINS - 1]);
	EXPECT_EQ(3000, entries);
	close(map);
}

/* Two maps with the same keys do not look alike: their seeds differ. */
TEST_F(growth, layouts_differ)
{
	struct gomap_ioc_info one, two;
	int other = gm_create(self->control, GM_U64_MAP);

	ASSERT_LE(0, other);
	EXPECT_EQ(0, gm_fill(self->map, 0, 3000));
	EXPECT_EQ(0, gm_fill(other, 0, 3000));
	EXPECT_TRUE(gm_wait_until_grown(self->map));
	EXPECT_TRUE(gm_wait_until_grown(other));
	ASSERT_EQ(0, gm_info(self->map, GOMAP_INFO_FILL, &one));
	ASSERT_EQ(0, gm_info(other, GOMAP_INFO_FILL, &two));
	EXPECT_NE(0, memcmp(one.fill, two.fill, sizeof(one.fill)));
	close(other);
}

/* One variant: a hint, and the B that it gives. */
FIXTURE(hint) {
	int control;
};

FIXTURE_VARIANT(hint) {
	__u64 hint;
	__u32 b;
};

FIXTURE_VARIANT_ADD(hint, 0) { 0, 0 };
FIXTURE_VARIANT_ADD(hint, 1) { 1, 0 };
FIXTURE_VARIANT_ADD(hint, 4) { 4, 0 };
FIXTURE_VARIANT_ADD(hint, 8) { 8, 0 };
FIXTURE_VARIANT_ADD(hint, 9) { 9, 1 };
FIXTURE_VARIANT_ADD(hint, 13) { 13, 1 };
FIXTURE_VARIANT_ADD(hint, 14) { 14, 2 };
FIXTURE_VARIANT_ADD(hint, 104) { 104, 4 };
FIXTURE_VARIANT_ADD(hint, 105) { 105, 5 };
FIXTURE_VARIANT_ADD(hint, 10000) { 10000, 11 };
FIXTURE_VARIANT_ADD(hint, 13312) { 13312, 11 };
FIXTURE_VARIANT_ADD(hint, 13313) { 13313, 12 };

FIXTURE_SETUP(hint)
{
	GM_NEED_CONTROL(self->control);
}

FIXTURE_TEARDOWN(hint)
{
	close(self->control);
}

TEST_F(hint, gives_the_smallest_b_that_will_do)
{
	struct gm_shape shape = { 8, 8, 0, variant->hint };
	int map = gm_create(self->control, shape);
	struct gomap_ioc_info info;

	ASSERT_LE(0, map);
	ASSERT_EQ(0, gm_info(map, 0, &info));
	EXPECT_EQ(variant->b, info.b);
	EXPECT_EQ(variant->b ? 1ULL << variant->b : 0, info.nr_buckets);
	EXPECT_EQ(0, gm_fill(map, 0, variant->hint));
	ASSERT_EQ(0, gm_info(map, 0, &info));
	EXPECT_EQ(variant->b, info.b);
	EXPECT_EQ(0, info.grows);
	close(map);
}

TEST_HARNESS_MAIN
