// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory.c - bytes that an entry takes, keys and values of 8 bytes, everything
 * counted: just before a doubling, when memory is used best, and just after it,
 * when it is used worst.
 */
#include <linux/err.h>
#include <linux/kernel.h>

#include "bench.h"

/* 6.5 entries for each of 2^17 buckets: one more, and they double. */
#define FULL_LOAD	851968ULL

/*
 * A grace period passes after each part, as it does where a map fills in more than
 * a fifth of a second: else what waits for one since the last growth would be
 * counted, too.
 */
#define PARTS		16

static int fill(struct gomap *map)
{
	u64 part = FULL_LOAD / PARTS, first;
	int err = 0;

	for (first = 0; first < FULL_LOAD && !err; first += part) {
		err = bench_insert(map, sizeof(u64), first, part);
		gomap_barrier();
	}
	return err;
}

static void record_held(const char *figure, const char *row, const char *what,
			struct gomap *map)
{
	static struct gomap_info info;

	gomap_finish_resize(map);
	gomap_barrier();
	gomap_info(map, &info, false);
	bench_record(figure, row, what, 1000 * info.bytes_held / info.len);
}

static int measure(const char *figure, const char *row, u64 hint)
{
	struct gomap *map = bench_create(sizeof(u64), hint, 0);
	int err;

	if (IS_ERR(map))
		return PTR_ERR(map);
	err = fill(map);
	if (!err) {
		record_held(figure, row, "full", map);
		err = bench_insert(map, sizeof(u64), FULL_LOAD, 1);
	}
	if (!err)
		record_held(figure, row, "after a doubling", map);
	bench_destroy(map);
	return err;
}

int bench_memory(const char *name)
{
	return measure(name, "gomap", 0) ?:
	       measure(name, "gomap, presized", FULL_LOAD) ?:
	       bench_memory_of_peers(name);
}
