/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * life.h - a map that is used at random, beside a model of what it should hold.
 */
#ifndef LIFE_H
#define LIFE_H

#include "model.h"
#include "numbers.h"

struct test_window;

/**
 * struct life - a map beside what it should hold.
 * @map: The map.
 * @w: Its window, if it has one.
 * @model: What it should hold.
 * @random: Decides what is done.
 * @refused: Calls that had no memory.
 */
struct life {
	struct gomap *map;
	struct test_window *w;
	struct model *model;
	u64 random;
	u64 refused;
};

static inline void store_any(struct life *life, struct model_entry *e)
{
	static u8 value[GOMAP_VALUE_SIZE_MAX];
	u32 len = value_len_draw(life->model, &life->random);
	u64 seed = test_random(&life->random);
	int ret;

	value_fill(value, len, seed);
	ret = gomap_store(life->map, e->key, e->key_len, value, len,
			  seed % 3 ? GFP_KERNEL : GFP_ATOMIC);
	if (ret == -ENOMEM) {
		life->refused++;
		return;
	}
	CHECK_EQ(ret, e->present);
	model_set(life->model, e, seed, len);
}

static inline void delete_any(struct life *life, struct model_entry *e)
{
	CHECK_EQ(gomap_delete(life->map, e->key, e->key_len), e->present);
	model_remove(life->model, e);
}

/* An entry is stored, of any that there may be, or, two times of five, deleted. */
static inline void change_entry(struct life *life)
{
	struct model *model = life->model;
	struct model_entry *e;

	e = &model->entries[random_below(&life->random, model->nr)];
	if (random_below(&life->random, 5) < 3)
		store_any(life, e);
	else
		delete_any(life, e);
}

#endif /* LIFE_H */
