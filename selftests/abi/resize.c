// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other ways to move entries: a map that shrinks by itself, COMPACT, and
 * REKEY.  What they do to iterations is in iter_resize.c, that long ones can be
 * killed in killed.c.
 */
#include "harness.h"
#include "common.h"

#define MANY	5000

FIXTURE(resize) {
	int control;
	int map;
	int still;		/* a map that does not shrink by itself */
};

FIXTURE_SETUP(resize)
{
	struct gm_shape still = { 8, 8, GOMAP_MAP_NO_SHRINK, 0 };

	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
	self->still = gm_create(self->control, still);
	ASSERT_LE(0, self->still);
}

FIXTURE_TEARDOWN(resize)
{
	EXPECT_EQ(0, gm_check(self->map));
	EXPECT_EQ(0, gm_check(self->still));
	close(self->map);
	close(self->still);
	close(self->control);
}

static struct gomap_ioc_info info_of(int map)
{
	struct gomap_ioc_info info;

	if (gm_info(map, 0, &info))
		memset(&info, 0xff, sizeof(info));
	return info;
}

/* Delete first .. first + count - 1.  How many were there? */
static __u64 drain(int map, __u64 first, __u64 count)
{
	__u64 gone = 0;

	for (__u64 key = first; key < first + count; key++)
		gone += gm_del(map, key) == 1;
	return gone;
}

/* Wait for the background.  False: B stays above. */
static bool comes_down_to(int map, __u32 b)
{
	double end = gm_now() + 10;

	while (info_of(map).b > b && gm_now() < end)
		usleep(10000);
	return info_of(map).b <= b && gm_wait_until_grown(map);
}

/* -- by itself -------------------------------------------------------------- */

TEST_F(resize, drained_map_shrinks)
{
	struct gomap_ioc_info info;

	EXPECT_EQ(0, gm_fill(self->map, 0, MANY));
	EXPECT_EQ(gm_b_for(MANY), info_of(self->map).b);
	EXPECT_EQ(MANY - 10, drain(self->map, 10, MANY - 10));
	/* Ten entries: at 2^3 buckets there is more than one to each. */
	EXPECT_TRUE(comes_down_to(self->map, 3));
	info = info_of(self->map);
	EXPECT_LE(gm_b_for(10), info.b);
	EXPECT_LT(0, info.shrinks);
	EXPECT_EQ(1, info.seed_generation);
	EXPECT_EQ(10, info.len);
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, 10));
}

TEST_F(resize, map_of_an_entry_a_bucket_does_not)
{
	__u32 b = gm_b_for(MANY);

	EXPECT_EQ(0, gm_fill(self->map, 0, MANY));
	EXPECT_EQ(MANY - (1 << b), drain(self->map, 0, MANY - (1 << b)));
	usleep(500000);
	EXPECT_EQ(b, info_of(self->map).b);
	EXPECT_EQ(0, info_of(self->map).shrinks);
}

TEST_F(resize, emptied_map_shrinks_to_nothing)
{
	EXPECT_EQ(0, gm_fill(self->map, 0, MANY));
	EXPECT_EQ(MANY, drain(self->map, 0, MANY));
	EXPECT_TRUE(comes_down_to(self->map, 0));
	EXPECT_EQ(0, gm_fill(self->map, 0, MANY));
	EXPECT_EQ(gm_b_for(MANY), info_of(self->map).b);
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, MANY));
}

TEST_F(resize, not_with_the_flag)
{
	struct gomap_ioc_info info;

	EXPECT_EQ(0, gm_fill(self->still, 0, MANY));
	EXPECT_EQ(MANY - 10, drain(self->still, 10, MANY - 10));
	usleep(500000);
	info = info_of(self->still);
	EXPECT_EQ(GOMAP_MAP_NO_SHRINK, info.map_flags);
	EXPECT_EQ(gm_b_for(MANY), info.b);
	EXPECT_EQ(0, info.shrinks);
}

