// SPDX-License-Identifier: GPL-2.0-only
/*
 * Iteration: each key exactly once, whatever happens meanwhile.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "test.h"

#define MAX_KEYS	8192

/**
 * struct walk - an iteration that takes notes.
 * @map: What is iterated over; keys below MAX_KEYS, each its own value.
 * @iter: Where it stands.
 * @seen: How often each key was returned.
 * @last: The key that was returned last.
 */
struct walk {
	struct gomap *map;
	struct gomap_iter iter;
	u8 *seen;
	u64 last;
};

static bool walk_begin(struct walk *walk, u64 keys)
{
	walk->map = test_create_u64();
	walk->seen = kzalloc(MAX_KEYS, GFP_KERNEL);
	if (!EXPECT(walk->seen)) {
		gomap_put(walk->map);
		return false;
	}
	test_fill(walk->map, 0, keys);
	gomap_iter_begin(&walk->iter, walk->map);
	return true;
}

static void walk_end(struct walk *walk)
{
	gomap_iter_end(&walk->iter);
	test_put(walk->map);
	kfree(walk->seen);
}

/* The next entry; what gomap_iter_next() returns. */
static int walk_next(struct walk *walk)
{
	u64 key = ~0ULL, value = 0;
	struct gomap_entry entry = {
		.key = &key,
		.value = &value,
		.key_cap = sizeof(key),
		.value_cap = sizeof(value),
	};
	int ret = gomap_iter_next(&walk->iter, &entry);

	if (ret <= 0)
		return ret;
	EXPECT_EQ(key, value);
	EXPECT_EQ(8, entry.key_len);
	EXPECT_EQ(8, entry.value_len);
	if (EXPECT(key < MAX_KEYS))
		walk->seen[key]++;
	walk->last = key;
	return ret;
}

static u64 not_seen_once(const struct walk *walk, u64 first, u64 count)
{
	u64 wrong = 0;
	u64 key;

	for (key = first; key < first + count; key++)
		wrong += walk->seen[key] != 1;
	return wrong;
}

static void each_key_once(void)
{
	struct walk walk;

	if (!walk_begin(&walk, 1000))
		return;
	while (walk_next(&walk) > 0)
		;
	EXPECT_EQ(0, not_seen_once(&walk, 0, 1000));
	EXPECT_EQ(0, walk_next(&walk));
	walk_end(&walk);
}

static void each_key_once_over_growths(void)
{
	struct walk walk;
	u64 next = 100;
	u64 key;

	if (!walk_begin(&walk, 100))
		return;
	while (walk_next(&walk) > 0) {
		for (key = next; key < next + 40 && key < 4000; key++)
			EXPECT_EQ(0, test_store(walk.map, key));
		next = key;
	}
	EXPECT_AT_LEAST(9, test_b(walk.map));
	EXPECT_EQ(0, not_seen_once(&walk, 0, 100));
	for (key = 100; key < 4000; key++)
		EXPECT(walk.seen[key] <= 1);
	walk_end(&walk);
}

/* The loop that everybody writes: delete what one is standing on. */
static void deleting_what_is_returned(void)
{
	struct walk walk;

	if (!walk_begin(&walk, 1000))
		return;
	while (walk_next(&walk) > 0)
		EXPECT_EQ(1, gomap_delete(walk.map, &walk.last, 8));
	EXPECT_EQ(0, not_seen_once(&walk, 0, 1000));
	EXPECT_EQ(0, gomap_len(walk.map));
	walk_end(&walk);
}

static void deleted_before_its_turn(void)
{
	struct walk walk;
	u8 *deleted;
	u64 key;

	if (!walk_begin(&walk, 500))
		return;
	deleted = kzalloc(500, GFP_KERNEL);
	while (deleted && walk_next(&walk) > 0) {
		EXPECT(!deleted[walk.last]);
		key = test_mix(walk.last) % 500;
		if (!walk.seen[key] && gomap_delete(walk.map, &key, 8) == 1)
			deleted[key] = 1;
	}
	for (key = 0; deleted && key < 500; key++)
		EXPECT_EQ(1, deleted[key] + walk.seen[key]);
	kfree(deleted);
	walk_end(&walk);
}

static void resumed_from_a_saved_position(void)
{
	struct gomap_iter_pos pos;
	struct walk walk;
	int i;

	if (!walk_begin(&walk, 1000))
		return;
	do {
		for (i = 0; i < 7; i++)
			if (walk_next(&walk) <= 0)
				goto out;
		pos = walk.iter.pos;
		gomap_iter_end(&walk.iter);
		memset(&walk.iter, 0x5a, sizeof(walk.iter));
		gomap_iter_resume(&walk.iter, walk.map, &pos);
	} while (true);
out:
	EXPECT_EQ(0, not_seen_once(&walk, 0, 1000));
	walk_end(&walk);
}

static void clear_makes_it_stale(void)
{
	struct walk walk;

	if (!walk_begin(&walk, 100))
		return;
	EXPECT_EQ(1, walk_next(&walk));
	EXPECT_EQ(0, gomap_clear(walk.map));
	test_fill(walk.map, 0, 100);
	EXPECT_EQ(-ESTALE, walk_next(&walk));
	EXPECT_EQ(-ESTALE, walk_next(&walk));
	walk_end(&walk);
}

static void too_little_room_moves_nothing(void)
{
	struct gomap_entry entry = {};
	u64 small = 5;
	struct walk walk;

	if (!walk_begin(&walk, 10))
		return;
	entry.key = &small;
	entry.key_cap = 7;
	EXPECT_EQ(-EMSGSIZE, gomap_iter_next(&walk.iter, &entry));
	EXPECT_EQ(8, entry.key_len);
	EXPECT_EQ(8, entry.value_len);
	EXPECT_EQ(5, small);
	while (walk_next(&walk) > 0)
		;
	EXPECT_EQ(0, not_seen_once(&walk, 0, 10));
	walk_end(&walk);
}

static void lengths_without_room(void)
{
	struct gomap_entry entry = {};
	struct walk walk;
	int count = 0;

	if (!walk_begin(&walk, 50))
		return;
	while (gomap_iter_next(&walk.iter, &entry) > 0) {
		EXPECT_EQ(8, entry.key_len);
		EXPECT_EQ(8, entry.value_len);
		count++;
	}
	EXPECT_EQ(50, count);
	walk_end(&walk);
}

static void starts_are_random(void)
{
	bool first[64] = {};
	struct walk walk;
	int firsts = 0;
	int i;

	if (!walk_begin(&walk, 64))
		return;
	for (i = 0; i < 100; i++) {
		gomap_iter_end(&walk.iter);
		gomap_iter_begin(&walk.iter, walk.map);
		EXPECT_EQ(1, walk_next(&walk));
		first[walk.last % 64] = true;
	}
	for (i = 0; i < 64; i++)
		firsts += first[i];
	EXPECT_AT_LEAST(50, firsts);
	walk_end(&walk);
}

const struct test iter_tests[] = {
	TEST(each_key_once),
	TEST(each_key_once_over_growths),
	TEST(deleting_what_is_returned),
	TEST(deleted_before_its_turn),
	TEST(resumed_from_a_saved_position),
	TEST(clear_makes_it_stale),
	TEST(too_little_room_moves_nothing),
	TEST(lengths_without_room),
	TEST(starts_are_random),
	{}
};
