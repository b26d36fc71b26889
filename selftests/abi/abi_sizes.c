// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules that every command follows, each tried on every command: the size
 * in front, reserved members, unknown flags, bad argument pointers.
 *
 * One variant of the fixture is one command, with an argument that works; one
 * test is one way to spoil it.  After each refusal the map, the argument and
 * the descriptors of this process have to be as they were.
 */
#include "harness.h"
#include "common.h"

/* Enough for overflow buckets to be provided, so that MEMORY has an answer. */
#define ENTRIES		60
#define TAIL		64
#define MAX_RESERVED	2

union argument {
	__u32 size;
	struct gomap_ioc_version version;
	struct gomap_ioc_create create;
	struct gomap_ioc_open open;
	struct gomap_ioc_list list;
	struct gomap_ioc_info info;
	struct gomap_ioc_op op;
	struct gomap_ioc_batch batch;
	struct gomap_ioc_iter iter;
	struct gomap_ioc_plain plain;
	struct gomap_ioc_limits limits;
	struct gomap_ioc_memory memory;
	unsigned char bytes[sizeof(struct gomap_ioc_info) + TAIL];
};

FIXTURE(command) {
	int control;
	int map;
	int fds;
	struct gm_digest digest;
	char name[GOMAP_NAME_LEN];
	__u64 key;
	__u64 value;
	struct gomap_batch_op ops[2];
	unsigned char buf[256];
	union argument good;
};

FIXTURE_VARIANT(command) {
	unsigned int nr;
	bool on_map;		/* or else on the control device */
	bool replies;		/* writes to its argument */
	bool makes_fd;
	size_t size;
	size_t first_size;	/* as first published; 0: it never changed */
	size_t flags_at;	/* 0: the command has none */
	__u32 known_flags;
	size_t reserved_at[MAX_RESERVED];	/* 0: no more */
	void (*fill)(FIXTURE_DATA(command) *self, union argument *arg);
};

static void fill_nothing(FIXTURE_DATA(command) *self, union argument *arg)
{
	(void)self;
	(void)arg;
}

static void fill_create(FIXTURE_DATA(command) *self, union argument *arg)
{
	(void)self;
	arg->create.key_size = 4;
	arg->create.value_size = 4;
}

static void fill_open(FIXTURE_DATA(command) *self, union argument *arg)
{
	arg->open.flags = GOMAP_OPEN_READ;
	memcpy(arg->open.name, self->name, sizeof(self->name));
}

static void fill_op(FIXTURE_DATA(command) *self, union argument *arg,
		    __u64 key, bool with_value)
{
	self->key = key;
	arg->op.key = gm_addr(&self->key);
	arg->op.key_len = sizeof(self->key);
	if (with_value) {
		arg->op.value = gm_addr(&self->value);
		arg->op.value_len = sizeof(self->value);
	}
}

static void fill_present(FIXTURE_DATA(command) *self, union argument *arg)
{
	fill_op(self, arg, 1, true);
}

static void fill_absent(FIXTURE_DATA(command) *self, union argument *arg)
{
	fill_op(self, arg, ENTRIES + 1, true);
}

static void fill_delete(FIXTURE_DATA(command) *self, union argument *arg)
{
	fill_op(self, arg, 1, false);
}

static void fill_batch(FIXTURE_DATA(command) *self, union argument *arg)
{
	self->key = 1;
	self->ops[0] = gm_batch_op(GOMAP_OP_STORE, &self->key, 8,
				   &self->value, 8);
	self->ops[1] = gm_batch_op(GOMAP_OP_DELETE, &self->key, 8, NULL, 0);
	arg->batch.ops = gm_addr(self->ops);
	arg->batch.count = ARRAY_LEN(self->ops);
}

static void fill_iter(FIXTURE_DATA(command) *self, union argument *arg)
{
	arg->iter.flags = GOMAP_ITER_FLAGS;
	arg->iter.buf = gm_addr(self->buf);
	arg->iter.buf_len = sizeof(self->buf);
}

static void fill_limits(FIXTURE_DATA(command) *self, union argument *arg)
{
	(void)self;
	arg->limits.max_entries = 2 * ENTRIES;
	arg->limits.max_bytes = 1 << 20;
}

