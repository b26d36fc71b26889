/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * core.h - the book of the algorithm, and the structures that it speaks of.
 *
 * 1. Overview
 * ===========
 * A map is an array of 2^B buckets of eight slots.  The low B bits of a keyed
 * 64-bit hash choose the bucket, its top byte, the tophash, is kept beside the
 * slot so that most slots that do not match are never looked at.  When eight
 * slots are not enough an overflow bucket is chained on.
 *
 * When there are more than 6.5 entries to a bucket, or too many overflow
 * buckets, the map grows: to twice the buckets, or to the same number in order
 * to shed overflow buckets.  A new array is published beside the old one and
 * the old buckets are evacuated one by one: each write evacuates its own
 * bucket and one more, and a worker does what writers leave.  All entries of
 * old bucket b go to b (called X) or b + 2^oldB (called Y) of the new array,
 * because the low bits of a hash decide.  This is Go's map up to version 1.23
 * (runtime/map.go), rules and words included; what Go does not have to answer
 * is how many CPUs work on it at once, and that is what this page is about.
 * Two more kinds of resize are ours: a map shrinks when it has become sparse,
 * and moves to a new seed, a rekey, when somebody has found keys that collide.
 *
 * 2. Words
 * ========
 * table	the descriptor: arrays, seed, arena.  Constant once published
 * array	2^B buckets, in spans of memory that come one by one
 * chain	a bucket of an array and its overflow buckets (bucket.h)
 * home		the chain that holds a key's entry, if it is there at all
 * stripe	the buckets that one lock covers: equal low bits of the hash
 * evacuate	move the entries of an old bucket to the new array
 * resize	growth (doubling or same size), shrink, or rekey
 * published, retired, freed after a grace period: as RCU uses them
 *
 * 3. Drawing
 * ==========
 *	gomap.table --> table { seed, array, old, arena, stripe_mask }
 *			           |      |
 *		  array (B) <------+      +------> array (oldB), in a resize
 *		  span[0] -> [bucket 0][bucket 1] ... [bucket n-1]
 *		  span[1] -> [bucket n] ...      |
 *		  span[2] -> NULL                +-overflow--> arena object
 *
 * 4. Writers
 * ==========
 * A writer hashes its key, locks the stripe that the hash chooses, and looks at
 * the table again: tables are published with all stripes locked, so the one
 * that is seen under a stripe lock stays current until the unlock.  If it is
 * not the one that the key was hashed for, the writer starts over.  An old
 * bucket and its destinations have their low bits in common and so lie in one
 * stripe, the smaller array deciding how many stripes there are: evacuation
 * needs one lock, and there is no order of locks between buckets.  The second
 * bucket that a write evacuates comes after the write's own lock is released.
 *
 * In a rekey a key has two hashes, and its home can be in either of two
 * stripes.  Evacuation locks all stripes then.  So while a writer holds any one
 * of them no mark is set: it locks the stripe of what is the home before the
 * lock, and starts over if it is not the home any more.
 *
 * Under the lock nothing sleeps and no memory is taken from the kernel.  If
 * the arena has no object left, or a span is missing, or the map has to grow,
 * the writer unlocks, makes room as far as its context allows, and starts over.
 * If growth cannot have memory, entries go to overflow buckets, and growth is
 * tried again later, less and less often: below its limits an insert does not
 * fail for the sake of the structure.
 *
 * The first try of a write is a quick one: no resize for writers to take part in,
 * and an empty slot in the first bucket, or a value to overwrite in its slot.  It is compiled for each
 * shape of maps (shape.h); what it finds too much it leaves, nothing changed, to
 * the tries that follow, which are compiled once.
 *
 * 5. Readers
 * ==========
 * A reader takes no lock.  In an RCU section it reads the table, finds the
 * home of its key, reads the chain's version, searches, copies the value, and
 * reads the version again.  If it has changed, or was odd, what was seen means
 * nothing and the reader starts over; after READ_TRIES times it takes the
 * stripe lock, or gives up with -EAGAIN where it may not wait.  Before all that
 * comes one look of the quick kind, as in a write: at the first bucket alone, if
 * no resize is under way.  It does nothing that an attempt would not do.
 *
 * What makes it safe to look at a slot that is being rewritten: lengths are
 * clamped before they are used, handles lead to memory of the right kind for
 * as long as the RCU section lasts (arena.h), and nothing that was read is
 * acted upon before the version has been checked.  A miss is checked like a
 * hit.
 *
 * Which chain is the home?  In a resize, the old bucket, unless it carries the
 * mark of evacuation; then the bucket of the new array.  The mark is set
 * last, with a release (F), and read with an acquire (E): who sees it sees the
 * entries in their new places.  A reader whose table is outdated may find the
 * mark in what it takes for the current array: then it starts over with the
 * current table.  In a rekey the two buckets are those of two hashes.
 *
 * The work of a reader is bounded: a look, READ_TRIES attempts of one chain each,
 * and a chain is as long as the load of the map and chance make it, or an attacker
 * for a short while.
 *
 * 6. Resizes
 * ==========
 *	table {A}  --start-->  table {B, old A}  --finish-->  table {B}
 *
 *			array		evacuation		by
 *	double		twice as large	b to X, Y		writers, worker
 *	same size	as large	b to X			writers, worker
 *	shrink		2^-1 to 2^-4	b, b+n, b+2n.. to X	writers, worker
 *	rekey		as large	b to anywhere		worker
 *
 * Start: under resize_mutex, which is for those who may sleep.  Allocates the
 * pointer table of the new array and both descriptors, so that finishing never
 * needs memory.  Spans of the new array are allocated when the first bucket is
 * evacuated into them: doubling a large map never zeroes it in one go.  Who
 * may not sleep leaves the start to the worker.
 *
 * Evacuation: fill the destinations, which nobody else looks at before the mark
 * is set, then mark.  If memory runs out half-way, they are emptied again and
 * the old bucket stays what it was: the home of its keys, good for every
 * operation.  A shrink moves all old buckets of one destination together; a
 * rekey, whose destinations are in use, differs in what rekey.c says.
 *
 * A write evacuates twice at most, its own bucket and one more: that is 2 old
 * buckets, or 2^4 times as many in the steepest shrink.
 *
 * Finish: whoever evacuates the last bucket publishes the third table.
 *
 * 7. Invariants (verified by check.c under these numbers)
 * =======================================================
 * I1  An entry is in the bucket that the low bits of its hash, under the seed
 *     of the array, choose.
 * I2  The tophash of a slot is the one of its key's hash.
 * I3  A key is in its chain once.
 * I4  In a chain at home every code is EMPTY_REST, EMPTY_ONE or a tophash, and
 *     after EMPTY_REST there is nothing but EMPTY_REST.
 * I5  Buckets with the mark of evacuation are in the old array only, and have
 *     no overflow buckets.
 * I6  The destinations of an old bucket without the mark are empty, except in
 *     a rekey.
 * I7  The count is the number of entries.
 * I8  nr_overflow is the number of overflow buckets of the current array.
 * I9  The version of a chain is even when its stripe lock is free.
 * I10 A handle in a slot or chain names a live object, and there are as many
 *     live objects as such handles.
 * I11 nr_evacuated is the number of old buckets with the mark.
 * I12 The stripes are not more than the buckets of the smaller array.
 * I7, I8, I10 (the second half) and I11 are about totals: they hold when no
 * writer is inside the map.
 *
 * 8. What may be observed
 * =======================
 * "Reader" is gomap_lookup(), "write" any of insert, replace, store, delete.
 * A  Operations on one key are linearizable: a write takes effect at the
 *    release that makes the version even (D), a hit or miss at a moment
 *    between the two looks at the version.
 * B  A reader MUST see a write that returned before the reader was called.
 * C  A reader MUST NOT return bytes of two different values.
 * D  An iteration MUST return each key that is there from its begin to its end
 *    exactly once, and MUST NOT return a key twice, or one that was deleted
 *    before its turn and not inserted again; over any number of resizes, but
 *    a clear or a rekey ends it with -ESTALE.
 * E  An iteration MAY or may not return a key that is inserted, or deleted,
 *    while it runs.  The value is the current one when the key is returned.
 * F  gomap_len() is exact while no writer is inside, and MAY be off by
 *    COUNT_PORTION_MAX for each that is inside meanwhile.
 * G  Operations on different keys MAY be observed in different orders by
 *    different readers, as with any two plain variables: who needs an order
 *    between keys brings his own barriers, or locks.
 * H  A resize changes nothing of all this: a reader MUST find a key before,
 *    during and after its evacuation.
 * I  A clear takes effect at one moment for all keys.  A reader that began
 *    before it returned MAY still find what it removed.
 * Progress: readers do not wait for writers but in the fallback of section 5.
 * A write waits for at most the stripe's other writers, the start or finish of
 * a resize, and some 20 us at a time in a rekey.  Deletes never allocate.
 *
 * 9. What may run against what
 * ============================
 *		 lookup	 write	iterate	 evacuate  rekey   publish a table
 * lookup	   -	   V	   -	     V	     V		R
 * write	   V	   L	   L	     L	     A		A
 * iterate	   -	   L	   L	     L	     A		A
 * evacuate	   V	   L	   L	     L	     T		A
 * rekey	   V	   A	   A	     T	     T		T
 * publish	   R	   A	   A	     A	     T		T
 * - nothing needed; V version of the chain; R RCU; L stripe lock; A all stripe
 * locks; T table_lock.
 *
 * 10. Order of locks
 * ==================
 * resize_mutex -> table_lock -> stripe locks (all of them in ascending order
 * under table_lock, or a single one) -> a magazine's lock -> arena.lock.
 * All but the mutex are taken with bottom halves off, because softirqs write.
 *
 * 11. Pairs of barriers
 * =====================
 * A/D, B/C the version of a chain (bucket.h); E/F the mark of evacuation
 * (bucket.h); G/H the spans of an array (table.h); I/J the link to an overflow
 * bucket (bucket.h); K/L the end of a resize (resize.c); M/N the magazines of a
 * class and O/P the classes of an arena (arena/magazine.c, arena/supply.c); Q/R,
 * S/T what stripes tell of their counts (count.c); U/V, W/X, Y/Z what readers in
 * user space see (<linux/gomap_view.h>).
 *
 * 12. How things are removed
 * ==========================
 * delete	slot vacated under its version, objects retired to the arena
 * evacuation	old overflow buckets retired to the arena, after the mark
 * finish	old array retired with the table that named it
 * clear	table, arrays and arena retired together; new ones published
 * destroy	last reference gone, worker cancelled, table retired like that
 * module exit	no maps are left; wait for all grace periods and workers
 * A retired table holds references on what it names, and drops them after its
 * grace period; so each thing goes when the last table that named it has gone.
 */
