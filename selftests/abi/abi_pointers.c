// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every address inside a structure, made bad in every way: -EFAULT, and the
 * map is as it was.
 *
 * One variant of "address" is one way to be bad; one variant of "wrong" is one
 * command with an address that it must not get.
 */
#include "harness.h"
#include "common.h"

#define ENTRIES	20

enum place { PLACE_NULL, PLACE_PAGE_ZERO, PLACE_KERNEL, PLACE_UNMAPPED,
	     PLACE_HIGH_BIT, PLACE_STRADDLES, PLACE_WRAPS };

FIXTURE(address) {
	int control;
	int map;
	__u64 key;
	__u64 absent;
	__u64 value;
	struct gm_digest digest;
};

FIXTURE_VARIANT(address) {
	enum place place;
};

FIXTURE_VARIANT_ADD(address, null) { .place = PLACE_NULL };
FIXTURE_VARIANT_ADD(address, page_zero) { .place = PLACE_PAGE_ZERO };
FIXTURE_VARIANT_ADD(address, kernel) { .place = PLACE_KERNEL };
FIXTURE_VARIANT_ADD(address, unmapped) { .place = PLACE_UNMAPPED };
FIXTURE_VARIANT_ADD(address, high_bit) { .place = PLACE_HIGH_BIT };
FIXTURE_VARIANT_ADD(address, straddles) { .place = PLACE_STRADDLES };
FIXTURE_VARIANT_ADD(address, wraps) { .place = PLACE_WRAPS };

FIXTURE_SETUP(address)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, gm_fill(self->map, 1, ENTRIES));
	ASSERT_EQ(0, gm_digest(self->map, &self->digest));
	self->key = 1;
	self->absent = ENTRIES + 1;
	self->value = 1234;
}

FIXTURE_TEARDOWN(address)
{
	close(self->map);
	close(self->control);
}

/*
 * An address in that place where @bytes, @len long, cannot be read or written
 * as a whole.  The good copy is there as far as there is memory, so that only
 * a kernel that overlooks the rest would succeed.
 */
static __u64 bad_address(enum place place, const void *bytes, size_t len)
{
	char *at;

	switch (place) {
	case PLACE_NULL:
		return 0;
	case PLACE_PAGE_ZERO:
		return 16;
	case PLACE_KERNEL:
		return gm_kernel_addr();
	case PLACE_UNMAPPED:
		return gm_unmapped_addr();
	case PLACE_HIGH_BIT:	/* a kernel that cuts it off would succeed */
		return gm_addr(bytes) | 1ULL << 62;
	case PLACE_STRADDLES:
		at = gm_before_hole(len - 1);
		if (!at)
			return 0;
		memcpy(at, bytes, len - 1);
		return gm_addr(at);
	case PLACE_WRAPS:
		return ~0ULL - 3;
	}
	return 0;
}

static void expect_unchanged(struct __test_metadata *_metadata,
			     FIXTURE_DATA(address) *self)
{
	struct gm_digest now;

	ASSERT_EQ(0, gm_digest(self->map, &now));
	EXPECT_TRUE(gm_same(&self->digest, &now));
}

static void expect_refused(struct __test_metadata *_metadata,
			   FIXTURE_DATA(address) *self, unsigned int command,
			   struct gomap_ioc_op *op, int error)
{
	struct gomap_ioc_op before = *op;

	EXPECT_EQ(error, gm_ioctl(self->map, command, op));
	EXPECT_EQ(0, memcmp(&before, op, sizeof(before)));
	expect_unchanged(_metadata, self);
}

static void bad_key(struct __test_metadata *_metadata,
		    FIXTURE_DATA(address) *self,
		    const FIXTURE_VARIANT(address) *variant,
		    unsigned int command, const __u64 *key, __u32 value_len)
{
	struct gomap_ioc_op op = gm_op(NULL, sizeof(*key),
				       value_len ? &self->value : NULL,
				       value_len);

	op.key = bad_address(variant->place, key, sizeof(*key));
	expect_refused(_metadata, self, command, &op, -EFAULT);
}

