/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arena.h - the memory of a map: spans for bucket arrays, objects for the rest.
 *
 * The arena knows nothing of buckets or keys, it deals in bytes and grace
 * periods.
 *
 * Words
 * -----
 * chunk	pages with objects of one size, and what there is to say of them
 * object	one place of a chunk: an overflow bucket, a key, a value
 * size class	the objects of one size, with the chunks that have free ones
 * magazine	a few free objects of a class at hand for one CPU
 * handle	32 bits that name an object: chunk number and place; 0 none
 * span		memory from the page allocator that is used as a whole
 *
 *	class ---> usable chunks ---> chunk { header, link[], objects }
 *	  |				^
 *	magazine of CPU 0, 1, ...	|
 *					|
 *	directory [ . | . | . ] --------+	by the high bits of a handle
 *
 * An object's life
 * ----------------
 *	free ---refill---> cached ---arena_alloc()---> live
 *	 ^  <---flush-----   ^  <---arena_free()------   |
 *	 |						 | arena_retire()
 *	 +------------- a grace period ------------- retired
 *
 * A live object is filled by its owner, who then publishes the handle.  What
 * was published is retired, what never was goes back at once.
 *
 * Chunks are type-stable: an object is not handed out again before every reader
 * that could hold its handle has left its RCU section, and a chunk is not given
 * back while one of its objects is anything but free, nor before one more grace
 * period.  So a reader may follow any handle that it finds, however old: it
 * looks at an object of the right size, and the version of the bucket that it
 * came from tells whether what it saw was current.
 *
 * Retiring allocates nothing and queues no callback per object: the free and
 * the retired objects of a chunk are lists through link[], beside the objects
 * rather than inside, because a reader may still be reading the object.  One
 * rcu_head per arena frees all that was retired before it was queued, a list of
 * a chunk at a time.
 *
 * Where objects are shown, see window.h, their end is not only that nobody may
 * look at them any more: they are zeroed before they are free, by a worker, since
 * the objects of a grace period can be many.
 *
 * Taking and giving back chunks
 * -----------------------------
 * A class begins with a page.  Its further chunks are 64 KiB, and a 32nd of
 * what it holds when that is more, up to 4 MiB; so little is idle, and calls of
 * the page allocator are few.  A presize takes one chunk for all, which is
 * pinned: it stays, until more is wanted than was foreseen.  Empty chunks go
 * back by themselves when a class has more free objects than others, on request,
 * and when the kernel is short of memory.
 *
 * Locking
 * -------
 * Magazine locks, then arena.lock, the innermost lock of gomap; both are taken
 * with bottom halves off.  Chunks and the directory are read under RCU.
 */
#ifndef GOMAP_ARENA_H
#define GOMAP_ARENA_H

#include <linux/gomap_memory.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "account.h"
#include "window.h"

/* Largest object, bytes: a value of 64 KiB with its length before it. */
#define ARENA_OBJECT_MAX	(65536U + sizeof(u64))

/*
 * Sizes are 16, 24, 32 ... 64 bytes, from there on four to a doubling: so at
 * most a fifth of an object is waste, and all are aligned to 8 bytes.
 */
#define ARENA_SIZE_MIN		16U
#define ARENA_SIZE_FINE_MAX	64U
#define ARENA_NR_FINE		7
#define ARENA_NR_SIZES		(ARENA_NR_FINE + 4 * 10 + 1)

/* The class of overflow buckets: one exact size, chosen at create. */
#define ARENA_CLASS_BUCKET	ARENA_NR_SIZES
#define ARENA_NR_CLASSES	(ARENA_NR_SIZES + 1)

struct arena_class;
struct arena_directory;

