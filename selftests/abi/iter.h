/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs need that go through a map of GM_U64_MAP's shape whose keys are
 * small numbers, each its own value: one call of an iteration, and who was seen
 * how often.
 */
#ifndef GOMAP_SELFTEST_ITER_H
#define GOMAP_SELFTEST_ITER_H

#include <sys/mman.h>

#include "harness.h"
#include "common.h"

#define MAX_KEYS	20000
#define MILLION		1000000	/* entries: the most room that is tried */

/* How often each key 0 .. MAX_KEYS - 1 was returned; shared with children. */
static __u8 *seen;

/* What the last call returned: keys and values by turns. */
static __u64 buf[2 * MILLION];

static void *shared_memory(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

FIXTURE(iter) {
	int control;
	int map;
	struct gomap_ioc_iter iter;
	__u32 max;		/* entries of one call; 0: as many as fit */
};

FIXTURE_SETUP(iter)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
	seen = shared_memory(MAX_KEYS);
	ASSERT_NE(NULL, seen);
}

FIXTURE_TEARDOWN(iter)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

/* One variant: what each call has room for. */
FIXTURE(room) {
	FIXTURE_DATA(iter) it;
};

FIXTURE_VARIANT(room) {
	__u32 entries;
	__u32 max;		/* entries of one call; 0: as many as fit */
};

FIXTURE_SETUP(room)
{
	GM_NEED_CONTROL(self->it.control);
	self->it.map = gm_create(self->it.control, GM_U64_MAP);
	ASSERT_LE(0, self->it.map);
	self->it.max = variant->max;
	seen = shared_memory(MAX_KEYS);
	ASSERT_NE(NULL, seen);
}

FIXTURE_TEARDOWN(room)
{
	EXPECT_EQ(0, gm_check(self->it.map));
	close(self->it.map);
	close(self->it.control);
}

/* One call for keys and values, with room for @entries; counts what it saw. */
static int step(struct __test_metadata *_metadata, FIXTURE_DATA(iter) *self,
		__u32 entries)
{
	int err = gm_iter(self->map, &self->iter, GOMAP_ITER_FLAGS, buf,
			  16 * entries, self->max);

	if (err)
		return err;
	EXPECT_GE(entries, self->iter.count);
	EXPECT_EQ(16 * self->iter.count, self->iter.used);
	for (__u64 i = 0; i < self->iter.count; i++) {
		__u64 key = buf[2 * i];

		EXPECT_EQ(key, buf[2 * i + 1]);
		ASSERT_GT(MAX_KEYS, key);
		seen[key]++;
	}
	return 0;
}

static void walk(struct __test_metadata *_metadata, FIXTURE_DATA(iter) *self,
		 __u32 entries)
{
	do {
		ASSERT_EQ(0, step(_metadata, self, entries));
	} while (!self->iter.done);
}

/* How many keys of first .. first + count - 1 were not seen @times times. */
static __u64 not_seen(__u64 first, __u64 count, __u8 times)
{
	__u64 wrong = 0;

	for (__u64 key = first; key < first + count; key++)
		wrong += seen[key] != times;
	return wrong;
}

/* How many keys of first .. first + count - 1 were seen more than once. */
static __u64 seen_twice(__u64 first, __u64 count)
{
	__u64 wrong = 0;

	for (__u64 key = first; key < first + count; key++)
		wrong += seen[key] > 1;
	return wrong;
}

#endif /* GOMAP_SELFTEST_ITER_H */
