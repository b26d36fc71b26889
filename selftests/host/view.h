/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view.h - maps that are shown, and contents that are recognised where they are.
 */
#ifndef VIEW_H
#define VIEW_H

#include "life.h"
#include "window.h"

static inline const struct gomap_view_super *super_of(const struct life *life)
{
	return at_unit(life->w, 0);
}

static inline struct life begin(const struct gomap_params *params)
{
	struct life life = { .random = test_seed, .w = window_open() };

	life.map = window_map(life.w, *params);
	life.model = model_create(params, 1200, &life.random);
	return life;
}

static inline void end(struct life *life)
{
	CHECK_EQ(life->refused, 0);
	model_destroy(life->model);
	gomap_put(life->map);
	gomap_barrier();
	window_close(life->w);
}

#define SECRET_LEN	24

/* So many bytes that no others are the same by chance, and none is 0. */
static inline void fill_secret(u8 *p, u32 len, u64 number)
{
	for (u32 i = 0; i < len; i++)
		p[i] = 0x80 | test_random(&number);
}

static u8 secret_key[300], secret_value[2000];

static inline void store_secret(struct life *life, u64 number, u32 value_len)
{
	u32 key_len = life->map->params.key_size;

	fill_secret(secret_key, key_len, number);
	fill_secret(secret_value, value_len, ~number);
	CHECK(gomap_store(life->map, secret_key, key_len, secret_value,
			  value_len, GFP_KERNEL) >= 0);
}

static inline void surround(struct life *life, u64 first, u64 end)
{
	while (first < end)
		store_secret(life, first++, life->map->params.value_size);
}

#endif /* VIEW_H */
