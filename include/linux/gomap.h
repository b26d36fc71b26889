/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gomap: a hash map that grows by itself, for kernel code.
 *
 * This is the only header of gomap that another module includes.  A map takes
 * keys and values by copy, is safe to use from any number of CPUs at once, and
 * is never stopped by its own growth:
 *
 *	struct gomap_params p = {
 *		.key_size = sizeof(u32), .value_size = sizeof(struct route),
 *	};
 *	struct gomap *m = gomap_create(&p);
 *
 *	if (IS_ERR(m))
 *		return PTR_ERR(m);
 *	err = gomap_store(m, &addr, sizeof(addr), &r, sizeof(r), GFP_KERNEL);
 *	err = gomap_lookup(m, &addr, sizeof(addr), &r, sizeof(r));
 *	gomap_put(m);
 *
 * What may be called from where
 * -----------------------------
 *   any context, hard interrupts and NMI included:
 *	gomap_lookup(), gomap_lookup_many(), gomap_lookup_rcu(), gomap_len()
 *   process and softirq context:
 *	gomap_insert(), gomap_replace(), gomap_store(), gomap_delete(),
 *	gomap_get()
 *   process context, may sleep:
 *	gomap_create(), gomap_put(), gomap_clear(), gomap_iter_*(),
 *	gomap_compact(), gomap_rekey(), gomap_finish_resize(),
 *	gomap_set_limits(), gomap_info(), gomap_memory(), gomap_check(),
 *	gomap_find_leaks()
 * No function may be called with interrupts off unless it is in the first
 * group.  No function calls back into its caller.
 *
 * What may be observed
 * --------------------
 * By all operations, whatever resize is under way:
 * - Operations on one key are linearizable: each takes effect at one moment
 *   between its call and its return, and all CPUs agree on the order.
 * - What was done before a write is visible to who finds that write: a write
 *   has release, a lookup that finds it acquire semantics.
 * - Operations on different keys have no order between them beyond that.
 * By a lookup:
 * - It finds what a write has stored that returned before the lookup began.
 * - It returns bytes of one value, never parts of two; the value of this key,
 *   never of another; and not a value that was deleted or replaced before the
 *   lookup began.
 * By an iteration, from gomap_iter_begin() to the 0 of gomap_iter_next():
 * - A key that is there all the time is returned exactly once, over any number
 *   of grows and shrinks, with any number of writers.
 * - A key that is there for some of the time is returned at most once; one that
 *   is absent all the time, or deleted before its turn, is not.
 * - A value is the one that a lookup would have returned at that step.  The
 *   steps are at different moments: it is not a snapshot.
 * - gomap_clear() and gomap_rekey(), also the rekey that an attack brings about,
 *   end it with -ESTALE; that the map was empty meanwhile may end it with 0.
 * By gomap_len(): the number of entries while no writer is inside the map, and
 * otherwise off by at most 64 for each that is inside meanwhile.
 * A gomap_clear() takes effect at one moment for all keys.
 *
 * What may have to wait
 * ---------------------
 * A lookup makes eight attempts of one bucket's chain each, and only waits for
 * a lock if writers to that very bucket spoiled all of them; in a context that
 * may not wait it returns -EAGAIN then.  A write waits for writers to one
 * stripe of the buckets, evacuates its own bucket and one more while a resize
 * is under way, and waits some 20 us at a time during a rekey.  Neither waits
 * for a grace period.
 *
 * The nil map
 * -----------
 * As with Go's nil map, a NULL map may be read: lookups find nothing, the
 * length is 0, a delete does nothing, an iteration is over at once.  Storing
 * into it is -EINVAL.
 */
#ifndef _LINUX_GOMAP_H
#define _LINUX_GOMAP_H

#include <linux/gfp.h>
#include <linux/gomap_iter.h>
#include <linux/gomap_memory.h>
#include <linux/types.h>

struct gomap;

