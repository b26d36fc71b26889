// SPDX-License-Identifier: GPL-2.0-only
/*
 * report.c - the verdict on a run, a KTAP line for each thing that was promised.
 */
#define pr_fmt(fmt) "gomap_torture: " fmt

#include <linux/kernel.h>
#include <linux/printk.h>

#include "torture.h"

/* What must never happen. */
static const struct property {
	const char *name;
	enum error kinds[2];	/* twice the same: it is the only one */
} properties[] = {
	{ "no value is torn or foreign",
	  { TORN_VALUE, TORN_VALUE } },
	{ "no value is stale, none from the future",
	  { STALE_VALUE, FUTURE_VALUE } },
	{ "no key is lost, none comes from nowhere",
	  { LOST_KEY, GHOST_KEY } },
	{ "every call returns what it must",
	  { WRONG_RESULT, WRONG_RESULT } },
	{ "iterations see what stays exactly once",
	  { SEEN_TWICE, SKIPPED_KEY } },
	{ "all invariants hold",
	  { BROKEN_INVARIANT, BROKEN_INVARIANT } },
	{ "counts are exact when nobody writes",
	  { WRONG_COUNT, WRONG_COUNT } },
};

/* What must have happened. */
static const struct floor {
	const char *name;
	const unsigned int *least;
	enum count begin, end;
} floors[] = {
	{ "lookups", &min_lookups, LOOKUPS, LOOKUPS_END },
	{ "writes", &min_writes, WRITES, WRITES_END },
	{ "grows", &min_grows, GROWS, GROWS + 1 },
	{ "shrinks", &min_shrinks, SHRINKS, SHRINKS + 1 },
	{ "rekeys", &rekeyers, REKEYS, REKEYS + 1 },
	{ "iterations", &iterators, ITERATIONS, ITERATIONS + 1 },
	{ "maps given up", &destroyers, MAPS, MAPS + 1 },
};

static int tests;

static bool test(bool good, const char *name)
{
	tests++;
	if (good)
		pr_info("ok %d - %s\n", tests, name);
	else
		pr_err("not ok %d - %s\n", tests, name);
	return good;
}

static bool report_property(const struct property *p)
{
	return test(!errors_of(p->kinds[0]) && !errors_of(p->kinds[1]),
		    p->name);
}

static bool floor_is_reached(const struct floor *floor,
			     const struct tally *total)
{
	return tally_sum(total, floor->begin, floor->end) >= *floor->least;
}

static bool report_floor(const struct floor *floor, const struct tally *total)
{
	char name[64];

	scnprintf(name, sizeof(name), "at least %u %s", *floor->least,
		  floor->name);
	return test(floor_is_reached(floor, total), name);
}

bool floors_reached(const struct tally *total)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(floors); i++)
		if (!floor_is_reached(&floors[i], total))
			return false;
	return true;
}

/**
 * report() - Report on a run.
 * @total: What was done.
 * @started: Everybody could be started.
 * @idle: How many never did anything.
 *
 * Return: Whether all is well.
 */
bool report(const struct tally *total, bool started, unsigned int idle)
{
	bool good;
	size_t i;

	errors_print();
	pr_info("KTAP version 1\n");
	pr_info("1..%zu\n", 1 + ARRAY_SIZE(properties) + ARRAY_SIZE(floors));
	good = test(started && !idle, "everybody took part");
	for (i = 0; i < ARRAY_SIZE(properties); i++)
		good &= report_property(&properties[i]);
	for (i = 0; i < ARRAY_SIZE(floors); i++)
		good &= report_floor(&floors[i], total);
	pr_info("# End of test: %s\n", good ? "SUCCESS" : "FAILURE");
	return good;
}
