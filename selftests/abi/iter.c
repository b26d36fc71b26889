// SPDX-License-Identifier: GPL-2.0-only
/*
 * ITER: every key exactly once, whatever the buffer, over growths, in another
 * process; and a cursor that is wrong does no harm.  Shrinks and new seeds are in
 * iter_resize.c.
 */
#include "iter.h"

FIXTURE_VARIANT_ADD(room, one) { 1, 0 };
FIXTURE_VARIANT_ADD(room, three) { 3, 0 };
FIXTURE_VARIANT_ADD(room, sixty_four) { 64, 0 };
FIXTURE_VARIANT_ADD(room, four_thousand) { 4096, 0 };

TEST_F(room, exactly_once)
{
	static const __u64 sizes[] = { 1, 7, 8, 9, 100, 3000 };
	__u64 len = 0;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		ASSERT_EQ(0, gm_fill(self->it.map, len, sizes[i] - len));
		len = sizes[i];
		memset(seen, 0, MAX_KEYS);
		memset(&self->it.iter, 0, sizeof(self->it.iter));
		walk(_metadata, &self->it, variant->entries);
		EXPECT_EQ(0, not_seen(0, len, 1)) {
			TH_LOG("of %llu keys", (unsigned long long)len);
		}
		EXPECT_EQ(0, not_seen(len, MAX_KEYS - len, 0));
	}
}

/* The map grows eight times its size while the iteration is under way. */
TEST_F(room, exactly_once_over_growths)
{
	__u64 first = 1000, next = first;

	ASSERT_EQ(0, gm_fill(self->it.map, 0, first));
	do {
		ASSERT_EQ(0, step(_metadata, &self->it, variant->entries));
		for (__u32 i = 0; i < 8 * variant->entries; i++) {
			if (next < 8 * first) {
				ASSERT_EQ(0, gm_put(self->it.map, next, next));
				next++;
			}
		}
	} while (!self->it.iter.done);
	EXPECT_EQ(0, not_seen(0, first, 1));
	EXPECT_EQ(0, seen_twice(first, next - first));
}

/* Every other key goes while the iteration is under way. */
TEST_F(room, deleted_keys_do_not_come_back)
{
	__u64 len = 2000, gone = 1;
	static __u8 before[MAX_KEYS];

	ASSERT_EQ(0, gm_fill(self->it.map, 0, len));
	do {
		ASSERT_EQ(0, step(_metadata, &self->it, variant->entries));
		for (__u32 i = 0; i < variant->entries && gone < len; i++) {
			ASSERT_EQ(1, gm_del(self->it.map, gone));
			before[gone] = seen[gone];
			gone += 2;
		}
	} while (!self->it.iter.done);
	for (__u64 key = 0; key < len; key++) {
		__u8 times = key % 2 && key < gone ? before[key] : 1;

		EXPECT_EQ(times, seen[key]);
	}
}

/* Keys come, go and come back: those that stay are there exactly once. */
TEST_F(room, churn)
{
	__u64 state = 11, stay = 1500;

	ASSERT_EQ(0, gm_fill(self->it.map, 0, stay));
	do {
		ASSERT_EQ(0, step(_metadata, &self->it, variant->entries));
		for (__u32 i = 0; i < variant->entries; i++) {
			__u64 key = stay + gm_random(&state) % 3000;
			int ret = gm_random(&state) % 2 ?
				  gm_put(self->it.map, key, key) :
				  gm_del(self->it.map, key);

			ASSERT_LE(0, ret);
		}
	} while (!self->it.iter.done);
	EXPECT_EQ(0, not_seen(0, stay, 1));
}

/* All keys are overwritten while the iteration is under way. */
TEST_F(room, overwriting_moves_nothing)
{
	__u64 len = 1000;

	ASSERT_EQ(0, gm_fill(self->it.map, 0, len));
	do {
		ASSERT_EQ(0, step(_metadata, &self->it, variant->entries));
		ASSERT_EQ(0, gm_fill(self->it.map, self->it.iter.count % 900,
				     10));
	} while (!self->it.iter.done);
	EXPECT_EQ(0, not_seen(0, len, 1));
}

TEST_F(iter, empty_map)
{
	EXPECT_EQ(0, step(_metadata, self, 10));
	EXPECT_EQ(0, self->iter.count);
	EXPECT_EQ(0, self->iter.used);
	EXPECT_EQ(1, self->iter.done);
}

TEST_F(iter, end_stays_the_end)
{
	ASSERT_EQ(0, gm_fill(self->map, 0, 100));
	walk(_metadata, self, 64);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0, step(_metadata, self, 64));
		EXPECT_EQ(0, self->iter.count);
		EXPECT_EQ(1, self->iter.done);
	}
	EXPECT_EQ(0, not_seen(0, 100, 1));
}

