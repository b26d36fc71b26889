/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * How entries are written one after the other, none of them kept: as text for
 * people, and in the formats that load reads back.
 */
#ifndef GOMAPCTL_FORMAT_H
#define GOMAPCTL_FORMAT_H

#include "target.h"

struct format {
	const char *name;
	/* 0, or -1 and why this format cannot hold the entry. */
	int (*write)(const struct schema *schema, const struct gomap_entry *e,
		     FILE *out, struct why *why);
	void (*header)(const struct schema *schema, FILE *out);
};

/* By name: text, csv, tsv, jsonl.  NULL: there is none of that name. */
const struct format *find_format(const char *name);

/* {"key": ..., "value": ...}, the value left out in a set. */
json_t *entry_to_json(const struct schema *schema, const struct gomap_entry *e);

#endif /* GOMAPCTL_FORMAT_H */