#ifndef GOMAP_CORE_H
#define GOMAP_CORE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/gomap.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "../arena/arena.h"
#include "../arena/window.h"
#include "bucket.h"
#include "hash.h"
#include "layout.h"
#include "shape.h"
#include "table.h"

/*
 * Attempts of a reader before it takes the lock.  One attempt in a map under
 * heavy writing fails if a writer is inside this very bucket, so eight in a
 * row mean that this bucket is written all the time.
 */
#define READ_TRIES		8

/*
 * Stripes: enough that two of n writers rarely meet, as few as the memory of
 * small maps asks for, and no more than preempt_count can hold at once.
 */
#define STRIPES_PER_CPU		4
#define STRIPES_MAX		64

/*
 * Jiffies that the worker leaves to writers before it does their work.  A map
 * that is being filled has evacuated everything by then; the worker is for the
 * one whose writers have gone.
 */
#define WORKER_DELAY		(HZ / 10)

/**
 * struct gomap_stripe - one lock and what it covers.
 * @lock: Writers of the buckets whose low hash bits are this stripe's number.
 * @writes: Changes tried; under @lock.  Tells check.c and leaks.c whether
 *	anything moved.
 * @kept: Entries added and not counted in the map's count yet, less those removed;
 *	written under @lock, read any time; see count.h.
 */
