// SPDX-License-Identifier: GPL-2.0-only
/*
 * LOOKUP, INSERT, REPLACE, STORE, DELETE and CLEAR: what they answer and what
 * they leave behind.  Maps of other shapes than u64 to u64 are in shapes.c.
 */
#include "harness.h"
#include "common.h"

FIXTURE(ops) {
	int control;
	int map;
};

FIXTURE_SETUP(ops)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(ops)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

/* The command with key and value, and "existed" as it comes back. */
static int run(int map, unsigned int command, __u64 key, __u64 value,
	       __u32 *existed)
{
	struct gomap_ioc_op op = gm_op(&key, sizeof(key), &value,
				       sizeof(value));
	int err;

	op.existed = 77;
	err = gm_ioctl(map, command, &op);
	*existed = op.existed;
	return err;
}

static void expect_value(struct __test_metadata *_metadata, int map,
			 __u64 key, __u64 value)
{
	__u64 seen = ~value;

	EXPECT_EQ(8, gm_get(map, key, &seen));
	EXPECT_EQ(value, seen);
}

TEST_F(ops, insert)
{
	__u32 existed;

	EXPECT_EQ(0, run(self->map, GOMAP_IOC_INSERT, 1, 10, &existed));
	EXPECT_EQ(0, existed);
	EXPECT_EQ(-EEXIST, run(self->map, GOMAP_IOC_INSERT, 1, 11, &existed));
	expect_value(_metadata, self->map, 1, 10);
	EXPECT_EQ(1, gm_len(self->map));
}

TEST_F(ops, replace)
{
	__u32 existed;

	EXPECT_EQ(-ENOENT, run(self->map, GOMAP_IOC_REPLACE, 1, 10, &existed));
	EXPECT_EQ(0, gm_len(self->map));
	EXPECT_EQ(0, gm_put(self->map, 1, 10));
	EXPECT_EQ(0, run(self->map, GOMAP_IOC_REPLACE, 1, 11, &existed));
	EXPECT_EQ(1, existed);
	expect_value(_metadata, self->map, 1, 11);
	EXPECT_EQ(-ENOENT, run(self->map, GOMAP_IOC_REPLACE, 2, 10, &existed));
	EXPECT_EQ(1, gm_len(self->map));
}

TEST_F(ops, store)
{
	__u32 existed;

	EXPECT_EQ(0, run(self->map, GOMAP_IOC_STORE, 1, 10, &existed));
	EXPECT_EQ(0, existed);
	EXPECT_EQ(0, run(self->map, GOMAP_IOC_STORE, 1, 11, &existed));
	EXPECT_EQ(1, existed);
	expect_value(_metadata, self->map, 1, 11);
	EXPECT_EQ(1, gm_len(self->map));
}

TEST_F(ops, delete)
{
	__u64 seen = 5;

	EXPECT_EQ(0, gm_fill(self->map, 1, 3));
	EXPECT_EQ(1, gm_del(self->map, 2));
	EXPECT_EQ(2, gm_len(self->map));
	EXPECT_EQ(-ENOENT, gm_get(self->map, 2, &seen));
	EXPECT_EQ(5, seen);
	EXPECT_EQ(0, gm_del(self->map, 2));
	EXPECT_EQ(2, gm_len(self->map));
	expect_value(_metadata, self->map, 1, 1);
	expect_value(_metadata, self->map, 3, 3);
}

TEST_F(ops, delete_that_must_exist)
{
	__u64 key = 1;
	struct gomap_ioc_op op = gm_op(&key, 8, NULL, 0);

	op.flags = GOMAP_OP_MUST_EXIST;
	EXPECT_EQ(-ENOENT, gm_ioctl(self->map, GOMAP_IOC_DELETE, &op));
	EXPECT_EQ(0, gm_put(self->map, 1, 1));
	EXPECT_EQ(0, gm_ioctl(self->map, GOMAP_IOC_DELETE, &op));
	EXPECT_EQ(1, op.existed);
	EXPECT_EQ(-ENOENT, gm_ioctl(self->map, GOMAP_IOC_DELETE, &op));
	EXPECT_EQ(0, gm_len(self->map));
}

