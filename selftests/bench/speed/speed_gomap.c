// SPDX-License-Identifier: GPL-2.0-only
/* speed_gomap.c - gomap, as any module uses it. */
#include <linux/err.h>
#include <linux/gomap.h>

#include "speed.h"

static struct gomap *create_with(size_t entries, u32 flags)
{
	struct gomap_params params = {
		.key_size = SPEED_KEY,
		.value_size = SPEED_VALUE,
		.hint = entries,
		.flags = flags,
	};
	struct gomap *map = gomap_create(&params);

	speed_expect(!IS_ERR(map));
	return map;
}

static void *create(size_t entries)
{
	return create_with(entries, 0);
}

static void *create_trusted(size_t entries)
{
	return create_with(entries, GOMAP_F_TRUSTED_KEYS);
}

static void destroy(void *map)
{
	gomap_put(map);
	gomap_barrier();
}

static void settle(void *map, size_t entries)
{
	speed_expect(!gomap_finish_resize(map));
	gomap_barrier();
}

static inline void insert_one(void *map, speed_u64 name)
{
	speed_key key = speed_key_of(name);
	speed_value value;

	speed_set(&value, name);
	speed_expect(!gomap_insert(map, &key, SPEED_KEY, &value, SPEED_VALUE,
				   GFP_KERNEL));
}

static inline bool find_one(void *map, speed_u64 name, speed_value *value)
{
	speed_key key = speed_key_of(name);

	return gomap_lookup(map, &key, SPEED_KEY, value, SPEED_VALUE) ==
	       SPEED_VALUE;
}

static inline bool remove_one(void *map, speed_u64 name)
{
	speed_key key = speed_key_of(name);

	return gomap_delete(map, &key, SPEED_KEY) == 1;
}

static inline speed_u64 find_many(void *map, const speed_u64 *names, size_t nr,
				  u32 at_once)
{
	struct gomap_query queries[SPEED_BULK];
	speed_value values[SPEED_BULK];
	speed_key keys[SPEED_BULK];
	speed_u64 sum = 0;

	for (size_t i = 0; i < nr; i += at_once) {
		for (u32 j = 0; j < at_once; j++) {
			keys[j] = speed_key_of(names[i + j]);
			queries[j] = (struct gomap_query){
				.key = &keys[j], .key_len = SPEED_KEY,
				.value = &values[j], .value_cap = SPEED_VALUE,
			};
		}
		speed_expect(gomap_lookup_many(map, queries, at_once) ==
			     at_once);
		for (u32 j = 0; j < at_once; j++)
			sum += speed_sum(&values[j]);
	}
	return sum;
}

static speed_u64 bulk_8(void *map, const speed_u64 *names, size_t nr)
{
	return find_many(map, names, nr, 8);
}

static speed_u64 bulk_32(void *map, const speed_u64 *names, size_t nr)
{
	return find_many(map, names, nr, 32);
}

static speed_u64 bulk_64(void *map, const speed_u64 *names, size_t nr)
{
	return find_many(map, names, nr, 64);
}

static speed_u64 iterate(void *map, const speed_u64 *names, size_t nr)
{
	speed_key key;
	speed_value value;
	struct gomap_entry entry = {
		.key = &key, .key_cap = SPEED_KEY,
		.value = &value, .value_cap = SPEED_VALUE,
	};
	struct gomap_iter iter;
	speed_u64 sum = 0;
	int more;

	gomap_iter_begin(&iter, map);
	while ((more = gomap_iter_next(&iter, &entry)) == 1)
		sum += speed_sum(&value);
	speed_expect(!more);
	return sum;
}

static speed_u64 bytes(void *map)
{
	static struct gomap_info info;

	settle(map, 0);
	gomap_info(map, &info, false);
	return info.bytes_held;
}

#include "speed_loops.h"

const struct speed_peer SPEED_PEER(gomap) = {
	SPEED_LOOPS,
	.name = "gomap",
	.for_threads = true,
	.create = create,
	.destroy = destroy,
	.settle = settle,
	.iterate = iterate,
	.bulk_8 = bulk_8,
	.bulk_32 = bulk_32,
	.bulk_64 = bulk_64,
	.breathe = speed_breathe,
	.bytes = bytes,
};

const struct speed_peer SPEED_PEER(gomap_trusted) = {
	SPEED_LOOPS,
	.name = "gomap, trusted keys",
	.create = create_trusted,
	.destroy = destroy,
	.settle = settle,
	.iterate = iterate,
	.bulk_8 = bulk_8,
	.bulk_32 = bulk_32,
	.bulk_64 = bulk_64,
	.breathe = speed_breathe,
};
