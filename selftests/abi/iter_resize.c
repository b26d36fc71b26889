// SPDX-License-Identifier: GPL-2.0-only
/*
 * Iterations of a map whose size changes under them, in both directions, and
 * whose cursor goes from process to process; and what a new seed does to them.
 */
#include "iter.h"

#define STAY	300	/* keys 0 .. STAY - 1 are there all the time */
#define COME	1000	/* more keys, which come and go */

FIXTURE_VARIANT_ADD(room, one) { 1, 0 };
FIXTURE_VARIANT_ADD(room, sixty_four) { 64, 0 };
FIXTURE_VARIANT_ADD(room, a_million) { MILLION, 0 };
FIXTURE_VARIANT_ADD(room, a_million_but_no_more_than_50) { MILLION, 50 };

static int come(int map)
{
	return gm_fill(map, STAY, COME);
}

static int go(int map)
{
	for (__u64 key = STAY; key < STAY + COME; key++) {
		int ret = gm_del(map, key);

		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Up, down at once, up, down when the map thinks fit; again and again. */
static int change_size(int map, int round)
{
	if (round % 2 == 0)
		return come(map);
	return round % 4 == 1 ? go(map) ?: gm_compact(map) : go(map);
}

/* A process of its own: it has the map and the cursor, and nothing else. */
static int go_on_elsewhere(struct __test_metadata *_metadata,
			   FIXTURE_DATA(iter) *it, __u32 entries,
			   struct gomap_ioc_iter *baton)
{
	pid_t child = fork();

	if (child == 0) {
		int err = 0;

		it->iter.cursor = baton->cursor;
		for (int i = 0; i < 20 && !err && !it->iter.done; i++)
			err = step(_metadata, it, entries);
		*baton = it->iter;
		_exit(!!err);
	}
	return gm_wait(child);
}

TEST_F(room, passed_on_over_grows_and_shrinks)
{
	struct gomap_ioc_iter *baton = shared_memory(sizeof(*baton));
	struct gomap_ioc_info info;
	int round = 0;

	ASSERT_NE(NULL, baton);
	ASSERT_EQ(0, gm_fill(self->it.map, 0, STAY));
	/* A call that has room for everything must not be the first. */
	ASSERT_EQ(0, gm_iter(self->it.map, baton, GOMAP_ITER_KEYS, buf, 8, 0));
	seen[buf[0]]++;
	do {
		ASSERT_EQ(0, change_size(self->it.map, round++));
		ASSERT_EQ(0, go_on_elsewhere(_metadata, &self->it,
					     variant->entries, baton));
	} while (!baton->done);
	EXPECT_EQ(0, not_seen(0, STAY, 1));
	EXPECT_EQ(0, seen_twice(STAY, COME));
	ASSERT_EQ(0, gm_info(self->it.map, 0, &info));
	EXPECT_LT(0, info.grows);
	if (round > 1) {
		EXPECT_LT(0, info.shrinks);
	}
}

/* Somebody else makes the map large and small as fast as can be. */
TEST_F(room, under_fire)
{
	struct gomap_ioc_info info;
	double end = gm_now() + 1;
	pid_t child;

	ASSERT_EQ(0, gm_fill(self->it.map, 0, STAY));
	child = fork();
	if (child == 0) {
		for (int round = 0; !change_size(self->it.map, round); round++)
			;
		_exit(1);
	}
	do {
		memset(seen, 0, MAX_KEYS);
		memset(&self->it.iter, 0, sizeof(self->it.iter));
		walk(_metadata, &self->it, variant->entries);
		ASSERT_EQ(0, not_seen(0, STAY, 1));
		ASSERT_EQ(0, seen_twice(STAY, COME));
		ASSERT_EQ(0, gm_info(self->it.map, 0, &info));
	} while (gm_now() < end || (!info.shrinks && gm_now() < end + 10));
	gm_kill(child);
	EXPECT_LT(0, info.grows);
	EXPECT_LT(0, info.shrinks);
}

TEST_F(room, counting_alone_over_grows_and_shrinks)
{
	struct gomap_ioc_iter iter = { 0 };
	__u64 count = 0;
	int round = 0;

	ASSERT_EQ(0, gm_fill(self->it.map, 0, STAY));
	do {
		ASSERT_EQ(0, gm_iter(self->it.map, &iter, 0, NULL, 0, 40));
		count += iter.count;
		ASSERT_EQ(0, change_size(self->it.map, round++));
	} while (!iter.done);
	EXPECT_LE(STAY, count);
	EXPECT_GE(STAY + COME, count);
}

/* A cursor is 40 bytes: it may be old, and is still good. */
TEST_F(iter, cursor_from_many_sizes_ago)
{
	ASSERT_EQ(0, gm_fill(self->map, 0, STAY));
	ASSERT_EQ(0, step(_metadata, self, 100));
	for (int round = 0; round < 8; round++)
		ASSERT_EQ(0, change_size(self->map, round));
	walk(_metadata, self, 100);
	EXPECT_EQ(0, not_seen(0, STAY, 1));
}

TEST_F(iter, compact_alone_changes_nothing)
{
	ASSERT_EQ(0, gm_fill(self->map, 0, STAY));
	do {
		ASSERT_EQ(0, step(_metadata, self, 7));
		ASSERT_EQ(0, gm_compact(self->map));
	} while (!self->iter.done);
	EXPECT_EQ(0, not_seen(0, STAY, 1));
}

TEST_F(iter, stale_after_rekey)
{
	struct gomap_cursor before;

	ASSERT_EQ(0, gm_fill(self->map, 0, STAY));
	ASSERT_EQ(0, step(_metadata, self, 100));
	before = self->iter.cursor;
	ASSERT_EQ(0, gm_rekey(self->map));
	EXPECT_EQ(-ESTALE, step(_metadata, self, 100));
	EXPECT_EQ(0, memcmp(&before, &self->iter.cursor, sizeof(before)));
	EXPECT_EQ(-ESTALE, gm_iter(self->map, &self->iter, 0, NULL, 0, 0));
}

/* Also one that stands at its beginning; but an end stays the end. */
TEST_F(iter, stale_after_rekey_wherever_it_stands)
{
	struct gomap_cursor first, last;
	__u64 byte;

	ASSERT_EQ(0, gm_fill(self->map, 0, STAY));
	ASSERT_EQ(-EMSGSIZE, gm_iter(self->map, &self->iter, GOMAP_ITER_KEYS,
				     &byte, 1, 0));
	first = self->iter.cursor;
	walk(_metadata, self, 100);
	last = self->iter.cursor;
	ASSERT_EQ(0, gm_rekey(self->map));
	self->iter.cursor = first;
	EXPECT_EQ(-ESTALE, step(_metadata, self, 100));
	self->iter.cursor = last;
	EXPECT_EQ(0, step(_metadata, self, 100));
	EXPECT_EQ(0, self->iter.count);
	EXPECT_EQ(1, self->iter.done);
}

TEST_F(iter, begun_after_a_rekey)
{
	ASSERT_EQ(0, gm_fill(self->map, 0, STAY));
	for (int round = 0; round < 5; round++) {
		ASSERT_EQ(0, gm_rekey(self->map));
		memset(seen, 0, MAX_KEYS);
		memset(&self->iter, 0, sizeof(self->iter));
		walk(_metadata, self, 100);
		EXPECT_EQ(0, not_seen(0, STAY, 1));
	}
}

/*
 * Seeds come and go as fast as can be: an iteration is stale or complete, and
 * what it returned before it was stale it returned once.
 */
TEST_F(iter, rekeyed_all_the_time)
{
	int stale = 0, complete = 0, err;
	double end = gm_now() + 10;
	pid_t child;

	ASSERT_EQ(0, gm_fill(self->map, 0, STAY));
	child = fork();
	if (child == 0) {
		while (!gm_rekey(self->map))
			usleep(100);
		_exit(1);
	}
	do {
		memset(seen, 0, MAX_KEYS);
		memset(&self->iter, 0, sizeof(self->iter));
		do {
			err = step(_metadata, self, complete % 2 ? 8 : STAY);
		} while (!err && !self->iter.done);
		ASSERT_TRUE(!err || err == -ESTALE);
		EXPECT_EQ(0, seen_twice(0, STAY));
		if (!err) {
			EXPECT_EQ(0, not_seen(0, STAY, 1));
		}
		stale += !!err;
		complete += !err;
	} while ((stale < 50 || complete < 50) && gm_now() < end);
	gm_kill(child);
	EXPECT_LT(0, stale);
	EXPECT_LT(0, complete);
}

TEST_HARNESS_MAIN
