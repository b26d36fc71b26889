/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge.h - a verdict on a whole history, in words where it is a bad one, and
 * the sum of all verdicts.
 */
#ifndef LIN_JUDGE_H
#define LIN_JUDGE_H

#include "check.h"

/**
 * struct lin_tally - what many histories came to.
 * @name: What they are histories of.
 * @histories: Histories judged.
 * @rejected: Those that are not linearizable.
 * @failed: Those that could not be judged.
 * @ops: Operations in them.
 * @overlapped: Operations that overlapped with another one on the same key.
 * @grown: Histories during which the map began to grow.
 * @shrunk: Those during which it began to shrink.
 * @rekeyed: Those during which it began to move to a new seed.
 */
struct lin_tally {
	const char *name;
	__u64 histories;
	__u64 rejected;
	__u64 failed;
	__u64 ops;
	__u64 overlapped;
	__u64 grown;
	__u64 shrunk;
	__u64 rekeyed;
};

/* Takes a line of text without an end of line. */
typedef void lin_say_t(const char *line);

bool lin_judge(struct lin_history *history, struct lin_workspace *work,
	       struct lin_tally *tally, lin_say_t *say);
void lin_reduce(struct lin_history *history, __u8 key,
		struct lin_workspace *work);
void lin_print(const struct lin_history *history, __u8 key, lin_say_t *say);
void lin_print_tally(const struct lin_tally *tally, lin_say_t *say);

/* Operations of a hundred that overlapped. */
static inline __u64 lin_percent_overlapped(const struct lin_tally *tally)
{
	return tally->ops ? 100 * tally->overlapped / tally->ops : 0;
}

#endif /* LIN_JUDGE_H */
