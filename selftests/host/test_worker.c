// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_worker.c - what happens in the background.
 */
#include "numbers.h"

static void put_atomic(struct gomap *m, u64 number)
{
	u64 value = ~number;

	CHECK_EQ(gomap_insert(m, &number, 8, &value, 8, GFP_ATOMIC), 0);
}

/* Callers who may not sleep have filled it far over its load. */
static void it_grows_a_map_until_it_fits(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 i;

	for (i = 0; i < 1000; i++)
		put_atomic(m, i);
	CHECK_EQ(B_of(m), 0);
	shim_run_work();
	CHECK_EQ(B_of(m), 8);	/* the smallest that takes 1000 */
	CHECK(!is_growing(m));
	check_has_range(m, 0, 1000);
	gomap_put(m);
}

/* Nothing is due: it looks, and changes nothing. */
static void it_leaves_a_map_at_rest_alone(void)
{
	struct gomap *m = full_map(4);
	const struct gomap_table *t = m->table;
	unsigned long calls = shim_alloc_calls();

	for (int i = 0; i < 3; i++) {
		worker_kick(m, 0);
		shim_run_work();
	}
	CHECK(m->table == t);
	CHECK_EQ(shim_alloc_calls(), calls);
	check_has_range(m, 0, 104);
	gomap_put(m);
}

/* Memory lacks for the next array, again and again: it does not give up. */
static void it_keeps_what_lacked_memory_in_mind(void)
{
	struct gomap *m = full_map(4);
	int i;

	put_atomic(m, 104);
	for (i = 0; i < 3; i++) {
		shim_faults = (struct shim_faults){ .nth = 1 };
		worker_run(&m->work.work);
		CHECK_EQ(shim_faults.injected, 1);
		CHECK_EQ(B_of(m), 4);
		CHECK(m->work.work.pending);
	}
	shim_faults = (struct shim_faults){};
	shim_run_work();
	CHECK_EQ(B_of(m), 5);
	check_has_range(m, 0, 105);
	gomap_put(m);
}

/* The last reference goes while it is about to run. */
static void it_does_not_outlive_its_map(void)
{
	struct gomap *m = full_map(4);

	put_atomic(m, 104);
	CHECK(m->work.work.pending);
	gomap_put(m);
	rcu_barrier();
	shim_run_work();
	rcu_barrier();
}

static const struct test_case cases[] = {
	CASE(it_grows_a_map_until_it_fits),
	CASE(it_leaves_a_map_at_rest_alone),
	CASE(it_keeps_what_lacked_memory_in_mind),
	CASE(it_does_not_outlive_its_map),
};

TEST_MAIN(cases)
