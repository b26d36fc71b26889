// SPDX-License-Identifier: GPL-2.0-only
/*
 * writers.c - those who store, replace and delete.
 *
 * The keys are divided among them, but for the wild ones.
 */
#include <linux/bottom_half.h>

#include "torture.h"

unsigned int writers = 2;

/* Writes before a writer goes on to another map. */
#define WRITER_BATCH	16

/* One of the keys below @end that are this writer's; @end: it has none. */
static u32 random_own_key(struct actor *actor, u32 end)
{
	u32 own = (end - actor->nr + writers - 1) / writers;

	if (actor->nr >= end)
		return end;
	return actor->nr + random_below(actor, own) * writers;
}

/* A permanent key stays, a toggled one comes, changes or goes. */
static void write_own_key(struct ground *g, struct actor *actor, gfp_t gfp)
{
	u32 id = random_own_key(actor, TOGGLED_END);

	if (id < TOGGLED_END)
		ground_write(g, actor, id,
			     id < PERMANENT_END || one_in(actor, 2), gfp);
}

static void write_some(struct ground *g, struct actor *actor, gfp_t gfp)
{
	int i;

	for (i = 0; i < WRITER_BATCH; i++) {
		if (one_in(actor, 4))
			ground_write_wild(g, actor, gfp);
		else
			write_own_key(g, actor, gfp);
	}
}

/* One time in four like somebody who may not sleep. */
static void writer_once(struct actor *actor)
{
	struct ground *g = random_ground(actor);

	/* The ground's own lock sleeps. */
	if (g->shape->cleared || !one_in(actor, 4)) {
		write_some(g, actor, GFP_KERNEL);
		return;
	}
	local_bh_disable();
	write_some(g, actor, GFP_ATOMIC);
	local_bh_enable();
}

const struct role writer_role = {
	.name = "writer",
	.count = &writers,
	.once = writer_once,
};
