// SPDX-License-Identifier: GPL-2.0-only
/*
 * directory.c - from handles to chunks, and the numbers of chunks.
 *
 * The number of a chunk that was given back is free for another one: nobody
 * holds a handle of the first any more, see arena.h.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "chunk.h"

#define DIRECTORY_SIZE_FIRST	8U

static u32 handle_number(u32 handle)
{
	return (handle >> PLACE_BITS) - 1;
}

static u32 chunk_number(const struct arena_chunk *chunk)
{
	return handle_number(chunk->first);
}

static size_t directory_bytes(u32 size)
{
	return struct_size((struct arena_directory *)NULL, chunk, size);
}

static struct arena_directory *directory_create(struct gomap_account *acct,
						u32 size, gfp_t gfp)
{
	struct arena_directory *dir;
	int err;

	dir = account_alloc(acct, directory_bytes(size), ACCOUNT_DESCRIPTOR,
			    gfp);
	if (IS_ERR(dir))
		return dir;
	dir->size = size;
	err = pane_open(&dir->entries, acct, size * sizeof(u64), gfp);
	if (err) {
		account_free(acct, dir, directory_bytes(size),
			     ACCOUNT_DESCRIPTOR);
		return ERR_PTR(err);
	}
	return dir;
}

static void directories_free(struct gomap_account *acct,
			     struct arena_directory *dir)
{
	struct arena_directory *previous;

	for (; dir; dir = previous) {
		previous = dir->previous;
		pane_close(&dir->entries, acct);
		account_free(acct, dir, directory_bytes(dir->size),
			     ACCOUNT_DESCRIPTOR);
	}
}

static void show_directory(struct gomap_arena *arena,
			   const struct arena_directory *dir)
{
	u64 word = (u64)dir->size << 32 | dir->entries.unit;
	u64 *root = arena->root.p;

	/*
	 * Y, pairs with Z in <linux/gomap_view.h>: who is led to the directory
	 * finds what is in it.
	 */
	if (root)
		smp_store_release(root, word);	/* Y */
}

/*
 * What the window says of a number of a chunk: the objects from @place on.  4096
 * of them take as many units as one of them has bytes.
 */
static u64 shown_entry(const struct arena_chunk *chunk, u32 place)
{
	u64 unit = chunk->pane.unit, size = chunk->object_size;
	u64 nr = min(chunk->nr - place, PLACES_PER_NUMBER);

	if (chunk->pane.unit == GOMAP_VIEW_ASK)
		return 0;
	unit += (size * place) / GOMAP_VIEW_UNIT;
	return unit | (size / 8) << GOMAP_VIEW_UNIT_BITS |
	       nr << (GOMAP_VIEW_UNIT_BITS + GOMAP_VIEW_SIZE_BITS);
}

/* Say where a number of a chunk leads to; NULL: nowhere any more. */
static void show_number(struct arena_directory *dir, u32 number,
			const struct arena_chunk *chunk, u32 i)
{
	u64 *entries = dir->entries.p;

	if (!entries)
		return;
	/* Y, pairs with Z: the objects are seen zeroed. */
	smp_store_release(&entries[number + i],
			  chunk ? shown_entry(chunk, i << PLACE_BITS) : 0);
}

/**
 * directory_init() - Give an arena its first directory.
 * @arena: The arena, with its account.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: 0, -ENOMEM or -EDQUOT.
 */
int directory_init(struct gomap_arena *arena, gfp_t gfp)
{
	struct arena_directory *dir;

	dir = directory_create(arena->account, DIRECTORY_SIZE_FIRST, gfp);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	RCU_INIT_POINTER(arena->directory, dir);
	show_directory(arena, dir);
	return 0;
}

/* The directory, for who holds the lock, or is the last one. */
static struct arena_directory *directory_locked(const struct gomap_arena *arena)
{
	return rcu_dereference_protected(arena->directory,
					 lockdep_is_held(&arena->lock) ||
					 !refcount_read(&arena->refs));
}

