/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stage.h - a map, its actors, and one history after the other.
 */
#ifndef LIN_STAGE_H
#define LIN_STAGE_H

#include "judge.h"
#include "play.h"

/**
 * struct lin_stage - all that is needed to make and judge histories.
 * @actors: The actors.  The first is the director, who takes part in every
 *	round, resizes and clears the map, and looks at all keys at its end.
 * @nr_actors: How many, at most LIN_LOGS.
 * @begin: Have all actors but the director play @round.
 * @end: Wait until they have.
 * @meanwhile: Called by the director now and then; may be NULL.
 * @say: Takes the reports.
 * @rounds: Rounds so far.
 * @round: The one that is being played.
 * @rebuild_failed: Compacts and rekeys that could not be done.
 * @tally: What the histories came to.
 * @history: The one of this round.
 * @work: Room for the search.
 */
struct lin_stage {
	struct lin_actor actors[LIN_LOGS];
	__u32 nr_actors;
	void (*begin)(struct lin_stage *stage);
	void (*end)(struct lin_stage *stage);
	void (*meanwhile)(void);
	lin_say_t *say;
	__u64 rounds;
	struct lin_round round;
	__u64 rebuild_failed;
	struct lin_tally tally;
	struct lin_history history;
	struct lin_workspace work;
};

/**
 * struct lin_shape - what the values of a stage look like.
 * @name: In a word, for reports.
 * @words_max: Their words of 8 bytes.
 * @words_vary: That is the most, and lengths differ.
 */
struct lin_shape {
	const char *name;
	__u32 words_max;
	bool words_vary;
};

#define LIN_SHAPES	3

extern const struct lin_shape lin_shapes[LIN_SHAPES];

/* Those of the maps of control.c. */
extern const struct lin_shape lin_right, lin_wrong;

void lin_stage_init(struct lin_stage *stage, const struct lin_target *target,
		    void *map, const struct lin_shape *shape, __u64 seed);
bool lin_stage_play(struct lin_stage *stage, __u64 rounds);

bool lin_stage_passes(const struct lin_stage *stage);
bool lin_stage_is_caught(const struct lin_stage *stage);

#endif /* LIN_STAGE_H */
