// SPDX-License-Identifier: GPL-2.0-only
/*
 * ground.c - maps under torture, and the rules that say what may be found.
 *
 * A key's writer announces the state that it is about to bring about (@begun),
 * writes, and then raises @reached to it.  A reader looks at @reached, looks
 * the key up, looks at @begun: the state that it found has to be one of those
 * in between.  A state that one reader has found has taken effect for all who
 * come later, so readers raise @reached, too.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "torture.h"

const struct shape shapes[] = {
	{ "word",	8, 8,		8, 8 },
	{ "inline64",	8, 8,		64, 64 },
	{ "inline128",	16, 16,		128, 128,	.hint = 100 },
	{ "outline",	8, 8,		129, 129,	GOMAP_F_NO_SHRINK },
	{ "long",	8, 8,		129, VALUE_MAX },
	{ "varying",	8, 40,		8, 64 },
	{ "longkey",	129, KEY_MAX,	8, 24 },
	{ "strict",	8, 8,		32, 32,		GOMAP_F_STRICT },
	{ "cleared",	8, 8,		48, 48,		.cleared = true },
};
const unsigned int nr_shapes = ARRAY_SIZE(shapes);

struct ground *grounds;
unsigned int nr_grounds;

struct gomap *map_create(const struct shape *shape)
{
	struct gomap_params params = {
		.key_size = shape->key_max,
		.value_size = shape->value_max,
		.hint = shape->hint,
		.flags = shape->flags,
	};

	if (shape->key_min != shape->key_max)
		params.flags |= GOMAP_F_VAR_KEY;
	if (shape->value_min != shape->value_max)
		params.flags |= GOMAP_F_VAR_VALUE;
	return gomap_create(&params);
}

static int ground_create(struct ground *g, const struct shape *shape, u32 tag)
{
	g->shape = shape;
	g->tag = tag;
	g->nr_keys = WILD_END + churned;
	init_rwsem(&g->clear_lock);
	g->records = kcalloc(g->nr_keys, sizeof(*g->records), GFP_KERNEL);
	if (!g->records)
		return -ENOMEM;
	g->map = map_create(shape);
	if (!IS_ERR(g->map))
		return 0;
	kfree(g->records);
	return PTR_ERR(g->map);
}

/**
 * grounds_create() - Make one ground for each shape.
 * @wanted: Name of the only shape to make one for; empty: all.
 * @seed: Of all that is random.
 *
 * Return: 0 or a negative errno; -EINVAL: no shape has that name.
 */
int grounds_create(const char *wanted, u32 seed)
{
	unsigned int i;
	int err = 0;

	grounds = kcalloc(nr_shapes, sizeof(*grounds), GFP_KERNEL);
	if (!grounds)
		return -ENOMEM;
	for (i = 0; i < nr_shapes && !err; i++) {
		if (*wanted && strcmp(wanted, shapes[i].name))
			continue;
		err = ground_create(&grounds[nr_grounds], &shapes[i],
				    (u32)mix(seed + i));
		nr_grounds += !err;
	}
	if (!err && !nr_grounds)
		err = -EINVAL;
	if (err)
		grounds_destroy();
	return err;
}

void grounds_destroy(void)
{
	while (nr_grounds) {
		nr_grounds--;
		gomap_put(grounds[nr_grounds].map);
		kfree(grounds[nr_grounds].records);
	}
	kfree(grounds);
	grounds = NULL;
}

/* Half of all actors gather on one ground, for a second. */
struct ground *random_ground(struct actor *actor)
{
	if (one_in(actor, 2))
		return &grounds[jiffies / HZ % nr_grounds];
	return &grounds[random_below(actor, nr_grounds)];
}

/* Raise what is known to have taken effect. */
void record_reach(struct record *record, u32 state)
{
	u32 reached = READ_ONCE(record->reached);
	u32 before;

	while (state_before(reached, state)) {
		before = cmpxchg(&record->reached, reached, state);
		if (before == reached)
			return;
		reached = before;
	}
}

static void judge_hit(const struct ground *g, u32 id, u32 state, u32 reached,
		      struct record *record)
{
	u32 begun;

