// SPDX-License-Identifier: GPL-2.0-only
/*
 * No reply carries an address of the kernel, or a byte that nobody wrote.
 *
 * The caller's memory is filled with a pattern first.  A word that looks like
 * a kernel address may be a hash by accident, so each command is asked several
 * times, and one that looks so every time is not.  Run it with init_on_alloc=0
 * and slub_debug=P, too, where memory that was never written has patterns.
 */
#include "harness.h"
#include "common.h"

#define TIMES	16
#define PATTERN	0xc3

/* The patterns of the slab allocator: fresh, freed, last byte; and ours. */
static bool is_poison(unsigned char byte)
{
	return byte == 0x5a || byte == 0x6b || byte == 0xa5 || byte == PATTERN;
}

static bool looks_like_kernel(__u64 word)
{
	return word >= 0xffff800000000000ULL;
}

/* Words at the same place of @TIMES replies that look so in all of them. */
static int kernel_words(const void *replies, size_t size)
{
	int found = 0;

	for (size_t at = 0; at + 8 <= size; at += 4) {
		int looks = 0;

		for (int i = 0; i < TIMES; i++) {
			__u64 word;

			memcpy(&word, (const char *)replies + i * size + at, 8);
			looks += looks_like_kernel(word);
		}
		found += looks == TIMES;
	}
	return found;
}

/* Runs of 4 bytes of poison; fewer may be a number. */
static int poisoned_words(const void *bytes, size_t size)
{
	const unsigned char *at = bytes;
	int found = 0;

	for (size_t i = 0; i + 4 <= size; i += 4)
		found += is_poison(at[i]) && at[i] == at[i + 1] &&
			 at[i] == at[i + 2] && at[i] == at[i + 3];
	return found;
}

static int not_zero(const void *bytes, size_t size)
{
	const unsigned char *at = bytes;
	int found = 0;

	while (size--)
		found += *at++ != 0;
	return found;
}

/* Text, a NUL, and zeros to the end? */
static int bytes_after_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	return not_zero(text + len, size - len);
}

FIXTURE(leak) {
	int control;
	int map;
	char name[GOMAP_NAME_LEN];
};

FIXTURE_SETUP(leak)
{
	GM_NEED_CONTROL(self->control);
	strcpy(self->name, gm_unique_name("leak"));
	self->map = gm_create_named(self->control, GM_U64_MAP, self->name,
				    0600);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, gm_fill(self->map, 1, 300));
}

FIXTURE_TEARDOWN(leak)
{
	gm_destroy(self->map);
	close(self->map);
	close(self->control);
}

TEST_F(leak, version)
{
	struct gomap_ioc_version replies[TIMES];

	memset(replies, PATTERN, sizeof(replies));
	for (int i = 0; i < TIMES; i++) {
		replies[i].size = sizeof(replies[i]);
		ASSERT_EQ(0, gm_ioctl(self->control, GOMAP_IOC_VERSION,
				      &replies[i]));
		EXPECT_EQ(0, bytes_after_text(replies[i].version,
					      sizeof(replies[i].version)));
	}
	EXPECT_EQ(0, kernel_words(replies, sizeof(replies[0])));
	EXPECT_EQ(0, poisoned_words(replies, sizeof(replies)));
}

TEST_F(leak, info)
{
	struct gomap_ioc_info replies[TIMES];

	memset(replies, PATTERN, sizeof(replies));
	for (int i = 0; i < TIMES; i++) {
		replies[i].size = sizeof(replies[i]);
		replies[i].flags = 0;
		ASSERT_EQ(0, gm_ioctl(self->map, GOMAP_IOC_INFO, &replies[i]));
		EXPECT_EQ(0, not_zero(replies[i].fill,
				      sizeof(replies[i].fill)));
		EXPECT_EQ(0, replies[i].check);
		EXPECT_EQ(0, replies[i].reserved2);
		EXPECT_EQ(0, bytes_after_text(replies[i].name,
					      sizeof(replies[i].name)));
		EXPECT_EQ(0, not_zero(replies[i].schema,
				      sizeof(replies[i].schema)));
	}
	EXPECT_EQ(0, kernel_words(replies, sizeof(replies[0])));
	EXPECT_EQ(0, poisoned_words(replies, sizeof(replies)));
}

