// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The views of the stand-in's maps; see fake_show.h. */
#include <errno.h>
#include <string.h>

#include "fake_show.h"

#define SPAN_SHIFT_MAX	4

static struct gomap_seed seed_of(const struct map *m)
{
	return fake_view_seed(m->made.flags, m->now.seed_generation);
}

static uint32_t generation_of(const struct map *m)
{
	return (uint32_t)(7 + m->now.clears + m->now.rekeys);
}

void show_map(const struct map *m, void *view)
{
	struct gomap_view_super *super = view;
	uint32_t sequence = super->sequence, b = m->now.b;
	struct gomap_seed seed = seed_of(m);
	struct fake_view v;
	size_t i;

	memset(view, 0, SHOW_BYTES);
	fake_view_make(&v, view, SHOW_BYTES, m->made.key_size,
		       m->made.value_size, m->made.flags);
	fake_view_array(&v, &v.array, b,
			b < SPAN_SHIFT_MAX ? b : SPAN_SHIFT_MAX, &seed);
	for (i = 0; i < m->count; i++) {
		const struct item *item = m->items[i];

		if (item->live)
			fake_view_put(&v, &v.array, item->key, item->key_len,
				      item->value, item->value_len);
	}
	super->len = m->now.len;
	super->generation = generation_of(m);
	super->seed_generation = m->now.seed_generation;
	super->sequence = sequence + 2;
}

int show_check_cursor(const struct map *m, struct gomap_cursor *cursor)
{
	if (!cursor->flags) {
		cursor->flags = 1 | 2;	/* begun, and all is still to come */
		cursor->generation = generation_of(m);
		cursor->seed_generation = m->now.seed_generation;
	}
	return cursor->generation == generation_of(m) ? 0 : -ESTALE;
}

struct item *show_next(const struct map *m, struct gomap_cursor *cursor)
{
	struct gomap_seed seed = seed_of(m);
	struct item *next = NULL;
	uint64_t position, least = 0;
	size_t i;

	for (i = 0; i < m->count; i++) {
		struct item *item = m->items[i];

		if (!item->live)
			continue;
		position = fake_view_position(&seed, item->key, item->key_len);
		if (position < cursor->position ||
		    (position == cursor->position && !(cursor->flags & 2)))
			continue;
		if (next && position >= least)
			continue;
		next = item;
		least = position;
	}
	if (next) {
		cursor->position = least;
		cursor->flags &= ~(__u64)2;
	} else {
		cursor->flags |= 16;	/* done */
	}
	return next;
}
