// SPDX-License-Identifier: GPL-2.0-only
/*
 * How far a map may grow: limits are exact, hold from the moment they are set,
 * refuse with the right errno and reason, and cost nothing that is there.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "harness.h"
#include "common.h"

#define PARAMETERS	"/sys/module/gomap/parameters/"
#define WRITERS		4
#define EACH		3000

FIXTURE(limits) {
	int control;
	struct gomap_ioc_create arg;
};

FIXTURE_SETUP(limits)
{
	GM_NEED_CONTROL(self->control);
	self->arg = (struct gomap_ioc_create){
		.size = sizeof(self->arg), .key_size = 8, .value_size = 8,
	};
}

FIXTURE_TEARDOWN(limits)
{
	close(self->control);
}

/* A descriptor, or a negative errno. */
static int create(FIXTURE_DATA(limits) *self)
{
	int ret = gm_ioctl(self->control, GOMAP_IOC_CREATE, &self->arg);

	return ret ? ret : self->arg.fd;
}

static int set(int map, __u64 max_entries, __u64 max_bytes)
{
	struct gomap_ioc_limits arg = {
		.size = sizeof(arg),
		.max_entries = max_entries,
		.max_bytes = max_bytes,
	};

	return gm_ioctl(map, GOMAP_IOC_LIMITS, &arg);
}

/* Insert a key; what it was refused for goes to @reason. */
static int insert(int map, __u64 key, __u64 *reason)
{
	struct gomap_ioc_op op = {
		.size = sizeof(op),
		.key = gm_addr(&key), .key_len = 8,
		.value = gm_addr(&key), .value_len = 8,
		.reason = 99,
	};
	int ret = gm_ioctl(map, GOMAP_IOC_INSERT, &op);

	*reason = op.reason;
	return ret;
}

static struct gomap_ioc_info info_of(struct __test_metadata *_metadata, int map)
{
	struct gomap_ioc_info info;

	EXPECT_EQ(0, gm_info(map, 0, &info));
	return info;
}

TEST_F(limits, entries_are_exact)
{
	__u64 reason, value;
	int map;

	self->arg.max_entries = 100;
	map = create(self);
	ASSERT_LE(0, map);
	EXPECT_EQ(100, info_of(_metadata, map).max_entries);
	for (__u64 key = 0; key < 100; key++) {
		EXPECT_EQ(0, insert(map, key, &reason));
		EXPECT_EQ(GOMAP_REASON_NONE, reason);
	}
	EXPECT_EQ(-ENOSPC, insert(map, 100, &reason));
	EXPECT_EQ(GOMAP_REASON_ENTRIES, reason);
	EXPECT_EQ(100, gm_len(map));
	EXPECT_EQ(-ENOENT, gm_get(map, 100, &value));
	/* An entry that is there may be changed, and one less makes room. */
	EXPECT_EQ(1, gm_put(map, 5, 77));
	EXPECT_EQ(1, gm_del(map, 5));
	EXPECT_EQ(0, insert(map, 100, &reason));
	EXPECT_EQ(-ENOSPC, insert(map, 5, &reason));
	EXPECT_EQ(2, info_of(_metadata, map).refused[GOMAP_REASON_ENTRIES]);
	EXPECT_EQ(0, gm_check(map));
	close(map);
}

/* Inserts of a process; exits with 1 if one was refused for another reason. */
static void insert_many(int map, __u64 first, int err, __u64 why)
{
	__u64 reason;
	int ret;

	for (__u64 key = first; key < first + EACH; key++) {
		ret = insert(map, key, &reason);
		if (ret && (ret != err || reason != why))
			_exit(1);
	}
	_exit(0);
}

/* Many processes insert at once, and may only be refused for @why. */
static void insert_from_many(struct __test_metadata *_metadata, int map,
			     int err, __u64 why)
{
	pid_t writers[WRITERS];

	for (int i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		ASSERT_LE(0, writers[i]);
		if (!writers[i])
			insert_many(map, (__u64)i * EACH, err, why);
	}
	for (int i = 0; i < WRITERS; i++)
		EXPECT_EQ(0, gm_wait(writers[i]));
}

TEST_F(limits, entries_are_exact_for_many_writers)
{
	int map;

	self->arg.max_entries = EACH + 17;
	map = create(self);
	ASSERT_LE(0, map);
	insert_from_many(_metadata, map, -ENOSPC, GOMAP_REASON_ENTRIES);
	EXPECT_EQ(EACH + 17, gm_len(map));
	EXPECT_EQ(WRITERS * EACH - (EACH + 17),
		  info_of(_metadata, map).refused[GOMAP_REASON_ENTRIES]);
	EXPECT_EQ(0, gm_check(map));
	close(map);
}