#define GOMAP_KEY_SIZE_MAX	4096U	/* bytes */
#define GOMAP_VALUE_SIZE_MAX	65536U	/* bytes */
#define GOMAP_HINT_MAX		(1ULL << 31)	/* entries */

/* Fields up to this size lie in their slot; larger ones in the arena.  Go. */
#define GOMAP_INLINE_MAX	128U	/* bytes */

/* Flags of a map. */
#define GOMAP_F_VAR_KEY		(1U << 0) /* keys of 0 to key_size bytes */
#define GOMAP_F_VAR_VALUE	(1U << 1) /* values of 0 to value_size bytes */
#define GOMAP_F_STRICT		(1U << 2) /* concurrent writers get -EBUSY */
#define GOMAP_F_ACCOUNT		(1U << 3) /* charge memory to the caller's memcg */
#define GOMAP_F_NO_SHRINK	(1U << 4) /* keep the buckets of a map that empties */
#define GOMAP_F_STABLE		(1U << 5) /* values never move, nor change in place */
#define GOMAP_F_POINTERS	(1U << 6) /* contents hold pointers: kmemleak scans */
#define GOMAP_F_KMALLOC		(1U << 7) /* one kmalloc() per object, for comparison */
#define GOMAP_F_TRUSTED_KEYS	(1U << 8) /* nobody hostile chooses keys: fast hash */
#define GOMAP_F_ALL		(GOMAP_F_VAR_KEY | GOMAP_F_VAR_VALUE | \
				 GOMAP_F_STRICT | GOMAP_F_ACCOUNT | \
				 GOMAP_F_NO_SHRINK | GOMAP_F_STABLE | \
				 GOMAP_F_POINTERS | GOMAP_F_KMALLOC | \
				 GOMAP_F_TRUSTED_KEYS)

/**
 * struct gomap_params - what gomap_create() is to make.
 * @key_size: Bytes of a key, 1 to GOMAP_KEY_SIZE_MAX; the longest one with
 *	GOMAP_F_VAR_KEY.
 * @value_size: Bytes of a value, 0 to GOMAP_VALUE_SIZE_MAX; the longest one
 *	with GOMAP_F_VAR_VALUE, and then at least 1.
 * @hint: Entries to make room for at once, 0 to GOMAP_HINT_MAX.
 * @flags: GOMAP_F_* bits.
 * @limits: How far the map may grow; gomap_set_limits() changes them.
 * @alloc_ops: Where memory comes from; NULL: the kernel's allocators.
 * @alloc_ctx: First argument of @alloc_ops.
 * @window: Where to show the memory, see <linux/gomap_view.h>; NULL: nowhere.
 *	Not with GOMAP_F_KMALLOC or GOMAP_F_POINTERS, and with @alloc_ops only if
 *	they return whole pages where these are asked for.
 */
struct gomap_params {
	u32 key_size;
	u32 value_size;
	u64 hint;
	u32 flags;
	struct gomap_limits limits;
	const struct gomap_alloc_ops *alloc_ops;
	void *alloc_ctx;
	struct gomap_window *window;
};

/* Bins of gomap_info.fill: 0 to 15 entries in a bucket, then all above. */
#define GOMAP_INFO_FILL_BINS	17

/**
 * enum gomap_resize - what kind of resize is under way.
 * @GOMAP_RESIZING_NO: None.
 * @GOMAP_RESIZING_DOUBLE: Growth to twice the number of buckets.
 * @GOMAP_RESIZING_SAME_SIZE: Growth to the same number, to shed overflow
 *	buckets.
 * @GOMAP_RESIZING_SHRINK: To a smaller number.
 * @GOMAP_RESIZING_REKEY: To the same number under a new seed.
 */
enum gomap_resize {
	GOMAP_RESIZING_NO,
	GOMAP_RESIZING_DOUBLE,
	GOMAP_RESIZING_SAME_SIZE,
	GOMAP_RESIZING_SHRINK,
	GOMAP_RESIZING_REKEY,
};

