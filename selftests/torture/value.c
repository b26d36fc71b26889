// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys and values that check themselves.
 *
 * Every byte of a key follows from the map and the key's number, every byte of
 * a value from these and the state that it stands for, its length included.  So
 * a value is wrong when any of its bytes is: when it was put together from two,
 * when it belongs to another key, or when its memory was used for something else.
 */
#include <linux/string.h>

#include "torture.h"

u64 mix(u64 x)
{
	x = (x ^ x >> 31) * 0xa0761d6478bd642fULL;
	x = (x ^ x >> 27) * 0xe7037ed1a0b428dbULL;
	return x ^ x >> 33;
}

static u64 mix3(u32 tag, u32 a, u32 b)
{
	return mix(mix((u64)tag << 32 | a) + b);
}

static u32 length_between(u32 min, u32 max, u64 random)
{
	return min + (u32)random % (max - min + 1);
}

static u32 key_len(const struct ground *g, u32 id)
{
	return length_between(g->shape->key_min, g->shape->key_max,
			      mix3(g->tag, id, 1));
}

static u64 key_head(const struct ground *g, u32 id)
{
	return (u64)g->tag << 32 | id;
}

static u32 value_len(const struct ground *g, u32 id, u32 state)
{
	return length_between(g->shape->value_min, g->shape->value_max,
			      mix3(g->tag, id, ~state));
}

/* A proof of the state and of whose it is, then the state. */
static u64 value_head(const struct ground *g, u32 id, u32 state)
{
	return mix3(g->tag, id, state) << 32 | state;
}

/* The words after the first; the last of them may be cut short. */
static void tail_make(u64 *words, u32 len, u64 seed)
{
	u32 i;

	for (i = 1; i < DIV_ROUND_UP(len, sizeof(u64)); i++)
		words[i] = mix(seed + i);
}

static bool tail_is_right(const u64 *words, u32 len, u64 seed)
{
	u32 i, rest = len % sizeof(u64);
	u64 last;

	for (i = 1; i < len / sizeof(u64); i++)
		if (words[i] != mix(seed + i))
			return false;
	last = mix(seed + i);
	return !memcmp(&words[i], &last, rest);
}

/* Returns the length.  There is room for KEY_MAX bytes. */
u32 key_make(const struct ground *g, u32 id, u64 *key)
{
	u32 len = key_len(g, id);

	key[0] = key_head(g, id);
	tail_make(key, len, key[0]);
	return len;
}

/* Is it a key of this map, and which?  It may be one that is never there. */
bool key_read(const struct ground *g, const u64 *key, u32 len, u32 *id)
{
	*id = (u32)key[0];
	return key[0] == key_head(g, *id) && len == key_len(g, *id) &&
	       tail_is_right(key, len, key[0]);
}

/* Returns the length.  There is room for VALUE_MAX bytes. */
u32 value_make(const struct ground *g, u32 id, u32 state, u64 *value)
{
	u32 len = value_len(g, id, state);

	value[0] = value_head(g, id, state);
	tail_make(value, len, value[0]);
	return len;
}

/* Is it a whole value of this key, and of which state? */
bool value_read(const struct ground *g, u32 id, const u64 *value, u32 len,
		u32 *state)
{
	*state = (u32)value[0];
	return len >= sizeof(u64) && state_is_present(*state) &&
	       value[0] == value_head(g, id, *state) &&
	       len == value_len(g, id, *state) &&
	       tail_is_right(value, len, value[0]);
}