TEST_F(limits, a_map_over_its_limit_keeps_what_it_has)
{
	__u64 reason;
	int map = create(self);

	ASSERT_LE(0, map);
	ASSERT_EQ(0, gm_fill(map, 0, 50));
	EXPECT_EQ(0, set(map, 30, 0));
	EXPECT_EQ(30, info_of(_metadata, map).max_entries);
	EXPECT_EQ(0, gm_count_wrong(map, 0, 50));
	EXPECT_EQ(-ENOSPC, insert(map, 50, &reason));
	for (__u64 key = 0; key < 21; key++)
		EXPECT_EQ(1, gm_del(map, key));
	EXPECT_EQ(0, insert(map, 50, &reason));
	EXPECT_EQ(-ENOSPC, insert(map, 51, &reason));
	EXPECT_EQ(0, set(map, 0, 0));
	EXPECT_EQ(0, insert(map, 51, &reason));
	close(map);
}

/* Whatever is inserted, the map never holds more than it may. */
TEST_F(limits, bytes_are_never_exceeded)
{
	__u64 reason, key, max = 256 << 10;
	struct gomap_ioc_info info;
	int map, ret = 0;

	self->arg.max_bytes = max;
	map = create(self);
	ASSERT_LE(0, map);
	for (key = 0; !ret && key < 1000000; key++)
		ret = insert(map, key, &reason);
	EXPECT_EQ(-EDQUOT, ret);
	EXPECT_EQ(GOMAP_REASON_BYTES, reason);
	info = info_of(_metadata, map);
	EXPECT_GE(max, info.bytes_peak);
	EXPECT_LE(max / 2, info.bytes_held);
	EXPECT_EQ(max, info.max_bytes);
	EXPECT_LE(1, info.refused[GOMAP_REASON_BYTES]);
	EXPECT_EQ(key - 1, info.len);
	EXPECT_EQ(0, gm_count_wrong(map, 0, info.len));
	EXPECT_EQ(0, gm_check(map));
	/* With more it goes on, from where it stopped. */
	EXPECT_EQ(0, set(map, 0, 8 * max));
	EXPECT_EQ(0, gm_fill(map, info.len, 20000));
	EXPECT_GE(8 * max, info_of(_metadata, map).bytes_peak);
	close(map);
}

TEST_F(limits, bytes_are_never_exceeded_by_many_writers)
{
	__u64 max = 128 << 10;
	struct gomap_ioc_info info;
	int map;

	self->arg.max_bytes = max;
	map = create(self);
	ASSERT_LE(0, map);
	insert_from_many(_metadata, map, -EDQUOT, GOMAP_REASON_BYTES);
	info = info_of(_metadata, map);
	EXPECT_GE(max, info.bytes_peak);
	EXPECT_LE(max / 2, info.bytes_held);
	/* Each key was either stored or refused, and that was counted. */
	EXPECT_LE(1, info.refused[GOMAP_REASON_BYTES]);
	EXPECT_EQ(WRITERS * EACH, info.len + info.refused[GOMAP_REASON_BYTES]);
	EXPECT_EQ(0, gm_check(map));
	close(map);
}

TEST_F(limits, a_hint_has_to_fit_in)
{
	int map;

	self->arg.hint = 100000;
	self->arg.max_entries = 99999;
	EXPECT_EQ(-ENOSPC, create(self));
	EXPECT_EQ(GOMAP_REASON_ENTRIES, self->arg.reason);
	self->arg.max_entries = 100000;
	self->arg.max_bytes = 100000;
	EXPECT_EQ(-EDQUOT, create(self));
	EXPECT_EQ(GOMAP_REASON_BYTES, self->arg.reason);
	self->arg.max_bytes = 100 << 20;
	map = create(self);
	ASSERT_LE(0, map);
	EXPECT_EQ(GOMAP_REASON_NONE, self->arg.reason);
	close(map);
}

TEST_F(limits, a_batch_says_why)
{
	__u64 keys[] = { 1, 2, 3 };
	struct gomap_batch_op ops[3] = { 0 };
	struct gomap_ioc_batch batch = { 0 };
	int map;

	self->arg.max_entries = 2;
	map = create(self);
	ASSERT_LE(0, map);
	for (int i = 0; i < 3; i++)
		ops[i] = (struct gomap_batch_op){
			.op = GOMAP_OP_STORE,
			.key = gm_addr(&keys[i]), .key_len = 8,
			.value = gm_addr(&keys[i]), .value_len = 8,
		};
	EXPECT_EQ(0, gm_batch(map, ops, 3, &batch));
	EXPECT_EQ(1, batch.failed);
	EXPECT_EQ(-ENOSPC, ops[2].status);
	EXPECT_EQ(GOMAP_REASON_ENTRIES, batch.reason);
	EXPECT_EQ(0, gm_batch(map, ops, 2, &batch));
	EXPECT_EQ(GOMAP_REASON_NONE, batch.reason);
	close(map);
}