/**
 * struct gomap_info - figures of a map, see struct gomap_ioc_info for each.
 * @params: As given to gomap_create().
 * @len: Entries.
 * @B: Log2 of the number of buckets.
 * @old_B: B of the array that is being evacuated; @B where none is.
 * @resizing: What kind of resize is under way.
 * @bucket_size: Bytes of a bucket.
 * @seed_generation: Seeds drawn so far, 1 at create.
 * @key_inline: Keys lie in their slots.
 * @value_inline: Values lie in their slots.
 * @nr_buckets: Buckets of the current array; 0 before the first insert.
 * @nr_overflow: Overflow buckets of the current array.
 * @nr_evacuated: Old buckets evacuated in this resize.
 * @nr_old_buckets: Old buckets in all, 0 when no resize is under way.
 * @grows: Doublings begun.
 * @same_size_grows: Same-size growths begun.
 * @grow_failures: Growths put off because memory was refused.
 * @shrinks: Shrinks begun.
 * @rekeys: Rekeys begun.
 * @attacks: Chains found that were too long to be chance.
 * @clears: Times the map was cleared.
 * @bytes_live: Bytes of arena objects in use.
 * @bytes_held: Bytes taken from the kernel's allocators.
 * @bytes_peak: Highest value of @bytes_held.
 * @objects_live: Arena objects in use.
 * @object_allocs: Arena objects handed out so far.
 * @kernel_allocs: Calls of the kernel's allocators so far.
 * @write_allocs: Times that a write stopped for memory: to start a growth, for
 *	buckets, or for an object; 0 in a map that had it all at create.
 * @nr_chunks: Chunks of the arena.
 * @bytes_chunks: Bytes of them.
 * @bytes_idle: Bytes of them that no object in use takes: free, retired,
 *	cached and rounding.
 * @limits: The limits of now.
 * @refused: Writes that were refused, by enum gomap_refusal.
 * @read_retries: Lookups that used up their retries and took the lock.
 * @fill: fill[i] buckets hold i entries, the last bin all above; only where
 *	it was asked for.
 */
struct gomap_info {
	struct gomap_params params;
	u64 len;
	u32 B;
	u32 old_B;
	enum gomap_resize resizing;
	u32 bucket_size;
	u32 seed_generation;
	bool key_inline;
	bool value_inline;
	u64 nr_buckets;
	u64 nr_overflow;
	u64 nr_evacuated;
	u64 nr_old_buckets;
	u64 grows;
	u64 same_size_grows;
	u64 grow_failures;
	u64 shrinks;
	u64 rekeys;
	u64 attacks;
	u64 clears;
	u64 bytes_live;
	u64 bytes_held;
	u64 bytes_peak;
	u64 objects_live;
	u64 object_allocs;
	u64 kernel_allocs;
	u64 write_allocs;
	u64 nr_chunks;
	u64 bytes_chunks;
	u64 bytes_idle;
	struct gomap_limits limits;
	u64 refused[GOMAP_NR_REFUSALS];
	u64 read_retries;
	u64 fill[GOMAP_INFO_FILL_BINS];
};

/**
 * gomap_create() - Make an empty map.
 * @params: What to make; read during the call only.
 *
 * The caller gets the one reference there is and gives it back with
 * gomap_put().  With a hint all memory for that many entries is taken now, in
 * as few pieces as the page allocator has it: buckets, overflow buckets and,
 * where they are of one size, keys and values that do not lie in their slots.
 * Until there are more entries no insert takes memory from the kernel then, but
 * for what an entry deleted within the same grace period has not given back.
 * Without a hint the first insert takes the first.
 *
 * Context: Process context, may sleep.
 * Return: The map, or ERR_PTR(): -EINVAL a size, hint or flag out of range, or
 *	alloc_ops without one of its functions, or a window for memory that
 *	cannot be shown, -ENOMEM no memory, -EDQUOT more
 *	bytes than a limit allows, -ENOSPC the module's parameter max_maps or a
 *	hint above max_entries, -EINTR a fatal signal before the memory for a hint
 *	was complete.
 */
