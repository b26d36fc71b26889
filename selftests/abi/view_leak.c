// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in a view that has no business there: other maps, addresses of the
 * kernel, and what was removed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/gomap_view.h>
#include <sys/mman.h>

#include "harness.h"
#include "common.h"

#define VIEW_BYTES	(16UL << 20)	/* more than any of these maps has */
#define UNIT		GOMAP_VIEW_UNIT
#define SECRET_LEN	24
#define KEY_MAX		300
#define VALUE_MAX	700
#define PATIENCE	10	/* seconds until a grace period is over for sure */

FIXTURE(leak) {
	int control;
	int map;
	int probe;
	const unsigned char *view;
	unsigned char *seen;
};

FIXTURE_VARIANT(leak) {
	__u32 key_size;
	__u32 value_size;
	__u32 flags;
};

FIXTURE_VARIANT_ADD(leak, in_slots) { 32, 32, 0 };
FIXTURE_VARIANT_ADD(leak, out_of_line) { 200, 300, 0 };
FIXTURE_VARIANT_ADD(leak, of_any_length) { 32, 100, GOMAP_MAP_VAR_VALUE };
FIXTURE_VARIANT_ADD(leak, long_of_any_length) { 32, 700, GOMAP_MAP_VAR_VALUE };
FIXTURE_VARIANT_ADD(leak, stable) { 32, 64, GOMAP_MAP_STABLE };

FIXTURE_SETUP(leak)
{
	struct gm_shape shape = {
		.key_size = variant->key_size,
		.value_size = variant->value_size,
		.flags = variant->flags | GOMAP_MAP_VIEW,
	};

	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, shape);
	ASSERT_LE(0, self->map);
	self->view = mmap(NULL, VIEW_BYTES, PROT_READ, MAP_SHARED, self->map,
			  0);
	ASSERT_NE(MAP_FAILED, self->view);
	self->seen = mmap(NULL, VIEW_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->seen);
	self->probe = memfd_create("probe", MFD_CLOEXEC);
	ASSERT_LE(0, self->probe);
}

FIXTURE_TEARDOWN(leak)
{
	munmap((void *)self->view, VIEW_BYTES);
	munmap(self->seen, VIEW_BYTES);
	close(self->probe);
	close(self->map);
	close(self->control);
}

/*
 * Copy all of a view that can be read, one unit after the other: what would raise
 * SIGBUS is EFAULT for who writes it to a file.  The bytes to the end of the last one.
 */
static size_t copy_view(const unsigned char *view, unsigned char *seen,
			int probe)
{
	size_t at, end = 0;

	for (at = 0; at < VIEW_BYTES; at += UNIT) {
		if (pwrite(probe, view + at, 1, 0) != 1)
			continue;
		memcpy(seen + at, view + at, UNIT);
		end = at + UNIT;
	}
	return end;
}

static void fill(unsigned char *bytes, size_t len, __u64 number)
{
	__u64 state = number * 2 + 1;
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = 0x40 | (gm_random(&state) & 0x3f);
}

static int store(int map, __u32 key_len, __u32 value_len, __u64 number)
{
	unsigned char key[KEY_MAX], value[VALUE_MAX];

	fill(key, key_len, number);
	fill(value, value_len, ~number);
	return gm_store(map, key, key_len, value, value_len);
}

static int drop(int map, __u32 key_len, __u64 number)
{
	unsigned char key[KEY_MAX];

	fill(key, key_len, number);
	return gm_delete(map, key, key_len);
}

/* How often these bytes of a number are seen: 24 of key or value. */
static int times_seen(const unsigned char *seen, size_t len, __u64 number,
		      size_t skip)
{
	unsigned char bytes[SECRET_LEN + 16];
	const unsigned char *at = seen;
	int times = 0;

	fill(bytes, sizeof(bytes), number);
	while ((at = memmem(at, len - (at - seen), bytes + skip, SECRET_LEN))) {
		times++;
		at++;
	}
	return times;
}

/* Bytes of a value that tell nothing by themselves, before those that are looked for. */
#define SKIP_VALUE	8

/*
 * Until nothing of a value is seen any more, and of its key if that has gone, too.
 * False: it is, after all this time.
 */
static bool is_gone(const unsigned char *view, unsigned char *seen,
		    int probe, __u64 number, bool key_too)
{
	double end = gm_now() + PATIENCE;
	size_t len;

	do {
		len = copy_view(view, seen, probe);
		if (len == VIEW_BYTES)
			return false;	/* there may be more */
		if ((!key_too || !times_seen(seen, len, number, 0)) &&
		    !times_seen(seen, len, ~number, SKIP_VALUE))
			return true;
		usleep(100000);
	} while (gm_now() < end);
	return false;
}

#define GONE(number)							\
	is_gone(self->view, self->seen, self->probe, number, true)
#define VALUE_GONE(number)						\
	is_gone(self->view, self->seen, self->probe, number, false)
#define STORE(number)							\
	store(self->map, variant->key_size, variant->value_size, number)
#define DROP(number)	drop(self->map, variant->key_size, number)

TEST_F(leak, what_is_there_is_seen)
{
	size_t len;

	ASSERT_LE(0, STORE(1));
	len = copy_view(self->view, self->seen, self->probe);
	ASSERT_LT(0, len);
	EXPECT_EQ(1, times_seen(self->seen, len, 1, 0));
	EXPECT_EQ(1, times_seen(self->seen, len, ~1ULL, SKIP_VALUE));
}