TEST_F(ops, delete_with_a_value_address)
{
	__u64 key = 1;
	struct gomap_ioc_op op = gm_op(&key, 8, &key, 8);

	EXPECT_EQ(0, gm_put(self->map, 1, 1));
	EXPECT_EQ(-EINVAL, gm_ioctl(self->map, GOMAP_IOC_DELETE, &op));
	EXPECT_EQ(1, gm_len(self->map));
}

TEST_F(ops, delete_from_an_empty_map)
{
	struct gomap_ioc_info info;

	EXPECT_EQ(0, gm_del(self->map, 1));
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(0, info.len);
	EXPECT_EQ(0, info.nr_buckets);
}

TEST_F(ops, lookup_in_an_empty_map)
{
	__u64 seen = 5;

	EXPECT_EQ(-ENOENT, gm_get(self->map, 0, &seen));
	EXPECT_EQ(5, seen);
}

TEST_F(ops, lookup_only_asks)
{
	__u64 key = 1;
	struct gomap_ioc_op op = gm_op(&key, 8, NULL, 0);

	EXPECT_EQ(-ENOENT, gm_ioctl(self->map, GOMAP_IOC_LOOKUP, &op));
	EXPECT_EQ(0, gm_put(self->map, 1, 1));
	EXPECT_EQ(0, gm_ioctl(self->map, GOMAP_IOC_LOOKUP, &op));
	EXPECT_EQ(1, op.existed);
	EXPECT_EQ(8, op.value_len);
}

TEST_F(ops, length_without_a_value)
{
	__u64 key = 1;
	struct gomap_ioc_op op = gm_op(&key, 8, NULL, 8);

	EXPECT_EQ(0, gm_put(self->map, 1, 1));
	EXPECT_EQ(-EINVAL, gm_ioctl(self->map, GOMAP_IOC_LOOKUP, &op));
	EXPECT_EQ(-EINVAL, gm_ioctl(self->map, GOMAP_IOC_STORE, &op));
	EXPECT_EQ(-EINVAL, gm_ioctl(self->map, GOMAP_IOC_DELETE, &op));
	expect_value(_metadata, self->map, 1, 1);
}

TEST_F(ops, wrong_key_length)
{
	static const __u32 lengths[] = { 0, 1, 7, 9, 16, 4096, 4097,
					 1U << 31, ~0U };
	unsigned char key[64] = { 1 };
	__u64 value = 0;

	EXPECT_EQ(0, gm_put(self->map, 1, 10));
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		__u32 len = lengths[i];

		EXPECT_EQ(-EMSGSIZE, gm_lookup(self->map, key, len, &value, 8));
		EXPECT_EQ(-EMSGSIZE, gm_insert(self->map, key, len, &value, 8));
		EXPECT_EQ(-EMSGSIZE, gm_replace(self->map, key, len, &value,
						8));
		EXPECT_EQ(-EMSGSIZE, gm_store(self->map, key, len, &value, 8));
		EXPECT_EQ(-EMSGSIZE, gm_delete(self->map, key, len));
	}
	EXPECT_EQ(1, gm_len(self->map));
	expect_value(_metadata, self->map, 1, 10);
}

TEST_F(ops, wrong_value_length)
{
	static const __u32 lengths[] = { 0, 1, 7, 9, 65536, 65537, 1U << 31,
					 ~0U };
	__u64 key = 1, absent = 2, value[2] = { 3, 4 };

	EXPECT_EQ(0, gm_put(self->map, 1, 10));
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		__u32 len = lengths[i];

		EXPECT_EQ(-EMSGSIZE, gm_insert(self->map, &absent, 8, value,
					       len));
		EXPECT_EQ(-EMSGSIZE, gm_replace(self->map, &key, 8, value,
						len));
		EXPECT_EQ(-EMSGSIZE, gm_store(self->map, &key, 8, value, len));
	}
	EXPECT_EQ(1, gm_len(self->map));
	expect_value(_metadata, self->map, 1, 10);
}

