/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model.h - a map so naive that it is right: every key there may ever be, in
 * a sorted array, each with a note whether it is in the map and what value it
 * has.  What the core does is compared with it.
 */
#ifndef MODEL_H
#define MODEL_H

#include <linux/gomap.h>
#include <linux/types.h>

/* A number below @n, of the sequence that only depends on @random. */
u64 random_below(u64 *random, u64 n);

/**
 * struct model_entry - a key, and what is stored for it.
 * @key: The key.
 * @key_len: Bytes of it.
 * @present: It is in the map.
 * @value_seed: All bytes of the value follow from this.
 * @value_len: Bytes of the value.
 */
struct model_entry {
	u8 *key;
	u32 key_len;
	bool present;
	u64 value_seed;
	u32 value_len;
};

/**
 * struct model - the map that should be.
 * @params: As given to gomap_create(), too.
 * @entries: In the order of their keys.
 * @nr: How many keys there are.
 * @len: How many of them are in the map.
 */
struct model {
	struct gomap_params params;
	struct model_entry *entries;
	u32 nr;
	u32 len;
};

struct model *model_create(const struct gomap_params *params, u32 nr_keys,
			   u64 *random);
void model_destroy(struct model *model);
struct model_entry *model_find(const struct model *model, const void *key,
			       u32 key_len);
void model_set(struct model *model, struct model_entry *e, u64 value_seed,
	       u32 value_len);
void model_remove(struct model *model, struct model_entry *e);
void model_clear(struct model *model);

void value_fill(void *value, u32 len, u64 seed);
u32 value_len_draw(const struct model *model, u64 *random);

const char *model_compare(const struct model *model, struct gomap *map);

#endif /* MODEL_H */
