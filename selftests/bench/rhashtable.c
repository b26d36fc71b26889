// SPDX-License-Identifier: GPL-2.0-only
/*
 * rhashtable.c - bytes that an entry of the kernel's resizable hash table takes,
 * keys and values of 8 bytes, one kmalloc() for each as its users do it: the
 * objects as large as kmalloc() makes them, and the array of buckets.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "bench.h"

/* Three quarters of 2^20 buckets: one more, and they double. */
#define FULL_LOAD	(3U << 18)

struct entry {
	struct rhash_head node;
	u64 key;
	u64 value;
};

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct entry, node),
	.key_offset = offsetof(struct entry, key),
	.key_len = sizeof(u64),
	.automatic_shrinking = true,
};

static int insert(struct rhashtable *table, u64 key)
{
	struct entry *entry = kmalloc(sizeof(*entry), GFP_KERNEL);
	int err;

	if (!entry)
		return -ENOMEM;
	entry->key = key;
	entry->value = key;
	err = rhashtable_insert_fast(table, &entry->node, params);
	if (err)
		kfree(entry);
	return err;
}

static int fill(struct rhashtable *table, u64 first, u64 nr)
{
	u64 key;
	int err = 0;

	for (key = first; key < first + nr && !err; key++)
		err = insert(table, key);
	return err;
}

static unsigned int settled_size(struct rhashtable *table)
{
	struct bucket_table *buckets;
	unsigned int size;

	rcu_read_lock();
	buckets = rcu_dereference(table->tbl);
	size = rcu_access_pointer(buckets->future_tbl) ? 0 : buckets->size;
	rcu_read_unlock();
	return size;
}

/* It grows in the background. */
static unsigned int wait_for_size(struct rhashtable *table)
{
	unsigned int size = 0;
	int entries = atomic_read(&table->nelems);

	while (entries > size / 4 * 3) {
		msleep(20);
		size = settled_size(table);
	}
	return size;
}

static void record(const char *figure, const char *what,
		   struct rhashtable *table)
{
	u64 size = wait_for_size(table);
	u64 bytes = PAGE_ALIGN(sizeof(struct bucket_table) +
			       size * sizeof(struct rhash_lock_head *));
	u64 entries = atomic_read(&table->nelems);

	bytes += entries * kmalloc_size_roundup(sizeof(struct entry));
	bench_record(figure, "rhashtable", what, 1000 * bytes / entries);
}

static void free_entry(void *entry, void *unused)
{
	kfree(entry);
}

int bench_memory_of_peers(const char *name)
{
	struct rhashtable table;
	int err = rhashtable_init(&table, &params);

	if (err)
		return err;
	err = fill(&table, 0, FULL_LOAD);
	if (!err) {
		record(name, "full", &table);
		err = fill(&table, FULL_LOAD, 1);
	}
	if (!err)
		record(name, "after a doubling", &table);
	rhashtable_free_and_destroy(&table, free_entry, NULL);
	return err;
}