FIXTURE_VARIANT_ADD(command, version) {
	.nr = GOMAP_IOC_VERSION,
	.replies = true,
	.size = sizeof(struct gomap_ioc_version),
	.fill = fill_nothing,
};

FIXTURE_VARIANT_ADD(command, create) {
	.nr = GOMAP_IOC_CREATE,
	.replies = true,
	.makes_fd = true,
	.size = sizeof(struct gomap_ioc_create),
	.first_size = 128,
	.flags_at = offsetof(struct gomap_ioc_create, flags),
	.known_flags = GOMAP_MAP_FLAGS,
	.fill = fill_create,
};

FIXTURE_VARIANT_ADD(command, open) {
	.nr = GOMAP_IOC_OPEN,
	.replies = true,
	.makes_fd = true,
	.size = sizeof(struct gomap_ioc_open),
	.flags_at = offsetof(struct gomap_ioc_open, flags),
	.known_flags = GOMAP_OPEN_FLAGS,
	.reserved_at = { offsetof(struct gomap_ioc_open, reserved) },
	.fill = fill_open,
};

FIXTURE_VARIANT_ADD(command, list) {
	.nr = GOMAP_IOC_LIST,
	.replies = true,
	.size = sizeof(struct gomap_ioc_list),
	.flags_at = offsetof(struct gomap_ioc_list, flags),
	.fill = fill_nothing,
};

FIXTURE_VARIANT_ADD(command, info) {
	.nr = GOMAP_IOC_INFO,
	.on_map = true,
	.replies = true,
	.size = sizeof(struct gomap_ioc_info),
	.first_size = 424,
	.flags_at = offsetof(struct gomap_ioc_info, flags),
	.known_flags = GOMAP_INFO_FLAGS,
	.fill = fill_nothing,
};

FIXTURE_VARIANT_ADD(command, lookup) {
	.nr = GOMAP_IOC_LOOKUP,
	.on_map = true,
	.replies = true,
	.size = sizeof(struct gomap_ioc_op),
	.first_size = 40,
	.flags_at = offsetof(struct gomap_ioc_op, flags),
	.reserved_at = { offsetof(struct gomap_ioc_op, reserved) },
	.fill = fill_present,
};

FIXTURE_VARIANT_ADD(command, insert) {
	.nr = GOMAP_IOC_INSERT,
	.on_map = true,
	.replies = true,
	.size = sizeof(struct gomap_ioc_op),
	.first_size = 40,
	.flags_at = offsetof(struct gomap_ioc_op, flags),
	.reserved_at = { offsetof(struct gomap_ioc_op, reserved) },
	.fill = fill_absent,
};

FIXTURE_VARIANT_ADD(command, replace) {
	.nr = GOMAP_IOC_REPLACE,
	.on_map = true,
	.replies = true,
	.size = sizeof(struct gomap_ioc_op),
	.first_size = 40,
	.flags_at = offsetof(struct gomap_ioc_op, flags),
	.reserved_at = { offsetof(struct gomap_ioc_op, reserved) },
	.fill = fill_present,
};

FIXTURE_VARIANT_ADD(command, store) {
	.nr = GOMAP_IOC_STORE,
	.on_map = true,
	.replies = true,
	.size = sizeof(struct gomap_ioc_op),
	.first_size = 40,
	.flags_at = offsetof(struct gomap_ioc_op, flags),
	.reserved_at = { offsetof(struct gomap_ioc_op, reserved) },
	.fill = fill_present,
};

FIXTURE_VARIANT_ADD(command, delete) {
	.nr = GOMAP_IOC_DELETE,
	.on_map = true,
	.replies = true,
	.size = sizeof(struct gomap_ioc_op),
	.first_size = 40,
	.flags_at = offsetof(struct gomap_ioc_op, flags),
	.known_flags = GOMAP_OP_MUST_EXIST,
	.reserved_at = { offsetof(struct gomap_ioc_op, reserved) },
	.fill = fill_delete,
};

FIXTURE_VARIANT_ADD(command, batch) {
	.nr = GOMAP_IOC_BATCH,
	.on_map = true,
	.replies = true,
	.size = sizeof(struct gomap_ioc_batch),
	.first_size = 32,
	.flags_at = offsetof(struct gomap_ioc_batch, flags),
	.reserved_at = { offsetof(struct gomap_ioc_batch, reserved) },
	.fill = fill_batch,
};

