// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_iter.c - iteration: every key exactly once, whatever happens meanwhile.
 */
#include "walk.h"

static struct walk walk;

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

static void order_of(u32 flags)
{
	struct gomap *m = test_map(8, 8, flags, 0);
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

static void order_is_the_reversed_hash(void)
{
	order_of(0);
	order_of(GOMAP_F_TRUSTED_KEYS);
}

/* After @pause steps the map grows over several doublings at once. */
static void grow_in_a_pause(u32 pause, u32 flags)
{
	struct gomap *m = test_map(8, 8, flags, 0);

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
	for (u32 pause = 0; pause <= 60; pause++) {
		grow_in_a_pause(pause, 0);
		grow_in_a_pause(pause, GOMAP_F_TRUSTED_KEYS);
	}
}

/* A growth starts before, or after, the first @pause steps, and rests. */
static void rest_in_growth(u32 pause, u32 grown_by)
{
	struct gomap *m = test_map(8, 8, 0, 0);

	put_range(m, 0, 104);
	CHECK_EQ(gomap_finish_resize(m), 0);
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
		CHECK_EQ(m->table->resizing, GOMAP_RESIZING_SAME_SIZE);
		do {
			resize_help(m, true);
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
static void random_walk(u32 flags, u64 *random)
{
	struct gomap *m = test_map(8, 8, flags, test_random(random) % 300);
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
		random_walk(i % 3 ? 0 : GOMAP_F_TRUSTED_KEYS, &random);
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
	CASE(long_and_variable_entries_come_whole),
	CASE(steady_keys_once_among_random_writes),
};

TEST_MAIN(cases)
