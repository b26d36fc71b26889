// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_rhashtable.c - the kernel's resizable hash table, from its own source,
 * used as its users do: an object of its own for each entry, freed after a grace
 * period, and the inline functions that know the size of the key.
 */
#include <linux/rhashtable.h>

#include "speed.h"

struct entry {
	speed_key key;
	speed_value value;
	struct rhash_head node;
	struct rcu_head rcu;
};

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct entry, node),
	.key_offset = offsetof(struct entry, key),
	.key_len = SPEED_KEY,
	.automatic_shrinking = true,
};

static void *create(size_t entries)
{
	struct rhashtable_params own = params;
	struct rhashtable *table = calloc(1, sizeof(*table));

	own.nelem_hint = min_t(size_t, entries, UINT16_MAX);
	speed_expect(table && !rhashtable_init(table, &own));
	return table;
}

static void free_entry(void *entry, void *arg)
{
	free(entry);
}

static void destroy(void *table)
{
	speed_rhashtable_breathe(table);
	rhashtable_free_and_destroy(table, free_entry, NULL);
	speed_breathe(table);
	free(table);
}

static inline void insert_one(void *table, speed_u64 name)
{
	struct entry *entry = malloc(sizeof(*entry));

	speed_expect(!!entry);
	entry->key = speed_key_of(name);
	speed_set(&entry->value, name);
	speed_expect(!rhashtable_insert_fast(table, &entry->node, params));
}

/* A section of its own, since the value is copied. */
static inline bool find_one(void *table, speed_u64 name, speed_value *value)
{
	speed_key key = speed_key_of(name);
	struct entry *entry;

	rcu_read_lock();
	entry = rhashtable_lookup(table, &key, params);
	if (entry)
		*value = entry->value;
	rcu_read_unlock();
	return entry;
}

static void free_rcu_entry(struct rcu_head *head)
{
	free(container_of(head, struct entry, rcu));
}

static inline bool remove_one(void *table, speed_u64 name)
{
	speed_key key = speed_key_of(name);
	struct entry *entry = rhashtable_lookup_fast(table, &key, params);

	if (!entry || rhashtable_remove_fast(table, &entry->node, params))
		return false;
	call_rcu(&entry->rcu, free_rcu_entry);
	return true;
}

static speed_u64 iterate(void *table, const speed_u64 *names, size_t nr)
{
	struct rhashtable_iter iter;
	struct entry *entry;
	speed_u64 sum = 0;

	rhashtable_walk_enter(table, &iter);
	rhashtable_walk_start(&iter);
	while ((entry = rhashtable_walk_next(&iter))) {
		speed_expect(!IS_ERR(entry));
		sum += speed_sum(&entry->value);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return sum;
}

#include "speed_loops.h"

const struct speed_peer SPEED_PEER(rhashtable) = {
	SPEED_LOOPS,
	.name = "rhashtable",
	.for_threads = true,
	.create = create,
	.destroy = destroy,
	.iterate = iterate,
	.breathe = speed_rhashtable_breathe,
};
