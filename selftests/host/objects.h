/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * objects.h - an arena without a map around it, and objects of it.
 */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <linux/gomap.h>

#include "../../module/arena/chunk.h"
#include "test.h"

#define BUCKET_SIZE	144

static struct gomap_account *account;
static struct gomap_arena *arena;

/* As for a map with these parameters. */
static inline void open_arena_as(const struct gomap_params *params)
{
	account = account_create(&(struct account_params){
		.ops = params->alloc_ops,
		.ctx = params->alloc_ctx,
		.max_bytes = params->limits.max_bytes,
		.charged = params->flags & GOMAP_F_ACCOUNT,
		.contents_point = params->flags & GOMAP_F_POINTERS,
	});
	CHECK(account);
	arena = arena_create(account, BUCKET_SIZE,
			     params->flags & GOMAP_F_KMALLOC, GFP_KERNEL);
	CHECK(!IS_ERR(arena));
}

static inline void open_arena(void)
{
	open_arena_as(&(struct gomap_params){});
}

static inline void close_arena(void)
{
	arena_put(arena);
	account_put(account);
}

static inline void reserve(u32 class, u32 nr)
{
	CHECK_EQ(arena_reserve(arena, class, nr, GFP_KERNEL), 0);
}

static inline u32 take(u32 class)
{
	u32 handle = arena_alloc(arena, class);

	if (!handle) {
		reserve(class, 1);
		handle = arena_alloc(arena, class);
	}
	CHECK(handle);
	return handle;
}

static inline void take_many(u32 class, u32 *handles, u32 nr)
{
	while (nr--)
		*handles++ = take(class);
}

static inline void retire_many(const u32 *handles, u32 nr)
{
	while (nr--)
		arena_retire(arena, *handles++);
}

/* The object of a handle, for who is in no RCU section. */
static inline void *object(u32 handle, u32 *size)
{
	void *p;

	rcu_read_lock();
	p = arena_object(arena, handle, size);
	rcu_read_unlock();
	return p;
}

static inline struct arena_totals totals(void)
{
	struct arena_totals t;

	arena_totals(arena, &t);
	return t;
}

/* What the arena says of a class; all 0 where it has no chunk. */
static inline struct gomap_memory_class figures(u32 class)
{
	struct gomap_memory memory;
	u32 i;

	arena_memory(arena, &memory);
	for (i = 0; i < memory.nr; i++)
		if (memory.class[i].object_size ==
		    arena_class_size(arena, class) &&
		    memory.class[i].is_bucket == (class == ARENA_CLASS_BUCKET))
			return memory.class[i];
	return (struct gomap_memory_class){};
}

static inline u64 held(void)
{
	return atomic64_read(&account->held);
}

static inline bool has_magazines(u32 class)
{
	return arena->class[class] && arena->class[class]->magazine;
}

static inline struct arena_chunk *chunk_of(u32 handle)
{
	return arena_chunk_of(arena, handle);
}

#endif /* OBJECTS_H */
