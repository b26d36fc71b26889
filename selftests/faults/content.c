// SPDX-License-Identifier: GPL-2.0-only
/*
 * An iteration over all of a map in one call, compared with the world.
 */
#include <stdio.h>
#include <string.h>

#include "operation.h"

/* Each entry with its two lengths. */
static unsigned char buf[WORLD_ITEMS *
			 (WORLD_KEY_MAX + WORLD_VALUE_MAX + 2 * sizeof(__u32))];

void prepare_counting(struct attempt *a)
{
	a->arg.iter.size = sizeof(a->arg.iter);
}

void prepare_iteration(struct attempt *a)
{
	prepare_counting(a);
	a->arg.iter.flags = GOMAP_ITER_KEYS | GOMAP_ITER_VALUES;
	a->arg.iter.buf = gm_addr(buf);
	a->arg.iter.buf_len = sizeof(buf);
}

bool counting_done(struct attempt *a)
{
	return a->arg.iter.done && a->arg.iter.count == world_len(a->w);
}

/* One key or value of an entry; moves @at behind it. */
static const unsigned char *field(const unsigned char **at, bool variable,
				  __u32 *len)
{
	const unsigned char *bytes;

	if (variable) {
		memcpy(len, *at, sizeof(*len));
		*at += sizeof(*len);
	}
	bytes = *at;
	*at += *len;
	return bytes;
}

static bool entry_is_right(const struct world *w, const unsigned char **at,
			   bool *seen)
{
	unsigned char expected[WORLD_VALUE_MAX];
	__u32 key_len = w->shape.key_size, len = w->shape.value_size;
	const unsigned char *key, *value;
	__u32 item;

	key = field(at, w->shape.flags & GOMAP_MAP_VAR_KEY, &key_len);
	value = field(at, w->shape.flags & GOMAP_MAP_VAR_VALUE, &len);
	item = world_item_of_key(key, key_len);
	if (item == WORLD_ITEMS || seen[item] || !w->items[item].present ||
	    len != world_value(w, item, w->items[item].version, expected) ||
	    memcmp(value, expected, len)) {
		printf("# the iteration has an entry of item %u\n", item);
		return false;
	}
	seen[item] = true;
	return true;
}

bool iteration_done(struct attempt *a)
{
	const unsigned char *at = buf;
	bool seen[WORLD_ITEMS] = { false };

	if (!counting_done(a))
		return false;
	for (__u32 i = 0; i < world_len(a->w); i++)
		if (!entry_is_right(a->w, &at, seen))
			return false;
	return at == buf + a->arg.iter.used;
}
