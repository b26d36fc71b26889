// SPDX-License-Identifier: GPL-2.0-only
/*
 * info.c - the figures of a map.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "core.h"
#include "stripe.h"

/* Buckets to visit between two looks at who else wants the CPU. */
#define INFO_BATCH	256

static void report_map(const struct gomap *m, struct gomap_info *info)
{
	info->params = m->params;
	info->bucket_size = m->layout.bucket_size;
	info->key_inline = m->layout.key.is_inline;
	info->value_inline = m->layout.value.is_inline;
	info->len = gomap_len(m);
	info->nr_overflow = atomic64_read(&m->nr_overflow);
	info->grows = m->resizes[GOMAP_RESIZING_DOUBLE];
	info->same_size_grows = m->resizes[GOMAP_RESIZING_SAME_SIZE];
	info->shrinks = m->resizes[GOMAP_RESIZING_SHRINK];
	info->rekeys = m->resizes[GOMAP_RESIZING_REKEY];
	info->attacks = atomic64_read(&m->attacks);
	info->grow_failures = READ_ONCE(m->grow_failures);
	info->clears = m->clears;
	info->write_allocs = atomic64_read(&m->write_allocs);
	info->limits.max_entries = READ_ONCE(m->max_entries);
	info->read_retries = atomic64_read(&m->read_retries);
}

static void report_table(const struct gomap *m, const struct gomap_table *t,
			 struct gomap_info *info)
{
	info->B = t->array->B;
	info->old_B = info->B;
	info->resizing = t->resizing;
	info->seed_generation = t->seed_generation;
	/* Without any span, which only B = 0 starts with, there is no bucket. */
	if (info->B || array_bucket(t->array, 0))
		info->nr_buckets = array_nr_buckets(t->array);
	if (t->old) {
		info->old_B = t->old->B;
		info->nr_old_buckets = array_nr_buckets(t->old);
		info->nr_evacuated = atomic64_read(&m->nr_evacuated);
	}
}

static void report_memory(const struct gomap *m, struct gomap_arena *arena,
			  struct gomap_info *info)
{
	const struct gomap_account *acct = m->account;
	struct arena_totals totals;
	unsigned int i;

	arena_totals(arena, &totals);
	info->bytes_live = totals.bytes_live;
	info->objects_live = totals.objects_live;
	info->object_allocs = totals.object_allocs;
	info->nr_chunks = totals.nr_chunks;
	info->bytes_chunks = totals.bytes_chunks;
	info->bytes_idle = totals.bytes_idle;
	info->bytes_held = atomic64_read(&acct->held);
	info->bytes_peak = atomic64_read(&acct->peak);
	info->kernel_allocs = atomic64_read(&acct->allocs);
	info->limits.max_bytes = READ_ONCE(acct->max);
	for (i = 0; i < GOMAP_NR_REFUSALS; i++)
		info->refused[i] = atomic64_read(&m->refused[i]);
}

static void count_chain(const struct gomap_table *t,
			const struct gomap_array *array, u64 i,
			struct gomap_info *info)
{
	u32 n;

	if (!table_is_home(t, array, i))
		return;
	n = chain_count(t->arena, array_bucket(array, i));
	info->fill[min(n, GOMAP_INFO_FILL_BINS - 1U)]++;
}

/* The chains of one number.  False: there is none of that number. */
static bool count_chains(struct gomap *m, u64 i, struct gomap_info *info)
{
	struct gomap_stripe *stripe;
	struct gomap_table *t;
	bool there;

	t = stripe_lock_bucket(m, i, &stripe);
	there = i < table_nr_numbers(t);
	count_chain(t, t->old, i, info);
	count_chain(t, t->array, i, info);
	stripe_unlock(stripe);
	return there;
}

static int report_fill(struct gomap *m, struct gomap_info *info)
{
	u64 i;

	if (!info->nr_buckets)
		return 0;
	for (i = 0; count_chains(m, i, info); i++) {
		if (i % INFO_BATCH == 0) {
			cond_resched();
			if (fatal_signal_pending(current))
				return -EINTR;
		}
	}
	return 0;
}

int gomap_info(struct gomap *map, struct gomap_info *info, bool want_fill)
{
	struct gomap_table *t;

	memset(info, 0, sizeof(*info));
	if (!map)
		return 0;
	stripes_lock_all(map);
	t = stripes_table(map);
	report_map(map, info);
	report_table(map, t, info);
	report_memory(map, t->arena, info);
	stripes_unlock_all(map);
	return want_fill ? report_fill(map, info) : 0;
}
EXPORT_SYMBOL_GPL(gomap_info);

void gomap_memory(struct gomap *map, struct gomap_memory *memory)
{
	memory->nr = 0;
	if (!map)
		return;
	rcu_read_lock();
	arena_memory(rcu_dereference(map->table)->arena, memory);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(gomap_memory);
