// SPDX-License-Identifier: GPL-2.0-only
/*
 * allocations.c - how often the kernel's allocators are called, and how many
 * objects of the arena are taken.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "bench.h"

#define ENTRIES		10000ULL

/* What is counted is a whole number. */
static void record_count(const char *figure, const char *row, const char *what,
			 u64 count)
{
	bench_record(figure, row, what, 1000 * count);
}

/* Chunks that values of this size lie in. */
static u64 chunks_of(struct gomap *map, u32 value_size)
{
	static struct gomap_memory memory;
	u32 i;

	gomap_memory(map, &memory);
	for (i = 0; i < memory.nr; i++)
		if (!memory.class[i].is_bucket &&
		    memory.class[i].object_size == value_size)
			return memory.class[i].nr_chunks;
	return 0;
}

/**
 * struct way - how the values of a map are allocated.
 * @name: For a person.
 * @flags: Of the map.
 * @presized: It is made for all entries.
 */
struct way {
	const char *name;
	u32 flags;
	bool presized;
};

static const struct way ways[] = {
	{ "kmalloc, growing", GOMAP_F_STABLE | GOMAP_F_KMALLOC, false },
	{ "kmalloc, presized", GOMAP_F_STABLE | GOMAP_F_KMALLOC, true },
	{ "arena, growing", GOMAP_F_STABLE, false },
	{ "arena, presized", GOMAP_F_STABLE, true },
	{ "inline, growing", 0, false },
	{ "inline, presized", 0, true },
};

#define VALUE_SIZE	24U

static int count_allocations(const char *figure, const struct way *way)
{
	struct gomap *map = bench_create(VALUE_SIZE,
					 way->presized ? ENTRIES : 0,
					 way->flags);
	static struct gomap_info before, after;
	int err;

	if (IS_ERR(map))
		return PTR_ERR(map);
	gomap_info(map, &before, false);
	err = bench_insert(map, VALUE_SIZE, 0, ENTRIES);
	gomap_info(map, &after, false);

	record_count(figure, way->name, "in create", before.kernel_allocs);
	record_count(figure, way->name, "in inserts",
		     after.kernel_allocs - before.kernel_allocs);
	record_count(figure, way->name, "inserts that stopped",
		     after.write_allocs - before.write_allocs);
	record_count(figure, way->name, "chunks of values",
		     chunks_of(map, VALUE_SIZE));
	bench_destroy(map);
	return err;
}

int bench_allocations(const char *name)
{
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(ways) && !err; i++)
		err = count_allocations(name, &ways[i]);
	return err;
}

/**
 * struct kind - values, and what the map is to do with them.
 * @name: For a person.
 * @value_size: Bytes of each.
 * @flags: Of the map.
 */
struct kind {
	const char *name;
	u32 value_size;
	u32 flags;
};

static const struct kind kinds[] = {
	{ "8 B", 8, 0 },
	{ "64 B", 64, 0 },
	{ "128 B", 128, 0 },
	{ "136 B", 136, 0 },
	{ "1024 B", 1024, 0 },
	{ "24 B, stable", 24, GOMAP_F_STABLE },
	{ "136 B, stable", 136, GOMAP_F_STABLE },
};

/* Objects handed out so far, those for overflow buckets not counted. */
static u64 contents(const struct gomap_info *info)
{
	return info->object_allocs - info->nr_overflow;
}

/* Per operation, so thousandths of the number divided by that of operations. */
static void record_operations(const char *figure, const char *row,
			      const char *what_objects, const char *what_calls,
			      const struct gomap_info *before,
			      const struct gomap_info *after)
{
	bench_record(figure, row, what_objects,
		     1000 * (contents(after) - contents(before)) / ENTRIES);
	record_count(figure, row, what_calls,
		     after->kernel_allocs - before->kernel_allocs);
}

static int count_objects(const char *figure, const struct kind *kind)
{
	struct gomap *map = bench_create(kind->value_size, ENTRIES, kind->flags);
	static struct gomap_info empty, full, again;
	int err;

	if (IS_ERR(map))
		return PTR_ERR(map);
	gomap_info(map, &empty, false);
	err = bench_insert(map, kind->value_size, 0, ENTRIES);
	gomap_info(map, &full, false);
	if (!err)
		err = bench_overwrite(map, kind->value_size, 0, ENTRIES);
	gomap_info(map, &again, false);

	record_operations(figure, kind->name, "each insert",
			  "kernel calls, inserts", &empty, &full);
	record_operations(figure, kind->name, "each overwrite",
			  "kernel calls, overwrites", &full, &again);
	bench_destroy(map);
	return err;
}

int bench_objects(const char *name)
{
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(kinds) && !err; i++)
		err = count_objects(name, &kinds[i]);
	return err;
}