/* No value, but a length: that is a contradiction, not a bad address. */
static void bad_value(struct __test_metadata *_metadata,
		      FIXTURE_DATA(address) *self,
		      const FIXTURE_VARIANT(address) *variant,
		      unsigned int command, const __u64 *key)
{
	struct gomap_ioc_op op = gm_op(key, sizeof(*key), NULL,
				       sizeof(self->value));

	op.value = bad_address(variant->place, &self->value,
			       sizeof(self->value));
	expect_refused(_metadata, self, command, &op,
		       op.value ? -EFAULT : -EINVAL);
}

TEST_F(address, key_of_lookup)
{
	bad_key(_metadata, self, variant, GOMAP_IOC_LOOKUP, &self->key, 8);
}

TEST_F(address, key_of_insert)
{
	bad_key(_metadata, self, variant, GOMAP_IOC_INSERT, &self->absent, 8);
}

TEST_F(address, key_of_replace)
{
	bad_key(_metadata, self, variant, GOMAP_IOC_REPLACE, &self->key, 8);
}

TEST_F(address, key_of_store)
{
	bad_key(_metadata, self, variant, GOMAP_IOC_STORE, &self->key, 8);
}

TEST_F(address, key_of_delete)
{
	bad_key(_metadata, self, variant, GOMAP_IOC_DELETE, &self->key, 0);
}

TEST_F(address, value_of_lookup)
{
	bad_value(_metadata, self, variant, GOMAP_IOC_LOOKUP, &self->key);
}

TEST_F(address, value_of_insert)
{
	bad_value(_metadata, self, variant, GOMAP_IOC_INSERT, &self->absent);
}

TEST_F(address, value_of_replace)
{
	bad_value(_metadata, self, variant, GOMAP_IOC_REPLACE, &self->key);
}

TEST_F(address, value_of_store)
{
	bad_value(_metadata, self, variant, GOMAP_IOC_STORE, &self->absent);
}

TEST_F(address, buffer_of_iter)
{
	char room[16 * ENTRIES] = { 0 };
	struct gomap_ioc_iter iter = {
		.size = sizeof(iter),
		.flags = GOMAP_ITER_FLAGS,
		.buf = bad_address(variant->place, room, sizeof(room)),
		.buf_len = sizeof(room),
	};
	struct gomap_cursor zero = { 0 };

	EXPECT_EQ(-EFAULT, gm_ioctl(self->map, GOMAP_IOC_ITER, &iter));
	EXPECT_EQ(0, memcmp(&zero, &iter.cursor, sizeof(zero)));
	EXPECT_EQ(0, iter.count);
	expect_unchanged(_metadata, self);
}

/* The array itself is bad: the call fails and says that nothing was done. */
TEST_F(address, operations_of_batch)
{
	struct gomap_batch_op op = gm_batch_op(GOMAP_OP_STORE, &self->key, 8,
					       &self->value, 8);
	struct gomap_ioc_batch batch = {
		.size = sizeof(batch),
		.ops = bad_address(variant->place, &op, sizeof(op)),
		.count = 1,
		.done = 77,
		.failed = 77,
	};

	EXPECT_EQ(-EFAULT, gm_ioctl(self->map, GOMAP_IOC_BATCH, &batch));
	EXPECT_EQ(0, batch.done);
	EXPECT_EQ(0, batch.failed);
	expect_unchanged(_metadata, self);
}

/* An address inside one operation is bad: that one fails, the others do not. */
TEST_F(address, key_in_batch)
{
	struct gomap_batch_op ops[3];
	struct gomap_ioc_batch batch;
	__u64 new = ENTRIES + 5;

	ops[0] = gm_batch_op(GOMAP_OP_LOOKUP, &self->key, 8, &self->value, 8);
	ops[1] = gm_batch_op(GOMAP_OP_DELETE, NULL, 8, NULL, 0);
	ops[1].key = bad_address(variant->place, &self->key, 8);
	ops[2] = gm_batch_op(GOMAP_OP_INSERT, &new, 8, &self->value, 8);
	EXPECT_EQ(0, gm_batch(self->map, ops, 3, &batch));
	EXPECT_EQ(3, batch.done);
	EXPECT_EQ(1, batch.failed);
	EXPECT_EQ(0, ops[0].status);
	EXPECT_EQ(-EFAULT, ops[1].status);
	EXPECT_EQ(0, ops[2].status);
	EXPECT_EQ(ENTRIES + 1, gm_len(self->map));
}

