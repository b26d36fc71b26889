// SPDX-License-Identifier: GPL-2.0-only
/*
 * No operation on a presized map calls an allocator of the kernel: that is what
 * the allocators' own tracepoints say, of all that happens in this process.
 *
 * The events go to a trace of our own, which only counts those of this process.
 */
#include "harness.h"
#include "common.h"

#include <fcntl.h>
#include <sys/stat.h>

#define INSTANCE	"/sys/kernel/tracing/instances/gomap-test/"
#define ENTRIES		10000U
#define OPERATIONS	1000000U
#define SECONDS		300

/* As if what is deleted did not come back before the end: no grace period did. */
#define HINT		(ENTRIES + OPERATIONS / 4)

static const char *const events[] = {
	"kmalloc", "kmem_cache_alloc", "mm_page_alloc",
};

FIXTURE(traced) {
	int control;
	int map;
	int on;			/* the switch */
};

FIXTURE_VARIANT(traced) {
	__u32 value_size;
	__u32 flags;
};

FIXTURE_VARIANT_ADD(traced, inline) { 24, 0 };
FIXTURE_VARIANT_ADD(traced, objects) { 200, 0 };

static bool tell(const char *folder, const char *file, const char *text)
{
	char path[160];
	bool told;
	int fd;

	snprintf(path, sizeof(path), INSTANCE "%s%s", folder, file);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return false;
	told = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return told;
}

/* Do count, of this process alone. */
static bool choose_events(void)
{
	char filter[64], folder[64];
	bool chosen = true;

	snprintf(filter, sizeof(filter), "common_pid == %d", (int)getpid());
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		snprintf(folder, sizeof(folder), "events/kmem/%s/", events[i]);
		chosen = chosen && tell(folder, "filter", filter) &&
			 tell(folder, "enable", "1");
	}
	return chosen;
}

/* What one CPU has counted, whether it is still to be read or not. */
static long count_of_cpu(unsigned int cpu)
{
	char path[160], line[80];
	long number, sum = 0;
	FILE *stats;

	snprintf(path, sizeof(path), INSTANCE "per_cpu/cpu%u/stats", cpu);
	stats = fopen(path, "r");
	if (!stats)
		return -1;
	while (fgets(line, sizeof(line), stats))
		if (sscanf(line, "entries: %ld", &number) == 1 ||
		    sscanf(line, "overrun: %ld", &number) == 1 ||
		    sscanf(line, "dropped events: %ld", &number) == 1)
			sum += number;
	fclose(stats);
	return sum;
}

static long count_events(void)
{
	long sum = 0, of_cpu;

	for (unsigned int cpu = 0; (of_cpu = count_of_cpu(cpu)) >= 0; cpu++)
		sum += of_cpu;
	return sum;
}

/* The first of them, for who has to find out where they come from. */
static void show_events(void)
{
	FILE *trace = fopen(INSTANCE "trace", "r");
	char line[256];
	int shown = 0;

	while (trace && shown < 10 && fgets(line, sizeof(line), trace))
		if (*line != '#')
			shown += printf("# %s", line) > 0;
	if (trace)
		fclose(trace);
}

static void begin_trace(struct __test_metadata *_metadata, int on)
{
	ASSERT_EQ(1, write(on, "0", 1));
	ASSERT_TRUE(tell("", "trace", "\n"));
	ASSERT_EQ(1, write(on, "1", 1));
}

static long end_trace(int on)
{
	return write(on, "0", 1) == 1 ? count_events() : -1;
}

static int put(int map, __u64 key, __u32 value_size, __u64 version)
{
	unsigned char value[256];

	memset(value, key + version, value_size);
	return gm_store(map, &key, sizeof(key), value, value_size);
}

/* Overwrites, lookups, deletes and as many inserts.  0 or -errno. */
static int operate(int map, __u32 value_size)
{
	unsigned char seen[256];

	for (__u32 i = 0; i < OPERATIONS; i++) {
		__u64 key = i / 4 % ENTRIES;
		int expected[] = { 1, value_size, 1, 0 };
		int ret;

		if (i % 4 == 1)
			ret = gm_lookup(map, &key, 8, seen, value_size);
		else if (i % 4 == 2)
			ret = gm_delete(map, &key, 8);
		else
			ret = put(map, key, value_size, i);
		if (ret != expected[i % 4])
			return ret < 0 ? ret : -EPROTO;
	}
	return 0;
}

FIXTURE_SETUP(traced)
{
	struct gm_shape shape = { 8, variant->value_size, variant->flags,
				  HINT };

	if (mkdir(INSTANCE, 0755) && errno != EEXIST)
		SKIP(return, "no trace of our own: %s", strerror(errno));
	if (!choose_events())
		SKIP(return, "this kernel does not trace its allocators");
	self->on = open(INSTANCE "tracing_on", O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, self->on);
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, shape);
	ASSERT_LE(0, self->map);
	for (__u64 key = 0; key < ENTRIES; key++)
		ASSERT_EQ(0, put(self->map, key, variant->value_size, 0));
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
}

FIXTURE_TEARDOWN(traced)
{
	close(self->map);
	close(self->control);
	close(self->on);
	rmdir(INSTANCE);
}

TEST_F_TIMEOUT(traced, a_million_operations_allocate_nothing, SECONDS)
{
	struct gomap_ioc_info before, after;
	double begin;
	long nr;

	ASSERT_EQ(0, gm_info(self->map, 0, &before));
	begin = gm_now();
	begin_trace(_metadata, self->on);
	ASSERT_EQ(0, operate(self->map, variant->value_size));
	nr = end_trace(self->on);
	TH_LOG("%u operations in %d ms, %ld allocations traced", OPERATIONS,
	       (int)(1000 * (gm_now() - begin)), nr);
	EXPECT_EQ(0, nr) {
		show_events();
	}
	ASSERT_EQ(0, gm_info(self->map, 0, &after));
	EXPECT_EQ(before.kernel_allocs, after.kernel_allocs);
	EXPECT_EQ(0, after.write_allocs);
}

/* That nothing is traced has to mean something. */
TEST_F(traced, a_map_that_is_created_is_seen)
{
	int other;

	begin_trace(_metadata, self->on);
	other = gm_create(self->control, GM_U64_MAP);
	EXPECT_LE(1, end_trace(self->on));
	ASSERT_LE(0, other);
	close(other);
}

TEST_HARNESS_MAIN
