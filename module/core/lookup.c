// SPDX-License-Identifier: GPL-2.0-only
/*
 * lookup.c - readers: section 5 of core.h.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>

#include "../compat.h"
#include "core.h"

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
static int read_chain(const struct gomap *m, const struct gomap_table *t,
		      const struct gomap_home *home, struct gomap_read *r)
{
	struct gomap_slot_ref ref;
	const void *content;
	u32 len;

	if (!chain_find(&m->layout, t->arena, home, &r->key, &ref))
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
	data_race(memcpy(r->value, content, len));
	return len;
}

/* One attempt without a lock.  -EAGAIN: what was seen means nothing. */
static int try_read(const struct gomap *m, const struct gomap_table *t,
		    struct gomap_read *r)
{
	struct gomap_home home = table_home(t, &r->key);
	u32 version;
	int ret;

	if (!home.head)
		return -ENOENT;
	if (!chain_read_begin(home.head, &version))
		return -EAGAIN;
	/* Since table_home() looked, or because this table is outdated. */
	if (bucket_is_evacuated(home.head))
		return -EAGAIN;
	ret = read_chain(m, t, &home, r);
	return chain_read_valid(home.head, version) ? ret : -EAGAIN;
}

static int read_lockless(const struct gomap *m, struct gomap_read *r)
{
	const struct gomap_table *t, *hashed_for = NULL;
	int i, ret = -EAGAIN;

	rcu_read_lock();
	for (i = 0; i < READ_TRIES && ret == -EAGAIN; i++) {
		t = rcu_dereference(m->table);
		if (t != hashed_for)
			table_hash_key(t, &r->key);
		hashed_for = t;
		ret = try_read(m, t, r);
	}
	rcu_read_unlock();
	return ret;
}

static int read_locked(struct gomap *m, struct gomap_read *r)
{
	struct gomap_stripe *stripe;
	struct gomap_home home;
	struct gomap_table *t;
	int ret;

	t = stripe_lock_key(m, &r->key, &stripe);
	home = table_home(t, &r->key);
	stripe_assert_held(m, t, home.hash);
	ret = home.head ? read_chain(m, t, &home, r) : -ENOENT;
	stripe_unlock(stripe);
	return ret;
}

static int read_map(struct gomap *m, struct gomap_read *r)
{
	int ret = read_lockless(m, r);

	if (ret != -EAGAIN)
		return ret;
	if (!gomap_may_wait_for_writers())
		return -EAGAIN;
	atomic64_inc(&m->read_retries);
	return read_locked(m, r);
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
