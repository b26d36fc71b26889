// SPDX-License-Identifier: GPL-2.0-only
/*
 * window.c - show memory, and hide it before it goes; see window.h.
 */
#include <linux/align.h>
#include <linux/err.h>
#include <linux/mm.h>

#include "window.h"

/**
 * window_size_of() - How much memory to take for contents.
 * @acct: Who holds it.
 * @size: Bytes that are needed.
 *
 * Context: Any context.
 * Return: Bytes: whole pages where they are shown, so that nothing of others
 *	lies beside them.
 */
size_t window_size_of(const struct gomap_account *acct, size_t size)
{
	return account_is_shown(acct) ? ALIGN(size, PAGE_SIZE) : size;
}

/**
 * window_show() - Show memory.
 * @acct: Who holds it, with a window.
 * @p: The memory, zeroed or filled with what may be seen.
 * @size: Bytes.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: Where it is seen, or GOMAP_VIEW_ASK: nowhere.
 */
u32 window_show(struct gomap_account *acct, void *p, size_t size, gfp_t gfp)
{
	return acct->window->ops->show(acct->window, p, ALIGN(size, PAGE_SIZE),
				       gfp);
}

/**
 * window_hide() - Hide memory that was shown.
 * @acct: Who holds it.
 * @unit: What window_show() said.
 * @size: Bytes.
 *
 * Context: Process context, may sleep.
 */
void window_hide(struct gomap_account *acct, u32 unit, size_t size)
{
	if (unit != GOMAP_VIEW_ASK)
		acct->window->ops->hide(acct->window, unit,
					ALIGN(size, PAGE_SIZE));
}

/**
 * pane_open() - Take zeroed memory and show it.
 * @pane: What to fill in.
 * @acct: Who is to hold it; without a window there is nothing to do.
 * @size: Bytes.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: 0, also where it could not be shown; or -ENOMEM or -EDQUOT.
 */
int pane_open(struct window_pane *pane, struct gomap_account *acct, size_t size,
	      gfp_t gfp)
{
	void *p;

	*pane = (struct window_pane){};
	if (!account_is_shown(acct))
		return 0;
	size = window_size_of(acct, size);
	p = account_alloc(acct, size, ACCOUNT_CONTENT, gfp);
	if (IS_ERR(p))
		return PTR_ERR(p);
	*pane = (struct window_pane){
		.p = p,
		.size = size,
		.unit = window_show(acct, p, size, gfp),
	};
	return 0;
}

/**
 * pane_close() - Hide memory and give it back.
 * @pane: What pane_open() has filled in.
 * @acct: Who holds it.
 *
 * Context: Process context, may sleep.
 */
void pane_close(struct window_pane *pane, struct gomap_account *acct)
{
	if (!pane->p)
		return;
	window_hide(acct, pane->unit, pane->size);
	account_free(acct, pane->p, pane->size, ACCOUNT_CONTENT);
}
