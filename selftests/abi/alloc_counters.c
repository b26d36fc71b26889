// SPDX-License-Identifier: GPL-2.0-only
/*
 * No allocation per operation, shown by the map's own counters: kernel_allocs
 * counts calls of the kernel's allocators, object_allocs what the arena hands
 * out.
 */
#include "harness.h"
#include "common.h"

#define ROUNDS	100000
#define MILLION	1000000	/* operations, shared out among the shapes */

FIXTURE(warm) {
	int control;
	int map;
	struct gomap_ioc_info before;
};

enum { WARM_ENTRIES = 1000 };

/* Filled, grown and settled: whatever there is to allocate has been. */
FIXTURE_SETUP(warm)
{
	struct gm_shape shape = { 8, 128, 0, 4 * WARM_ENTRIES };
	unsigned char value[128] = { 0 };

	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, shape);
	ASSERT_LE(0, self->map);
	for (__u64 key = 0; key < WARM_ENTRIES; key++)
		ASSERT_EQ(0, gm_store(self->map, &key, 8, value, 128));
	ASSERT_EQ(0, gm_info(self->map, 0, &self->before));
}

FIXTURE_TEARDOWN(warm)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

static void expect_no_allocations(struct __test_metadata *_metadata,
				  FIXTURE_DATA(warm) *self)
{
	struct gomap_ioc_info after;

	ASSERT_EQ(0, gm_info(self->map, 0, &after));
	EXPECT_EQ(self->before.kernel_allocs, after.kernel_allocs);
	EXPECT_EQ(self->before.object_allocs, after.object_allocs);
	EXPECT_EQ(self->before.bytes_held, after.bytes_held);
	EXPECT_EQ(self->before.bytes_live, after.bytes_live);
	EXPECT_EQ(WARM_ENTRIES, after.len);
}

TEST_F(warm, overwrites)
{
	unsigned char value[128];

	for (int i = 0; i < ROUNDS; i++) {
		__u64 key = i % WARM_ENTRIES;

		memset(value, i, sizeof(value));
		ASSERT_EQ(1, gm_store(self->map, &key, 8, value, 128));
	}
	expect_no_allocations(_metadata, self);
}

TEST_F(warm, deletes_and_inserts)
{
	unsigned char value[128] = { 0 };

	for (int i = 0; i < ROUNDS / 2; i++) {
		__u64 key = i % WARM_ENTRIES;

		ASSERT_EQ(1, gm_delete(self->map, &key, 8));
		ASSERT_EQ(0, gm_insert(self->map, &key, 8, value, 128));
	}
	expect_no_allocations(_metadata, self);
}

TEST_F(warm, lookups_and_iterations)
{
	unsigned char value[128];
	static unsigned char buf[65536];
	struct gomap_ioc_iter iter = { 0 };

	for (int i = 0; i < ROUNDS; i++) {
		__u64 key = i % (2 * WARM_ENTRIES);

		ASSERT_EQ(key < WARM_ENTRIES ? 128 : -ENOENT,
			  gm_lookup(self->map, &key, 8, value, 128));
	}
	do {
		ASSERT_EQ(0, gm_iter(self->map, &iter, GOMAP_ITER_FLAGS, buf,
				     sizeof(buf), 0));
	} while (!iter.done);
	expect_no_allocations(_metadata, self);
}

TEST_F(warm, failing_operations)
{
	unsigned char value[128] = { 0 };
	__u64 absent = WARM_ENTRIES;

	for (__u64 key = 0; key < WARM_ENTRIES; key++) {
		ASSERT_EQ(-EEXIST, gm_insert(self->map, &key, 8, value, 128));
		ASSERT_EQ(-ENOENT, gm_replace(self->map, &absent, 8, value,
					      128));
		ASSERT_EQ(0, gm_delete(self->map, &absent, 8));
		ASSERT_EQ(-EMSGSIZE, gm_store(self->map, &key, 7, value, 128));
	}
	expect_no_allocations(_metadata, self);
}

