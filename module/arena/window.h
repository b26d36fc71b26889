/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * window.h - memory of a map that others look at through a window.
 *
 * A *pane* is memory that is shown as a whole: whole pages that hold nothing but
 * what may be seen, zeroed before that and hidden before they are given back.
 * Where a map has no window a pane is nothing, and costs nothing.
 *
 * Who looks is outside RCU.  What he may find where memory was is zeroes, and
 * whether it meant anything he finds out by himself: see <linux/gomap_view.h>.
 */
#ifndef GOMAP_WINDOW_H
#define GOMAP_WINDOW_H

#include <linux/gfp.h>
#include <linux/types.h>
#include <uapi/linux/gomap_view.h>

#include "account.h"

/**
 * struct window_pane - memory that is shown.
 * @p: The memory; NULL: there is no window.
 * @size: Bytes, whole pages.
 * @unit: Where it is seen, or GOMAP_VIEW_ASK: it is not.
 */
struct window_pane {
	void *p;
	size_t size;
	u32 unit;
};

/* Is there a window? */
static inline bool account_is_shown(const struct gomap_account *acct)
{
	return acct->window;
}

int pane_open(struct window_pane *pane, struct gomap_account *acct, size_t size,
	      gfp_t gfp);
void pane_close(struct window_pane *pane, struct gomap_account *acct);

size_t window_size_of(const struct gomap_account *acct, size_t size);
u32 window_show(struct gomap_account *acct, void *p, size_t size, gfp_t gfp);
void window_hide(struct gomap_account *acct, u32 unit, size_t size);

#endif /* GOMAP_WINDOW_H */