	/* What was found was written after its announcement. */
	smp_rmb();	/* pairs with smp_wmb() in write_recorded() */
	begun = READ_ONCE(record->begun);
	if (state_before(state, reached))
		violation(STALE_VALUE, "%s: key %u: state %x after %x",
			  g->shape->name, id, state, reached);
	else if (state_before(begun, state))
		violation(FUTURE_VALUE, "%s: key %u: state %x before %x",
			  g->shape->name, id, state, begun);
	else
		record_reach(record, state);
}

static void judge_miss(const struct ground *g, u32 id, u32 reached,
		       struct record *record)
{
	bool one_write;
	u32 begun;

	smp_rmb();	/* pairs with smp_wmb() in write_recorded() */
	begun = READ_ONCE(record->begun);
	if (!state_is_present(reached))
		return;
	/* If there was but one write, then it is this one that was seen. */
	one_write = begun >> 1 == (reached >> 1) + 1;
	if (one_write && !state_is_present(begun))
		record_reach(record, begun);
	else if (one_write || begun == reached || key_stays(g, id))
		violation(LOST_KEY, "%s: key %u: absent at %x to %x",
			  g->shape->name, id, reached, begun);
}

static void judge_lookup(const struct ground *g, struct actor *actor, u32 id,
			 int len, u32 reached)
{
	u32 state;

	if (len >= 0 && id >= g->nr_keys)
		violation(GHOST_KEY, "%s: key %u: never stored, but found",
			  g->shape->name, id);
	else if (len >= 0 && !value_read(g, id, actor->value, len, &state))
		violation(TORN_VALUE, "%s: key %u: %d bytes, head %llx",
			  g->shape->name, id, len, actor->value[0]);
	else if (key_is_wild(id) || id >= g->nr_keys)
		return;
	else if (len >= 0)
		judge_hit(g, id, state, reached, &g->records[id]);
	else
		judge_miss(g, id, reached, &g->records[id]);
}

static bool may_give_up(const struct actor *actor)
{
	return actor->context == IN_HARDIRQ || actor->context == IN_NMI;
}

/**
 * ground_lookup() - Look a key up, and judge what was found.
 * @g: The ground.
 * @actor: Who does it.
 * @id: Number of the key.
 *
 * Context: Any context.
 * Return: What gomap_lookup() returned; the value is in @actor->value.
 */
int ground_lookup(struct ground *g, struct actor *actor, u32 id)
{
	u32 key_len = key_make(g, id, actor->key);
	u32 reached = 0;
	int len;

	if (id < g->nr_keys)
		/* Pairs with cmpxchg() in record_reach(). */
		reached = smp_load_acquire(&g->records[id].reached);
	len = gomap_lookup(g->map, actor->key, key_len, actor->value,
			   sizeof(actor->value));

	actor->tally.n[LOOKUPS + actor->context]++;
	if (len >= 0)
		actor->tally.n[HITS]++;
	else if (len == -ENOENT)
		actor->tally.n[MISSES]++;
	else if (len == -EAGAIN && may_give_up(actor))
		actor->tally.n[GAVE_UP]++;
	else
		violation(WRONG_RESULT, "%s: key %u: lookup returned %d",
			  g->shape->name, id, len);
	if (len >= 0 || len == -ENOENT)
		judge_lookup(g, actor, id, len, reached);
	return len;
}

/* One of the functions that bring this state about, and its right result. */
static int write_one_way(struct ground *g, struct actor *actor, u32 key_len,
			 u32 value_len, bool was, bool present, gfp_t gfp,
			 int *right)
{
	*right = 0;
	if (!present) {
		*right = was;
		return gomap_delete(g->map, actor->key, key_len);
	}
	if (one_in(actor, 2)) {
		*right = was;
		return gomap_store(g->map, actor->key, key_len, actor->stored,
				   value_len, gfp);
	}
	return (was ? gomap_replace : gomap_insert)(g->map, actor->key, key_len,
						    actor->stored, value_len,
						    gfp);
}

/* A write that must be refused: the value would give itself away. */
static int write_the_wrong_way(struct ground *g, struct actor *actor,
			       u32 key_len, u32 value_len, bool was, gfp_t gfp,
			       int *right)
{
	*right = was ? -EEXIST : -ENOENT;
	return (was ? gomap_insert : gomap_replace)(g->map, actor->key, key_len,
						    actor->stored, value_len,
						    gfp);
}

