// SPDX-License-Identifier: GPL-2.0-only
/*
 * load.c - fill a map to a load, above the one at which it would grow if need be,
 * and count in its buckets; see load.h.
 */
#include "../../module/core/core.h"
#include "load.h"

/*
 * With 65,536 buckets the share of those with overflow buckets is 0.2 points off
 * at most times: a point is five times as much.
 */
#define LOAD_B		16U
#define OVERFLOW_OFF	1.0	/* points */
#define OTHERS_OFF	0.02	/* of what Go has */

/* Keys that are looked for in vain. */
#define MISSES		(4ULL << LOAD_B)

const struct load_row load_rows[LOAD_ROWS] = {
	{ 4.0, { 2.13, 20.77, 3.00, 4.00 } },
	{ 4.5, { 4.05, 17.30, 3.25, 4.50 } },
	{ 5.0, { 6.85, 14.77, 3.50, 5.00 } },
	{ 5.5, { 10.55, 12.94, 3.75, 5.50 } },
	{ 6.0, { 15.27, 11.67, 4.00, 6.00 } },
	{ 6.5, { 20.90, 10.79, 4.25, 6.50 } },
	{ 7.0, { 27.14, 10.15, 4.50, 7.00 } },
	{ 7.5, { 34.03, 9.73, 4.75, 7.50 } },
	{ 8.0, { 41.10, 9.40, 5.00, 8.00 } },
};

/* Pages are what spans and chunks are made of, lines what descriptors are. */
static void *load_alloc(void *ctx, size_t size, gfp_t gfp)
{
	const struct load_map *l = ctx;
	size_t unit = size < PAGE_SIZE ? SMP_CACHE_BYTES : PAGE_SIZE;
	void *p;

	if (l->refuses)
		return NULL;
	p = aligned_alloc(unit, ALIGN(size, unit));
	return p ? memset(p, 0, size) : NULL;
}

static void load_free(void *ctx, void *p, size_t size)
{
	free(p);
}

static u64 entries_at(double load)
{
	return (u64)(load * (1U << LOAD_B));
}

/* As many buckets as there are, and overflow buckets for the highest load. */
int load_begin(struct load_map *l)
{
	static const struct gomap_alloc_ops ops = {
		.alloc = load_alloc, .free = load_free,
	};
	struct gomap_params params = {
		.key_size = 8, .value_size = 8, .hint = entries_for_B(LOAD_B),
		.alloc_ops = &ops, .alloc_ctx = l,
	};
	int err;

	*l = (struct load_map){ };
	l->map = gomap_create(&params);
	if (IS_ERR(l->map))
		return PTR_ERR(l->map);
	err = arena_presize(l->map->table->arena, ARENA_CLASS_BUCKET,
			    1U << LOAD_B, GFP_KERNEL);
	if (err)
		load_end(l);
	return err;
}

/*
 * A map that is over its load factor and is refused the memory to grow goes on in
 * the overflow buckets that it has: no other map has such a load.
 */
int load_fill(struct load_map *l, double load)
{
	u64 value;
	int err = 0;

	l->refuses = over_load_factor(entries_at(load), LOAD_B);
	while (!err && l->nr < entries_at(load)) {
		value = ~l->nr;
		err = gomap_insert(l->map, &l->nr, sizeof(l->nr), &value,
				   sizeof(value), GFP_KERNEL);
		l->nr += !err;
	}
	l->refuses = false;
	if (!err && (map_B(l->map) != LOAD_B || l->map->table->old))
		err = -EBUSY;
	return err;
}

static void measure_chains(const struct load_map *l, struct load_figures *f)
{
	const struct gomap_table *t = l->map->table;
	u64 i, entries, extra, chained = 0, buckets = 0, looked_at = 0;
	struct gomap_bucket *head;

	for (i = 0; i < array_nr_buckets(t->array); i++) {
		head = array_bucket(t->array, i);
		entries = chain_count(t->arena, head);
		extra = chain_length(t->arena, head) - 1;
		looked_at += entries * (entries + 1) / 2;
		buckets += 1 + extra;
		chained += extra > 0;
	}
	f->overflow = 100.0 * chained / array_nr_buckets(t->array);
	f->bytes = (double)buckets * l->map->layout.bucket_size / l->nr - 16;
	f->hit = (double)looked_at / l->nr;
}

static void measure_misses(const struct load_map *l, struct load_figures *f)
{
	const struct gomap_table *t = l->map->table;
	u64 key, hash, looked_at = 0;

	for (key = l->nr; key < l->nr + MISSES; key++) {
		hash = gomap_hash(&t->seed, &key, sizeof(key));
		looked_at += chain_count(t->arena, array_bucket(t->array, hash &
							array_mask(t->array)));
	}
	f->miss = (double)looked_at / MISSES;
}

void load_measure(const struct load_map *l, struct load_figures *f)
{
	rcu_read_lock();
	measure_chains(l, f);
	measure_misses(l, f);
	rcu_read_unlock();
}

static bool is_near(double x, double wanted, double off)
{
	return x > wanted - off && x < wanted + off;
}

bool load_is_as_in_go(const struct load_figures *f, const struct load_row *row)
{
	const struct load_figures *go = &row->go;

	return is_near(f->overflow, go->overflow, OVERFLOW_OFF) &&
	       is_near(f->bytes, go->bytes, OTHERS_OFF * go->bytes) &&
	       is_near(f->hit, go->hit, OTHERS_OFF * go->hit) &&
	       is_near(f->miss, go->miss, OTHERS_OFF * go->miss);
}

void load_end(struct load_map *l)
{
	gomap_put(l->map);
	gomap_barrier();
}
