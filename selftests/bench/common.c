// SPDX-License-Identifier: GPL-2.0-only
/*
 * common.c - the list of all figures, and what they have in common: maps with
 * keys of 8 bytes, and medians.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bench.h"

static const struct bench_figure figures[] = {
	{ "allocations", bench_allocations },
	{ "objects", bench_objects },
	{ "insert", bench_insertion },
	{ "memory", bench_memory },
	{ "destroy", bench_destruction },
};

/* All figures, or the one that is named; 0 or what went wrong. */
int bench_run(const char *only)
{
	int err = -ENOENT;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(figures); i++) {
		if (*only && strcmp(only, figures[i].name))
			continue;
		err = figures[i].run(figures[i].name);
		if (err)
			return err;
	}
	return err;
}

struct gomap *bench_create(u32 value_size, u64 hint, u32 flags)
{
	struct gomap_params params = {
		.key_size = sizeof(u64),
		.value_size = value_size,
		.hint = hint,
		.flags = flags,
	};

	return gomap_create(&params);
}

/* To its very end, so that it is not in the way of what follows. */
void bench_destroy(struct gomap *map)
{
	gomap_put(map);
	gomap_barrier();
}

static const u8 value[BENCH_VALUE_MAX];

/* Operations from one breath to the next: some 100 us. */
#define BREATH		1024

int bench_insert(struct gomap *map, u32 value_size, u64 first, u64 nr)
{
	u64 key;
	int err;

	for (key = first; key < first + nr; key++) {
		err = gomap_insert(map, &key, sizeof(key), value, value_size,
				   GFP_KERNEL);
		if (err)
			return err;
		if (key % BREATH == 0)
			bench_breathe();
	}
	return 0;
}

int bench_overwrite(struct gomap *map, u32 value_size, u64 first, u64 nr)
{
	u64 key;
	int err;

	for (key = first; key < first + nr; key++) {
		err = gomap_replace(map, &key, sizeof(key), value, value_size,
				    GFP_KERNEL);
		if (err)
			return err;
		if (key % BREATH == 0)
			bench_breathe();
	}
	return 0;
}

/* Kept in order. */
void bench_add_sample(struct bench_samples *samples, u64 ns)
{
	u32 at = samples->nr++;

	for (; at && samples->ns[at - 1] > ns; at--)
		samples->ns[at] = samples->ns[at - 1];
	samples->ns[at] = ns;
}

u64 bench_median(struct bench_samples *samples)
{
	return samples->ns[samples->nr / 2];
}
