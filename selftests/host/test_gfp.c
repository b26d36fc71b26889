// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_gfp.c - how the kernel is asked for memory: flags, and how often.
 */
#include "numbers.h"

/* Everything that takes memory: buckets, objects, growth, a clear, a seed. */
static void use_memory(struct gomap *m)
{
	u64 i;

	put_range(m, 0, 3000);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(gomap_clear(m), 0);
	put_range(m, 0, 100);
	for (i = 0; i < 100; i++)
		drop(m, i);
	shim_run_work();
}

static gfp_t flags_of_map(u32 flags)
{
	struct gomap *m;

	shim_gfp_common = ~0U;
	m = test_map(8, 8, flags, 0);
	use_memory(m);
	gomap_put(m);
	return shim_gfp_common;
}

static void an_accounted_map_is_charged_for_everything(void)
{
	CHECK(flags_of_map(GOMAP_F_ACCOUNT) & __GFP_ACCOUNT);
	CHECK(!(flags_of_map(0) & __GFP_ACCOUNT));
}

/* Of a map that exists: the log is not for its lack of memory. */
static void nothing_is_logged_and_nobody_killed(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	unsigned long killing = shim_killing_allocs;

	shim_gfp_common = ~0U;
	use_memory(m);
	CHECK(shim_gfp_common & __GFP_NOWARN);
	CHECK_EQ(shim_killing_allocs, killing);
	gomap_put(m);
}

/* A zone that the caller names is not passed on; the shim would not have it. */
static void zones_are_ignored(void)
{
	static const gfp_t context[] = { GFP_KERNEL, GFP_ATOMIC };
	struct gomap *m = test_map(8, 200, 0, 0);
	static u8 value[200];
	u64 i;

	for (i = 0; i < 400; i++)
		CHECK_EQ(gomap_insert(m, &i, 8, value, 200,
				      context[i % 2] | __GFP_DMA), 0);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

static void what_was_handed_out_is_counted_across_a_clear(void)
{
	struct gomap *m = test_map(8, 200, 0, 0);
	static u8 value[200];
	u64 i;

	for (i = 0; i < 8; i++) {
		CHECK_EQ(gomap_insert(m, &i, 8, value, 200, GFP_KERNEL), 0);
		CHECK_EQ(info_of(m).object_allocs, i + 1);
		CHECK_EQ(info_of(m).objects_live, 1);
		CHECK_EQ(gomap_clear(m), 0);
		CHECK_EQ(info_of(m).object_allocs, i + 1);
		CHECK_EQ(info_of(m).objects_live, 0);
	}
	gomap_put(m);
}

static const struct test_case cases[] = {
	CASE(an_accounted_map_is_charged_for_everything),
	CASE(nothing_is_logged_and_nobody_killed),
	CASE(zones_are_ignored),
	CASE(what_was_handed_out_is_counted_across_a_clear),
};

TEST_MAIN(cases)