/* One variant: one shape, presized for what goes in. */
FIXTURE(presized) {
	int control;
	int map;
	unsigned char *key;
	unsigned char *value;
	struct gomap_ioc_info before;
};

FIXTURE_VARIANT(presized) {
	__u32 key_size;
	__u32 value_size;
	__u32 objects;		/* of one entry */
};

enum { PRESIZED_ENTRIES = 5000, PRESIZED_SHAPES = 8 };

FIXTURE_VARIANT_ADD(presized, 8_8) { 8, 8, 0 };
FIXTURE_VARIANT_ADD(presized, 8_0) { 8, 0, 0 };
FIXTURE_VARIANT_ADD(presized, 8_128) { 8, 128, 0 };
FIXTURE_VARIANT_ADD(presized, 128_128) { 128, 128, 0 };
FIXTURE_VARIANT_ADD(presized, 8_129) { 8, 129, 1 };
FIXTURE_VARIANT_ADD(presized, 129_8) { 129, 8, 1 };
FIXTURE_VARIANT_ADD(presized, 129_129) { 129, 129, 2 };
FIXTURE_VARIANT_ADD(presized, 8_1024) { 8, 1024, 1 };

FIXTURE_SETUP(presized)
{
	struct gm_shape shape = { variant->key_size, variant->value_size, 0,
				  PRESIZED_ENTRIES };

	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, shape);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, gm_info(self->map, 0, &self->before));
	self->key = calloc(1, variant->key_size);
	self->value = calloc(1, variant->value_size + 1);
	ASSERT_NE(NULL, self->key);
	ASSERT_NE(NULL, self->value);
}

FIXTURE_TEARDOWN(presized)
{
	close(self->map);
	close(self->control);
}

static int put(FIXTURE_DATA(presized) *self,
	       const FIXTURE_VARIANT(presized) *variant, __u32 i)
{
	memcpy(self->key, &i, sizeof(i));
	return gm_store(self->map, self->key, variant->key_size,
			variant->value_size ? self->value : NULL,
			variant->value_size);
}

static int take(FIXTURE_DATA(presized) *self,
		const FIXTURE_VARIANT(presized) *variant, __u32 i)
{
	memcpy(self->key, &i, sizeof(i));
	return gm_delete(self->map, self->key, variant->key_size);
}

TEST_F(presized, objects_of_inserts_and_overwrites)
{
	struct gomap_ioc_info full, again;
	__u64 objects;

	for (__u32 i = 0; i < PRESIZED_ENTRIES; i++)
		ASSERT_EQ(0, put(self, variant, i));
	ASSERT_EQ(0, gm_info(self->map, 0, &full));
	EXPECT_EQ(0, full.grows);
	objects = (__u64)variant->objects * PRESIZED_ENTRIES;
	EXPECT_EQ(objects + full.nr_overflow, full.object_allocs);
	EXPECT_EQ(full.object_allocs, full.objects_live);

	for (__u32 i = 0; i < PRESIZED_ENTRIES; i++)
		ASSERT_EQ(1, put(self, variant, i));
	ASSERT_EQ(0, gm_info(self->map, 0, &again));
	EXPECT_EQ(full.objects_live, again.objects_live);
	EXPECT_EQ(full.bytes_live, again.bytes_live);
	EXPECT_EQ(full.nr_overflow, again.nr_overflow);
	EXPECT_EQ(full.object_allocs, again.object_allocs);
	EXPECT_EQ(full.kernel_allocs, again.kernel_allocs);
}

