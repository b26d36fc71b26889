// SPDX-License-Identifier: GPL-2.0-only
/*
 * device.c - how often the kernel's allocators are called by a million operations
 * through the device: by the map's own count, and by the kernel's tracepoints for
 * all that this process causes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../abi/common.h"
#include "record.h"

#define ENTRIES		50000U
#define OPERATIONS	1000000U
#define TRACING		"/sys/kernel/tracing/"

static const char *const events[] = {
	"kmalloc", "kmem_cache_alloc", "mm_page_alloc",
};

/* Return: whether it could be written. */
static bool tell(const char *file, const char *text)
{
	char path[128];
	int fd;
	bool told;

	snprintf(path, sizeof(path), TRACING "%s", file);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0)
		return false;
	told = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return told;
}

/* What is traced is this process, once it is switched on. */
static bool prepare_tracing(void)
{
	char text[64];
	bool ready;
	size_t i;

	snprintf(text, sizeof(text), "%d", (int)getpid());
	ready = tell("tracing_on", "0") && tell("set_event_pid", text);
	for (i = 0; i < ARRAY_LEN(events) && ready; i++) {
		snprintf(text, sizeof(text), "events/kmem/%s/enable",
			 events[i]);
		ready = tell(text, "1");
	}
	return ready;
}

/* Lines of the trace that are no comment. */
static unsigned long long traced(void)
{
	unsigned long long nr = 0;
	char line[512];
	FILE *trace = fopen(TRACING "trace", "r");

	while (trace && fgets(line, sizeof(line), trace))
		nr += *line != '#';
	if (trace)
		fclose(trace);
	return nr;
}

/* Overwrites, lookups, deletions, and as many insertions. */
static int operate(int map)
{
	__u64 i, key, value;
	int ret = 0;

	for (i = 0; i < OPERATIONS && ret >= 0; i++) {
		key = i / 4 % ENTRIES;
		switch (i % 4) {
		case 0:
			ret = gm_put(map, key, i);
			break;
		case 1:
			ret = gm_get(map, key, &value);
			break;
		case 2:
			ret = gm_del(map, key);
			break;
		default:
			ret = gm_insert(map, &key, sizeof(key), &i, sizeof(i));
		}
	}
	return ret < 0 ? ret : 0;
}

static void record(const char *what, unsigned long long count)
{
	printf(RECORD_FORMAT "\n", "device", "kernel",
	       "1,000,000 operations", what, RECORD_VALUE(1000 * count));
}

/* To open the switch would be traced, too. */
static int operate_traced(int map)
{
	int on = prepare_tracing() ? open(TRACING "tracing_on", O_WRONLY) : -1;
	bool tracing = on >= 0 && write(on, "1", 1) == 1;
	int err = operate(map);

	if (tracing && write(on, "0", 1) == 1 && !err)
		record("by tracepoints", traced());
	if (on >= 0)
		close(on);
	return err;
}

static int measure(int map)
{
	struct gomap_ioc_info before, after;
	int err;

	err = gm_fill(map, 0, ENTRIES) ?: gm_info(map, 0, &before);
	if (!err)
		err = operate_traced(map) ?: gm_info(map, 0, &after);
	if (!err)
		record("by the map's count",
		       after.kernel_allocs - before.kernel_allocs);
	return err;
}

int main(void)
{
	struct gm_shape shape = { 8, 8, 0, ENTRIES };
	int control = gm_control();
	int map = control < 0 ? control : gm_create(control, shape);
	int err = map < 0 ? map : measure(map);

	if (err)
		fprintf(stderr, "bench: device: %s\n", strerror(-err));
	return err != 0;
}
