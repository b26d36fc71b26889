// SPDX-License-Identifier: GPL-2.0-only
/*
 * readers.c - those who look up.
 */
#include "torture.h"

unsigned int readers = 3;

/* Lookups before a reader looks up from its work. */
#define READER_BATCH	256

/* Half of all lookups go to the few keys that everybody writes. */
static u32 random_key(struct ground *g, struct actor *actor)
{
	if (one_in(actor, 2))
		return random_below(actor, WILD_END);
	return random_below(actor, g->nr_keys + NEVER_KEYS);
}

/* In any context. */
void read_at_random(struct actor *actor, u32 lookups)
{
	struct ground *g = random_ground(actor);

	while (lookups--)
		ground_lookup(g, actor, random_key(g, actor));
}

static void reader_once(struct actor *actor)
{
	read_at_random(actor, READER_BATCH);
}

const struct role reader_role = {
	.name = "reader",
	.count = &readers,
	.once = reader_once,
};
