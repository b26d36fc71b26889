// SPDX-License-Identifier: GPL-2.0-only
/* counts_gomap.c - where the lines of a gomap are that a lookup of a key touches. */
#include "../../../module/arena/chunk.h"
#include "../../../module/core/core.h"
#include "counts.h"

static void add_fields(struct counts_map *to, const struct gomap_field *f,
		       struct gomap_bucket *b, enum counts_kind kind,
		       enum counts_probe probe)
{
	unsigned long slot;

	for (slot = 0; slot < GOMAP_SLOTS; slot++)
		counts_add(to, field_at(f, b, slot), f->size, kind, probe);
}

static void add_bucket(struct counts_map *to, const struct gomap_layout *l,
		       struct gomap_bucket *b, bool is_head)
{
	counts_add(to, b, sizeof(*b), is_head ? COUNTS_HEAD : COUNTS_OVERFLOW,
		   COUNTS_A_BUCKET);
	add_fields(to, &l->key, b, is_head ? COUNTS_KEY : COUNTS_OVERFLOW,
		   COUNTS_A_KEY);
	add_fields(to, &l->value, b, is_head ? COUNTS_VALUE : COUNTS_OVERFLOW,
		   COUNTS_NOTHING);
}

/* What leads from the handle of an overflow bucket to the bucket. */
static void add_way(struct counts_map *to, const struct gomap_arena *arena,
		    u32 handle)
{
	const struct arena_directory *dir = rcu_dereference_raw(arena->directory);

	counts_add(to, arena, sizeof(*arena), COUNTS_HANDLE, COUNTS_NOTHING);
	counts_add(to, dir, struct_size(dir, chunk, dir->size), COUNTS_HANDLE,
		   COUNTS_NOTHING);
	counts_add(to, arena_chunk_of(arena, handle), sizeof(struct arena_chunk),
		   COUNTS_HANDLE, COUNTS_NOTHING);
}

/* Of a map at rest. */
void counts_map_gomap(void *table, speed_u64 name, struct counts_map *to)
{
	struct gomap *m = table;
	struct gomap_table *t = m->table;
	struct gomap_array *array = t->array;
	u64 key[2] = { name, name * 0x9e3779b97f4a7c15ULL };
	struct gomap_bucket *b;
	u64 i;

	to->nr = 0;
	i = gomap_hash(&t->seed, key, m->layout.key.max) & array_mask(array);
	counts_add(to, m, sizeof(*m), COUNTS_DESCRIPTOR, COUNTS_NOTHING);
	counts_add(to, t, sizeof(*t), COUNTS_DESCRIPTOR, COUNTS_NOTHING);
	counts_add(to, array, sizeof(*array), COUNTS_DESCRIPTOR, COUNTS_NOTHING);
	counts_add(to, array->span, array->nr_spans * sizeof(array->span[0]),
		   COUNTS_SPAN, COUNTS_NOTHING);
	b = array_bucket(array, i);
	add_bucket(to, &m->layout, b, true);
	while (b->overflow) {
		add_way(to, t->arena, b->overflow);
		b = bucket_next(t->arena, b);
		add_bucket(to, &m->layout, b, false);
	}
}