TEST_F(iter, done_comes_with_the_last_entry)
{
	ASSERT_EQ(0, gm_fill(self->map, 0, 100));
	ASSERT_EQ(0, step(_metadata, self, 100));
	EXPECT_EQ(100, self->iter.count);
	EXPECT_EQ(1, self->iter.done);
}

TEST_F(iter, max_limits_the_entries)
{
	__u64 calls = 0;

	ASSERT_EQ(0, gm_fill(self->map, 0, 100));
	do {
		ASSERT_EQ(0, gm_iter(self->map, &self->iter, GOMAP_ITER_KEYS,
				     buf, sizeof(buf), 7));
		EXPECT_GE(7, self->iter.count);
		for (__u64 i = 0; i < self->iter.count; i++)
			seen[buf[i]]++;
		calls++;
	} while (!self->iter.done);
	EXPECT_EQ(15, calls);
	EXPECT_EQ(0, not_seen(0, 100, 1));
}

TEST_F(iter, only_what_is_wanted_is_copied)
{
	static const struct { __u32 flags; __u32 bytes; } cases[] = {
		{ GOMAP_ITER_KEYS, 8 }, { GOMAP_ITER_VALUES, 8 },
		{ GOMAP_ITER_FLAGS, 16 },
	};

	ASSERT_EQ(0, gm_fill(self->map, 0, 500));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		memset(&self->iter, 0, sizeof(self->iter));
		memset(buf, 0xa5, sizeof(buf));
		ASSERT_EQ(0, gm_iter(self->map, &self->iter, cases[i].flags,
				     buf, sizeof(buf), 0));
		EXPECT_EQ(500, self->iter.count);
		EXPECT_EQ(500 * cases[i].bytes, self->iter.used);
		EXPECT_EQ(0xa5a5a5a5a5a5a5a5ULL,
			  buf[500 * cases[i].bytes / 8]);
	}
}

TEST_F(iter, value_only)
{
	__u64 sum = 0;

	for (__u64 key = 0; key < 500; key++)
		ASSERT_EQ(0, gm_put(self->map, key, key << 32));
	ASSERT_EQ(0, gm_iter(self->map, &self->iter, GOMAP_ITER_VALUES,
			     buf, sizeof(buf), 0));
	for (__u64 i = 0; i < self->iter.count; i++) {
		EXPECT_EQ(0, (__u32)buf[i]);
		sum += buf[i] >> 32;
	}
	EXPECT_EQ(500 * 499 / 2, sum);
}

TEST_F(iter, count_only)
{
	ASSERT_EQ(0, gm_fill(self->map, 0, 5000));
	ASSERT_EQ(0, gm_iter(self->map, &self->iter, 0, NULL, 0, 0));
	EXPECT_EQ(5000, self->iter.count);
	EXPECT_EQ(0, self->iter.used);
	EXPECT_EQ(1, self->iter.done);
}

TEST_F(iter, count_in_portions)
{
	__u64 sum = 0;

	ASSERT_EQ(0, gm_fill(self->map, 0, 1000));
	do {
		ASSERT_EQ(0, gm_iter(self->map, &self->iter, 0, NULL, 0, 300));
		sum += self->iter.count;
	} while (!self->iter.done);
	EXPECT_EQ(1000, sum);
}

TEST_F(iter, contradictory_buffers)
{
	ASSERT_EQ(0, gm_fill(self->map, 0, 10));
	EXPECT_EQ(-EINVAL, gm_iter(self->map, &self->iter, GOMAP_ITER_KEYS,
				   buf, 0, 0));
	EXPECT_EQ(-EINVAL, gm_iter(self->map, &self->iter, 0, buf, 0, 0));
	EXPECT_EQ(-EINVAL, gm_iter(self->map, &self->iter, 0, NULL, 8, 0));
}

/* The first call may choose where to begin; none moves on. */
TEST_F(iter, one_byte_too_small)
{
	struct gomap_cursor cursor;

	ASSERT_EQ(0, gm_fill(self->map, 0, 10));
	for (__u32 len = 1; len < 16; len++) {
		EXPECT_EQ(-EMSGSIZE, gm_iter(self->map, &self->iter,
					     GOMAP_ITER_FLAGS, buf, len,
					     0));
		EXPECT_EQ(16, self->iter.needed);
		if (len == 1)
			cursor = self->iter.cursor;
		EXPECT_EQ(0, memcmp(&cursor, &self->iter.cursor,
				    sizeof(cursor)));
	}
	walk(_metadata, self, 1);
	EXPECT_EQ(0, not_seen(0, 10, 1));
}

