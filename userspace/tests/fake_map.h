/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The maps behind the stand-in for the device: arrays of entries in the order
 * of their arrival, with a search tree over them, and figures that obey Go's
 * rule of growth.  Named ones outlive the process, see fake_kernel.h.
 */
#ifndef FAKE_MAP_H
#define FAKE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/gomap.h>

#define FAKE_MAPS_MAX	1024

struct item {
	uint32_t key_len, value_len;
	bool live;
	unsigned char *key, *value;
};

/* What the next process is told of a map besides its entries. */
struct figures {
	uint64_t len, grows, shrinks, rekeys, clears;
	uint64_t refused[GOMAP_NR_REASONS];	/* [0]: went well */
	uint32_t b, seed_generation;
};

struct map {
	struct gomap_ioc_create made;	/* name empty: destroyed, or never had */
	struct figures now;
	uint64_t id;
	uint32_t least_b;		/* what the hint asked for */
	struct item **items;		/* in the order of their arrival */
	size_t count, room;
	void *index;			/* tsearch() tree of the live ones */
};

extern struct map *fake_maps[FAKE_MAPS_MAX];
extern int fake_nr_maps;

struct map *map_new(const struct gomap_ioc_create *made);
struct item *map_find(struct map *m, const void *key, uint32_t len);
void map_add(struct map *m, const void *key, uint32_t key_len,
	     const void *value, uint32_t value_len);
void map_set_value(struct item *item, const void *value, uint32_t value_len);
void map_remove(struct map *m, struct item *item);
void map_clear(struct map *m);
void map_compact(struct map *m);
void map_rekey(struct map *m);

#endif /* FAKE_MAP_H */
