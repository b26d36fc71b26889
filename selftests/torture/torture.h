/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of gomap_torture share.
 *
 * A *ground* is a map under torture together with what is known about it: for
 * each key a record that says which values a lookup may return now.  *Actors*
 * are those who do something to the grounds: threads of some role, and the
 * interrupt contexts.  Whatever contradicts the records is a *violation*.
 */
#ifndef GOMAP_TORTURE_H
#define GOMAP_TORTURE_H

#include <linux/gomap.h>
#include <linux/prandom.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/types.h>

/*
 * Keys are numbered, and the number says what becomes of them.  Each key but
 * the wild ones has a single writer.  The last class is never in a map.
 */
#define PERMANENT_END	16U	/* always there, values change */
#define TOGGLED_END	32U	/* come and go */
#define WILD_END	40U	/* anybody writes them, in softirqs, too */
#define NEVER_KEYS	32U	/* after the churned ones, which fill and drain */

#define KEY_MAX		200U	/* bytes */
#define VALUE_MAX	2048U	/* bytes */

/**
 * struct shape - what a map is made of.
 * @name: For the parameter and reports.
 * @key_min: Bytes of the shortest key, at least 8.
 * @key_max: Bytes of the longest.
 * @value_min: Bytes of the shortest value, at least 8.
 * @value_max: Bytes of the longest.
 * @flags: GOMAP_F_* bits; those of variable length follow from the lengths.
 * @hint: As for gomap_create().
 * @cleared: Clearers work here.
 */
struct shape {
	const char *name;
	u32 key_min;
	u32 key_max;
	u32 value_min;
	u32 value_max;
	u32 flags;
	u32 hint;
	bool cleared;
};

/**
 * struct record - what is known of a key.
 * @begun: State that its writer wanted last.
 * @reached: Newest state that is known to have taken effect.
 *
 * A state is twice a sequence number, plus 1 where the key is there.  A lookup
 * has to find one between @reached at its begin and @begun at its end.
 */
struct record {
	u32 begun;
	u32 reached;
};

/**
 * struct ground - a map under torture.
 * @map: The map.
 * @shape: What it is made of.
 * @tag: In all its keys and values, against what comes from another map.
 * @nr_keys: Keys that may be there have numbers below.
 * @clear_lock: For writing: a clear; for reading: writers that keep records.
 * @records: One for each of those keys.
 */
struct ground {
	struct gomap *map;
	const struct shape *shape;
	u32 tag;
	u32 nr_keys;
	struct rw_semaphore clear_lock;
	struct record *records;
};

enum context {
	IN_PROCESS,
	IN_SOFTIRQ,
	IN_HARDIRQ,
	IN_NMI,
	NR_CONTEXTS,
};

/* What is counted, see stats.c for the words.  Maps count the last few. */
enum count {
	LOOKUPS,
	LOOKUPS_END = LOOKUPS + NR_CONTEXTS,
	HITS = LOOKUPS_END,
	MISSES,
	GAVE_UP,
	WRITES,
	WRITES_END = WRITES + NR_CONTEXTS,
	REFUSED = WRITES_END,
	BUSY,
	ITERATIONS,
	ENTRIES_SEEN,
	STALE_CURSORS,
	COMPACTS,
	REKEYS_ASKED,
	CLEARS_ASKED,
	CHECKS,
	MAPS,
	AUDITS,
	GROWS,
	SAME_SIZE,
	SHRINKS,
	REKEYS,
	ATTACKS,
	CLEARS,
	RETRIES,
	NR_COUNTS,
};

struct tally {
	u64 n[NR_COUNTS];
};

/* What can go wrong, see stats.c for the words. */
enum error {
	TORN_VALUE,
	STALE_VALUE,
	FUTURE_VALUE,
	LOST_KEY,
	GHOST_KEY,
	WRONG_RESULT,
	SEEN_TWICE,
	SKIPPED_KEY,
	BROKEN_INVARIANT,
	WRONG_COUNT,
	NR_ERRORS,
};

struct actor;

/**
 * struct role - what threads of a kind do.
 * @name: Of the threads.
 * @count: How many, a module parameter.
 * @once: One round.
 * @private_size: Bytes to have at actor->private, 0: none.
 */
struct role {
	const char *name;
	const unsigned int *count;
	void (*once)(struct actor *actor);
	size_t (*private_size)(void);
};

/**
 * struct actor - one who does something to the grounds.
 * @role: What it does; NULL for interrupts.
 * @task: Its thread; NULL for interrupts.
 * @nr: Its number among those of its role.
 * @context: Where it acts.
 * @random: Its random numbers.
 * @rounds: How often it acted.
 * @tally: What it did.
 * @private: Room for its role's own state.
 * @key: Room for a key.
 * @value: Room for a value that was found.
 * @stored: Room for a value that is to be stored.
 */
