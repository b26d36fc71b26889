// SPDX-License-Identifier: GPL-2.0-only
/*
 * chunk.c - one chunk: its shape, and its lists of objects; see chunk.h.
 */
#include <linux/align.h>
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "background.h"
#include "chunk.h"

/* Bytes of the header of a chunk, up to its first object. */
static size_t header_bytes(u32 nr)
{
	return ALIGN(sizeof(struct arena_chunk) + nr * sizeof(u16),
		     SMP_CACHE_BYTES);
}

/* Bytes that an object takes in the chunk itself. */
static size_t place_bytes(u32 object_size, bool by_kmalloc)
{
	return by_kmalloc ? sizeof(void *) : object_size;
}

/**
 * chunk_bytes() - How long a chunk has to be.
 * @object_size: Bytes of an object.
 * @nr: Objects.
 * @by_kmalloc: They are allocated one by one.
 *
 * Context: Any context.
 * Return: Bytes.
 */
size_t chunk_bytes(u32 object_size, u32 nr, bool by_kmalloc)
{
	return header_bytes(nr) + nr * place_bytes(object_size, by_kmalloc);
}

/**
 * chunk_places() - How many objects a chunk has.
 * @object_size: Bytes of an object.
 * @bytes: Bytes of the chunk.
 * @by_kmalloc: They are allocated one by one.
 *
 * Context: Any context.
 * Return: Objects, 0: not even one fits.
 */
u32 chunk_places(u32 object_size, size_t bytes, bool by_kmalloc)
{
	size_t place = place_bytes(object_size, by_kmalloc);
	u32 nr = min_t(size_t, PLACES_MAX, bytes / (place + sizeof(u16)));

	/* At most a few too many, for the header. */
	while (nr && header_bytes(nr) + nr * place > bytes)
		nr--;
	return nr;
}

/*
 * A header holds pointers, so objects that are shown do not lie behind it: then
 * it has memory of its own.
 */
static size_t bytes_of_header(const struct gomap_account *acct, u32 nr,
			      size_t bytes)
{
	return account_is_shown(acct) ? header_bytes(nr) : bytes;
}

static enum account_use use_of_header(const struct gomap_account *acct,
				      bool by_kmalloc)
{
	return by_kmalloc || account_is_shown(acct) ? ACCOUNT_DESCRIPTOR :
						      ACCOUNT_CONTENT;
}

static struct arena_chunk *header_create(struct gomap_account *acct, u32 nr,
					 size_t bytes, bool by_kmalloc,
					 gfp_t gfp)
{
	struct arena_chunk *chunk;

	bytes = bytes_of_header(acct, nr, bytes);
	chunk = account_alloc(acct, bytes, use_of_header(acct, by_kmalloc),
			      gfp);
	if (IS_ERR(chunk))
		return chunk;
	chunk->account = acct;
	chunk->bytes = bytes;
	chunk->nr = nr;
	return chunk;
}

static void header_destroy(struct arena_chunk *chunk)
{
	account_free(chunk->account, chunk, chunk->bytes - chunk->pane.size,
		     chunk_is_descriptor(chunk) ? ACCOUNT_DESCRIPTOR :
						  ACCOUNT_CONTENT);
}

/**
 * chunk_create() - Make a chunk that no handle leads to yet.
 * @arena: Its arena.
 * @class: Its class.
 * @nr: Its objects, at most PLACES_MAX.
 * @bytes: chunk_bytes() of that, or more.
 * @gfp: Whether the call may sleep.
 *
 * Nothing is written to the objects or the links: memory comes zeroed, and a
 * place that was never in use is beyond @fresh.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: The chunk, or ERR_PTR() as account_alloc().
 */
struct arena_chunk *chunk_create(struct gomap_arena *arena, u32 class,
				 u32 nr, size_t bytes, gfp_t gfp)
{
	bool by_kmalloc = class_is_by_kmalloc(arena, class);
	struct arena_chunk *chunk;
	int err;

	chunk = header_create(arena->account, nr, bytes, by_kmalloc, gfp);
	if (IS_ERR(chunk))
		return chunk;
	chunk->object_size = arena_class_size(arena, class);
	err = pane_open(&chunk->pane, arena->account,
			(size_t)nr * chunk->object_size, gfp);
	if (err) {
		header_destroy(chunk);
		return ERR_PTR(err);
	}
	chunk->bytes += chunk->pane.size;
	chunk->objects = chunk->pane.p ?: (void *)chunk + header_bytes(nr);
	if (by_kmalloc)
		chunk->pointers = chunk->objects;
	chunk->class = class;
	chunk->nr_free = nr;
	INIT_LIST_HEAD(&chunk->node);
	INIT_LIST_HEAD(&chunk->retired_node[0]);
	INIT_LIST_HEAD(&chunk->retired_node[1]);
	return chunk;
}

/**
 * chunk_destroy() - Give back a chunk that no handle leads to any more.
 * @chunk: The chunk.
 *
 * One call of the kernel's allocators for all objects, whatever their state;
 * but one for each where they are allocated one by one.
 *
 * Context: Process context, may sleep.
 */
void chunk_destroy(struct arena_chunk *chunk)
{
	u32 place;

	for (place = 0; chunk->pointers && place < chunk->nr; place++)
		account_free(chunk->account, chunk->pointers[place],
			     chunk->object_size, ACCOUNT_CONTENT);
	pane_close(&chunk->pane, chunk->account);
	header_destroy(chunk);
}

