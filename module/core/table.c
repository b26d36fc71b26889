// SPDX-License-Identifier: GPL-2.0-only
/*
 * table.c - bucket arrays and tables: made, published into, given back.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "../arena/background.h"
#include "core.h"

static u32 span_shift_for(u32 bucket_size, u32 B, size_t bytes_max)
{
	u32 shift = 0;

	while (shift < B && (size_t)bucket_size << (shift + 1) <= bytes_max)
		shift++;
	return shift;
}

static size_t array_bytes(u32 nr_spans)
{
	return struct_size((struct gomap_array *)NULL, span, nr_spans);
}

static size_t span_bytes(const struct gomap_array *array)
{
	return (size_t)array->bucket_size << array->span_shift;
}

/**
 * array_create() - Make an array without any span.
 * @arena: Where its spans come from; a reference is taken.
 * @B: Log2 of the number of buckets.
 * @span_max: Bytes of its spans, at most: SPAN_BYTES_MAX, or SPAN_BYTES_PRESIZED
 *	where all of them are allocated at once.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: The array with one reference, or ERR_PTR() as account_alloc().
 */
struct gomap_array *array_create(struct gomap_arena *arena, u32 B,
				 size_t span_max, gfp_t gfp)
{
	u32 shift = span_shift_for(arena->bucket_size, B, span_max);
	u32 nr_spans = 1U << (B - shift);
	struct gomap_array *array;
	int err;

	array = account_alloc(arena->account, array_bytes(nr_spans),
			      ACCOUNT_DESCRIPTOR, gfp);
	if (IS_ERR(array))
		return array;
	err = pane_open(&array->units, arena->account, nr_spans * sizeof(u32),
			gfp);
	if (err) {
		account_free(arena->account, array, array_bytes(nr_spans),
			     ACCOUNT_DESCRIPTOR);
		return ERR_PTR(err);
	}
	refcount_set(&array->refs, 1);
	array->arena = arena_get(arena);
	array->B = B;
	array->mask = (1ULL << B) - 1;
	array->span_shift = shift;
	array->place_mask = (1U << shift) - 1;
	array->bucket_size = arena->bucket_size;
	array->nr_spans = nr_spans;
	return array;
}

/*
 * Say that there will be a span: from now on a reader who looks through the
 * window does not take it for empty, but asks until he is told where it is.
 */
static void announce_span(struct gomap_array *array, u32 n)
{
	u32 *units = array->units.p;

	if (units)
		cmpxchg(&units[n], 0, GOMAP_VIEW_ASK);
}

static void show_span(struct gomap_array *array, u32 n, void *span, gfp_t gfp)
{
	u32 *units = array->units.p;
	u32 unit;

	if (!units)
		return;
	unit = window_show(array->arena->account, span, span_bytes(array), gfp);
	/* Y, pairs with Z in <linux/gomap_view.h>: the span is seen zeroed. */
	smp_store_release(&units[n], unit);
}

static void hide_span(struct gomap_array *array, u32 n)
{
	u32 *units = array->units.p;

	if (units && units[n])
		window_hide(array->arena->account, units[n], span_bytes(array));
}

/**
 * array_put() - Give back a reference; the last one frees the array.
 * @array: The array, or NULL.
 *
 * Context: Process context, may sleep.
 */
void array_put(struct gomap_array *array)
{
	struct gomap_arena *arena;
	u32 i;

	if (!array || !refcount_dec_and_test(&array->refs))
		return;

	arena = array->arena;
	for (i = 0; i < array->nr_spans; i++) {
		hide_span(array, i);
		arena_span_free(arena, array->span[i], span_bytes(array));
		cond_resched();
	}
	pane_close(&array->units, arena->account);
	account_free(arena->account, array, array_bytes(array->nr_spans),
		     ACCOUNT_DESCRIPTOR);
	arena_put(arena);
}

static int populate_span(struct gomap_array *array, u32 n, gfp_t gfp)
{
	void *span;

	if (READ_ONCE(array->span[n]))
		return 0;
	span = arena_span_alloc(array->arena, span_bytes(array), gfp);
	if (IS_ERR(span))
		return PTR_ERR(span);
	announce_span(array, n);
	/* G, pairs with H in array_span(). */
	if (cmpxchg_release(&array->span[n], NULL, span))
		arena_span_free(array->arena, span, span_bytes(array));
	else
		show_span(array, n, span, gfp);
	return 0;
}

/**
 * array_populate_halves() - Make sure that a bucket has memory, and the one
 *	half an array away.
 * @array: The array, kept alive by the caller.
 * @i: Number of the bucket in its low bits.
 * @gfp: Whether the call may sleep.
 *
 * Together they are where an old bucket goes to when the map doubles.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: 0, -ENOMEM or -EDQUOT.
 */
