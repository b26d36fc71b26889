// SPDX-License-Identifier: GPL-2.0-only
/*
 * The descriptor that is a map: duplicated, inherited, passed on, closed, and
 * used for what it is not meant for.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "harness.h"
#include "common.h"

FIXTURE(life) {
	int control;
	int map;
	int fds;
};

FIXTURE_SETUP(life)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, gm_fill(self->map, 1, 20));
	self->fds = gm_open_fds();
}

FIXTURE_TEARDOWN(life)
{
	close(self->map);
	close(self->control);
}

TEST_F(life, dup)
{
	int copy = dup(self->map);

	ASSERT_LE(0, copy);
	EXPECT_EQ(0, gm_put(copy, 100, 100));
	EXPECT_EQ(21, gm_len(self->map));
	EXPECT_EQ(0, close(self->map));
	EXPECT_EQ(21, gm_len(copy));
	EXPECT_EQ(0, gm_count_wrong(copy, 1, 20));
	self->map = copy;
}

TEST_F(life, dup2_over_itself_and_others)
{
	EXPECT_EQ(self->map, dup2(self->map, self->map));
	EXPECT_EQ(self->control, dup2(self->map, self->control));
	EXPECT_EQ(20, gm_len(self->control));
	EXPECT_EQ(0, gm_count_wrong(self->control, 1, 20));
}

TEST_F(life, control_closed)
{
	EXPECT_EQ(0, close(self->control));
	EXPECT_EQ(0, gm_put(self->map, 100, 100));
	EXPECT_EQ(21, gm_len(self->map));
	self->control = gm_control();
}

TEST_F(life, closed_twice)
{
	int copy = dup(self->map);

	EXPECT_EQ(0, close(copy));
	EXPECT_EQ(-1, close(copy));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(-EBADF, gm_put(copy, 1, 1));
	EXPECT_EQ(20, gm_len(self->map));
}

TEST_F(life, child_goes_on_after_the_parent_has_closed)
{
	int go[2];
	pid_t child;
	char byte;

	ASSERT_EQ(0, pipe(go));
	child = fork();
	if (child == 0) {
		close(go[1]);
		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		if (gm_put(self->map, 100, 100) || gm_len(self->map) != 21)
			_exit(2);
		_exit(gm_count_wrong(self->map, 1, 20) ? 3 : 0);
	}
	EXPECT_EQ(0, close(self->map));
	EXPECT_EQ(1, write(go[1], "", 1));
	EXPECT_EQ(0, gm_wait(child));
}

TEST_F(life, parent_sees_what_the_child_did)
{
	pid_t child = fork();

	if (child == 0)
		_exit(gm_put(self->map, 100, 101));
	EXPECT_EQ(0, gm_wait(child));
	EXPECT_EQ(21, gm_len(self->map));
}

/* The program runs itself, as "list my descriptors that are maps". */
static int maps_in_proc(void)
{
	char path[64], target[64];
	int maps = 0;

	for (int fd = 0; fd < 64; fd++) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = 0;
		maps += strstr(target, "gomap") != NULL;
	}
	return maps;
}

#define COUNT_MAPS	"GOMAP_SELFTEST_COUNT_MAPS"

/* Runs before main(), in the child that was made by exec. */
static void __attribute__((constructor)) count_maps_if_asked(void)
{
	if (getenv(COUNT_MAPS))
		_exit(10 + maps_in_proc());
}

TEST_F(life, exec_closes_it)
{
	char *arguments[] = { "lifecycle", NULL };
	char *environment[] = { COUNT_MAPS "=1", NULL };
	pid_t child;

	/* one map and the control device */
	EXPECT_EQ(2, maps_in_proc());
	child = fork();
	if (child == 0) {
		execve("/proc/self/exe", arguments, environment);
		_exit(1);
	}
	EXPECT_EQ(10, gm_wait(child));
}

TEST_F(life, exec_keeps_it_when_told_to)
{
	char *arguments[] = { "lifecycle", NULL };
	char *environment[] = { COUNT_MAPS "=1", NULL };
	pid_t child;

	ASSERT_EQ(0, fcntl(self->map, F_SETFD, 0));
	child = fork();
	if (child == 0) {
		execve("/proc/self/exe", arguments, environment);
		_exit(1);
	}
	EXPECT_EQ(11, gm_wait(child));
}

static int send_fd(int socket, int fd)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec byte = { .iov_base = "", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *control = CMSG_FIRSTHDR(&message);

	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(control), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1 ? 0 : -errno;
}

static int receive_fd(int socket)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 }, letter;
	struct iovec byte = { .iov_base = &letter, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1 ||
	    !CMSG_FIRSTHDR(&message))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* The creator makes a map, sends it off, and is gone. */
