// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_rhashtable.c - the kernel's resizable hash table, from its own source,
 * used as its users do: an object of its own for each entry, freed after a grace
 * period, and the inline functions that know the size of the key.
 */
#include <linux/rhashtable.h>

#include "speed.h"

struct entry {
	u64 key;
	u64 value;
	struct rhash_head node;
	struct rcu_head rcu;
};

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct entry, node),
	.key_offset = offsetof(struct entry, key),
	.key_len = sizeof(u64),
	.automatic_shrinking = true,
};

/* A table has one kind of work, and there is one table at a time. */
static struct work_struct *due;

bool schedule_work(struct work_struct *work)
{
	due = work;
	return true;
}

static void breathe(void *table)
{
	struct work_struct *work;

	speed_breathe(table);
	while (due) {
		work = due;
		due = NULL;
		work->func(work);
	}
}

static void *create(size_t entries)
{
	struct rhashtable_params own = params;
	struct rhashtable *table = calloc(1, sizeof(*table));

	own.nelem_hint = entries;
	speed_expect(table && !rhashtable_init(table, &own));
	return table;
}

static void free_entry(void *entry, void *arg)
{
	free(entry);
}

static void destroy(void *table)
{
	breathe(table);
	rhashtable_free_and_destroy(table, free_entry, NULL);
	speed_breathe(table);
	free(table);
}

static void insert(void *table, const speed_u64 *keys, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct entry *entry = malloc(sizeof(*entry));

		speed_expect(!!entry);
		entry->key = keys[i];
		entry->value = ~keys[i];
		speed_expect(!rhashtable_insert_fast(table, &entry->node,
						     params));
	}
}

static speed_u64 hit(void *table, const speed_u64 *keys, size_t nr)
{
	speed_u64 sum = 0;

	for (size_t i = 0; i < nr; i++) {
		struct entry *entry = rhashtable_lookup_fast(table, &keys[i],
							     params);

		speed_expect(!!entry);
		sum += entry->value;
	}
	return sum;
}

static void miss(void *table, const speed_u64 *keys, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		speed_expect(!rhashtable_lookup_fast(table, &keys[i], params));
}

static void free_rcu_entry(struct rcu_head *head)
{
	free(container_of(head, struct entry, rcu));
}

static void remove_keys(void *table, const speed_u64 *keys, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct entry *entry = rhashtable_lookup_fast(table, &keys[i],
							     params);

		speed_expect(entry && !rhashtable_remove_fast(table,
							      &entry->node,
							      params));
		call_rcu(&entry->rcu, free_rcu_entry);
	}
}

const struct speed_peer speed_rhashtable = {
	.name = "rhashtable",
	.create = create,
	.destroy = destroy,
	.insert = insert,
	.hit = hit,
	.miss = miss,
	.breathe = breathe,
	.remove = remove_keys,
};
