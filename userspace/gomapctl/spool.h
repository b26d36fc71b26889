/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Entries kept aside in a temporary file: what a strict load has read before it
 * touches the map, and what the map held before, so that it can be undone.
 * Written once to the end, then read from the beginning or from the end.
 */
#ifndef GOMAPCTL_SPOOL_H
#define GOMAPCTL_SPOOL_H

#include "target.h"

struct spool {
	FILE *file;
};

struct spooled {
	uint64_t line;		/* of the input */
	uint32_t existed;	/* undoing: the key was there, with this value */
	struct entry *entry;
};

/* All of them: 0 (or 1: an entry) or a negative errno. */
int spool_open(struct spool *spool);
int spool_add(struct spool *spool, uint64_t line, bool existed,
	      const void *key, uint32_t key_len,
	      const void *value, uint32_t value_len);
int spool_to_start(struct spool *spool);
int spool_to_end(struct spool *spool);
int spool_next(struct spool *spool, struct spooled *out);
int spool_previous(struct spool *spool, struct spooled *out);
void spool_close(struct spool *spool);

#endif /* GOMAPCTL_SPOOL_H */
