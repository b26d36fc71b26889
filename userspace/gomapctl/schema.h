/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The pair of types that a map remembers in its schema field, "mac str:64":
 * gomapctl's own words, which mean nothing to the kernel.
 */
#ifndef GOMAPCTL_SCHEMA_H
#define GOMAPCTL_SCHEMA_H

#include "types.h"

struct schema {
	struct type key;
	struct type value;
	bool foreign;	/* not ours, or it does not fit the map: all is hex */
};

int schema_parse(struct schema *schema, const char *key, const char *value,
		 struct why *why);
void schema_write(const struct schema *schema, char words[GOMAP_SCHEMA_LEN]);

/* GOMAP_MAP_VAR_* bits that maps of these types are created with. */
uint32_t schema_flags(const struct schema *schema);

/* What a map says of itself; anything that does not fit it is foreign. */
void schema_of_map(struct schema *schema, const char *words, uint32_t key_size,
		   uint32_t value_size, uint32_t flags);

#endif /* GOMAPCTL_SCHEMA_H */
