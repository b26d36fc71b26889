// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_urcu.c - liburcu's lock-free table, with readers that cost nothing: the
 * flavour of RCU in which a thread says when it is outside of all sections.
 *
 * It is resized when there are more entries than buckets, as it does by itself, but
 * here, in a breath: its own thread for that has the same CPU, and is starved or
 * never woken while we are busy, which is no property of the table.
 */
#include <urcu/urcu-qsbr.h>
#include <urcu/rculfhash.h>

#include "speed.h"

struct entry {
	speed_key key;
	speed_value value;
	struct cds_lfht_node node;
	struct rcu_head rcu;
};

/**
 * struct table - what the library has, and what it takes to know when it is full.
 * @lfht: That.
 * @entries: In it.
 * @buckets: A power of two.
 */
struct table {
	struct cds_lfht *lfht;
	size_t entries, buckets;
};

/* The user of this table brings the hash along: a product of 128 bits. */
static inline unsigned long hash(const speed_key *key)
{
	unsigned long h = 0;

	for (size_t i = 0; i < SPEED_KEY / 8; i++) {
		__uint128_t product = (__uint128_t)(key->word[i] ^ h) *
				      0x9fb21c651e98df25ULL;

		h = (unsigned long)(product >> 64) ^ (unsigned long)product;
	}
	return h;
}

static int is_key(struct cds_lfht_node *node, const void *key)
{
	struct entry *entry = caa_container_of(node, struct entry, node);

	return !memcmp(&entry->key, key, SPEED_KEY);
}

static size_t buckets_for(size_t entries)
{
	size_t buckets = 1;

	while (buckets < entries)
		buckets *= 2;
	return buckets;
}

static void *create(size_t entries)
{
	struct table *table = calloc(1, sizeof(*table));

	speed_expect(!!table);
	urcu_qsbr_register_thread();
	table->buckets = buckets_for(entries);
	table->lfht = cds_lfht_new_flavor(table->buckets, 1, 0, 0,
					  &urcu_qsbr_flavor, NULL);
	speed_expect(!!table->lfht);
	return table;
}

static void free_entry(struct rcu_head *head)
{
	free(caa_container_of(head, struct entry, rcu));
}

static void destroy(void *p)
{
	struct table *table = p;
	struct cds_lfht_iter iter;
	struct entry *entry;

	cds_lfht_for_each_entry(table->lfht, &iter, entry, node) {
		cds_lfht_del(table->lfht, &entry->node);
		urcu_qsbr_call_rcu(&entry->rcu, free_entry);
	}
	urcu_qsbr_thread_offline();
	speed_expect(!cds_lfht_destroy(table->lfht, NULL));
	urcu_qsbr_barrier();
	urcu_qsbr_unregister_thread();
	free(table);
}

/* A thread that is busy would hold the grace periods of a resize up. */
static void breathe(void *p)
{
	struct table *table = p;

	urcu_qsbr_quiescent_state();
	if (table->entries <= table->buckets)
		return;
	while (table->buckets < table->entries)
		table->buckets *= 2;
	urcu_qsbr_thread_offline();
	cds_lfht_resize(table->lfht, table->buckets);
	urcu_qsbr_thread_online();
}

static inline void insert_one(void *p, speed_u64 name)
{
	struct table *table = p;
	struct entry *entry = malloc(sizeof(*entry));

	speed_expect(!!entry);
	entry->key = speed_key_of(name);
	speed_set(&entry->value, name);
	speed_expect(cds_lfht_add_unique(table->lfht, hash(&entry->key),
					 is_key, &entry->key, &entry->node) ==
		     &entry->node);
	table->entries++;
}

static inline struct entry *entry_of(struct table *table, const speed_key *key)
{
	struct cds_lfht_iter iter;
	struct cds_lfht_node *node;

	cds_lfht_lookup(table->lfht, hash(key), is_key, key, &iter);
	node = cds_lfht_iter_get_node(&iter);
	return node ? caa_container_of(node, struct entry, node) : NULL;
}

static inline bool find_one(void *table, speed_u64 name, speed_value *value)
{
	speed_key key = speed_key_of(name);
	struct entry *entry = entry_of(table, &key);

	if (entry)
		*value = entry->value;
	return entry;
}

static inline bool remove_one(void *p, speed_u64 name)
{
	struct table *table = p;
	speed_key key = speed_key_of(name);
	struct entry *entry = entry_of(table, &key);

	if (!entry || cds_lfht_del(table->lfht, &entry->node))
		return false;
	table->entries--;
	urcu_qsbr_call_rcu(&entry->rcu, free_entry);
	return true;
}

static speed_u64 iterate(void *p, const speed_u64 *names, size_t nr)
{
	struct table *table = p;
	struct cds_lfht_iter iter;
	struct entry *entry;
	speed_u64 sum = 0;

	cds_lfht_for_each_entry(table->lfht, &iter, entry, node)
		sum += speed_sum(&entry->value);
	return sum;
}

#include "speed_loops.h"

const struct speed_peer SPEED_PEER(urcu) = {
	SPEED_LOOPS,
	.name = "liburcu lfht",
	.create = create,
	.destroy = destroy,
	.iterate = iterate,
	.breathe = breathe,
};