struct gomap *gomap_create(const struct gomap_params *params);

/**
 * gomap_get() - Take another reference on a map.
 * @map: The map, which the caller has a reference on already, or NULL.
 *
 * Context: Any context.
 * Return: @map.
 */
struct gomap *gomap_get(struct gomap *map);

/**
 * gomap_put() - Give back a reference; with the last one the map is destroyed.
 * @map: The map, or NULL.
 *
 * Returns at once.  Memory is given back in the background, after the readers
 * that are inside the map in an RCU section of their own: span by span and
 * chunk by chunk, no time is spent per entry.
 *
 * Context: Process context, may sleep.
 */
void gomap_put(struct gomap *map);

/**
 * gomap_len() - Number of entries.
 * @map: The map, or NULL.
 *
 * Context: Any context.
 * Return: The number, 0 for NULL; exact while no writer is inside the map.
 */
u64 gomap_len(const struct gomap *map);

/**
 * gomap_lookup() - Copy out the value that is stored for a key.
 * @map: The map, or NULL.
 * @key: The key.
 * @key_len: Bytes of @key.
 * @value: Where to copy the value to; NULL: only ask whether the key is there.
 * @value_cap: Bytes of room at @value; ignored where that is NULL.
 *
 * Takes no lock unless writers to the same bucket outrun it eight times.
 *
 * Context: Any context.  Takes the RCU read lock itself.
 * Return: Bytes of the value (all of them copied, or none where @value is
 *	NULL), or -ENOENT the key is absent, -EMSGSIZE @key_len is wrong for
 *	this map or @value_cap too small, -EAGAIN writers are in the way and
 *	this context may not wait (hard interrupt, NMI, interrupts off).
 */
int gomap_lookup(struct gomap *map, const void *key, u32 key_len, void *value,
		 u32 value_cap);

/**
 * struct gomap_query - one of many lookups.
 * @key: The key.
 * @value: Where to copy the value to; NULL: only ask whether the key is there.
 * @key_len: Bytes of @key.
 * @value_cap: Bytes of room at @value; ignored where that is NULL.
 * @result: Out: what gomap_lookup() would return.
 */
struct gomap_query {
	const void *key;
	void *value;
	u32 key_len;
	u32 value_cap;
	int result;
};

/**
 * gomap_lookup_many() - Look many keys up at once.
 * @map: The map, or NULL.
 * @queries: What to look up.
 * @nr: How many.
 *
 * The buckets of several keys are fetched from memory at the same time, which
 * takes a large map a third of the time that as many calls of gomap_lookup()
 * take.  Each lookup is one by itself: they do not happen at one moment.
 *
 * Context: Any context.  Takes the RCU read lock itself.
 * Return: How many keys were found; each query has its own result.
 */
u32 gomap_lookup_many(struct gomap *map, struct gomap_query *queries, u32 nr);

/**
 * gomap_lookup_rcu() - Find the value that is stored for a key, copying nothing.
 * @map: The map, or NULL.
 * @key: The key.
 * @key_len: Bytes of @key.
 * @value_len: Takes the bytes of the value; may be NULL.
 *
 * In a map with GOMAP_F_STABLE the value is what a write has published, whole,
 * until the caller's RCU section ends: a later write publishes another one
 * beside it, and growth does not move it.  Who needs it for longer copies it.
 *
 * Context: Any context; caller is in an RCU read-side critical section.
 * Return: The value, or ERR_PTR(): -ENOENT the key is absent, -EMSGSIZE
 *	@key_len is wrong for this map, -EAGAIN as gomap_lookup(), -EOPNOTSUPP
 *	the map has no GOMAP_F_STABLE.
 */