/* The kernel is asked for chunks, far less often than there are entries. */
TEST_F(presized, calls_of_the_kernels_allocators)
{
	struct gomap_ioc_info full;
	__u64 calls, chunks;

	for (__u32 i = 0; i < PRESIZED_ENTRIES; i++)
		ASSERT_EQ(0, put(self, variant, i));
	ASSERT_EQ(0, gm_info(self->map, 0, &full));
	calls = full.kernel_allocs - self->before.kernel_allocs;
	chunks = (full.bytes_held - self->before.bytes_held) / 4096;
	EXPECT_GE(chunks + 16, calls);
	EXPECT_GT(PRESIZED_ENTRIES / 4, calls);
}

TEST_F(presized, bytes_and_objects_go_back)
{
	struct gomap_ioc_info full, empty;

	for (__u32 i = 0; i < PRESIZED_ENTRIES; i++)
		ASSERT_EQ(0, put(self, variant, i));
	ASSERT_EQ(0, gm_info(self->map, 0, &full));
	EXPECT_LE((__u64)variant->objects * PRESIZED_ENTRIES * 129,
		  full.bytes_live);
	EXPECT_LE(full.bytes_live, full.bytes_held);
	EXPECT_LE(full.bytes_held, full.bytes_peak);
	for (__u32 i = 0; i < PRESIZED_ENTRIES - 1; i++)
		ASSERT_EQ(1, take(self, variant, i));
	ASSERT_EQ(0, gm_info(self->map, 0, &empty));
	EXPECT_EQ(variant->objects + empty.nr_overflow, empty.objects_live);
	EXPECT_GE(full.bytes_peak, full.bytes_held);
}

/*
 * What a hint made room for does not need the kernel again: not to be filled,
 * and not for a million operations on maps that are full, an equal part of them
 * on each shape: a kernel with lockdep and KASAN takes minutes for them all.
 * Where entries have objects these are overwrites alone: an object that is given
 * back is not free before a grace period has passed, and whoever inserts at once
 * instead of it needs another.
 */
TEST_F_TIMEOUT(presized, the_kernel_is_not_asked_again, 120)
{
	const __u32 pairs = MILLION / PRESIZED_SHAPES / 2;
	bool deletes = !variant->objects;
	struct gomap_ioc_info after;

	for (__u32 i = 0; i < PRESIZED_ENTRIES; i++)
		ASSERT_EQ(0, put(self, variant, i));
	for (__u32 i = 0; i < pairs; i++) {
		__u32 key = i % PRESIZED_ENTRIES;

		ASSERT_EQ(1, deletes ? take(self, variant, key) :
				       put(self, variant, key));
		ASSERT_EQ(!deletes, put(self, variant, key));
	}
	ASSERT_EQ(0, gm_info(self->map, 0, &after));
	EXPECT_EQ(PRESIZED_ENTRIES, after.len);
	EXPECT_EQ(self->before.kernel_allocs, after.kernel_allocs);
	EXPECT_EQ(self->before.bytes_held, after.bytes_held);
	EXPECT_EQ(0, after.write_allocs);
}

/*
 * Deleting makes room for the next inserts: a map of constant size that lives
 * long holds no more memory than at the start, give or take what still waits
 * for a grace period.
 */
TEST_F(presized, memory_is_used_again)
{
	struct gomap_ioc_info full, after;

	for (__u32 i = 0; i < PRESIZED_ENTRIES / 2; i++)
		ASSERT_EQ(0, put(self, variant, i));
	ASSERT_EQ(0, gm_info(self->map, 0, &full));
	for (__u32 i = 0; i < 2 * PRESIZED_ENTRIES; i++) {
		ASSERT_EQ(1, take(self, variant, i));
		ASSERT_EQ(0, put(self, variant, i + PRESIZED_ENTRIES / 2));
	}
	ASSERT_EQ(0, gm_info(self->map, 0, &after));
	EXPECT_EQ(full.len, after.len);
	EXPECT_EQ((__u64)variant->objects * after.len + after.nr_overflow,
		  after.objects_live);
	EXPECT_GE(4 * full.bytes_held, after.bytes_held);
}

TEST_HARNESS_MAIN
