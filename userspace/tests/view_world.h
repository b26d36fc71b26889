/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What the tests of views look at: a view made by hand, between pages that may
 * not be touched, and a map of the stand-in with the same entries, which answers
 * what the view does not.  Entries have numbers; key and value follow from that.
 */
#ifndef VIEW_WORLD_H
#define VIEW_WORLD_H

#include "../libgomap/view_internal.h"
#include "fake_view.h"

struct world {
	struct gomap *map;
	struct gomap_view *view;
	struct fake_view v;
	unsigned char *around;		/* the view and the pages around it */
	size_t bytes;			/* of the view */
	uint32_t key_size, value_size, flags;
	struct gomap_seed seed;
};

/* A key or a value, by its number. */
struct field_bytes {
	unsigned char at[GOMAP_MAX_VALUE_SIZE];
	uint32_t len;
};

struct world world_make(uint32_t key_size, uint32_t value_size,
			uint32_t flags);

/* The current array, and entries from number @from on, also in the map. */
void world_array(struct world *w, uint32_t bits, uint32_t span_shift);
void world_fill(struct world *w, struct fake_array *array, uint32_t from,
		uint32_t to);
void world_open(struct world *w);
void world_close(struct world *w);

void key_of(const struct world *w, uint32_t n, struct field_bytes *key);
void value_of(const struct world *w, uint32_t n, struct field_bytes *value);

/* Are the entries @from to @to there, looked up one by one, and no others? */
bool world_finds(struct world *w, uint32_t from, uint32_t to);

uint64_t asked(const struct world *w);
uint64_t retried(const struct world *w);

#endif /* VIEW_WORLD_H */
