// SPDX-License-Identifier: GPL-2.0-only
/*
 * kspeed_rhashtable.c - the kernel's resizable hash table as its users have it:
 * inlined, with the hash that it chooses by itself, and a kmalloc() for each
 * entry.
 *
 * A deleted entry is freed at once, since nobody reads meanwhile; its users pay
 * for a grace period on top.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "kspeed.h"

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

static void *create(u32 entries, bool presized)
{
	struct rhashtable *table = kzalloc(sizeof(*table), GFP_KERNEL);
	struct rhashtable_params own = params;
	int err;

	if (!table)
		return ERR_PTR(-ENOMEM);
	/* It takes no more than 65535 for a hint. */
	if (presized)
		own.nelem_hint = min(entries, (u32)U16_MAX);
	err = rhashtable_init(table, &own);
	if (!err)
		return table;
	kfree(table);
	return ERR_PTR(err);
}

static bool grows(struct rhashtable *table)
{
	struct bucket_table *buckets;
	bool more;

	rcu_read_lock();
	buckets = rcu_dereference(table->tbl);
	more = rcu_access_pointer(buckets->future_tbl) ||
	       rht_grow_above_75(table, buckets);
	rcu_read_unlock();
	return more;
}

/* It does so in the background. */
static void settle(void *table)
{
	while (grows(table))
		msleep(20);
}

static void free_entry(void *entry, void *unused)
{
	kfree(entry);
}

static void destroy(void *table)
{
	rhashtable_free_and_destroy(table, free_entry, NULL);
	kfree(table);
}

static __always_inline bool find(void *table, u64 key, u64 *value)
{
	struct entry *entry;

	rcu_read_lock();
	entry = rhashtable_lookup(table, &key, params);
	if (entry)
		*value = entry->value;
	rcu_read_unlock();
	return entry;
}

static __always_inline int insert(void *table, u64 key)
{
	struct entry *entry = kmalloc(sizeof(*entry), GFP_KERNEL);
	int err;

	if (!entry)
		return -ENOMEM;
	entry->key = key;
	entry->value = kspeed_value(key);
	err = rhashtable_lookup_insert_fast(table, &entry->node, params);
	if (err)
		kfree(entry);
	return err;
}

static __always_inline int remove(void *table, u64 key)
{
	struct entry *entry;
	int err = -ENOENT;

	rcu_read_lock();
	entry = rhashtable_lookup(table, &key, params);
	if (entry)
		err = rhashtable_remove_fast(table, &entry->node, params);
	rcu_read_unlock();
	if (!err)
		kfree(entry);
	return err;
}

u32 kspeed_rhashtable_find(void *table,
			   const struct kspeed_questions *questions)
{
	return kspeed_find_each(table, questions, find);
}

static int insert_all(void *table, u64 first, u32 nr)
{
	return kspeed_insert_each(table, first, nr, insert);
}

static int remove_all(void *table, const u32 *indices, u32 nr)
{
	return kspeed_remove_each(table, indices, nr, remove);
}

const struct kspeed_kind kspeed_rhashtable = {
	.name = "rhashtable",
	.create = create,
	.settle = settle,
	.destroy = destroy,
	.insert = insert_all,
	.remove = remove_all,
};