TEST_F(resize, never_below_the_hint)
{
	struct gm_shape shape = { 8, 8, 0, 1000 };
	int map = gm_create(self->control, shape);

	ASSERT_LE(0, map);
	EXPECT_EQ(0, gm_fill(map, 0, MANY));
	EXPECT_EQ(MANY, drain(map, 0, MANY));
	EXPECT_TRUE(comes_down_to(map, gm_b_for(1000)));
	usleep(300000);
	EXPECT_EQ(gm_b_for(1000), info_of(map).b);
	EXPECT_EQ(0, gm_compact(map));
	EXPECT_EQ(gm_b_for(1000), info_of(map).b);
	EXPECT_EQ(0, gm_check(map));
	close(map);
}

/*
 * Up and down around the size where it stopped: it stays there.  All are gone
 * before the map looks, so it goes at once to where the load is half of what
 * would make it grow.
 */
TEST_F(resize, does_not_thrash)
{
	enum { FIRST = 1000, LEFT = 100 };
	struct gomap_batch_op ops[FIRST - LEFT];
	struct gomap_ioc_info before, after;
	struct gomap_ioc_batch batch;
	__u64 keys[FIRST - LEFT];

	EXPECT_EQ(0, gm_fill(self->map, 0, FIRST));
	for (__u64 i = 0; i < ARRAY_LEN(ops); i++) {
		keys[i] = LEFT + i;
		ops[i] = gm_batch_op(GOMAP_OP_DELETE, &keys[i], 8, NULL, 0);
	}
	EXPECT_EQ(0, gm_batch(self->map, ops, ARRAY_LEN(ops), &batch));
	EXPECT_TRUE(comes_down_to(self->map, 6));
	before = info_of(self->map);
	for (int round = 0; round < 20; round++) {
		EXPECT_EQ(0, gm_fill(self->map, 100, 20));
		EXPECT_EQ(40, drain(self->map, 80, 40));
		EXPECT_EQ(0, gm_fill(self->map, 80, 20));
		usleep(20000);
	}
	after = info_of(self->map);
	EXPECT_EQ(before.b, after.b);
	EXPECT_EQ(before.shrinks, after.shrinks);
	EXPECT_EQ(before.grows, after.grows);
}

/* That of the buckets; the arena keeps overflow buckets for later. */
TEST_F(resize, memory_comes_back)
{
	struct gomap_ioc_info full, now;
	double end;

	EXPECT_EQ(0, gm_fill(self->map, 0, 4 * MANY));
	full = info_of(self->map);
	EXPECT_EQ(4 * MANY, drain(self->map, 0, 4 * MANY));
	end = gm_now() + 10;
	do {
		usleep(10000);
		now = info_of(self->map);
	} while ((now.bytes_held > full.bytes_held / 2 ||
		  now.objects_live != now.nr_overflow) && gm_now() < end);
	EXPECT_GE(full.bytes_held / 2, now.bytes_held);
	EXPECT_EQ(now.nr_overflow, now.objects_live);
}

/* -- COMPACT ---------------------------------------------------------------- */

/* One variant: entries that are left, and so the B that there is to be. */
FIXTURE(compact) {
	int control;
	int map;
};

FIXTURE_VARIANT(compact) {
	__u64 left;
	__u32 b;
};

FIXTURE_VARIANT_ADD(compact, 0) { 0, 0 };
FIXTURE_VARIANT_ADD(compact, 1) { 1, 0 };
FIXTURE_VARIANT_ADD(compact, 8) { 8, 0 };
FIXTURE_VARIANT_ADD(compact, 9) { 9, 1 };
FIXTURE_VARIANT_ADD(compact, 13) { 13, 1 };
FIXTURE_VARIANT_ADD(compact, 14) { 14, 2 };
FIXTURE_VARIANT_ADD(compact, 104) { 104, 4 };
FIXTURE_VARIANT_ADD(compact, 105) { 105, 5 };
FIXTURE_VARIANT_ADD(compact, 832) { 832, 7 };
FIXTURE_VARIANT_ADD(compact, 833) { 833, 8 };
FIXTURE_VARIANT_ADD(compact, 3000) { 3000, 9 };

