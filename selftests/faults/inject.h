/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults to order: has the kernel refuse this thread memory, or a copy from or
 * to its own memory, at a chosen place, and tells what came of it.
 *
 * Three ways, each of which ends with inject_end():
 *
 *	inject_nth(n)		the n-th fault there could be, of whatever kind
 *	inject_from(kind, n)	all of a kind, but those that n pays for
 *	inject_randomly(p)	p percent of all
 *
 * Nothing but the system call to be tested belongs between the two: whatever
 * this thread asks of the kernel takes part.
 */
#ifndef GOMAP_SELFTEST_INJECT_H
#define GOMAP_SELFTEST_INJECT_H

/* What is refused: an object, pages, a copy. */
enum fault_kind {
	FAULT_SLAB,
	FAULT_PAGE,
	FAULT_USERCOPY,
	FAULT_KINDS,
	FAULT_NONE = FAULT_KINDS
};

/* How many faults of each kind there were. */
struct fault_counts {
	unsigned int of[FAULT_KINDS];
};

/* Get ready, in the thread that is to suffer.  NULL, or why that cannot be. */
const char *inject_open(void);

void inject_nth(unsigned int n);
/*
 * From now on all faults of @kind, but for the first @space bytes (slab), pages
 * or copies, rounded up.
 */
void inject_from(enum fault_kind kind, unsigned int space);
void inject_randomly(unsigned int percent);

/* No more faults; how many there were since one of these began. */
struct fault_counts inject_end(void);

/*
 * Instead of inject_end(), when inject_nth() has asked for more than there is:
 * how many there could have been.
 */
unsigned int inject_opportunities(unsigned int asked);

/* The kind of the one fault that inject_nth() led to, if it did. */
enum fault_kind inject_kind(const struct fault_counts *counts);
const char *inject_kind_name(enum fault_kind kind);
unsigned int inject_sum(const struct fault_counts *counts);

/*
 * p percent of all in the threads of the kernel that do gomap's work; 0: no more.
 * Returns how many there were until now.
 */
unsigned int inject_into_workers(unsigned int percent);

#endif /* GOMAP_SELFTEST_INJECT_H */
