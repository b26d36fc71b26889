/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A map and all that is known of it: which items are in it and which value each
 * has.  An item is a number; its key follows from it, its value from the number
 * and a version.  So what the map holds can be compared with what it should,
 * to the last byte.
 */
#ifndef GOMAP_SELFTEST_WORLD_H
#define GOMAP_SELFTEST_WORLD_H

#include "common.h"

#define WORLD_ITEMS	144
#define WORLD_KEY_MAX	320
#define WORLD_VALUE_MAX	4096

/* An item with a long key, where keys vary. */
#define WORLD_PICK	7

/* Values of these versions differ in length where that may vary, up to LONG. */
#define VERSION_SHORT	0
#define VERSION_LONG	3
#define VERSIONS	4	/* and on from here it starts with a short one */

struct world_item {
	bool present;
	__u32 version;
};

struct world {
	struct gm_shape shape;
	__u32 pick;		/* which of its items operations are about */
	int control;
	int map;
	char name[GOMAP_NAME_LEN];
	struct world_item items[WORLD_ITEMS];
};

/* What the map is to be doing when it is looked at. */
enum world_state {
	STATE_EMPTY,		/* nothing was ever inserted */
	STATE_SETTLED,		/* at rest, with some overflow buckets */
	STATE_FULL,		/* the next new key makes it grow */
	STATE_GROWING,
	STATE_SHEDDING,		/* moving to as many buckets */
	STATE_SHRINKING,
	STATE_REKEYING,
	WORLD_STATES
};

extern const char *const world_state_names[WORLD_STATES];

/*
 * Keep gomap's worker off as long as this thread does not sleep: a resize then
 * stays where it is.  0, or -errno.
 */
int world_hold_still(void);

/* A named map in this state.  0, or why there is none. */
int world_build(struct world *w, int control, struct gm_shape shape,
		enum world_state state);
/* An empty map.  0 or -errno. */
int world_open(struct world *w, int control, struct gm_shape shape);
void world_close(struct world *w);

/* Bytes of the key, which is put into @key; the same for a value. */
__u32 world_key(const struct world *w, __u32 item, void *key);
__u32 world_value(const struct world *w, __u32 item, __u32 version,
		  void *value);
/* The item that a key belongs to; WORLD_ITEMS: none. */
__u32 world_item_of_key(const void *key, __u32 key_len);

/* The n-th item that is in the map, or not; any item if there are not so many. */
__u32 world_nth(const struct world *w, bool present, __u32 n);
__u32 world_len(const struct world *w);

/* Insert or delete items for good.  0 or -errno. */
int world_insert(struct world *w, __u32 first, __u32 count);
int world_delete(struct world *w, __u32 first, __u32 count);

/* Does the map hold what it should, all of it and nothing else? */
bool world_matches(const struct world *w, bool say);
/* The same, and no invariant is broken. */
bool world_is_sound(const struct world *w);

#endif /* GOMAP_SELFTEST_WORLD_H */