TEST_F(iter, space_for_one_and_a_half)
{
	__u64 sum = 0;

	ASSERT_EQ(0, gm_fill(self->map, 0, 50));
	do {
		ASSERT_EQ(0, gm_iter(self->map, &self->iter, GOMAP_ITER_FLAGS,
				     buf, 24, 0));
		EXPECT_EQ(1, self->iter.count);
		EXPECT_EQ(16, self->iter.used);
		sum += self->iter.count;
	} while (!self->iter.done);
	EXPECT_EQ(50, sum);
}

/* Entry i: i bytes of key, 2i bytes of value, all of them i. */
TEST_F(iter, variable_lengths)
{
	struct gm_shape shape = { 100, 200, GOMAP_MAP_VAR_KEY |
				  GOMAP_MAP_VAR_VALUE, 0 };
	unsigned char *at = (unsigned char *)buf, bytes[200];
	int map = gm_create(self->control, shape);
	__u32 key_len, value_len, used = 0;

	ASSERT_LE(0, map);
	for (__u32 i = 0; i <= 100; i++) {
		memset(bytes, i, sizeof(bytes));
		ASSERT_EQ(0, gm_insert(map, bytes, i, bytes, 2 * i));
		used += 4 + i + 4 + 2 * i;
	}
	ASSERT_EQ(0, gm_iter(map, &self->iter, GOMAP_ITER_FLAGS, buf,
			     sizeof(buf), 0));
	ASSERT_EQ(101, self->iter.count);
	EXPECT_EQ(used, self->iter.used);
	for (int n = 0; n < 101; n++) {
		memcpy(&key_len, at, 4);
		at += 4;
		ASSERT_GE(100, key_len);
		memset(bytes, key_len, sizeof(bytes));
		EXPECT_EQ(0, memcmp(bytes, at, key_len));
		at += key_len;
		memcpy(&value_len, at, 4);
		at += 4;
		EXPECT_EQ(2 * key_len, value_len);
		EXPECT_EQ(0, memcmp(bytes, at, value_len));
		at += value_len;
		seen[key_len]++;
	}
	EXPECT_EQ(used, at - (unsigned char *)buf);
	EXPECT_EQ(0, not_seen(0, 101, 1));
	close(map);
}

/* The buffer is asked for as large as the next entry needs, and no larger. */
TEST_F(iter, needed_is_enough)
{
	struct gm_shape shape = { 8, 65536, GOMAP_MAP_VAR_VALUE, 0 };
	static unsigned char value[65536], buf[8 + 4 + 65536];
	int map = gm_create(self->control, shape);
	__u64 sum = 0, len = 0, entries = 0;

	ASSERT_LE(0, map);
	for (__u64 key = 0; key < 30; key++) {
		ASSERT_EQ(0, gm_insert(map, &key, 8, value, 2000 * key));
		sum += 2000 * key;
	}
	do {
		int err = gm_iter(map, &self->iter, GOMAP_ITER_FLAGS, buf, 12,
				  0);

		if (err) {
			ASSERT_EQ(-EMSGSIZE, err);
			ASSERT_LT(12, self->iter.needed);
			err = gm_iter(map, &self->iter, GOMAP_ITER_FLAGS, buf,
				      self->iter.needed, 0);
		}
		ASSERT_EQ(0, err);
		ASSERT_EQ(1, self->iter.count);
		entries++;
		len += self->iter.used - 12;
	} while (!self->iter.done);
	EXPECT_EQ(30, entries);
	EXPECT_EQ(sum, len);
	close(map);
}

TEST_F(iter, continued_by_another_process)
{
	pid_t child;

	ASSERT_EQ(0, gm_fill(self->map, 0, 2000));
	ASSERT_EQ(0, step(_metadata, self, 500));
	ASSERT_EQ(0, self->iter.done);
	child = fork();
	if (child == 0) {
		walk(_metadata, self, 100);
		_exit(self->iter.done ? 0 : 1);
	}
	EXPECT_EQ(0, gm_wait(child));
	EXPECT_EQ(0, not_seen(0, 2000, 1));
}

/* A copy of the cursor leads to the same entries again: it is all there is. */
TEST_F(iter, cursor_can_be_used_twice)
{
	struct gomap_cursor saved;
	__u64 first[200];

	ASSERT_EQ(0, gm_fill(self->map, 0, 1000));
	ASSERT_EQ(0, step(_metadata, self, 100));
	saved = self->iter.cursor;
	ASSERT_EQ(0, step(_metadata, self, 100));
	memcpy(first, buf, sizeof(first));
	self->iter.cursor = saved;
	ASSERT_EQ(0, step(_metadata, self, 100));
	for (int i = 0; i < 200; i++)
		EXPECT_EQ(first[i], buf[i]);
}

TEST_F(iter, stale_after_clear)
{
	struct gomap_ioc_iter before;

	ASSERT_EQ(0, gm_fill(self->map, 0, 1000));
	ASSERT_EQ(0, step(_metadata, self, 100));
	EXPECT_EQ(0, gm_clear(self->map));
	ASSERT_EQ(0, gm_fill(self->map, 0, 1000));
	before = self->iter;
	EXPECT_EQ(-ESTALE, step(_metadata, self, 100));
	EXPECT_EQ(0, memcmp(&before.cursor, &self->iter.cursor,
			    sizeof(before.cursor)));
}

