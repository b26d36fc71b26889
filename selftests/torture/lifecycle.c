// SPDX-License-Identifier: GPL-2.0-only
/*
 * lifecycle.c - maps that are made and given up while others are inside them.
 *
 * In each slot there is a map, filled once.  Destroyers put another one there
 * and give the old one back at once.  Guests look keys up in an RCU section
 * without a reference, or take a reference, walk through the map, and may be
 * the last to leave it.
 */
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "torture.h"

unsigned int destroyers = 1;
unsigned int guests = 2;

#define SLOTS		4U
#define MAX_ENTRIES	200U
#define GUEST_BATCH	32
#define DESTROY_REST	2	/* jiffies */

/**
 * struct tenant - the map of a slot and what is in it.
 * @g: The map; there are no records, as nothing changes.
 * @entries: Keys below are in it.
 * @state: What all values stand for.
 * @rcu: For the grace period after it has left its slot.
 */
struct tenant {
	struct ground g;
	u32 entries;
	u32 state;
	struct rcu_head rcu;
};

static struct tenant __rcu *slots[SLOTS];
static DEFINE_SPINLOCK(slots_lock);

static int tenant_fill(struct tenant *t, struct actor *actor)
{
	u32 wanted = random_below(actor, MAX_ENTRIES);
	u32 key_len, value_len;
	int err = 0;

	while (t->entries < wanted && !err) {
		key_len = key_make(&t->g, t->entries, actor->key);
		value_len = value_make(&t->g, t->entries, t->state,
				       actor->stored);
		err = gomap_insert(t->g.map, actor->key, key_len,
				   actor->stored, value_len, GFP_KERNEL);
		t->entries += !err;
	}
	return err;
}

static struct tenant *tenant_create(struct actor *actor)
{
	struct tenant *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return NULL;
	t->g.shape = &shapes[random_below(actor, nr_shapes)];
	t->g.tag = prandom_u32_state(&actor->random);
	t->state = next_state(prandom_u32_state(&actor->random), true);
	t->g.map = map_create(t->g.shape);
	if (IS_ERR(t->g.map)) {
		kfree(t);
		return NULL;
	}
	err = tenant_fill(t, actor);
	if (err == -ENOMEM)
		actor->tally.n[REFUSED]++;
	else if (err)
		violation(WRONG_RESULT, "%s: insert into a new map returned %d",
			  t->g.shape->name, err);
	actor->tally.n[MAPS]++;
	return t;
}

static void tenant_replace(struct actor *actor, u32 slot, struct tenant *next)
{
	struct tenant *t;

	spin_lock(&slots_lock);
	t = rcu_replace_pointer(slots[slot], next,
				lockdep_is_held(&slots_lock));
	spin_unlock(&slots_lock);
	if (!t)
		return;
	tally_add_map(&actor->tally, t->g.map);
	gomap_put(t->g.map);
	kfree_rcu(t, rcu);
}

static void destroyer_once(struct actor *actor)
{
	struct tenant *t = tenant_create(actor);

	if (t)
		tenant_replace(actor, random_below(actor, SLOTS), t);
	else
		actor->tally.n[REFUSED]++;
	actor_rest(actor, DESTROY_REST);
}

const struct role destroyer_role = {
	.name = "destroyer",
	.count = &destroyers,
	.once = destroyer_once,
};

static void judge_tenant_value(const struct tenant *t, struct actor *actor,
			       u32 id, u32 len)
{
	u32 state;

	if (!value_read(&t->g, id, actor->value, len, &state))
		violation(TORN_VALUE, "%s: key %u of a map that goes",
			  t->g.shape->name, id);
	else if (state != t->state)
		violation(STALE_VALUE, "%s: key %u of a map that goes",
			  t->g.shape->name, id);
}

