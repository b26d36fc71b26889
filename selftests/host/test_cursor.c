// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_cursor.c - positions of an iteration: saved, foreign, outdated, made up,
 * shared by two keys; and where iterations start.
 */
#include "walk.h"

static struct walk walk;

/* From every position on, a copy goes the same way as the original. */
static void copied_position_goes_on(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_iter_pos saved[101];
	struct walk copy;
	u64 order[100];
	u32 n;

	put_range(m, 0, 100);
	walk_begin(&walk, m);
	for (n = 0; n < 100; n++) {
		saved[n] = walk.it.pos;
		CHECK_EQ(walk_step(&walk), 1);
		order[n] = walk.key;
	}
	saved[100] = walk.it.pos;

	for (n = 0; n <= 100; n++) {
		memset(&copy, 0, sizeof(copy));
		gomap_iter_resume(&copy.it, m, &saved[n]);
		for (u32 i = n; i < 100; i++) {
			CHECK_EQ(walk_step(&copy), 1);
			CHECK_EQ(copy.key, order[i]);
		}
		CHECK_EQ(walk_step(&copy), 0);
	}
	gomap_put(m);
}

static void zero_position_is_the_start(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_iter_pos zero = {};

	put_range(m, 0, 50);
	memset(&walk, 0, sizeof(walk));
	gomap_iter_resume(&walk.it, m, &zero);
	CHECK_EQ(walk_to_end(&walk), 50);
	check_seen(&walk, 0, 50, 1);
	gomap_put(m);
}

static void too_little_room_loses_nothing(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_entry e = { .key = &walk.key, .value = &walk.value };
	static const u32 caps[][2] = { { 7, 8 }, { 8, 7 }, { 0, 0 } };

	put_range(m, 0, 20);
	walk_begin(&walk, m);
	for (u32 n = 0; n < 20; n++) {
		for (int i = 0; i < 3; i++) {
			e.key_cap = caps[i][0];
			e.value_cap = caps[i][1];
			e.key_len = e.value_len = 0;
			CHECK_EQ(gomap_iter_next(&walk.it, &e), -EMSGSIZE);
			CHECK_EQ(e.key_len, 8);
			CHECK_EQ(e.value_len, 8);
		}
		CHECK_EQ(walk_step(&walk), 1);
	}
	CHECK_EQ(walk_step(&walk), 0);
	check_seen(&walk, 0, 20, 1);
	gomap_put(m);
}

static void what_is_not_wanted_needs_no_room(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_iter it;
	struct gomap_entry e = {};
	u64 sum = 0, key;
	u32 n = 0;

	put_range(m, 0, 50);
	gomap_iter_begin(&it, m);
	for (; gomap_iter_next(&it, &e) == 1; n++)
		CHECK(e.key_len == 8 && e.value_len == 8);
	CHECK_EQ(n, 50);

	e = (struct gomap_entry){ .key = &key, .key_cap = 8 };
	gomap_iter_begin(&it, m);
	while (gomap_iter_next(&it, &e) == 1)
		sum += key;
	CHECK_EQ(sum, 49 * 50 / 2);
	gomap_put(m);
}

static void clear_makes_it_stale(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);

	put_range(m, 0, 100);
	walk_begin(&walk, m);
	CHECK_EQ(walk_steps(&walk, 10), 10);
	CHECK_EQ(gomap_clear(m), 0);
	CHECK_EQ(walk_step(&walk), -ESTALE);
	put_range(m, 0, 100);
	CHECK_EQ(walk_step(&walk), -ESTALE);
	gomap_put(m);
}

/* Empty buckets are passed without their lock: they have to be asked, too. */
static void clear_makes_it_stale_where_nothing_is_left(void)
{
	struct gomap *m = test_map(8, 8, 0, 100);

	put_range(m, 0, 100);
	walk_begin(&walk, m);
	CHECK_EQ(walk_steps(&walk, 10), 10);
	CHECK_EQ(gomap_clear(m), 0);
	put(m, 1);
	drop(m, 1);
	CHECK_EQ(walk_step(&walk), -ESTALE);
	gomap_put(m);
}

static void position_of_another_map_is_stale(void)
{
	struct gomap *a = test_map(8, 8, 0, 0), *b = test_map(8, 8, 0, 0);
	struct gomap_iter_pos pos;

	put_range(a, 0, 100);
	put_range(b, 0, 100);
	walk_begin(&walk, a);
	CHECK_EQ(walk_steps(&walk, 5), 5);
	pos = walk.it.pos;
	gomap_iter_resume(&walk.it, b, &pos);
	CHECK_EQ(walk_step(&walk), -ESTALE);
	gomap_put(a);
	gomap_put(b);
}

/* The map was empty in between: no key was there all the time. */
static void new_seed_ends_it(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);

	put_range(m, 0, 50);
	walk_begin(&walk, m);
	CHECK_EQ(walk_steps(&walk, 5), 5);
	for (u64 i = 0; i < 50; i++)
		drop(m, i);
	shim_run_work();
	CHECK_EQ(m->table->seed_generation, 2);
	put_range(m, 0, 50);
	CHECK_EQ(walk_to_end(&walk), 0);
	gomap_put(m);
}