static struct arena_chunk *chunk_locked(const struct gomap_arena *arena, u32 nr)
{
	return rcu_dereference_protected(directory_locked(arena)->chunk[nr],
					 lockdep_is_held(&arena->lock) ||
					 !refcount_read(&arena->refs));
}

/**
 * directory_destroy() - Free a directory and all chunks in it.
 * @arena: The arena, which nobody else uses any more.
 *
 * Context: Process context, may sleep.
 */
void directory_destroy(struct gomap_arena *arena)
{
	struct arena_chunk *chunk;
	u32 number = 0;

	while ((chunk = arena_chunk_at(arena, &number))) {
		chunk_destroy(chunk);
		cond_resched();
	}
	directories_free(arena->account, directory_locked(arena));
}

/**
 * arena_chunk_at() - The next chunk by number.
 * @arena: The arena.
 * @number: Where to look from; moves behind the chunk.
 *
 * Context: Caller holds arena.lock, or is the last one.
 * Return: The chunk, or NULL: there are no more.
 */
struct arena_chunk *arena_chunk_at(const struct gomap_arena *arena, u32 *number)
{
	struct arena_directory *dir = directory_locked(arena);
	struct arena_chunk *chunk;

	for (; *number < dir->nr; ++*number) {
		chunk = chunk_locked(arena, *number);
		if (chunk) {
			*number += chunk_numbers(chunk);
			return chunk;
		}
	}
	return NULL;
}

/**
 * arena_chunk_of() - The chunk of an object that is not free.
 * @arena: The arena.
 * @handle: The object: its chunk stays while it is live, cached or retired.
 *
 * Context: Caller holds a lock of the arena, or the object is his.
 * Return: The chunk.
 */
struct arena_chunk *arena_chunk_of(const struct gomap_arena *arena, u32 handle)
{
	const struct arena_directory *dir = rcu_dereference_raw(arena->directory);

	return rcu_dereference_raw(dir->chunk[handle_number(handle)]);
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
	const struct arena_directory *dir = rcu_dereference(arena->directory);
	u32 nr = handle_number(handle), place;
	const struct arena_chunk *chunk;

	if (nr >= dir->size)	/* handle 0 as well: its number wraps */
		return NULL;
	chunk = rcu_dereference(dir->chunk[nr]);
	if (!chunk)
		return NULL;
	place = handle - chunk->first;
	if (place >= chunk->nr)
		return NULL;
	if (size)
		*size = chunk->object_size;
	if (chunk->pointers)
		return READ_ONCE(chunk->pointers[place]);
	return chunk->objects + (size_t)place * chunk->object_size;
}

/* Numbers in a row that were given back.  False: there are none. */
static bool find_hole(const struct gomap_arena *arena, u32 wanted, u32 *number)
{
	struct arena_directory *dir = directory_locked(arena);
	u32 nr, run = 0;

	if (dir->nr_holes < wanted)
		return false;
	for (nr = 0; nr < dir->nr; nr++) {
		run = chunk_locked(arena, nr) ? 0 : run + 1;
		if (run == wanted) {
			*number = nr + 1 - wanted;
			return true;
		}
	}
	return false;
}

/* Numbers for a chunk.  False: the directory is too small. */
static bool find_numbers(struct gomap_arena *arena, u32 wanted, u32 *number)
{
	struct arena_directory *dir = directory_locked(arena);

	if (find_hole(arena, wanted, number)) {
		dir->nr_holes -= wanted;
		return true;
	}
	if (dir->nr + wanted > dir->size)
		return false;
	*number = dir->nr;
	dir->nr += wanted;
	return true;
}