TEST_F(limits, who_only_reads_changes_none)
{
	const char *name = gm_unique_name("limits");
	int map, reader;

	map = gm_create_named(self->control, GM_U64_MAP, name, 0600);
	ASSERT_LE(0, map);
	reader = gm_open(self->control, name, GOMAP_OPEN_READ);
	ASSERT_LE(0, reader);
	EXPECT_EQ(-EBADF, set(reader, 1, 1));
	EXPECT_EQ(0, info_of(_metadata, map).max_entries);
	close(reader);
	gm_destroy(map);
	close(map);
}

/* The rows of MEMORY, and INFO: the same twice. */
TEST_F(limits, memory_adds_up)
{
	struct gomap_ioc_memory row = { .size = sizeof(row) };
	__u64 chunks = 0, bytes = 0, live = 0, live_bytes = 0;
	unsigned char value[200] = { 1 };
	struct gomap_ioc_info info;
	int map;

	self->arg.value_size = sizeof(value);
	map = create(self);
	ASSERT_LE(0, map);
	for (__u64 key = 0; key < 500; key++)
		ASSERT_EQ(0, gm_insert(map, &key, 8, value, sizeof(value)));
	while (!gm_ioctl(map, GOMAP_IOC_MEMORY, &row)) {
		chunks += row.nr_chunks;
		bytes += row.bytes;
		live += row.live;
		live_bytes += row.live * row.object_size;
		EXPECT_LE(row.object_size * (row.live + row.free + row.cached +
					     row.retired), row.bytes);
		row.index++;
	}
	info = info_of(_metadata, map);
	EXPECT_LE(1, row.index);
	EXPECT_LE(500, live);
	EXPECT_EQ(info.nr_chunks, chunks);
	EXPECT_EQ(info.bytes_chunks, bytes);
	EXPECT_EQ(info.objects_live, live);
	EXPECT_EQ(info.bytes_live, live_bytes);
	EXPECT_EQ(info.bytes_idle, bytes - live_bytes);
	close(map);
}

TEST_F(limits, nothing_leaks)
{
	struct gomap_ioc_info info;
	unsigned char value[300] = { 1 };
	int map;

	self->arg.value_size = sizeof(value);
	self->arg.flags = GOMAP_MAP_STABLE;
	map = create(self);
	ASSERT_LE(0, map);
	for (int round = 0; round < 3; round++)
		for (__u64 key = 0; key < 1000; key++)
			ASSERT_LE(0, gm_store(map, &key, 8, value,
					      sizeof(value)));
	for (__u64 key = 0; key < 900; key++)
		EXPECT_EQ(1, gm_delete(map, &key, 8));
	for (int i = 0; i < 100; i++) {
		ASSERT_EQ(0, gm_info(map, GOMAP_INFO_LEAKS, &info));
		if (info.leaks_certain)
			break;
		usleep(10000);
	}
	EXPECT_EQ(1, info.leaks_certain);
	EXPECT_EQ(0, info.leaked_objects);
	EXPECT_EQ(0, info.leaked_bytes);
	EXPECT_EQ(0, info.dangling);
	close(map);
}

/* Write a parameter of the module; the value of before, or a negative errno. */
static long set_parameter(const char *name, long value)
{
	char path[128], text[32] = "";
	long before;
	int fd;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	before = read(fd, text, sizeof(text) - 1) > 0 ? atol(text) : -EIO;
	snprintf(text, sizeof(text), "%ld", value);
	if (before >= 0 && pwrite(fd, text, strlen(text), 0) < 0)
		before = -errno;
	close(fd);
	return before;
}

TEST_F(limits, of_all_maps_together)
{
	long before = set_parameter("max_maps", 1);
	int map, other;

	if (before < 0)
		SKIP(return, "the module's parameters cannot be written: %s",
		     strerror(-before));
	/* There is none yet, or other programs have some. */
	map = create(self);
	other = create(self);
	EXPECT_EQ(-ENOSPC, other);
	EXPECT_EQ(GOMAP_REASON_MAPS, self->arg.reason);
	set_parameter("max_maps", before);
	if (map >= 0)
		close(map);

	before = set_parameter("max_bytes", 1);
	EXPECT_EQ(-EDQUOT, create(self));
	EXPECT_EQ(GOMAP_REASON_TOTAL_BYTES, self->arg.reason);
	set_parameter("max_bytes", before);
	map = create(self);
	EXPECT_LE(0, map);
	close(map);
}

TEST_HARNESS_MAIN
