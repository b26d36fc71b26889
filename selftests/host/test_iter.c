// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_iter.c - iteration: every key exactly once, whatever happens meanwhile.
 */
#include "numbers.h"

#define NUMBERS_MAX	8192

/**
 * struct walk - an iteration, and how often it returned each number.
 * @it: The iteration.
 * @seen: How often, by number.
 * @key: The last number that was returned.
 * @value: Its value.
 */
struct walk {
	struct gomap_iter it;
	u8 seen[NUMBERS_MAX];
	u64 key;
	u64 value;
};

static struct walk walk;

static void walk_begin(struct walk *w, struct gomap *m)
{
	memset(w, 0, sizeof(*w));
	gomap_iter_begin(&w->it, m);
}

static int walk_step(struct walk *w)
{
	struct gomap_entry e = {
		.key = &w->key, .key_cap = 8, .value = &w->value, .value_cap = 8,
	};
	int ret = gomap_iter_next(&w->it, &e);

	if (ret == 1) {
		CHECK_EQ(e.key_len, 8);
		CHECK_EQ(e.value_len, 8);
		CHECK(w->key < NUMBERS_MAX);
		CHECK_EQ(w->value, ~w->key);
		w->seen[w->key]++;
	}
	return ret;
}

/* Up to a number of steps.  How many entries came is the answer. */
static u32 walk_steps(struct walk *w, u32 most)
{
	u32 n = 0;
	int ret = 1;

	while (n < most && (ret = walk_step(w)) == 1)
		n++;
	CHECK(ret == 1 || ret == 0);
	return n;
}

static u32 walk_to_end(struct walk *w)
{
	u32 n = walk_steps(w, NUMBERS_MAX + 1);

	CHECK(n <= NUMBERS_MAX);
	CHECK_EQ(walk_step(w), 0);	/* an end stays the end */
	gomap_iter_end(&w->it);
	return n;
}

static void check_seen(const struct walk *w, u64 first, u64 end, int times)
{
	for (u64 i = first; i < end; i++)
		CHECK_EQ(w->seen[i], times);
}

static void check_seen_at_most_once(const struct walk *w)
{
	for (u64 i = 0; i < NUMBERS_MAX; i++)
		CHECK(w->seen[i] <= 1);
}

static void nothing_ends_at_once(void)
{
	struct gomap *fresh = test_map(8, 8, 0, 0);
	struct gomap *sized = test_map(8, 8, 0, 1000);

	walk_begin(&walk, NULL);
	CHECK_EQ(walk_to_end(&walk), 0);
	walk_begin(&walk, fresh);
	CHECK_EQ(walk_to_end(&walk), 0);
	walk_begin(&walk, sized);
	CHECK_EQ(walk_to_end(&walk), 0);
	gomap_put(fresh);
	gomap_put(sized);
}

static void each_key_once_at_rest(void)
{
	static const u32 lengths[] = { 1, 7, 8, 9, 13, 14, 100, 5000 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct gomap *m = test_map(8, 8, 0, 0);

		put_range(m, 0, lengths[i]);
		walk_begin(&walk, m);
		CHECK_EQ(walk_to_end(&walk), lengths[i]);
		check_seen(&walk, 0, lengths[i], 1);
		gomap_put(m);
	}
}

static void each_key_once_in_a_sparse_map(void)
{
	struct gomap *m = test_map(8, 8, 0, 20000);

	put_range(m, 0, 3);
	walk_begin(&walk, m);
	CHECK_EQ(walk_to_end(&walk), 3);
	check_seen(&walk, 0, 3, 1);

	/* After a clear most buckets have no memory at all. */
	CHECK_EQ(gomap_clear(m), 0);
	put_range(m, 10, 14);
	walk_begin(&walk, m);
	CHECK_EQ(walk_to_end(&walk), 4);
	check_seen(&walk, 10, 14, 1);
	gomap_put(m);
}

static u64 position_of_number(struct gomap *m, u64 number)
{
	u64 hash = gomap_hash(&m->table->seed, &number, 8), position = 0;

	for (int bit = 0; bit < 64; bit++)
		position |= (hash >> bit & 1) << (63 - bit);
	return position;
}

static void order_is_the_reversed_hash(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 last = 0, position, first = 0;
	u32 descents = 0, n = 0;

	put_range(m, 0, 1000);
	walk_begin(&walk, m);
	for (; walk_step(&walk) == 1; n++, last = position) {
		position = position_of_number(m, walk.key);
		if (!n)
			first = position;
		else if (position < last)
			descents++;
		if (descents)
			CHECK(position < first);
	}
	CHECK_EQ(n, 1000);
	CHECK(descents <= 1);
	gomap_put(m);
}