static void tenant_lookup(const struct tenant *t, struct actor *actor, u32 id)
{
	u32 key_len = key_make(&t->g, id, actor->key);
	int len = gomap_lookup(t->g.map, actor->key, key_len, actor->value,
			       sizeof(actor->value));

	actor->tally.n[LOOKUPS + actor->context]++;
	actor->tally.n[len < 0 ? MISSES : HITS]++;
	if (len < 0 && len != -ENOENT)
		violation(WRONG_RESULT, "%s: a lookup returned %d",
			  t->g.shape->name, len);
	else if (len < 0 && id < t->entries)
		violation(LOST_KEY, "%s: key %u of a map that goes",
			  t->g.shape->name, id);
	else if (len >= 0 && id >= t->entries)
		violation(GHOST_KEY, "%s: key %u of a map that goes",
			  t->g.shape->name, id);
	else if (len >= 0)
		judge_tenant_value(t, actor, id, len);
}

/* Nothing but RCU keeps the map. */
static void visit_without_reference(struct actor *actor)
{
	struct tenant *t;
	int i;

	rcu_read_lock();
	t = rcu_dereference(slots[random_below(actor, SLOTS)]);
	for (i = 0; t && i < GUEST_BATCH; i++)
		tenant_lookup(t, actor, random_below(actor, MAX_ENTRIES));
	rcu_read_unlock();
}

static bool tenant_get(struct actor *actor, struct tenant *copy)
{
	struct tenant *t;

	spin_lock(&slots_lock);
	t = rcu_dereference_protected(slots[random_below(actor, SLOTS)],
				      lockdep_is_held(&slots_lock));
	if (t) {
		copy->g.map = gomap_get(t->g.map);
		copy->g.shape = t->g.shape;
		copy->g.tag = t->g.tag;
		copy->entries = t->entries;
		copy->state = t->state;
	}
	spin_unlock(&slots_lock);
	return t;
}

/* Nobody writes: one after the other, each once. */
static u32 tenant_walk(const struct tenant *t, struct actor *actor)
{
	struct gomap_entry entry = {
		.key = actor->key, .key_cap = sizeof(actor->key),
		.value = actor->value, .value_cap = sizeof(actor->value),
	};
	struct gomap_iter iter;
	u32 id, seen = 0;

	gomap_iter_begin(&iter, t->g.map);
	while (gomap_iter_next(&iter, &entry) > 0) {
		seen++;
		if (!key_read(&t->g, actor->key, entry.key_len, &id) ||
		    id >= t->entries)
			violation(GHOST_KEY, "%s: in a map that goes",
				  t->g.shape->name);
		else
			judge_tenant_value(t, actor, id, entry.value_len);
	}
	gomap_iter_end(&iter);
	return seen;
}

static void visit_with_reference(struct actor *actor)
{
	struct tenant *t = actor->private;
	u32 seen;
	int broken;

	if (!tenant_get(actor, t))
		return;
	actor_rest(actor, DESTROY_REST * SLOTS);
	seen = tenant_walk(t, actor);
	if (seen != t->entries)
		violation(WRONG_COUNT, "%s: %u of %u entries of a map that goes",
			  t->g.shape->name, seen, t->entries);
	broken = gomap_check(t->g.map);
	if (broken)
		violation(BROKEN_INVARIANT, "%s: I%d of a map that goes",
			  t->g.shape->name, broken);
	gomap_put(t->g.map);
}

static void guest_once(struct actor *actor)
{
	if (one_in(actor, 64))
		visit_with_reference(actor);
	else
		visit_without_reference(actor);
}

static size_t guest_size(void)
{
	return sizeof(struct tenant);
}

const struct role guest_role = {
	.name = "guest",
	.count = &guests,
	.once = guest_once,
	.private_size = guest_size,
};

/* After the end of all other actors. */
void slots_empty(struct actor *director)
{
	u32 slot;

	for (slot = 0; slot < SLOTS; slot++)
		tenant_replace(director, slot, NULL);
}