TEST_F(leak, info_with_everything)
{
	struct gomap_ioc_info replies[TIMES];

	memset(replies, PATTERN, sizeof(replies));
	for (int i = 0; i < TIMES; i++) {
		replies[i].size = sizeof(replies[i]);
		replies[i].flags = GOMAP_INFO_FLAGS;
		ASSERT_EQ(0, gm_ioctl(self->map, GOMAP_IOC_INFO, &replies[i]));
	}
	EXPECT_EQ(0, kernel_words(replies, sizeof(replies[0])));
	EXPECT_EQ(0, poisoned_words(replies, sizeof(replies)));
}

TEST_F(leak, list)
{
	struct gomap_ioc_list replies[TIMES];

	memset(replies, PATTERN, sizeof(replies));
	for (int i = 0; i < TIMES; i++) {
		replies[i].size = sizeof(replies[i]);
		replies[i].flags = 0;
		replies[i].id = 0;
		ASSERT_EQ(0, gm_ioctl(self->control, GOMAP_IOC_LIST,
				      &replies[i]));
		EXPECT_EQ(0, bytes_after_text(replies[i].name,
					      sizeof(replies[i].name)));
		EXPECT_EQ(0, bytes_after_text(replies[i].schema,
					      sizeof(replies[i].schema)));
	}
	EXPECT_EQ(0, kernel_words(replies, sizeof(replies[0])));
	EXPECT_EQ(0, poisoned_words(replies, sizeof(replies)));
}

TEST_F(leak, cursors)
{
	struct gomap_ioc_iter replies[TIMES];
	__u64 buf[20];

	memset(replies, PATTERN, sizeof(replies));
	for (int i = 0; i < TIMES; i++) {
		memset(&replies[i].cursor, 0, sizeof(replies[i].cursor));
		replies[i].size = sizeof(replies[i]);
		replies[i].flags = GOMAP_ITER_FLAGS;
		replies[i].buf = gm_addr(buf);
		replies[i].buf_len = sizeof(buf);
		replies[i].max = 5;
		replies[i].reserved = 0;
		ASSERT_EQ(0, gm_ioctl(self->map, GOMAP_IOC_ITER, &replies[i]));
		EXPECT_EQ(5, replies[i].count);
		EXPECT_EQ(80, replies[i].used);
		EXPECT_EQ(0, replies[i].needed);
	}
	EXPECT_EQ(0, kernel_words(replies, sizeof(replies[0])));
	EXPECT_EQ(0, poisoned_words(replies, sizeof(replies)));
}

TEST_F(leak, operations)
{
	struct gomap_ioc_op replies[TIMES];
	__u64 key = 7, value;

	memset(replies, PATTERN, sizeof(replies));
	for (int i = 0; i < TIMES; i++) {
		replies[i] = gm_op(&key, 8, &value, 8);
		memset(&replies[i].existed, PATTERN, 4);
		ASSERT_EQ(0, gm_ioctl(self->map, GOMAP_IOC_LOOKUP,
				      &replies[i]));
		EXPECT_EQ(1, replies[i].existed);
		EXPECT_EQ(0, replies[i].reserved);
	}
	EXPECT_EQ(0, kernel_words(replies, sizeof(replies[0])));
	EXPECT_EQ(0, poisoned_words(replies, sizeof(replies)));
}

TEST_F(leak, new_descriptor)
{
	struct gomap_ioc_create create = {
		.size = sizeof(create), .key_size = 8, .value_size = 8,
		.fd = (__s32)0xc3c3c3c3,
	};
	struct gomap_ioc_create before = create;

	ASSERT_EQ(0, gm_ioctl(self->control, GOMAP_IOC_CREATE, &create));
	before.fd = create.fd;
	EXPECT_EQ(0, memcmp(&before, &create, sizeof(create)));
	close(create.fd);
}

