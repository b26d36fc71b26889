/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A map that a verb works on, with the types it remembers; and what to tell
 * people when the kernel refuses.
 */
#ifndef GOMAPCTL_TARGET_H
#define GOMAPCTL_TARGET_H

#include <gomap.h>
#include <gomap_view.h>

#include "gomapctl.h"
#include "schema.h"

struct target {
	const char *name;
	struct gomap *map;
	struct gomap_view *view;	/* NULL until target_view() */
	struct gomap_ioc_info info;	/* as it was when the map was opened */
	struct schema schema;
};

/* Bytes of one entry, as read from the command line or a file. */
struct entry {
	unsigned char key[GOMAP_MAX_KEY_SIZE];
	unsigned char value[GOMAP_MAX_VALUE_SIZE];
	uint32_t key_len;
	uint32_t value_len;
};

/* EXIT_OK, or what was complained about. */
int check_name(const char *name);
int target_open(struct target *t, const char *name, uint32_t flags);
int target_create(struct target *t, const char *name, const char *key_type,
		  const char *value_type, const struct gomap_create_opts *opts);
int target_view(struct target *t);
void target_close(struct target *t);
int read_key(const struct target *t, const char *word, struct entry *entry);
int read_value(const struct target *t, const char *word, struct entry *entry);

/* Complain that @err kept us from what the sentence says, and say what to do. */
int refused(int err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The bare reason, for a line of its own. */
const char *refusal(int err);

/* Types, sizes and figures, in the words of all verbs that show them. */
json_t *map_json(const char *name, const struct schema *schema, uint64_t len,
		 uint32_t flags);

#endif /* GOMAPCTL_TARGET_H */