/* After @pause steps the map grows over several doublings at once. */
static void grow_in_a_pause(u32 pause)
{
	struct gomap *m = test_map(8, 8, 0, 0);

	put_range(m, 0, 60);
	walk_begin(&walk, m);
	CHECK_EQ(walk_steps(&walk, pause), pause);
	put_range(m, 60, 700);
	walk_to_end(&walk);
	check_seen(&walk, 0, 60, 1);
	check_seen_at_most_once(&walk);
	gomap_put(m);
}

static void growth_at_every_step(void)
{
	for (u32 pause = 0; pause <= 60; pause++)
		grow_in_a_pause(pause);
}

/* A growth starts before, or after, the first @pause steps, and rests. */
static void rest_in_growth(u32 pause, u32 grown_by)
{
	struct gomap *m = test_map(8, 8, 0, 0);

	put_range(m, 0, 104);
	CHECK_EQ(gomap_finish_growth(m), 0);
	CHECK_EQ(m->table->array->B, 4);
	walk_begin(&walk, m);
	CHECK_EQ(walk_steps(&walk, pause), pause);
	put_range(m, 104, 104 + grown_by);
	CHECK(m->table->old);
	walk_to_end(&walk);
	check_seen(&walk, 0, 104, 1);
	check_seen_at_most_once(&walk);
	gomap_put(m);
}

static void growth_half_done_at_every_step(void)
{
	for (u32 pause = 0; pause <= 104; pause++)
		for (u32 grown_by = 1; grown_by <= 7; grown_by++)
			rest_in_growth(pause, grown_by);
}

static void inserts_between_all_steps(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 next = 500;

	put_range(m, 0, 500);
	walk_begin(&walk, m);
	while (walk_step(&walk) == 1)
		if (next < NUMBERS_MAX)
			put(m, next++);
	check_seen(&walk, 0, 500, 1);
	check_seen_at_most_once(&walk);
	gomap_put(m);
}

/*
 * Same-size growth, begun in a pause, goes on by one old bucket a step.  That
 * there are too many overflow buckets is a lie, which growth takes at its word.
 */
static void same_size_growth_at_every_step(void)
{
	for (u32 pause = 0; pause <= 100; pause++) {
		struct gomap *m = test_map(8, 8, 0, 100);

		put_range(m, 0, 100);
		CHECK(!m->table->old);
		walk_begin(&walk, m);
		CHECK_EQ(walk_steps(&walk, pause), pause);
		atomic64_set(&m->nr_overflow, 1 << 15);
		CHECK_EQ(growth_start(m), 0);
		CHECK_EQ(m->table->growing, GOMAP_GROWING_SAME_SIZE);
		do {
			growth_help(m, true);
		} while (walk_step(&walk) == 1);
		check_seen(&walk, 0, 100, 1);
		CHECK_EQ(gomap_check(m), 0);
		gomap_put(m);
	}
}

static void deleted_keys_do_not_come(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u32 deleted = 0, returned = 0;

	put_range(m, 0, 1000);
	walk_begin(&walk, m);
	while (walk_step(&walk) == 1) {
		u64 victim = (walk.key * 7 + 1) % 1000;

		returned++;
		if (!walk.seen[victim] && gomap_delete(m, &victim, 8) == 1) {
			walk.seen[victim] = 100;	/* 101 if it comes */
			deleted++;
		}
	}
	CHECK(deleted > 100);
	CHECK_EQ(returned, 1000 - deleted);
	for (u64 i = 0; i < 1000; i++)
		CHECK(walk.seen[i] == 1 || walk.seen[i] == 100);
	gomap_put(m);
}

static void returned_key_put_back_does_not_come_again(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);

	put_range(m, 0, 300);
	walk_begin(&walk, m);
	while (walk_step(&walk) == 1) {
		drop(m, walk.key);
		put(m, walk.key);
	}
	check_seen(&walk, 0, 300, 1);
	gomap_put(m);
}

static void all_deleted_under_the_walk(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u32 n = 0;

	put_range(m, 0, 300);
	walk_begin(&walk, m);
	while (walk_step(&walk) == 1) {
		drop(m, walk.key);
		n++;
	}
	CHECK_EQ(n, 300);
	CHECK_EQ(gomap_len(m), 0);
	gomap_put(m);
}

