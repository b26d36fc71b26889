// SPDX-License-Identifier: GPL-2.0-only
/*
 * supply.c - how a class comes by its chunks: as many objects as are wanted, in
 * pieces as large as make sense and as the kernel has.
 */
#include <linux/align.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "chunk.h"

/*
 * A class that has more than a page takes CHUNK_BYTES at a time: the page
 * allocator nearly always has that, and one call of it serves 450 overflow
 * buckets of 144 bytes.  A large class takes a part of what it has, so that a
 * million objects are not a thousand calls, and what is idle stays small beside
 * what is in use.  The largest piece that the page allocator ever has is 4 MiB.
 */
#define CHUNK_BYTES		65536U
#define CHUNK_BYTES_MAX		(4U << 20)
#define CHUNK_PART		32U
#define CHUNK_PLACES_MIN	4U

static struct arena_class *class_create(struct gomap_account *acct, gfp_t gfp)
{
	struct arena_class *c;

	c = account_alloc(acct, sizeof(*c), ACCOUNT_DESCRIPTOR, gfp);
	if (!IS_ERR(c))
		INIT_LIST_HEAD(&c->usable);
	return c;
}

/* The class of that number, made if need be. */
static struct arena_class *class_get(struct gomap_arena *arena, u32 class,
				     gfp_t gfp)
{
	struct arena_class *c = class_at(arena, class);
	struct arena_class *faster;

	if (c)
		return c;
	c = class_create(arena->account, gfp);
	if (IS_ERR(c))
		return c;
	/* O, pairs with P, the address dependency of who reads the pointer. */
	faster = cmpxchg_release(&arena->class[class], NULL, c);
	if (faster)
		account_free(arena->account, c, sizeof(*c), ACCOUNT_DESCRIPTOR);
	return faster ?: c;
}

/* Bytes that the next chunk of a class that holds so many should have. */
static size_t bytes_by_what_is_held(u64 held)
{
	size_t doubled = clamp_t(u64, held, CHUNK_BYTES, 2 * CHUNK_BYTES);

	if (!held)
		return PAGE_SIZE;
	return clamp_t(u64, rounddown_pow_of_two(held / CHUNK_PART + 1),
		       rounddown_pow_of_two(doubled), CHUNK_BYTES_MAX);
}

/**
 * struct supply - a class that wants objects.
 * @arena: The arena.
 * @class: Number of the class.
 * @c: The class.
 * @object_size: Bytes of its objects.
 * @by_kmalloc: They are allocated one by one.
 * @gfp: Whether the caller may sleep.
 */
struct supply {
	struct gomap_arena *arena;
	u32 class;
	struct arena_class *c;
	u32 object_size;
	bool by_kmalloc;
	gfp_t gfp;
};

static int supply_init(struct supply *s, struct gomap_arena *arena, u32 class,
		       gfp_t gfp)
{
	*s = (struct supply){
		.arena = arena,
		.class = class,
		.c = class_get(arena, class, gfp),
		.object_size = arena_class_size(arena, class),
		.by_kmalloc = class_is_by_kmalloc(arena, class),
		.gfp = gfp,
	};
	return IS_ERR(s->c) ? PTR_ERR(s->c) : 0;
}

static u32 places_in(const struct supply *s, size_t bytes)
{
	return chunk_places(s->object_size, bytes, s->by_kmalloc);
}

static size_t bytes_for(const struct supply *s, u32 nr)
{
	return ALIGN(chunk_bytes(s->object_size, nr, s->by_kmalloc), PAGE_SIZE);
}

/*
 * A chunk of so many bytes, or of half, a quarter ... as long as there is room
 * for one object.
 */
static struct arena_chunk *largest_chunk(const struct supply *s, size_t bytes)
{
	size_t least = bytes_for(s, 1);
	struct arena_chunk *chunk;

	for (;;) {
		bytes = max(bytes, least);
		chunk = chunk_create(s->arena, s->class, places_in(s, bytes),
				     bytes, s->gfp);
		if (!IS_ERR(chunk) || bytes == least)
			return chunk;
		bytes = ALIGN(bytes / 2, PAGE_SIZE);
	}
}

