// SPDX-License-Identifier: GPL-2.0-only
/*
 * One layout for all: 32- and 64-bit programs have the same structures and the
 * same numbers.  Checked when this is compiled (which has to be done for both)
 * and, for what a 32-bit program could get wrong or be told wrong, when it runs.
 */
#include "harness.h"
#include "common.h"

#define AT(type, member, offset) \
	_Static_assert(offsetof(struct type, member) == (offset), \
		       #type "." #member)
#define SIZE(type, bytes) \
	_Static_assert(sizeof(struct type) == (bytes), #type); \
	_Static_assert(_Alignof(struct type) <= 8, #type)

SIZE(gomap_ioc_version, 64);
AT(gomap_ioc_version, abi, 4);
AT(gomap_ioc_version, features, 8);
AT(gomap_ioc_version, max_key_size, 16);
AT(gomap_ioc_version, max_value_size, 20);
AT(gomap_ioc_version, max_hint, 24);
AT(gomap_ioc_version, version, 32);

SIZE(gomap_ioc_create, 152);
AT(gomap_ioc_create, flags, 4);
AT(gomap_ioc_create, key_size, 8);
AT(gomap_ioc_create, value_size, 12);
AT(gomap_ioc_create, hint, 16);
AT(gomap_ioc_create, mode, 24);
AT(gomap_ioc_create, fd, 28);
AT(gomap_ioc_create, name, 32);
AT(gomap_ioc_create, schema, 64);
AT(gomap_ioc_create, max_entries, 128);
AT(gomap_ioc_create, max_bytes, 136);
AT(gomap_ioc_create, reason, 144);

SIZE(gomap_ioc_open, 48);
AT(gomap_ioc_open, flags, 4);
AT(gomap_ioc_open, fd, 8);
AT(gomap_ioc_open, reserved, 12);
AT(gomap_ioc_open, name, 16);

SIZE(gomap_ioc_list, 144);
AT(gomap_ioc_list, flags, 4);
AT(gomap_ioc_list, id, 8);
AT(gomap_ioc_list, len, 16);
AT(gomap_ioc_list, map_flags, 24);
AT(gomap_ioc_list, key_size, 28);
AT(gomap_ioc_list, value_size, 32);
AT(gomap_ioc_list, mode, 36);
AT(gomap_ioc_list, uid, 40);
AT(gomap_ioc_list, gid, 44);
AT(gomap_ioc_list, name, 48);
AT(gomap_ioc_list, schema, 80);

SIZE(gomap_ioc_info, 584);
AT(gomap_ioc_info, flags, 4);
AT(gomap_ioc_info, id, 8);
AT(gomap_ioc_info, len, 16);
AT(gomap_ioc_info, map_flags, 24);
AT(gomap_ioc_info, bucket_size, 36);
AT(gomap_ioc_info, b, 40);
AT(gomap_ioc_info, old_b, 44);
AT(gomap_ioc_info, growing, 48);
AT(gomap_ioc_info, seed_generation, 60);
AT(gomap_ioc_info, nr_buckets, 64);
AT(gomap_ioc_info, grows, 96);
AT(gomap_ioc_info, bytes_live, 128);
AT(gomap_ioc_info, kernel_allocs, 168);
AT(gomap_ioc_info, read_retries, 176);
AT(gomap_ioc_info, fill, 184);
AT(gomap_ioc_info, check, 320);
AT(gomap_ioc_info, reserved2, 324);
AT(gomap_ioc_info, name, 328);
AT(gomap_ioc_info, schema, 360);
AT(gomap_ioc_info, shrinks, 424);
AT(gomap_ioc_info, rekeys, 432);
AT(gomap_ioc_info, attacks, 440);
AT(gomap_ioc_info, max_entries, 448);
AT(gomap_ioc_info, max_bytes, 456);
AT(gomap_ioc_info, write_allocs, 464);
AT(gomap_ioc_info, nr_chunks, 472);
AT(gomap_ioc_info, bytes_chunks, 480);
AT(gomap_ioc_info, bytes_idle, 488);
AT(gomap_ioc_info, refused, 496);
AT(gomap_ioc_info, leaked_objects, 544);
AT(gomap_ioc_info, leaked_bytes, 552);
AT(gomap_ioc_info, dangling, 560);
AT(gomap_ioc_info, empty_buckets, 568);
AT(gomap_ioc_info, leaks_certain, 576);

SIZE(gomap_ioc_op, 48);
AT(gomap_ioc_op, flags, 4);
AT(gomap_ioc_op, key, 8);
AT(gomap_ioc_op, value, 16);
AT(gomap_ioc_op, key_len, 24);
AT(gomap_ioc_op, value_len, 28);
AT(gomap_ioc_op, existed, 32);
AT(gomap_ioc_op, reserved, 36);
AT(gomap_ioc_op, reason, 40);

SIZE(gomap_batch_op, 40);
AT(gomap_batch_op, flags, 4);
AT(gomap_batch_op, key, 8);
AT(gomap_batch_op, value, 16);
AT(gomap_batch_op, key_len, 24);
AT(gomap_batch_op, value_len, 28);
AT(gomap_batch_op, status, 32);
AT(gomap_batch_op, existed, 36);

SIZE(gomap_ioc_batch, 40);
AT(gomap_ioc_batch, flags, 4);
AT(gomap_ioc_batch, ops, 8);
AT(gomap_ioc_batch, count, 16);
AT(gomap_ioc_batch, done, 20);
AT(gomap_ioc_batch, failed, 24);
AT(gomap_ioc_batch, reserved, 28);
AT(gomap_ioc_batch, reason, 32);

SIZE(gomap_cursor, 40);
SIZE(gomap_ioc_iter, 88);
AT(gomap_ioc_iter, flags, 4);
AT(gomap_ioc_iter, cursor, 8);
AT(gomap_ioc_iter, buf, 48);
AT(gomap_ioc_iter, buf_len, 56);
AT(gomap_ioc_iter, max, 60);
AT(gomap_ioc_iter, count, 64);
AT(gomap_ioc_iter, used, 72);
AT(gomap_ioc_iter, needed, 76);
AT(gomap_ioc_iter, done, 80);
AT(gomap_ioc_iter, reserved, 84);

SIZE(gomap_ioc_plain, 8);

SIZE(gomap_ioc_limits, 24);
AT(gomap_ioc_limits, flags, 4);
AT(gomap_ioc_limits, max_entries, 8);
AT(gomap_ioc_limits, max_bytes, 16);

SIZE(gomap_ioc_memory, 64);
AT(gomap_ioc_memory, flags, 4);
AT(gomap_ioc_memory, index, 8);
AT(gomap_ioc_memory, object_size, 12);
AT(gomap_ioc_memory, is_bucket, 16);
AT(gomap_ioc_memory, nr_chunks, 20);
AT(gomap_ioc_memory, bytes, 24);
AT(gomap_ioc_memory, live, 32);
AT(gomap_ioc_memory, retired, 40);
AT(gomap_ioc_memory, cached, 48);
AT(gomap_ioc_memory, free, 56);

_Static_assert(GOMAP_IOC_VERSION == 0xb900, "VERSION");
_Static_assert(GOMAP_IOC_CREATE == 0xb901, "CREATE");
_Static_assert(GOMAP_IOC_OPEN == 0xb902, "OPEN");
_Static_assert(GOMAP_IOC_LIST == 0xb903, "LIST");
_Static_assert(GOMAP_IOC_INFO == 0xb910, "INFO");
_Static_assert(GOMAP_IOC_LOOKUP == 0xb911, "LOOKUP");
_Static_assert(GOMAP_IOC_INSERT == 0xb912, "INSERT");
_Static_assert(GOMAP_IOC_REPLACE == 0xb913, "REPLACE");
_Static_assert(GOMAP_IOC_STORE == 0xb914, "STORE");
_Static_assert(GOMAP_IOC_DELETE == 0xb915, "DELETE");
_Static_assert(GOMAP_IOC_BATCH == 0xb916, "BATCH");
_Static_assert(GOMAP_IOC_ITER == 0xb917, "ITER");
_Static_assert(GOMAP_IOC_CLEAR == 0xb918, "CLEAR");
_Static_assert(GOMAP_IOC_DESTROY == 0xb919, "DESTROY");
_Static_assert(GOMAP_IOC_COMPACT == 0xb91a, "COMPACT");
_Static_assert(GOMAP_IOC_REKEY == 0xb91b, "REKEY");
_Static_assert(GOMAP_IOC_LIMITS == 0xb91c, "LIMITS");
_Static_assert(GOMAP_IOC_MEMORY == 0xb91d, "MEMORY");

_Static_assert(GOMAP_RESIZE_NONE == 0, "RESIZE_NONE");
_Static_assert(GOMAP_RESIZE_DOUBLE == 1, "RESIZE_DOUBLE");
_Static_assert(GOMAP_RESIZE_SAME_SIZE == 2, "RESIZE_SAME_SIZE");
_Static_assert(GOMAP_RESIZE_SHRINK == 3, "RESIZE_SHRINK");
_Static_assert(GOMAP_RESIZE_REKEY == 4, "RESIZE_REKEY");

FIXTURE(compat) {
	int control;
	int map;
};

FIXTURE_SETUP(compat)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(compat)
{
	close(self->map);
	close(self->control);
}

/* All 64 bits of an address count, whatever the width of the caller's. */
TEST_F(compat, high_half_of_an_address)
{
	__u64 key = 1, value = 2;
	struct gomap_ioc_op op = gm_op(&key, 8, &value, 8);

	EXPECT_EQ(0, gm_ioctl(self->map, GOMAP_IOC_STORE, &op));
	for (int bit = 48; bit < 64; bit++) {
		op.key = gm_addr(&key) | 1ULL << bit;
		EXPECT_EQ(-EFAULT, gm_ioctl(self->map, GOMAP_IOC_LOOKUP, &op));
		op.key = gm_addr(&key);
		op.value = gm_addr(&value) | 1ULL << bit;
		EXPECT_EQ(-EFAULT, gm_ioctl(self->map, GOMAP_IOC_LOOKUP, &op));
		op.value = gm_addr(&value);
	}
	EXPECT_EQ(0, gm_ioctl(self->map, GOMAP_IOC_LOOKUP, &op));
}

/* Numbers that need more than 32 bits travel whole in both directions. */
TEST_F(compat, large_numbers)
{
	struct gomap_ioc_list list = { .size = sizeof(list),
				       .id = 1ULL << 40 };
	struct gomap_ioc_create create = {
		.size = sizeof(create), .key_size = 8, .value_size = 8,
		.hint = (1ULL << 32) + 1,
	};
	__u64 key = 0x0123456789abcdefULL, value = 0xfedcba9876543210ULL;
	__u64 seen = 0;

	EXPECT_EQ(-ENOENT, gm_ioctl(self->control, GOMAP_IOC_LIST, &list));
	EXPECT_EQ(-EINVAL, gm_ioctl(self->control, GOMAP_IOC_CREATE, &create));
	EXPECT_EQ(0, gm_put(self->map, key, value));
	EXPECT_EQ(-ENOENT, gm_get(self->map, (__u32)key, &seen));
	EXPECT_EQ(8, gm_get(self->map, key, &seen));
	EXPECT_EQ(value, seen);
}

TEST_F(compat, highest_addresses_of_this_program)
{
	__u64 key = 1;		/* on the stack: as high as it gets */
	struct gomap_ioc_iter iter = { 0 };
	__u64 buf[4];

	EXPECT_EQ(0, gm_put(self->map, key, 5));
	EXPECT_EQ(0, gm_iter(self->map, &iter, GOMAP_ITER_FLAGS, buf,
			     sizeof(buf), 0));
	EXPECT_EQ(1, buf[0]);
	EXPECT_EQ(5, buf[1]);
}

TEST_HARNESS_MAIN