TEST_F(life, passed_on_by_a_creator_that_exits)
{
	int sockets[2], map;
	pid_t child;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	child = fork();
	if (child == 0) {
		map = gm_create(self->control, GM_U64_MAP);
		if (map < 0 || gm_fill(map, 0, 1000))
			_exit(1);
		_exit(send_fd(sockets[1], map) != 0);
	}
	EXPECT_EQ(0, gm_wait(child));
	map = receive_fd(sockets[0]);
	ASSERT_LE(0, map);
	EXPECT_EQ(1000, gm_len(map));
	EXPECT_EQ(0, gm_count_wrong(map, 0, 1000));
	EXPECT_EQ(0, gm_fill(map, 1000, 1000));
	EXPECT_EQ(0, gm_check(map));
}

/* A descriptor in flight is all that keeps the map; nobody takes it. */
TEST_F(life, passed_on_and_never_received)
{
	int sockets[2], map;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, map);
	ASSERT_EQ(0, gm_fill(map, 0, 1000));
	ASSERT_EQ(0, send_fd(sockets[1], map));
	EXPECT_EQ(0, close(map));
	EXPECT_EQ(0, close(sockets[0]));
	EXPECT_EQ(0, close(sockets[1]));
	EXPECT_EQ(self->fds, gm_open_fds());
}

TEST_F(life, a_thousand_times_created_and_closed)
{
	for (int i = 0; i < 1000; i++) {
		int map = gm_create(self->control, GM_U64_MAP);

		ASSERT_LE(0, map);
		ASSERT_EQ(0, gm_fill(map, i, 10));
		ASSERT_EQ(0, close(map));
	}
	EXPECT_EQ(self->fds, gm_open_fds());
}

/* The sum of the numbers in the lines of a file that go like this. */
static long sum_of(const char *path, const char *format)
{
	FILE *file = fopen(path, "r");
	long sum = 0, n;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &n) == 1)
			sum += n;
	if (file)
		fclose(file);
	return sum;
}

/*
 * kB of memory that nothing uses.  What a CPU has on its own list of free pages,
 * which may be tens of megabytes, is not counted as free by the kernel.
 */
static long free_memory(void)
{
	return sum_of("/proc/meminfo", "MemAvailable: %ld") +
	       sum_of("/proc/zoneinfo", " count: %ld") *
	       (sysconf(_SC_PAGESIZE) / 1024);
}

/* 60 maps of 8 MB each, one after the other: more than would fit if kept. */
TEST_F(life, close_gives_the_memory_back)
{
	struct gm_shape shape = { 8, 128, 0, 60000 };
	long before = free_memory(), after = 0;
	double end;

	ASSERT_LT(0, before);
	for (int i = 0; i < 60; i++) {
		int map = gm_create(self->control, shape);

		ASSERT_LE(0, map);
		ASSERT_EQ(0, gm_fill(self->map, 1, 10));
		ASSERT_EQ(0, close(map));
	}
	end = gm_now() + 15;
	do {
		usleep(10000);
		after = free_memory();
	} while (after < before - 40000 && gm_now() < end);
	EXPECT_GT(40000, before - after) {
		TH_LOG("%ld kB were free before, %ld kB after", before, after);
	}
}

TEST_F(life, no_descriptor_left)
{
	struct rlimit old, limit;
	int fds[64], nr = 0, map;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
	limit = old;
	limit.rlim_cur = 32;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	while (nr < 64 && (fds[nr] = dup(self->control)) >= 0)
		nr++;
	for (int i = 0; i < 50; i++)
		EXPECT_EQ(-EMFILE, gm_create(self->control, GM_U64_MAP));
	EXPECT_EQ(-EMFILE, gm_create_named(self->control, GM_U64_MAP,
					   "emfile", 0600));
	while (nr)
		close(fds[--nr]);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
	EXPECT_EQ(self->fds, gm_open_fds());
	EXPECT_EQ(-ENOENT, gm_open(self->control, "emfile", GOMAP_OPEN_READ));
	map = gm_create(self->control, GM_U64_MAP);
	EXPECT_LE(0, map);
	close(map);
}

/* The value of a line "NAME:\tVALUE" of a descriptor's fdinfo, or "". */
static const char *fdinfo(int fd, const char *name)
{
	static char value[128];
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	value[0] = 0;
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, name, strlen(name)) &&
		    !strncmp(line + strlen(name), ":\t", 2))
			strcpy(value, line + strlen(name) + 2);
	}
	if (file)
		fclose(file);
	return value;
}

/*
 * Memory of a growth that is over goes a grace period later: what fdinfo says is
 * compared once nothing went while it was read.
 */
static int fdinfo_bytes_are_those_of_info(int map)
{
	struct gomap_ioc_info before, after;
	char expected[32];

	for (int i = 0; i < 100; i++) {
		const char *seen;

		if (gm_info(map, 0, &before))
			return 0;
		seen = fdinfo(map, "gomap-bytes");
		if (gm_info(map, 0, &after))
			return 0;
		snprintf(expected, sizeof(expected), "%llu",
			 (unsigned long long)before.bytes_held);
		if (before.bytes_held == after.bytes_held)
			return !strcmp(expected, seen);
		usleep(10000);
	}
	return 0;
}

