// SPDX-License-Identifier: GPL-2.0-only
/*
 * destruction.c - how long it takes to get rid of maps of a million values that do
 * not lie in their slots.
 *
 * In a kernel most of it is the wait for grace periods, in which nobody works.  What
 * maps of a thousandth of the entries take is that wait, and the rest is work.  As
 * the wait varies by more than the work that a map makes, several go at once.
 */
#include <linux/err.h>
#include <linux/kernel.h>

#include "bench.h"

#define ENTRIES		1000000ULL
#define VALUE_SIZE	136U
#define MAPS		4

/* Maps take a while to fill. */
#define ROUNDS		5

/**
 * struct subject - maps to get rid of.
 * @name: For a person.
 * @entries: How many each has.
 * @flags: Of the maps.
 */
struct subject {
	const char *name;
	u64 entries;
	u32 flags;
};

enum { ARENA, KMALLOC, SMALL, NR_SUBJECTS };

static const struct subject subjects[NR_SUBJECTS] = {
	[ARENA] = { "arena", ENTRIES, 0 },
	[KMALLOC] = { "kmalloc", ENTRIES, GOMAP_F_KMALLOC },
	[SMALL] = { "small", ENTRIES / 1000, 0 },
};

/**
 * struct results - of one subject.
 * @put: Of gomap_put() for all maps.
 * @all: Of it, and of all that it set off.
 */
struct results {
	struct bench_samples put;
	struct bench_samples all;
};

static struct gomap *create_full(const struct subject *subject)
{
	struct gomap *map = bench_create(VALUE_SIZE, 0, subject->flags);
	int err;

	if (IS_ERR(map))
		return map;
	err = bench_insert(map, VALUE_SIZE, 0, subject->entries);
	if (!err)
		err = gomap_finish_resize(map);
	if (!err)
		return map;
	gomap_put(map);
	return ERR_PTR(err);
}

static void put_all(struct gomap **maps, int nr)
{
	while (nr)
		gomap_put(maps[--nr]);
}

static int time_destruction(const struct subject *subject,
			    struct results *results)
{
	struct gomap *maps[MAPS];
	u64 began, returned;
	int nr;

	for (nr = 0; nr < MAPS; nr++) {
		maps[nr] = create_full(subject);
		if (IS_ERR(maps[nr])) {
			put_all(maps, nr);
			return PTR_ERR(maps[nr]);
		}
	}
	gomap_barrier();

	began = bench_now();
	put_all(maps, MAPS);
	returned = bench_now();
	gomap_barrier();
	bench_add_sample(&results->all, bench_now() - began);
	bench_add_sample(&results->put, returned - began);
	return 0;
}

/* Microseconds, with their thousandths. */
static void record(const char *figure, const struct subject *subject,
		   struct results *results, u64 waiting)
{
	u64 all = bench_median(&results->all);

	bench_record(figure, "gomap_put()", subject->name,
		     bench_median(&results->put) / MAPS);
	bench_record(figure, "four, until all is free", subject->name, all);
	bench_record(figure, "work for each", subject->name,
		     (all > waiting ? all - waiting : 0) / MAPS);
}

int bench_destruction(const char *name)
{
	static struct results results[NR_SUBJECTS];
	int err = 0, round, i;
	u64 waiting;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < NR_SUBJECTS && !err; i++)
			err = time_destruction(&subjects[i], &results[i]);
	if (err)
		return err;

	waiting = bench_median(&results[SMALL].all);
	for (i = 0; i < NR_SUBJECTS; i++)
		record(name, &subjects[i], &results[i], waiting);
	return 0;
}
