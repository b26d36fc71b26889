// SPDX-License-Identifier: GPL-2.0-only
/*
 * iterators.c - those who walk through whole maps, and count.
 *
 * Before a walk the records are copied.  A key whose record is the same after
 * it was there all the time, and has to be seen exactly once, or was not there
 * all the time, and must not be seen.  All other keys may be seen once.
 */
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "torture.h"

unsigned int iterators = 2;

/* Whatever is not a state that a record has. */
#define UNSETTLED	(~0U)

/**
 * struct walk_key - a key of the map that an iteration goes through.
 * @reached: What its record had reached at the begin.
 * @settled: Its state at the begin, unless it was just being written.
 * @seen: How often it was seen.
 */
struct walk_key {
	u32 reached;
	u32 settled;
	u32 seen;
};

/**
 * struct walk - one iteration and what has to come of it.
 * @g: The ground.
 * @iter: The iterator.
 * @resets: Clears and rekeys of the map before: an excuse for -ESTALE.
 * @keys: What is known of each key.
 */
struct walk {
	struct ground *g;
	struct gomap_iter iter;
	u64 resets;
	struct walk_key keys[];
};

static size_t walk_size(void)
{
	return struct_size_t(struct walk, keys, WILD_END + churned);
}

static u64 resets_of(struct ground *g)
{
	struct gomap_info info;

	gomap_info(g->map, &info, false);
	return info.rekeys + info.clears;
}

static void note_records(struct walk *w)
{
	u32 id, begun;

	for (id = 0; id < w->g->nr_keys; id++) {
		struct record *record = &w->g->records[id];
		struct walk_key *key = &w->keys[id];

		key->seen = 0;
		/* Pairs with cmpxchg() in record_reach(). */
		key->reached = smp_load_acquire(&record->reached);
		begun = READ_ONCE(record->begun);
		key->settled = begun == key->reached ? begun : UNSETTLED;
	}
}

static void judge_entry(struct walk *w, struct actor *actor,
			const struct gomap_entry *entry)
{
	struct ground *g = w->g;
	u32 id, state;

	actor->tally.n[ENTRIES_SEEN]++;
	if (!key_read(g, entry->key, entry->key_len, &id) || id >= g->nr_keys) {
		violation(GHOST_KEY, "%s: an iteration brought key %llx",
			  g->shape->name, actor->key[0]);
		return;
	}
	if (w->keys[id].seen++)
		violation(SEEN_TWICE, "%s: key %u", g->shape->name, id);
	if (entry->value &&
	    !value_read(g, id, entry->value, entry->value_len, &state))
		violation(TORN_VALUE, "%s: key %u in an iteration",
			  g->shape->name, id);
	else if (entry->value && !key_is_wild(id) &&
		 state_before(state, w->keys[id].reached))
		violation(STALE_VALUE, "%s: key %u in an iteration: %x after %x",
			  g->shape->name, id, state, w->keys[id].reached);
}

/* A key that was not written during the walk. */
static void judge_settled(struct walk *w, u32 id)
{
	const struct walk_key *key = &w->keys[id];

	if (state_is_present(key->settled) && !key->seen)
		violation(SKIPPED_KEY, "%s: key %u, there all the time",
			  w->g->shape->name, id);
	if (!state_is_present(key->settled) && key->seen)
		violation(GHOST_KEY, "%s: key %u, never there, in an iteration",
			  w->g->shape->name, id);
}

static void judge_end(struct walk *w)
{
	u32 id;

	smp_rmb();	/* pairs with smp_wmb() in write_recorded() */
	for (id = 0; id < w->g->nr_keys; id++) {
		if (key_is_wild(id))
			continue;
		if (READ_ONCE(w->g->records[id].begun) == w->keys[id].settled)
			judge_settled(w, id);
		else if (key_stays(w->g, id) && !w->keys[id].seen &&
			 state_is_present(w->keys[id].reached))
			violation(SKIPPED_KEY, "%s: permanent key %u",
				  w->g->shape->name, id);
	}
}

/* Leave off and go on from the position alone, as another process might. */
static void resume_elsewhere(struct walk *w)
{
	struct gomap_iter_pos pos = w->iter.pos;

	gomap_iter_end(&w->iter);
	memset(&w->iter, 0, sizeof(w->iter));
	gomap_iter_resume(&w->iter, w->g->map, &pos);
}

/* Too little room at first, now and then: nothing is lost by it. */
static int walk_next(struct walk *w, struct actor *actor,
		     struct gomap_entry *entry)
{
	int ret;

	*entry = (struct gomap_entry){
		.key = actor->key,
		.key_cap = one_in(actor, 16) ? 7 : sizeof(actor->key),
		.value = one_in(actor, 8) ? NULL : actor->value,
		.value_cap = sizeof(actor->value),
	};
	ret = gomap_iter_next(&w->iter, entry);
	if (ret != -EMSGSIZE || entry->key_cap > 7)
		return ret;
	entry->key_cap = sizeof(actor->key);
	return gomap_iter_next(&w->iter, entry);
}

/* Walk to the end.  Returns 0, an errno, or 1: there is no time for it. */
static int walk_through(struct walk *w, struct actor *actor)
{
	struct gomap_entry entry;
	int ret;

	while ((ret = walk_next(w, actor, &entry)) > 0) {
		judge_entry(w, actor, &entry);
		if (one_in(actor, 16))
			resume_elsewhere(w);
		if (one_in(actor, 128))
			actor_rest(actor, 2);
		if (actor_should_end())
			break;
	}
	return ret;
}

static void judge_refusal(struct walk *w, struct actor *actor, int ret)
{
	if (ret == -ENOMEM)
		actor->tally.n[REFUSED]++;
	else if (ret == -ESTALE && resets_of(w->g) != w->resets)
		actor->tally.n[STALE_CURSORS]++;
	else
		violation(WRONG_RESULT, "%s: an iteration ended with %d",
			  w->g->shape->name, ret);
}

static void iterator_once(struct actor *actor)
{
	struct walk *w = actor->private;
	int ret;

	w->g = random_ground(actor);
	w->resets = resets_of(w->g);
	note_records(w);
	gomap_iter_begin(&w->iter, w->g->map);
	ret = walk_through(w, actor);
	gomap_iter_end(&w->iter);
	if (ret == 0) {
		judge_end(w);
		actor->tally.n[ITERATIONS]++;
	} else if (ret < 0) {
		judge_refusal(w, actor, ret);
	}
}

const struct role iterator_role = {
	.name = "iterator",
	.count = &iterators,
	.once = iterator_once,
	.private_size = walk_size,
};
