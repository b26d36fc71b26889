// SPDX-License-Identifier: GPL-2.0-only
/*
 * arena.c - the life of an arena, and objects taken and given back; see arena.h.
 */
#include <linux/err.h>

#include "background.h"
#include "chunk.h"

static void arena_destroy(struct gomap_arena *arena)
{
	struct gomap_account *acct = arena->account;
	struct arena_class *c;
	u32 i;

	arenas_remove(arena);
	directory_destroy(arena);
	pane_close(&arena->root, acct);
	for (i = 0; i < ARENA_NR_CLASSES; i++) {
		c = class_at(arena, i);
		if (c)
			magazines_destroy(arena, c);
		account_free(acct, c, sizeof(*c), ACCOUNT_DESCRIPTOR);
	}
	account_free(acct, arena, sizeof(*arena), ACCOUNT_DESCRIPTOR);
	account_put(acct);
}

/* What takes too long for a softirq: to trim the arena, or to destroy it. */
static void arena_work(struct work_struct *work)
{
	struct gomap_arena *arena = container_of(work, struct gomap_arena, work);

	if (!refcount_read(&arena->refs)) {
		arena_destroy(arena);
		return;
	}
	trim_as_due(arena);
	arena_put(arena);
}

/**
 * arena_create() - Make an arena without any chunk.
 * @acct: Where to take memory from; a reference is taken.
 * @bucket_size: Bytes of the objects of ARENA_CLASS_BUCKET.
 * @by_kmalloc: Keys and values are to be allocated one by one.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process context; sleeps only if @gfp allows it.
 * Return: The arena with one reference, or ERR_PTR() as account_alloc().
 */
struct gomap_arena *arena_create(struct gomap_account *acct, u32 bucket_size,
				 bool by_kmalloc, gfp_t gfp)
{
	struct gomap_arena *arena;
	int err;

	arena = account_alloc(acct, sizeof(*arena), ACCOUNT_DESCRIPTOR, gfp);
	if (IS_ERR(arena))
		return arena;
	arena->account = acct;
	err = pane_open(&arena->root, acct, sizeof(u64), gfp);
	if (err)
		goto err_free;
	err = directory_init(arena, gfp);
	if (err)
		goto err_close_root;

	account_get(acct);
	refcount_set(&arena->refs, 1);
	spin_lock_init(&arena->lock);
	INIT_LIST_HEAD(&arena->retired[0]);
	INIT_LIST_HEAD(&arena->retired[1]);
	INIT_WORK(&arena->work, arena_work);
	INIT_WORK(&arena->scrub, grace_scrub_work);
	arena->bucket_size = bucket_size;
	arena->by_kmalloc = by_kmalloc;
	arenas_add(arena);
	return arena;

err_close_root:
	pane_close(&arena->root, acct);
err_free:
	account_free(acct, arena, sizeof(*arena), ACCOUNT_DESCRIPTOR);
	return ERR_PTR(err);
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

/**
 * arena_put() - Give back a reference; the last one frees all chunks.
 * @arena: The arena, or NULL.
 *
 * The cost goes by the number of chunks and does not depend on how many
 * objects are in use.
 *
 * Context: Process context, may sleep.
 */
void arena_put(struct gomap_arena *arena)
{
	if (arena && refcount_dec_and_test(&arena->refs))
		arena_destroy(arena);
}

/**
 * arena_put_later() - The same for who may not sleep.
 * @arena: The arena.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_put_later(struct gomap_arena *arena)
{
	if (refcount_dec_and_test(&arena->refs))
		background_run(&arena->work);
}

/**
 * arena_trim_later() - Give back chunks in the background.
 * @arena: The arena, which the caller has a reference on.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_trim_later(struct gomap_arena *arena)
{
	arena_get(arena);
	if (!background_run(&arena->work))
		arena_put_later(arena);
}

static u16 *link_of(struct gomap_arena *arena, u32 handle)
{
	struct arena_chunk *chunk = arena_chunk_of(arena, handle);

	return &chunk->link[handle - chunk->first];
}

/* From the class itself, where it has no magazines. */
static u32 alloc_directly(struct gomap_arena *arena, struct arena_class *c)
{
	struct arena_chunk *chunk;
	u32 handle = 0;

	spin_lock_bh(&arena->lock);
	if (!list_empty(&c->usable)) {
		chunk = list_first_entry(&c->usable, struct arena_chunk, node);
		handle = chunk_take(c, chunk);
		c->handed_out++;
	}
	spin_unlock_bh(&arena->lock);
	return handle;
}

/**
 * arena_take() - Take a free object of a class, without putting it to use.
 * @arena: The arena.
 * @c: The class.
 *
 * Context: Process or softirq context; does not sleep.
 * Return: Its handle; 0 if there is none.
 */
u32 arena_take(struct gomap_arena *arena, struct arena_class *c)
{
	struct arena_magazine *magazines = READ_ONCE(c->magazine);	/* N */

	return magazines ? magazine_alloc(arena, c, magazines) :
			   alloc_directly(arena, c);
}

/**
 * object_provide() - Let an object that is allocated by itself have its memory.
 * @arena: The arena.
 * @handle: The object, taken.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: 0, also for what lies in its chunk; -ENOMEM or -EDQUOT.
 */
int object_provide(struct gomap_arena *arena, u32 handle, gfp_t gfp)
{
	struct arena_chunk *chunk = arena_chunk_of(arena, handle);
	void **pointer, *p;

	if (!chunk->pointers)
		return 0;
	pointer = &chunk->pointers[handle - chunk->first];
	if (*pointer)
		return 0;
	p = account_alloc(arena->account, chunk->object_size, ACCOUNT_CONTENT,
			  gfp);
	if (IS_ERR(p))
		return PTR_ERR(p);
	WRITE_ONCE(*pointer, p);
	return 0;
}

/**
 * arena_alloc() - Take a free object.
 * @arena: The arena.
 * @class: Its class.
 *
 * Takes no memory from the kernel, but for a by_kmalloc arena: where the class
 * has no free object left the caller drops its locks, calls arena_reserve() and
 * tries again.
 *
 * Context: Process or softirq context; does not sleep.
 * Return: Its handle, contents undefined; 0 if there is none.
 */
u32 arena_alloc(struct gomap_arena *arena, u32 class)
{
	struct arena_class *c = class_at(arena, class);
	u32 handle = c ? arena_take(arena, c) : 0;

	if (!handle)
		return 0;
	if (object_provide(arena, handle, GFP_NOWAIT)) {
		arena_put_back(arena, handle);
		return 0;
	}
	WRITE_ONCE(*link_of(arena, handle), LINK_LIVE);
	return handle;
}

/**
 * arena_put_back() - Give back an object that was taken.
 * @arena: The arena.
 * @handle: The object.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_put_back(struct gomap_arena *arena, u32 handle)
{
	struct arena_chunk *chunk = arena_chunk_of(arena, handle);
	struct arena_class *c = class_at(arena, chunk->class);

	if (magazine_free(arena, c, chunk, handle))
		return;
	spin_lock_bh(&arena->lock);
	chunk_give_one(c, chunk, handle - chunk->first);
	c->handed_out--;
	spin_unlock_bh(&arena->lock);
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
	struct arena_chunk *chunk;

	if (!handle ||
	    WARN_ON_ONCE(READ_ONCE(*link_of(arena, handle)) != LINK_LIVE))
		return;
	chunk = arena_chunk_of(arena, handle);
	if (chunk->pane.p)
		chunk_scrub(chunk, handle - chunk->first);
	arena_put_back(arena, handle);
}
