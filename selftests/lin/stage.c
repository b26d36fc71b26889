// SPDX-License-Identifier: GPL-2.0-only
/*
 * stage.c - what the director does.
 */
#include "stage.h"

#define OPS		24	/* of an actor in a round */
#define DIRECTOR_OPS	8	/* before the director disturbs, and after it */
#define OWN_WORK	6	/* on own keys with each of these */

/* Of a hundred, at least: histories with a resize, operations that overlap. */
#define SHARE_RESIZED		10
#define SHARE_OVERLAPPED	5

/*
 * The longest values that lie in their slots, values in objects, and some that
 * get another object when they grow.
 */
const struct lin_shape lin_shapes[LIN_SHAPES] = {
	{ "short values", 16, false },
	{ "long values", 20, false },
	{ "values of many lengths", 30, true },
};

const struct lin_shape lin_right = { "the right map", 1, false };
const struct lin_shape lin_wrong = { "the wrong map", 1, false };

/**
 * lin_stage_init() - Get everything ready for the first round.
 * @stage: The stage; who calls sets its functions and number of actors.
 * @target: What kind of map.
 * @map: The map, empty.
 * @shape: Of the values.
 * @seed: Decides what the actors do.
 */
void lin_stage_init(struct lin_stage *stage, const struct lin_target *target,
		    void *map, const struct lin_shape *shape, __u64 seed)
{
	__u32 i;

	memset(stage, 0, sizeof(*stage));
	stage->tally.name = shape->name;
	for (i = 0; i < LIN_LOGS; i++) {
		struct lin_actor *actor = &stage->actors[i];

		actor->target = target;
		actor->map = map;
		actor->nr = i;
		actor->may_sleep = true;
		actor->words_max = shape->words_max;
		actor->words_vary = shape->words_vary;
		actor->random = seed * LIN_LOGS + i;
		stage->history.logs[i].ops = actor->ops;
	}
}

/* Two rounds fill the map and two empty it; the number of hot keys changes. */
static struct lin_round nth_round(__u64 nr)
{
	return (struct lin_round){
		.ops = OPS,
		.keys = 1 + nr / 4 % LIN_KEYS,
		.fill = nr % 4 < 2,
	};
}

/* An emptying map has something to compact. */
static bool round_compacts(__u64 nr)
{
	return nr % 4 >= 2;
}

static bool round_rekeys(__u64 nr)
{
	return nr % 3 == 0;
}

/* One that is being filled, and has grown. */
static bool round_clears(__u64 nr)
{
	return nr % 8 == 5;
}

static void director_plays(struct lin_stage *stage)
{
	struct lin_actor *director = &stage->actors[0];
	__u32 i;

	for (i = 0; i < DIRECTOR_OPS; i++) {
		lin_call_any(director, &stage->round);
		lin_work_on_own(director, &stage->round, OWN_WORK);
		if (stage->meanwhile)
			stage->meanwhile();
		lin_give_way();
	}
}

static void director_rebuilds(struct lin_stage *stage, enum lin_rebuild what)
{
	struct lin_actor *director = &stage->actors[0];

	if (director->target->rebuild)
		stage->rebuild_failed +=
			director->target->rebuild(director, what) != 0;
}

static void director_disturbs(struct lin_stage *stage)
{
	if (round_clears(stage->rounds))
		lin_call(&stage->actors[0], LIN_CLEAR, LIN_ALL_KEYS);
	if (round_compacts(stage->rounds))
		director_rebuilds(stage, LIN_COMPACT);
	if (round_rekeys(stage->rounds))
		director_rebuilds(stage, LIN_REKEY);
}

/* What the keys are at the end of a round is what they are in the next. */
static void director_reads_all(struct lin_stage *stage)
{
	struct lin_actor *director = &stage->actors[0];
	__u8 key;

	for (key = 0; key < LIN_KEYS; key++)
		lin_call(director, LIN_LOOKUP, key);
}

static void set_initial(struct lin_stage *stage)
{
	const struct lin_actor *director = &stage->actors[0];
	const struct lin_op *op = &director->ops[director->nr_ops - LIN_KEYS];
	__u8 key;

	for (key = 0; key < LIN_KEYS; key++, op++)
		stage->history.initial[key] =
			op->result == LIN_FOUND ? op->value : LIN_ABSENT;
}

static void count_resizes(struct lin_stage *stage, struct lin_resizes *resizes)
{
	struct lin_actor *director = &stage->actors[0];

	*resizes = (struct lin_resizes){};
	if (director->target->count)
		director->target->count(director, resizes);
}

