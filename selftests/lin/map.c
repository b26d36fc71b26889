// SPDX-License-Identifier: GPL-2.0-only
/*
 * map.c - operations of actors as calls of gomap.
 */
#include "map.h"

static int call_map(struct lin_actor *actor, enum lin_kind kind, __u64 key)
{
	struct gomap *map = actor->map;
	u32 len = lin_value_bytes(actor);
	gfp_t gfp = actor->may_sleep ? GFP_KERNEL : GFP_ATOMIC;

	switch (kind) {
	case LIN_LOOKUP:
		return gomap_lookup(map, &key, sizeof(key), actor->words,
				    sizeof(actor->words));
	case LIN_INSERT:
		return gomap_insert(map, &key, sizeof(key), actor->words, len,
				    gfp);
	case LIN_REPLACE:
		return gomap_replace(map, &key, sizeof(key), actor->words, len,
				     gfp);
	case LIN_STORE:
		return gomap_store(map, &key, sizeof(key), actor->words, len,
				   gfp);
	case LIN_DELETE:
		return gomap_delete(map, &key, sizeof(key));
	default:
		return gomap_clear(map);
	}
}

static int rebuild_map(struct lin_actor *actor, enum lin_rebuild what)
{
	return what == LIN_COMPACT ? gomap_compact(actor->map) :
				     gomap_rekey(actor->map);
}

static void count_map(struct lin_actor *actor, struct lin_resizes *resizes)
{
	struct gomap_info info;

	if (gomap_info(actor->map, &info, false))
		return;
	resizes->grows = info.grows + info.same_size_grows;
	resizes->shrinks = info.shrinks;
	resizes->rekeys = info.rekeys;
}

const struct lin_target lin_target_map = {
	.call = call_map,
	.rebuild = rebuild_map,
	.count = count_map,
};

/**
 * lin_map_create() - Make a map for values of a shape.
 * @shape: The shape.
 *
 * Return: The map, or ERR_PTR().
 */
struct gomap *lin_map_create(const struct lin_shape *shape)
{
	struct gomap_params params = {
		.key_size = sizeof(__u64),
		.value_size = shape->words_max * sizeof(__u64),
		.flags = shape->words_vary ? GOMAP_F_VAR_VALUE : 0,
	};

	return gomap_create(&params);
}