TEST_F(iter, cursor_of_another_map)
{
	struct gomap_ioc_iter other = { 0 };
	int map = gm_create(self->control, GM_U64_MAP);

	ASSERT_LE(0, map);
	ASSERT_EQ(0, gm_fill(self->map, 0, 1000));
	ASSERT_EQ(0, gm_fill(map, 0, 1000));
	ASSERT_EQ(0, gm_iter(map, &other, GOMAP_ITER_KEYS, buf, 80, 0));
	self->iter.cursor = other.cursor;
	EXPECT_EQ(-ESTALE, step(_metadata, self, 100));
	close(map);
}

/* What a cursor says is entries, a new beginning, or an error; never harm. */
TEST_F(iter, cursor_of_random_bytes)
{
	__u64 state = 4711;
	int errors = 0;

	ASSERT_EQ(0, gm_fill(self->map, 0, 300));
	for (int i = 0; i < 3000; i++) {
		__u64 words[sizeof(struct gomap_cursor) / 8];
		int err;

		for (size_t w = 0; w < ARRAY_LEN(words); w++)
			words[w] = gm_random(&state);
		memcpy(&self->iter.cursor, words, sizeof(words));
		err = step(_metadata, self, 512);
		errors += err == -ESTALE;
		EXPECT_TRUE(!err || err == -ESTALE);
		EXPECT_GE(300, self->iter.count);
	}
	EXPECT_LT(1000, errors);
}

/* One member at a time is wrong in an otherwise good cursor. */
TEST_F(iter, cursor_with_one_wrong_bit)
{
	struct gomap_cursor good;

	ASSERT_EQ(0, gm_fill(self->map, 0, 300));
	ASSERT_EQ(0, step(_metadata, self, 100));
	good = self->iter.cursor;
	for (size_t bit = 0; bit < 8 * sizeof(good); bit++) {
		int err;

		self->iter.cursor = good;
		((__u8 *)&self->iter.cursor)[bit / 8] ^= 1 << bit % 8;
		err = step(_metadata, self, 1024);
		EXPECT_TRUE(!err || err == -ESTALE);
		/* from somewhere else to the end, and round once */
		EXPECT_GE(2 * 300, self->iter.count);
	}
	self->iter.cursor = good;
	memset(seen, 0, MAX_KEYS);
	walk(_metadata, self, 100);
	EXPECT_EQ(100, not_seen(0, 300, 1));
}

/* The cursor is not in the kernel: its holder may die, or never come back. */
TEST_F(iter, a_thousand_iterations_begun)
{
	struct gomap_ioc_info before, after;

	ASSERT_EQ(0, gm_fill(self->map, 0, 300));
	ASSERT_TRUE(gm_wait_until_grown(self->map));
	ASSERT_EQ(0, gm_info(self->map, 0, &before));
	for (int i = 0; i < 1000; i++) {
		memset(&self->iter, 0, sizeof(self->iter));
		ASSERT_EQ(0, step(_metadata, self, 10));
	}
	ASSERT_EQ(0, gm_info(self->map, 0, &after));
	EXPECT_GE(before.bytes_held, after.bytes_held);
	EXPECT_EQ(before.kernel_allocs, after.kernel_allocs);
}

TEST_F(iter, starts_are_random)
{
	__u64 firsts = 0;
	__u8 *first = calloc(1, MAX_KEYS);

	ASSERT_NE(NULL, first);
	ASSERT_EQ(0, gm_fill(self->map, 0, 64));
	for (int i = 0; i < 100; i++) {
		memset(&self->iter, 0, sizeof(self->iter));
		ASSERT_EQ(0, step(_metadata, self, 64));
		first[buf[0]] = 1;
	}
	for (int key = 0; key < 64; key++)
		firsts += first[key];
	EXPECT_LE(50, firsts);
}

TEST_F(iter, sees_the_value_of_the_moment)
{
	ASSERT_EQ(0, gm_fill(self->map, 0, 100));
	ASSERT_EQ(0, gm_iter(self->map, &self->iter, GOMAP_ITER_FLAGS,
			     buf, 16, 0));
	for (__u64 key = 0; key < 100; key++)
		ASSERT_EQ(1, gm_put(self->map, key, key + 7));
	do {
		ASSERT_EQ(0, gm_iter(self->map, &self->iter, GOMAP_ITER_FLAGS,
				     buf, 16, 0));
		EXPECT_EQ(buf[0] + 7, buf[1]);
	} while (!self->iter.done);
}

TEST_HARNESS_MAIN
