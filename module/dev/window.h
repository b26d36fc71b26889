/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * window.h - the places of a map's memory in its view; see window.c.
 */
#ifndef GOMAP_DEV_WINDOW_H
#define GOMAP_DEV_WINDOW_H

#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/rwsem.h>
#include <linux/xarray.h>
#include <uapi/linux/gomap_view.h>

#include "dev.h"

/**
 * struct dev_window - the window of a map behind a descriptor.
 * @ref: The map's memory, and struct gomap_devmap.
 * @window: What the map knows of it.
 * @mapping: Who has mapped it; its files have it for their f_mapping.
 * @lock: See window.c.
 * @row_lock: Protects what follows.
 * @row: Places, by number, in the order of their pages.
 * @nr_places: How many there are.
 * @end: The first page that was never named.
 * @nr_pages: Pages in all; constant.
 * @hidden: The first of the hidden places of so many pages each.
 */
struct dev_window {
	struct kref ref;
	struct gomap_window window;
	struct address_space mapping;
	struct rw_semaphore lock;
	spinlock_t row_lock;
	struct xarray row;
	unsigned long nr_places;
	pgoff_t end;
	pgoff_t nr_pages;
	struct xarray hidden;
};

/**
 * struct dev_window_page - what a page shows.
 * @first: First page of its place.
 * @end: The page behind the last one.
 * @is_hidden: It shows zeroes; else @pfn.
 * @pfn: The page of memory.
 */
struct dev_window_page {
	pgoff_t first;
	pgoff_t end;
	bool is_hidden;
	unsigned long pfn;
};

struct dev_window *dev_window_create(void);
void dev_window_put(struct dev_window *w);
bool dev_window_find(struct dev_window *w, pgoff_t page,
		     struct dev_window_page *seen);

#endif /* GOMAP_DEV_WINDOW_H */
