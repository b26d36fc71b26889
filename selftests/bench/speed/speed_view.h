/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * speed_view.h - a map whose memory is all in one region, which is its view: what
 * the reader of libgomap, which knows no kernel, is told of it.
 */
#ifndef SPEED_VIEW_H
#define SPEED_VIEW_H

#include "speed.h"

/**
 * struct view_table - such a map.
 * @map: The map.
 * @reader: What reads it.
 * @base: The region.
 * @bytes: How long it is.
 */
struct view_table {
	void *map;
	void *reader;
	unsigned char *base;
	speed_u64 bytes;
};

/* speed_view_map.c */
int view_map_create(struct view_table *t, size_t entries);
void view_map_destroy(struct view_table *t);
void view_map_settle(struct view_table *t);
int view_map_insert(void *map, speed_u64 key, speed_u64 value);
int view_map_delete(void *map, speed_u64 key);
int view_map_lookup(const void *key, size_t key_len, void *value,
		    size_t value_cap);

#endif /* SPEED_VIEW_H */