FIXTURE_VARIANT_ADD(command, iter) {
	.nr = GOMAP_IOC_ITER,
	.on_map = true,
	.replies = true,
	.size = sizeof(struct gomap_ioc_iter),
	.flags_at = offsetof(struct gomap_ioc_iter, flags),
	.known_flags = GOMAP_ITER_FLAGS,
	.reserved_at = { offsetof(struct gomap_ioc_iter, reserved) },
	.fill = fill_iter,
};

FIXTURE_VARIANT_ADD(command, clear) {
	.nr = GOMAP_IOC_CLEAR,
	.on_map = true,
	.size = sizeof(struct gomap_ioc_plain),
	.flags_at = offsetof(struct gomap_ioc_plain, flags),
	.fill = fill_nothing,
};

FIXTURE_VARIANT_ADD(command, destroy) {
	.nr = GOMAP_IOC_DESTROY,
	.on_map = true,
	.size = sizeof(struct gomap_ioc_plain),
	.flags_at = offsetof(struct gomap_ioc_plain, flags),
	.fill = fill_nothing,
};

FIXTURE_VARIANT_ADD(command, compact) {
	.nr = GOMAP_IOC_COMPACT,
	.on_map = true,
	.size = sizeof(struct gomap_ioc_plain),
	.flags_at = offsetof(struct gomap_ioc_plain, flags),
	.fill = fill_nothing,
};

FIXTURE_VARIANT_ADD(command, rekey) {
	.nr = GOMAP_IOC_REKEY,
	.on_map = true,
	.size = sizeof(struct gomap_ioc_plain),
	.flags_at = offsetof(struct gomap_ioc_plain, flags),
	.fill = fill_nothing,
};

FIXTURE_VARIANT_ADD(command, limits) {
	.nr = GOMAP_IOC_LIMITS,
	.on_map = true,
	.size = sizeof(struct gomap_ioc_limits),
	.flags_at = offsetof(struct gomap_ioc_limits, flags),
	.fill = fill_limits,
};

FIXTURE_VARIANT_ADD(command, memory) {
	.nr = GOMAP_IOC_MEMORY,
	.on_map = true,
	.replies = true,
	.size = sizeof(struct gomap_ioc_memory),
	.flags_at = offsetof(struct gomap_ioc_memory, flags),
	.fill = fill_nothing,
};

FIXTURE_SETUP(command)
{
	GM_NEED_CONTROL(self->control);
	strcpy(self->name, gm_unique_name("sizes"));
	self->map = gm_create_named(self->control, GM_U64_MAP, self->name,
				    0600);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, gm_fill(self->map, 1, ENTRIES));
	ASSERT_EQ(0, gm_digest(self->map, &self->digest));
	self->fds = gm_open_fds();
	self->good.size = variant->size;
	variant->fill(self, &self->good);
}

FIXTURE_TEARDOWN(command)
{
	gm_destroy(self->map);
	close(self->map);
	close(self->control);
}

static int call(FIXTURE_DATA(command) *self,
		const FIXTURE_VARIANT(command) *variant, void *arg)
{
	return gm_ioctl(variant->on_map ? self->map : self->control,
			variant->nr, arg);
}

static void expect_unchanged(struct __test_metadata *_metadata,
			     FIXTURE_DATA(command) *self)
{
	struct gm_digest now;

	EXPECT_EQ(self->fds, gm_open_fds());
	ASSERT_EQ(0, gm_digest(self->map, &now));
	EXPECT_TRUE(gm_same(&self->digest, &now)) {
		TH_LOG("the map had %llu entries, now %llu",
		       (unsigned long long)self->digest.len,
		       (unsigned long long)now.len);
	}
}

/* @arg has to be refused with @error, and to be left alone. */
static void expect_refused(struct __test_metadata *_metadata,
			   FIXTURE_DATA(command) *self,
			   const FIXTURE_VARIANT(command) *variant,
			   union argument *arg, int error)
{
	union argument before = *arg;

