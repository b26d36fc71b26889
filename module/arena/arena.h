/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arena.h - the memory of a map: spans for bucket arrays, objects for the rest.
 *
 * The arena knows nothing of buckets or keys, it deals in bytes and grace
 * periods.
 *
 * Words
 * -----
 * chunk	memory from the page allocator, carved into objects of one size
 * object	one piece of a chunk: an overflow bucket, a key, a value
 * size class	the objects of one size, with their list of free ones
 * handle	32 bits that name an object: chunk number and place in it; 0 none
 * span		memory from the page allocator that is used as a whole
 *
 *	handle  [ chunk : 20 | place : 12 ]
 *	            |
 *	directory  [ . | . | . | ]  --> chunk { base, object_size, link[] }
 *
 * An object's life
 * ----------------
 * free -> arena_alloc() -> filled by its owner, who publishes the handle ->
 * unpublished again -> arena_retire() -> one grace period -> free.  An object
 * that was never published goes back by arena_free() at once.
 *
 * Chunks are type-stable: memory that is an object of one class never becomes
 * anything else before the arena goes, and an object is not handed out again
 * before every reader that could hold its handle has left its RCU section.  So
 * a reader may follow any handle that it finds, however old: it looks at an
 * object of the right size, and the version of the bucket that it came from
 * tells whether what it saw was current.
 *
 * Retiring allocates nothing and queues no callback per object.  The free list
 * and both lists of retired objects run through link[], beside the objects
 * rather than inside, because a reader may still be reading the object.  One
 * rcu_head per arena moves a whole list from waiting to free:
 *
 *	retire --> [collecting] --call_rcu--> [waiting] --callback--> [free]
 *
 * Locking
 * -------
 * arena.lock is the innermost lock of gomap and taken with bottom halves off.
 * Chunks and the directory are read under RCU.
 */
#ifndef GOMAP_ARENA_H
#define GOMAP_ARENA_H

#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "account.h"

/* Largest object, bytes: a value of 64 KiB with its length before it. */
#define ARENA_OBJECT_MAX	(65536U + sizeof(u32))

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

struct arena_chunk;
struct arena_directory;

/**
 * struct arena_class - the objects of one size.
 * @free: First free object, 0 if none.
 * @nr_free: Free objects.
 * @nr_chunks: Chunks of the class.
 */
struct arena_class {
	u32 free;
	u32 nr_free;
	u32 nr_chunks;
};

/**
 * struct gomap_arena - one arena.
 * @refs: One of each descriptor that names it, of each bucket array with spans
 *	from it, and of a grace period under way.
 * @account: Where memory comes from; constant.
 * @bucket_size: Object size of ARENA_CLASS_BUCKET, bytes; constant.
 * @lock: Protects all below but what @directory points to.
 * @directory: Chunks by number; published under @lock, read under RCU.
 * @classes: Free objects.
 * @collecting: Retired objects that no grace period covers yet.
 * @waiting: Retired objects that wait for the one under way.
 * @rcu: The grace period under way, where @rcu_pending.
 * @rcu_pending: A grace period is under way.
 * @bytes_live: Bytes of objects in use.
 * @objects_live: Objects in use: neither free nor retired.
 * @object_allocs: Objects handed out so far, but for those given back unused.
 */
struct gomap_arena {
	refcount_t refs;
	struct gomap_account *account;
	u32 bucket_size;

	spinlock_t lock;
	struct arena_directory __rcu *directory;
	struct arena_class classes[ARENA_NR_CLASSES];
	u32 collecting;
	u32 waiting;
	struct rcu_head rcu;
	bool rcu_pending;
	u64 bytes_live;
	u64 objects_live;
	u64 object_allocs;
};

struct gomap_arena *arena_create(struct gomap_account *acct, u32 bucket_size,
				 gfp_t gfp);
struct gomap_arena *arena_get(struct gomap_arena *arena);
void arena_put(struct gomap_arena *arena);

u32 arena_class_of(u32 size);
u32 arena_class_size(const struct gomap_arena *arena, u32 class);

u32 arena_alloc(struct gomap_arena *arena, u32 class);
void arena_free(struct gomap_arena *arena, u32 handle);
void arena_retire(struct gomap_arena *arena, u32 handle);
int arena_reserve(struct gomap_arena *arena, u32 class, u32 nr, gfp_t gfp);
bool arena_has(struct gomap_arena *arena, u32 class, u32 nr);

void *arena_object(const struct gomap_arena *arena, u32 handle, u32 *size);
bool arena_object_is_live(struct gomap_arena *arena, u32 handle);

void *arena_span_alloc(struct gomap_arena *arena, size_t size, gfp_t gfp);
void arena_span_free(struct gomap_arena *arena, void *span, size_t size);

#endif /* GOMAP_ARENA_H */
