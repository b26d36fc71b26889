// SPDX-License-Identifier: GPL-2.0-only
/*
 * How far a map may grow: limits on entries and on bytes are met exactly, by
 * however many writers at once, and may be changed at any time.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/string.h>

#include "test.h"

#define VALUE_SIZE	200
#define PATIENCE	(60 * HZ)

static struct gomap *create(u32 value_size, u64 hint, u64 entries, u64 bytes)
{
	struct gomap_params params = {
		.key_size = 8,
		.value_size = value_size,
		.hint = hint,
		.limits = { .max_entries = entries, .max_bytes = bytes },
	};

	return gomap_create(&params);
}

static void limit(struct gomap *map, u64 entries, u64 bytes)
{
	struct gomap_limits limits = {
		.max_entries = entries,
		.max_bytes = bytes,
	};

	EXPECT_EQ(0, gomap_set_limits(map, &limits));
}

static int insert(struct gomap *map, u64 key, u32 value_size)
{
	u8 value[VALUE_SIZE];

	memset(value, key, value_size);
	return gomap_insert(map, &key, sizeof(key), value, value_size,
			    GFP_KERNEL);
}

/* How many writes were refused for this reason. */
static noinline_for_stack u64 refusals(struct gomap *map,
				       enum gomap_refusal reason)
{
	struct gomap_info info;

	EXPECT_EQ(0, gomap_info(map, &info, false));
	return info.refused[reason];
}

/**
 * struct writer - one of the threads that fill a map up.
 * @map: The map.
 * @value_size: Bytes of its values.
 * @first: The first of its keys, of which it has a lot.
 * @stored: Entries that it has inserted.
 * @target: Go on after a refusal until it has so many; 0: end with it.
 * @end: And no longer than that.
 * @refusal: What it was refused with last.
 */
struct writer {
	struct gomap *map;
	u32 value_size;
	u64 first;
	u64 stored;
	u64 target;
	unsigned long end;
	int refusal;
};

static void write_until_refused(void *arg)
{
	struct writer *writer = arg;
	int err;

	do {
		err = insert(writer->map, writer->first + writer->stored,
			     writer->value_size);
		if (!err) {
			writer->stored++;
		} else {
			writer->refusal = err;
			if (writer->target)
				usleep_range(1000, 2000);
		}
		cond_resched();
	} while (writer->target ? writer->stored < writer->target &&
				  time_before(jiffies, writer->end) : !err);
}

static void write_together(struct gomap *map, u32 value_size,
			   struct writer *writers)
{
	int i;

	for (i = 0; i < TEST_THREADS; i++)
		writers[i] = (struct writer){
			.map = map,
			.value_size = value_size,
			.first = (u64)i << 32,
		};
	test_run_threads(write_until_refused, writers, sizeof(*writers), NULL);
}

static void the_limit_on_entries_is_met_exactly(void)
{
	struct gomap *map = create(8, 0, 1003, 0);
	struct writer writers[TEST_THREADS];
	u64 stored = 0, key = 0;
	int i;

	if (!EXPECT_EQ(0, PTR_ERR_OR_ZERO(map)))
		return;
	write_together(map, 8, writers);
	for (i = 0; i < TEST_THREADS; i++) {
		EXPECT_EQ(-ENOSPC, writers[i].refusal);
		stored += writers[i].stored;
		/* Who came late may have found the map full. */
		if (writers[i].stored)
			key = writers[i].first;
	}
	EXPECT_EQ(1003, stored);
	EXPECT_EQ(1003, gomap_len(map));
	EXPECT_EQ(GOMAP_REFUSED_ENTRIES, gomap_refusal(map, -ENOSPC));
	EXPECT_EQ(TEST_THREADS, refusals(map, GOMAP_REFUSED_ENTRIES));

	EXPECT_EQ(1, gomap_store(map, &key, 8, &key, 8, GFP_KERNEL));
	EXPECT_EQ(1, gomap_delete(map, &key, 8));
	EXPECT_EQ(0, insert(map, 1ULL << 60, 8));
	EXPECT_EQ(-ENOSPC, insert(map, 1ULL << 61, 8));
	EXPECT_EQ(1003, gomap_len(map));
	test_no_leaks(map);
	test_put(map);
}

static noinline_for_stack void expect_bytes_used_up(struct gomap *map, u64 max)
{
	struct gomap_info info;

	EXPECT_EQ(0, gomap_info(map, &info, false));
	EXPECT_AT_LEAST(info.bytes_peak, max);
	EXPECT_AT_LEAST(info.bytes_held, info.bytes_peak);
	EXPECT_AT_LEAST(max / 8 * 7, info.bytes_held);
}

static void the_limit_on_bytes_is_never_passed(void)
{
	const u64 max = 1000003;
	struct gomap *map = create(VALUE_SIZE, 0, 0, max);
	struct writer writers[TEST_THREADS];
	u64 stored = 0;
	int i;

	if (!EXPECT_EQ(0, PTR_ERR_OR_ZERO(map)))
		return;
	write_together(map, VALUE_SIZE, writers);
	for (i = 0; i < TEST_THREADS; i++) {
		EXPECT_EQ(-EDQUOT, writers[i].refusal);
		stored += writers[i].stored;
	}
	EXPECT_EQ(GOMAP_REFUSED_BYTES, gomap_refusal(map, -EDQUOT));
	EXPECT_EQ(stored, gomap_len(map));
	expect_bytes_used_up(map, max);
	EXPECT_AT_LEAST(TEST_THREADS, refusals(map, GOMAP_REFUSED_BYTES));
	test_no_leaks(map);
	test_put(map);
}

