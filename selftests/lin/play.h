/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * play.h - what actors do to a map in order to make a history, and how it is
 * written down.
 *
 * An actor is a thread or an interrupt.  In a round it calls operations on a few
 * hot keys, which it logs, and now and then stores or deletes keys of its own,
 * which make the map grow and shrink below everybody's feet.  Logs are private
 * to actors, and nothing is counted in common: it would bring order into what
 * is to be seen without.
 */
#ifndef LIN_PLAY_H
#define LIN_PLAY_H

#include "history.h"

#define LIN_OPS_MAX	64	/* in a log */
#define LIN_WORDS_MAX	32	/* in a value */

struct lin_actor;

/* What can be done to a map as a whole without a change to its contents. */
enum lin_rebuild { LIN_COMPACT, LIN_REKEY };

/**
 * struct lin_resizes - how often a map has begun to do what.
 * @grows: To grow, to twice its buckets or to the same number.
 * @shrinks: To shrink.
 * @rekeys: To move to a new seed.
 */
struct lin_resizes {
	__u64 grows;
	__u64 shrinks;
	__u64 rekeys;
};

/**
 * struct lin_target - something that behaves like a map, or ought to.
 * @call: Carry out an operation on a key for an actor, in whose @words the
 *	value is or goes.  Returns what gomap's function does, a lookup of a key
 *	that is there the bytes of its value.
 * @rebuild: Do that to the map; 0 or a negative errno.  NULL, and the next one
 *	too: it has none but the hot keys, and never resizes.
 * @count: Tell how often it has been resized.
 */
struct lin_target {
	int (*call)(struct lin_actor *actor, enum lin_kind kind, __u64 key);
	int (*rebuild)(struct lin_actor *actor, enum lin_rebuild what);
	void (*count)(struct lin_actor *actor, struct lin_resizes *resizes);
};

/**
 * struct lin_round - what the actors of a round are to do.
 * @ops: Operations on hot keys, at most LIN_OPS_MAX.
 * @keys: Hot keys, at most LIN_KEYS.
 * @fill: Operations on own keys are stores; otherwise deletes.
 */
struct lin_round {
	__u32 ops;
	__u32 keys;
	bool fill;
};

/**
 * struct lin_actor - one who takes part.
 * @target: What kind of map.
 * @map: The map.
 * @nr: Number of the actor, and so of its log.
 * @may_sleep: Where it runs it may sleep.
 * @only_reads: Where it runs it may not write.
 * @words_max: Words of a value; with @words_vary of the longest ones.
 * @words_vary: Lengths of values differ.
 * @random: Decides what it does.
 * @writes: Writes so far; makes their values different.
 * @first_own: Own keys from this one on may be in the map.
 * @end_own: Own keys from this one on are not.
 * @doubtful: Below this one a clear may have removed them.
 * @refused: Calls that could not be carried out: -ENOMEM, -EAGAIN.
 * @wrong: Own keys that were not as the actor left them.
 * @logged: Operations in its logs of all rounds before this one.
 * @ops: Its log of this round.
 * @nr_ops: How many are in it.
 * @words: The value that is written or was read.
 */
struct lin_actor {
	const struct lin_target *target;
	void *map;
	__u32 nr;
	bool may_sleep;
	bool only_reads;
	__u32 words_max;
	bool words_vary;
	__u64 random;
	__u64 writes;
	__u64 first_own;
	__u64 end_own;
	__u64 doubtful;
	__u64 refused;
	__u64 wrong;
	__u64 logged;
	struct lin_op ops[LIN_OPS_MAX];
	__u32 nr_ops;
	__u64 words[LIN_WORDS_MAX];
};

/* play.c */
void lin_play(struct lin_actor *actor, const struct lin_round *round);
void lin_call(struct lin_actor *actor, enum lin_kind kind, __u8 key);
void lin_call_any(struct lin_actor *actor, const struct lin_round *round);
void lin_work_on_own(struct lin_actor *actor, const struct lin_round *round,
		     __u32 keys);
__u64 lin_random(struct lin_actor *actor);
__u32 lin_value_bytes(const struct lin_actor *actor);

/*
 * kernel.c, threads.c: write down the time, with nothing of what is before it
 * happening after it or the reverse; let others go first; see to it that others
 * act in the middle of what the actor does next.
 */
void lin_stamp(__u64 *time);
void lin_give_way(void);
void lin_provoke(struct lin_actor *actor);

/* control.c: maps of LIN_KEYS words, one that is right and one that is wrong. */
extern const struct lin_target lin_target_right;
extern const struct lin_target lin_target_wrong;

#endif /* LIN_PLAY_H */
