// SPDX-License-Identifier: GPL-2.0-only
/*
 * BATCH: operations in order, each with a status of its own; what stops the
 * call, and what a killed one leaves behind.
 */
#include <signal.h>

#include "harness.h"
#include "common.h"

FIXTURE(batch) {
	int control;
	int map;
	struct gomap_ioc_batch batch;
};

FIXTURE_SETUP(batch)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(batch)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

TEST_F(batch, mixed_operations_in_order)
{
	__u64 one = 1, two = 2, a = 10, b = 20, first = 0, second = 0;
	struct gomap_batch_op ops[] = {
		gm_batch_op(GOMAP_OP_INSERT, &one, 8, &a, 8),
		gm_batch_op(GOMAP_OP_LOOKUP, &one, 8, &first, 8),
		gm_batch_op(GOMAP_OP_REPLACE, &one, 8, &b, 8),
		gm_batch_op(GOMAP_OP_LOOKUP, &one, 8, &second, 8),
		gm_batch_op(GOMAP_OP_STORE, &two, 8, &a, 8),
		gm_batch_op(GOMAP_OP_STORE, &two, 8, &b, 8),
		gm_batch_op(GOMAP_OP_DELETE, &one, 8, NULL, 0),
		gm_batch_op(GOMAP_OP_DELETE, &one, 8, NULL, 0),
	};
	static const __u32 existed[] = { 0, 1, 1, 1, 0, 1, 1, 0 };

	EXPECT_EQ(0, gm_batch(self->map, ops, ARRAY_LEN(ops), &self->batch));
	EXPECT_EQ(ARRAY_LEN(ops), self->batch.done);
	EXPECT_EQ(0, self->batch.failed);
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		EXPECT_EQ(0, ops[i].status);
		EXPECT_EQ(existed[i], ops[i].existed);
	}
	EXPECT_EQ(10, first);
	EXPECT_EQ(20, second);
	EXPECT_EQ(8, ops[1].value_len);
	EXPECT_EQ(1, gm_len(self->map));
}

/* Each kind of failure at once: every status tells, nothing else is lost. */
TEST_F(batch, goes_on_past_failures)
{
	__u64 there = 1, absent = 99, value = 5, small = 0, new = 2;
	struct gomap_batch_op ops[] = {
		gm_batch_op(GOMAP_OP_LOOKUP, &absent, 8, &small, 8),
		gm_batch_op(GOMAP_OP_INSERT, &there, 8, &value, 8),
		gm_batch_op(GOMAP_OP_REPLACE, &absent, 8, &value, 8),
		gm_batch_op(GOMAP_OP_DELETE, &absent, 8, NULL, 0),
		gm_batch_op(GOMAP_OP_STORE, &there, 7, &value, 8),
		gm_batch_op(GOMAP_OP_STORE, &there, 8, &value, 9),
		gm_batch_op(GOMAP_OP_LOOKUP, &there, 8, &small, 4),
		gm_batch_op(GOMAP_OP_STORE, NULL, 8, &value, 8),
		gm_batch_op(0, &there, 8, &value, 8),
		gm_batch_op(6, &there, 8, &value, 8),
		gm_batch_op(~0U, &there, 8, &value, 8),
		gm_batch_op(GOMAP_OP_STORE, &there, 8, &value, 8),
		gm_batch_op(GOMAP_OP_LOOKUP, &there, 8, NULL, 8),
		gm_batch_op(GOMAP_OP_DELETE, &there, 8, &value, 8),
		gm_batch_op(GOMAP_OP_INSERT, &new, 8, &value, 8),
	};
	static const int statuses[] = {
		-ENOENT, -EEXIST, -ENOENT, -ENOENT, -EMSGSIZE, -EMSGSIZE,
		-EMSGSIZE, -EFAULT, -EINVAL, -EINVAL, -EINVAL, -EINVAL,
		-EINVAL, -EINVAL, 0,
	};
	__u64 seen = 0;

	ops[3].flags = GOMAP_OP_MUST_EXIST;
	ops[11].flags = GOMAP_OP_MUST_EXIST;	/* is for DELETE alone */
	EXPECT_EQ(0, gm_put(self->map, there, 1));
	EXPECT_EQ(0, gm_batch(self->map, ops, ARRAY_LEN(ops), &self->batch));
	EXPECT_EQ(ARRAY_LEN(ops), self->batch.done);
	EXPECT_EQ(ARRAY_LEN(ops) - 1, self->batch.failed);
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		EXPECT_EQ(statuses[i], ops[i].status) {
			TH_LOG("operation %zu", i);
		}
	}
	EXPECT_EQ(8, ops[6].value_len);
	EXPECT_EQ(2, gm_len(self->map));
	EXPECT_EQ(8, gm_get(self->map, there, &seen));
	EXPECT_EQ(1, seen);
}

