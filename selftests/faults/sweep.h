/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An operation with faults around it, judged in every respect.
 */
#ifndef GOMAP_SELFTEST_SWEEP_H
#define GOMAP_SELFTEST_SWEEP_H

#include "inject.h"
#include "operation.h"

/**
 * struct sweep_shape - a shape of maps that faults are tried on.
 * @name: Its name.
 * @shape: For the create.  All maps are accounted to their creator.
 * @always: Not only where GOMAP_FAULTS=all is in the environment.
 */
struct sweep_shape {
	const char *name;
	struct gm_shape shape;
	bool always;
};

/* The shape after that one, NULL: the first; NULL: there are no more. */
const struct sweep_shape *sweep_next_shape(const struct sweep_shape *shape);
/* Is there time for everything? */
bool sweep_all(void);

/* What came of the faults. */
struct sweep_counts {
	unsigned int runs;		/* of operations */
	unsigned int injected;		/* faults of which no two are the same */
	unsigned int of[FAULT_KINDS];	/* the same, by kind */
	unsigned int enomem;		/* runs that ended so */
	unsigned int efault;
	unsigned int borne;		/* runs that went well all the same */
	unsigned int answer_lost;	/* -EFAULT, with the change made */
};

/*
 * Judge the answer of a run that @faults took place in.  The world is brought up
 * to date; whether the map is, too, is another question.
 */
bool attempt_is_right(struct attempt *a, const struct fault_counts *faults,
		      struct sweep_counts *counts);

/*
 * Build the map, run the operation with the faults that @arm sets up, judge,
 * and run it once more without any.  @faults tells which there were.
 * False: something was wrong, and said.
 */
bool try_with_faults(const struct operation *operation, int control,
		     const struct sweep_shape *shape, enum world_state state,
		     void (*arm)(unsigned int n), unsigned int n,
		     struct sweep_counts *counts, struct fault_counts *faults);

#endif /* GOMAP_SELFTEST_SWEEP_H */