TEST_F(ops, buffer_too_small)
{
	__u64 key = 1, room = 5;

	EXPECT_EQ(0, gm_put(self->map, 1, 10));
	for (__u32 cap = 0; cap < 8; cap++) {
		struct gomap_ioc_op op = gm_op(&key, 8, &room, cap);

		EXPECT_EQ(-EMSGSIZE, gm_ioctl(self->map, GOMAP_IOC_LOOKUP,
					      &op));
		EXPECT_EQ(8, op.value_len);
		EXPECT_EQ(5, room);
	}
}

TEST_F(ops, buffer_larger_than_the_value)
{
	__u64 room[3] = { 0, 5, 5 };
	__u64 key = 1;

	EXPECT_EQ(0, gm_put(self->map, 1, 10));
	EXPECT_EQ(8, gm_lookup(self->map, &key, 8, room, sizeof(room)));
	EXPECT_EQ(10, room[0]);
	EXPECT_EQ(5, room[1]);
	EXPECT_EQ(5, room[2]);
}

TEST_F(ops, failed_lookup_leaves_the_structure_alone)
{
	__u64 key = 1, room = 5;
	struct gomap_ioc_op op = gm_op(&key, 8, &room, 8), before;

	op.existed = 77;
	before = op;
	EXPECT_EQ(-ENOENT, gm_ioctl(self->map, GOMAP_IOC_LOOKUP, &op));
	EXPECT_EQ(0, memcmp(&before, &op, sizeof(op)));
}

TEST_F(ops, key_and_value_may_be_the_same_memory)
{
	__u64 both = 42;

	EXPECT_EQ(0, gm_store(self->map, &both, 8, &both, 8));
	EXPECT_EQ(8, gm_lookup(self->map, &both, 8, &both, 8));
	EXPECT_EQ(42, both);
}

/* Keys that differ in a single bit are different keys. */
TEST_F(ops, each_bit_of_a_key_counts)
{
	EXPECT_EQ(0, gm_put(self->map, 0, 100));
	for (int bit = 0; bit < 64; bit++)
		EXPECT_EQ(0, gm_put(self->map, 1ULL << bit, bit));
	EXPECT_EQ(65, gm_len(self->map));
	expect_value(_metadata, self->map, 0, 100);
	for (int bit = 0; bit < 64; bit++)
		expect_value(_metadata, self->map, 1ULL << bit, bit);
}

TEST_F(ops, clear)
{
	struct gomap_ioc_info before, after;
	__u64 seen;

	EXPECT_EQ(0, gm_fill(self->map, 0, 200));
	ASSERT_EQ(0, gm_info(self->map, 0, &before));
	EXPECT_EQ(0, gm_clear(self->map));
	ASSERT_EQ(0, gm_info(self->map, 0, &after));
	EXPECT_EQ(0, after.len);
	EXPECT_EQ(before.b, after.b);
	EXPECT_LT(before.seed_generation, after.seed_generation);
	EXPECT_EQ(before.clears + 1, after.clears);
	EXPECT_EQ(0, after.objects_live);
	for (__u64 key = 0; key < 200; key++)
		EXPECT_EQ(-ENOENT, gm_get(self->map, key, &seen));
	EXPECT_EQ(0, gm_fill(self->map, 0, 200));
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, 200));
}

TEST_F(ops, clear_of_an_empty_map)
{
	EXPECT_EQ(0, gm_clear(self->map));
	EXPECT_EQ(0, gm_len(self->map));
	EXPECT_EQ(0, gm_put(self->map, 1, 1));
	EXPECT_EQ(1, gm_len(self->map));
}

TEST_F(ops, many_deletes_and_inserts)
{
	for (int round = 0; round < 5; round++) {
		EXPECT_EQ(0, gm_fill(self->map, 0, 500));
		for (__u64 key = 0; key < 500; key += 2)
			EXPECT_EQ(1, gm_del(self->map, key));
		EXPECT_EQ(250, gm_len(self->map));
		for (__u64 key = 0; key < 500; key++) {
			__u64 seen = 0;

			EXPECT_EQ(key % 2 ? 8 : -ENOENT,
				  gm_get(self->map, key, &seen));
		}
	}
}

TEST_HARNESS_MAIN