static void tally_resizes(struct lin_tally *tally,
			  const struct lin_resizes *before,
			  const struct lin_resizes *after)
{
	tally->grown += after->grows > before->grows;
	tally->shrunk += after->shrinks > before->shrinks;
	tally->rekeyed += after->rekeys > before->rekeys;
}

static void empty_logs(struct lin_stage *stage)
{
	__u32 i;

	for (i = 0; i < stage->nr_actors; i++) {
		stage->actors[i].nr_ops = 0;
		if (round_clears(stage->rounds))
			stage->actors[i].doubtful = LIN_NEVER;
	}
}

static void take_logs(struct lin_stage *stage)
{
	__u32 i;

	for (i = 0; i < stage->nr_actors; i++) {
		struct lin_actor *actor = &stage->actors[i];

		actor->logged += actor->nr_ops;
		stage->history.logs[i].nr = actor->nr_ops;
		if (actor->doubtful == LIN_NEVER)
			actor->doubtful = actor->end_own;
	}
}

/* The last word is the director's, who reads what the others have left. */
static void play_round(struct lin_stage *stage)
{
	struct lin_resizes before, after;

	stage->round = nth_round(stage->rounds);
	empty_logs(stage);
	count_resizes(stage, &before);
	stage->begin(stage);
	director_plays(stage);
	director_disturbs(stage);
	director_plays(stage);
	stage->end(stage);
	director_reads_all(stage);
	count_resizes(stage, &after);
	tally_resizes(&stage->tally, &before, &after);
	take_logs(stage);
}

/**
 * lin_stage_play() - Make histories and judge them.
 * @stage: The stage.
 * @rounds: How many.
 *
 * Return: Whether all are linearizable.
 */
bool lin_stage_play(struct lin_stage *stage, __u64 rounds)
{
	bool good = true;

	for (; rounds; rounds--) {
		play_round(stage);
		good &= lin_judge(&stage->history, &stage->work, &stage->tally,
				  stage->say);
		set_initial(stage);
		stage->rounds++;
	}
	return good;
}

/* Own keys of actors that were not as they had left them. */
static __u64 sum_of_wrong(const struct lin_stage *stage)
{
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < stage->nr_actors; i++)
		sum += stage->actors[i].wrong;
	return sum;
}

/* Say which demand was not met, with the figure that was seen. */
static bool demand(const struct lin_stage *stage, bool met, const char *what,
		   __u64 seen)
{
	char line[100];

	if (!met) {
		snprintf(line, sizeof(line), "%s: %llu", what, seen);
		stage->say(line);
	}
	return met;
}

/* Enough for at least so many of a hundred histories. */
static bool demand_share(const struct lin_stage *stage, const char *what,
			 __u64 seen)
{
	return demand(stage, 100 * seen >=
		      SHARE_RESIZED * stage->tally.histories, what, seen);
}

/**
 * lin_stage_passes() - Is all as it must be with a map that is right?
 * @stage: The stage, after its last round.
 *
 * Histories whose operations do not overlap, and during which nothing happens
 * to the map, would prove nothing; so these are failures, too.
 *
 * Return: Whether it is.
 */
bool lin_stage_passes(const struct lin_stage *stage)
{
	const struct lin_tally *t = &stage->tally;
	bool met = true;

	lin_print_tally(t, stage->say);
	met &= demand(stage, t->rejected == 0, "not linearizable", t->rejected);
	met &= demand(stage, t->failed == 0, "not decidable", t->failed);
	met &= demand(stage, sum_of_wrong(stage) == 0,
		      "wrong results for keys of one actor",
		      sum_of_wrong(stage));
	met &= demand(stage, stage->rebuild_failed == 0,
		      "compacts and rekeys that failed", stage->rebuild_failed);
	met &= demand(stage, lin_percent_overlapped(t) >= SHARE_OVERLAPPED,
		      "too few operations overlap, of 100",
		      lin_percent_overlapped(t));
	if (!stage->actors[0].target->rebuild)
		return met;
	met &= demand_share(stage, "too few growths", t->grown);
	met &= demand_share(stage, "too few shrinks", t->shrunk);
	met &= demand_share(stage, "too few changes of the seed", t->rekeyed);
	return met;
}

/**
 * lin_stage_is_caught() - Was a map found out that is wrong?
 * @stage: The stage, after its last round.
 *
 * Return: Whether it was.
 */
bool lin_stage_is_caught(const struct lin_stage *stage)
{
	lin_print_tally(&stage->tally, stage->say);
	return demand(stage, stage->tally.rejected > 0, "not linearizable",
		      stage->tally.rejected);
}