	EXPECT_EQ(error, call(self, variant, arg));
	EXPECT_EQ(0, memcmp(&before, arg, sizeof(before)));
	expect_unchanged(_metadata, self);
}

static void expect_works(struct __test_metadata *_metadata,
			 FIXTURE_DATA(command) *self,
			 const FIXTURE_VARIANT(command) *variant,
			 union argument *arg)
{
	int fd = -1;

	ASSERT_EQ(0, call(self, variant, arg));
	if (variant->nr == GOMAP_IOC_CREATE)
		fd = arg->create.fd;
	if (variant->nr == GOMAP_IOC_OPEN)
		fd = arg->open.fd;
	if (variant->makes_fd) {
		EXPECT_LT(2, fd);
		EXPECT_EQ(0, close(fd));
	}
	EXPECT_EQ(self->fds, gm_open_fds());
}

/* The argument is somewhere where it cannot be read. */
static void expect_fault(struct __test_metadata *_metadata,
			 FIXTURE_DATA(command) *self,
			 const FIXTURE_VARIANT(command) *variant, __u64 where)
{
	EXPECT_EQ(-EFAULT, call(self, variant, (void *)(uintptr_t)where));
	expect_unchanged(_metadata, self);
}

static size_t first_size(const FIXTURE_VARIANT(command) *variant)
{
	return variant->first_size ? variant->first_size : variant->size;
}

static void set_u32(union argument *arg, size_t at, __u32 value)
{
	memcpy(&arg->bytes[at], &value, sizeof(value));
}

TEST_F(command, works)
{
	expect_works(_metadata, self, variant, &self->good);
	EXPECT_EQ(variant->size, self->good.size);
}

TEST_F(command, works_at_an_odd_address)
{
	unsigned char room[sizeof(union argument) + 1];

	memcpy(&room[1], &self->good, sizeof(self->good));
	EXPECT_EQ(0, call(self, variant, &room[1]));
	EXPECT_EQ(self->fds + variant->makes_fd, gm_open_fds());
}

TEST_F(command, one_byte_short)
{
	self->good.size = first_size(variant) - 1;
	expect_refused(_metadata, self, variant, &self->good, -EINVAL);
}

TEST_F(command, every_shorter_size)
{
	for (__u32 size = 0; size < first_size(variant); size++) {
		self->good.size = size;
		ASSERT_EQ(-EINVAL, call(self, variant, &self->good)) {
			TH_LOG("with size %u", size);
		}
	}
	expect_unchanged(_metadata, self);
}

/* A program of before has what it knew, and what lies behind stays its own. */
TEST_F(command, every_size_since_the_first)
{
	union argument arg;

	for (__u32 size = first_size(variant); size < variant->size; size++) {
		arg = self->good;
		arg.size = size;
		memset(&arg.bytes[size], 0xa5, sizeof(arg) - size);
		if (variant->nr == GOMAP_IOC_INSERT)
			gm_del(self->map, self->key);
		expect_works(_metadata, self, variant, &arg);
		EXPECT_EQ(size, arg.size);
		for (size_t i = size; i < sizeof(arg); i++)
			EXPECT_EQ(0xa5, arg.bytes[i]);
	}
}

TEST_F(command, one_byte_longer_and_zero)
{
	self->good.size = variant->size + 1;
	expect_works(_metadata, self, variant, &self->good);
}

TEST_F(command, much_longer_and_zero)
{
	self->good.size = variant->size + TAIL;
	expect_works(_metadata, self, variant, &self->good);
}

TEST_F(command, one_byte_longer_not_zero)
{
	self->good.size = variant->size + 1;
	self->good.bytes[variant->size] = 1;
	expect_refused(_metadata, self, variant, &self->good, -E2BIG);
}

TEST_F(command, last_byte_of_a_long_tail_not_zero)
{
	self->good.size = variant->size + TAIL;
	self->good.bytes[variant->size + TAIL - 1] = 0x80;
	expect_refused(_metadata, self, variant, &self->good, -E2BIG);
}

TEST_F(command, tail_not_mapped)
{
	void *arg = gm_before_hole(variant->size);

	ASSERT_NE(NULL, arg);
	self->good.size = variant->size + TAIL;
	memcpy(arg, &self->good, variant->size);
	expect_fault(_metadata, self, variant, gm_addr(arg));
}

