// SPDX-License-Identifier: GPL-2.0-only
/*
 * One map, thousands of operations, of which one in a few meets a fault; then
 * the worker that meets them, while the map grows, shrinks and gets new seeds.
 */
#include "harness.h"

#include <sched.h>

#include "fixture.h"

#define PERCENT		5
#define SECONDS		3
#define OPS_PER_CHECK	32

/* Room enough for the worker to be put off, and time to be right again. */
#define WORKER_PERCENT	50

/* Enough to be no chance; waited for on a machine that has other things to do. */
#define WORKER_FAULTS_MIN	10

/* What is done how often, in percent. */
static const struct chance {
	const char *name;
	unsigned int percent;
} chances[] = {
	{ "store_new", 30 },
	{ "insert", 10 },
	{ "delete", 20 },
	{ "store_same_length", 5 },
	{ "store_longer", 5 },
	{ "replace_same_length", 5 },
	{ "replace_longer", 5 },
	{ "lookup", 10 },
	{ "iterate", 3 },
	{ "compact", 3 },
	{ "rekey", 2 },
	{ "info_all", 1 },
	{ "clear", 1 },
};

static const struct operation *some_operation(__u64 *random)
{
	unsigned int n = gm_random(random) % 100;
	const struct chance *c = chances;

	while (n >= c->percent)
		n -= c++->percent;
	return operation_find(c->name);
}

static __u32 smaller(__u32 a, __u32 b)
{
	return a < b ? a : b;
}

/* Is there an item for it to be about, be it one that is there or is not? */
static bool pick_item(struct world *w, const struct operation *operation,
		      __u64 *random)
{
	__u32 present = world_len(w), absent = WORLD_ITEMS - present;

	w->pick = 0;
	if (present && absent)
		w->pick = gm_random(random) % smaller(present, absent);
	if (!absent)
		return operation->command == GOMAP_IOC_DELETE;
	return present || !operation->needs_entry;
}

static bool run_one(struct world *w, __u64 *random,
		    struct sweep_counts *counts)
{
	const struct operation *operation = some_operation(random);
	struct fault_counts faults;
	struct attempt a;

	if (!pick_item(w, operation, random))
		return true;
	attempt_prepare(&a, w, operation);
	inject_randomly(PERCENT);
	attempt_run(&a);
	faults = inject_end();
	counts->injected += inject_sum(&faults);
	if (attempt_is_right(&a, &faults, counts))
		return true;
	printf("# it was %s\n", operation->name);
	return false;
}

/* False: something was wrong, and said. */
static bool run_some_time(int control, const struct sweep_shape *shape,
			  __u64 *random, struct sweep_counts *counts)
{
	double end = gm_now() + SECONDS;
	struct world w;
	bool good = !world_open(&w, control, shape->shape);

	while (good && gm_now() < end) {
		good = run_one(&w, random, counts);
		if (counts->runs % OPS_PER_CHECK)
			continue;
		good = good && world_is_sound(&w);
		usleep(100);	/* the worker's turn */
	}
	good = good && world_is_sound(&w);
	world_close(&w);
	return good;
}

TEST_F_TIMEOUT(faults, now_and_then, 600)
{
	const struct sweep_shape *shape = NULL;
	__u64 random = gm_mix(getpid()), seed;

	while ((shape = sweep_next_shape(shape))) {
		seed = random;
		EXPECT_TRUE(run_some_time(self->control, shape, &random,
					  &self->counts)) {
			TH_LOG("map %s, seed %llu", shape->name,
			       (unsigned long long)seed);
		}
	}
	TH_LOG("%u operations, %u faults: -ENOMEM %u, -EFAULT %u, borne %u",
	       self->counts.runs, self->counts.injected, self->counts.enomem,
	       self->counts.efault, self->counts.borne);
	EXPECT_LT(100, self->counts.runs);
	EXPECT_LT(10, self->counts.enomem);
	EXPECT_LT(10, self->counts.efault);
}

/* What the worker has to do: evacuate what is left, shrink, draw a new seed. */
static bool make_work(struct world *w)
{
	return !world_insert(w, 0, 105) && world_is_sound(w) &&
	       !usleep(150000) && !world_delete(w, 10, 95) &&
	       world_is_sound(w) && !usleep(150000) &&
	       !world_delete(w, 0, 10) && world_is_sound(w);
}

static bool is_at_rest(int map)
{
	struct gomap_ioc_info info;

	return !gm_info(map, 0, &info) && !info.growing && info.b == 0 &&
	       info.seed_generation > 1;
}

/* What lacked memory stays due. */
static bool comes_to_rest(const struct world *w)
{
	double end = gm_now() + 10;

	while (!is_at_rest(w->map) && gm_now() < end)
		usleep(50000);
	return is_at_rest(w->map);
}

/* Nobody needs the worker's memory but the worker: nothing fails for it. */
TEST_F_TIMEOUT(faults, in_the_background, 60)
{
	const struct sweep_shape *shape = sweep_next_shape(NULL);
	struct sched_param ordinary = { 0 };
	unsigned int faults = 0, rounds = 0;
	double begin = gm_now();
	struct world w;
	bool good;

	ASSERT_EQ(0, sched_setscheduler(0, SCHED_OTHER, &ordinary));
	ASSERT_EQ(0, world_open(&w, self->control, shape->shape));
	do {
		/* The kernel may have new ones by now. */
		faults += inject_into_workers(WORKER_PERCENT);
		good = make_work(&w);
		rounds++;
	} while (good && (gm_now() < begin + 2 * SECONDS ||
			  (faults < WORKER_FAULTS_MIN &&
			   gm_now() < begin + 10 * SECONDS)));
	faults += inject_into_workers(0);
	EXPECT_TRUE(good);
	EXPECT_TRUE(comes_to_rest(&w));
	EXPECT_TRUE(world_is_sound(&w));
	world_close(&w);
	TH_LOG("%u rounds, %u faults of workers", rounds, faults);
	EXPECT_LE(WORKER_FAULTS_MIN, faults);
}

TEST_HARNESS_MAIN
