// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_quota.c - the limits for all maps together.
 */
#include "numbers.h"

#define MAPS	5

/* The parameters of the module. */
extern unsigned long *shim_param_max_bytes, *shim_param_max_maps;

static struct gomap *maps[MAPS];

static struct gomap *try_map(u64 hint)
{
	struct gomap_params params = {
		.key_size = 8, .value_size = 8, .hint = hint,
	};

	return gomap_create(&params);
}

static u64 bytes_held(u32 nr)
{
	u64 sum = 0;

	while (nr--)
		sum += info_of(maps[nr]).bytes_held;
	return sum;
}

static int insert(struct gomap *m, u64 number)
{
	u64 value = ~number;

	return gomap_insert(m, &number, 8, &value, 8, GFP_KERNEL);
}

static void all_maps_share_a_limit_on_bytes(void)
{
	const u64 most = 400000;
	u64 n;
	int ret = 0;

	*shim_param_max_bytes = most;
	for (u32 i = 0; i < MAPS; i++)
		maps[i] = test_map(8, 8, 0, 0);
	for (n = 0; !ret; n++) {
		ret = insert(maps[n % MAPS], n);
		CHECK(bytes_held(MAPS) <= most);
	}
	CHECK_EQ(ret, -EDQUOT);
	n--;
	CHECK_EQ(gomap_refusal(maps[n % MAPS], ret), GOMAP_REFUSED_TOTAL);
	CHECK_EQ(info_of(maps[n % MAPS]).refused[GOMAP_REFUSED_TOTAL], 1);
	CHECK_EQ(info_of(maps[n % MAPS]).refused[GOMAP_REFUSED_BYTES], 0);
	CHECK(bytes_held(MAPS) > most - 2 * PAGE_SIZE);
	for (u32 i = 0; i < MAPS; i++)
		CHECK_EQ(gomap_check(maps[i]), 0);

	/* What one gives back another may have. */
	gomap_put(maps[(n + 1) % MAPS]);
	rcu_barrier();
	*shim_param_max_bytes = 0;
	shim_run_work();
	*shim_param_max_bytes = most;
	CHECK_EQ(insert(maps[n % MAPS], n), 0);
	for (u32 i = 0; i < MAPS; i++)
		if (i != (n + 1) % MAPS)
			gomap_put(maps[i]);
	*shim_param_max_bytes = 0;
}

/* The limit of the map itself is told from that of all. */
static void the_limit_that_refuses_is_named(void)
{
	struct gomap_limits limits = { .max_bytes = 1 };
	struct gomap *m = test_map(8, 8, 0, 0);

	CHECK_EQ(gomap_set_limits(m, &limits), 0);
	CHECK_EQ(insert(m, 1), -EDQUOT);
	CHECK_EQ(gomap_refusal(m, -EDQUOT), GOMAP_REFUSED_BYTES);
	limits.max_bytes = 0;
	CHECK_EQ(gomap_set_limits(m, &limits), 0);
	*shim_param_max_bytes = 1;
	CHECK_EQ(insert(m, 1), -EDQUOT);
	CHECK_EQ(gomap_refusal(m, -EDQUOT), GOMAP_REFUSED_TOTAL);
	*shim_param_max_bytes = 0;
	CHECK_EQ(insert(m, 1), 0);
	gomap_put(m);
}

/* What the limit of a map refuses does not count for all. */
static void what_is_refused_is_not_counted(void)
{
	struct gomap_limits limits = { .max_bytes = 1 };
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 held = info_of(m).bytes_held;

	CHECK_EQ(gomap_set_limits(m, &limits), 0);
	for (int i = 0; i < 1000; i++)
		CHECK_EQ(insert(m, 1), -EDQUOT);
	limits.max_bytes = 0;
	CHECK_EQ(gomap_set_limits(m, &limits), 0);
	*shim_param_max_bytes = held + 64 * PAGE_SIZE;
	CHECK_EQ(insert(m, 1), 0);
	*shim_param_max_bytes = 0;

	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	for (u64 i = 0; i < 10000; i++)
		insert(m, i);
	shim_faults = (struct shim_faults){};
	held = info_of(m).bytes_held;
	*shim_param_max_bytes = held + 64 * PAGE_SIZE;
	CHECK(!IS_ERR(maps[0] = try_map(0)));
	*shim_param_max_bytes = 0;
	gomap_put(maps[0]);
	gomap_put(m);
}

static void a_hint_beyond_the_limit_is_refused(void)
{
	long blocks = shim_live_blocks();

	*shim_param_max_bytes = 100000;
	CHECK_EQ(PTR_ERR(try_map(100000)), -EDQUOT);
	gomap_barrier();
	CHECK_EQ(shim_live_blocks(), blocks);
	maps[0] = try_map(100);
	CHECK(!IS_ERR(maps[0]));
	gomap_put(maps[0]);
	*shim_param_max_bytes = 0;
}

static void so_many_maps_and_not_one_more(void)
{
	*shim_param_max_maps = MAPS;
	for (u32 i = 0; i < MAPS; i++)
		maps[i] = test_map(8, 8, 0, 0);
	CHECK_EQ(PTR_ERR(try_map(0)), -ENOSPC);
	CHECK_EQ(PTR_ERR(try_map(1000)), -ENOSPC);
	gomap_put(gomap_get(maps[0]));
	CHECK_EQ(PTR_ERR(try_map(0)), -ENOSPC);
	gomap_put(maps[0]);
	maps[0] = test_map(8, 8, 0, 0);
	CHECK_EQ(PTR_ERR(try_map(0)), -ENOSPC);

	*shim_param_max_maps = MAPS - 2;
	gomap_put(maps[0]);
	gomap_put(maps[1]);
	CHECK_EQ(PTR_ERR(try_map(0)), -ENOSPC);
	gomap_put(maps[2]);
	maps[2] = test_map(8, 8, 0, 0);
	*shim_param_max_maps = 0;
	maps[0] = test_map(8, 8, 0, 0);
	for (u32 i = 0; i < MAPS; i++)
		if (i != 1)
			gomap_put(maps[i]);
}

/* A map that could not be made is none, whatever it lacked. */
static void a_map_that_failed_is_not_counted(void)
{
	unsigned long nth, injected = 1;

	*shim_param_max_maps = 1;
	for (nth = 1; injected; nth++) {
		shim_faults = (struct shim_faults){ .nth = nth };
		maps[0] = try_map(0);
		injected = shim_faults.injected;
		CHECK_EQ(IS_ERR(maps[0]), injected);
	}
	CHECK_EQ(PTR_ERR(try_map(0)), -ENOSPC);
	gomap_put(maps[0]);
	CHECK(nth > 5);
	*shim_param_max_maps = 0;
}

static const struct test_case cases[] = {
	CASE(all_maps_share_a_limit_on_bytes),
	CASE(the_limit_that_refuses_is_named),
	CASE(what_is_refused_is_not_counted),
	CASE(a_hint_beyond_the_limit_is_refused),
	CASE(so_many_maps_and_not_one_more),
	CASE(a_map_that_failed_is_not_counted),
};

TEST_MAIN(cases)
