// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory under several writers and readers: stable values that readers hold on
 * to, maps that have all they need from the start, objects by kmalloc() beside
 * those in chunks, chunks that a compaction gives back, and the sums of it all.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "test.h"

#define VALUE_MAX	1024
#define WORDS		16
#define RUN_MS		400

/* A value of this size that belongs to this key. */
static int store(struct gomap *map, u64 key, u32 size, gfp_t gfp)
{
	u8 value[VALUE_MAX];

	memset(value, test_mix(key), size);
	return gomap_store(map, &key, sizeof(key), value, size, gfp);
}

static void fill(struct gomap *map, u64 first, u64 count, u32 size)
{
	u64 key;

	for (key = first; key < first + count; key++)
		if (!EXPECT_EQ(0, store(map, key, size, GFP_KERNEL)))
			return;
}

static u64 count_wrong(struct gomap *map, u64 first, u64 count, u32 size)
{
	u64 key, wrong = 0;
	u8 value[VALUE_MAX];

	for (key = first; key < first + count; key++) {
		u8 byte = test_mix(key);

		wrong += gomap_lookup(map, &key, sizeof(key), value,
				      sizeof(value)) != size ||
			 memchr_inv(value, byte, size);
	}
	return wrong;
}

void test_no_leaks(struct gomap *map)
{
	struct gomap_leaks leaks;

	EXPECT_EQ(0, gomap_find_leaks(map, &leaks));
	EXPECT(leaks.certain);
	EXPECT_EQ(0, leaks.objects);
	EXPECT_EQ(0, leaks.bytes);
	EXPECT_EQ(0, leaks.dangling);
	EXPECT_EQ(0, leaks.shared);
}

/**
 * struct watch - one of the threads that read or overwrite one stable value.
 * @map: The map.
 * @writes: It overwrites.
 * @end: Until then.
 * @rounds: How often it did.
 * @broken: Values that were not whole, or changed under the reader's eyes.
 */
struct watch {
	struct gomap *map;
	bool writes;
	unsigned long end;
	u64 rounds;
	u64 broken;
};

static bool is_whole(const u64 *value, u64 version)
{
	int i;

	for (i = 0; i < WORDS; i++)
		if (READ_ONCE(value[i]) != version)
			return false;
	return true;
}

static void look_twice(struct watch *watch)
{
	u64 key = 0, version;
	const u64 *value;

	rcu_read_lock();
	value = gomap_lookup_rcu(watch->map, &key, sizeof(key), NULL);
	if (IS_ERR(value)) {
		watch->broken++;
	} else {
		version = READ_ONCE(value[0]);
		watch->broken += !is_whole(value, version);
		udelay(20);
		watch->broken += !is_whole(value, version);
	}
	rcu_read_unlock();
}

static void overwrite(struct watch *watch)
{
	u64 key = 0, value[WORDS];
	int i;

	for (i = 0; i < WORDS; i++)
		value[i] = watch->rounds;
	watch->broken += gomap_store(watch->map, &key, sizeof(key), value,
				     sizeof(value), GFP_KERNEL) != 1;
}

static void watch_or_write(void *arg)
{
	struct watch *watch = arg;

	while (time_before(jiffies, watch->end)) {
		if (watch->writes)
			overwrite(watch);
		else
			look_twice(watch);
		watch->rounds++;
		cond_resched();
	}
}

static void readers_keep_the_stable_value_they_found(void)
{
	struct gomap *map = test_create(8, 8 * WORDS, 0, GOMAP_F_STABLE);
	struct watch watches[TEST_THREADS] = {};
	int i;

	fill(map, 0, 1, 8 * WORDS);
	for (i = 0; i < TEST_THREADS; i++) {
		watches[i].map = map;
		watches[i].writes = i % 2;
		watches[i].end = jiffies + msecs_to_jiffies(RUN_MS);
	}
	test_run_threads(watch_or_write, watches, sizeof(*watches), NULL);
	for (i = 0; i < TEST_THREADS; i++) {
		EXPECT_EQ(0, watches[i].broken);
		EXPECT_AT_LEAST(1, watches[i].rounds);
	}
	test_no_leaks(map);
	test_put(map);
}

/* One of the threads that fill a map together. */
struct filler {
	struct gomap *map;
	u64 first;
	u64 count;
	u32 size;
};

static void fill_in(void *arg)
{
	struct filler *filler = arg;

	fill(filler->map, filler->first, filler->count, filler->size);
}

static void fill_together(struct gomap *map, u64 count, u32 size)
{
	struct filler fillers[TEST_THREADS];
	int i;

	for (i = 0; i < TEST_THREADS; i++)
		fillers[i] = (struct filler){
			.map = map,
			.first = i * (count / TEST_THREADS),
			.count = count / TEST_THREADS,
			.size = size,
		};
	test_run_threads(fill_in, fillers, sizeof(*fillers), NULL);
}