struct gomap_stripe {
	spinlock_t lock;
	u64 writes;
	s64 kept;
} ____cacheline_aligned_in_smp;

/**
 * struct gomap_view - what a map shows, see view.h.
 * @super: The first page of it; NULL: nothing is shown.
 * @pane: Its memory.
 */
struct gomap_view {
	struct gomap_view_super *super;
	struct window_pane pane;
};

/**
 * struct gomap - a map.
 * @table: The current descriptor.  Published with @table_lock and all stripe
 *	locks held; read under RCU or any of those locks.
 * @shape: Which copies of functions it has; constant.
 * @layout: Of its buckets; constant.
 * @params: As given to gomap_create(); constant.
 * @B_min: B that the hint asks for: a shrink goes no further; constant.
 * @stripe_bits_max: Log2 of the length of @stripes; constant.
 * @stripes: The stripes; which of them are in use is the table's to say.
 * @account: Where memory comes from; constant.
 * @view: What is shown of it, see view.h; its memory is constant.
 * @max_entries: Limit on @count, 0: none; written under all stripe locks.
 * @count: Entries, but for what the stripes keep; changed under stripe locks.
 * @told: Odd while stripes tell what they kept; written under all stripe locks.
 * @nr_overflow: Overflow buckets of the current array; changed under stripe
 *	locks, reset when a resize starts.
 * @write_allocs: Times that a write stopped to get memory.
 * @refused: Writes that were refused, by reason.
 * @nr_evacuated: Marked buckets of the old array; likewise.
 * @nevacuate: Old buckets below this one are marked, but for those that lacked
 *	memory; a hint, no lock.
 * @strict_writer: 1 while a writer is inside a strict map.
 * @read_retries: Lookups that took the lock.
 * @attacks: Chains that were too long to be chance.
 * @iter_sequence: Where the next iteration starts, see iter.c.
 * @refs: References of users.
 * @retire: For the grace period between the last reference and the end.
 * @resize_mutex: One at a time may start a resize, or clear.
 * @leaks_mutex: One at a time may search for leaks.
 * @table_lock: One at a time may publish a table.
 * @finish: The table that ends the resize under way; under @table_lock.
 * @grow_due: A writer that may not sleep found the map over its load.
 * @shrink_due: A delete found the map sparse.
 * @rekey_due: A chain is too long to be chance.
 * @reseed_due: The map became empty and wants a new seed.
 * @rekey_not_before: Jiffies before which no chain starts another rekey.
 * @grow_not_before: Jiffies before which growth is not tried again.
 * @grow_backoff: Jiffies to wait after the next failure; under @resize_mutex,
 *	0: the last growth had its memory.
 * @evacuate_not_before: Jiffies before which no write waits for memory to
 *	evacuate to, if @evacuation_lacked.
 * @evacuation_lacked: The last write that did so got none.
 * @work: The worker.
 * @resizes: Of each kind, how many were started; under @table_lock.
 * @tables: How many tables were published; under @table_lock.
 * @clears: Times that the map was cleared; under @table_lock.
 * @grow_failures: Growths that had no memory; written under @resize_mutex.
 */
