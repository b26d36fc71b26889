// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_interleave.c - an operation stands still, another thread acts, and the
 * operation goes on: at every point where it holds no spinlock, one after the
 * other.
 *
 * What the operation then returns, and what it leaves, must be as if it had
 * taken place at one moment: before, between or after the other's operations.
 * Threads that run freely meet in these places once in a million times, or
 * never on a machine with few CPUs.
 */
#include "interleave.h"

static const struct shape shapes[] = {
	{ 8, 8 }, { 8, VALUE_SIZE_LONG }, { 160, 8 },
};

/* What stands still, and the flags for its allocations. */
static const struct operation *op;
static gfp_t gfp;

/* Would this be right if the operation had come after @before of the others? */
static bool is_explained_by(int before, struct state s, int returned, int left,
			    bool *cleared)
{
	int i;

	for (i = 0; i <= ACTS_MAX; i++) {
		if (i == before && op->on_state(&s, VALUE_MINE) != returned)
			return false;
		if (i == ACTS_MAX || !other.acts[i])
			continue;
		if (other.acts[i]->on_state(&s, VALUE_THEIRS + i) !=
		    other.returned[i])
			return false;
	}
	*cleared = s.cleared;
	return state_lookup(&s, 0) == left;
}

static void check_surroundings(bool cleared)
{
	u8 got[VALUE_SIZE_LONG];
	u32 i;
	int ret;

	for (i = 0; i < nr_surroundings; i++) {
		ret = gomap_lookup(map, key_of(surroundings[i]),
				   shape.key_size, got, sizeof(got));
		CHECK_EQ(ret, cleared ? -ENOENT : (int)shape.value_size);
		CHECK(cleared || !memcmp(got, value_of(VALUE_BEFORE), ret));
	}
}

static void check_explained(const struct scene *scene, int returned)
{
	struct state before = { .value = scene->present ? VALUE_BEFORE : 0 };
	int i, left = map_lookup(0, 0);
	bool cleared;

	for (i = 0; i <= ACTS_MAX; i++) {
		if (!is_explained_by(i, before, returned, left, &cleared))
			continue;
		check_grows();
		check_surroundings(cleared);
		return;
	}
	describe(scene);
	test_fail(__FILE__, __LINE__, "%s returned %d and left %d", op->name,
		  returned, left);
}

static bool play(const struct scene *scene)
{
	int returned;
	bool reached;

	make_map(scene);
	start_points(scene);
	returned = op->on_map(VALUE_MINE, gfp);
	reached = stop_points();
	if (reached)
		check_explained(scene, returned);
	put_map();
	return reached;
}

static void run_operation(const struct operation *operation, gfp_t flags)
{
	u32 points = 0;
	size_t i;

	op = operation;
	gfp = flags;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		shape = shapes[i];
		points += play_all(play);
	}
	test_note("%u times the other thread acted", points);
	CHECK(points > 1000);
}

static void lookup(void)
{
	run_operation(&op_lookup, 0);
}

static void lookup_many(void)
{
	run_operation(&op_lookup_many, 0);
}

static void insert(void)
{
	run_operation(&op_insert, GFP_KERNEL);
}

static void insert_that_may_not_sleep(void)
{
	run_operation(&op_insert, GFP_ATOMIC);
}

static void replace(void)
{
	run_operation(&op_replace, GFP_KERNEL);
}

static void store(void)
{
	run_operation(&op_store, GFP_KERNEL);
}

static void store_that_may_not_sleep(void)
{
	run_operation(&op_store, GFP_ATOMIC);
}

static void delete(void)
{
	run_operation(&op_delete, 0);
}

static void delete_and_draw_a_seed(void)
{
	run_operation(&op_delete_and_work, 0);
}

static void clear(void)
{
	run_operation(&op_clear, 0);
}

static void finish_growth(void)
{
	run_operation(&op_finish, 0);
}

static void grow_where_it_is_due(void)
{
	run_operation(&op_grow, 0);
}

static void compact(void)
{
	run_operation(&op_compact, 0);
}

static void rekey(void)
{
	run_operation(&op_rekey, 0);
}

static const struct test_case cases[] = {
	CASE(lookup),
	CASE(lookup_many),
	CASE(insert),
	CASE(insert_that_may_not_sleep),
	CASE(replace),
	CASE(store),
	CASE(store_that_may_not_sleep),
	CASE(delete),
	CASE(delete_and_draw_a_seed),
	CASE(clear),
	CASE(finish_growth),
	CASE(grow_where_it_is_due),
	CASE(compact),
	CASE(rekey),
};

TEST_MAIN(cases)