/* Whatever a position says, the walk ends, and goes around twice at most. */
static void garbage_positions_do_no_harm(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 random = test_seed;
	u32 stale = 0, walked = 0;

	put_range(m, 0, 120);
	walk_begin(&walk, m);
	for (int i = 0; i < 3000; i++) {
		struct gomap_iter_pos pos = walk.it.pos;
		struct walk other = {};

		pos.flags = test_random(&random) & 0x3f;
		pos.start = test_random(&random);
		pos.position = test_random(&random);
		pos.tie = test_random(&random);
		gomap_iter_resume(&other.it, m, &pos);
		/* Bit 5 has no meaning; bit 4 says that there is no more. */
		if ((pos.flags & 0x30) == 0x20) {
			CHECK_EQ(walk_step(&other), -ESTALE);
			stale++;
			continue;
		}
		CHECK(walk_to_end(&other) <= 240);
		walked++;
	}
	CHECK(stale > 500 && walked > 1500);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/*
 * Two keys with one hash under the secret of all zeroes, as keys of any length.
 * They were found by searching 2^32 hashes for a collision.
 */
#define TIE_HASH	0x5786a41e5f8ef121ULL
static const u64 tied_keys[] = { 0x9d1839d45cc6c7dfULL, 0xf7d0aff24acbe0b4ULL };

static struct gomap *map_with_tie(u32 others)
{
	struct gomap *m = test_map(8, 8, GOMAP_F_VAR_KEY, 0);

	m->table->seed = gomap_seed_make(0, 0, GOMAP_HASH_SIP_VAR);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(gomap_hash(&m->table->seed, &tied_keys[i], 8),
			 TIE_HASH);
		CHECK_EQ(gomap_insert(m, &tied_keys[i], 8, &tied_keys[i], 8,
				      GFP_KERNEL), 0);
	}
	put_range(m, 0, others);
	return m;
}

static int tied_number(u64 key)
{
	return key == tied_keys[0] ? 0 : key == tied_keys[1] ? 1 : -1;
}

/* Walk a map with a tie; each position is taken from a copy. */
static void walk_tie(struct gomap *m, bool delete_first, u32 times[2])
{
	struct gomap_iter_pos pos = {};
	struct gomap_iter it;
	u64 key;
	struct gomap_entry e = { .key = &key, .key_cap = 8 };
	int n;

	times[0] = times[1] = 0;
	gomap_iter_resume(&it, m, &pos);
	while (gomap_iter_next(&it, &e) == 1) {
		n = tied_number(key);
		if (n >= 0) {
			times[n]++;
			if (delete_first)
				drop(m, key);
		}
		pos = it.pos;
		memset(&it, 0, sizeof(it));
		gomap_iter_resume(&it, m, &pos);
	}
}

static void equal_hashes_come_once_each(void)
{
	for (u32 others = 0; others < 100; others += 9) {
		struct gomap *m = map_with_tie(others);
		u32 times[2];

		walk_tie(m, false, times);
		CHECK_EQ(times[0], 1);
		CHECK_EQ(times[1], 1);
		CHECK_EQ(gomap_check(m), 0);
		walk_tie(m, true, times);
		CHECK_EQ(times[0], 1);
		CHECK_EQ(times[1], 1);
		CHECK_EQ(gomap_len(m), others);
		gomap_put(m);
	}
}

static void equal_hashes_come_in_one_order(void)
{
	struct gomap *m = map_with_tie(0);
	struct gomap_seed seed = gomap_seed_make(0, 0, GOMAP_HASH_SIP_VAR);
	u64 tie[2];
	int smaller;

	for (int i = 0; i < 2; i++)
		tie[i] = gomap_hash_tie(&seed, &tied_keys[i], 8);
	CHECK(tie[0] != tie[1]);
	smaller = tie[1] < tie[0];

	/* Either slot order: delete and put back the one, then the other. */
	for (int i = 0; i < 4; i++) {
		struct gomap_iter it;
		u64 key = 0;
		struct gomap_entry e = { .key = &key, .key_cap = 8 };

		gomap_iter_begin(&it, m);
		CHECK_EQ(gomap_iter_next(&it, &e), 1);
		CHECK_EQ(tied_number(key), smaller);
		CHECK_EQ(gomap_iter_next(&it, &e), 1);
		CHECK_EQ(tied_number(key), !smaller);
		CHECK_EQ(gomap_iter_next(&it, &e), 0);

		key = tied_keys[i % 2];
		drop(m, key);
		CHECK_EQ(gomap_insert(m, &key, 8, &key, 8, GFP_KERNEL), 0);
	}
	gomap_put(m);
}

/* The first keys of 100 iterations over 64, counted. */
static void starts_are_spread(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u8 started[64] = {};
	u32 different = 0;

	put_range(m, 0, 64);
	for (int i = 0; i < 100; i++) {
		walk_begin(&walk, m);
		CHECK_EQ(walk_step(&walk), 1);
		different += !started[walk.key]++;
	}
	test_note("%u of 64 keys came first in 100 iterations", different);
	CHECK(different >= 50);
	gomap_put(m);
}

static void starts_differ_between_maps(void)
{
	u64 first[8];
	bool differ = false;

	for (int i = 0; i < 8; i++) {
		struct gomap *m = test_map(8, 8, 0, 0);

		put_range(m, 0, 64);
		walk_begin(&walk, m);
		CHECK_EQ(walk_step(&walk), 1);
		first[i] = walk.key;
		differ |= first[i] != first[0];
		gomap_put(m);
	}
	CHECK(differ);
}

static const struct test_case cases[] = {
	CASE(copied_position_goes_on),
	CASE(zero_position_is_the_start),
	CASE(too_little_room_loses_nothing),
	CASE(what_is_not_wanted_needs_no_room),
	CASE(clear_makes_it_stale),
	CASE(clear_makes_it_stale_where_nothing_is_left),
	CASE(position_of_another_map_is_stale),
	CASE(new_seed_ends_it),
	CASE(garbage_positions_do_no_harm),
	CASE(equal_hashes_come_once_each),
	CASE(equal_hashes_come_in_one_order),
	CASE(starts_are_spread),
	CASE(starts_differ_between_maps),
};

TEST_MAIN(cases)
