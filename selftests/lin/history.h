/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * history.h - who called what on a few keys, when, and what came of it.
 *
 * A history has a log for each thread or interrupt that took part.  Each
 * operation of a log was called later than the one before it returned, those of
 * different logs may overlap; equal times count as an overlap, as nobody knows.
 * All times are of one clock, and none is 0.
 *
 * This header and the sources next to it that include it make up a part of a
 * program and a part of a kernel module, as they are.
 */
#ifndef LIN_HISTORY_H
#define LIN_HISTORY_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#endif

#define LIN_LOGS	8	/* threads and interrupts in a history */
#define LIN_KEYS	4	/* keys in a history */

enum lin_kind {
	LIN_LOOKUP,
	LIN_INSERT,
	LIN_REPLACE,
	LIN_STORE,
	LIN_DELETE,
	LIN_CLEAR,
	LIN_KINDS
};

/* What lookup returns besides -ENOENT; all others return what gomap's do. */
#define LIN_FOUND	1

/* Values.  No write may have one of these. */
#define LIN_ABSENT	0ULL		/* the key is not in the map */
#define LIN_TORN	(~0ULL)		/* what was read is not whole */

#define LIN_NEVER	(~0ULL)		/* the call has not returned */

/* Keys that are none. */
#define LIN_ALL_KEYS	0xfe		/* of a clear */
#define LIN_NO_KEY	0xff		/* of an operation that is left out */

/**
 * struct lin_op - one operation.
 * @value: That was written or read; different for each write of a history.
 * @called: When.
 * @returned: When, or LIN_NEVER: then @result means nothing, and the operation
 *	may have taken effect at any time since, or not at all.
 * @result: What was returned.
 * @kind: One of enum lin_kind.
 * @key: Number of the key, below LIN_KEYS, or LIN_ALL_KEYS, or LIN_NO_KEY.
 */
struct lin_op {
	__u64 value;
	__u64 called;
	__u64 returned;
	__s32 result;
	__u8 kind;
	__u8 key;
};

/**
 * struct lin_log - what one thread or interrupt did, in order.
 * @ops: The operations; one that has not returned can only be the last.
 * @nr: How many.
 */
struct lin_log {
	struct lin_op *ops;
	__u32 nr;
};

/**
 * struct lin_history - what all of them did.
 * @logs: The logs, unused ones empty.
 * @initial: What each key had as value before, or LIN_ABSENT.
 */
struct lin_history {
	struct lin_log logs[LIN_LOGS];
	__u64 initial[LIN_KEYS];
};

/* Does the operation concern the key? */
static inline bool lin_op_is_on(const struct lin_op *op, __u8 key)
{
	return op->key == key || op->key == LIN_ALL_KEYS;
}

#endif /* LIN_HISTORY_H */