static void insert_up_to(struct gomap *map, u64 from, u64 to)
{
	u64 key;

	for (key = from; key < to; key++)
		EXPECT_EQ(0, insert(map, key, 8));
	EXPECT_EQ(-ENOSPC, insert(map, to, 8));
	EXPECT_EQ(to, gomap_len(map));
}

static void limits_may_be_raised_lowered_and_lifted(void)
{
	struct gomap *map = create(8, 0, 100, 0);
	struct gomap_info info;
	u64 key;

	if (!EXPECT_EQ(0, PTR_ERR_OR_ZERO(map)))
		return;
	insert_up_to(map, 0, 100);
	limit(map, 200, 0);
	insert_up_to(map, 100, 200);
	limit(map, 50, 0);
	EXPECT_EQ(-ENOSPC, insert(map, 1000, 8));
	EXPECT_EQ(200, gomap_len(map));
	key = 7;
	EXPECT_EQ(1, gomap_store(map, &key, 8, &key, 8, GFP_KERNEL));
	for (key = 50; key < 200; key++)
		EXPECT_EQ(1, gomap_delete(map, &key, 8));
	EXPECT_EQ(-ENOSPC, insert(map, 1000, 8));
	key = 49;
	EXPECT_EQ(1, gomap_delete(map, &key, 8));
	insert_up_to(map, 49, 50);
	limit(map, 0, 0);
	for (key = 50; key < 400; key++)
		EXPECT_EQ(0, insert(map, key, 8));
	EXPECT_EQ(0, gomap_info(map, &info, false));
	EXPECT_EQ(0, info.limits.max_entries);

	/* As many bytes as there are: not one more. */
	limit(map, 0, 1);
	for (key = 400; !insert(map, key, 8);)
		key++;
	EXPECT_EQ(GOMAP_REFUSED_BYTES, gomap_refusal(map, -EDQUOT));
	EXPECT_EQ(0, gomap_info(map, &info, false));
	EXPECT_EQ(key, info.len);
	EXPECT_EQ(1, info.limits.max_bytes);
	limit(map, 0, 0);
	EXPECT_EQ(0, insert(map, key, 8));
	test_put(map);
}

static bool len_becomes(struct gomap *map, u64 len)
{
	unsigned long end = jiffies + PATIENCE;

	while (gomap_len(map) != len && time_before(jiffies, end))
		usleep_range(1000, 2000);
	return gomap_len(map) == len;
}

#define STEPS	20
#define STEP	137

/* While all of them push, each limit is reached and holds. */
static void raise_step_by_step(void *args)
{
	struct gomap *map = ((struct writer *)args)->map;
	u64 max;

	for (max = STEP; max <= STEPS * STEP; max += STEP) {
		limit(map, max, 0);
		EXPECT(len_becomes(map, max));
		usleep_range(5000, 10000);
		EXPECT(len_becomes(map, max));
	}
	limit(map, 0, 0);
}

static void limits_may_be_raised_under_writers(void)
{
	struct gomap *map = create(8, 0, 1, 0);
	struct writer writers[TEST_THREADS];
	int i;

	if (!EXPECT_EQ(0, PTR_ERR_OR_ZERO(map)))
		return;
	for (i = 0; i < TEST_THREADS; i++)
		writers[i] = (struct writer){
			.map = map,
			.value_size = 8,
			.first = (u64)i << 32,
			.target = STEPS * STEP + 1,
			.end = jiffies + PATIENCE,
		};
	test_run_threads(write_until_refused, writers, sizeof(*writers),
			 raise_step_by_step);
	for (i = 0; i < TEST_THREADS; i++) {
		EXPECT_EQ(STEPS * STEP + 1, writers[i].stored);
		EXPECT_EQ(-ENOSPC, writers[i].refusal);
	}
	EXPECT_EQ(TEST_THREADS * (STEPS * STEP + 1), gomap_len(map));
	test_put(map);
}

static void a_hint_beyond_the_limits_is_refused(void)
{
	struct gomap *map;

	EXPECT_EQ(-ENOSPC, PTR_ERR_OR_ZERO(create(8, 1001, 1000, 0)));
	EXPECT_EQ(-EDQUOT, PTR_ERR_OR_ZERO(create(8, 10000, 0, 10000)));
	EXPECT_EQ(-EINVAL, gomap_set_limits(NULL, &(struct gomap_limits){}));
	map = create(8, 1000, 1000, 1000000);
	EXPECT_EQ(0, PTR_ERR_OR_ZERO(map));
	if (IS_ERR(map))
		return;
	test_fill(map, 0, 1000);
	EXPECT_EQ(-ENOSPC, test_store(map, 1000));
	test_put(map);
}

const struct test limits_tests[] = {
	TEST(the_limit_on_entries_is_met_exactly),
	TEST(the_limit_on_bytes_is_never_passed),
	TEST(limits_may_be_raised_lowered_and_lifted),
	TEST(limits_may_be_raised_under_writers),
	TEST(a_hint_beyond_the_limits_is_refused),
	{}
};