/* Read-only memory is as bad as none where the kernel is to write. */
FIXTURE(read_only) {
	int control;
	int map;
};

FIXTURE_SETUP(read_only)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, gm_fill(self->map, 1, ENTRIES));
}

FIXTURE_TEARDOWN(read_only)
{
	close(self->map);
	close(self->control);
}

TEST_F(read_only, buffer_of_lookup)
{
	__u64 key = 1, zero = 0;
	void *page = gm_read_only(&zero, sizeof(zero));

	ASSERT_NE(NULL, page);
	EXPECT_EQ(-EFAULT, gm_lookup(self->map, &key, 8, page, 8));
}

TEST_F(read_only, buffer_of_iter)
{
	unsigned char room[256] = { 0 };
	struct gomap_ioc_iter iter = { 0 };
	void *page = gm_read_only(room, sizeof(room));

	ASSERT_NE(NULL, page);
	EXPECT_EQ(-EFAULT, gm_iter(self->map, &iter, GOMAP_ITER_FLAGS, page,
				   sizeof(room), 0));
}

TEST_F(read_only, value_to_store_is_fine)
{
	__u64 key = 1, value = 99, seen = 0;
	void *page = gm_read_only(&value, sizeof(value));

	ASSERT_NE(NULL, page);
	EXPECT_EQ(1, gm_store(self->map, &key, 8, page, 8));
	EXPECT_EQ(8, gm_get(self->map, key, &seen));
	EXPECT_EQ(value, seen);
}

/* Statuses cannot be written: what "done" claims is what the map holds. */
TEST_F(read_only, operations_of_batch)
{
	struct gomap_batch_op op;
	struct gomap_ioc_batch batch;
	__u64 key = ENTRIES + 1;
	void *page;

	op = gm_batch_op(GOMAP_OP_INSERT, &key, 8, &key, 8);
	page = gm_read_only(&op, sizeof(op));
	ASSERT_NE(NULL, page);
	EXPECT_EQ(-EFAULT, gm_batch(self->map, page, 1, &batch));
	EXPECT_GE(1, batch.done);
	EXPECT_EQ(ENTRIES + batch.done, gm_len(self->map));
	EXPECT_EQ(0, gm_check(self->map));
}

/* The array goes on where there is no memory: all before that is done. */
TEST_F(read_only, half_of_the_operations_mapped)
{
	enum { HALF = 300 };
	struct gomap_batch_op *ops = gm_before_hole(HALF * sizeof(*ops));
	static __u64 keys[HALF];
	struct gomap_ioc_batch batch;
	int statuses = 0;

	ASSERT_NE(NULL, ops);
	for (int i = 0; i < HALF; i++) {
		keys[i] = ENTRIES + 1 + i;
		ops[i] = gm_batch_op(GOMAP_OP_INSERT, &keys[i], 8, &keys[i], 8);
	}
	EXPECT_EQ(-EFAULT, gm_batch(self->map, ops, 2 * HALF, &batch));
	EXPECT_GE(HALF, batch.done);
	EXPECT_EQ(0, batch.failed);
	for (int i = 0; i < HALF; i++)
		statuses += ops[i].status == 0;
	EXPECT_EQ(batch.done, statuses);
	EXPECT_EQ(ENTRIES + batch.done, gm_len(self->map));
}

/* Large keys and values go through another path than those on the stack. */
FIXTURE(large) {
	int control;
	int map;
	unsigned char *key;
	unsigned char *value;
};

