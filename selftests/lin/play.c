// SPDX-License-Identifier: GPL-2.0-only
/*
 * play.c - an actor's round.
 */
#include "play.h"

/* One in so many operations is followed by a pause, or by one on an own key. */
#define PAUSES		16
#define OWN_WORK	4

static __u64 mix(__u64 x)
{
	x = (x ^ x >> 31) * 0x7fb5d329728ea185ULL;
	x = (x ^ x >> 27) * 0x81dadef4bc2dd44dULL;
	return x ^ x >> 33;
}

/**
 * lin_random() - The next of an actor's random numbers.
 * @actor: The actor.
 *
 * Return: The number.
 */
__u64 lin_random(struct lin_actor *actor)
{
	actor->random += 0xd1b54a32d192ed03ULL;
	return mix(actor->random);
}

/*
 * A value is a number that no other write has, and words that follow from it
 * and the key: if it is not whole, or another key's, it shows.
 */

static __u32 words_of(const struct lin_actor *actor, __u64 number)
{
	return actor->words_vary ? 1 + mix(number) % actor->words_max :
				   actor->words_max;
}

static __u64 word_of(__u64 key, __u64 number, __u32 i)
{
	return mix(key * 31 + number * 17 + i);
}

/**
 * lin_value_bytes() - How long is the value that an actor is to write?
 * @actor: The actor.
 *
 * Return: Bytes.
 */
__u32 lin_value_bytes(const struct lin_actor *actor)
{
	return 8 * words_of(actor, actor->words[0]);
}

static __u64 make_value(struct lin_actor *actor, __u64 key)
{
	__u64 number = (__u64)(actor->nr + 1) << 40 | ++actor->writes;
	__u32 words = words_of(actor, number);
	__u32 i;

	actor->words[0] = number;
	for (i = 1; i < words; i++)
		actor->words[i] = word_of(key, number, i);
	return number;
}

static __u64 value_that_was_read(const struct lin_actor *actor, __u64 key,
				 int bytes)
{
	__u64 number = actor->words[0];
	__u32 words = bytes / 8;
	__u32 i;

	if (bytes < 8 || (__u32)bytes != lin_value_bytes(actor))
		return LIN_TORN;
	for (i = 1; i < words; i++)
		if (actor->words[i] != word_of(key, number, i))
			return LIN_TORN;
	return number;
}

/* Refused calls did nothing and tell nothing. */
static bool was_refused(int result)
{
	return result == -ENOMEM || result == -EAGAIN;
}

/* A log's operations do not even touch. */
static void stamp_later_than(__u64 *time, __u64 other)
{
	do {
		lin_stamp(time);
	} while (*time <= other);
}

/**
 * lin_call() - Carry out an operation on a hot key, and log it.
 * @actor: Who does it; if its log is full, nothing is done.
 * @kind: The operation.
 * @key: Number of the key; for LIN_CLEAR LIN_ALL_KEYS.
 */
void lin_call(struct lin_actor *actor, enum lin_kind kind, __u8 key)
{
	struct lin_op *op = &actor->ops[actor->nr_ops];
	int result;

	if (actor->nr_ops == LIN_OPS_MAX)
		return;
	*op = (struct lin_op){ .kind = kind, .key = key };
	if (kind != LIN_LOOKUP)
		op->value = make_value(actor, key);

	lin_provoke(actor);
	stamp_later_than(&op->called, actor->nr_ops ? op[-1].returned : 0);
	result = actor->target->call(actor, kind, key);
	lin_stamp(&op->returned);

	if (was_refused(result)) {
		actor->refused++;
		return;
	}
	op->result = result;
	if (kind == LIN_LOOKUP && result >= 0) {
		op->value = value_that_was_read(actor, key, result);
		op->result = LIN_FOUND;
	}
	actor->nr_ops++;
}

static enum lin_kind any_kind(struct lin_actor *actor)
{
	static const enum lin_kind kinds[] = {
		LIN_LOOKUP, LIN_LOOKUP, LIN_LOOKUP, LIN_LOOKUP, LIN_LOOKUP,
		LIN_LOOKUP, LIN_STORE, LIN_STORE, LIN_STORE, LIN_INSERT,
		LIN_INSERT, LIN_INSERT, LIN_REPLACE, LIN_DELETE, LIN_DELETE,
		LIN_DELETE,
	};

	return actor->only_reads ? LIN_LOOKUP : kinds[lin_random(actor) % 16];
}

/**
 * lin_call_any() - Carry out some operation on some hot key, and log it.
 * @actor: Who does it.
 * @round: The round.
 */
void lin_call_any(struct lin_actor *actor, const struct lin_round *round)
{
	enum lin_kind kind = any_kind(actor);

	lin_call(actor, kind, lin_random(actor) % round->keys);
}

/* Own keys have none but one actor, and so no surprises for it. */
static __u64 own_key(const struct lin_actor *actor, __u64 nr)
{
	return (__u64)(actor->nr + 1) << 32 | nr;
}

static void store_own(struct lin_actor *actor)
{
	__u64 key = own_key(actor, actor->end_own);
	int result;

	make_value(actor, key);
	result = actor->target->call(actor, LIN_STORE, key);
	if (was_refused(result)) {
		actor->refused++;
		return;
	}
	actor->wrong += result != 0;
	actor->end_own++;
}

static void delete_own(struct lin_actor *actor)
{
	__u64 key = own_key(actor, actor->first_own);
	int result;

	if (actor->first_own == actor->end_own)
		return;
	result = actor->target->call(actor, LIN_DELETE, key);
	if (result != 1)
		actor->wrong += result < 0 || key >= own_key(actor,
							     actor->doubtful);
	actor->first_own++;
}

/**
 * lin_work_on_own() - Fill the map, or empty it again.
 * @actor: Who does it.
 * @round: Says which of the two.
 * @keys: How many keys are added or taken away.
 */
void lin_work_on_own(struct lin_actor *actor, const struct lin_round *round,
		     __u32 keys)
{
	if (!actor->target->rebuild)
		return;
	for (; keys; keys--) {
		if (round->fill)
			store_own(actor);
		else
			delete_own(actor);
	}
}

/**
 * lin_play() - Do an actor's part of a round.
 * @actor: The actor.
 * @round: The round.
 */
void lin_play(struct lin_actor *actor, const struct lin_round *round)
{
	__u32 i;

	for (i = 0; i < round->ops; i++) {
		lin_call_any(actor, round);
		if (lin_random(actor) % OWN_WORK == 0)
			lin_work_on_own(actor, round, 1);
		if (lin_random(actor) % PAUSES == 0)
			lin_give_way();
	}
}