struct gomap {
	struct gomap_table __rcu *table;
	enum gomap_shape shape;
	struct gomap_layout layout;
	struct gomap_params params;
	u32 B_min;
	u32 stripe_bits_max;
	struct gomap_stripe *stripes;
	struct gomap_account *account;
	struct gomap_view view;
	u64 max_entries;

	atomic64_t count ____cacheline_aligned_in_smp;
	u32 told;
	atomic64_t nr_overflow;
	atomic64_t nr_evacuated;
	u64 nevacuate;
	atomic_t strict_writer;
	atomic64_t read_retries;
	atomic64_t write_allocs;
	atomic64_t refused[GOMAP_NR_REFUSALS];
	atomic64_t attacks;
	atomic64_t iter_sequence;

	refcount_t refs;
	struct rcu_work retire;
	struct mutex resize_mutex;
	struct mutex leaks_mutex;
	spinlock_t table_lock;
	struct gomap_table *finish;
	bool grow_due;
	bool shrink_due;
	bool rekey_due;
	bool reseed_due;
	unsigned long rekey_not_before;
	unsigned long grow_not_before;
	unsigned long grow_backoff;
	unsigned long evacuate_not_before;
	bool evacuation_lacked;
	struct delayed_work work;
	u64 resizes[GOMAP_RESIZING_REKEY + 1];
	u64 tables;
	u64 clears;
	u64 grow_failures;
};

/*
 * Rules of growth, Go's: LOAD_FACTOR entries to a bucket, and as many overflow
 * buckets as buckets, are too many.  (Go counts them in 16 bits, of 2^16 buckets
 * on one in so many at random: the same rule, roughly.)  Load 6.5 is where a
 * table of 8-byte keys and values spends least on the sum of overflow buckets
 * (20.9 % of the buckets have one), empty slots (10.8 bytes an entry) and slots
 * looked at (4.25 for a hit, 6.5 for a miss).
 */
#define LOAD_FACTOR_NUM		13
#define LOAD_FACTOR_DEN		2

/* How many entries in 2^B buckets are not over the load factor yet. */
static inline u64 entries_for_B(u32 B)
{
	return max_t(u64, GOMAP_SLOTS,
		     LOAD_FACTOR_NUM * ((1ULL << B) / LOAD_FACTOR_DEN));
}

static inline bool over_load_factor(u64 n, u32 B)
{
	return n > entries_for_B(B);
}

