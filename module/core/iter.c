// SPDX-License-Identifier: GPL-2.0-only
/*
 * iter.c - iteration: every key exactly once, over any number of resizes.
 *
 * The order is that of the *position* of a key: its hash with the bits
 * reversed.  The low bits of the hash, which choose the bucket, are the high
 * bits of the position; so the keys of one bucket are those of one interval of
 * positions, at any B, and a resize cuts intervals in two or joins them, but
 * never moves a key to another position.  This is the order of split-ordered
 * lists (O. Shalev, N. Shavit, "Split-ordered lists: lock-free extensible hash
 * tables", JACM 2006), here without any list.
 *
 * An iteration starts at some position, goes up to the last one, continues at
 * 0 and ends before its start.  All that it has to remember is the position of
 * the last entry that it returned.  One step takes the stripe lock, looks into
 * the home of the position for the next higher one, and if there is none goes
 * on behind the interval of that home, be it an old bucket or a new one.
 *
 * What comes next in a chain is planned for all its entries at once: they are
 * hashed once then, and not once for each that is returned.  The plan is good
 * for as long as the table is the same, and the version of the chain.
 *
 * Two keys with one 64-bit hash are ordered by a second hash, the tie.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/swab.h>

#include "core.h"
#include "stripe.h"

/* gomap_iter_pos.flags */
#define POS_BEGUN	(1U << 0)	/* all zero: not yet */
#define POS_INCLUSIVE	(1U << 1)	/* @position itself is still to come */
#define POS_WRAPPED	(1U << 2)	/* past the last position, before @start */
#define POS_HAS_TIE	(1U << 3)	/* @tie counts unless POS_INCLUSIVE */
#define POS_DONE	(1U << 4)	/* there are no more */
#define POS_FLAGS	(POS_BEGUN | POS_INCLUSIVE | POS_WRAPPED | \
			 POS_HAS_TIE | POS_DONE)

/* What one step of an iteration came to, where it is not an errno. */
#define STEP_END	0
#define STEP_ENTRY	1
#define STEP_ON		2

/*
 * Starts of successive iterations are 2^64 / phi apart: any n of them are
 * spread evenly over buckets and over the entries of a bucket, more evenly
 * than n random numbers would be.  The first one is random.
 */
#define START_STRIDE	0x9e3779b97f4a7c15ULL

/* What an entry of gomap_iter.plan.slot can tell apart. */
#define PLAN_SLOTS	256U

/* Buckets to pass between two looks at who else wants the CPU. */
#define ITER_BATCH	256

/**
 * struct found_entry - an entry that an iteration has found.
 * @ref: Where it is.
 * @position: Of its key.
 * @tied: Another entry has this position, too.
 */
struct found_entry {
	struct gomap_slot_ref ref;
	u64 position;
	bool tied;
};

/* Reverse all bits: bytes, then the halves of smaller and smaller groups. */
static u64 reverse_bits(u64 x)
{
	x = swab64(x);
	x = (x & 0x0f0f0f0f0f0f0f0fULL) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0fULL);
	x = (x & 0x3333333333333333ULL) << 2 | (x >> 2 & 0x3333333333333333ULL);
	return (x & 0x5555555555555555ULL) << 1 |
	       (x >> 1 & 0x5555555555555555ULL);
}

static u64 hash_of_position(u64 position)
{
	return reverse_bits(position);
}

static const void *key_of(const struct gomap *m, const struct gomap_table *t,
			  const struct gomap_slot_ref *ref, u32 *len)
{
	return field_get(&m->layout.key, t->arena, ref->bucket, ref->slot, len);
}

static u64 position_of(const struct gomap *m, const struct gomap_table *t,
		       const struct gomap_slot_ref *ref)
{
	const void *key;
	u32 len;

	key = key_of(m, t, ref, &len);
	return reverse_bits(gomap_hash(&t->seed, key, len));
}

static u64 tie_of(const struct gomap *m, const struct gomap_table *t,
		  const struct gomap_slot_ref *ref)
{
	const void *key;
	u32 len;

	key = key_of(m, t, ref, &len);
	return gomap_hash_tie(&t->seed, key, len);
}

