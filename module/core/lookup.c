// SPDX-License-Identifier: GPL-2.0-only
/*
 * lookup.c - readers: section 5 of core.h.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/prefetch.h>

#include "../compat.h"
#include "core.h"
#include "search.h"

/**
 * struct gomap_read - a lookup in progress.
 * @key: What is looked for.
 * @value: Where the value is copied to, or NULL.
 * @value_cap: Bytes of room there.
 * @found: Where the value lies.
 */
struct gomap_read {
	struct gomap_key key;
	void *value;
	u32 value_cap;
	const void *found;
};

/*
 * Search a chain and copy the value out.  May be looking at a chain that is
 * being written: then the answer is worth nothing, but safe to get.
 */
static __always_inline int read_chain(const struct gomap *m,
				      const struct gomap_table *t,
				      const struct gomap_home *home,
				      struct gomap_read *r,
				      const u32 search_len)
{
	struct gomap_slot_ref ref;
	const void *content;
	u32 len;

	if (!chain_search(&m->layout, t->arena, home, &r->key, &ref,
			  search_len))
		return -ENOENT;
	content = field_get(&m->layout.value, t->arena, ref.bucket, ref.slot,
			    &len);
	if (!content)
		return -ENOENT;
	r->found = content;
	if (!r->value)
		return len;
	if (len > r->value_cap)
		return -EMSGSIZE;
	/* May race with a writer; the version tells. */
	data_race(copy_bytes(r->value, content, len));
	return len;
}

/*
 * Nothing is found in a bucket whose entries have gone, since table_home()
 * looked, or because this table is outdated.  There is no acquire here: C, which
 * follows, keeps who starts over from a table older than the mark.
 */
static __always_inline bool bucket_was_left(const struct gomap_bucket *head)
{
	return gomap_tophash_is_evacuated(READ_ONCE(head->tophash));
}

/* One attempt without a lock.  -EAGAIN: what was seen means nothing. */
static __always_inline int try_read(const struct gomap *m,
				    const struct gomap_table *t,
				    struct gomap_read *r, const u32 search_len)
{
	struct gomap_home home = table_home(t, &r->key);
	u32 version;
	int ret;

	if (!home.head)
		return -ENOENT;
	prefetch_slots(home.head, m->layout.bucket_size);
	if (!chain_read_begin(home.head, &version))
		return -EAGAIN;
	ret = read_chain(m, t, &home, r, search_len);
	if (ret == -ENOENT && bucket_was_left(home.head))
		ret = -EAGAIN;
	return chain_read_valid(home.head, version) ? ret : -EAGAIN;
}

static __always_inline int read_lockless(const struct gomap *m,
					 struct gomap_read *r,
					 const u32 search_len)
{
	const struct gomap_table *t;
	int ret;

	rcu_read_lock();
	t = rcu_dereference(m->table);
	table_hash_key(t, &r->key, search_len ?: r->key.len);
	ret = try_read(m, t, r, search_len);
	rcu_read_unlock();
	return ret;
}

static int read_locked(struct gomap *m, struct gomap_read *r)
{
	struct gomap_stripe *stripe;
	struct gomap_home home;
	struct gomap_table *t;
	int ret;

	t = stripe_lock_key(m, &r->key, &stripe, &home);
	stripe_assert_held(m, t, home.hash);
	ret = home.head ? read_chain(m, t, &home, r, 0) : -ENOENT;
	stripe_unlock(stripe);
	return ret;
}

/*
 * What to do when the first attempt was spoiled: further ones, for each of which
 * the table may be another one, and then the lock.  The arguments are those of
 * gomap_lookup(), one by one, so that its common case stays in registers.
 */
static noinline int read_again(struct gomap *m, const void *key, u32 key_len,
			       void *value, u32 value_cap, const void **found)
{
	struct gomap_read r = {
		.key = { .data = key, .len = key_len },
		.value = value,
		.value_cap = value_cap,
	};
	int i, ret = -EAGAIN;

	for (i = 1; i < READ_TRIES && ret == -EAGAIN; i++)
		ret = read_lockless(m, &r, 0);
	if (ret == -EAGAIN && gomap_may_wait_for_writers()) {
		atomic64_inc(&m->read_retries);
		ret = read_locked(m, &r);
	}
	*found = r.found;
	return ret;
}

static __always_inline int read_map_of(struct gomap *m, struct gomap_read *r,
				       const u32 search_len)
{
	int ret = read_lockless(m, r, search_len);
	const void *found;

	if (likely(ret != -EAGAIN))
		return ret;
	ret = read_again(m, r->key.data, r->key.len, r->value, r->value_cap,
			 &found);
	r->found = found;
	return ret;
}

