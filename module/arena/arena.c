// SPDX-License-Identifier: GPL-2.0-only
/*
 * arena.c - chunks, objects and their grace periods; see arena.h.
 */
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sched.h>

#include "arena.h"

#define PLACE_BITS		12
#define PLACES_MAX		(1U << PLACE_BITS)
#define CHUNKS_MAX		((1U << (32 - PLACE_BITS)) - 2)

/*
 * A chunk is 64 KiB: small enough that the page allocator nearly always has
 * one, large enough that taking one is rare (450 overflow buckets of 144
 * bytes).  Chunks of large objects hold four.  The first chunk of a class is a
 * sixteenth of that, and the next ones double, so that a map with three
 * entries does not hold 64 KiB.
 */
#define CHUNK_BYTES		65536U
#define CHUNK_PLACES_MIN	4U
#define CHUNK_DOUBLINGS		4U

static_assert(CHUNK_BYTES / ARENA_SIZE_MIN <= PLACES_MAX);

#define DIRECTORY_SIZE_FIRST	8U

/* What link[] says of an object in use; no handle has this value. */
#define LINK_LIVE		(~0U)
/* The same of a retired object that is the last of its list. */
#define LINK_END		0U

/**
 * struct arena_chunk - objects of one class.  All but @link is constant.
 * @base: First object.
 * @class: Class of all of them.
 * @object_size: Bytes of each.
 * @nr: How many there are.
 * @bytes: Bytes of memory at @base.
 * @link: By place: next handle on the object's list, or LINK_LIVE.  Under
 *	arena.lock.
 */
struct arena_chunk {
	void *base;
	u32 class;
	u32 object_size;
	u32 nr;
	size_t bytes;
	u32 link[];
};

/**
 * struct arena_directory - chunks by number.
 * @previous: The smaller one that this one replaced.  Readers may hold it, so
 *	it is kept; all of them together are smaller than this one.
 * @size: Room in @chunk; constant.
 * @nr: Chunks there are; under arena.lock.
 * @chunk: Published one by one, under arena.lock.
 */
struct arena_directory {
	struct arena_directory *previous;
	u32 size;
	u32 nr;
	struct arena_chunk __rcu *chunk[];
};

static u32 make_handle(u32 chunk_nr, u32 place)
{
	return (chunk_nr + 1) << PLACE_BITS | place;
}

static u32 handle_chunk(u32 handle)
{
	return (handle >> PLACE_BITS) - 1;
}

static u32 handle_place(u32 handle)
{
	return handle & (PLACES_MAX - 1);
}

static size_t directory_bytes(u32 size)
{
	return struct_size((struct arena_directory *)NULL, chunk, size);
}

static size_t chunk_descriptor_bytes(u32 nr)
{
	return struct_size((struct arena_chunk *)NULL, link, nr);
}

static struct arena_directory *directory_create(struct gomap_account *acct,
						u32 size, gfp_t gfp)
{
	struct arena_directory *dir;

	dir = account_alloc(acct, directory_bytes(size), gfp);
	if (dir)
		dir->size = size;
	return dir;
}

/**
 * arena_create() - Make an arena without any chunk.
 * @acct: Where to take memory from; a reference is taken.
 * @bucket_size: Bytes of the objects of ARENA_CLASS_BUCKET.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: The arena with one reference, or NULL.
 */
struct gomap_arena *arena_create(struct gomap_account *acct, u32 bucket_size,
				 gfp_t gfp)
{
	struct arena_directory *dir;
	struct gomap_arena *arena;

	arena = account_alloc(acct, sizeof(*arena), gfp);
	if (!arena)
		return NULL;
	dir = directory_create(acct, DIRECTORY_SIZE_FIRST, gfp);
	if (!dir)
		goto err_free_arena;

	refcount_set(&arena->refs, 1);
	spin_lock_init(&arena->lock);
	arena->account = account_get(acct);
	arena->bucket_size = bucket_size;
	RCU_INIT_POINTER(arena->directory, dir);
	return arena;

err_free_arena:
	account_free(acct, arena, sizeof(*arena));
	return NULL;
}

/**
 * arena_get() - Take a reference.
 * @arena: The arena, which the caller has a reference on.
 *
 * Context: Any context.
 * Return: @arena.
 */
struct gomap_arena *arena_get(struct gomap_arena *arena)
{
	refcount_inc(&arena->refs);
	return arena;
}