static void grace_period_over(struct work_struct *work)
{
	struct arena_chunk *chunk = container_of(to_rcu_work(work),
						 struct arena_chunk, retire);
	struct gomap_account *acct = chunk->account;

	chunk_destroy(chunk);
	account_put(acct);
}

/**
 * chunk_retire() - Give back a chunk that readers may still be looking at.
 * @chunk: The chunk, which no new reader can find any more.
 *
 * Context: Process or softirq context; does not sleep.
 */
void chunk_retire(struct arena_chunk *chunk)
{
	account_get(chunk->account);
	INIT_RCU_WORK(&chunk->retire, grace_period_over);
	background_run_after_grace_period(&chunk->retire);
}

/**
 * chunk_discard() - Give back a chunk that was never published.
 * @chunk: The chunk.
 *
 * At once, but for one that is shown: to hide that may sleep.
 *
 * Context: Process or softirq context; does not sleep.
 */
void chunk_discard(struct arena_chunk *chunk)
{
	if (chunk->pane.p)
		chunk_retire(chunk);
	else
		chunk_destroy(chunk);
}

/**
 * list_push() - Put an object on a list.
 * @chunk: Its chunk.
 * @list: The list.
 * @place: The object.
 *
 * Context: Caller holds arena.lock.
 */
void list_push(struct arena_chunk *chunk, struct arena_list *list, u32 place)
{
	WRITE_ONCE(chunk->link[place], list->first);
	if (!list->first)
		list->last = place + 1;
	list->first = place + 1;
	list->nr++;
}

static u32 list_pop(struct arena_chunk *chunk, struct arena_list *list)
{
	u32 place = list->first - 1;

	list->first = chunk->link[place];
	list->nr--;
	return place;
}

/**
 * chunk_take() - Take a free object from a chunk that has one.
 * @c: Its class.
 * @chunk: The chunk, of the list @c->usable.
 *
 * Context: Caller holds arena.lock.
 * Return: The handle.
 */
u32 chunk_take(struct arena_class *c, struct arena_chunk *chunk)
{
	u32 place = chunk->free.nr ? list_pop(chunk, &chunk->free) :
				     chunk->fresh++;

	chunk->nr_free--;
	c->nr_free--;
	if (!chunk->nr_free)
		list_del_init(&chunk->node);
	return chunk->first + place;
}

/**
 * chunk_give() - Make a list of objects free.
 * @c: Their class.
 * @chunk: Their chunk.
 * @objects: The list, not empty.
 *
 * All at once, however many they are.  A chunk that was full comes first on the
 * class's list, an empty one last: so objects are taken where most are in use,
 * and chunks that could be given back are left alone.
 *
 * Context: Caller holds arena.lock.
 */
void chunk_give(struct arena_class *c, struct arena_chunk *chunk,
		const struct arena_list *objects)
{
	bool was_full = !chunk->nr_free;

	WRITE_ONCE(chunk->link[objects->last - 1], chunk->free.first);
	if (!chunk->free.nr)
		chunk->free.last = objects->last;
	chunk->free.first = objects->first;
	chunk->free.nr += objects->nr;
	chunk->nr_free += objects->nr;
	c->nr_free += objects->nr;

	if (chunk_is_empty(chunk))
		list_move_tail(&chunk->node, &c->usable);
	else if (was_full)
		list_add(&chunk->node, &c->usable);
}

/**
 * chunk_give_one() - Make an object free.
 * @c: Its class.
 * @chunk: Its chunk.
 * @place: The object.
 *
 * Context: Caller holds arena.lock.
 */
void chunk_give_one(struct arena_class *c, struct arena_chunk *chunk, u32 place)
{
	struct arena_list one = {};

	list_push(chunk, &one, place);
	chunk_give(c, chunk, &one);
}

/**
 * chunk_free_objects() - Free objects that were allocated one by one.
 * @chunk: Their chunk; nothing happens unless it is such a one.
 * @objects: The objects, on a list.
 *
 * Context: Caller holds arena.lock; no reader holds a handle of any of them.
 */
void chunk_free_objects(struct arena_chunk *chunk,
			const struct arena_list *objects)
{
	u32 at;

	for (at = objects->first; chunk->pointers && at;
	     at = chunk->link[at - 1]) {
		account_free(chunk->account, chunk->pointers[at - 1],
			     chunk->object_size, ACCOUNT_CONTENT);
		chunk->pointers[at - 1] = NULL;
	}
}

/**
 * chunk_scrub() - Zero an object.
 * @chunk: Its chunk, not of those whose objects are allocated one by one.
 * @place: The object, which is not free and which nobody uses.
 *
 * Context: Any context.
 */
void chunk_scrub(struct arena_chunk *chunk, u32 place)
{
	memset(chunk->objects + (size_t)place * chunk->object_size, 0,
	       chunk->object_size);
}

/**
 * chunk_scrub_objects() - Zero objects.
 * @chunk: Their chunk.
 * @objects: The objects, on a list that nobody changes.
 *
 * Context: Any context.
 */
void chunk_scrub_objects(struct arena_chunk *chunk,
			 const struct arena_list *objects)
{
	u32 at;

	for (at = objects->first; at; at = chunk->link[at - 1])
		chunk_scrub(chunk, at - 1);
}