TEST_F(command, longer_than_a_page_not_zero)
{
	size_t size = 2 * sysconf(_SC_PAGESIZE);
	union argument *arg = calloc(1, size);

	ASSERT_NE(NULL, arg);
	memcpy(arg, &self->good, variant->size);
	arg->size = size;
	memset((char *)arg + variant->size, 0xff, size - variant->size);
	EXPECT_EQ(-E2BIG, call(self, variant, arg));
	expect_unchanged(_metadata, self);
}

TEST_F(command, absurd_sizes)
{
	static const __u32 sizes[] = { 1U << 31, (1U << 31) - 1, ~0U };

	/* Whatever follows the argument on the stack is not all zero. */
	memset(&self->good.bytes[variant->size], 0xff,
	       sizeof(self->good) - variant->size);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		self->good.size = sizes[i];
		expect_refused(_metadata, self, variant, &self->good, -E2BIG);
	}
}

TEST_F(command, each_reserved_member)
{
	for (int i = 0; i < MAX_RESERVED && variant->reserved_at[i]; i++) {
		for (int bit = 0; bit < 32; bit++) {
			set_u32(&self->good, variant->reserved_at[i],
				1U << bit);
			expect_refused(_metadata, self, variant, &self->good,
				       -EINVAL);
		}
		set_u32(&self->good, variant->reserved_at[i], 0);
	}
	expect_works(_metadata, self, variant, &self->good);
}

TEST_F(command, each_unknown_flag)
{
	__u32 flags;

	if (!variant->flags_at) {	/* an answer lies there: not read */
		set_u32(&self->good, 4, ~0U);
		expect_works(_metadata, self, variant, &self->good);
		return;
	}
	memcpy(&flags, &self->good.bytes[variant->flags_at], sizeof(flags));
	for (int bit = 0; bit < 32; bit++) {
		if (variant->known_flags & 1U << bit)
			continue;
		set_u32(&self->good, variant->flags_at, flags | 1U << bit);
		expect_refused(_metadata, self, variant, &self->good, -EINVAL);
	}
	set_u32(&self->good, variant->flags_at, flags);
	expect_works(_metadata, self, variant, &self->good);
}

TEST_F(command, null_argument)
{
	expect_fault(_metadata, self, variant, 0);
}

TEST_F(command, kernel_address)
{
	expect_fault(_metadata, self, variant, gm_kernel_addr());
}

TEST_F(command, unmapped_argument)
{
	expect_fault(_metadata, self, variant, gm_unmapped_addr());
}

TEST_F(command, only_the_size_is_mapped)
{
	__u32 *arg = gm_before_hole(sizeof(*arg));

	ASSERT_NE(NULL, arg);
	*arg = variant->size;
	expect_fault(_metadata, self, variant, gm_addr(arg));
}

TEST_F(command, last_byte_is_not_mapped)
{
	unsigned char *arg = gm_before_hole(variant->size - 1);

	ASSERT_NE(NULL, arg);
	memcpy(arg, &self->good, variant->size - 1);
	expect_fault(_metadata, self, variant, gm_addr(arg));
}

TEST_F(command, read_only_argument)
{
	void *arg = gm_read_only(&self->good, sizeof(self->good));

	ASSERT_NE(NULL, arg);
	if (variant->replies)
		expect_fault(_metadata, self, variant, gm_addr(arg));
	else
		EXPECT_EQ(0, call(self, variant, arg));
}

TEST_F(command, not_for_the_other_kind_of_descriptor)
{
	int other = variant->on_map ? self->control : self->map;

	EXPECT_EQ(-ENOTTY, gm_ioctl(other, variant->nr, &self->good));
	expect_unchanged(_metadata, self);
}

TEST_F(command, size_in_the_number_is_another_number)
{
	unsigned int sized = _IOC(_IOC_READ | _IOC_WRITE, GOMAP_IOC_TYPE,
				  _IOC_NR(variant->nr), variant->size);

	EXPECT_EQ(-ENOTTY, gm_ioctl(variant->on_map ? self->map : self->control,
				    sized, &self->good));
	expect_unchanged(_metadata, self);
}

TEST_HARNESS_MAIN
