/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* What the maps of the stand-in show in their views, and the order of that. */
#ifndef FAKE_SHOW_H
#define FAKE_SHOW_H

#include "fake_map.h"
#include "fake_view.h"

#define SHOW_BYTES	((size_t)FAKE_VIEW_UNITS * GOMAP_VIEW_UNIT)

/* The map as it is now, in SHOW_BYTES that were zeroed once. */
void show_map(const struct map *m, void *view);

/* 0 or -ESTALE; one that is all zero is begun. */
int show_check_cursor(const struct map *m, struct gomap_cursor *cursor);

/* The entry behind the cursor, which goes on to it; NULL: there are no more. */
struct item *show_next(const struct map *m, struct gomap_cursor *cursor);

#endif /* FAKE_SHOW_H */
