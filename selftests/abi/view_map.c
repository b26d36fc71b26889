// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mapping of a view: which are made and which are refused, what may be done
 * with one, and what a process dies of.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/gomap_view.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "harness.h"
#include "common.h"

#define PAGE	((size_t)sysconf(_SC_PAGESIZE))
#define ENTRIES	1000

FIXTURE(view) {
	int control;
	int map;
	struct gomap_view_super *super;
};

static void *map_of(int fd, size_t length)
{
	return mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
}

static int create_with_view(int control)
{
	struct gm_shape shape = GM_U64_MAP;

	shape.flags = GOMAP_MAP_VIEW;
	return gm_create(control, shape);
}

FIXTURE_SETUP(view)
{
	GM_NEED_CONTROL(self->control);
	self->map = create_with_view(self->control);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, gm_fill(self->map, 1, ENTRIES));
	ASSERT_EQ(true, gm_wait_until_grown(self->map));
	self->super = map_of(self->map, 64 * PAGE);
	ASSERT_NE(MAP_FAILED, self->super);
}

FIXTURE_TEARDOWN(view)
{
	munmap(self->super, 64 * PAGE);
	close(self->map);
	close(self->control);
}

/* Does the view say what the map holds? */
static bool is_good(const struct gomap_view_super *super, int map)
{
	return super->magic == GOMAP_VIEW_MAGIC &&
	       super->abi == GOMAP_VIEW_ABI && !(super->sequence & 1) &&
	       (long long)super->len == gm_len(map);
}

TEST_F(view, first_page)
{
	EXPECT_EQ(true, is_good(self->super, self->map));
	EXPECT_EQ(8, self->super->key_size);
	EXPECT_EQ(8, self->super->value_size);
	EXPECT_EQ(GOMAP_MAP_VIEW, self->super->map_flags);
	EXPECT_EQ(ENTRIES, self->super->len);
	EXPECT_EQ(0, gm_del(self->map, 1) - 1);
	EXPECT_EQ(ENTRIES - 1, self->super->len);
}

/* The errno of a mapping, by the system call itself: 0 it was made. */
static int try_map(size_t length, int prot, int flags, int fd,
		   unsigned long long offset)
{
#ifdef SYS_mmap2
	void *p = (void *)syscall(SYS_mmap2, NULL, length, prot, flags, fd,
				  (unsigned long)(offset >> 12));
#else
	void *p = (void *)syscall(SYS_mmap, NULL, length, prot, flags, fd,
				  offset);
#endif
	if (p == MAP_FAILED)
		return errno;
	munmap(p, length);
	return 0;
}

/* Of a mapping of the view's length from its start. */
static int errno_for(int prot, int flags)
{
	if (!(flags & MAP_SHARED))
		return EINVAL;
	return prot & (PROT_WRITE | PROT_EXEC) ? EACCES : 0;
}

/* A kernel may refuse to execute what comes from no file system by itself. */
static bool is_expected(int seen, int expected, int prot)
{
	return seen == expected ||
	       (seen == EPERM && prot & PROT_EXEC && expected);
}

TEST_F(view, protections_and_flags)
{
	static const int flags[] = {
		MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE,
		MAP_SHARED | MAP_NORESERVE, MAP_PRIVATE | MAP_NORESERVE,
		MAP_SHARED | MAP_POPULATE, MAP_SHARED | MAP_LOCKED,
		MAP_PRIVATE | MAP_POPULATE,
	};
	size_t lengths[] = { 1, PAGE, PAGE + 1, 64 * PAGE, 1 << 24 };
	size_t i, j;
	int prot, seen, expected, cases = 0;

	for (i = 0; i < ARRAY_LEN(flags); i++)
		for (j = 0; j < ARRAY_LEN(lengths); j++)
			for (prot = PROT_NONE; prot < 8; prot++) {
				seen = try_map(lengths[j], prot, flags[i],
					       self->map, 0);
				expected = errno_for(prot, flags[i]);
				EXPECT_EQ(true, is_expected(seen, expected,
							    prot)) {
					TH_LOG("prot %d flags %#x length %zu: %d, not %d",
					       prot, flags[i], lengths[j], seen,
					       expected);
				}
				cases++;
			}
	EXPECT_EQ(320, cases);
	EXPECT_EQ(true, is_good(self->super, self->map));
}

