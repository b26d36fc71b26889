/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * operations.h - everything that can be done to a map, on one key, in two forms:
 * on the map, and on what should become of it.
 */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "model.h"
#include "numbers.h"

/* The key that everything is about, and one that is stored to start growth. */
#define THE_KEY		1000000ULL
#define OTHER_KEY	2000000ULL

/* Values of THE_KEY are numbers, whose bytes follow from them. */
#define VALUE_BEFORE	100
#define VALUE_MINE	200
#define VALUE_THEIRS	300	/* and the numbers after it */
#define VALUE_END	310

#define VALUE_SIZE_LONG	200

/**
 * struct shape - what a map is of.
 * @key_size: Bytes of a key: a number, and zeroes.
 * @value_size: Bytes of a value.
 */
struct shape {
	u32 key_size;
	u32 value_size;
};

/**
 * struct state - what there is to know of a map.
 * @value: Of THE_KEY; 0: it is absent.
 * @cleared: The surroundings are gone.
 */
struct state {
	int value;
	bool cleared;
};

static struct gomap *map;
static struct shape shape;

static const void *key_of(u64 number)
{
	static __thread u8 key[GOMAP_KEY_SIZE_MAX];

	memcpy(key, &number, sizeof(number));
	return key;
}

static const void *value_of(int number)
{
	static __thread u8 value[VALUE_SIZE_LONG];

	value_fill(value, shape.value_size, number);
	return value;
}

/**
 * struct operation - something to do in two forms.
 * @name: For people.
 * @needs_mutex: It waits for who starts a growth, or clears.
 * @on_map: On the map.  Returns what the call returns; a lookup, the number of
 *	the value.
 * @on_state: On what should become of the map.  Returns what is right.
 */
struct operation {
	const char *name;
	bool needs_mutex;
	int (*on_map)(int value, gfp_t gfp);
	int (*on_state)(struct state *s, int value);
};

/* The number of the value that a lookup has returned, or what else it did. */
static inline int number_of_value(int ret, const u8 *got)
{
	if (ret < 0)
		return ret;
	for (ret = VALUE_BEFORE; ret < VALUE_END; ret++)
		if (!memcmp(got, value_of(ret), shape.value_size))
			return ret;
	return -EILSEQ;		/* no value that anybody stored: torn */
}

static inline int map_lookup(int value, gfp_t gfp)
{
	u8 got[VALUE_SIZE_LONG];
	int ret = gomap_lookup(map, key_of(THE_KEY), shape.key_size, got,
			       sizeof(got));

	(void)value;
	(void)gfp;
	return number_of_value(ret, got);
}

/* The key in the midst of others that are not there. */
static inline int map_lookup_many(int value, gfp_t gfp)
{
	u8 got[VALUE_SIZE_LONG], absent[VALUE_SIZE_LONG] = { 0xab, 0xcd };
	struct gomap_query queries[3] = {
		{ .key = absent, .key_len = shape.key_size + 1 },
		{ .key = key_of(THE_KEY), .key_len = shape.key_size,
		  .value = got, .value_cap = sizeof(got) },
		{ .key = absent, .key_len = shape.key_size + 1 },
	};

	(void)value;
	(void)gfp;
	gomap_lookup_many(map, queries, 3);
	CHECK_EQ(queries[0].result, -EMSGSIZE);
	CHECK_EQ(queries[2].result, -EMSGSIZE);
	return number_of_value(queries[1].result, got);
}

static inline int state_lookup(struct state *s, int value)
{
	(void)value;
	return s->value ? s->value : -ENOENT;
}

static inline int map_insert(int value, gfp_t gfp)
{
	return gomap_insert(map, key_of(THE_KEY), shape.key_size,
			    value_of(value), shape.value_size, gfp);
}

static inline int state_insert(struct state *s, int value)
{
	if (s->value)
		return -EEXIST;
	s->value = value;
	return 0;
}

static inline int map_replace(int value, gfp_t gfp)
{
	return gomap_replace(map, key_of(THE_KEY), shape.key_size,
			     value_of(value), shape.value_size, gfp);
}

static inline int state_replace(struct state *s, int value)
{
	if (!s->value)
		return -ENOENT;
	s->value = value;
	return 0;
}

static inline int map_store(int value, gfp_t gfp)
{
	return gomap_store(map, key_of(THE_KEY), shape.key_size,
			   value_of(value), shape.value_size, gfp);
}

