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
#include "shape.h"
#include "stripe.h"

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

/* Copy a value out that was found, in a chain that may be being written. */
static __always_inline int read_value(const struct gomap_layout *layout,
				      const struct gomap_table *t,
				      const struct gomap_slot_ref *ref,
				      struct gomap_read *r)
{
	const void *content;
	u32 len;

	content = field_get(&layout->value, t->arena, ref->bucket, ref->slot,
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
static __always_inline int not_found(u64 tophash)
{
	return gomap_tophash_is_evacuated(tophash) ? -EAGAIN : -ENOENT;
}

/*
 * Search a chain and copy the value out.  May be looking at a chain that is
 * being written: then the answer is worth nothing, but safe to get.
 */
static __always_inline int read_chain(const struct gomap_layout *layout,
				      const struct gomap_table *t,
				      const struct gomap_home *home,
				      struct gomap_read *r)
{
	struct gomap_slot_ref ref;

	if (!chain_search(layout, t->arena, home, &r->key, &ref))
		return not_found(READ_ONCE(home->head->tophash));
	return read_value(layout, t, &ref, r);
}

/* The same of its first bucket.  -EAGAIN also: that does not say it all. */
static __always_inline int read_head(const struct gomap_layout *layout,
				     const struct gomap_table *t,
				     const struct gomap_home *home,
				     struct gomap_read *r)
{
	struct gomap_bucket *head = home->head;
	u64 tophash = READ_ONCE(head->tophash);
	struct gomap_slot_ref ref;

	if (bucket_search(layout, t->arena, head, tophash, home->hash, &r->key,
			  &ref))
		return read_value(layout, t, &ref, r);
	return unlikely(READ_ONCE(head->overflow)) ? -EAGAIN :
						     not_found(tophash);
}

/*
 * One attempt without a lock.  -EAGAIN: what was seen means nothing, or, where
 * only the first bucket of the chain was to be looked at, is not enough.
 */
static __always_inline int try_read(const struct gomap_layout *layout,
				    const struct gomap_table *t,
				    const struct gomap_home *home,
				    struct gomap_read *r, const bool head_only)
{
	u32 version;
	int ret;

	if (!home->head)
		return -ENOENT;
	prefetch_slots(home->head, layout);
	if (!chain_read_begin(home->head, &version))
		return -EAGAIN;
	ret = head_only ? read_head(layout, t, home, r) :
			  read_chain(layout, t, home, r);
	return chain_read_valid(home->head, version) ? ret : -EAGAIN;
}

/*
 * The first look at a key, in a settled table.  Where keys and values have one
 * size and lie in their slots it calls nothing: so all that it knows stays in the
 * registers that it may use.
 */
static __always_inline int look(const struct gomap *m,
				const struct gomap_layout *layout,
				struct gomap_read *r)
{
	const struct gomap_table *t;
	struct gomap_home home;
	int ret = -EAGAIN;

	rcu_read_lock();
	t = rcu_dereference(m->table);
	if (likely(!t->old)) {
		table_hash_key_once(t, &r->key,
				    field_len(&layout->key, r->key.len));
		home = settled_home(t, r->key.hash, layout->bucket_size);
		ret = try_read(layout, t, &home, r, true);
	}
	rcu_read_unlock();
	return ret;
}

static int read_lockless(const struct gomap *m, struct gomap_read *r)
{
	const struct gomap_layout *layout = &m->layout;
	const struct gomap_table *t;
	struct gomap_home home;
	int ret;

	rcu_read_lock();
	t = rcu_dereference(m->table);
	table_hash_key(t, &r->key, field_len(&layout->key, r->key.len));
	home = table_home(t, &r->key, layout->bucket_size);
	ret = try_read(layout, t, &home, r, false);
	rcu_read_unlock();
	return ret;
}

static int read_locked(struct gomap *m, struct gomap_read *r)
{
	struct gomap_stripe *stripe;
	struct gomap_home home;
	struct gomap_table *t;
	int ret;

	t = stripe_lock_key(m, &m->layout, &r->key, &stripe, &home);
	stripe_assert_held(m, t, home.hash);
	ret = home.head ? read_chain(&m->layout, t, &home, r) : -ENOENT;
	stripe_unlock(stripe);
	return ret;
}

/* Attempts, for each of which the table may be another one, and then the lock. */
static int read_in_the_end(struct gomap *m, struct gomap_read *r)
{
	int i, ret = -EAGAIN;

	for (i = 0; i < READ_TRIES && ret == -EAGAIN; i++)
		ret = read_lockless(m, r);
	if (ret == -EAGAIN && gomap_may_wait_for_writers()) {
		atomic64_inc(&m->read_retries);
		ret = read_locked(m, r);
	}
	return ret;
}

/*
 * A lookup for which one look was not enough: the chain has overflow buckets, a
 * writer was inside, or a resize is under way.
 */
static noinline int read_again(struct gomap *m, const void *key, u32 key_len,
			       void *value, u32 value_cap)
{
	struct gomap_read r = {
		.key = { .data = key, .len = key_len },
		.value = value,
		.value_cap = value_cap,
	};

	return read_in_the_end(m, &r);
}

/*
 * A lookup of a map with this layout.  What look() leaves is a call at its end,
 * for which nothing has to be kept: each instruction less is one that the next
 * lookup is ahead, see shape.h.
 */
static __always_inline int lookup(struct gomap *m,
				  const struct gomap_layout *layout,
				  const void *key, u32 key_len, void *value,
				  u32 value_cap)
{
	struct gomap_read r = {
		.key = { .data = key, .len = key_len },
		.value = value,
		.value_cap = value_cap,
	};
	int ret;

	if (!field_accepts(&layout->key, key_len))
		return -EMSGSIZE;
	ret = look(m, layout, &r);
	if (likely(ret != -EAGAIN))
		return ret;
	return read_again(m, key, key_len, value, value_cap);
}

#define DEFINE_LOOKUP(name, shape)					\
static noinline int lookup_##name(struct gomap *m, const void *key,	\
				  u32 key_len, void *value,		\
				  u32 value_cap)			\
{									\
	const struct gomap_layout layout =				\
		shape_layout(shape, &m->layout);			\
									\
	return lookup(m, &layout, key, key_len, value, value_cap);	\
}
DEFINE_FOR_SHAPES(DEFINE_LOOKUP)

int gomap_lookup(struct gomap *map, const void *key, u32 key_len, void *value,
		 u32 value_cap)
{
	if (!map)
		return -ENOENT;
	return call_by_shape(map->shape, lookup, map, key, key_len, value,
			     value_cap);
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
	len = read_in_the_end(map, &r);
	if (len < 0)
		return ERR_PTR(len);
	if (value_len)
		*value_len = len;
	return r.found;
}
EXPORT_SYMBOL_GPL(gomap_lookup_rcu);

/*
 * Keys that are hashed before the first of them is looked for: with 32, ten
 * million entries take 22 ns each, and with 16 of them 29 ns, for each group
 * waits for its first key once.  Only their hashes are kept, in 256 bytes of a
 * stack that may be an interrupt's.
 */
#define READ_GROUP		32U

/* Have the chain fetched that was home to a key, and most likely still is. */
static __always_inline void prefetch_home(const struct gomap_table *t, u64 hash,
					  const struct gomap_layout *layout)
{
	u32 size = layout->bucket_size;

	if (unlikely(t->old))
		prefetch_chain(array_old_bucket(t->old, hash &
						array_mask(t->old), size),
			       layout);
	prefetch_chain(settled_home(t, hash, size).head, layout);
}

static __always_inline int read_query(const struct gomap_layout *layout,
				      const struct gomap_table *t,
				      const struct gomap_query *query, u64 hash)
{
	struct gomap_read r = {
		.key = {
			.data = query->key,
			.len = query->key_len,
			.hash = hash,
			.old_hash = hash,
		},
		.value = query->value,
		.value_cap = query->value_cap,
	};
	struct gomap_home home = table_home(t, &r.key, layout->bucket_size);

	return try_read(layout, t, &home, &r, false);
}

/* Look for all keys of a group together; where that is not enough, -EAGAIN. */
static __always_inline void look_for_group(const struct gomap_layout *layout,
					   const struct gomap_table *t,
					   struct gomap_query *queries, u32 nr)
{
	u64 hashes[READ_GROUP];
	u32 i;