/* True: it had its effect. */
static bool judge_write(struct ground *g, struct actor *actor, u32 id, int ret,
			int right)
{
	actor->tally.n[WRITES + actor->context]++;
	if (ret == right)
		return true;
	if (ret == -ENOMEM)
		actor->tally.n[REFUSED]++;
	else if (ret == -EBUSY && g->shape->flags & GOMAP_F_STRICT)
		actor->tally.n[BUSY]++;
	else
		violation(WRONG_RESULT, "%s: key %u: write returned %d, not %d",
			  g->shape->name, id, ret, right);
	return false;
}

static int write_recorded(struct ground *g, struct actor *actor, u32 id,
			  bool present, gfp_t gfp)
{
	struct record *record = &g->records[id];
	u32 state = record->begun, next = next_state(state, present);
	u32 key_len = key_make(g, id, actor->key);
	u32 value_len = value_make(g, id, next, actor->stored);
	bool was = state_is_present(state);
	int ret, right;

	if (one_in(actor, 32)) {
		ret = write_the_wrong_way(g, actor, key_len, value_len, was,
					  gfp, &right);
		judge_write(g, actor, id, ret, right);
	}
	WRITE_ONCE(record->begun, next);
	smp_wmb();	/* pairs with smp_rmb() in judge_hit(), judge_miss() */
	ret = write_one_way(g, actor, key_len, value_len, was, present, gfp,
			    &right);
	if (judge_write(g, actor, id, ret, right))
		record_reach(record, next);
	else
		WRITE_ONCE(record->begun, state);
	return ret < 0 ? ret : 0;
}

/**
 * ground_write() - Store or delete a key, and keep the record of it.
 * @g: The ground.
 * @actor: Who does it: the only one to write this key.
 * @id: Number of the key, not a wild one.
 * @present: Store it; else delete it.
 * @gfp: For the allocations.
 *
 * Context: Process context.
 * Return: 0, or what the map refused with.
 */
int ground_write(struct ground *g, struct actor *actor, u32 id, bool present,
		 gfp_t gfp)
{
	int ret;

	if (g->shape->cleared)
		down_read(&g->clear_lock);
	ret = write_recorded(g, actor, id, present, gfp);
	if (g->shape->cleared)
		up_read(&g->clear_lock);
	return ret;
}

/**
 * ground_write_wild() - Store or delete some key that others write, too.
 * @g: The ground.
 * @actor: Who does it.
 * @gfp: For the allocations.
 *
 * Context: Process or softirq context.
 */
void ground_write_wild(struct ground *g, struct actor *actor, gfp_t gfp)
{
	u32 id = TOGGLED_END + random_below(actor, WILD_END - TOGGLED_END);
	u32 state = next_state(prandom_u32_state(&actor->random), true);
	u32 key_len = key_make(g, id, actor->key);
	u32 value_len = value_make(g, id, state, actor->stored);
	int ret;

	if (one_in(actor, 3))
		ret = gomap_delete(g->map, actor->key, key_len);
	else
		ret = gomap_store(g->map, actor->key, key_len, actor->stored,
				  value_len, gfp);
	/* Whether the key was there is anybody's guess. */
	judge_write(g, actor, id, ret, ret > 0);
}

static void announce_clear(struct ground *g)
{
	u32 id;

	for (id = 0; id < g->nr_keys; id++)
		WRITE_ONCE(g->records[id].begun,
			   next_state(g->records[id].begun, false));
	smp_wmb();	/* pairs with smp_rmb() in judge_hit(), judge_miss() */
}

/**
 * ground_clear() - Clear the map: the end of all keys at once.
 * @g: A ground that is cleared.
 *
 * Wild keys are written meanwhile, others not: to keep their records would
 * take a lock around each write, under which nothing new could happen.
 *
 * Context: Process context, may sleep.
 * Return: What gomap_clear() returned.
 */
int ground_clear(struct ground *g)
{
	u32 id;
	int ret;

	down_write(&g->clear_lock);
	announce_clear(g);
	/* What was announced has to come about. */
	while ((ret = gomap_clear(g->map)) == -ENOMEM)
		schedule_timeout_uninterruptible(1);
	for (id = 0; id < g->nr_keys && !ret; id++)
		record_reach(&g->records[id], g->records[id].begun);
	up_write(&g->clear_lock);
	return ret;
}