/* Are there as many overflow buckets as there are buckets? */
static inline bool too_many_overflow_buckets(u64 n, u32 B)
{
	return n >> B;
}

/* The smallest B whose load factor allows that many entries. */
static inline u32 B_for_entries(u64 n)
{
	u32 B = 0;

	while (over_load_factor(n, B))
		B++;
	return B;
}

/* Has the last user gone?  Then the worker has nothing to do any more. */
static inline bool map_is_dying(const struct gomap *m)
{
	return !refcount_read(&m->refs);
}

/* The stripe that these bits of a hash choose. */
static inline struct gomap_stripe *stripe_of(const struct gomap *m,
					     const struct gomap_table *t,
					     u64 low_bits)
{
	return &m->stripes[low_bits & t->stripe_mask];
}

/* Complain unless the stripe is locked that these bits of a hash choose. */
static inline void stripe_assert_held(const struct gomap *m,
				      const struct gomap_table *t, u64 low_bits)
{
	lockdep_assert_held(&stripe_of(m, t, low_bits)->lock);
}

/* Complain unless all of them are, from the first to the last. */
static inline void stripes_assert_held(const struct gomap *m)
{
	lockdep_assert_held(&m->stripes[0].lock);
	lockdep_assert_held(&m->stripes[(1U << m->stripe_bits_max) - 1].lock);
}

void resize_help_now(struct gomap *m, bool may_sleep);

/*
 * A write's share of a resize, if one is under way; no lock is held, sleeps only
 * if @may_sleep.
 */
static __always_inline void resize_help(struct gomap *m, bool may_sleep)
{
	if (unlikely(READ_ONCE(m->finish)))
		resize_help_now(m, may_sleep);
}

/* stripe.c; more in stripe.h */
int stripes_create(struct gomap *m);
void stripes_destroy(struct gomap *m);
u32 stripe_mask_for(const struct gomap *m, u32 B);
void stripes_lock_all(struct gomap *m)
	__acquires(&m->table_lock);
void stripes_unlock_all(struct gomap *m)
	__releases(&m->table_lock);
struct gomap_table *stripes_table(const struct gomap *m);
u64 stripes_writes(struct gomap *m);

/* map.c */
struct gomap_table *table_successor(struct gomap *m,
				    const struct gomap_table *t,
				    struct gomap_array *array,
				    struct gomap_array *old);
void table_draw_seed(const struct gomap *m, struct gomap_table *t);
void publish_table(struct gomap *m, struct gomap_table *next);
u32 map_B(const struct gomap *m);
int map_reseed_if_empty(struct gomap *m);

/* presize.c */
u32 overflow_buckets_for(u64 entries, u32 B);
bool presize_is_possible(const struct gomap *m);
int presize_table(const struct gomap *m, const struct gomap_table *t);

/* evacuate.c */
int evacuate_bucket(struct gomap *m, const struct gomap_table *t, u64 i);
void leave_old_bucket(struct gomap *m, const struct gomap_table *t,
		      struct gomap_bucket *b);
bool resize_lacks_destination(const struct gomap_table *t, u64 hash);
struct gomap_home evacuate_own_bucket(struct gomap *m,
				      const struct gomap_table *t, u64 hash);

/* help.c */
bool evacuation_may_be_tried(const struct gomap *m);
void evacuation_was_tried(struct gomap *m, int err);

/* resize.c */
bool resize_is_under_way(struct gomap *m);
struct gomap_table *settled_table(struct gomap *m);
int resize_start(struct gomap *m, struct gomap_table *t, enum gomap_resize kind,
		 u32 B);
bool resize_is_done(const struct gomap *m, const struct gomap_table *t);
void resize_finish_if_done(struct gomap *m);
struct gomap_array *map_hold_array(struct gomap *m);

/* grow.c */
bool growth_is_due(struct gomap *m, const struct gomap_table *t);
bool growth_has_to_double(struct gomap *m);
bool growth_may_be_tried(const struct gomap *m);
int growth_start(struct gomap *m);

/* shrink.c */
void shrink_if_sparse(struct gomap *m, const struct gomap_table *t);
int shrink_while_sparse(struct gomap *m);

/* rekey.c */
void rekey_if_attacked(struct gomap *m, const struct gomap_table *t,
		       const struct gomap_home *home);
int rekey_rest(struct gomap *m, struct gomap_array *array);

/* worker.c */
void worker_run(struct work_struct *work);
void worker_kick(struct gomap *m, unsigned long delay);

#endif /* GOMAP_CORE_H */
