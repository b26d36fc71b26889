// SPDX-License-Identifier: GPL-2.0-only
/*
 * stats.c - what was done, and what went wrong.
 */
#define pr_fmt(fmt) "gomap_torture: " fmt

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/stdarg.h>

#include "torture.h"

/* More is noise: one broken thing tends to break all that follows. */
#define MAX_REPORTS	20

/* A line of the log takes so many of them. */
#define COUNTS_PER_LINE	8

static const char * const count_names[NR_COUNTS] = {
	[LOOKUPS + IN_PROCESS] = "lookups",
	[LOOKUPS + IN_SOFTIRQ] = "softirq-lookups",
	[LOOKUPS + IN_HARDIRQ] = "hardirq-lookups",
	[LOOKUPS + IN_NMI] = "nmi-lookups",
	[HITS] = "hits",
	[MISSES] = "misses",
	[GAVE_UP] = "gave-up",
	[WRITES + IN_PROCESS] = "writes",
	[WRITES + IN_SOFTIRQ] = "softirq-writes",
	[WRITES + IN_HARDIRQ] = "hardirq-writes",
	[WRITES + IN_NMI] = "nmi-writes",
	[REFUSED] = "no-memory",
	[BUSY] = "busy",
	[ITERATIONS] = "iterations",
	[ENTRIES_SEEN] = "entries",
	[STALE_CURSORS] = "stale-cursors",
	[COMPACTS] = "compacts",
	[REKEYS_ASKED] = "rekeys-asked",
	[CLEARS_ASKED] = "clears-asked",
	[CHECKS] = "checks",
	[MAPS] = "maps",
	[AUDITS] = "audits",
	[GROWS] = "grows",
	[SAME_SIZE] = "same-size",
	[SHRINKS] = "shrinks",
	[REKEYS] = "rekeys",
	[ATTACKS] = "attacks",
	[CLEARS] = "clears",
	[RETRIES] = "read-retries",
};

static const char * const error_names[NR_ERRORS] = {
	[TORN_VALUE] = "torn or foreign value",
	[STALE_VALUE] = "stale value",
	[FUTURE_VALUE] = "value that was not written yet",
	[LOST_KEY] = "key that is there was not found",
	[GHOST_KEY] = "key that is not there was found",
	[WRONG_RESULT] = "wrong result",
	[SEEN_TWICE] = "key seen twice by an iteration",
	[SKIPPED_KEY] = "key skipped by an iteration",
	[BROKEN_INVARIANT] = "broken invariant",
	[WRONG_COUNT] = "wrong count",
};

static atomic_t errors[NR_ERRORS];
static atomic_t reports;

/* Any context. */
void violation(enum error kind, const char *format, ...)
{
	struct va_format vaf = { .fmt = format };
	va_list args;

	atomic_inc(&errors[kind]);
	if (atomic_inc_return(&reports) > MAX_REPORTS)
		return;
	va_start(args, format);
	vaf.va = &args;
	pr_err("# %s: %pV\n", error_names[kind], &vaf);
	va_end(args);
}

u64 errors_of(enum error kind)
{
	return atomic_read(&errors[kind]);
}

u64 errors_total(void)
{
	u64 total = 0;
	int i;

	for (i = 0; i < NR_ERRORS; i++)
		total += errors_of(i);
	return total;
}

void tally_add(struct tally *to, const struct tally *from)
{
	int i;

	for (i = 0; i < NR_COUNTS; i++)
		/* Its owner may be counting: a value a little old will do. */
		to->n[i] += data_race(from->n[i]);
}

/* What a map counts itself. */
void tally_add_map(struct tally *to, struct gomap *map)
{
	struct gomap_info info;

	gomap_info(map, &info, false);
	to->n[GROWS] += info.grows;
	to->n[SAME_SIZE] += info.same_size_grows;
	to->n[SHRINKS] += info.shrinks;
	to->n[REKEYS] += info.rekeys;
	to->n[ATTACKS] += info.attacks;
	to->n[CLEARS] += info.clears;
	to->n[RETRIES] += info.read_retries;
}

u64 tally_sum(const struct tally *t, enum count begin, enum count end)
{
	u64 total = 0;

	while (begin < end)
		total += t->n[begin++];
	return total;
}

/* All that is not zero, a few to a line. */
void tally_print(const struct tally *t)
{
	char line[256];
	int i, used = 0, on_line = 0;

	for (i = 0; i < NR_COUNTS; i++) {
		if (t->n[i]) {
			used += scnprintf(line + used, sizeof(line) - used,
					  "%s %llu ", count_names[i], t->n[i]);
			on_line++;
		}
		if (on_line == COUNTS_PER_LINE || (used && i == NR_COUNTS - 1)) {
			pr_info("# %s\n", line);
			used = 0;
			on_line = 0;
		}
	}
}

void errors_print(void)
{
	int i;

	for (i = 0; i < NR_ERRORS; i++)
		if (errors_of(i))
			pr_info("# errors: %s: %llu\n", error_names[i],
				errors_of(i));
}
