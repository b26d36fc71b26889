// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who pays for a map: the memory cgroup of its creator, whoever writes to it,
 * and nobody else.  It gets all of it back.
 *
 * guest.sh has mounted the hierarchy; where it lacks the memory controller the
 * tests are skipped.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "common.h"

#define GROUP		"/sys/fs/cgroup/gomap-test"
#define LIMIT		(16 << 20)
#define KEYS_MAX	4000000
#define VALUE_SIZE	200

/* How long memory may take to come back: grace periods, and the workqueue. */
#define WAIT_MS		20000
#define LOOK_MS		50

static int write_file(const char *name, const char *text)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), GROUP "/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

/* The number behind @key in a file, or the only one; -1: there is none. */
static long long read_number(const char *name, const char *key)
{
	char path[128], text[4096] = "";
	const char *at = text;
	int fd;

	snprintf(path, sizeof(path), GROUP "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	if (key)
		at = strstr(text, key);
	return at ? atoll(at + (key ? strlen(key) : 0)) : -1;
}

FIXTURE(memcg) {
	int control;
	int map;		/* of the creator in the group, opened here */
	pid_t creator;
	char name[GOMAP_NAME_LEN];
};

static int store(int map, __u64 key)
{
	static unsigned char value[VALUE_SIZE];

	memcpy(value, &key, sizeof(key));
	return gm_store(map, &key, sizeof(key), value, sizeof(value));
}

/* Store one key after the other until that is refused; how it was. */
static int fill(int map, __u64 first)
{
	int ret = 0;

	for (__u64 key = first; ret >= 0 && key < first + KEYS_MAX; key++)
		ret = store(map, key);
	return ret;
}

/* In the group: make a map, and live as long as the test. */
static void create_in_group(FIXTURE_DATA(memcg) *self)
{
	struct gm_shape shape = { .key_size = 8, .value_size = VALUE_SIZE };

	if (write_file("cgroup.procs", "0") ||
	    gm_create_named(self->control, shape, self->name, 0600) < 0)
		_exit(1);
	pause();
	_exit(0);
}

FIXTURE_SETUP(memcg)
{
	GM_NEED_CONTROL(self->control);
	if (mkdir(GROUP, 0755) && errno != EEXIST)
		SKIP(return, "no cgroup can be made: %s", strerror(errno));
	if (write_file("memory.max", "16777216"))
		SKIP(return, "there is no memory controller");
	write_file("memory.swap.max", "0");
	strcpy(self->name, gm_unique_name("memcg"));
	self->map = -1;
	self->creator = fork();
	ASSERT_LE(0, self->creator);
	if (!self->creator)
		create_in_group(self);
	for (int i = 0; i < WAIT_MS / LOOK_MS && self->map < 0; i++) {
		usleep(LOOK_MS * 1000);
		self->map = gm_open(self->control, self->name,
				    GOMAP_OPEN_FLAGS);
	}
	ASSERT_LE(0, self->map);
}

static void end_creator(FIXTURE_DATA(memcg) *self)
{
	if (self->creator > 0) {
		kill(self->creator, SIGKILL);
		waitpid(self->creator, NULL, 0);
	}
	self->creator = 0;
}

FIXTURE_TEARDOWN(memcg)
{
	end_creator(self);
	close(self->map);
	close(self->control);
	rmdir(GROUP);
}

/* This process is outside: what it stores is the creator's all the same. */
TEST_F(memcg, creator_pays_whoever_writes)
{
	long long before = read_number("memory.current", NULL), full;
	struct gomap_ioc_info info;
	int own;

	EXPECT_EQ(-ENOMEM, fill(self->map, 0));
	full = read_number("memory.current", NULL);
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	TH_LOG("%llu entries, %llu bytes held, %lld charged", info.len,
	       info.bytes_held, full - before);
	EXPECT_GE(LIMIT, full);
	EXPECT_LE(LIMIT / 2, info.bytes_held);
	EXPECT_LE((long long)info.bytes_held * 9 / 10, full - before);
	EXPECT_LE(1, info.refused[GOMAP_REASON_MEMORY]);

	/* The map is as good as ever, and nobody was killed for it. */
	EXPECT_EQ(0, gm_check(self->map));
	EXPECT_EQ(1, store(self->map, 0));
	EXPECT_EQ(0, read_number("memory.events", "oom_kill "));
	EXPECT_EQ(0, kill(self->creator, 0));

	/* Who is outside has what it wants. */
	own = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, own);
	EXPECT_EQ(0, gm_fill(own, 0, 200000));
	close(own);
}

/* What a CPU keeps at hand counts as used until the kernel wants it back. */
static long long really_used(void)
{
	write_file("memory.high", "0");
	return read_number("memory.current", NULL);
}

TEST_F(memcg, all_of_it_comes_back)
{
	long long full, left = 0;

	EXPECT_EQ(-ENOMEM, fill(self->map, 0));
	full = read_number("memory.current", NULL);
	EXPECT_EQ(0, gm_destroy(self->map));
	close(self->map);
	self->map = -1;
	end_creator(self);
	for (int i = 0; i < WAIT_MS / LOOK_MS; i++) {
		usleep(LOOK_MS * 1000);
		left = really_used();
		if (left <= full / 100)
			break;
	}
	TH_LOG("%lld bytes charged, %lld left, %.2f %% came back", full, left,
	       100.0 * (full - left) / full);
	EXPECT_GE(full / 100, left);
}

TEST_HARNESS_MAIN
