// SPDX-License-Identifier: GPL-2.0-only
/*
 * control.c - two maps that are no gomap, for a test of the recording.
 *
 * Each has a word for each hot key.  The right one changes it in one step, and
 * its histories must pass: else the clock or the recording is wrong.  The wrong
 * one looks first and acts later, and some of its histories must not pass:
 * else the actors do not get in each other's way.  Both take their time.
 */
#include "play.h"

static __u64 get(__u64 *cell)
{
	return __atomic_load_n(cell, __ATOMIC_SEQ_CST);
}

static void put(__u64 *cell, __u64 value)
{
	__atomic_store_n(cell, value, __ATOMIC_SEQ_CST);
}

static __u64 exchange(__u64 *cell, __u64 value)
{
	return __atomic_exchange_n(cell, value, __ATOMIC_SEQ_CST);
}

static bool exchange_if(__u64 *cell, __u64 *expected, __u64 value)
{
	return __atomic_compare_exchange_n(cell, expected, value, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static int look(struct lin_actor *actor, __u64 *cell)
{
	actor->words[0] = get(cell);
	return actor->words[0] == LIN_ABSENT ? -ENOENT : 8;
}

static void clear(__u64 *cells)
{
	__u32 key;

	for (key = 0; key < LIN_KEYS; key++)
		put(&cells[key], LIN_ABSENT);
}

static int insert(__u64 *cell, __u64 value)
{
	__u64 absent = LIN_ABSENT;

	return exchange_if(cell, &absent, value) ? 0 : -EEXIST;
}

static int replace(__u64 *cell, __u64 value)
{
	__u64 seen = get(cell);

	while (seen != LIN_ABSENT)
		if (exchange_if(cell, &seen, value))
			return 0;
	return -ENOENT;
}

static void take_time(const struct lin_actor *actor)
{
	if (actor->may_sleep)
		lin_give_way();
}

static int act_at_once(struct lin_actor *actor, enum lin_kind kind, __u64 key)
{
	__u64 *cells = actor->map;
	__u64 value = actor->words[0];

	switch (kind) {
	case LIN_LOOKUP:
		return look(actor, &cells[key]);
	case LIN_INSERT:
		return insert(&cells[key], value);
	case LIN_REPLACE:
		return replace(&cells[key], value);
	case LIN_STORE:
		return exchange(&cells[key], value) != LIN_ABSENT;
	case LIN_DELETE:
		return exchange(&cells[key], LIN_ABSENT) != LIN_ABSENT;
	default:
		clear(cells);
		return 0;
	}
}

static int call_right(struct lin_actor *actor, enum lin_kind kind, __u64 key)
{
	int result;

	take_time(actor);
	result = act_at_once(actor, kind, key);
	take_time(actor);
	return result;
}

static int call_wrong(struct lin_actor *actor, enum lin_kind kind, __u64 key)
{
	__u64 *cells = actor->map;
	__u64 value = actor->words[0];
	bool present;

	if (kind == LIN_LOOKUP)
		return look(actor, &cells[key]);
	if (kind == LIN_CLEAR) {
		clear(cells);
		return 0;
	}
	present = get(&cells[key]) != LIN_ABSENT;
	take_time(actor);
	if (kind == LIN_INSERT && present)
		return -EEXIST;
	if (kind == LIN_REPLACE && !present)
		return -ENOENT;
	put(&cells[key], kind == LIN_DELETE ? LIN_ABSENT : value);
	return (kind == LIN_STORE || kind == LIN_DELETE) && present;
}

const struct lin_target lin_target_right = {
	.call = call_right,
};

const struct lin_target lin_target_wrong = {
	.call = call_wrong,
};