TEST_F(view, offsets_and_lengths)
{
	unsigned long long offsets[] = {
		PAGE, 2 * PAGE, 1ULL << 31, 1ULL << 32, 1ULL << 38, 1ULL << 43,
		(1ULL << 43) - PAGE, self->super->window,
		self->super->window - PAGE,
	};
	size_t lengths[] = { 1, PAGE, 16 * PAGE };
	size_t i, j;
	int seen;

	for (i = 0; i < ARRAY_LEN(offsets); i++)
		for (j = 0; j < ARRAY_LEN(lengths); j++) {
			seen = try_map(lengths[j], PROT_READ, MAP_SHARED,
				       self->map, offsets[i]);
			EXPECT_EQ(true, seen == EINVAL || seen == EOVERFLOW) {
				TH_LOG("offset %#llx length %zu: %d", offsets[i],
				       lengths[j], seen);
			}
		}
	EXPECT_EQ(EINVAL, try_map(0, PROT_READ, MAP_SHARED, self->map, 0));
	EXPECT_EQ(ENOMEM, try_map(SIZE_MAX - PAGE, PROT_READ, MAP_SHARED,
				  self->map, 0));
	EXPECT_EQ(ENOMEM, try_map(SIZE_MAX, PROT_READ, MAP_SHARED, self->map,
				  0));
	EXPECT_EQ(0, try_map(PAGE, PROT_READ, MAP_SHARED, self->map, 0));
	EXPECT_EQ(true, is_good(self->super, self->map));
}

TEST_F(view, as_long_as_it_can_get_and_no_longer)
{
	__u64 window = self->super->window;

	if (window > SIZE_MAX / 4)
		SKIP(return, "this process has no room for it");
	EXPECT_EQ(0, try_map(window, PROT_READ, MAP_SHARED, self->map, 0));
	EXPECT_EQ(EINVAL, try_map(window + 1, PROT_READ, MAP_SHARED, self->map,
				  0));
	EXPECT_EQ(EINVAL, try_map(window + PAGE, PROT_READ, MAP_SHARED,
				  self->map, 0));
	EXPECT_EQ(EINVAL, try_map(2 * window, PROT_READ, MAP_SHARED, self->map,
				  0));
}

TEST_F(view, a_map_without_one)
{
	int plain = gm_create(self->control, GM_U64_MAP);

	ASSERT_LE(0, plain);
	EXPECT_EQ(ENODEV, try_map(PAGE, PROT_READ, MAP_SHARED, plain, 0));
	EXPECT_EQ(ENODEV, try_map(PAGE, PROT_READ, MAP_PRIVATE, plain, 0));
	EXPECT_EQ(ENODEV, try_map(PAGE, PROT_READ, MAP_SHARED, self->control,
				  0));
	close(plain);
}

