// SPDX-License-Identifier: GPL-2.0-only
/*
 * insertion.c - what an insert of a value outside its slot costs, with the arena
 * and with a kmalloc() for each: the same map, only the allocator differs.
 *
 * Beside them stand what the insert costs where the value fits into its slot, so
 * that there is nothing to allocate, and what kmalloc() and kfree() of the same
 * number of objects cost alone.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "bench.h"

/**
 * struct subject - what is measured in turn with the others.
 * @name: For a person.
 * @flags: Of the map.
 * @value_max: Largest value that is of interest, bytes.
 */
struct subject {
	const char *name;
	u32 flags;
	u32 value_max;
};

static const struct subject subjects[] = {
	{ "arena", GOMAP_F_STABLE, BENCH_VALUE_MAX },
	{ "kmalloc", GOMAP_F_STABLE | GOMAP_F_KMALLOC, BENCH_VALUE_MAX },
	{ "in slot", 0, GOMAP_INLINE_MAX },
};

#define NR_SUBJECTS	ARRAY_SIZE(subjects)

/**
 * struct setting - under what circumstances.
 * @entries: Inserts into an empty map.
 * @value_size: Bytes of a value.
 * @presized: The map is made for them.
 * @charged: To a memory cgroup.
 */
struct setting {
	u64 entries;
	u32 value_size;
	bool presized;
	bool charged;
};

static u64 hint(const struct setting *setting)
{
	return setting->presized ? setting->entries : 0;
}

static u32 flags(const struct subject *subject, const struct setting *setting)
{
	return subject->flags | (setting->charged ? GOMAP_F_ACCOUNT : 0);
}

/* Nanoseconds of all inserts, or a negative errno. */
static s64 time_inserts(const struct subject *subject,
			const struct setting *setting)
{
	struct gomap *map = bench_create(setting->value_size, hint(setting),
					 flags(subject, setting));
	u64 began, ended;
	int err;

	if (IS_ERR(map))
		return PTR_ERR(map);
	began = bench_now();
	err = bench_insert(map, setting->value_size, 0, setting->entries);
	ended = bench_now();
	bench_destroy(map);
	return err ?: (s64)(ended - began);
}

/* An object that is on a list of all. */
struct object {
	struct object *next;
};

static void free_objects(struct object *all)
{
	struct object *next;

	for (; all; all = next) {
		next = all->next;
		kfree(all);
	}
}

static int time_kmalloc(const struct setting *setting,
			struct bench_samples *allocs,
			struct bench_samples *frees)
{
	gfp_t gfp = setting->charged ? GFP_KERNEL | __GFP_ACCOUNT :
				       GFP_KERNEL;
	struct object *all = NULL, *object;
	u64 began, allocated, i;

	began = bench_now();
	for (i = 0; i < setting->entries; i++) {
		object = kmalloc(setting->value_size, gfp);
		if (!object)
			break;
		object->next = all;
		all = object;
	}
	allocated = bench_now();
	free_objects(all);
	if (i < setting->entries)
		return -ENOMEM;
	bench_add_sample(frees, bench_now() - allocated);
	bench_add_sample(allocs, allocated - began);
	return 0;
}

/**
 * struct results - of one setting.
 * @inserts: By subject.
 * @allocs: Of kmalloc() alone.
 * @frees: Of kfree() alone.
 */
struct results {
	struct bench_samples inserts[NR_SUBJECTS];
	struct bench_samples allocs;
	struct bench_samples frees;
};

static int one_round(const struct setting *setting, struct results *results)
{
	size_t i;
	s64 ns;

	for (i = 0; i < NR_SUBJECTS; i++) {
		if (setting->value_size > subjects[i].value_max)
			continue;
		ns = time_inserts(&subjects[i], setting);
		if (ns < 0)
			return (int)ns;
		bench_add_sample(&results->inserts[i], (u64)ns);
	}
	return time_kmalloc(setting, &results->allocs, &results->frees);
}

static void record_each(const char *figure, const char *row, const char *what,
			struct bench_samples *samples, u64 entries)
{
	if (samples->nr)
		bench_record(figure, row, what,
			     1000 * bench_median(samples) / entries);
}

static void record_setting(const char *figure, const struct setting *setting,
			   struct results *results)
{
	u64 entries = setting->entries;
	char row[64];
	size_t i;

	snprintf(row, sizeof(row), "%u B, %s, %llu entries%s",
		 setting->value_size,
		 setting->presized ? "presized" : "growing",
		 (unsigned long long)entries,
		 setting->charged ? ", charged" : "");
	for (i = 0; i < NR_SUBJECTS; i++)
		record_each(figure, row, subjects[i].name,
			    &results->inserts[i], entries);
	record_each(figure, row, "kmalloc()", &results->allocs, entries);
	record_each(figure, row, "kfree()", &results->frees, entries);
}

static int measure(const char *figure, const struct setting *setting)
{
	static struct results results;
	int err, round;

	for (round = 0; round <= BENCH_ROUNDS; round++) {
		/* The first is to warm up. */
		if (round <= 1)
			results = (struct results){ };
		err = one_round(setting, &results);
		if (err)
			return err;
		bench_breathe();
	}
	record_setting(figure, setting, &results);
	return 0;
}

static int measure_sizes(const char *figure, struct setting setting)
{
	static const u32 value_sizes[] = { 24, 128, 136, 256, 1024 };
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(value_sizes) && !err; i++) {
		setting.value_size = value_sizes[i];
		setting.presized = true;
		err = measure(figure, &setting);
		setting.presized = false;
		if (!err)
			err = measure(figure, &setting);
	}
	return err;
}

int bench_insertion(const char *name)
{
	static const struct setting settings[] = {
		{ .entries = 10000 },
		{ .entries = 100000 },
		{ .entries = 10000, .charged = true },
	};
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(settings) && !err; i++)
		if (!settings[i].charged || bench_has_cgroups)
			err = measure_sizes(name, settings[i]);
	return err;
}
