// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults to order, see inject.h: /proc/thread-self/fail-nth and make-it-fail,
 * and the files below debugfs that the kernel calls fault attributes.
 *
 * An attribute counts its faults by making its "times" less.  Which one did so
 * tells what kind of fault there was.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "inject.h"

#define DEBUGFS		"/sys/kernel/debug/"

/* Enough faults for any system call; and an end to them, see stop_failing(). */
#define TIMES		1000

static const char *const kind_names[] = {
	[FAULT_SLAB] = "failslab",
	[FAULT_PAGE] = "fail_page_alloc",
	[FAULT_USERCOPY] = "fail_usercopy",
	[FAULT_NONE] = "none",
};

/* What makes attributes fail what they would spare, and be quiet about it. */
static const struct setting {
	enum fault_kind kind;
	const char *file;
	const char *value;
} settings[] = {
	{ FAULT_SLAB, "ignore-gfp-wait", "N" },
	{ FAULT_SLAB, "verbose", "0" },
	{ FAULT_SLAB, "task-filter", "Y" },
	{ FAULT_PAGE, "ignore-gfp-wait", "N" },
	{ FAULT_PAGE, "ignore-gfp-highmem", "N" },
	{ FAULT_PAGE, "min-order", "0" },
	{ FAULT_PAGE, "verbose", "0" },
	{ FAULT_PAGE, "task-filter", "Y" },
	{ FAULT_USERCOPY, "verbose", "0" },
	{ FAULT_USERCOPY, "task-filter", "Y" },
};

static int fail_nth_fd, make_it_fail_fd;
static int times_fd[FAULT_KINDS], space_fd[FAULT_KINDS];
static int probability_fd[FAULT_KINDS];

static int open_attribute(enum fault_kind kind, const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "%s/%s", kind_names[kind], file);
	return open(path, O_RDWR | O_CLOEXEC);
}

static int write_number(int fd, long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", number);
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static void must_write(int fd, long number)
{
	if (write_number(fd, number)) {
		perror("a file of fault injection");
		exit(1);
	}
}

static bool apply(const struct setting *s)
{
	int fd = open_attribute(s->kind, s->file);
	bool good = fd >= 0 && write(fd, s->value, strlen(s->value)) > 0;

	if (fd >= 0)
		close(fd);
	return good;
}

static bool open_kind(enum fault_kind kind)
{
	times_fd[kind] = open_attribute(kind, "times");
	space_fd[kind] = open_attribute(kind, "space");
	probability_fd[kind] = open_attribute(kind, "probability");
	return times_fd[kind] >= 0 && space_fd[kind] >= 0 &&
	       probability_fd[kind] >= 0;
}

const char *inject_open(void)
{
	fail_nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	make_it_fail_fd = open("/proc/thread-self/make-it-fail",
			       O_RDWR | O_CLOEXEC);
	if (fail_nth_fd < 0 || make_it_fail_fd < 0)
		return "this kernel injects no faults";
	for (int kind = 0; kind < FAULT_KINDS; kind++) {
		if (!open_kind(kind))
			return "this kernel lacks failslab, fail_page_alloc or "
			       "fail_usercopy, or debugfs is not mounted";
		must_write(probability_fd[kind], 0);
		must_write(times_fd[kind], TIMES);
	}
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (!apply(&settings[i]))
			return "a setting of fault injection is missing";
	return NULL;
}

static void set_times(void)
{
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		must_write(times_fd[kind], TIMES);
}

/* These files cannot be read twice. */
static unsigned int faults_of(enum fault_kind kind)
{
	int fd = open_attribute(kind, "times");
	char text[24] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0) {
		perror("times");
		exit(1);
	}
	close(fd);
	return TIMES - atoi(text);
}

void inject_nth(unsigned int n)
{
	set_times();
	must_write(fail_nth_fd, n);
}

void inject_from(enum fault_kind kind, unsigned int space)
{
	set_times();
	must_write(space_fd[kind], space);
	must_write(probability_fd[kind], 100);
	must_write(make_it_fail_fd, 1);
}

void inject_randomly(unsigned int percent)
{
	set_times();
	for (int kind = 0; kind < FAULT_KINDS; kind++) {
		must_write(space_fd[kind], 0);
		must_write(probability_fd[kind], percent);
	}
	must_write(make_it_fail_fd, 1);
}

/*
 * To stop takes a copy from user memory, which may be refused, too: until times
 * is used up at the latest.  Returns how often it was.
 */
static unsigned int stop(int fd)
{
	unsigned int refused = 0;

	while (write_number(fd, 0) == -EFAULT)
		refused++;
	return refused;
}

struct fault_counts inject_end(void)
{
	unsigned int own = stop(fail_nth_fd) + stop(make_it_fail_fd);
	struct fault_counts counts;

	for (int kind = 0; kind < FAULT_KINDS; kind++) {
		must_write(probability_fd[kind], 0);
		counts.of[kind] = faults_of(kind);
	}
	counts.of[FAULT_USERCOPY] -= own;
	return counts;
}

unsigned int inject_opportunities(unsigned int asked)
{
	char text[24] = "";

	if (pread(fail_nth_fd, text, sizeof(text) - 1, 0) <= 0) {
		perror("fail-nth");
		exit(1);
	}
	inject_end();
	return asked - atoi(text);
}

enum fault_kind inject_kind(const struct fault_counts *counts)
{
	int kind = 0;

	while (kind < FAULT_KINDS && !counts->of[kind])
		kind++;
	return kind;
}

const char *inject_kind_name(enum fault_kind kind)
{
	return kind_names[kind];
}

unsigned int inject_sum(const struct fault_counts *counts)
{
	unsigned int sum = 0;

	for (int kind = 0; kind < FAULT_KINDS; kind++)
		sum += counts->of[kind];
	return sum;
}

/* Is it a thread of the workqueues that are not bound to a CPU? */
static bool is_worker(const char *pid)
{
	char path[64], name[32] = "";
	FILE *comm;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	comm = fopen(path, "r");
	if (!comm)
		return false;
	if (!fgets(name, sizeof(name), comm))
		name[0] = '\0';
	fclose(comm);
	return !strncmp(name, "kworker/u", strlen("kworker/u"));
}

static void mark_worker(const char *pid, int fail)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/make-it-fail", pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	write_number(fd, fail);
	close(fd);
}

static void mark_workers(int fail)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (is_worker(entry->d_name))
			mark_worker(entry->d_name, fail);
	if (dir)
		closedir(dir);
}

unsigned int inject_into_workers(unsigned int percent)
{
	struct fault_counts counts;

	for (int kind = 0; kind < FAULT_KINDS; kind++) {
		must_write(probability_fd[kind], percent);
		counts.of[kind] = faults_of(kind);
	}
	set_times();
	mark_workers(percent > 0);
	return inject_sum(&counts);
}
