/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view.h - what a map shows to readers outside the kernel.
 *
 * How it is read, what the reader relies on, and which barriers pair, stands in
 * <linux/gomap_view.h>.  The map's own memory is what is shown: buckets and
 * objects lie where they always do, in panes (arena/window.h).  What is written
 * for readers besides is
 *	where spans are		table.c, with a span
 *	where objects are	arena/directory.c, with a chunk
 *	tables			here, when one is published
 *	the number of entries	count.h, with each entry
 * and what is unwritten for their sake:
 *	a deleted entry		as ever, bucket.h
 *	an evacuated bucket	here
 *	a freed object		arena/grace.c
 *	the rest of a value that became shorter, layout.h and write.c
 *
 * Nothing that is shown but buckets and objects is ever read by the map, and
 * nobody who looks can write any of it.
 */
#ifndef GOMAP_CORE_VIEW_H
#define GOMAP_CORE_VIEW_H

#include "core.h"

int view_create(struct gomap *m);
void view_destroy(struct gomap *m);
void view_show_table(struct gomap *m, const struct gomap_table *t);
void view_wipe_bucket(const struct gomap *m, struct gomap_bucket *b);
void view_add_to_len(struct gomap *m, s64 change);
void view_count_nothing(struct gomap *m);

/* Count entries that were added, or removed, where that is to be seen. */
static __always_inline void view_count(struct gomap *m, s64 change)
{
	if (unlikely(m->view.super))
		view_add_to_len(m, change);
}

#endif /* GOMAP_CORE_VIEW_H */
