// SPDX-License-Identifier: GPL-2.0-only
/* speed_gomap.c - gomap, as any module uses it. */
#include <linux/err.h>
#include <linux/gomap.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "speed.h"

static struct gomap *create_with(size_t entries, u32 flags)
{
	struct gomap_params params = {
		.key_size = sizeof(u64),
		.value_size = sizeof(u64),
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

void speed_breathe(void *table)
{
	rcu_barrier();
	shim_run_work();
}

static void insert(void *map, const speed_u64 *keys, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		u64 value = ~keys[i];

		speed_expect(!gomap_insert(map, &keys[i], 8, &value, 8,
					   GFP_KERNEL));
	}
}

static speed_u64 hit(void *map, const speed_u64 *keys, size_t nr)
{
	u64 value, sum = 0;

	for (size_t i = 0; i < nr; i++) {
		speed_expect(gomap_lookup(map, &keys[i], 8, &value, 8) == 8);
		sum += value;
	}
	return sum;
}

static void miss(void *map, const speed_u64 *keys, size_t nr)
{
	u64 value;

	for (size_t i = 0; i < nr; i++)
		speed_expect(gomap_lookup(map, &keys[i], 8, &value, 8) ==
			     -ENOENT);
}

static speed_u64 bulk(void *map, const speed_u64 *keys, size_t nr)
{
	struct gomap_query queries[SPEED_BULK];
	u64 values[SPEED_BULK], sum = 0;

	for (size_t i = 0; i < nr; i += SPEED_BULK) {
		for (size_t j = 0; j < SPEED_BULK; j++)
			queries[j] = (struct gomap_query){
				.key = &keys[i + j], .key_len = 8,
				.value = &values[j], .value_cap = 8,
			};
		speed_expect(gomap_lookup_many(map, queries, SPEED_BULK) ==
			     SPEED_BULK);
		for (size_t j = 0; j < SPEED_BULK; j++)
			sum += values[j];
	}
	return sum;
}

static void remove_keys(void *map, const speed_u64 *keys, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		speed_expect(gomap_delete(map, &keys[i], 8) == 1);
	}
}

const struct speed_peer speed_gomap = {
	.name = "gomap",
	.create = create,
	.destroy = destroy,
	.insert = insert,
	.hit = hit,
	.miss = miss,
	.bulk = bulk,
	.breathe = speed_breathe,
	.remove = remove_keys,
};

const struct speed_peer speed_gomap_trusted = {
	.name = "gomap, trusted keys",
	.create = create_trusted,
	.destroy = destroy,
	.insert = insert,
	.hit = hit,
	.miss = miss,
	.bulk = bulk,
	.breathe = speed_breathe,
	.remove = remove_keys,
};