static void chunk_destroy(struct gomap_account *acct, struct arena_chunk *chunk)
{
	account_free(acct, chunk->base, chunk->bytes);
	account_free(acct, chunk, chunk_descriptor_bytes(chunk->nr));
}

static void directory_destroy(struct gomap_account *acct,
			      struct arena_directory *dir)
{
	struct arena_directory *previous;

	for (; dir; dir = previous) {
		previous = dir->previous;
		account_free(acct, dir, directory_bytes(dir->size));
	}
}

/**
 * arena_put() - Give back a reference; the last one frees all chunks.
 * @arena: The arena, or NULL.
 *
 * The cost goes by the number of chunks and does not depend on how many
 * objects are in use.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_put(struct gomap_arena *arena)
{
	struct gomap_account *acct;
	struct arena_directory *dir;
	u32 i;

	if (!arena || !refcount_dec_and_test(&arena->refs))
		return;

	acct = arena->account;
	dir = rcu_dereference_protected(arena->directory, true);
	for (i = 0; i < dir->nr; i++)
		chunk_destroy(acct, rcu_dereference_protected(dir->chunk[i],
							      true));
	directory_destroy(acct, dir);
	account_free(acct, arena, sizeof(*arena));
	account_put(acct);
}

/* The directory, for who holds the lock. */
static struct arena_directory *directory_locked(const struct gomap_arena *arena)
{
	return rcu_dereference_protected(arena->directory,
					 lockdep_is_held(&arena->lock));
}

/* A chunk that is known to exist, for who holds the lock. */
static struct arena_chunk *chunk_locked(const struct gomap_arena *arena,
					u32 handle)
{
	struct arena_directory *dir = directory_locked(arena);

	return rcu_dereference_protected(dir->chunk[handle_chunk(handle)],
					 lockdep_is_held(&arena->lock));
}

static u32 *link_of(const struct gomap_arena *arena, u32 handle)
{
	return &chunk_locked(arena, handle)->link[handle_place(handle)];
}

/**
 * arena_object() - Where the object of a handle lies.
 * @arena: The arena.
 * @handle: Any value, whether it is a handle or not.
 * @size: Takes the bytes of the object; may be NULL.
 *
 * Context: Any context; caller is in an RCU read-side critical section, and
 *	the object is good to look at until it ends.
 * Return: The object, or NULL where @handle names none.
 */
void *arena_object(const struct gomap_arena *arena, u32 handle, u32 *size)
{
	struct arena_directory *dir = rcu_dereference(arena->directory);
	u32 nr = handle_chunk(handle);
	struct arena_chunk *chunk;

	if (nr >= dir->size)	/* handle 0 as well: its number wraps */
		return NULL;
	chunk = rcu_dereference(dir->chunk[nr]);
	if (!chunk || handle_place(handle) >= chunk->nr)
		return NULL;
	if (size)
		*size = chunk->object_size;
	return chunk->base + (size_t)handle_place(handle) * chunk->object_size;
}

/**
 * arena_object_is_live() - Is a handle in use, and not free or retired?
 * @arena: The arena.
 * @handle: Any value.
 *
 * Context: Process or softirq context.
 * Return: Whether it is.
 */
bool arena_object_is_live(struct gomap_arena *arena, u32 handle)
{
	bool live = false;

	rcu_read_lock();
	spin_lock_bh(&arena->lock);
	if (arena_object(arena, handle, NULL))
		live = *link_of(arena, handle) == LINK_LIVE;
	spin_unlock_bh(&arena->lock);
	rcu_read_unlock();
	return live;
}

static void push_free(struct gomap_arena *arena, u32 handle)
{
	struct arena_chunk *chunk = chunk_locked(arena, handle);
	struct arena_class *class = &arena->classes[chunk->class];

	chunk->link[handle_place(handle)] = class->free;
	class->free = handle;
	class->nr_free++;
}

/**
 * arena_alloc() - Take a free object.
 * @arena: The arena.
 * @class: Its class.
 *
 * Takes no memory from the kernel: where the class has no free object left the
 * caller drops its locks, calls arena_reserve() and tries again.
 *
 * Context: Process or softirq context; does not sleep.
 * Return: Its handle, contents undefined; 0 if there is none.
 */