/* A reply is no longer than the caller says that its structure is. */
TEST_F(leak, nothing_beyond_the_structure)
{
	unsigned char room[sizeof(struct gomap_ioc_info) + 64];
	struct gomap_ioc_info *info = (void *)room;

	memset(room, PATTERN, sizeof(room));
	info->size = sizeof(*info);
	info->flags = 0;
	ASSERT_EQ(0, gm_ioctl(self->map, GOMAP_IOC_INFO, info));
	for (size_t i = sizeof(*info); i < sizeof(room); i++)
		EXPECT_EQ(PATTERN, room[i]);
}

/* One variant: a shape whose entries do not fill their slots. */
FIXTURE(bytes) {
	int control;
	int map;
	unsigned char seen[8192];
};

FIXTURE_VARIANT(bytes) {
	__u32 key_size;
	__u32 value_size;
	__u32 len;
	__u32 flags;
};

FIXTURE_VARIANT_ADD(bytes, inline) { 4, 128, 5, GOMAP_MAP_VAR_VALUE };
FIXTURE_VARIANT_ADD(bytes, object) { 4, 4096, 5, GOMAP_MAP_VAR_VALUE };
FIXTURE_VARIANT_ADD(bytes, odd) { 4, 129, 129, 0 };
FIXTURE_VARIANT_ADD(bytes, three) { 4, 3, 3, 0 };

FIXTURE_SETUP(bytes)
{
	struct gm_shape shape = { variant->key_size, variant->value_size,
				  variant->flags, 0 };

	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, shape);
	ASSERT_LE(0, self->map);
	for (__u32 key = 0; key < 64; key++) {
		unsigned char value[4096] = { 0 };

		memset(value, 0x11, variant->len);
		ASSERT_EQ(0, gm_insert(self->map, &key, 4, value,
				       variant->len));
	}
}

FIXTURE_TEARDOWN(bytes)
{
	close(self->map);
	close(self->control);
}

TEST_F(bytes, behind_a_value)
{
	for (__u32 key = 0; key < 64; key++) {
		memset(self->seen, PATTERN, sizeof(self->seen));
		ASSERT_EQ(variant->len, gm_lookup(self->map, &key, 4,
						  self->seen, 4096));
		for (__u32 i = 0; i < sizeof(self->seen); i++)
			ASSERT_EQ(i < variant->len ? 0x11 : PATTERN,
				  self->seen[i]);
	}
}

TEST_F(bytes, behind_the_entries)
{
	struct gomap_ioc_iter iter = { 0 };

	memset(self->seen, PATTERN, sizeof(self->seen));
	ASSERT_EQ(0, gm_iter(self->map, &iter, GOMAP_ITER_VALUES, self->seen,
			     sizeof(self->seen), 8));
	EXPECT_EQ(8, iter.count);
	for (__u32 i = iter.used; i < sizeof(self->seen); i++)
		ASSERT_EQ(PATTERN, self->seen[i]);
}

TEST_F(bytes, of_a_lookup_that_fails)
{
	__u32 absent = 64, there = 0;

	memset(self->seen, PATTERN, sizeof(self->seen));
	EXPECT_EQ(-ENOENT, gm_lookup(self->map, &absent, 4, self->seen, 4096));
	EXPECT_EQ(-EMSGSIZE, gm_lookup(self->map, &there, 4, self->seen,
				       variant->len - 1));
	for (__u32 i = 0; i < sizeof(self->seen); i++)
		ASSERT_EQ(PATTERN, self->seen[i]);
}

/* A slot that had a long value shows none of it through a short one. */
TEST_F(bytes, of_the_value_before)
{
	unsigned char secret[4096], nothing[4096] = { 0 };
	__u32 short_len = variant->flags ? 1 : variant->len, key = 9;

	memset(secret, 0x77, sizeof(secret));
	ASSERT_EQ(1, gm_store(self->map, &key, 4, secret, variant->value_size));
	ASSERT_EQ(1, gm_delete(self->map, &key, 4));
	ASSERT_EQ(0, gm_insert(self->map, &key, 4, nothing, short_len));
	memset(self->seen, PATTERN, sizeof(self->seen));
	ASSERT_EQ(short_len, gm_lookup(self->map, &key, 4, self->seen, 4096));
	for (__u32 i = 0; i < sizeof(self->seen); i++)
		ASSERT_NE(0x77, self->seen[i]);
}

TEST_HARNESS_MAIN