/**
 * struct gomap_arena - one arena.
 * @refs: One of each descriptor that names it, of each bucket array with spans
 *	from it, of a grace period and of work under way.
 * @account: Where memory comes from; constant.
 * @bucket_size: Object size of ARENA_CLASS_BUCKET, bytes; constant.
 * @by_kmalloc: Keys and values are allocated one by one; constant.
 * @lock: Protects all below but what @directory and @class point to.
 * @directory: Chunks by number; published under @lock, read under RCU.
 * @class: By number, NULL: no chunk was ever needed; set once.
 * @phase: Which of two lists takes the objects that are retired now.
 * @retired: Chunks that have retired objects, by phase.
 * @rcu: The grace period under way, where @rcu_pending.
 * @rcu_pending: A grace period is under way, for the other phase.
 * @work: Gives back chunks, or the arena.
 * @trim_after: Grace periods until all that is empty is to be given back, 0: that
 *	was not asked for.
 * @trim_all: They are over; taken by the work.
 * @handed_out_before: Objects that arenas handed out which this one follows.
 * @all: On the list of all arenas; under a lock of its own, see shrinker.c.
 * @root: Where who looks through the window finds the directory.
 * @scrub: Zeroes what was retired, where it is shown.
 */
struct gomap_arena {
	refcount_t refs;
	struct gomap_account *account;
	u32 bucket_size;
	bool by_kmalloc;

	spinlock_t lock;
	struct arena_directory __rcu *directory;
	struct arena_class *class[ARENA_NR_CLASSES];
	unsigned int phase;
	struct list_head retired[2];
	struct rcu_head rcu;
	bool rcu_pending;
	u8 trim_after;
	bool trim_all;
	struct work_struct work;
	u64 handed_out_before;
	struct list_head all;
	struct window_pane root;
	struct work_struct scrub;
};

/**
 * struct arena_totals - what an arena holds.
 * @nr_chunks: Chunks.
 * @bytes_chunks: Bytes of them.
 * @bytes_idle: Bytes of them that no object in use takes.
 * @objects_live: Objects in use.
 * @bytes_live: Bytes of those.
 * @object_allocs: Objects handed out so far, but for those given back unused.
 */
struct arena_totals {
	u64 nr_chunks;
	u64 bytes_chunks;
	u64 bytes_idle;
	u64 objects_live;
	u64 bytes_live;
	u64 object_allocs;
};

/* arena.c */
struct gomap_arena *arena_create(struct gomap_account *acct, u32 bucket_size,
				 bool by_kmalloc, gfp_t gfp);
struct gomap_arena *arena_get(struct gomap_arena *arena);
void arena_put(struct gomap_arena *arena);
u32 arena_alloc(struct gomap_arena *arena, u32 class);
void arena_free(struct gomap_arena *arena, u32 handle);

/* class.c */
u32 arena_class_of(u32 size);
u32 arena_class_size(const struct gomap_arena *arena, u32 class);

/* directory.c */
void *arena_object(const struct gomap_arena *arena, u32 handle, u32 *size);

/* grace.c */
void arena_retire(struct gomap_arena *arena, u32 handle);

/* supply.c */
int arena_reserve(struct gomap_arena *arena, u32 class, u32 nr, gfp_t gfp);
int arena_presize(struct gomap_arena *arena, u32 class, u64 nr, gfp_t gfp);
bool arena_has(struct gomap_arena *arena, u32 class, u32 nr);

/* trim.c */
u64 arena_trim(struct gomap_arena *arena);
void arena_trim_after_grace_period(struct gomap_arena *arena);
void arena_unpin(struct gomap_arena *arena);

/**
 * enum arena_mark - what arena_mark() found.
 * @ARENA_MARK_FIRST: A live object that had no mark.
 * @ARENA_MARK_AGAIN: One that had.
 * @ARENA_MARK_NONE: No live object.
 */
enum arena_mark {
	ARENA_MARK_FIRST,
	ARENA_MARK_AGAIN,
	ARENA_MARK_NONE,
};

/* audit.c */
void arena_totals(struct gomap_arena *arena, struct arena_totals *totals);
void arena_memory(struct gomap_arena *arena, struct gomap_memory *memory);
bool arena_object_is_live(struct gomap_arena *arena, u32 handle);
void arena_count_on(struct gomap_arena *arena, u64 object_allocs);

enum arena_mark arena_mark(struct gomap_arena *arena, u32 handle);
void arena_sweep(struct gomap_arena *arena, struct gomap_leaks *leaks);

/* span.c */
void *arena_span_alloc(struct gomap_arena *arena, size_t size, gfp_t gfp);
void arena_span_free(struct gomap_arena *arena, void *span, size_t size);

/* shrinker.c */
int arenas_init(void);
void arenas_exit(void);

#endif /* GOMAP_ARENA_H */
