// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a map: values that keep their place, allocators of the user's
 * own, limits, and what comes back.
 */
#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "test.h"

/* The figures of now; good until they are asked for again. */
static const struct gomap_info *info_of(struct gomap *map)
{
	static struct gomap_info info;

	EXPECT_EQ(0, gomap_info(map, &info, false));
	return &info;
}

/* Where the value of a key lies; the map is not written to meanwhile. */
static const void *place_of(struct gomap *map, u64 key)
{
	const void *place;

	rcu_read_lock();
	place = gomap_lookup_rcu(map, &key, sizeof(key), NULL);
	rcu_read_unlock();
	return place;
}

static void stable_values_keep_their_place(void)
{
	struct gomap *map = test_create(8, 8, 0, GOMAP_F_STABLE);
	const void *place;
	u32 B;

	test_fill(map, 0, 100);
	place = place_of(map, 42);
	EXPECT(!IS_ERR(place));
	B = test_b(map);
	test_fill(map, 100, 2000);
	EXPECT_EQ(0, gomap_finish_resize(map));
	EXPECT_AT_LEAST(B + 3, test_b(map));
	EXPECT(place_of(map, 42) == place);
	EXPECT_EQ(0, gomap_rekey(map));
	EXPECT(place_of(map, 42) == place);
	EXPECT_EQ(0, test_count_wrong(map, 0, 2100));
	test_put(map);
}

/* Who found a value has it whole until his section ends. */
static void a_stable_value_is_replaced_as_a_whole(void)
{
	struct gomap *map = test_create(8, 8, 0, GOMAP_F_STABLE);
	u64 key = 7, value = 8;
	const u64 *before, *after;

	test_fill(map, 7, 1);
	rcu_read_lock();
	before = gomap_lookup_rcu(map, &key, 8, NULL);
	EXPECT_EQ(1, gomap_store(map, &key, 8, &value, 8, GFP_ATOMIC));
	after = gomap_lookup_rcu(map, &key, 8, NULL);
	EXPECT(before != after);
	EXPECT_EQ(7, *before);
	EXPECT_EQ(8, *after);
	rcu_read_unlock();
	test_put(map);
}

static void pointers_are_for_stable_maps(void)
{
	struct gomap *map = test_create_u64();
	u64 key = 1;

	rcu_read_lock();
	EXPECT_EQ(-EOPNOTSUPP, PTR_ERR(gomap_lookup_rcu(map, &key, 8, NULL)));
	EXPECT_EQ(-ENOENT, PTR_ERR(gomap_lookup_rcu(NULL, &key, 8, NULL)));
	rcu_read_unlock();
	test_put(map);
}

/**
 * struct store_room - an allocator that counts, and refuses on request.
 * @blocks: Blocks that are out.
 * @bytes: Bytes of them.
 * @refuse_in: Allocations until one is refused; below 0: none is.
 */
struct store_room {
	atomic_t blocks;
	atomic64_t bytes;
	atomic_t refuse_in;
};

static void *room_alloc(void *ctx, size_t size, gfp_t gfp)
{
	struct store_room *room = ctx;
	void *p;

	if (atomic_dec_return(&room->refuse_in) == 0)
		return NULL;
	p = kvzalloc(size, gfp);
	if (p) {
		atomic_inc(&room->blocks);
		atomic64_add(size, &room->bytes);
	}
	return p;
}

static void room_free(void *ctx, void *p, size_t size)
{
	struct store_room *room = ctx;

	atomic_dec(&room->blocks);
	atomic64_sub(size, &room->bytes);
	kvfree(p);
}

static const struct gomap_alloc_ops room_ops = {
	.alloc = room_alloc,
	.free = room_free,
};

static struct gomap *map_in(struct store_room *room, u32 flags, int refuse_in)
{
	struct gomap_params params = {
		.key_size = 8,
		.value_size = 200,
		.flags = flags,
		.alloc_ops = &room_ops,
		.alloc_ctx = room,
	};

	atomic_set(&room->refuse_in, refuse_in);
	return gomap_create(&params);
}