FIXTURE_SETUP(compact)
{
	struct gm_shape still = { 8, 8, GOMAP_MAP_NO_SHRINK, 0 };

	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, still);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, gm_fill(self->map, 0, 3000));
	ASSERT_EQ(3000 - variant->left,
		  drain(self->map, variant->left, 3000 - variant->left));
	ASSERT_EQ(9, info_of(self->map).b);
}

FIXTURE_TEARDOWN(compact)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

TEST_F(compact, to_the_b_of_so_many_entries)
{
	struct gomap_ioc_info info;

	EXPECT_EQ(0, gm_compact(self->map));
	info = info_of(self->map);
	EXPECT_EQ(variant->b, info.b);
	EXPECT_EQ(1ULL << variant->b, info.nr_buckets);
	EXPECT_EQ(GOMAP_RESIZE_NONE, info.growing);
	EXPECT_EQ(0, info.nr_old_buckets);
	EXPECT_EQ(variant->left, info.len);
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, variant->left));
}

TEST_F(compact, twice_is_once)
{
	struct gomap_ioc_info once, twice;

	EXPECT_EQ(0, gm_compact(self->map));
	once = info_of(self->map);
	EXPECT_EQ(0, gm_compact(self->map));
	twice = info_of(self->map);
	EXPECT_EQ(once.b, twice.b);
	EXPECT_EQ(once.shrinks, twice.shrinks);
}

TEST_F(compact, and_grown_again)
{
	EXPECT_EQ(0, gm_compact(self->map));
	EXPECT_EQ(0, gm_fill(self->map, variant->left, 3000 - variant->left));
	EXPECT_EQ(9, info_of(self->map).b);
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, 3000));
}

TEST_F(resize, compact_of_a_map_that_never_had_an_entry)
{
	EXPECT_EQ(0, gm_compact(self->map));
	EXPECT_EQ(0, info_of(self->map).b);
	EXPECT_EQ(0, info_of(self->map).shrinks);
	EXPECT_EQ(0, gm_fill(self->map, 0, 100));
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, 100));
}

/* Entries that came and went have left overflow buckets at the right size. */
TEST_F(resize, compact_sheds_overflow_buckets)
{
	struct gomap_ioc_info before, after;

	for (__u64 key = 0; key < 3 * MANY; key++) {
		ASSERT_LE(0, gm_put(self->map, key, key));
		if (key >= 800)
			ASSERT_EQ(1, gm_del(self->map, key - 800));
	}
	ASSERT_TRUE(gm_wait_until_grown(self->map));
	before = info_of(self->map);
	ASSERT_EQ(gm_b_for(800), before.b);
	EXPECT_EQ(0, gm_compact(self->map));
	after = info_of(self->map);
	EXPECT_EQ(before.b, after.b);
	EXPECT_EQ(before.same_size_grows + !!before.nr_overflow,
		  after.same_size_grows);
	EXPECT_GE(before.nr_overflow, after.nr_overflow);
	EXPECT_EQ(0, gm_count_wrong(self->map, 3 * MANY - 800, 800));
}

/* -- REKEY ------------------------------------------------------------------ */