TEST_F(life, fdinfo_says_what_it_is)
{
	struct gomap_ioc_info info;
	char expected[32];

	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_STREQ("20", fdinfo(self->map, "gomap-entries"));
	EXPECT_STREQ("8", fdinfo(self->map, "gomap-key-size"));
	EXPECT_STREQ("8", fdinfo(self->map, "gomap-value-size"));
	EXPECT_STREQ("2", fdinfo(self->map, "gomap-b"));
	EXPECT_STREQ("", fdinfo(self->map, "gomap-name"));
	snprintf(expected, sizeof(expected), "%llu",
		 (unsigned long long)info.id);
	EXPECT_STREQ(expected, fdinfo(self->map, "gomap-id"));
	EXPECT_EQ(1, fdinfo_bytes_are_those_of_info(self->map));
}

TEST_F(life, fdinfo_of_a_named_map)
{
	const char *name = gm_unique_name("fdinfo");
	int map = gm_create_named(self->control, GM_U64_MAP, name, 0600);

	ASSERT_LE(0, map);
	EXPECT_STREQ(name, fdinfo(map, "gomap-name"));
	EXPECT_EQ(0, gm_destroy(map));
	EXPECT_STREQ("", fdinfo(map, "gomap-name"));
	close(map);
}

/* Every number of our letter that is no command, and neighbouring letters. */
TEST_F(life, unknown_commands)
{
	static const int control_last = 0x03, map_first = 0x10, map_last = 0x1d;
	unsigned char arg[4096] = { 0 };

	for (int nr = 0; nr < 256; nr++) {
		unsigned int command = _IO(GOMAP_IOC_TYPE, nr);

		if (nr > control_last)
			EXPECT_EQ(-ENOTTY, gm_ioctl(self->control, command,
						    arg));
		if (nr < map_first || nr > map_last)
			EXPECT_EQ(-ENOTTY, gm_ioctl(self->map, command, arg));
	}
	EXPECT_EQ(-ENOTTY, gm_ioctl(self->map, _IO(GOMAP_IOC_TYPE + 1, 0x10),
				    arg));
	EXPECT_EQ(-ENOTTY, gm_ioctl(self->map, _IO(0, 0x10), arg));
	EXPECT_EQ(-ENOTTY, gm_ioctl(self->map, 0x10, arg));
	EXPECT_EQ(-ENOTTY, gm_ioctl(self->map, 0xffff0010, arg));
	EXPECT_EQ(20, gm_len(self->map));
}

TEST_F(life, not_a_file_to_read_or_write)
{
	char byte = 1;
	int fds[] = { self->map, self->control };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		EXPECT_EQ(-1, read(fds[i], &byte, 1));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(-1, write(fds[i], &byte, 1));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(-1, ftruncate(fds[i], 0));
	}
	EXPECT_EQ(0, gm_count_wrong(self->map, 1, 20));
}

/* Nothing to seek in: refused, or without any effect. */
TEST_F(life, not_a_file_to_seek_in)
{
	EXPECT_GE(0, lseek(self->map, 1, SEEK_SET));
	EXPECT_GE(0, lseek(self->map, 0, SEEK_END));
	EXPECT_EQ(0, gm_count_wrong(self->map, 1, 20));
}

TEST_F(life, not_mapped)
{
	int fds[] = { self->map, self->control };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED,
					   fds[i], 0));
		EXPECT_EQ(ENODEV, errno);
		EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE, fds[i], 0));
		EXPECT_EQ(ENODEV, errno);
	}
}

TEST_F(life, other_files_know_no_commands)
{
	struct gomap_ioc_info info = { .size = sizeof(info) };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, null);
	EXPECT_EQ(-ENOTTY, gm_ioctl(null, GOMAP_IOC_INFO, &info));
	EXPECT_EQ(-EBADF, gm_ioctl(-1, GOMAP_IOC_INFO, &info));
}

/* The device may be opened any number of times, and keeps nothing for it. */
TEST_F(life, control_opened_many_times)
{
	for (int i = 0; i < 1000; i++) {
		int control = gm_control();

		ASSERT_LE(0, control);
		ASSERT_EQ(0, close(control));
	}
	EXPECT_EQ(self->fds, gm_open_fds());
}

/* 16 children at once, each with maps of its own and the common one. */
TEST_F(life, children_with_maps)
{
	enum { CHILDREN = 16 };
	pid_t children[CHILDREN];

	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		if (children[i])
			continue;
		for (int round = 0; round < 10; round++) {
			int map = gm_create(self->control, GM_U64_MAP);

			if (map < 0 || gm_fill(map, 0, 100) ||
			    gm_put(self->map, 1000 + i, round) < 0)
				_exit(1);
			if (round % 2)
				close(map);
		}
		_exit(0);	/* with five maps still open */
	}
	for (int i = 0; i < CHILDREN; i++)
		EXPECT_EQ(0, gm_wait(children[i]));
	EXPECT_EQ(20 + CHILDREN, gm_len(self->map));
	EXPECT_EQ(0, gm_check(self->map));
}

TEST_HARNESS_MAIN
