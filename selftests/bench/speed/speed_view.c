// SPDX-License-Identifier: GPL-2.0-only
/* speed_view.c - gomap's view, as a program reads it by libgomap. */
#include <gomap_view.h>

#include "speed_view.h"

/* view.c of libgomap: on what is mapped already. */
int gomap__view_on(struct gomap_view **view, const void *base, uint64_t bytes,
		   int fd);

static void *create(size_t entries)
{
	struct view_table *t = calloc(1, sizeof(*t));
	struct gomap_view *view;

	speed_expect(t && !view_map_create(t, entries));
	speed_expect(!gomap__view_on(&view, t->base, t->bytes, -1));
	t->reader = view;
	return t;
}

static void destroy(void *table)
{
	struct view_table *t = table;

	gomap_view_close(t->reader);
	view_map_destroy(t);
	free(t);
}

static void settle(void *table, size_t entries)
{
	(void)entries;
	view_map_settle(table);
}

static inline void insert_one(void *table, speed_u64 name)
{
	struct view_table *t = table;

	speed_expect(!view_map_insert(t->map, name, ~name));
}

static inline bool find_one(void *table, speed_u64 name, speed_value *value)
{
	struct view_table *t = table;

	return gomap_view_lookup(t->reader, &name, sizeof(name), value,
				 sizeof(*value)) == sizeof(*value);
}

static inline bool remove_one(void *table, speed_u64 name)
{
	struct view_table *t = table;

	return view_map_delete(t->map, name) == 1;
}

static inline speed_u64 find_many(void *table, const speed_u64 *names,
				  size_t nr, uint32_t at_once)
{
	struct gomap_view_query queries[SPEED_BULK];
	struct view_table *t = table;
	speed_value values[SPEED_BULK];
	speed_u64 sum = 0;

	for (size_t i = 0; i < nr; i += at_once) {
		for (uint32_t j = 0; j < at_once; j++)
			queries[j] = (struct gomap_view_query){
				.key = &names[i + j], .key_len = 8,
				.value = &values[j], .value_cap = 8,
			};
		speed_expect(gomap_view_lookup_many(t->reader, queries,
						    at_once) == at_once);
		for (uint32_t j = 0; j < at_once; j++)
			sum += speed_sum(&values[j]);
	}
	return sum;
}

static speed_u64 bulk_8(void *table, const speed_u64 *names, size_t nr)
{
	return find_many(table, names, nr, 8);
}

static speed_u64 bulk_32(void *table, const speed_u64 *names, size_t nr)
{
	return find_many(table, names, nr, 32);
}

static speed_u64 bulk_64(void *table, const speed_u64 *names, size_t nr)
{
	return find_many(table, names, nr, 64);
}

static speed_u64 iterate(void *table, const speed_u64 *names, size_t nr)
{
	struct view_table *t = table;
	struct gomap_view_iter *iter;
	struct gomap_entry entry;
	speed_u64 sum = 0;
	int more;

	(void)names;
	(void)nr;
	speed_expect(!gomap_view_iter_begin(&iter, t->reader));
	while ((more = gomap_view_iter_next(iter, &entry)) > 0)
		sum += speed_sum((const speed_value *)entry.value);
	speed_expect(!more);
	gomap_view_iter_end(iter);
	return sum;
}

#include "speed_loops.h"

const struct speed_peer SPEED_PEER(view) = {
	SPEED_LOOPS,
	.name = "gomap's view",
	.for_threads = true,
	.create = create,
	.destroy = destroy,
	.settle = settle,
	.iterate = iterate,
	.bulk_8 = bulk_8,
	.bulk_32 = bulk_32,
	.bulk_64 = bulk_64,
	.breathe = speed_breathe,
};