TEST_F(resize, rekey_keeps_the_content)
{
	struct gm_digest before, after;
	struct gomap_ioc_info info;

	EXPECT_EQ(0, gm_fill(self->map, 0, MANY));
	ASSERT_EQ(0, gm_digest(self->map, &before));
	for (int i = 1; i <= 3; i++) {
		EXPECT_EQ(0, gm_rekey(self->map));
		info = info_of(self->map);
		EXPECT_EQ(1 + i, info.seed_generation);
		EXPECT_EQ(i, info.rekeys);
		EXPECT_EQ(GOMAP_RESIZE_NONE, info.growing);
		ASSERT_EQ(0, gm_digest(self->map, &after));
		after.seed_generation = before.seed_generation;
		EXPECT_TRUE(gm_same(&before, &after));
		EXPECT_EQ(0, gm_count_wrong(self->map, 0, MANY));
		EXPECT_EQ(0, gm_check(self->map));
	}
	EXPECT_EQ(0, info.attacks);
	EXPECT_EQ(0, info.clears);
}

/* The same entries lie elsewhere: the seed is another one indeed. */
TEST_F(resize, rekey_changes_the_layout)
{
	struct gomap_ioc_info one, two;

	EXPECT_EQ(0, gm_fill(self->map, 0, 3000));
	ASSERT_TRUE(gm_wait_until_grown(self->map));
	ASSERT_EQ(0, gm_info(self->map, GOMAP_INFO_FILL, &one));
	EXPECT_EQ(0, gm_rekey(self->map));
	ASSERT_EQ(0, gm_info(self->map, GOMAP_INFO_FILL, &two));
	EXPECT_NE(0, memcmp(one.fill, two.fill, sizeof(one.fill)));
}

TEST_F(resize, rekey_of_a_map_that_never_had_an_entry)
{
	EXPECT_EQ(0, gm_rekey(self->map));
	EXPECT_EQ(2, info_of(self->map).seed_generation);
	EXPECT_EQ(0, gm_fill(self->map, 0, 100));
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, 100));
}

/* One variant: a shape whose entries are moved in another way. */
FIXTURE(moved) {
	int control;
	int map;
};

FIXTURE_VARIANT(moved) {
	struct gm_shape shape;
};

FIXTURE_VARIANT_ADD(moved, set) { { 8, 0, GOMAP_MAP_NO_SHRINK, 0 } };
FIXTURE_VARIANT_ADD(moved, objects) { { 200, 300, GOMAP_MAP_NO_SHRINK, 0 } };
FIXTURE_VARIANT_ADD(moved, trusted) { { 8, 8, GOMAP_MAP_TRUSTED_KEYS, 0 } };
FIXTURE_VARIANT_ADD(moved, variable) {
	{ 64, 64, GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE, 0 }
};

FIXTURE_SETUP(moved)
{
	unsigned char key[200] = { 0 }, value[300] = { 0 };
	bool varies = variant->shape.flags & GOMAP_MAP_VAR_KEY;

	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, variant->shape);
	ASSERT_LE(0, self->map);
	for (__u32 i = 0; i < 1000; i++) {
		memcpy(key, &i, sizeof(i));
		memset(value, i, sizeof(value));
		ASSERT_EQ(0, gm_insert(self->map, key,
				       varies ? 4 + i % 60 :
						variant->shape.key_size,
				       variant->shape.value_size ? value : NULL,
				       varies ? i % 64 :
						variant->shape.value_size));
	}
}

FIXTURE_TEARDOWN(moved)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

TEST_F(moved, contents_stay)
{
	struct gomap_ioc_info info = info_of(self->map);
	struct gm_digest before, after;
	__u64 values = info.objects_live - info.nr_overflow;

	ASSERT_EQ(0, gm_digest(self->map, &before));
	EXPECT_EQ(0, gm_rekey(self->map));
	EXPECT_EQ(0, gm_compact(self->map));
	EXPECT_EQ(0, gm_rekey(self->map));
	ASSERT_EQ(0, gm_digest(self->map, &after));
	EXPECT_EQ(before.entries, after.entries);
	EXPECT_EQ(before.sum, after.sum);
	info = info_of(self->map);
	EXPECT_EQ(values, info.objects_live - info.nr_overflow);
}

/* -- beside others ---------------------------------------------------------- */