TEST_F(batch, every_unknown_flag_of_an_operation)
{
	__u64 key = 1;

	for (int bit = 0; bit < 32; bit++) {
		struct gomap_batch_op op = gm_batch_op(GOMAP_OP_DELETE, &key,
						       8, NULL, 0);

		op.flags = 1U << bit;
		EXPECT_EQ(0, gm_batch(self->map, &op, 1, &self->batch));
		EXPECT_EQ(op.flags & GOMAP_OP_FLAGS ? -ENOENT : -EINVAL,
			  op.status);
	}
}

TEST_F(batch, of_none)
{
	EXPECT_EQ(0, gm_batch(self->map, NULL, 0, &self->batch));
	EXPECT_EQ(0, self->batch.done);
	EXPECT_EQ(0, self->batch.failed);
}

TEST_F(batch, too_many)
{
	static const __u32 counts[] = { GOMAP_MAX_BATCH + 1, 1U << 31, ~0U };
	__u64 key = 1;
	struct gomap_batch_op op = gm_batch_op(GOMAP_OP_STORE, &key, 8, &key,
					       8);

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		EXPECT_EQ(-EINVAL, gm_batch(self->map, &op, counts[i],
					    &self->batch));
		EXPECT_EQ(1, op.status);
	}
	EXPECT_EQ(0, gm_len(self->map));
}

/* What was in the members for answers does not matter. */
TEST_F(batch, answers_are_set_afresh)
{
	__u64 key = 1;
	struct gomap_batch_op op = gm_batch_op(GOMAP_OP_STORE, &key, 8, &key,
					       8);

	op.existed = 77;
	op.status = 77;
	self->batch = (struct gomap_ioc_batch){
		.size = sizeof(self->batch), .ops = gm_addr(&op), .count = 1,
		.done = 77, .failed = 77,
	};
	EXPECT_EQ(0, gm_ioctl(self->map, GOMAP_IOC_BATCH, &self->batch));
	EXPECT_EQ(1, self->batch.done);
	EXPECT_EQ(0, self->batch.failed);
	EXPECT_EQ(0, op.status);
	EXPECT_EQ(0, op.existed);
}

/* The same key again and again: each operation sees what the last one did. */
TEST_F(batch, one_key_many_times)
{
	enum { TIMES = 1000 };
	static struct gomap_batch_op ops[2 * TIMES];
	static __u64 values[TIMES], seen[TIMES];
	__u64 key = 1;

	for (__u64 i = 0; i < TIMES; i++) {
		values[i] = i;
		ops[2 * i] = gm_batch_op(GOMAP_OP_STORE, &key, 8, &values[i],
					 8);
		ops[2 * i + 1] = gm_batch_op(GOMAP_OP_LOOKUP, &key, 8,
					     &seen[i], 8);
	}
	EXPECT_EQ(0, gm_batch(self->map, ops, 2 * TIMES, &self->batch));
	EXPECT_EQ(0, self->batch.failed);
	EXPECT_EQ(0, memcmp(values, seen, sizeof(values)));
	EXPECT_EQ(1, gm_len(self->map));
}

enum { HUGE_BATCH = 100000 };

struct huge {
	struct gomap_batch_op ops[HUGE_BATCH];
	__u64 keys[HUGE_BATCH];
	__u64 values[HUGE_BATCH];
};

static struct huge *make_huge(__u32 opcode)
{
	struct huge *huge = calloc(1, sizeof(*huge));

	for (__u64 i = 0; huge && i < HUGE_BATCH; i++) {
		huge->keys[i] = i;
		huge->values[i] = opcode == GOMAP_OP_LOOKUP ? ~0ULL : i;
		huge->ops[i] = gm_batch_op(opcode, &huge->keys[i], 8,
					   opcode == GOMAP_OP_DELETE ? NULL :
					   &huge->values[i],
					   opcode == GOMAP_OP_DELETE ? 0 : 8);
	}
	return huge;
}

TEST_F(batch, huge)
{
	struct huge *in = make_huge(GOMAP_OP_INSERT);
	struct huge *out = make_huge(GOMAP_OP_LOOKUP);
	struct huge *gone = make_huge(GOMAP_OP_DELETE);

	ASSERT_NE(NULL, in);
	ASSERT_NE(NULL, out);
	ASSERT_NE(NULL, gone);
	ASSERT_EQ(0, gm_batch(self->map, in->ops, HUGE_BATCH, &self->batch));
	EXPECT_EQ(HUGE_BATCH, self->batch.done);
	EXPECT_EQ(0, self->batch.failed);
	EXPECT_EQ(HUGE_BATCH, gm_len(self->map));
	ASSERT_EQ(0, gm_batch(self->map, out->ops, HUGE_BATCH, &self->batch));
	EXPECT_EQ(0, self->batch.failed);
	EXPECT_EQ(0, memcmp(in->values, out->values, sizeof(in->values)));
	ASSERT_EQ(0, gm_batch(self->map, gone->ops, HUGE_BATCH, &self->batch));
	EXPECT_EQ(0, self->batch.failed);
	EXPECT_EQ(0, gm_len(self->map));
}

