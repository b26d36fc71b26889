// SPDX-License-Identifier: GPL-2.0-only
/*
 * BATCH with lookups in a row, several of which are carried out together: no one
 * has to know.  Each gets what a call of its own gets.
 */
#include "harness.h"
#include "common.h"

#define ROW		70	/* operations at most */
#define ROW_KEYS	100	/* there are; as many are not */
#define VALUE_MAX	2000	/* bytes; small ones go together, large ones do not */

FIXTURE(row) {
	int control;
	int map;
	__u64 random;
	__u64 unmapped;
};

FIXTURE_VARIANT(row) {
	__u32 value_size;
	__u32 flags;
};

FIXTURE_VARIANT_ADD(row, u64) { 8, 0 };
FIXTURE_VARIANT_ADD(row, trusted) { 8, GOMAP_MAP_TRUSTED_KEYS };
FIXTURE_VARIANT_ADD(row, stable) { 128, GOMAP_MAP_STABLE };
FIXTURE_VARIANT_ADD(row, var_value) { 300, GOMAP_MAP_VAR_VALUE };
FIXTURE_VARIANT_ADD(row, value_1024) { 1024, 0 };
FIXTURE_VARIANT_ADD(row, value_1025) { 1025, 0 };
FIXTURE_VARIANT_ADD(row, value_2000) { VALUE_MAX, 0 };

FIXTURE_SETUP(row)
{
	struct gm_shape shape = { 8, variant->value_size, variant->flags, 0 };
	unsigned char value[VALUE_MAX];

	GM_NEED_CONTROL(self->control);
	self->random = 1;
	self->unmapped = gm_unmapped_addr();
	self->map = gm_create(self->control, shape);
	ASSERT_LE(0, self->map);
	for (__u64 key = 0; key < ROW_KEYS; key++) {
		memset(value, key + 1, sizeof(value));
		ASSERT_EQ(0, gm_insert(self->map, &key, 8, value,
				       variant->value_size));
	}
}

FIXTURE_TEARDOWN(row)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

/* A lookup with most likely nothing wrong about it, or what ends a row. */
static struct gomap_batch_op draw_operation(FIXTURE_DATA(row) *self,
					    const __u64 *key, void *seen,
					    __u32 size)
{
	struct gomap_batch_op op = gm_batch_op(GOMAP_OP_LOOKUP, key, 8, seen,
					       size);

	switch (gm_random(&self->random) % 40) {
	case 0:
		op.key_len = 7;
		break;
	case 1:
		op.value_len = size - 1;
		break;
	case 2:
		op.value = 0;
		op.value_len = 0;
		break;
	case 3:
		op.value = 0;
		break;
	case 4:
		op.value = self->unmapped;
		break;
	case 5:
		op.key = self->unmapped;
		break;
	case 6:
		op.flags = 1;
		break;
	case 7:
		op.op = GOMAP_OP_DELETE;
		op.value = 0;
		op.value_len = 0;
		op.flags = GOMAP_OP_MUST_EXIST;
		op.key_len = 9;
		break;
	}
	return op;
}

/* The operation @op, before it was carried out, as a call of its own. */
static void expect_as_alone(struct __test_metadata *_metadata, int map,
			    const struct gomap_batch_op *op,
			    const struct gomap_batch_op *answer,
			    const void *seen)
{
	static unsigned char alone[VALUE_MAX], nothing[VALUE_MAX];
	bool is_lookup = op->op == GOMAP_OP_LOOKUP;
	struct gomap_ioc_op single = {
		.size = sizeof(single),
		.flags = op->flags,
		.key = op->key,
		.value = op->value == gm_addr(seen) ? gm_addr(alone) : op->value,
		.key_len = op->key_len,
		.value_len = op->value_len,
	};
	int err = gm_ioctl(map, is_lookup ? GOMAP_IOC_LOOKUP : GOMAP_IOC_DELETE,
			   &single);

	EXPECT_EQ(err, answer->status);
	if (!err || err == -EMSGSIZE)
		EXPECT_EQ(single.value_len, answer->value_len);
	if (!err)
		EXPECT_EQ(single.existed, answer->existed);
	if (err || !op->value)
		EXPECT_EQ(0, memcmp(nothing, seen, VALUE_MAX));
	if (!err && op->value)
		EXPECT_EQ(0, memcmp(alone, seen, single.value_len));
}

static void try_row(struct __test_metadata *_metadata, FIXTURE_DATA(row) *self,
		    __u32 size, __u32 nr)
{
	static unsigned char seen[ROW][VALUE_MAX];
	struct gomap_batch_op ops[ROW], asked[ROW];
	struct gomap_ioc_batch batch;
	__u64 keys[ROW];

	memset(seen, 0, sizeof(seen));
	for (__u32 i = 0; i < nr; i++) {
		keys[i] = gm_random(&self->random) % (2 * ROW_KEYS);
		asked[i] = draw_operation(self, &keys[i], seen[i], size);
		ops[i] = asked[i];
	}
	ASSERT_EQ(0, gm_batch(self->map, ops, nr, &batch));
	EXPECT_EQ(nr, batch.done);
	for (__u32 i = 0; i < nr; i++)
		expect_as_alone(_metadata, self->map, &asked[i], &ops[i],
				seen[i]);
}

TEST_F(row, of_any_number)
{
	static const __u32 numbers[] = { 1, 2, 15, 16, 17, 18, 33, 64, ROW };

	for (size_t n = 0; n < 20 * ARRAY_LEN(numbers); n++)
		try_row(_metadata, self, variant->value_size,
			numbers[n % ARRAY_LEN(numbers)]);
}

/* An end of a row is an end: what comes behind it sees what was done before. */
TEST_F(row, around_writes)
{
	enum { EACH = 20 };
	static unsigned char value[VALUE_MAX], seen[2 * EACH][VALUE_MAX];
	struct gomap_batch_op ops[3 * EACH];
	struct gomap_ioc_batch batch;
	__u32 size = variant->value_size;
	__u64 keys[EACH];

	memset(value, 0xee, sizeof(value));
	for (size_t i = 0; i < EACH; i++) {
		keys[i] = 1000 + i;
		ops[i] = gm_batch_op(GOMAP_OP_LOOKUP, &keys[i], 8, seen[i],
				     size);
		ops[EACH + i] = gm_batch_op(GOMAP_OP_INSERT, &keys[i], 8, value,
					    size);
		ops[2 * EACH + i] = gm_batch_op(GOMAP_OP_LOOKUP, &keys[i], 8,
						seen[EACH + i], size);
	}
	EXPECT_EQ(0, gm_batch(self->map, ops, 3 * EACH, &batch));
	EXPECT_EQ(EACH, batch.failed);
	for (size_t i = 0; i < EACH; i++) {
		EXPECT_EQ(-ENOENT, ops[i].status);
		EXPECT_EQ(0, ops[i].existed);
		EXPECT_EQ(0, memcmp(value, seen[EACH + i], size));
	}
}

TEST_HARNESS_MAIN
