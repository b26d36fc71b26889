/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * window.h - a window for maps of the tests: memory that can be shown comes from
 * one region, and the view is that region.
 *
 * It holds the map to what it promises: what is shown was zeroed, is shown once
 * and hidden once, and hidden before it is given back.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <sys/mman.h>

#include "../../module/arena/window.h"
#include "test.h"

#define REGION_BYTES	(1ULL << 30)
#define REGION_PAGES	(REGION_BYTES / PAGE_SIZE)

enum page_state {
	PAGE_FREE,
	PAGE_TAKEN,
	PAGE_SHOWN,
};

/**
 * struct test_window - a window, and the memory behind it.
 * @window: What the map knows of it.
 * @base: The region.
 * @end: The first of its pages that was never in use.
 * @state: Of each page.
 * @freed: Pages at the start of a free piece, by how many it has.
 * @refs: What the map holds.
 * @shown: Pages that are shown.
 * @calls: Calls of show.
 * @refuse_nth: This call is refused; 0: none.
 * @no_memory: There is no more memory.
 * @on_show: Called whenever something is shown; NULL: nothing.
 * @on_show_arg: Its argument.
 */
struct test_window {
	struct gomap_window window;
	u8 *base;
	size_t end;
	u8 state[REGION_PAGES];
	size_t freed[2048][64];
	u32 nr_freed[2048];
	int refs;
	size_t shown;
	unsigned long calls;
	unsigned long refuse_nth;
	bool no_memory;
	void (*on_show)(void *arg);
	void *on_show_arg;
};

static inline bool is_of_region(const struct test_window *w, const void *p)
{
	return (u8 *)p >= w->base && (u8 *)p < w->base + REGION_BYTES;
}

static inline bool is_zero(const void *p, size_t len)
{
	const u8 *bytes = p;

	while (len--)
		if (*bytes++)
			return false;
	return true;
}

static inline void pages_turn(struct test_window *w, size_t first, size_t nr,
			      enum page_state from, enum page_state to)
{
	for (; nr--; first++) {
		CHECK_EQ(w->state[first], from);
		w->state[first] = to;
	}
}

static void *region_alloc(void *ctx, size_t size, gfp_t gfp)
{
	struct test_window *w = ctx;
	size_t nr = size / PAGE_SIZE, first;

	(void)gfp;
	if (w->no_memory)
		return NULL;
	if (size % PAGE_SIZE)
		return calloc(1, size);
	if (nr < ARRAY_SIZE(w->nr_freed) && w->nr_freed[nr]) {
		first = w->freed[nr][--w->nr_freed[nr]];
	} else {
		first = w->end;
		w->end += nr;
		CHECK(w->end <= REGION_PAGES);
	}
	pages_turn(w, first, nr, PAGE_FREE, PAGE_TAKEN);
	return w->base + first * PAGE_SIZE;
}

static void region_free(void *ctx, void *p, size_t size)
{
	struct test_window *w = ctx;
	size_t nr = size / PAGE_SIZE, first;

	if (!is_of_region(w, p)) {
		free(p);
		return;
	}
	first = ((u8 *)p - w->base) / PAGE_SIZE;
	pages_turn(w, first, nr, PAGE_TAKEN, PAGE_FREE);
	memset(p, 0, size);
	if (nr < ARRAY_SIZE(w->nr_freed) &&
	    w->nr_freed[nr] < ARRAY_SIZE(w->freed[nr]))
		w->freed[nr][w->nr_freed[nr]++] = first;
}

static const struct gomap_alloc_ops region_ops = {
	.alloc = region_alloc,
	.free = region_free,
};

static u32 region_show(struct gomap_window *window, void *p, size_t size,
		       gfp_t gfp)
{
	struct test_window *w = container_of(window, struct test_window,
					     window);
	size_t first = ((u8 *)p - w->base) / PAGE_SIZE;

	(void)gfp;
	CHECK(is_of_region(w, p));
	CHECK_EQ(size % PAGE_SIZE, 0);
	CHECK(is_zero(p, size));
	if (w->on_show)
		w->on_show(w->on_show_arg);
	w->calls++;
	if (w->calls == w->refuse_nth)
		return GOMAP_VIEW_ASK;
	pages_turn(w, first, size / PAGE_SIZE, PAGE_TAKEN, PAGE_SHOWN);
	w->shown += size / PAGE_SIZE;
	return first;
}

/* Who looks sees zeroes from now on, whatever becomes of the memory. */
static void region_hide(struct gomap_window *window, u32 unit, size_t size)
{
	struct test_window *w = container_of(window, struct test_window,
					     window);

	pages_turn(w, unit, size / PAGE_SIZE, PAGE_SHOWN, PAGE_TAKEN);
	w->shown -= size / PAGE_SIZE;
	memset(w->base + unit * PAGE_SIZE, 0, size);
}

static void region_get(struct gomap_window *window)
{
	container_of(window, struct test_window, window)->refs++;
}

static void region_put(struct gomap_window *window)
{
	container_of(window, struct test_window, window)->refs--;
}

static const struct gomap_window_ops region_window_ops = {
	.show = region_show,
	.hide = region_hide,
	.get = region_get,
	.put = region_put,
};

static inline struct test_window *window_open(void)
{
	struct test_window *w = calloc(1, sizeof(*w));

	CHECK(w);
	w->window.ops = &region_window_ops;
	w->window.bytes = REGION_BYTES;
	w->base = mmap(NULL, REGION_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(w->base != MAP_FAILED);
	return w;
}

/* The map has gone, and everything that was shown with it. */
static inline void window_close(struct test_window *w)
{
	CHECK_EQ(w->refs, 0);
	CHECK_EQ(w->shown, 0);
	munmap(w->base, REGION_BYTES);
	free(w);
}

static inline struct gomap *window_map(struct test_window *w,
				       struct gomap_params params)
{
	struct gomap *m;

	params.window = &w->window;
	params.alloc_ops = &region_ops;
	params.alloc_ctx = w;
	m = gomap_create(&params);
	CHECK(!IS_ERR(m));
	return m;
}

static inline const void *at_unit(const struct test_window *w, u32 unit)
{
	CHECK(unit < REGION_PAGES && w->state[unit] == PAGE_SHOWN);
	return w->base + (size_t)unit * GOMAP_VIEW_UNIT;
}

#endif /* WINDOW_H */
