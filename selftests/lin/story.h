/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * story.h - a history that a test makes up.
 */
#ifndef LIN_STORY_H
#define LIN_STORY_H

#include "judge.h"

#define OPS_MAX		64

/**
 * struct story - a history, and the memory of its logs.
 * @history: The history.
 * @ops: Of each log.
 */
struct story {
	struct lin_history history;
	struct lin_op ops[LIN_LOGS][OPS_MAX];
};

static struct lin_workspace workspace;

static inline void story_init(struct story *story, __u64 initial)
{
	memset(story, 0, sizeof(*story));
	story->history.initial[0] = initial;
	for (int i = 0; i < LIN_LOGS; i++)
		story->history.logs[i].ops = story->ops[i];
}

static inline void story_add(struct story *story, __u32 log, const struct lin_op *op)
{
	struct lin_log *l = &story->history.logs[log];

	l->ops[l->nr++] = *op;
}

/* As lin_check(), for the first key. */
static inline int story_check(const struct story *story)
{
	struct lin_finding finding;

	return lin_check(&story->history, 0, &workspace, &finding);
}

#endif /* LIN_STORY_H */