static __always_inline int read_map(struct gomap *m, struct gomap_read *r)
{
	switch (m->layout.search_len) {
	case 4:
		return read_map_of(m, r, 4);
	case 8:
		return read_map_of(m, r, 8);
	case 16:
		return read_map_of(m, r, 16);
	default:
		return read_map_of(m, r, 0);
	}
}

int gomap_lookup(struct gomap *map, const void *key, u32 key_len, void *value,
		 u32 value_cap)
{
	struct gomap_read r = {
		.key = { .data = key, .len = key_len },
		.value = value,
		.value_cap = value_cap,
	};

	if (!map)
		return -ENOENT;
	if (!field_accepts(&map->layout.key, key_len))
		return -EMSGSIZE;
	return read_map(map, &r);
}
EXPORT_SYMBOL_GPL(gomap_lookup);

const void *gomap_lookup_rcu(struct gomap *map, const void *key, u32 key_len,
			     u32 *value_len)
{
	struct gomap_read r = { .key = { .data = key, .len = key_len } };
	int len;

	RCU_LOCKDEP_WARN(!rcu_read_lock_any_held(),
			 "the value is good inside an RCU section only");
	if (!map)
		return ERR_PTR(-ENOENT);
	if (!(map->params.flags & GOMAP_F_STABLE))
		return ERR_PTR(-EOPNOTSUPP);
	if (!field_accepts(&map->layout.key, key_len))
		return ERR_PTR(-EMSGSIZE);
	len = read_map(map, &r);
	if (len < 0)
		return ERR_PTR(len);
	if (value_len)
		*value_len = len;
	return r.found;
}
EXPORT_SYMBOL_GPL(gomap_lookup_rcu);

/*
 * Keys that are hashed before the first of them is looked for: enough to hide the
 * time that memory takes behind the others, few enough that what was fetched
 * for the first is still in the nearest cache when the last one is hashed.
 */
#define READ_GROUP		16U

/* Have the chain fetched that was home to a key, and most likely still is. */
static __always_inline void prefetch_home(const struct gomap_table *t,
					  const struct gomap_key *key,
					  u32 bucket_size)
{
	if (unlikely(t->old))
		prefetch_chain(array_old_bucket(t->old, key->old_hash &
						array_mask(t->old)),
			       bucket_size);
	prefetch_chain(array_bucket(t->array,
				    key->hash & array_mask(t->array)),
		       bucket_size);
}

static __always_inline int read_query(const struct gomap *m,
				      const struct gomap_table *t,
				      const struct gomap_key *key,
				      const struct gomap_query *query,
				      const u32 search_len)
{
	struct gomap_read r = {
		.key = *key,
		.value = query->value,
		.value_cap = query->value_cap,
	};

	return try_read(m, t, &r, search_len);
}

/* May be on the stack of an interrupt: it keeps of a query what is its own. */
static __always_inline void read_group(struct gomap *m,
				       struct gomap_query *queries, u32 nr,
				       const u32 search_len)
{
	struct gomap_key keys[READ_GROUP], *key;
	const struct gomap_table *t;
	struct gomap_query *query;
	const void *found;
	u32 i;

	rcu_read_lock();
	t = rcu_dereference(m->table);
	for (i = 0, query = queries, key = keys; i < nr; i++, query++, key++) {
		key->data = query->key;
		key->len = query->key_len;
		query->result = -EMSGSIZE;
		if (!field_accepts(&m->layout.key, key->len))
			continue;
		table_hash_key(t, key, search_len ?: key->len);
		prefetch_home(t, key, m->layout.bucket_size);
		query->result = -EAGAIN;
	}
	for (i = 0, query = queries, key = keys; i < nr; i++, query++, key++)
		if (query->result == -EAGAIN)
			query->result = read_query(m, t, key, query,
						   search_len);
	rcu_read_unlock();

	for (i = 0, query = queries; i < nr; i++, query++)
		if (unlikely(query->result == -EAGAIN))
			query->result = read_again(m, query->key,
						   query->key_len,
						   query->value,
						   query->value_cap, &found);
}

static void read_group_of_any(struct gomap *m, struct gomap_query *queries,
			      u32 nr)
{
	switch (m->layout.search_len) {
	case 4:
		return read_group(m, queries, nr, 4);
	case 8:
		return read_group(m, queries, nr, 8);
	case 16:
		return read_group(m, queries, nr, 16);
	default:
		return read_group(m, queries, nr, 0);
	}
}

u32 gomap_lookup_many(struct gomap *map, struct gomap_query *queries, u32 nr)
{
	u32 i, group, found = 0;

	for (i = 0; i < nr && map; i += group) {
		group = min(nr - i, READ_GROUP);
		read_group_of_any(map, queries + i, group);
	}
	for (i = 0; i < nr; i++) {
		if (!map)
			queries[i].result = -ENOENT;
		found += queries[i].result >= 0;
	}
	return found;
}
EXPORT_SYMBOL_GPL(gomap_lookup_many);
