// SPDX-License-Identifier: GPL-2.0-only
/*
 * kspeed_gomap.c - what is measured: a map with the default hash, and one with
 * the hash for trusted keys; keys looked up one by one, and several at once.
 */
#include <linux/gomap.h>

#include "kspeed.h"

static void *create(u32 entries, bool presized, u32 flags)
{
	struct gomap_params params = {
		.key_size = sizeof(u64),
		.value_size = sizeof(u64),
		.hint = presized ? entries : 0,
		.flags = flags,
	};

	return gomap_create(&params);
}

static void *create_keyed(u32 entries, bool presized)
{
	return create(entries, presized, 0);
}

static void *create_trusted(u32 entries, bool presized)
{
	return create(entries, presized, GOMAP_F_TRUSTED_KEYS);
}

static void settle(void *table)
{
	gomap_finish_resize(table);
	gomap_barrier();
}

static void destroy(void *table)
{
	gomap_put(table);
	gomap_barrier();
}

static __always_inline bool find(void *table, u64 key, u64 *value)
{
	return gomap_lookup(table, &key, sizeof(key), value, sizeof(*value)) ==
	       sizeof(*value);
}

static __always_inline int insert(void *table, u64 key)
{
	u64 value = kspeed_value(key);

	return gomap_insert(table, &key, sizeof(key), &value, sizeof(value),
			    GFP_KERNEL);
}

static __always_inline int remove(void *table, u64 key)
{
	int existed = gomap_delete(table, &key, sizeof(key));

	return existed == 1 ? 0 : -ENOENT;
}

u32 kspeed_gomap_find(void *table, const struct kspeed_questions *questions)
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

#define AT_ONCE_MAX	64U

/* The questions are written down each time, as one who has them would. */
static u32 find_some(void *table, const struct kspeed_questions *questions,
		     u32 from, u32 nr)
{
	static struct gomap_query queries[AT_ONCE_MAX];
	static u64 keys[AT_ONCE_MAX], values[AT_ONCE_MAX];
	u32 i, found = 0;

	for (i = 0; i < nr; i++) {
		keys[i] = kspeed_question(questions, from + i);
		queries[i].key = &keys[i];
		queries[i].key_len = sizeof(keys[i]);
		queries[i].value = &values[i];
		queries[i].value_cap = sizeof(values[i]);
	}
	if (!gomap_lookup_many(table, queries, nr))
		return 0;
	for (i = 0; i < nr; i++)
		found += queries[i].result == sizeof(values[i]) &&
			 values[i] == kspeed_value(keys[i]);
	return found;
}

static u32 find_many(void *table, const struct kspeed_questions *questions,
		     u32 at_once)
{
	u32 from, found = 0;

	for (from = 0; from < questions->nr; from += at_once)
		found += find_some(table, questions, from,
				   min(at_once, questions->nr - from));
	return found;
}

u32 kspeed_gomap_find_8(void *table, const struct kspeed_questions *questions)
{
	return find_many(table, questions, 8);
}

u32 kspeed_gomap_find_32(void *table, const struct kspeed_questions *questions)
{
	return find_many(table, questions, 32);
}

u32 kspeed_gomap_find_64(void *table, const struct kspeed_questions *questions)
{
	return find_many(table, questions, AT_ONCE_MAX);
}

const struct kspeed_kind kspeed_gomap = {
	.name = "gomap",
	.create = create_keyed,
	.settle = settle,
	.destroy = destroy,
	.insert = insert_all,
	.remove = remove_all,
};

const struct kspeed_kind kspeed_gomap_trusted = {
	.name = "gomap, trusted keys",
	.create = create_trusted,
	.settle = settle,
	.destroy = destroy,
	.insert = insert_all,
	.remove = remove_all,
};