int array_populate_halves(struct gomap_array *array, u64 i, gfp_t gfp)
{
	u64 first = i & array_mask(array);
	u64 second = first ^ array_nr_buckets(array) / 2;
	int err = populate_span(array, first >> array->span_shift, gfp);

	if (err || !array->B)
		return err;
	return populate_span(array, second >> array->span_shift, gfp);
}

/**
 * array_populate() - Make sure that all buckets have memory.
 * @array: The array, kept alive by the caller.
 * @gfp: Flags; the call may sleep.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, -EDQUOT, or -EINTR a fatal signal (spans that were
 *	allocated stay).
 */
int array_populate(struct gomap_array *array, gfp_t gfp)
{
	u32 n;
	int err;

	for (n = 0; n < array->nr_spans; n++) {
		err = populate_span(array, n, gfp);
		if (err)
			return err;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static void table_free(struct gomap_table *t)
{
	struct gomap_account *acct = account_get(t->arena->account);

	array_put(t->array);
	array_put(t->old);
	arena_put(t->arena);
	account_free(acct, t, sizeof(*t), ACCOUNT_DESCRIPTOR);
	account_put(acct);
}

static void table_grace_period_over(struct work_struct *work)
{
	table_free(container_of(to_rcu_work(work), struct gomap_table, retire));
}

/**
 * table_create() - Make a table; seed and stripes are for the caller to set.
 * @arena: Its arena.
 * @array: Its current array.
 * @old: The array to evacuate, or NULL.
 * @gfp: Whether the call may sleep.
 *
 * References are taken on all three.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: The table, or ERR_PTR() as account_alloc().
 */
struct gomap_table *table_create(struct gomap_arena *arena,
				 struct gomap_array *array,
				 struct gomap_array *old, gfp_t gfp)
{
	struct gomap_table *t;

	t = account_alloc(arena->account, sizeof(*t), ACCOUNT_DESCRIPTOR, gfp);
	if (IS_ERR(t))
		return t;
	refcount_inc(&array->refs);
	t->array = array;
	t->entries_max = entries_for_B(array->B);
	if (old) {
		refcount_inc(&old->refs);
		t->old = old;
	}
	t->arena = arena_get(arena);
	INIT_RCU_WORK(&t->retire, table_grace_period_over);
	return t;
}

/**
 * table_destroy() - Free a table that was never published.
 * @t: The table, or NULL.
 *
 * Context: Process context, may sleep.
 */
void table_destroy(struct gomap_table *t)
{
	if (t)
		table_free(t);
}

/**
 * table_retire() - Free a table, and what only it names, in the background.
 * @t: The table, which no new reader can find any more.
 *
 * Context: Process or softirq context; does not sleep.
 */
void table_retire(struct gomap_table *t)
{
	background_run_after_grace_period(&t->retire);
}

/**
 * table_old_hash() - Hash a key under the seed of the old array.
 * @t: The table, rekeying.
 * @data: The key.
 * @len: Bytes of it.
 *
 * Out of line, and no struct gomap_key: so that one which nobody else points to
 * stays in registers.
 *
 * Context: Any context.
 * Return: The hash.
 */
u64 table_old_hash(const struct gomap_table *t, const void *data, u32 len)
{
	return gomap_hash(&t->old_seed, data, len);
}

/**
 * table_home_of_hash() - The chain that is home to all keys of one hash.
 * @t: The table, not rekeying: then a hash has no home of its own.
 * @hash: The hash.
 *
 * Context: As table_home().
 * Return: The home.
 */
struct gomap_home table_home_of_hash(const struct gomap_table *t, u64 hash)
{
	const struct gomap_key key = { .hash = hash, .old_hash = hash };

	return table_home(t, &key, t->array->bucket_size);
}

/**
 * table_nr_numbers() - How many numbers of buckets there are.
 * @t: The table.
 *
 * Context: Caller holds a stripe lock or is in an RCU read-side critical section.
 * Return: Buckets of its larger array.
 */
u64 table_nr_numbers(const struct gomap_table *t)
{
	if (!t->old)
		return array_nr_buckets(t->array);
	return max(array_nr_buckets(t->array), array_nr_buckets(t->old));
}

/* Is every key that belongs into this bucket still at home in the old array? */
static bool is_destination(const struct gomap_table *t, u64 i)
{
	return t->old && !table_is_rekeying(t) &&
	       !bucket_is_evacuated(array_bucket(t->old,
						 i & array_mask(t->old)));
}

/**
 * table_is_home() - Is a bucket one where entries are looked for?
 * @t: The table.
 * @array: One of its arrays, or NULL.
 * @i: Number of the bucket in that array.
 *
 * Context: Caller holds the bucket's stripe lock.
 * Return: Whether there is such a bucket, it is not evacuated, and no old
 *	bucket is still to be evacuated to it.
 */
bool table_is_home(const struct gomap_table *t, const struct gomap_array *array,
		   u64 i)
{
	if (!array || i >= array_nr_buckets(array))
		return false;
	if (array == t->old)
		return !bucket_is_evacuated(array_bucket(array, i));
	return !is_destination(t, i);
}