u32 arena_alloc(struct gomap_arena *arena, u32 class)
{
	struct arena_class *c = &arena->classes[class];
	u32 handle, *link;

	spin_lock_bh(&arena->lock);
	handle = c->free;
	if (handle) {
		link = link_of(arena, handle);
		c->free = *link;
		c->nr_free--;
		*link = LINK_LIVE;
		arena->bytes_live += arena_class_size(arena, class);
		arena->objects_live++;
		arena->object_allocs++;
	}
	spin_unlock_bh(&arena->lock);
	return handle;
}

/* An object stops being in use.  True unless that is a bug of the caller. */
static bool end_use(struct gomap_arena *arena, u32 handle)
{
	struct arena_chunk *chunk = chunk_locked(arena, handle);

	if (WARN_ON_ONCE(chunk->link[handle_place(handle)] != LINK_LIVE))
		return false;
	arena->bytes_live -= chunk->object_size;
	arena->objects_live--;
	return true;
}

/**
 * arena_free() - Give back an object whose handle was never published.
 * @arena: The arena.
 * @handle: The object, or 0.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_free(struct gomap_arena *arena, u32 handle)
{
	if (!handle)
		return;
	spin_lock_bh(&arena->lock);
	if (end_use(arena, handle)) {
		push_free(arena, handle);
		arena->object_allocs--;
	}
	spin_unlock_bh(&arena->lock);
}

static void start_grace_period(struct gomap_arena *arena);

/* No reader can see what was waiting any more: all of it is free. */
static void grace_period_over(struct rcu_head *rcu)
{
	struct gomap_arena *arena = container_of(rcu, struct gomap_arena, rcu);
	u32 handle, next;

	spin_lock_bh(&arena->lock);
	for (handle = arena->waiting; handle != LINK_END; handle = next) {
		next = *link_of(arena, handle);
		push_free(arena, handle);
	}
	arena->waiting = LINK_END;
	arena->rcu_pending = false;
	if (arena->collecting != LINK_END)
		start_grace_period(arena);
	spin_unlock_bh(&arena->lock);
	arena_put(arena);
}

static void start_grace_period(struct gomap_arena *arena)
{
	lockdep_assert_held(&arena->lock);

	arena->waiting = arena->collecting;
	arena->collecting = LINK_END;
	arena->rcu_pending = true;
	arena_get(arena);
	call_rcu(&arena->rcu, grace_period_over);
}

/**
 * arena_retire() - Give back an object that readers may still be looking at.
 * @arena: The arena.
 * @handle: The object, which no reader can find any more; or 0.
 *
 * It is free after a grace period.  Allocates nothing.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_retire(struct gomap_arena *arena, u32 handle)
{
	if (!handle)
		return;
	spin_lock_bh(&arena->lock);
	if (end_use(arena, handle)) {
		*link_of(arena, handle) = arena->collecting;
		arena->collecting = handle;
		if (!arena->rcu_pending)
			start_grace_period(arena);
	}
	spin_unlock_bh(&arena->lock);
}

/*
 * Places for a new chunk: as many as are wanted, but not so few that the next
 * chunk is due soon, nor more than a chunk is for.
 */
static u32 places_of_chunk(u32 object_size, u32 wanted, u32 nr_chunks)
{
	u32 bytes = max(CHUNK_BYTES, CHUNK_PLACES_MIN * object_size);
	u32 most = bytes / object_size;
	u32 least = (bytes >> (CHUNK_DOUBLINGS - min(nr_chunks, CHUNK_DOUBLINGS))) /
		    object_size;

	return clamp(wanted, clamp(least, 1U, most), most);
}

static struct arena_chunk *chunk_create(struct gomap_account *acct, u32 class,
					u32 object_size, u32 nr, gfp_t gfp)
{
	struct arena_chunk *chunk;

	chunk = account_alloc(acct, chunk_descriptor_bytes(nr), gfp);
	if (!chunk)
		return NULL;
	chunk->class = class;
	chunk->object_size = object_size;
	chunk->nr = nr;
	chunk->bytes = (size_t)nr * object_size;
	chunk->base = account_alloc(acct, chunk->bytes, gfp);
	if (!chunk->base) {
		account_free(acct, chunk, chunk_descriptor_bytes(nr));
		return NULL;
	}
	return chunk;
}

