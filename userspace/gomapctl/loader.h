/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Entries into a map, in batches.  An entry that the kernel refuses is a bad
 * line like any other; what concerns all of them ends the load.  With a journal
 * the loader first notes what the map held under each key, and can put it back.
 */
#ifndef GOMAPCTL_LOADER_H
#define GOMAPCTL_LOADER_H

#include "report.h"
#include "spool.h"
#include "watch.h"

struct loader {
	struct target *target;
	enum gomap_batch_opcode op;	/* INSERT, REPLACE or STORE */
	uint32_t most;			/* operations in a batch */
	struct report *report;
	struct watch *watch;
	struct spool *journal;		/* NULL: nothing is to be undone */
	uint64_t added, replaced;	/* so far */
	uint64_t bytes;			/* of the input, for the watch */
	bool all_or_nothing;		/* a refusal ends the load */

	struct gomap_batch *batch;
	struct gomap_batch *before;	/* lookups for the journal */
	uint64_t *lines;		/* of the operations in batch */
	uint32_t room;			/* operations until the next call */
};

/* 0 or a negative errno, after which the load is over. */
int loader_open(struct loader *loader);
int loader_add(struct loader *loader, uint64_t line, const struct entry *entry);
int loader_flush(struct loader *loader);
int loader_undo(struct loader *loader);
void loader_close(struct loader *loader);

#endif /* GOMAPCTL_LOADER_H */
