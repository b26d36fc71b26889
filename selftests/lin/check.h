/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check.h - is a history linearizable?
 *
 * It is, if each operation can be given a moment between its call and its
 * return, so that all of them, carried out one at a time in the order of these
 * moments, would return what they did return.  Keys do not concern each other,
 * so a history is linearizable if what it says of each key is.
 */
#ifndef LIN_CHECK_H
#define LIN_CHECK_H

#include "history.h"

/*
 * What may be the case at a moment: which of the operations under way have had
 * their moment, and the value then.  For each set of those, that value is the
 * last write's of one of the logs, or the initial one, or none.
 */
#define LIN_SUBSETS	(1U << LIN_LOGS)
#define LIN_CASES	(LIN_SUBSETS * (LIN_LOGS + 2))

/**
 * struct lin_case - one of the things that may be the case.
 * @value: The value of the key, or LIN_ABSENT.
 * @done: Bits of the logs whose operation under way has had its moment.
 * @next: Number of the next case with the same @done, plus 1; 0: none.
 */
struct lin_case {
	__u64 value;
	__u16 done;
	__u16 next;
};

/**
 * struct lin_cases - a set of them.
 * @nr: How many.
 * @cases: The cases, each different.
 * @first: By @done, number of a case with it, plus 1; 0: there is none.
 */
struct lin_cases {
	__u32 nr;
	struct lin_case cases[LIN_CASES];
	__u16 first[LIN_SUBSETS];
};

/**
 * struct lin_workspace - the memory of a search, all that it needs.
 * @sets: What may be the case now, and next.
 */
struct lin_workspace {
	struct lin_cases sets[2];
};

/**
 * struct lin_finding - what a search found out.
 * @misfit: The operation that was the first to return without an order that
 *	would explain it and all before it; NULL: there is an order for all.
 * @ops: Operations that were looked at.
 * @overlapped: How many of them overlapped with another one.
 * @quiet: The last time when no operation was under way and only one value was
 *	possible; 0: there was none but the beginning.
 * @value: That value.
 */
struct lin_finding {
	const struct lin_op *misfit;
	__u32 ops;
	__u32 overlapped;
	__u64 quiet;
	__u64 value;
};

int lin_check(const struct lin_history *history, __u8 key,
	      struct lin_workspace *work, struct lin_finding *finding);

/* True for what neither changes the value nor can have done so. */
bool lin_op_changes_nothing(const struct lin_op *op);

#endif /* LIN_CHECK_H */