struct actor {
	const struct role *role;
	struct task_struct *task;
	unsigned int nr;
	enum context context;
	struct rnd_state random;
	u64 rounds;
	struct tally tally;
	void *private;
	u64 key[KEY_MAX / sizeof(u64)];
	u64 value[VALUE_MAX / sizeof(u64)];
	u64 stored[VALUE_MAX / sizeof(u64)];
};

/* main.c: parameters */
extern unsigned int churned, interrupt_us;
extern unsigned int min_lookups, min_writes, min_grows, min_shrinks;
extern unsigned int readers, writers, iterators, growers, compactors, rekeyers,
		    clearers, checkers, destroyers, guests;

static inline u32 random_below(struct actor *actor, u32 n)
{
	return ((u64)prandom_u32_state(&actor->random) * n) >> 32;
}

static inline bool one_in(struct actor *actor, u32 n)
{
	return random_below(actor, n) == 0;
}

static inline bool state_is_present(u32 state)
{
	return state & 1;
}

static inline bool state_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline u32 next_state(u32 state, bool present)
{
	return (state & ~1U) + 2 + present;
}

static inline bool key_is_wild(u32 id)
{
	return id >= TOGGLED_END && id < WILD_END;
}

/* Its writer never deletes it, and there are no clears. */
static inline bool key_stays(const struct ground *g, u32 id)
{
	return id < PERMANENT_END && !g->shape->cleared;
}

/* value.c */
u64 mix(u64 x);
u32 key_make(const struct ground *g, u32 id, u64 *key);
bool key_read(const struct ground *g, const u64 *key, u32 len, u32 *id);
u32 value_make(const struct ground *g, u32 id, u32 state, u64 *value);
bool value_read(const struct ground *g, u32 id, const u64 *value, u32 len,
		u32 *state);

/* ground.c */
extern const struct shape shapes[];
extern const unsigned int nr_shapes;
extern struct ground *grounds;
extern unsigned int nr_grounds;
int grounds_create(const char *wanted, u32 seed);
void grounds_destroy(void);
struct gomap *map_create(const struct shape *shape);
struct ground *random_ground(struct actor *actor);
void record_reach(struct record *record, u32 state);
int ground_lookup(struct ground *g, struct actor *actor, u32 id);
int ground_write(struct ground *g, struct actor *actor, u32 id, bool present,
		 gfp_t gfp);
void ground_write_wild(struct ground *g, struct actor *actor, gfp_t gfp);
int ground_clear(struct ground *g);

/* readers.c */
void read_at_random(struct actor *actor, u32 lookups);

/* actors.c */
int actors_start(u32 seed);
void actors_pause(void);
void actors_resume(void);
void actors_stop(void);
void actors_destroy(void);
void actors_shuffle(struct actor *director);
void actors_total(struct tally *total);
unsigned int actors_idle(void);
void actor_init(struct actor *actor, enum context context, u32 seed);
void actor_rest(struct actor *actor, u32 jiffies_max);
bool actor_should_end(void);

/* The roles, each in the file of its name. */
extern const struct role reader_role, writer_role, iterator_role;
extern const struct role grower_role, compactor_role, rekeyer_role,
			 clearer_role;
extern const struct role checker_role, destroyer_role, guest_role;

/* lifecycle.c */
void slots_empty(struct actor *director);

/* audit.c */
void audit(struct actor *director);
void audit_emptied(struct actor *director);

/* interrupts.c */
int interrupts_create(u32 seed);
void interrupts_destroy(void);
void interrupts_start(void);
void interrupts_stop(void);
void interrupts_total(struct tally *total);

/* nmi.c */
#ifdef CONFIG_X86_LOCAL_APIC
int nmi_create(u32 seed);
void nmi_destroy(void);
void nmi_send(unsigned int cpu);
void nmi_total(struct tally *total);
#else
static inline int nmi_create(u32 seed) { return 0; }
static inline void nmi_destroy(void) { }
static inline void nmi_send(unsigned int cpu) { }
static inline void nmi_total(struct tally *total) { }
#endif

/* stats.c */
__printf(2, 3) void violation(enum error kind, const char *format, ...);
u64 errors_of(enum error kind);
u64 errors_total(void);
void tally_add(struct tally *to, const struct tally *from);
void tally_add_map(struct tally *to, struct gomap *map);
u64 tally_sum(const struct tally *t, enum count begin, enum count end);
void tally_print(const struct tally *t);
void errors_print(void);

/* report.c */
bool floors_reached(const struct tally *total);
bool report(const struct tally *total, bool started, unsigned int idle);

#endif /* GOMAP_TORTURE_H */
