// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps with known contents, see world.h.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

/* Room for the keys and values of all items at once. */
static unsigned char keys[WORLD_ITEMS][WORLD_KEY_MAX];
static unsigned char values[WORLD_ITEMS][WORLD_VALUE_MAX];
static struct gomap_batch_op ops[WORLD_ITEMS];

/* Bytes that depend on all of @seed and on how many of them there are. */
static void pattern(unsigned char *to, __u32 len, __u64 seed)
{
	__u64 state = gm_mix(seed) + len, word;

	for (__u32 at = 0; at < len; at += sizeof(word)) {
		word = gm_random(&state);
		memcpy(to + at, &word,
		       len - at < sizeof(word) ? len - at : sizeof(word));
	}
}

/* Every key begins with its item, so no two are the same. */
__u32 world_key(const struct world *w, __u32 item, void *key)
{
	__u32 len = w->shape.key_size;

	if (w->shape.flags & GOMAP_MAP_VAR_KEY)
		len = sizeof(item) + item * 37 % (len - sizeof(item) + 1);
	pattern(key, len, item);
	memcpy(key, &item, sizeof(item));
	return len;
}

__u32 world_value(const struct world *w, __u32 item, __u32 version, void *value)
{
	__u32 len = w->shape.value_size;

	if (w->shape.flags & GOMAP_MAP_VAR_VALUE)
		len = len * (1 + version % VERSIONS) / VERSIONS;
	pattern(value, len, (__u64)version << 32 | item);
	return len;
}

__u32 world_item_of_key(const void *key, __u32 key_len)
{
	__u32 item = WORLD_ITEMS;

	if (key_len >= sizeof(item))
		memcpy(&item, key, sizeof(item));
	return item < WORLD_ITEMS ? item : WORLD_ITEMS;
}

__u32 world_nth(const struct world *w, bool present, __u32 n)
{
	for (__u32 i = 0; i < WORLD_ITEMS; i++)
		if (w->items[i].present == present && n-- == 0)
			return i;
	return 0;
}

__u32 world_len(const struct world *w)
{
	__u32 len = 0;

	for (__u32 i = 0; i < WORLD_ITEMS; i++)
		len += w->items[i].present;
	return len;
}

int world_open(struct world *w, int control, struct gm_shape shape)
{
	*w = (struct world){
		.shape = shape,
		.pick = WORLD_PICK,
		.control = control,
	};
	strcpy(w->name, gm_unique_name("faults"));
	w->map = gm_create_named(control, shape, w->name, 0600);
	return w->map < 0 ? w->map : 0;
}

void world_close(struct world *w)
{
	if (w->map < 0)
		return;
	gm_destroy(w->map);
	close(w->map);
	w->map = -1;
}

static int run_batch(const struct world *w, __u32 count)
{
	struct gomap_ioc_batch batch;
	int err = gm_batch(w->map, ops, count, &batch);

	if (!err && batch.done != count)
		err = -EIO;
	for (__u32 i = 0; !err && i < count; i++)
		err = ops[i].status;
	return err;
}

int world_insert(struct world *w, __u32 first, __u32 count)
{
	for (__u32 i = 0; i < count; i++) {
		__u32 key_len = world_key(w, first + i, keys[i]);
		__u32 value_len = world_value(w, first + i, VERSION_SHORT,
					      values[i]);

		ops[i] = gm_batch_op(GOMAP_OP_INSERT, keys[i], key_len,
				     values[i], value_len);
		w->items[first + i] = (struct world_item){ .present = true };
	}
	return run_batch(w, count);
}

int world_delete(struct world *w, __u32 first, __u32 count)
{
	for (__u32 i = 0; i < count; i++) {
		__u32 key_len = world_key(w, first + i, keys[i]);

		ops[i] = gm_batch_op(GOMAP_OP_DELETE, keys[i], key_len, NULL,
				     0);
		w->items[first + i] = (struct world_item){ 0 };
	}
	return run_batch(w, count);
}

/* Look all items up in one go; what is not found leaves no value. */
static int look_up_all(const struct world *w)
{
	struct gomap_ioc_batch batch;

	for (__u32 i = 0; i < WORLD_ITEMS; i++) {
		__u32 key_len = world_key(w, i, keys[i]);

		ops[i] = gm_batch_op(GOMAP_OP_LOOKUP, keys[i], key_len,
				     values[i], w->shape.value_size);
	}
	return gm_batch(w->map, ops, WORLD_ITEMS, &batch);
}

static bool item_matches(const struct world *w, __u32 i)
{
	unsigned char expected[WORLD_VALUE_MAX];
	__u32 len;

	if (!w->items[i].present)
		return ops[i].status == -ENOENT;
	len = world_value(w, i, w->items[i].version, expected);
	return !ops[i].status && ops[i].value_len == len &&
	       !memcmp(values[i], expected, len);
}

bool world_matches(const struct world *w, bool say)
{
	long long len = gm_len(w->map);
	int err = look_up_all(w);

	if (err || len != world_len(w)) {
		if (say)
			printf("# %lld entries, expected %u; lookups: %d\n",
			       len, world_len(w), err);
		return false;
	}
	for (__u32 i = 0; i < WORLD_ITEMS; i++) {
		if (item_matches(w, i))
			continue;
		if (say)
			printf("# item %u, %s: status %d, %u bytes\n", i,
			       w->items[i].present ? "present" : "absent",
			       ops[i].status, ops[i].value_len);
		return false;
	}
	return true;
}

bool world_is_sound(const struct world *w)
{
	int check = gm_check(w->map);

	if (check)
		printf("# gomap_check() says %d\n", check);
	return !check && world_matches(w, true);
}