/* Is an entry still to be returned? */
static bool is_ahead(const struct gomap_iter *it, const struct gomap_table *t,
		     const struct gomap_slot_ref *ref, u64 position)
{
	const struct gomap_iter_pos *pos = &it->pos;

	if (pos->flags & POS_WRAPPED && position >= pos->start)
		return false;
	if (position != pos->position || pos->flags & POS_INCLUSIVE)
		return position >= pos->position;
	return pos->flags & POS_HAS_TIE &&
	       tie_of(it->map, t, ref) > pos->tie;
}

/* Of two entries that are ahead, does the first come before the second? */
static bool comes_before(const struct gomap *m, const struct gomap_table *t,
			 const struct gomap_slot_ref *ref, u64 position,
			 struct found_entry *best)
{
	if (position != best->position)
		return position < best->position;
	best->tied = true;
	return tie_of(m, t, ref) < tie_of(m, t, &best->ref);
}

/* The next entry of a chain of any kind.  False: all of them are behind. */
static bool find_next(const struct gomap_iter *it, const struct gomap_table *t,
		      struct gomap_bucket *head, struct found_entry *best)
{
	struct gomap_slot_ref ref;
	bool found = false;
	u64 position;

	chain_for_each_entry(ref, t->arena, head) {
		position = position_of(it->map, t, &ref);
		if (!is_ahead(it, t, &ref, position))
			continue;
		if (found && !comes_before(it->map, t, &ref, position, best))
			continue;
		best->tied = found && best->position == position;
		best->ref = ref;
		best->position = position;
		found = true;
	}
	return found;
}

/* Does a plan say what comes next in this chain? */
static bool plan_is_good(const struct gomap_iter *it,
			 const struct gomap_table *t,
			 const struct gomap_bucket *head)
{
	return it->plan.table == t->serial && it->plan.chain == head &&
	       it->plan.version == head->version &&
	       !memcmp(&it->plan.pos, &it->pos, sizeof(it->pos));
}

/*
 * Put an entry where it belongs in the plan.  False: it has no place there, for
 * the plan is full, or another one has the same position.
 */
static bool plan_entry(struct gomap_iter *it, u64 position, u32 slot)
{
	u64 *positions = it->plan.position;
	u32 i = it->plan.nr;

	if (i == GOMAP_ITER_PLAN || slot >= PLAN_SLOTS)
		return false;
	for (; i > 0 && positions[i - 1] > position; i--) {
		positions[i] = positions[i - 1];
		it->plan.slot[i] = it->plan.slot[i - 1];
	}
	if (i > 0 && positions[i - 1] == position)
		return false;
	positions[i] = position;
	it->plan.slot[i] = slot;
	it->plan.nr++;
	return true;
}

/* Plan all that is ahead in a chain.  False: that takes more than a plan. */
static bool make_plan(struct gomap_iter *it, const struct gomap_table *t,
		      struct gomap_bucket *head)
{
	struct gomap_slot_ref ref;
	struct gomap_bucket *last = head;
	u32 first_slot = 0;
	u64 position;

	it->plan.table = 0;
	it->plan.nr = 0;
	it->plan.next = 0;
	chain_for_each_entry(ref, t->arena, head) {
		for (; last != ref.bucket; last = bucket_next(t->arena, last))
			first_slot += GOMAP_SLOTS;
		position = position_of(it->map, t, &ref);
		if (is_ahead(it, t, &ref, position) &&
		    !plan_entry(it, position, first_slot + ref.slot))
			return false;
	}
	it->plan.pos = it->pos;
	it->plan.table = t->serial;
	it->plan.chain = head;
	it->plan.version = head->version;
	return true;
}

/* The next entry of a plan.  False: all of them are behind. */
static bool next_of_plan(struct gomap_iter *it, const struct gomap_table *t,
			 struct gomap_bucket *head, struct found_entry *next)
{
	struct gomap_bucket *b = head;
	u32 i = it->plan.next, slot = it->plan.slot[i % GOMAP_ITER_PLAN];

	if (i == it->plan.nr)
		return false;
	for (; slot >= GOMAP_SLOTS; slot -= GOMAP_SLOTS)
		b = bucket_next(t->arena, b);
	*next = (struct found_entry){
		.ref = { .bucket = b, .slot = slot },
		.position = it->plan.position[i],
	};
	return true;
}

