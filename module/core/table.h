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
 * Largest span, bytes.  With 128 KiB ten million entries of 16 bytes need some
 * 2,400 span pointers, which stay in the cache, while zeroing one, which one in
 * some thousand inserts of a growing map has to wait for, takes about 5 us, and
 * the page allocator nearly always has one.
 */
#define SPAN_BYTES_MAX		(128U << 10)

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
 * @mask: Bits of a hash that are the number of a bucket.
 * @span_shift: Log2 of the buckets in a span.
 * @place_mask: Bits of the number that are the place in its span.
 * @bucket_size: Bytes of a bucket.
 * @nr_spans: Spans of a complete array.
 * @units: Where they are seen, by number, for who looks through a window; see
 *	<linux/gomap_view.h>.
 * @span: The spans, NULL where nothing was needed yet; set once.
 */
struct gomap_array {
	refcount_t refs;
	struct gomap_arena *arena;
	u32 B;
	u32 mask;
	u32 span_shift;
	u32 place_mask;
	u32 bucket_size;
	u32 nr_spans;
	struct window_pane units;
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
 * @serial: How many tables were published, this one included.
 * @stripe_mask: Low bits of the hash that choose the stripe.
 * @entries_max: Entries that the current array takes before it is to grow.
 * @count_portion: How many entries a stripe may keep uncounted, see count.h.
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
	u64 serial;
	u32 stripe_mask;
	u32 count_portion;
	u64 entries_max;
	enum gomap_resize resizing;
	struct rcu_work retire;
};

static inline bool table_is_rekeying(const struct gomap_table *t)
{
	return t->resizing == GOMAP_RESIZING_REKEY;
}

/*
 * Is there a resize that writers take part in?  A bucket is rekeyed with all
 * stripes locked, see rekey.c: that is for those who do many at a time.
 */
static inline bool writers_evacuate(const struct gomap_table *t)
{
	return t->old && !table_is_rekeying(t);
}

static inline u64 array_nr_buckets(const struct gomap_array *array)
{
	return 1ULL << array->B;
}

static inline u64 array_mask(const struct gomap_array *array)
{
	return array->mask;
}

static __always_inline void *array_span(const struct gomap_array *array, u64 i)
{
	return READ_ONCE(array->span[i >> array->span_shift]);	/* H */
}

/*
 * Bucket i of an array; NULL: its span was never needed, so it is empty.  H,
 * the address dependency from the pointer to what it points to, pairs with G
 * in populate_span(): the span is seen zeroed.
 *
 * The size of a bucket is array->bucket_size, or a constant that is the same.
 */
static __always_inline struct gomap_bucket *
array_bucket_sized(const struct gomap_array *array, u64 i, u32 bucket_size)
{
	void *span = array_span(array, i);

	if (unlikely(!span))
		return NULL;
	return span + (size_t)(i & array->place_mask) * bucket_size;
}

static inline struct gomap_bucket *array_bucket(const struct gomap_array *array,
						u64 i)
{
	return array_bucket_sized(array, i, array->bucket_size);
}

/* The same of an array that is being left: it has all its spans. */
static __always_inline struct gomap_bucket *
array_old_bucket(const struct gomap_array *old, u64 i, u32 bucket_size)
{
	return array_span(old, i) + (size_t)(i & old->place_mask) * bucket_size;
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

u64 table_old_hash(const struct gomap_table *t, const void *data, u32 len);

/* Hash a key for a table that is not rekeying. */
static __always_inline void table_hash_key_once(const struct gomap_table *t,
						struct gomap_key *key, u32 len)
{
	key->hash = gomap_hash(&t->seed, key->data, len);
	key->old_hash = key->hash;
}

/**
 * table_hash_key() - Hash a key under the seed, or both seeds, of a table.
 * @t: The table.
 * @key: The key.
 * @len: Bytes of it: key->len, or a constant that is the same.
 *
 * The hashes are good for this table alone: its successor can have others.
 *
 * Context: Any context.
 */
static __always_inline void table_hash_key(const struct gomap_table *t,
					   struct gomap_key *key, u32 len)
{
	table_hash_key_once(t, key, len);
	if (unlikely(t->old) && table_is_rekeying(t))
		key->old_hash = table_old_hash(t, key->data, key->len);
}

/* The chain that is home to all keys of a hash, when nothing is left to move. */
static __always_inline struct gomap_home
settled_home(const struct gomap_table *t, u64 hash, u32 bucket_size)
{
	struct gomap_home home = { .array = t->array, .hash = hash };

	home.head = array_bucket_sized(t->array, hash & array_mask(t->array),
				       bucket_size);
	return home;
}

/**
 * table_home() - The chain that is home to a key.
 * @t: The table.
 * @key: The key, hashed for this table.
 * @bucket_size: Bytes of a bucket, a constant if possible.
 *
 * For readers the answer can be outdated as soon as it is given, see section 5
 * of core.h.
 *
 * Context: Any context; caller holds the stripe lock or is in an RCU read-side
 *	critical section.
 * Return: The home.
 */
static __always_inline struct gomap_home
table_home(const struct gomap_table *t, const struct gomap_key *key,
	   u32 bucket_size)
{
	struct gomap_home home;

	if (unlikely(t->old)) {
		home.array = t->old;
		home.hash = key->old_hash;
		home.head = array_old_bucket(t->old, key->old_hash &
						     array_mask(t->old),
					     bucket_size);
		if (!bucket_is_evacuated(home.head))
			return home;
	}
	return settled_home(t, key->hash, bucket_size);
}

struct gomap_home table_home_of_hash(const struct gomap_table *t, u64 hash);
bool table_is_home(const struct gomap_table *t, const struct gomap_array *array,
		   u64 i);
u64 table_nr_numbers(const struct gomap_table *t);

#endif /* GOMAP_TABLE_H */