static inline int state_store(struct state *s, int value)
{
	int ret = s->value != 0;

	s->value = value;
	return ret;
}

static inline int map_delete(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return gomap_delete(map, key_of(THE_KEY), shape.key_size);
}

static inline int state_delete(struct state *s, int value)
{
	int ret = s->value != 0;

	(void)value;
	s->value = 0;
	return ret;
}

static inline int map_clear(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return gomap_clear(map);
}

static inline int state_clear(struct state *s, int value)
{
	(void)value;
	*s = (struct state){ .cleared = true };
	return 0;
}

/* A key comes and goes: starts a growth that is due, evacuates two buckets. */
static inline int map_nudge(int value, gfp_t gfp)
{
	int ret = gomap_store(map, key_of(OTHER_KEY), shape.key_size,
			      value_of(value), shape.value_size, gfp);

	return ret ?: gomap_delete(map, key_of(OTHER_KEY), shape.key_size);
}

static inline int state_nudge(struct state *s, int value)
{
	(void)s;
	(void)value;
	return 1;
}

static inline int map_finish(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return gomap_finish_resize(map);
}

static inline int map_work(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	shim_run_work();
	return 0;
}

/* The last one has it emptied: what the worker does about that comes at once. */
static inline int map_delete_and_work(int value, gfp_t gfp)
{
	int ret = map_delete(value, gfp);

	worker_run(&map->work.work);
	return ret;
}

static inline int map_grow(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return growth_start(map);
}

/* End a growth that is under way, and start one that no write has helped with. */
static inline int map_start(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	gomap_finish_resize(map);
	atomic64_set(&map->nr_overflow, 1 << 15);
	return growth_start(map);
}

static inline int map_compact(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return gomap_compact(map);
}

static inline int map_rekey(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return gomap_rekey(map);
}

static inline int finish_and_start(enum gomap_resize kind, u32 B)
{
	gomap_finish_resize(map);
	return try_start_resize(map, kind, B);
}

static inline int map_start_shrink(int value, gfp_t gfp)
{
	u32 B = map_B(map);

	(void)value;
	(void)gfp;
	return B ? finish_and_start(GOMAP_RESIZING_SHRINK, B - 1) : 0;
}

static inline int map_start_rekey(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return finish_and_start(GOMAP_RESIZING_REKEY, map_B(map));
}

/* If a rekey is under way, move all entries, and do not end it. */
static inline int map_move_all(int value, gfp_t gfp)
{
	struct gomap_array *array;
	int ret;

	(void)value;
	(void)gfp;
	if (!table_is_rekeying(map->table))
		return 0;
	array = map_hold_array(map);
	ret = rekey_rest(map, array);
	array_put(array);
	return ret;
}

static inline int state_same(struct state *s, int value)
{
	(void)s;
	(void)value;
	return 0;
}

static const struct operation op_lookup = {
	"lookup", false, map_lookup, state_lookup
};
static const struct operation op_lookup_many = {
	"lookup many", false, map_lookup_many, state_lookup
};
static const struct operation op_insert = {
	"insert", false, map_insert, state_insert
};
static const struct operation op_replace = {
	"replace", false, map_replace, state_replace
};
static const struct operation op_store = {
	"store", false, map_store, state_store
};
static const struct operation op_delete = {
	"delete", false, map_delete, state_delete
};
static const struct operation op_delete_and_work = {
	"delete and work", true, map_delete_and_work, state_delete
};
static const struct operation op_clear = {
	"clear", true, map_clear, state_clear
};
static const struct operation op_nudge = {
	"nudge", false, map_nudge, state_nudge
};
static const struct operation op_finish = {
	"finish", false, map_finish, state_same
};
static const struct operation op_work = {
	"work", true, map_work, state_same
};
static const struct operation op_grow = {
	"grow", true, map_grow, state_same
};
static const struct operation op_start = {
	"start", true, map_start, state_same
};
static const struct operation op_compact = {
	"compact", true, map_compact, state_same
};
static const struct operation op_rekey = {
	"rekey", true, map_rekey, state_same
};
static const struct operation op_move_all = {
	"move all in a rekey", false, map_move_all, state_same
};
static const struct operation op_start_shrink = {
	"start a shrink", true, map_start_shrink, state_same
};
static const struct operation op_start_rekey = {
	"start a rekey", true, map_start_rekey, state_same
};

#endif /* OPERATIONS_H */