/* Replace the directory by a larger one, unless somebody was faster. */
static int enlarge(struct gomap_arena *arena, u32 size, u32 more, gfp_t gfp)
{
	struct arena_directory *dir, *larger;
	u32 wanted = max(2 * size, size + more);

	if (size + more > NUMBERS_MAX)
		return -ENOMEM;
	larger = directory_create(arena->account, min(wanted, NUMBERS_MAX),
				  gfp);
	if (IS_ERR(larger))
		return PTR_ERR(larger);

	spin_lock_bh(&arena->lock);
	dir = directory_locked(arena);
	if (dir->size == size) {
		larger->previous = dir;
		larger->nr = dir->nr;
		larger->nr_holes = dir->nr_holes;
		memcpy(larger->chunk, dir->chunk, dir->nr * sizeof(*dir->chunk));
		if (larger->entries.p)
			memcpy(larger->entries.p, dir->entries.p,
			       dir->nr * sizeof(u64));
		rcu_assign_pointer(arena->directory, larger);
		show_directory(arena, larger);
		larger = NULL;
	} else if (larger->entries.p) {
		/* Not to be hidden just anywhere: kept with those of before. */
		larger->previous = dir->previous;
		dir->previous = larger;
		larger = NULL;
	}
	spin_unlock_bh(&arena->lock);
	directories_free(arena->account, larger);
	return 0;
}

static void publish(struct gomap_arena *arena, struct arena_chunk *chunk,
		    u32 number)
{
	struct arena_directory *dir = directory_locked(arena);
	u32 i;

	lockdep_assert_held(&arena->lock);

	chunk->first = (number + 1) << PLACE_BITS;
	for (i = 0; i < chunk_numbers(chunk); i++) {
		rcu_assign_pointer(dir->chunk[number + i], chunk);
		show_number(dir, number, chunk, i);
	}
}

/* 0, or the size that is too small. */
static u32 try_to_add(struct gomap_arena *arena, struct arena_chunk *chunk)
{
	struct arena_class *c = class_at(arena, chunk->class);
	u32 number, size = 0;

	spin_lock_bh(&arena->lock);
	if (find_numbers(arena, chunk_numbers(chunk), &number)) {
		publish(arena, chunk, number);
		c->nr_chunks++;
		c->bytes += chunk->bytes;
		c->nr_places += chunk->nr;
		c->nr_free += chunk->nr;
		c->nr_pinned += chunk->pinned ? chunk->nr : 0;
		list_add_tail(&chunk->node, &c->usable);
	} else {
		size = directory_locked(arena)->size;
	}
	spin_unlock_bh(&arena->lock);
	return size;
}

/**
 * directory_add() - Give a chunk its number, and its objects to their class.
 * @arena: The arena.
 * @chunk: The chunk.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: 0, -ENOMEM or -EDQUOT.
 */
int directory_add(struct gomap_arena *arena, struct arena_chunk *chunk,
		  gfp_t gfp)
{
	u32 size;
	int err = 0;

	while (!err && (size = try_to_add(arena, chunk)))
		err = enlarge(arena, size, chunk_numbers(chunk), gfp);
	return err;
}

/**
 * directory_remove() - Take a chunk from the directory and from its class.
 * @arena: The arena.
 * @chunk: The chunk, all of it free.
 *
 * Context: Caller holds arena.lock.
 */
void directory_remove(struct gomap_arena *arena, struct arena_chunk *chunk)
{
	struct arena_directory *dir = directory_locked(arena);
	struct arena_class *c = class_at(arena, chunk->class);
	u32 i, n = chunk_numbers(chunk);

	lockdep_assert_held(&arena->lock);

	for (i = 0; i < n; i++) {
		RCU_INIT_POINTER(dir->chunk[chunk_number(chunk) + i], NULL);
		show_number(dir, chunk_number(chunk), NULL, i);
	}
	dir->nr_holes += n;
	c->nr_chunks--;
	c->bytes -= chunk->bytes;
	c->nr_places -= chunk->nr;
	c->nr_free -= chunk->nr;
	list_del_init(&chunk->node);
}