TEST_F(batch, large_values)
{
	enum { ENTRIES = 50, SIZE = 65536 };
	struct gm_shape shape = { 8, SIZE, 0, 0 };
	struct gomap_batch_op in[ENTRIES], out[ENTRIES];
	unsigned char *values = malloc(ENTRIES * SIZE);
	unsigned char *seen = calloc(ENTRIES, SIZE);
	int map = gm_create(self->control, shape);
	__u64 keys[ENTRIES];

	ASSERT_LE(0, map);
	ASSERT_NE(NULL, values);
	ASSERT_NE(NULL, seen);
	for (__u64 i = 0; i < ENTRIES; i++) {
		keys[i] = i;
		memset(values + i * SIZE, i, SIZE);
		in[i] = gm_batch_op(GOMAP_OP_INSERT, &keys[i], 8,
				    values + i * SIZE, SIZE);
		out[i] = gm_batch_op(GOMAP_OP_LOOKUP, &keys[i], 8,
				     seen + i * SIZE, SIZE);
	}
	EXPECT_EQ(0, gm_batch(map, in, ENTRIES, &self->batch));
	EXPECT_EQ(0, self->batch.failed);
	EXPECT_EQ(0, gm_batch(map, out, ENTRIES, &self->batch));
	EXPECT_EQ(0, self->batch.failed);
	EXPECT_EQ(0, memcmp(values, seen, ENTRIES * SIZE));
	close(map);
}

/*
 * The array of operations is itself what lookups write to.  Whatever comes of
 * it, each operation was read once and the kernel is none the worse.
 */
TEST_F(batch, answers_into_the_operations)
{
	struct gomap_batch_op ops[4];
	__u64 key = 1;

	EXPECT_EQ(0, gm_put(self->map, key, ~0ULL));
	for (int i = 0; i < 4; i++)
		ops[i] = gm_batch_op(GOMAP_OP_LOOKUP, &key, 8,
				     &ops[(i + 1) % 4], 8);
	EXPECT_EQ(0, gm_batch(self->map, ops, 4, &self->batch));
	EXPECT_EQ(4, self->batch.done);
	EXPECT_EQ(1, gm_len(self->map));
}

/* The child dies in its batch: what it did is whole, what it did not is not. */
static void kill_in_batch(struct __test_metadata *_metadata,
			  FIXTURE_DATA(batch) *self, unsigned int delay_us)
{
	struct huge *huge = make_huge(GOMAP_OP_STORE);
	__u64 len, value;
	pid_t child;

	ASSERT_NE(NULL, huge);
	ASSERT_EQ(0, gm_clear(self->map));
	child = fork();
	if (child == 0) {
		for (;;)
			gm_batch(self->map, huge->ops, HUGE_BATCH,
				 &self->batch);
	}
	usleep(delay_us);
	kill(child, SIGKILL);
	EXPECT_EQ(-1, gm_wait(child));
	EXPECT_EQ(0, gm_check(self->map));
	len = gm_len(self->map);
	ASSERT_GE(HUGE_BATCH, len);
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, len));
	if (len < HUGE_BATCH)
		EXPECT_EQ(-ENOENT, gm_get(self->map, len, &value));
	free(huge);
}

TEST_F(batch, killed)
{
	for (unsigned int ms = 2; ms < 60; ms += 12)
		kill_in_batch(_metadata, self, 1000 * ms);
	EXPECT_LE(0, gm_put(self->map, 1, 1));
}

/* A fatal signal ends a long call at once, not when it is through. */
TEST_F(batch, killed_soon)
{
	struct huge *huge = make_huge(GOMAP_OP_STORE);
	double start;
	pid_t child;

	ASSERT_NE(NULL, huge);
	child = fork();
	if (child == 0) {
		for (;;)
			gm_batch(self->map, huge->ops, HUGE_BATCH,
				 &self->batch);
	}
	usleep(50000);
	start = gm_now();
	kill(child, SIGKILL);
	EXPECT_EQ(-1, gm_wait(child));
	EXPECT_GT(1.0, gm_now() - start) {
		TH_LOG("it took %.1f s", gm_now() - start);
	}
}

static void on_signal(int signal)
{
	(void)signal;
}

/* Signals that do not kill do not stop a batch, either. */
TEST_F(batch, signals_that_do_not_kill)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct huge *huge = make_huge(GOMAP_OP_STORE);
	pid_t parent = getpid(), child;

	ASSERT_NE(NULL, huge);
	sigaction(SIGUSR1, &action, NULL);
	child = fork();
	if (child == 0) {
		for (;;) {
			kill(parent, SIGUSR1);
			usleep(1000);
		}
	}
	EXPECT_EQ(0, gm_batch(self->map, huge->ops, HUGE_BATCH, &self->batch));
	kill(child, SIGKILL);
	EXPECT_EQ(-1, gm_wait(child));
	EXPECT_EQ(HUGE_BATCH, self->batch.done);
	EXPECT_EQ(0, self->batch.failed);
	EXPECT_EQ(HUGE_BATCH, gm_len(self->map));
}

TEST_HARNESS_MAIN