const void *gomap_lookup_rcu(struct gomap *map, const void *key, u32 key_len,
			     u32 *value_len);

/**
 * gomap_insert() - Store a value for a key that is not in the map yet.
 * @map: The map.
 * @key: The key.
 * @key_len: Bytes of @key.
 * @value: The value; NULL where @value_len is 0.
 * @value_len: Bytes of @value.
 * @gfp: Allocation flags, decide whether the call may sleep; zones and
 *	modifiers are ignored.
 *
 * No allocation takes place for keys and values up to GOMAP_INLINE_MAX bytes,
 * except that a growth or an overflow bucket may fall due.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: 0, or -EEXIST the key is there already, -EMSGSIZE a length is wrong
 *	for this map, -ENOMEM no memory, -EDQUOT a limit on bytes, -ENOSPC the
 *	limit on entries, -EBUSY a strict map has another writer
 *	inside, -EINVAL @map is NULL.  Nothing is changed then.
 */
int gomap_insert(struct gomap *map, const void *key, u32 key_len,
		 const void *value, u32 value_len, gfp_t gfp);

/**
 * gomap_replace() - Store a value for a key that is in the map.
 * @map: The map.
 * @key: The key.
 * @key_len: Bytes of @key.
 * @value: The value; NULL where @value_len is 0.
 * @value_len: Bytes of @value.
 * @gfp: As for gomap_insert().
 *
 * Context: As gomap_insert().
 * Return: 0, or -ENOENT the key is absent, or as gomap_insert().
 */
int gomap_replace(struct gomap *map, const void *key, u32 key_len,
		  const void *value, u32 value_len, gfp_t gfp);

/**
 * gomap_store() - Store a value for a key, whether it is in the map or not.
 * @map: The map.
 * @key: The key.
 * @key_len: Bytes of @key.
 * @value: The value; NULL where @value_len is 0.
 * @value_len: Bytes of @value.
 * @gfp: As for gomap_insert().
 *
 * Context: As gomap_insert().
 * Return: 1 the key was in the map, 0 it is new, or a negative errno as
 *	gomap_insert().
 */
int gomap_store(struct gomap *map, const void *key, u32 key_len,
		const void *value, u32 value_len, gfp_t gfp);

/**
 * gomap_delete() - Remove a key and its value.
 * @map: The map, or NULL.
 * @key: The key.
 * @key_len: Bytes of @key.
 *
 * Never allocates.  Deleting an absent key is no error, as in Go.  With its
 * last entry the map draws a new seed, a little later and in the background.
 *
 * Context: Process or softirq context; does not sleep.
 * Return: 1 the key was removed, 0 it was absent, -EMSGSIZE @key_len is wrong
 *	for this map, -EBUSY a strict map has another writer inside.
 */
int gomap_delete(struct gomap *map, const void *key, u32 key_len);

/**
 * gomap_clear() - Remove all entries at once.
 * @map: The map, or NULL.
 *
 * Takes the same short time whatever the number of entries.  B stays as it is,
 * the seed is drawn anew, iterations in progress end with -ESTALE.  All memory
 * is given back, that of a hint too: the entries that follow take it again.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -ENOMEM no memory or -EDQUOT a limit on bytes (nothing is
 *	changed then), -EBUSY a strict map has another writer inside, -EINVAL
 *	@map is NULL.
 */
int gomap_clear(struct gomap *map);

/**
 * gomap_set_limits() - Change how far a map may grow.
 * @map: The map.
 * @limits: The new limits, all of them.
 *
 * Holds for what begins after the return.  A map that is over a new limit keeps
 * what it has, and gets nothing more until it is below.
 *
 * Context: Any context.
 * Return: 0, or -EINVAL @map is NULL.
 */
int gomap_set_limits(struct gomap *map, const struct gomap_limits *limits);