/* The same, of whatever there is to go by. */
static bool look_ahead(struct gomap_iter *it, const struct gomap_table *t,
		       struct gomap_bucket *head, struct found_entry *next)
{
	if (plan_is_good(it, t, head) || make_plan(it, t, head))
		return next_of_plan(it, t, head, next);
	return find_next(it, t, head, next);
}

/* Take note that an entry was returned. */
static void step_to(struct gomap_iter *it, const struct gomap_table *t,
		    const struct found_entry *e)
{
	struct gomap_iter_pos *pos = &it->pos;
	bool tied = e->tied || (pos->flags & POS_HAS_TIE &&
				e->position == pos->position);

	pos->position = e->position;
	pos->flags &= ~(u64)(POS_INCLUSIVE | POS_HAS_TIE);
	if (tied) {
		pos->flags |= POS_HAS_TIE;
		pos->tie = tie_of(it->map, t, &e->ref);
	}
	it->plan.next++;
	it->plan.pos = *pos;
}

/* Go to the first position behind the interval of a bucket of 2^B. */
static int step_behind(struct gomap_iter *it, u32 B)
{
	struct gomap_iter_pos *pos = &it->pos;
	u64 last = B ? pos->position | ~0ULL >> B : ~0ULL;

	pos->flags |= POS_INCLUSIVE;	/* and so a tie does not count */
	pos->position = last + 1;
	if (pos->position == 0 && !(pos->flags & POS_WRAPPED))
		pos->flags |= POS_WRAPPED;
	else if (pos->position == 0)
		goto done;
	if (pos->flags & POS_WRAPPED && pos->position >= pos->start)
		goto done;
	return STEP_ON;

done:
	pos->flags |= POS_DONE;
	return STEP_END;
}

static int copy_field_out(const struct gomap_field *f,
			  const struct gomap_table *t,
			  const struct gomap_slot_ref *ref, void *to, u32 cap,
			  u32 *len)
{
	const void *content = field_get(f, t->arena, ref->bucket, ref->slot,
					len);

	if (!to)
		return 0;
	if (*len > cap)
		return -EMSGSIZE;
	memcpy(to, content, *len);
	return 0;
}

static int copy_entry_out(const struct gomap *m, const struct gomap_table *t,
			  const struct gomap_slot_ref *ref,
			  struct gomap_entry *e)
{
	int key_err, value_err;

	key_err = copy_field_out(&m->layout.key, t, ref, e->key, e->key_cap,
				 &e->key_len);
	value_err = copy_field_out(&m->layout.value, t, ref, e->value,
				   e->value_cap, &e->value_len);
	return key_err ?: value_err;
}

/*
 * Does the position belong to what the map holds now?  The map having been
 * empty meanwhile means that no key was there all the time: the end.
 */
static int check_position(struct gomap_iter *it, const struct gomap_table *t)
{
	struct gomap_iter_pos *pos = &it->pos;

	if (pos->flags & ~(u64)POS_FLAGS || pos->generation != t->generation)
		return -ESTALE;
	if (pos->seed_generation != t->seed_generation) {
		pos->flags |= POS_DONE;
		return STEP_END;
	}
	return STEP_ON;
}

/* One step, with the lock on the stripe of the position. */
static int step_locked(struct gomap_iter *it, const struct gomap_table *t,
		       struct gomap_entry *entry)
{
	u64 hash = hash_of_position(it->pos.position);
	struct found_entry next;
	struct gomap_home home;
	int ret = check_position(it, t);

	stripe_assert_held(it->map, t, hash);
	if (ret != STEP_ON)
		return ret;
	home = table_home_of_hash(t, hash);
	if (!home.head || !look_ahead(it, t, home.head, &next))
		return step_behind(it, home.array->B);
	ret = copy_entry_out(it->map, t, &next.ref, entry);
	if (ret)
		return ret;
	step_to(it, t, &next);
	return STEP_ENTRY;
}

static int step(struct gomap_iter *it, struct gomap_entry *entry)
{
	struct gomap_stripe *stripe;
	struct gomap_table *t;
	int ret;

	t = stripe_lock_bucket(it->map, hash_of_position(it->pos.position),
			       &stripe);
	ret = step_locked(it, t, entry);
	stripe_unlock(stripe);
	return ret;
}

