// SPDX-License-Identifier: GPL-2.0-only
/*
 * audit.c - what can be said of a map as a whole: always, and when nobody
 * writes.
 */
#include "torture.h"

unsigned int checkers = 1;

#define CHECK_REST	8	/* jiffies */

static void judge_invariants(struct ground *g)
{
	int broken = gomap_check(g->map);

	if (broken)
		violation(BROKEN_INVARIANT, "%s: I%d", g->shape->name, broken);
}

/* Figures that cannot be, whoever is at work. */
static void judge_figures(struct ground *g, struct actor *actor)
{
	struct gomap_info info;

	if (gomap_info(g->map, &info, one_in(actor, 2)))
		violation(WRONG_RESULT, "%s: info failed", g->shape->name);
	if (info.nr_evacuated > info.nr_old_buckets)
		violation(WRONG_COUNT, "%s: %llu of %llu buckets evacuated",
			  g->shape->name, info.nr_evacuated,
			  info.nr_old_buckets);
	if (info.len > g->nr_keys || info.bytes_live > info.bytes_held)
		violation(WRONG_COUNT, "%s: %llu entries, %llu of %llu bytes",
			  g->shape->name, info.len, info.bytes_live,
			  info.bytes_held);
}

static void checker_once(struct actor *actor)
{
	struct ground *g = random_ground(actor);

	if (one_in(actor, 2))
		judge_invariants(g);
	else
		judge_figures(g, actor);
	actor->tally.n[CHECKS]++;
	actor_rest(actor, CHECK_REST);
}

const struct role checker_role = {
	.name = "checker",
	.count = &checkers,
	.once = checker_once,
};

/* Look up every key.  Returns how many are there. */
static u64 count_by_lookup(struct ground *g, struct actor *director)
{
	u64 found = 0;
	u32 id;

	for (id = 0; id < g->nr_keys + NEVER_KEYS; id++)
		found += ground_lookup(g, director, id) >= 0;
	return found;
}

static u64 count_by_iteration(struct ground *g)
{
	struct gomap_entry nothing = {};
	struct gomap_iter iter;
	u64 seen = 0;

	gomap_iter_begin(&iter, g->map);
	while (gomap_iter_next(&iter, &nothing) > 0)
		seen++;
	gomap_iter_end(&iter);
	return seen;
}

static u64 resizes_of(const struct gomap_info *info)
{
	return info->grows + info->same_size_grows + info->shrinks +
	       info->rekeys;
}

/* Did the map stay as it was from one look to the other? */
static bool stood_still(const struct gomap_info *a, const struct gomap_info *b)
{
	return a->resizing == GOMAP_RESIZING_NO &&
	       b->resizing == GOMAP_RESIZING_NO &&
	       resizes_of(a) == resizes_of(b);
}

/* Unless the map's own worker resizes it, each bucket is in one of the bins. */
static void judge_fill(struct ground *g)
{
	struct gomap_info info, later;
	u64 buckets = 0, entries = 0;
	int i;

	if (gomap_info(g->map, &info, true) ||
	    gomap_info(g->map, &later, false))
		violation(WRONG_RESULT, "%s: info failed", g->shape->name);
	if (!stood_still(&info, &later))
		return;
	for (i = 0; i < GOMAP_INFO_FILL_BINS; i++) {
		buckets += info.fill[i];
		entries += info.fill[i] * i;
	}
	/* The last bin is for all that have that many or more. */
	if (buckets != info.nr_buckets || entries > info.len ||
	    (entries < info.len && !info.fill[GOMAP_INFO_FILL_BINS - 1]))
		violation(WRONG_COUNT, "%s: fill has %llu of %llu buckets, %llu of %llu entries",
			  g->shape->name, buckets, info.nr_buckets, entries,
			  info.len);
}

/* Nobody writes, so all who count have to agree. */
static void audit_ground(struct ground *g, struct actor *director)
{
	u64 found = count_by_lookup(g, director);
	u64 seen = count_by_iteration(g);
	u64 len = gomap_len(g->map);

	judge_invariants(g);
	judge_fill(g);
	if (found != len || seen != len)
		violation(WRONG_COUNT,
			  "%s: %llu found, %llu in an iteration, length %llu",
			  g->shape->name, found, seen, len);
}

/* Context: Process context; all actors are paused. */
void audit(struct actor *director)
{
	unsigned int i;

	for (i = 0; i < nr_grounds; i++)
		audit_ground(&grounds[i], director);
	director->tally.n[AUDITS]++;
}

static void empty_ground(struct ground *g, struct actor *director)
{
	u32 id, key_len;

	for (id = 0; id < g->nr_keys; id++) {
		key_len = key_make(g, id, director->key);
		if (key_is_wild(id))
			gomap_delete(g->map, director->key, key_len);
		else
			ground_write(g, director, id, false, GFP_KERNEL);
	}
	if (gomap_len(g->map))
		violation(WRONG_COUNT, "%s: %llu entries left of none",
			  g->shape->name, gomap_len(g->map));
}

/* As audit(), with empty maps; after that they are of no use any more. */
void audit_emptied(struct actor *director)
{
	unsigned int i;

	for (i = 0; i < nr_grounds; i++)
		empty_ground(&grounds[i], director);
	audit(director);
}
