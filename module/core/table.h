/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table.h - bucket arrays, and the descriptors that are published.
 */
#ifndef GOMAP_TABLE_H
#define GOMAP_TABLE_H

#include <linux/compiler.h>
#include <linux/gomap.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>

#include "../arena/arena.h"
#include "bucket.h"
#include "hash.h"

/*
 * Largest span, bytes.  With 256 KiB ten million entries of 16 bytes need some
 * 1,200 span pointers, which stay in the cache, while zeroing one takes a
 * writer about 10 us and the page allocator nearly always has one.
 */
#define SPAN_BYTES_MAX		(256U << 10)

/*
 * The same of an array that is allocated as a whole, at create: the largest
 * piece that the page allocator has.
 */
#define SPAN_BYTES_PRESIZED	(4U << 20)

/**
 * struct gomap_array - 2^B buckets.  Constant but for @span.
 * @refs: One of each table that names it.
 * @arena: Where the spans come from; a reference is held.
 * @B: Log2 of the number of buckets.
 * @span_shift: Log2 of the buckets in a span.
 * @nr_spans: Spans of a complete array.
 * @span: The spans, NULL where nothing was needed yet; set once.
 */
struct gomap_array {
	refcount_t refs;
	struct gomap_arena *arena;
	u32 B;
	u32 span_shift;
	u32 nr_spans;
	void *span[];
};

/**
 * struct gomap_table - what a map is at one time.  Constant once published.
 * @array: The current array; a reference is held, as on the next two.
 * @old: The array that is being evacuated; NULL when no resize is under way.
 * @arena: Where overflow buckets and long contents lie.
 * @seed: Secret of the hash, in @array.
 * @old_seed: The same in @old, while it is another one: during a rekey.
 * @seed_generation: How many seeds there were, this one included.
 * @generation: Of the content: each clear and each rekey begins a new one.
 *	Starts at random, so that an iteration's position does not fit another
 *	map by chance.
 * @stripe_mask: Low bits of the hash that choose the stripe.
 * @resizing: What kind of resize is under way.
 * @retire: For the grace period at its end.
 */
struct gomap_table {
	struct gomap_array *array;
	struct gomap_array *old;
	struct gomap_arena *arena;
	struct gomap_seed seed;
	struct gomap_seed old_seed;
	u32 seed_generation;
	u32 generation;
	u32 stripe_mask;
	enum gomap_resize resizing;
	struct rcu_work retire;
};

static inline bool table_is_rekeying(const struct gomap_table *t)
{
	return t->resizing == GOMAP_RESIZING_REKEY;
}

static inline u64 array_nr_buckets(const struct gomap_array *array)
{
	return 1ULL << array->B;
}

static inline u64 array_mask(const struct gomap_array *array)
{
	return array_nr_buckets(array) - 1;
}

/*
 * Bucket i of an array; NULL: its span was never needed, so it is empty.  H,
 * the address dependency from the pointer to what it points to, pairs with G
 * in array_populate_span(): the span is seen zeroed.
 */
static inline struct gomap_bucket *array_bucket(const struct gomap_array *array,
						u64 i)
{
	void *span = READ_ONCE(array->span[i >> array->span_shift]);	/* H */
	u32 place = i & ((1U << array->span_shift) - 1);

	return span ? span + (size_t)place * array->arena->bucket_size : NULL;
}

struct gomap_array *array_create(struct gomap_arena *arena, u32 B,
				 size_t span_max, gfp_t gfp);
void array_put(struct gomap_array *array);
int array_populate_halves(struct gomap_array *array, u64 i, gfp_t gfp);
int array_populate(struct gomap_array *array, gfp_t gfp);

struct gomap_table *table_create(struct gomap_arena *arena,
				 struct gomap_array *array,
				 struct gomap_array *old, gfp_t gfp);
void table_destroy(struct gomap_table *t);
void table_retire(struct gomap_table *t);

void table_hash_key(const struct gomap_table *t, struct gomap_key *key);
struct gomap_home table_home(const struct gomap_table *t,
			     const struct gomap_key *key);
struct gomap_home table_home_of_hash(const struct gomap_table *t, u64 hash);
bool table_is_home(const struct gomap_table *t, const struct gomap_array *array,
		   u64 i);
u64 table_nr_numbers(const struct gomap_table *t);

#endif /* GOMAP_TABLE_H */