TEST_F(view, what_the_descriptor_was_opened_for)
{
	struct gm_shape shape = GM_U64_MAP;
	const char *name = gm_unique_name("view");
	struct gomap_view_super *super;
	int map, reader, writer;

	shape.flags = GOMAP_MAP_VIEW;
	map = gm_create_named(self->control, shape, name, 0600);
	ASSERT_LE(0, map);
	reader = gm_open(self->control, name, GOMAP_OPEN_READ);
	writer = gm_open(self->control, name, GOMAP_OPEN_WRITE);
	ASSERT_LE(0, reader);
	ASSERT_LE(0, writer);

	EXPECT_EQ(EACCES, try_map(PAGE, PROT_READ, MAP_SHARED, writer, 0));
	EXPECT_EQ(EACCES, try_map(PAGE, PROT_NONE, MAP_SHARED, writer, 0));
	EXPECT_EQ(EACCES, try_map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
				  reader, 0));
	EXPECT_EQ(EINVAL, try_map(PAGE, PROT_READ, MAP_PRIVATE, reader, 0));
	super = map_of(reader, PAGE);
	ASSERT_NE(MAP_FAILED, super);
	EXPECT_EQ(-1, mprotect(super, PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(0, gm_put(map, 1, 1));
	EXPECT_EQ(true, is_good(super, map));
	munmap(super, PAGE);
	close(reader);
	close(writer);
	gm_destroy(map);
	close(map);
}

TEST_F(view, protection_never_changes)
{
	static const int wanted[] = {
		PROT_WRITE, PROT_READ | PROT_WRITE, PROT_EXEC,
		PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC,
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(wanted); i++) {
		EXPECT_EQ(-1, mprotect(self->super, PAGE, wanted[i]));
		EXPECT_EQ(EACCES, errno);
	}
	EXPECT_EQ(0, mprotect(self->super, PAGE, PROT_NONE));
	EXPECT_EQ(0, mprotect(self->super, PAGE, PROT_READ));
	EXPECT_EQ(true, is_good(self->super, self->map));
}

static void tell_and_die(int signal)
{
	_exit(signal);
}

/*
 * The signal that a child gets that does this to the view; 0: none.  It is handled,
 * or the kernel would write about it.
 */
static int signal_of(void (*deed)(void *), void *view)
{
	pid_t child = fork();

	if (!child) {
		signal(SIGSEGV, tell_and_die);
		signal(SIGBUS, tell_and_die);
		deed(view);
		_exit(0);
	}
	return gm_wait(child);
}

static void write_there(void *view)
{
	*(volatile int *)view = 1;
}

static void read_there(void *view)
{
	(void)*(volatile int *)view;
}

static void run_there(void *view)
{
	((void (*)(void))view)();
}

static void add_there(void *view)
{
	__atomic_fetch_add((int *)view, 0, __ATOMIC_RELAXED);
}

TEST_F(view, deaths)
{
	char *view = (char *)self->super;

	EXPECT_EQ(0, signal_of(read_there, view));
	EXPECT_EQ(SIGSEGV, signal_of(write_there, view));
	EXPECT_EQ(SIGSEGV, signal_of(write_there, view + PAGE));
	EXPECT_EQ(SIGSEGV, signal_of(add_there, view));
	EXPECT_EQ(SIGSEGV, signal_of(run_there, view));
	EXPECT_EQ(true, is_good(self->super, self->map));
}

/* What was never named is nobody's, and no zeroes either. */
TEST_F(view, beyond_what_there_is)
{
	size_t length = 1 << 28;
	char *view = map_of(self->map, length);

	ASSERT_NE(MAP_FAILED, view);
	EXPECT_EQ(SIGBUS, signal_of(read_there, view + length - PAGE));
	EXPECT_EQ(SIGSEGV, signal_of(write_there, view + length - PAGE));
	EXPECT_EQ(0, signal_of(read_there, view));
	munmap(view, length);
}

TEST_F(view, a_part_unmapped)
{
	char *view = map_of(self->map, 8 * PAGE);

	ASSERT_NE(MAP_FAILED, view);
	EXPECT_EQ(0, munmap(view + PAGE, PAGE));
	EXPECT_EQ(SIGSEGV, signal_of(read_there, view + PAGE));
	EXPECT_EQ(0, signal_of(read_there, view));
	EXPECT_EQ(0, signal_of(read_there, view + 2 * PAGE));
	EXPECT_EQ(true, is_good((void *)view, self->map));
	munmap(view, 8 * PAGE);
}

TEST_F(view, moved_and_not_lengthened)
{
	struct gomap_view_super *view = map_of(self->map, 4 * PAGE), *moved;
	void *room = mmap(NULL, 4 * PAGE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, view);
	EXPECT_EQ(true, is_good(view, self->map));
	EXPECT_EQ(MAP_FAILED, mremap(view, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(MAP_FAILED, mremap(view, 0, 4 * PAGE, MREMAP_MAYMOVE));
	moved = mremap(view, 4 * PAGE, 4 * PAGE,
		       MREMAP_MAYMOVE | MREMAP_FIXED, room);
	ASSERT_EQ(room, (void *)moved);
	EXPECT_EQ(0, gm_put(self->map, 5000, 1));
	EXPECT_EQ(true, is_good(moved, self->map));
	EXPECT_EQ(-1, mprotect(moved, PAGE, PROT_READ | PROT_WRITE));
	munmap(moved, 4 * PAGE);
}

TEST_F(view, advice_does_no_harm)
{
	static const int advice[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
		MADV_DONTNEED, MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK,
		MADV_MERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DODUMP,
		MADV_WIPEONFORK, MADV_COLD, MADV_PAGEOUT, MADV_FREE,
		MADV_POPULATE_READ, MADV_POPULATE_WRITE,
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(advice); i++) {
		madvise(self->super, 4 * PAGE, advice[i]);
		EXPECT_EQ(true, is_good(self->super, self->map)) {
			TH_LOG("advice %d", advice[i]);
		}
	}
	EXPECT_EQ(SIGSEGV, signal_of(write_there, self->super));
	EXPECT_EQ(0, gm_count_wrong(self->map, 1, ENTRIES));
}

TEST_F(view, other_ways_to_write)
{
	char word[8] = "written";
	struct iovec mine = { word, sizeof(word) };
	struct iovec there = { self->super, sizeof(word) };
	int memory = open("/proc/self/mem", O_RDWR);

	EXPECT_EQ(-1, process_vm_writev(getpid(), &mine, 1, &there, 1, 0));
	if (memory >= 0) {
		EXPECT_GT(1, pwrite(memory, word, sizeof(word),
				    (off_t)(uintptr_t)self->super));
		close(memory);
	}
	EXPECT_EQ(-1, read(open("/dev/zero", O_RDONLY), self->super, 8));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(true, is_good(self->super, self->map));
}

/* Nobody comes by a reference on the pages, but what is in them can be copied. */
TEST_F(view, pages_cannot_be_pinned)
{
	struct iovec there = { self->super, PAGE };
	char copy[64];
	int ends[2];

	ASSERT_EQ(0, pipe(ends));
	EXPECT_EQ(-1, vmsplice(ends[1], &there, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(64, write(ends[1], self->super, 64));
	EXPECT_EQ(64, read(ends[0], copy, 64));
	EXPECT_EQ(0, memcmp(copy, self->super, 64));
	close(ends[0]);
	close(ends[1]);
}

TEST_F(view, good_without_any_descriptor)
{
	__u64 len = self->super->len;
	int child, copy = dup(self->map), fds = gm_open_fds();

	close(copy);
	close(self->map);
	EXPECT_EQ(fds - 2, gm_open_fds());
	EXPECT_EQ(GOMAP_VIEW_MAGIC, self->super->magic);
	EXPECT_EQ(len, self->super->len);
	child = fork();
	if (!child)
		_exit(self->super->len != len);
	EXPECT_EQ(0, gm_wait(child));
	self->map = create_with_view(self->control);
	EXPECT_EQ(len, self->super->len);
}

TEST_F(view, children_see_what_changes)
{
	int ready[2], child;
	char byte = 0;

	ASSERT_EQ(0, pipe(ready));
	child = fork();
	if (!child) {
		close(ready[1]);
		(void)!read(ready[0], &byte, 1);
		_exit(self->super->len != ENTRIES + 1);
	}
	close(ready[0]);
	EXPECT_EQ(0, gm_put(self->map, ENTRIES + 1, 1));
	close(ready[1]);
	EXPECT_EQ(0, gm_wait(child));
}

TEST_F(view, the_map_loses_its_name)
{
	struct gm_shape shape = GM_U64_MAP;
	struct gomap_view_super *super;
	int map;

	shape.flags = GOMAP_MAP_VIEW;
	map = gm_create_named(self->control, shape, gm_unique_name("gone"),
			      0600);
	ASSERT_LE(0, map);
	super = map_of(map, PAGE);
	ASSERT_NE(MAP_FAILED, super);
	EXPECT_EQ(0, gm_destroy(map));
	EXPECT_EQ(0, gm_fill(map, 1, 100));
	EXPECT_EQ(true, is_good(super, map));
	close(map);
	EXPECT_EQ(100, super->len);
	munmap(super, PAGE);
}

TEST_F(view, many_come_and_go)
{
	struct gomap_view_super *super;
	int i, map;

	for (i = 0; i < 1000; i++) {
		map = create_with_view(self->control);
		ASSERT_LE(0, map);
		super = map_of(map, 16 * PAGE);
		ASSERT_NE(MAP_FAILED, super);
		ASSERT_EQ(0, gm_fill(map, 1, 10));
		ASSERT_EQ(10, super->len);
		close(map);
		ASSERT_EQ(10, super->len);
		munmap(super, 16 * PAGE);
	}
}

/* A reader that is killed at any moment leaves nothing behind. */
TEST_F(view, readers_are_killed)
{
	int i, fds = gm_open_fds();

	for (i = 0; i < 50; i++) {
		pid_t child = fork();

		if (!child) {
			volatile char *view = map_of(self->map, 64 * PAGE);
			size_t at;

			for (;;)
				for (at = 0; at < 8 * PAGE; at += 64)
					(void)view[at];
		}
		ASSERT_EQ(0, gm_fill(self->map, 10000 + 500 * (__u64)i, 500));
		gm_kill(child);
	}
	EXPECT_EQ(fds, gm_open_fds());
	EXPECT_EQ(true, is_good(self->super, self->map));
	EXPECT_EQ(0, gm_count_wrong(self->map, 1, ENTRIES));
}

/* Is this word among the flags of the mapping with that address? */
static bool smaps_has(const void *at, const char *flag)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	bool mine = false, found = false;
	unsigned long begin, end;
	char line[512];

	while (smaps && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
			mine = begin == (unsigned long)at;
		if (mine && !strncmp(line, "VmFlags:", 8))
			found = strstr(line, flag);
	}
	if (smaps)
		fclose(smaps);
	return found;
}

TEST_F(view, flags_of_the_mapping)
{
	if (!smaps_has(self->super, " rd"))
		SKIP(return, "this kernel does not tell");
	EXPECT_EQ(true, smaps_has(self->super, " dd"));
	EXPECT_EQ(true, smaps_has(self->super, " de"));
	EXPECT_EQ(true, smaps_has(self->super, " pf"));
	EXPECT_EQ(false, smaps_has(self->super, " wr"));
	EXPECT_EQ(false, smaps_has(self->super, " mw"));
	EXPECT_EQ(false, smaps_has(self->super, " me"));
}

TEST_HARNESS_MAIN
