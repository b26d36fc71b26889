// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_lin.c - histories of threads in the core, checked for linearizability by
 * selftests/lin.  Threads give way in the middle of operations, wherever the
 * core reads what others may be writing, so that operations overlap a lot.
 *
 * GOMAP_LIN_HISTORIES says how many there are to be.
 */
#include <sched.h>
#include <stdlib.h>

#include "../lin/map.h"
#include "../lin/threads.h"
#include "test.h"

#define HISTORIES	2000
#define CONTROLS	100
#define THREADS		4

/* One in so many reads of shared memory lets others go first. */
#define POINTS		16

static struct lin_crowd crowd;
static __thread u64 my_random;

static void give_way_at_times(void)
{
	if (test_random(&my_random) % POINTS == 0)
		sched_yield();
}

static void start_thread(void)
{
	static u64 started;

	my_random = test_seed ^ __atomic_add_fetch(&started, 1,
						   __ATOMIC_RELAXED);
	shim_at_point = give_way_at_times;
}

/* Grace periods, work and time, by the director. */
static void be_the_kernel(void)
{
	shim_rcu_poll();
	shim_run_work();
	__atomic_add_fetch(&shim_jiffies, 1, __ATOMIC_RELAXED);
}

static void say(const char *line)
{
	test_note("%s", line);
}

static u64 histories(void)
{
	const char *asked = getenv("GOMAP_LIN_HISTORIES");

	return asked ? strtoull(asked, NULL, 0) : HISTORIES;
}

static void play(const struct lin_target *target, void *map,
		 const struct lin_shape *shape, u64 rounds)
{
	struct lin_stage *stage = &crowd.stage;

	lin_stage_init(stage, target, map, shape, test_seed);
	stage->say = say;
	stage->meanwhile = be_the_kernel;
	crowd.on_start = start_thread;
	CHECK_EQ(lin_crowd_start(&crowd, THREADS), 0);
	lin_stage_play(stage, rounds);
	lin_crowd_stop(&crowd);
}

static void a_map_that_is_right_passes(void)
{
	u64 cells[LIN_KEYS] = { 0 };

	play(&lin_target_right, cells, &lin_right, CONTROLS);
	CHECK(lin_stage_passes(&crowd.stage));
}

static void a_map_that_is_wrong_is_caught(void)
{
	u64 cells[LIN_KEYS] = { 0 };

	play(&lin_target_wrong, cells, &lin_wrong, CONTROLS);
	CHECK(lin_stage_is_caught(&crowd.stage));
}

static void play_shape(const struct lin_shape *shape)
{
	struct gomap *map = lin_map_create(shape);

	CHECK(!IS_ERR(map));
	play(&lin_target_map, map, shape, histories() / LIN_SHAPES + 1);
	CHECK(lin_stage_passes(&crowd.stage));
	CHECK_EQ(gomap_check(map), 0);
	gomap_put(map);
}

static void short_values(void)
{
	play_shape(&lin_shapes[0]);
}

static void long_values(void)
{
	play_shape(&lin_shapes[1]);
}

static void values_of_many_lengths(void)
{
	play_shape(&lin_shapes[2]);
}

static const struct test_case cases[] = {
	CASE(a_map_that_is_right_passes),
	CASE(a_map_that_is_wrong_is_caught),
	CASE(short_values),
	CASE(long_values),
	CASE(values_of_many_lengths),
};

TEST_MAIN(cases)
