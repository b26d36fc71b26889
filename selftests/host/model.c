// SPDX-License-Identifier: GPL-2.0-only
/*
 * model.c - the naive map, and the comparison of the core with it.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "test.h"

u64 random_below(u64 *random, u64 n)
{
	return test_random(random) % n;
}

/* The order of keys: that of their bytes, a prefix before what it begins. */
static int compare_keys(const void *a, u32 a_len, const void *b, u32 b_len)
{
	u32 len = a_len < b_len ? a_len : b_len;
	int order = len ? memcmp(a, b, len) : 0;

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int compare_entries(const void *a, const void *b)
{
	const struct model_entry *x = a, *y = b;

	return compare_keys(x->key, x->key_len, y->key, y->key_len);
}

/* Lengths near both ends are more likely to be wrong than those between. */
static u32 length_draw(u32 max, u64 *random)
{
	switch (random_below(random, 8)) {
	case 0:
		return random_below(random, max < 9 ? max + 1 : 9);
	case 1:
		return max - random_below(random, max < 9 ? max + 1 : 9);
	default:
		return random_below(random, max + 1);
	}
}

/*
 * A key: random, or another one with a single byte changed, or of a different
 * length, so that comparisons have to look at every byte and at the length.
 */
static void draw_key(struct model *model, u32 i, u64 *random)
{
	u32 max = model->params.key_size;
	bool var = model->params.flags & GOMAP_F_VAR_KEY;
	struct model_entry *e = &model->entries[i];
	u32 at;

	e->key_len = var ? length_draw(max, random) : max;
	e->key = calloc(1, max);
	if (i && random_below(random, 2)) {
		at = random_below(random, i);
		memcpy(e->key, model->entries[at].key, max);
		e->key[random_below(random, max)] = test_random(random);
	} else {
		value_fill(e->key, max, test_random(random));
	}
}

static void drop_duplicates(struct model *model)
{
	u32 i, kept = 1;

	for (i = 1; i < model->nr; i++) {
		if (compare_entries(&model->entries[kept - 1],
				    &model->entries[i]))
			model->entries[kept++] = model->entries[i];
		else
			free(model->entries[i].key);
	}
	model->nr = kept;
}

/* About @nr_keys keys; fewer where so many are not to be had. */
struct model *model_create(const struct gomap_params *params, u32 nr_keys,
			   u64 *random)
{
	struct model *model = calloc(1, sizeof(*model));
	u32 i;

	model->params = *params;
	model->entries = calloc(nr_keys, sizeof(*model->entries));
	model->nr = nr_keys;
	for (i = 0; i < nr_keys; i++)
		draw_key(model, i, random);
	qsort(model->entries, nr_keys, sizeof(*model->entries),
	      compare_entries);
	drop_duplicates(model);
	return model;
}

void model_destroy(struct model *model)
{
	u32 i;

	for (i = 0; i < model->nr; i++)
		free(model->entries[i].key);
	free(model->entries);
	free(model);
}

struct model_entry *model_find(const struct model *model, const void *key,
			       u32 key_len)
{
	struct model_entry sought = { .key = (u8 *)key, .key_len = key_len };

	return bsearch(&sought, model->entries, model->nr, sizeof(sought),
		       compare_entries);
}

void model_set(struct model *model, struct model_entry *e, u64 value_seed,
	       u32 value_len)
{
	model->len += !e->present;
	e->present = true;
	e->value_seed = value_seed;
	e->value_len = value_len;
}

void model_remove(struct model *model, struct model_entry *e)
{
	model->len -= e->present;
	e->present = false;
}

void model_clear(struct model *model)
{
	u32 i;

	for (i = 0; i < model->nr; i++)
		model_remove(model, &model->entries[i]);
}

void value_fill(void *value, u32 len, u64 seed)
{
	u32 at, n;
	u64 word;

	for (at = 0; at < len; at += n) {
		word = test_random(&seed);
		n = len - at < sizeof(word) ? len - at : sizeof(word);
		memcpy((u8 *)value + at, &word, n);
	}
}

u32 value_len_draw(const struct model *model, u64 *random)
{
	if (model->params.flags & GOMAP_F_VAR_VALUE)
		return length_draw(model->params.value_size, random);
	return model->params.value_size;
}

/* Room for the longest key and value, and for what was expected instead. */
struct room {
	u8 key[GOMAP_KEY_SIZE_MAX];
	u8 value[GOMAP_VALUE_SIZE_MAX];
	u8 expected[GOMAP_VALUE_SIZE_MAX];
};

static bool value_is(const struct model_entry *e, struct room *room, u32 len)
{
	if (len != e->value_len)
		return false;
	value_fill(room->expected, len, e->value_seed);
	return !memcmp(room->value, room->expected, len);
}

static const char *compare_by_lookup(const struct model *model,
				     struct gomap *map, struct room *room)
{
	const struct model_entry *e;
	int ret;

	for (e = model->entries; e < model->entries + model->nr; e++) {
		ret = gomap_lookup(map, e->key, e->key_len, room->value,
				   sizeof(room->value));
		if (!e->present && ret != -ENOENT)
			return "a lookup found a key that should be absent";
		if (e->present && ret < 0)
			return "a lookup did not find a key";
		if (e->present && !value_is(e, room, ret))
			return "a lookup returned a wrong value";
	}
	return NULL;
}

static const char *compare_entry(const struct model *model, struct room *room,
				 const struct gomap_entry *entry, u8 *seen)
{
	const struct model_entry *e = model_find(model, room->key,
						 entry->key_len);

	if (!e || !e->present)
		return "an iteration returned a key that should be absent";
	if (!value_is(e, room, entry->value_len))
		return "an iteration returned a wrong value";
	if (seen[e - model->entries]++)
		return "an iteration returned a key twice";
	return NULL;
}

static const char *compare_by_iteration(const struct model *model,
					struct gomap *map, struct room *room)
{
	struct gomap_entry entry = {
		.key = room->key,
		.value = room->value,
		.key_cap = sizeof(room->key),
		.value_cap = sizeof(room->value),
	};
	u8 *seen = calloc(model->nr, 1);
	const char *wrong = NULL;
	struct gomap_iter it;
	u32 nr = 0;
	int ret;

	gomap_iter_begin(&it, map);
	while (!wrong && (ret = gomap_iter_next(&it, &entry)) == 1) {
		wrong = compare_entry(model, room, &entry, seen);
		nr++;
	}
	gomap_iter_end(&it);
	free(seen);
	if (wrong)
		return wrong;
	if (ret)
		return "an iteration ended with an error";
	return nr == model->len ? NULL : "an iteration left out a key";
}

/* All of the contents.  NULL: they are equal; else what is not, in words. */
const char *model_compare(const struct model *model, struct gomap *map)
{
	static struct room room;
	const char *wrong;

	if (gomap_len(map) != model->len)
		return "the length is wrong";
	wrong = compare_by_lookup(model, map, &room);
	if (!wrong)
		wrong = compare_by_iteration(model, map, &room);
	if (!wrong && gomap_check(map))
		wrong = "gomap_check() found an invariant broken";
	return wrong;
}