/* Replace the directory by a larger one, unless somebody was faster. */
static int enlarge_directory(struct gomap_arena *arena, u32 size, gfp_t gfp)
{
	struct arena_directory *dir, *larger;

	if (size >= CHUNKS_MAX)
		return -ENOMEM;
	larger = directory_create(arena->account, min(2 * size, CHUNKS_MAX),
				  gfp);
	if (!larger)
		return -ENOMEM;

	spin_lock_bh(&arena->lock);
	dir = directory_locked(arena);
	if (dir->size == size) {
		larger->previous = dir;
		larger->nr = dir->nr;
		memcpy(larger->chunk, dir->chunk, dir->nr * sizeof(*dir->chunk));
		rcu_assign_pointer(arena->directory, larger);
		larger = NULL;
	}
	spin_unlock_bh(&arena->lock);
	directory_destroy(arena->account, larger);
	return 0;
}

static void add_chunk(struct gomap_arena *arena, struct arena_directory *dir,
		      struct arena_chunk *chunk)
{
	u32 nr = dir->nr, place;

	lockdep_assert_held(&arena->lock);

	rcu_assign_pointer(dir->chunk[nr], chunk);
	dir->nr++;
	arena->classes[chunk->class].nr_chunks++;
	for (place = chunk->nr; place-- > 0; )
		push_free(arena, make_handle(nr, place));
}

/* Give a chunk its number, and its objects to the free list. */
static int publish_chunk(struct gomap_arena *arena, struct arena_chunk *chunk,
			 gfp_t gfp)
{
	struct arena_directory *dir;
	u32 size;
	int err;

	do {
		spin_lock_bh(&arena->lock);
		dir = directory_locked(arena);
		size = dir->size;
		if (dir->nr < size) {
			add_chunk(arena, dir, chunk);
			spin_unlock_bh(&arena->lock);
			return 0;
		}
		spin_unlock_bh(&arena->lock);
		err = enlarge_directory(arena, size, gfp);
	} while (!err);
	return err;
}

/* Places that are still to be made, and how many chunks the class has. */
static u32 places_missing(struct gomap_arena *arena, u32 class, u32 nr,
			  u32 *nr_chunks)
{
	struct arena_class *c = &arena->classes[class];
	u32 nr_free;

	spin_lock_bh(&arena->lock);
	nr_free = c->nr_free;
	*nr_chunks = c->nr_chunks;
	spin_unlock_bh(&arena->lock);
	return nr > nr_free ? nr - nr_free : 0;
}

/**
 * arena_reserve() - Make sure that a class has free objects.
 * @arena: The arena.
 * @class: The class.
 * @nr: How many there are to be; they can be taken by others meanwhile.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: 0, or -ENOMEM (chunks that were made until then stay).
 */
int arena_reserve(struct gomap_arena *arena, u32 class, u32 nr, gfp_t gfp)
{
	u32 object_size = arena_class_size(arena, class);
	struct arena_chunk *chunk;
	u32 missing, nr_chunks, places;

	while ((missing = places_missing(arena, class, nr, &nr_chunks))) {
		places = places_of_chunk(object_size, missing, nr_chunks);
		chunk = chunk_create(arena->account, class, object_size, places,
				     gfp);
		if (!chunk)
			return -ENOMEM;
		if (publish_chunk(arena, chunk, gfp)) {
			chunk_destroy(arena->account, chunk);
			return -ENOMEM;
		}
		if (gfpflags_allow_blocking(gfp))
			cond_resched();
	}
	return 0;
}

/**
 * arena_has() - Does a class have so many free objects at this moment?
 * @arena: The arena.
 * @class: The class.
 * @nr: How many.
 *
 * Who keeps all others from allocating can rely on a yes.
 *
 * Context: Process or softirq context; does not sleep.
 * Return: Whether it has.
 */
bool arena_has(struct gomap_arena *arena, u32 class, u32 nr)
{
	u32 nr_chunks;

	return !places_missing(arena, class, nr, &nr_chunks);
}

/**
 * arena_span_alloc() - Take a span of zeroed memory.
 * @arena: The arena.
 * @size: Bytes.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: The span, or NULL.
 */
void *arena_span_alloc(struct gomap_arena *arena, size_t size, gfp_t gfp)
{
	return account_alloc(arena->account, size, gfp);
}

/**
 * arena_span_free() - Give back a span.
 * @arena: The arena that it came from.
 * @span: The span, or NULL.
 * @size: Its bytes.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_span_free(struct gomap_arena *arena, void *span, size_t size)
{
	account_free(arena->account, span, size);
}