	for (i = 0; i < nr; i++) {
		if (queries[i].result != -EAGAIN)
			continue;
		hashes[i] = gomap_hash(&t->seed, queries[i].key,
				       field_len(&layout->key,
						 queries[i].key_len));
		prefetch_home(t, hashes[i], layout);
	}
	for (i = 0; i < nr; i++)
		if (queries[i].result == -EAGAIN)
			queries[i].result = read_query(layout, t, &queries[i],
						       hashes[i]);
}

static __always_inline u32 read_group(struct gomap *m,
				      const struct gomap_layout *layout,
				      struct gomap_query *queries, u32 nr)
{
	const struct gomap_table *t;
	struct gomap_query *query;
	u32 i, found = 0;

	for (i = 0; i < nr; i++)
		queries[i].result =
			field_accepts(&layout->key, queries[i].key_len) ?
			-EAGAIN : -EMSGSIZE;

	rcu_read_lock();
	t = rcu_dereference(m->table);
	if (likely(!t->old) || !table_is_rekeying(t))
		look_for_group(layout, t, queries, nr);
	rcu_read_unlock();

	for (i = 0, query = queries; i < nr; i++, query++) {
		if (unlikely(query->result == -EAGAIN))
			query->result = read_again(m, query->key,
						   query->key_len,
						   query->value,
						   query->value_cap);
		found += query->result >= 0;
	}
	return found;
}

#define DEFINE_READ_GROUP(name, shape)					\
static noinline u32 read_group_##name(struct gomap *m,			\
				      struct gomap_query *queries,	\
				      u32 nr)				\
{									\
	const struct gomap_layout layout =				\
		shape_layout(shape, &m->layout);			\
									\
	return read_group(m, &layout, queries, nr);			\
}
DEFINE_FOR_SHAPES(DEFINE_READ_GROUP)

static u32 refuse_queries(struct gomap_query *queries, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		queries[i].result = -ENOENT;
	return 0;
}

u32 gomap_lookup_many(struct gomap *map, struct gomap_query *queries, u32 nr)
{
	u32 i, group, found = 0;

	if (!map)
		return refuse_queries(queries, nr);
	for (i = 0; i < nr; i += group) {
		group = min(nr - i, READ_GROUP);
		found += call_by_shape(map->shape, read_group, map,
				       queries + i, group);
	}
	return found;
}
EXPORT_SYMBOL_GPL(gomap_lookup_many);