/**
 * gomap_refusal() - Why the last thing of this kind was refused.
 * @map: The map.
 * @err: -ENOSPC, -EDQUOT or -ENOMEM, as it was returned.
 *
 * With several writers it may be the reason of another one's.
 *
 * Context: Any context.
 * Return: The reason.
 */
enum gomap_refusal gomap_refusal(const struct gomap *map, int err);

/**
 * gomap_info() - Report the figures of a map.
 * @map: The map, or NULL (all figures 0).
 * @info: Where to put them.
 * @want_fill: Visit every bucket to fill in @info->fill.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -EINTR a fatal signal while visiting buckets.
 */
int gomap_info(struct gomap *map, struct gomap_info *info, bool want_fill);

/**
 * gomap_check() - Verify every invariant of module/core/core.h.
 * @map: The map, or NULL.
 *
 * Locks one stripe after the other; writers may go on meanwhile, invariants
 * about totals are only verified when none did.
 *
 * Context: Process context, may sleep.
 * Return: 0 all hold, the number of the first that does not, or -EINTR a fatal
 *	signal.
 */
int gomap_check(struct gomap *map);

/**
 * gomap_memory() - Report what the arena of a map holds.
 * @map: The map, or NULL (no class).
 * @memory: Where to put it.
 *
 * Context: Process context, may sleep.
 */
void gomap_memory(struct gomap *map, struct gomap_memory *memory);

/**
 * gomap_find_leaks() - Compare what a map holds with what its buckets refer to.
 * @map: The map, or NULL.
 * @leaks: What was found.
 *
 * Visits every bucket and every object.  Writers may go on meanwhile, but then
 * the answer is uncertain, and says so.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -EINTR a fatal signal.
 */
int gomap_find_leaks(struct gomap *map, struct gomap_leaks *leaks);

/**
 * gomap_barrier() - Wait until all that was put, cleared or replaced is freed.
 *
 * For who is about to unload what a map's alloc_ops need, and for who measures.
 *
 * Context: Process context, may sleep.
 */
void gomap_barrier(void);

/**
 * gomap_finish_resize() - Evacuate what is left of a resize, now.
 * @map: The map, or NULL.
 *
 * The background worker does this anyway; for those who would rather pay at a
 * time of their own choosing.
 *
 * Context: Process context, may sleep.
 * Return: 0 no resize is under way any more, -ENOMEM no memory or -EDQUOT a
 *	limit on bytes for the new buckets (what was done stays done), -EINTR a
 *	fatal signal.
 */
int gomap_finish_resize(struct gomap *map);

/**
 * gomap_compact() - Move all entries to as few buckets as they fit into, and
 *	give back chunks that are empty.
 * @map: The map, or NULL.
 *
 * The number of buckets becomes the one that a map created with the present
 * number of entries as its hint would have, but not fewer than its own hint
 * asked for; where it is that already, overflow buckets are shed.  Readers and
 * writers go on meanwhile.  GOMAP_F_NO_SHRINK does not forbid it.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -ENOMEM no memory, -EDQUOT a limit on bytes, -EINTR a fatal
 *	signal (what was done stays done, a resize that was begun is finished in
 *	the background), -EINVAL @map is NULL.
 */
int gomap_compact(struct gomap *map);

/**
 * gomap_rekey() - Move all entries to a new seed.
 * @map: The map, or NULL.
 *
 * For who fears that the seed has become known.  A map does this by itself
 * when one of its chains is too long to be chance.  Readers and writers go on
 * meanwhile; iterations in progress end with -ESTALE.  Until it is done the map
 * has its buckets twice.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -ENOMEM no memory, -EDQUOT a limit on bytes, -EINTR a fatal
 *	signal (a rekey that was begun is finished in the background), -EINVAL
 *	@map is NULL.
 */
int gomap_rekey(struct gomap *map);

#endif /* _LINUX_GOMAP_H */