static void value_is_that_of_the_moment(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_iter it;
	u64 key, value, wanted = 5;
	struct gomap_entry e = {
		.key = &key, .key_cap = 8, .value = &value, .value_cap = 8,
	};
	u32 n = 0;

	put_range(m, 0, 200);
	gomap_iter_begin(&it, m);
	while (gomap_iter_next(&it, &e) == 1) {
		if (n++)
			CHECK_EQ(value, wanted);
		wanted = n;
		for (u64 i = 0; i < 200; i++)
			CHECK_EQ(gomap_replace(m, &i, 8, &wanted, 8,
					       GFP_KERNEL), 0);
	}
	CHECK_EQ(n, 200);
	gomap_put(m);
}

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
 * Two keys with one hash under the seed of all zeroes.  They were found by
 * searching 2^32 hashes for a collision.
 */
#define TIE_HASH	0x5786a41e5f8ef121ULL
static const u64 tied_keys[] = { 0x9d1839d45cc6c7dfULL, 0xf7d0aff24acbe0b4ULL };

static struct gomap *map_with_tie(u32 others)
{
	struct gomap *m = test_map(8, 8, 0, 0);

	m->table->seed = (struct gomap_seed){};
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
	struct gomap_seed seed = {};
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

static void long_and_variable_entries_come_whole(void)
{
	struct gomap *m = test_map(300, 1000,
				   GOMAP_F_VAR_KEY | GOMAP_F_VAR_VALUE, 0);
	static u8 key[300], value[1000], k[300], v[1000];
	struct gomap_entry e = {
		.key = k, .key_cap = 300, .value = v, .value_cap = 1000,
	};
	struct gomap_iter it;
	u32 n = 0;

	for (u32 i = 0; i <= 300; i++) {
		memset(key, (u8)i, i);
		memset(value, (u8)(i + 1), 3 * i);
		CHECK_EQ(gomap_insert(m, key, i, value, 3 * i, GFP_KERNEL), 0);
	}
	gomap_iter_begin(&it, m);
	for (; gomap_iter_next(&it, &e) == 1; n++) {
		memset(key, (u8)e.key_len, e.key_len);
		memset(value, (u8)(e.key_len + 1), 3 * e.key_len);
		CHECK(!memcmp(key, k, e.key_len));
		CHECK_EQ(e.value_len, 3 * e.key_len);
		CHECK(!memcmp(value, v, e.value_len));
	}
	CHECK_EQ(n, 301);
	gomap_put(m);
}

enum fate { ABSENT, STEADY, MOVING };

/* Random writes between all steps, on numbers that are marked as moving. */
static void random_walk(u64 *random)
{
	struct gomap *m = test_map(8, 8, 0, test_random(random) % 300);
	static enum fate fate[1000];

	for (u64 i = 0; i < 1000; i++) {
		fate[i] = test_random(random) % 3;
		if (fate[i] == STEADY || (fate[i] == MOVING && i % 2))
			put(m, i);
	}
	walk_begin(&walk, m);
	while (walk_step(&walk) == 1) {
		u64 i = test_random(random) % 1000;

		if (fate[i] != MOVING)
			continue;
		if (test_random(random) % 3)
			put(m, i);
		else
			gomap_delete(m, &i, 8);
	}
	check_seen_at_most_once(&walk);
	for (u64 i = 0; i < 1000; i++)
		if (fate[i] != MOVING)
			CHECK_EQ(walk.seen[i], fate[i] == STEADY);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

static void steady_keys_once_among_random_writes(void)
{
	u64 random = test_seed;

	for (int i = 0; i < 300; i++)
		random_walk(&random);
}

static const struct test_case cases[] = {
	CASE(nothing_ends_at_once),
	CASE(each_key_once_at_rest),
	CASE(each_key_once_in_a_sparse_map),
	CASE(order_is_the_reversed_hash),
	CASE(growth_at_every_step),
	CASE(growth_half_done_at_every_step),
	CASE(inserts_between_all_steps),
	CASE(same_size_growth_at_every_step),
	CASE(deleted_keys_do_not_come),
	CASE(returned_key_put_back_does_not_come_again),
	CASE(all_deleted_under_the_walk),
	CASE(value_is_that_of_the_moment),
	CASE(copied_position_goes_on),
	CASE(zero_position_is_the_start),
	CASE(too_little_room_loses_nothing),
	CASE(what_is_not_wanted_needs_no_room),
	CASE(clear_makes_it_stale),
	CASE(position_of_another_map_is_stale),
	CASE(new_seed_ends_it),
	CASE(garbage_positions_do_no_harm),
	CASE(equal_hashes_come_once_each),
	CASE(equal_hashes_come_in_one_order),
	CASE(starts_are_spread),
	CASE(starts_differ_between_maps),
	CASE(long_and_variable_entries_come_whole),
	CASE(steady_keys_once_among_random_writes),
};

TEST_MAIN(cases)
