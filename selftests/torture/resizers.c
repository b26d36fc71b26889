// SPDX-License-Identifier: GPL-2.0-only
/*
 * resizers.c - those who make maps grow, shrink, take new seeds, and start anew.
 */
#include <linux/errno.h>
#include <linux/sched.h>

#include "torture.h"

unsigned int growers = 2;
unsigned int compactors = 2;
unsigned int rekeyers = 1;
unsigned int clearers = 1;

/* Rekeys in a row: iterations get their turn between two rows. */
#define REKEY_BURST	8

/* Jiffies that they sleep between two rounds, at most. */
#define COMPACT_REST	2
#define REKEY_REST	16
#define CLEAR_REST	16

/* So long a map that was drained may take to shrink by itself. */
#define SHRINK_TIME	(HZ / 4)

/* Full, empty, or somewhere in between. */
static u32 random_level(struct actor *actor, u32 full)
{
	switch (random_below(actor, 4)) {
	case 0:
		return 0;
	case 1:
		return full;
	default:
		return random_below(actor, full);
	}
}

/* Have this grower's keys below the level in the map, and no others. */
static void bring_to_level(struct ground *g, struct actor *actor, u32 level)
{
	u32 id;

	for (id = WILD_END + actor->nr; id < g->nr_keys; id += growers) {
		bool present = id - WILD_END < level;

		if (state_is_present(g->records[id].begun) != present)
			ground_write(g, actor, id, present, GFP_KERNEL);
		if (actor_should_end())
			break;
	}
}

static void judge_resize(struct ground *g, struct actor *actor,
			 const char *what, int ret)
{
	if (ret == -ENOMEM)
		actor->tally.n[REFUSED]++;
	else if (ret == -EBUSY && g->shape->flags & GOMAP_F_STRICT)
		actor->tally.n[BUSY]++;
	else if (ret)
		violation(WRONG_RESULT, "%s: %s returned %d", g->shape->name,
			  what, ret);
}

static void compact(struct ground *g, struct actor *actor)
{
	judge_resize(g, actor, "compact", gomap_compact(g->map));
	actor->tally.n[COMPACTS]++;
}

/* What was drained is left to shrink by itself, or compacted, or refilled. */
static void grower_once(struct actor *actor)
{
	struct ground *g = random_ground(actor);
	u32 level = random_level(actor, churned);

	bring_to_level(g, actor, level);
	if (level)
		return;
	if (one_in(actor, 8))
		actor_rest(actor, SHRINK_TIME);
	else if (one_in(actor, 2))
		compact(g, actor);
}

const struct role grower_role = {
	.name = "grower",
	.count = &growers,
	.once = grower_once,
};

static void compactor_once(struct actor *actor)
{
	struct ground *g = random_ground(actor);

	if (one_in(actor, 4))
		judge_resize(g, actor, "finish_resize",
			     gomap_finish_resize(g->map));
	else
		compact(g, actor);
	actor_rest(actor, COMPACT_REST);
}

const struct role compactor_role = {
	.name = "compactor",
	.count = &compactors,
	.once = compactor_once,
};

static void rekeyer_once(struct actor *actor)
{
	struct ground *g = random_ground(actor);
	int i;

	for (i = 0; i < REKEY_BURST && !actor_should_end(); i++) {
		judge_resize(g, actor, "rekey", gomap_rekey(g->map));
		actor->tally.n[REKEYS_ASKED]++;
	}
	actor_rest(actor, REKEY_REST);
}

const struct role rekeyer_role = {
	.name = "rekeyer",
	.count = &rekeyers,
	.once = rekeyer_once,
};

static void clearer_once(struct actor *actor)
{
	struct ground *g = random_ground(actor);

	if (g->shape->cleared) {
		judge_resize(g, actor, "clear", ground_clear(g));
		actor->tally.n[CLEARS_ASKED]++;
	}
	actor_rest(actor, CLEAR_REST);
}

const struct role clearer_role = {
	.name = "clearer",
	.count = &clearers,
	.once = clearer_once,
};