/* A process of its own that moves the entries of @map as often as it can. */
static pid_t start_mover(int map)
{
	pid_t child = fork();

	if (child)
		return child;
	while (!gm_fill(map, MANY, 600) && drain(map, MANY, 600) == 600 &&
	       !gm_compact(map) && !gm_rekey(map))
		;
	_exit(1);
}

/* Look at a map until that kind of resize is under way.  False: it never is. */
static bool is_told(struct __test_metadata *_metadata, int map, __u32 kind,
		    struct gomap_ioc_info *info)
{
	double end = gm_now() + 20;

	do {
		*info = info_of(map);
		EXPECT_GE(GOMAP_RESIZE_REKEY, info->growing);
		EXPECT_EQ(!info->growing, !info->nr_old_buckets);
		EXPECT_GE(info->nr_old_buckets, info->nr_evacuated);
	} while (info->growing != kind && gm_now() < end);
	return info->growing == kind;
}

TEST_F(resize, shrink_under_way_is_told)
{
	struct gomap_ioc_info info;
	pid_t child = start_mover(self->still);

	EXPECT_TRUE(is_told(_metadata, self->still, GOMAP_RESIZE_SHRINK,
			    &info));
	gm_kill(child);
	EXPECT_GT(info.old_b, info.b);
	EXPECT_EQ(1ULL << info.old_b, info.nr_old_buckets);
	EXPECT_LT(0, info.shrinks);
}

TEST_F(resize, rekey_under_way_is_told)
{
	struct gomap_ioc_info info;
	pid_t child;

	ASSERT_EQ(0, gm_fill(self->map, 0, MANY));
	child = fork();
	if (child == 0) {
		while (!gm_rekey(self->map))
			;
		_exit(1);
	}
	EXPECT_TRUE(is_told(_metadata, self->map, GOMAP_RESIZE_REKEY, &info));
	gm_kill(child);
	EXPECT_EQ(info.old_b, info.b);
	EXPECT_EQ(1ULL << info.b, info.nr_old_buckets);
	EXPECT_LT(0, info.rekeys);
}

TEST_F(resize, readers_and_writers_go_on)
{
	double end = gm_now() + 1;
	pid_t child = start_mover(self->still);
	struct gomap_ioc_info info;
	__u64 round = 0;

	ASSERT_EQ(0, gm_fill(self->still, 0, 200));
	do {
		for (__u64 key = 0; key < 200; key++) {
			ASSERT_EQ(1, gm_put(self->still, key, key));
			ASSERT_EQ(1, gm_del(self->still, key));
			ASSERT_EQ(0, gm_put(self->still, key, key));
		}
		ASSERT_EQ(0, gm_count_wrong(self->still, 0, 200));
		round++;
		info = info_of(self->still);
	} while (gm_now() < end ||
		 ((!info.shrinks || !info.rekeys) && gm_now() < end + 15));
	gm_kill(child);
	EXPECT_LT(0, info.shrinks);
	EXPECT_LT(0, info.rekeys);
	EXPECT_LT(0, round);
}

/* Many at once ask for the same, and for the opposite. */
TEST_F(resize, all_at_once)
{
	enum { MOVERS = 4 };
	pid_t children[MOVERS];
	int map = self->still;

	EXPECT_EQ(0, gm_fill(map, 0, 500));
	for (int i = 0; i < MOVERS; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			int err = 0;

			for (int n = 0; n < 30 && !err; n++)
				err = i % 2 ? gm_compact(map) : gm_rekey(map);
			_exit(!!err);
		}
	}
	for (int i = 0; i < MOVERS; i++)
		EXPECT_EQ(0, gm_wait(children[i]));
	EXPECT_EQ(61, info_of(map).seed_generation);
	EXPECT_EQ(60, info_of(map).rekeys);
	EXPECT_EQ(0, gm_count_wrong(map, 0, 500));
}

TEST_HARNESS_MAIN
