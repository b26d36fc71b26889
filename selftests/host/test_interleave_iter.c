// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_interleave_iter.c - an iteration stands still at each of its points,
 * another thread acts, and the iteration goes on: every key that stays comes
 * exactly once.
 */
#include "interleave.h"

/* Iterate, and count how often each number came.  0 or -ESTALE. */
static int iterate(u8 *times, u8 *times_the_key)
{
	static u8 key[GOMAP_KEY_SIZE_MAX];
	struct gomap_entry e = { .key = key, .key_cap = sizeof(key) };
	struct gomap_iter it;
	u64 number;
	u32 i;
	int ret;

	gomap_iter_begin(&it, map);
	while ((ret = gomap_iter_next(&it, &e)) == 1) {
		memcpy(&number, key, sizeof(number));
		*times_the_key += number == THE_KEY;
		for (i = 0; i < nr_surroundings; i++)
			times[i] += number == surroundings[i];
	}
	gomap_iter_end(&it);
	return ret;
}

static bool has_act(const struct scene *scene, const struct operation *op)
{
	int i;

	for (i = 0; i < ACTS_MAX; i++)
		if (scene->acts[i] == op)
			return true;
	return false;
}

static bool is_right(const struct scene *scene, int ret, const u8 *times,
		     u8 times_the_key)
{
	bool clear = has_act(scene, &op_clear);
	bool stale = clear || has_act(scene, &op_rekey) ||
		     has_act(scene, &op_start_rekey);
	u32 i;

	if (ret && !(ret == -ESTALE && stale))
		return false;
	for (i = 0; i < nr_surroundings; i++)
		if (times[i] != 1 && !((clear || ret) && !times[i]))
			return false;
	if (scene->present && !clear && !ret && !has_act(scene, &op_delete))
		return times_the_key == 1;
	return times_the_key <= 1;
}

static bool play(const struct scene *scene)
{
	u8 times[SURROUNDINGS_MAX] = {}, times_the_key = 0;
	bool reached;
	int ret;

	make_map(scene);
	start_points(scene);
	ret = iterate(times, &times_the_key);
	reached = stop_points();
	if (!is_right(scene, ret, times, times_the_key)) {
		describe(scene);
		test_fail(__FILE__, __LINE__, "an iteration ended with %d, the key came %u times",
			  ret, times_the_key);
	}
	check_grows();
	put_map();
	return reached;
}

static void iteration(void)
{
	u32 points;

	shape = (struct shape){ 8, 8 };
	points = play_all(play);
	test_note("%u times the other thread acted", points);
	CHECK(points > 1000);
}

static const struct test_case cases[] = {
	CASE(iteration),
};

TEST_MAIN(cases)