static u64 bytes_held(const struct supply *s)
{
	u64 bytes;

	spin_lock_bh(&s->arena->lock);
	bytes = s->c->bytes;
	spin_unlock_bh(&s->arena->lock);
	return bytes;
}

/* A few large objects at least, and no more small ones than have numbers. */
static size_t bytes_of_next_chunk(const struct supply *s)
{
	size_t most = rounddown_pow_of_two(bytes_for(s, PLACES_MAX));
	size_t least = bytes_for(s, CHUNK_PLACES_MIN);

	return max(min(bytes_by_what_is_held(bytes_held(s)), most), least);
}

static int add_chunk(const struct supply *s, size_t bytes, bool pinned)
{
	struct arena_chunk *chunk = largest_chunk(s, bytes);
	int err;

	if (IS_ERR(chunk))
		return PTR_ERR(chunk);
	chunk->pinned = pinned;
	err = directory_add(s->arena, chunk, s->gfp);
	if (err)
		chunk_discard(chunk);
	return err;
}

/* Objects that can be taken now; exact while nobody else takes any. */
static u64 objects_to_be_had(struct gomap_arena *arena, struct arena_class *c)
{
	u64 nr;

	spin_lock_bh(&arena->lock);
	nr = c->nr_free;
	spin_unlock_bh(&arena->lock);
	return nr + magazines_cached(c);
}

/*
 * Let some free objects that are allocated one by one have their memory.  All
 * are held meanwhile, or it would be the same one again.
 */
static int provide_objects(const struct supply *s, u32 nr)
{
	u32 handle = nr ? arena_take(s->arena, s->c) : 0;
	int err;

	if (!handle)
		return 0;
	err = object_provide(s->arena, handle, s->gfp) ?:
	      provide_objects(s, nr - 1);
	arena_put_back(s->arena, handle);
	return err;
}

/**
 * arena_reserve() - Make sure that a class has free objects.
 * @arena: The arena.
 * @class: The class.
 * @nr: How many there are to be, a few; they can be taken by others meanwhile.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: 0, -ENOMEM or -EDQUOT (chunks that were made until then stay).
 */
int arena_reserve(struct gomap_arena *arena, u32 class, u32 nr, gfp_t gfp)
{
	struct supply s;
	int err;

	err = supply_init(&s, arena, class, gfp);
	while (!err && objects_to_be_had(arena, s.c) < nr)
		err = add_chunk(&s, bytes_of_next_chunk(&s), false);
	if (err)
		return err;
	magazines_provide(arena, s.c, gfp);
	return s.by_kmalloc ? provide_objects(&s, nr) : 0;
}

/* Objects that a presize asks for in one piece. */
static u32 places_at_once(const struct supply *s, u64 missing)
{
	u32 most = places_in(s, max_t(size_t, CHUNK_BYTES_MAX, bytes_for(s, 1)));

	return min_t(u64, missing, most);
}

/**
 * arena_presize() - Take memory for so many objects, to stay.
 * @arena: The arena.
 * @class: The class.
 * @nr: Objects.
 * @gfp: Flags; the call may sleep.
 *
 * In as few pieces as the page allocator has them.  What is taken here stays,
 * however few objects are in use, until arena_unpin() or the end of the arena.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, -EDQUOT, or -EINTR a fatal signal (chunks that were made
 *	until then stay).
 */
int arena_presize(struct gomap_arena *arena, u32 class, u64 nr, gfp_t gfp)
{
	struct supply s;
	u64 had;
	int err;

	err = nr ? supply_init(&s, arena, class, gfp) : 0;
	if (err || !nr)
		return err;
	while (!err && (had = objects_to_be_had(arena, s.c)) < nr) {
		err = add_chunk(&s, bytes_for(&s, places_at_once(&s, nr - had)),
				true);
		cond_resched();
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
	}
	if (!err)
		magazines_provide(arena, s.c, gfp);
	return err;
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
	struct arena_class *c = class_at(arena, class);

	return !nr || (c && objects_to_be_had(arena, c) >= nr);
}