/*
 * Pass an empty bucket without its lock, for the sake of sparse maps: a miss,
 * validated like every other.  False: it has to be looked at properly.
 */
static bool pass_empty(struct gomap_iter *it, int *ret)
{
	const struct gomap_table *t;
	struct gomap_home home;
	bool empty = false;
	u32 version;

	rcu_read_lock();
	t = rcu_dereference(it->map->table);
	home = table_home_of_hash(t, hash_of_position(it->pos.position));
	if (home.head && chain_read_begin(home.head, &version) &&
	    bucket_tophash(home.head, 0) == TOPHASH_EMPTY_REST &&
	    chain_read_valid(home.head, version) &&
	    check_position(it, t) == STEP_ON) {
		empty = true;
		*ret = step_behind(it, home.array->B);
	}
	rcu_read_unlock();
	return empty;
}

/* Is there more in the chain where the last entry was, as far as is known? */
static bool is_in_plan(const struct gomap_iter *it)
{
	return it->plan.table && it->plan.next < it->plan.nr;
}

/* A place to start: an entry of the home of a position, if it has any. */
static u64 start_position(const struct gomap *m, const struct gomap_table *t,
			  u64 position)
{
	struct gomap_home home = table_home_of_hash(t,
						    hash_of_position(position));
	u64 rest = position << home.array->B >> 32;
	struct gomap_slot_ref ref;
	u64 skip;

	/* The bits that did not choose the bucket choose among its entries. */
	skip = rest * chain_count(t->arena, home.head) >> 32;
	chain_for_each_entry(ref, t->arena, home.head)
		if (skip-- == 0)
			return position_of(m, t, &ref);
	return position;
}

/*
 * Begin, unless a rekey is under way: then the keys have no order that would
 * last.  False: it has to be finished first.
 */
static bool begin(struct gomap_iter *it)
{
	u64 position = atomic64_add_return(START_STRIDE,
					   &it->map->iter_sequence);
	struct gomap_iter_pos *pos = &it->pos;
	struct gomap_stripe *stripe;
	struct gomap_table *t;

	t = stripe_lock_bucket(it->map, hash_of_position(position), &stripe);
	if (!table_is_rekeying(t)) {
		pos->generation = t->generation;
		pos->seed_generation = t->seed_generation;
		pos->flags = POS_BEGUN | POS_INCLUSIVE;
		pos->start = start_position(it->map, t, position);
		pos->position = pos->start;
	}
	stripe_unlock(stripe);
	return pos->flags;
}

static int begin_if_not_begun(struct gomap_iter *it)
{
	int err = 0;

	while (!err && !it->pos.flags && !begin(it))
		err = gomap_finish_resize(it->map);
	return err;
}

void gomap_iter_resume(struct gomap_iter *iter, struct gomap *map,
		       const struct gomap_iter_pos *pos)
{
	iter->map = map;
	iter->pos = *pos;
	iter->plan.table = 0;
	/* If that has to wait for a rekey, gomap_iter_next() will wait. */
	if (map && !iter->pos.flags)
		begin(iter);
}
EXPORT_SYMBOL_GPL(gomap_iter_resume);

void gomap_iter_begin(struct gomap_iter *iter, struct gomap *map)
{
	gomap_iter_resume(iter, map, &(struct gomap_iter_pos){});
}
EXPORT_SYMBOL_GPL(gomap_iter_begin);

int gomap_iter_next(struct gomap_iter *iter, struct gomap_entry *entry)
{
	unsigned int passed = 0;
	int ret = STEP_ON;
	int err;

	if (!iter->map)
		return 0;
	err = begin_if_not_begun(iter);
	if (err)
		return err;
	while (ret == STEP_ON) {
		if (iter->pos.flags & POS_DONE)
			return STEP_END;
		if (is_in_plan(iter) || !pass_empty(iter, &ret))
			ret = step(iter, entry);
		if (++passed % ITER_BATCH == 0) {
			cond_resched();
			if (fatal_signal_pending(current) && ret == STEP_ON)
				return -EINTR;
		}
	}
	return ret;
}
EXPORT_SYMBOL_GPL(gomap_iter_next);

void gomap_iter_end(struct gomap_iter *iter)
{
	iter->map = NULL;
}
EXPORT_SYMBOL_GPL(gomap_iter_end);
