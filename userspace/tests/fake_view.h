/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A view made by hand, for the tests of who reads them.  Written from the words
 * of <linux/gomap_view.h> and module/core/slots.h, and not with their code: only
 * the hash is the same.
 *
 * Spans, tables and objects each begin with a unit of their own, so that a test
 * can take one of them away.
 */
#ifndef FAKE_VIEW_H
#define FAKE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/gomap.h>
#include <linux/gomap_view.h>
#include <gomap/hash.h>

#define FAKE_VIEW_UNITS	4096	/* of the window of a fake map */

/* Where a key or value lies in a slot. */
struct fake_field {
	uint32_t max, size, offset, stride;
	bool variable, by_handle, stable;
};

/* One of the two arrays. */
struct fake_array {
	struct gomap_view_array *shown;
	uint32_t bits;
	struct gomap_seed seed;
};

struct fake_view {
	unsigned char *base;
	struct gomap_view_super *super;
	uint32_t units;			/* there are */
	uint32_t next_unit;
	struct fake_field key, value;
	uint32_t bucket_size;
	uint32_t nr_entries;		/* of the directory */
	struct fake_array array, old;
	uint64_t *directory, *root;
};

/* In @bytes at @base, zeroed; without any array yet. */
void fake_view_make(struct fake_view *v, void *base, size_t bytes,
		    uint32_t key_size, uint32_t value_size, uint32_t flags);

struct gomap_seed fake_view_seed(uint32_t flags, uint64_t number);

/* A table of spans for 2^bits buckets, and the spans. */
void fake_view_array(struct fake_view *v, struct fake_array *array,
		     uint32_t bits, uint32_t span_shift,
		     const struct gomap_seed *seed);

/* Into the chain where the array has it; the key is not there yet. */
void fake_view_put(struct fake_view *v, struct fake_array *array,
		   const void *key, uint32_t key_len, const void *value,
		   uint32_t value_len);

/* All of the old array that goes with bucket @i has gone to the other one. */
void fake_view_mark(struct fake_view *v, uint32_t i);

void *fake_view_unit(struct fake_view *v, uint32_t unit);
uint32_t *fake_view_span(struct fake_view *v, struct fake_array *array,
			 uint32_t i);
unsigned char *fake_view_bucket(struct fake_view *v, struct fake_array *array,
				uint32_t i);
uint64_t fake_view_position(const struct gomap_seed *seed, const void *key,
			    uint32_t len);

#endif /* FAKE_VIEW_H */
