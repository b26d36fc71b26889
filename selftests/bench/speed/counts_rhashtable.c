// SPDX-License-Identifier: GPL-2.0-only
/*
 * counts_rhashtable.c - the same of rhashtable, which is compiled here once more so
 * that it can be counted what its lookups touch.
 */
#include "speed_rhashtable.c"

#include "counts.h"

static void add_object(struct counts_map *to, const struct entry *e, bool is_first)
{
	counts_add(to, &e->key, sizeof(e->key), is_first ? COUNTS_KEY : COUNTS_OVERFLOW,
		   COUNTS_A_KEY);
	counts_add(to, &e->node, sizeof(e->node),
		   is_first ? COUNTS_KEY : COUNTS_OVERFLOW, COUNTS_NOTHING);
	counts_add(to, &e->value, sizeof(e->value),
		   is_first ? COUNTS_VALUE : COUNTS_OVERFLOW, COUNTS_NOTHING);
}

/* Of a table at rest. */
void SPEED_PEER(map_rhashtable)(void *table, speed_u64 name, struct counts_map *to)
{
	struct rhashtable *ht = table;
	struct bucket_table *tbl = ht->tbl;
	speed_key key = speed_key_of(name);
	struct rhash_head *pos;
	unsigned int hash = rht_key_hashfn(ht, tbl, &key, params);
	bool is_first = true;

	to->nr = 0;
	counts_add(to, ht, sizeof(*ht), COUNTS_DESCRIPTOR, COUNTS_NOTHING);
	counts_add(to, tbl, offsetof(struct bucket_table, buckets),
		   COUNTS_DESCRIPTOR, COUNTS_NOTHING);
	counts_add(to, rht_bucket(tbl, hash), sizeof(void *), COUNTS_HEAD,
		   COUNTS_A_BUCKET);
	rht_for_each(pos, tbl, hash) {
		add_object(to, container_of(pos, struct entry, node), is_first);
		is_first = false;
	}
}