FIXTURE_SETUP(large)
{
	struct gm_shape shape = { GOMAP_MAX_KEY_SIZE, GOMAP_MAX_VALUE_SIZE,
				  0, 0 };

	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, shape);
	ASSERT_LE(0, self->map);
	self->key = calloc(1, GOMAP_MAX_KEY_SIZE);
	self->value = calloc(1, GOMAP_MAX_VALUE_SIZE);
	ASSERT_NE(NULL, self->key);
	ASSERT_NE(NULL, self->value);
	ASSERT_EQ(0, gm_insert(self->map, self->key, GOMAP_MAX_KEY_SIZE,
			       self->value, GOMAP_MAX_VALUE_SIZE));
}

FIXTURE_TEARDOWN(large)
{
	EXPECT_EQ(1, gm_len(self->map));
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

TEST_F(large, key_ends_in_a_hole)
{
	unsigned char *key = gm_before_hole(GOMAP_MAX_KEY_SIZE - 1);

	ASSERT_NE(NULL, key);
	EXPECT_EQ(-EFAULT, gm_store(self->map, key, GOMAP_MAX_KEY_SIZE,
				    self->value, GOMAP_MAX_VALUE_SIZE));
	EXPECT_EQ(-EFAULT, gm_delete(self->map, key, GOMAP_MAX_KEY_SIZE));
	EXPECT_EQ(-EFAULT, gm_lookup(self->map, key, GOMAP_MAX_KEY_SIZE,
				     self->value, GOMAP_MAX_VALUE_SIZE));
}

TEST_F(large, value_to_store_ends_in_a_hole)
{
	unsigned char *value = gm_before_hole(GOMAP_MAX_VALUE_SIZE - 1);
	struct gomap_ioc_info before, after;

	ASSERT_NE(NULL, value);
	memset(value, 1, GOMAP_MAX_VALUE_SIZE - 1);
	ASSERT_EQ(0, gm_info(self->map, 0, &before));
	EXPECT_EQ(-EFAULT, gm_replace(self->map, self->key, GOMAP_MAX_KEY_SIZE,
				      value, GOMAP_MAX_VALUE_SIZE));
	self->key[0] = 1;
	EXPECT_EQ(-EFAULT, gm_insert(self->map, self->key, GOMAP_MAX_KEY_SIZE,
				     value, GOMAP_MAX_VALUE_SIZE));
	ASSERT_EQ(0, gm_info(self->map, 0, &after));
	EXPECT_EQ(before.objects_live, after.objects_live);
	EXPECT_EQ(before.bytes_live, after.bytes_live);
}

TEST_F(large, buffer_for_the_value_ends_in_a_hole)
{
	unsigned char *value = gm_before_hole(GOMAP_MAX_VALUE_SIZE - 1);

	ASSERT_NE(NULL, value);
	EXPECT_EQ(-EFAULT, gm_lookup(self->map, self->key, GOMAP_MAX_KEY_SIZE,
				     value, GOMAP_MAX_VALUE_SIZE));
}

TEST_F(large, buffer_for_an_entry_ends_in_a_hole)
{
	__u32 len = GOMAP_MAX_KEY_SIZE + GOMAP_MAX_VALUE_SIZE;
	unsigned char *buf = gm_before_hole(len - 1);
	struct gomap_ioc_iter iter = { 0 };

	ASSERT_NE(NULL, buf);
	EXPECT_EQ(-EFAULT, gm_iter(self->map, &iter, GOMAP_ITER_FLAGS, buf,
				   len, 0));
}

/* A value that fits its map may lie in a buffer that ends in a hole. */
TEST_F(large, buffer_longer_than_the_memory)
{
	unsigned char *value = gm_before_hole(GOMAP_MAX_VALUE_SIZE);

	ASSERT_NE(NULL, value);
	EXPECT_EQ(GOMAP_MAX_VALUE_SIZE,
		  gm_lookup(self->map, self->key, GOMAP_MAX_KEY_SIZE, value,
			    ~0U));
}

TEST_HARNESS_MAIN