static void expect_no_allocation(u32 size, u32 flags, u64 hint)
{
	struct gomap *map = test_create(8, size, hint, flags);
	struct gomap_info before, after;

	EXPECT_EQ(0, gomap_info(map, &before, false));
	fill_together(map, hint, size);
	EXPECT_EQ(0, gomap_info(map, &after, false));
	EXPECT_EQ(hint, after.len);
	EXPECT_EQ(before.kernel_allocs, after.kernel_allocs);
	EXPECT_EQ(before.bytes_held, after.bytes_held);
	EXPECT_EQ(0, after.write_allocs);
	EXPECT_EQ(0, count_wrong(map, 0, hint, size));
	test_no_leaks(map);
	test_put(map);
}

static void a_presized_map_allocates_nothing(void)
{
	static const u64 hints[] = { 40, 4000, 26000 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hints); i++) {
		expect_no_allocation(8, 0, hints[i]);
		expect_no_allocation(200, 0, hints[i]);
		expect_no_allocation(32, GOMAP_F_STABLE, hints[i]);
	}
}

/* What there is to find for a key, in a number. */
static u64 found(struct gomap *map, u64 key)
{
	u8 value[VALUE_MAX];
	int len = gomap_lookup(map, &key, sizeof(key), value, sizeof(value));
	u64 sum = len;
	int i;

	for (i = 0; i < len; i++)
		sum = sum * 31 + value[i];
	return sum;
}

/* The same life of two maps, one of which has a kmalloc() for each object. */
static void kmalloc_per_object_makes_no_difference(void)
{
	u32 flags = GOMAP_F_VAR_VALUE;
	struct gomap *arena = test_create(8, VALUE_MAX, 0, flags);
	struct gomap *plain = test_create(8, VALUE_MAX, 0,
					  flags | GOMAP_F_KMALLOC);
	struct gomap_info info;
	u64 differ = 0, i;

	for (i = 0; i < 20000; i++) {
		u64 key = test_mix(i) % 2000;
		u32 size = 1 + test_mix(i * 7) % 400;

		if (i % 3)
			differ += store(arena, key, size, GFP_KERNEL) !=
				  store(plain, key, size, GFP_KERNEL);
		else
			differ += gomap_delete(arena, &key, 8) !=
				  gomap_delete(plain, &key, 8);
	}
	for (i = 0; i < 2000; i++)
		differ += found(arena, i) != found(plain, i);
	EXPECT_EQ(0, differ);
	EXPECT_EQ(gomap_len(arena), gomap_len(plain));
	EXPECT_EQ(0, gomap_info(plain, &info, false));
	EXPECT_AT_LEAST(gomap_len(plain), info.kernel_allocs);
	test_no_leaks(arena);
	test_no_leaks(plain);
	test_put(arena);
	test_put(plain);
}

static u64 chunks_wanted; /* bytes of chunks to come down to */

static bool chunks_are_few(const struct gomap_info *info)
{
	return info->bytes_chunks <= chunks_wanted;
}

static u64 bytes_of_chunks(struct gomap *map)
{
	struct gomap_info info;

	EXPECT_EQ(0, gomap_info(map, &info, false));
	return info.bytes_chunks;
}

static void take_out(struct gomap *map, u64 first, u64 count)
{
	u64 key;

	for (key = first; key < first + count; key++)
		EXPECT_EQ(1, gomap_delete(map, &key, sizeof(key)));
}

/* A third of the objects, and those of one chunk after the other. */
static void compaction_gives_chunks_back(void)
{
	struct gomap *map = test_create(8, 1000, 0, 0);
	u64 full;

	fill(map, 0, 4000, 1000);
	full = bytes_of_chunks(map);
	take_out(map, 0, 1400);
	EXPECT_EQ(0, gomap_compact(map));
	chunks_wanted = full - full / 5;
	EXPECT(test_wait_for(map, chunks_are_few));
	EXPECT_EQ(0, count_wrong(map, 1400, 2600, 1000));
	test_no_leaks(map);
	test_put(map);
}

/* What gomap_memory() says by classes is what gomap_info() says in all. */
static void classes_add_up(void)
{
	struct gomap_memory *memory = kzalloc(sizeof(*memory), GFP_KERNEL);
	struct gomap *map = test_create(8, 300, 0, 0);
	u64 bytes = 0, live = 0, chunks = 0;
	struct gomap_info info;
	u32 i;

	if (!EXPECT(memory))
		return;
	fill(map, 0, 1000, 300);
	EXPECT_EQ(0, gomap_finish_resize(map));
	gomap_memory(map, memory);
	EXPECT_EQ(0, gomap_info(map, &info, false));
	for (i = 0; i < memory->nr; i++) {
		bytes += memory->class[i].bytes;
		live += memory->class[i].live;
		chunks += memory->class[i].nr_chunks;
	}
	EXPECT_EQ(info.bytes_chunks, bytes);
	EXPECT_EQ(info.objects_live, live);
	EXPECT_EQ(info.nr_chunks, chunks);
	EXPECT_EQ(1000 + info.nr_overflow, live);
	test_put(map);
	kfree(memory);
}

const struct test arena_tests[] = {
	TEST(readers_keep_the_stable_value_they_found),
	TEST(a_presized_map_allocates_nothing),
	TEST(kmalloc_per_object_makes_no_difference),
	TEST(compaction_gives_chunks_back),
	TEST(classes_add_up),
	{}
};
