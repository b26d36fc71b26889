// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_clear.c - a map that loses all its entries, at once or one by one.
 */
#include "numbers.h"

static void clear_keeps_B_and_draws_a_seed(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_seed seed;
	struct gomap_info info;
	u64 k, v;

	for (k = 0; k < 1000; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	seed = m->table->seed;
	CHECK_EQ(gomap_clear(m), 0);
	info = info_of(m);
	CHECK_EQ(info.len, 0);
	CHECK_EQ(info.B, 8);
	CHECK_EQ(info.clears, 1);
	CHECK_EQ(info.seed_generation, 2);
	CHECK_EQ(info.objects_live, 0);
	CHECK(memcmp(&seed, &m->table->seed, sizeof(seed)));
	for (k = 0; k < 1000; k++)
		CHECK_EQ(gomap_lookup(m, &k, 8, &v, 8), -ENOENT);
	for (k = 0; k < 1000; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	CHECK_EQ(info_of(m).B, 8);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

static void clear_gives_the_memory_back(void)
{
	struct gomap *m = test_map(8, 1000, 0, 0);
	static u8 value[1000];
	long bytes = shim_live_bytes();
	u64 k;

	for (k = 0; k < 1000; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, value, 1000, GFP_KERNEL), 0);
	CHECK(shim_live_bytes() - bytes > 1000000);
	CHECK_EQ(gomap_clear(m), 0);
	rcu_barrier();
	shim_run_work();
	rcu_barrier();
	CHECK(shim_live_bytes() - bytes < 10000);
	gomap_put(m);
}

static void clear_ends_a_growth(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k;

	for (k = 0; k < 105; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	CHECK_EQ(info_of(m).resizing, GOMAP_RESIZING_DOUBLE);
	CHECK_EQ(gomap_clear(m), 0);
	CHECK_EQ(info_of(m).resizing, GOMAP_RESIZING_NO);
	CHECK_EQ(gomap_check(m), 0);
	shim_run_work();
	gomap_put(m);
}

static void the_seed_changes_when_the_map_becomes_empty(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_seed seed = m->table->seed;
	u64 k;

	for (k = 0; k < 100; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	shim_run_work();
	CHECK_EQ(info_of(m).seed_generation, 1);
	for (k = 0; k < 100; k++)
		CHECK_EQ(gomap_delete(m, &k, 8), 1);
	shim_run_work();
	CHECK_EQ(info_of(m).seed_generation, 2);
	CHECK(memcmp(&seed, &m->table->seed, sizeof(seed)));
	CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	CHECK_EQ(gomap_lookup(m, &k, 8, NULL, 0), 8);
	gomap_put(m);
}

/* An entry came before the worker did: it must not lose its place. */
static void the_seed_stays_when_an_entry_came_back(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1;

	CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	CHECK_EQ(gomap_delete(m, &k, 8), 1);
	CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	shim_run_work();
	CHECK_EQ(info_of(m).seed_generation, 1);
	CHECK_EQ(gomap_lookup(m, &k, 8, NULL, 0), 8);
	gomap_put(m);
}

static void a_reseed_that_lacks_memory_is_tried_again(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1;

	CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	CHECK_EQ(gomap_delete(m, &k, 8), 1);
	shim_faults.nth = 1;
	shim_run_work();	/* fails, queues itself again, succeeds */
	CHECK_EQ(shim_faults.injected, 1);
	CHECK_EQ(info_of(m).seed_generation, 2);
	gomap_put(m);
}

static const struct test_case cases[] = {
	CASE(clear_keeps_B_and_draws_a_seed),
	CASE(clear_gives_the_memory_back),
	CASE(clear_ends_a_growth),
	CASE(the_seed_changes_when_the_map_becomes_empty),
	CASE(the_seed_stays_when_an_entry_came_back),
	CASE(a_reseed_that_lacks_memory_is_tried_again),
};

TEST_MAIN(cases)