TEST_F(leak, what_was_deleted_is_not)
{
	__u64 i;

	for (i = 1; i < 200; i++)
		ASSERT_LE(0, STORE(i));
	EXPECT_EQ(1, DROP(7));
	EXPECT_EQ(true, GONE(7));
	/* It was moved some times before it goes. */
	for (; i < 3000; i++)
		ASSERT_LE(0, STORE(i));
	EXPECT_EQ(1, DROP(8));
	EXPECT_EQ(true, GONE(8));
	EXPECT_EQ(0, gm_compact(self->map));
	EXPECT_EQ(1, DROP(9));
	EXPECT_EQ(true, GONE(9));
	EXPECT_EQ(0, gm_rekey(self->map));
	EXPECT_EQ(1, DROP(10));
	EXPECT_EQ(true, GONE(10));
	for (i = 11; i < 2990; i++)
		ASSERT_LE(0, DROP(i));
	EXPECT_EQ(true, GONE(11));
	EXPECT_EQ(true, GONE(2989));
	EXPECT_EQ(0, gm_clear(self->map));
	EXPECT_EQ(true, GONE(2995));
}

TEST_F(leak, what_was_overwritten_is_not)
{
	unsigned char key[KEY_MAX], value[VALUE_MAX];
	__u32 len = variant->flags & GOMAP_MAP_VAR_VALUE ? 8 :
							   variant->value_size;

	ASSERT_LE(0, STORE(5));
	fill(key, variant->key_size, 5);
	fill(value, variant->value_size, ~5ULL);
	/* The first 8 bytes stay, all behind them is another value's, or nobody's. */
	fill(value + 8, variant->value_size - 8, 99);
	ASSERT_EQ(1, gm_store(self->map, key, variant->key_size, value, len));
	EXPECT_EQ(true, VALUE_GONE(5));
	EXPECT_EQ((int)len, gm_lookup(self->map, key, variant->key_size, value,
				      sizeof(value)));
}

/* Maps of the same kind all around, with and without a view of their own. */
TEST_F(leak, other_maps_are_not)
{
	struct gm_shape shape = {
		.key_size = variant->key_size,
		.value_size = variant->value_size,
		.flags = variant->flags,
	};
	int others[8], i;
	__u64 number;
	size_t len;

	for (i = 0; i < 8; i++) {
		shape.flags ^= GOMAP_MAP_VIEW;
		others[i] = gm_create(self->control, shape);
		ASSERT_LE(0, others[i]);
	}
	for (number = 1; number < 1000; number++) {
		ASSERT_LE(0, STORE(number));
		for (i = 0; i < 8; i++)
			ASSERT_LE(0, store(others[i], variant->key_size,
					   variant->value_size,
					   number + 100000 * (i + 1)));
	}
	for (i = 0; i < 4; i++)
		close(others[i]);
	for (; number < 3000; number++)
		ASSERT_LE(0, STORE(number));
	len = copy_view(self->view, self->seen, self->probe);
	EXPECT_EQ(1, times_seen(self->seen, len, 500, 0));
	for (i = 0; i < 8; i++)
		for (number = 1; number < 1000; number += 100) {
			__u64 other = number + 100000 * (__u64)(i + 1);

			EXPECT_EQ(0, times_seen(self->seen, len, other, 0));
			EXPECT_EQ(0, times_seen(self->seen, len, ~other,
						SKIP_VALUE));
		}
	for (i = 4; i < 8; i++)
		close(others[i]);
}

/*
 * Is a word something that is meant to be random: part of a seed, or, in a span of
 * buckets, the tophashes of one?
 */
static bool is_random(const unsigned char *seen, size_t at)
{
	const struct gomap_view_super *super = (const void *)seen;
	const __u32 *spans = (const void *)(seen + (size_t)super->array.spans *
						   UNIT);
	size_t span_bytes = (size_t)super->bucket_size <<
			    super->array.span_shift;
	__u32 i;

	if (at < sizeof(*super))
		return true;
	for (i = 0; i <= super->array.mask >> super->array.span_shift; i++) {
		size_t begin = (size_t)spans[i] * UNIT;

		if (spans[i] && at >= begin && at < begin + span_bytes)
			return (at - begin) % super->bucket_size == 8;
	}
	return false;
}

TEST_F(leak, addresses_of_the_kernel_are_not)
{
	__u64 number, word;
	size_t at, len;

	for (number = 1; number < 400; number++)
		ASSERT_LE(0, STORE(number));
	for (number = 1; number < 300; number++)
		ASSERT_EQ(1, DROP(number));
	EXPECT_EQ(0, gm_compact(self->map));
	len = copy_view(self->view, self->seen, self->probe);
	for (at = 0; at < len; at += sizeof(word)) {
		memcpy(&word, self->seen + at, sizeof(word));
		/* Handles, versions and our own bytes are nowhere near that. */
		if (word >= 0xffff800000000000ULL &&
		    !is_random(self->seen, at)) {
			EXPECT_EQ(0, word) {
				TH_LOG("at %zu", at);
			}
		}
	}
}

TEST_HARNESS_MAIN