static int store_long(struct gomap *map, u64 key)
{
	u8 value[200] = {};

	memcpy(value, &key, sizeof(key));
	return gomap_store(map, &key, 8, value, sizeof(value), GFP_KERNEL);
}

static void all_memory_is_the_allocators(void)
{
	struct store_room room = {};
	struct gomap *map = map_in(&room, 0, -1);
	u64 key;

	EXPECT(!IS_ERR(map));
	for (key = 0; key < 3000; key++)
		EXPECT_EQ(0, store_long(map, key));
	EXPECT_AT_LEAST(3000 * 200, atomic64_read(&room.bytes));
	for (key = 0; key < 2900; key++)
		EXPECT_EQ(1, gomap_delete(map, &key, 8));
	test_put(map);
	gomap_barrier();
	EXPECT_EQ(0, atomic_read(&room.blocks));
	EXPECT_EQ(0, atomic64_read(&room.bytes));
}

/* Each allocation in turn: the map stays right, and nothing is lost. */
static void refused_memory_is_survived(void)
{
	struct store_room room = {};
	struct gomap *map;
	u64 key;
	int n, err;

	for (n = 1; n < 60; n++) {
		map = map_in(&room, n % 2 ? GOMAP_F_STABLE : 0, n);
		if (IS_ERR(map)) {
			EXPECT_EQ(-ENOMEM, PTR_ERR(map));
			continue;
		}
		for (key = 0; key < 200; key++) {
			err = store_long(map, key);
			EXPECT(!err || err == -ENOMEM);
			EXPECT_EQ(0, err ? store_long(map, key) : 0);
		}
		EXPECT_EQ(200, gomap_len(map));
		test_put(map);
	}
	gomap_barrier();
	EXPECT_EQ(0, atomic_read(&room.blocks));
}

static void a_hint_takes_all_memory_at_create(void)
{
	struct gomap *map = test_create(8, 200, 5000, 0);
	u64 allocs = info_of(map)->kernel_allocs, key;

	for (key = 0; key < 5000; key++)
		EXPECT_EQ(0, store_long(map, key));
	EXPECT_EQ(allocs, info_of(map)->kernel_allocs);
	EXPECT_EQ(0, info_of(map)->write_allocs);
	test_put(map);
}

/* One chunk stays, and those that a magazine has an object of. */
static bool holds_little(const struct gomap_info *info)
{
	return info->bytes_chunks <= 3 * 131072;
}

static void empty_chunks_go_back(void)
{
	struct gomap *map = test_create(8, 200, 0, 0);
	u64 key;

	for (key = 0; key < 10000; key++)
		EXPECT_EQ(0, store_long(map, key));
	EXPECT_AT_LEAST(2000000, info_of(map)->bytes_chunks);
	for (key = 0; key < 10000; key++)
		EXPECT_EQ(1, gomap_delete(map, &key, 8));
	EXPECT(test_wait_for(map, holds_little));
	test_put(map);
}

static void nothing_leaks(void)
{
	struct gomap *map = test_create(8, 200, 0, GOMAP_F_STABLE);
	struct gomap_leaks leaks;
	u64 key;

	for (key = 0; key < 3000; key++)
		EXPECT_AT_LEAST(0, store_long(map, key % 1000));
	EXPECT_EQ(0, gomap_finish_resize(map));
	EXPECT_EQ(0, gomap_find_leaks(map, &leaks));
	EXPECT(leaks.certain);
	EXPECT_EQ(0, leaks.objects);
	EXPECT_EQ(0, leaks.dangling);
	EXPECT_EQ(0, leaks.shared);
	test_put(map);
}

const struct test memory_tests[] = {
	TEST(stable_values_keep_their_place),
	TEST(a_stable_value_is_replaced_as_a_whole),
	TEST(pointers_are_for_stable_maps),
	TEST(all_memory_is_the_allocators),
	TEST(refused_memory_is_survived),
	TEST(a_hint_takes_all_memory_at_create),
	TEST(empty_chunks_go_back),
	TEST(nothing_leaks),
	{}
};
