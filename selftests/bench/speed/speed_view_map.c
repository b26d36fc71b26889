// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_view_map.c - a map with a view: the kernel's side of it.
 *
 * What a module does by page tables is done here by taking all memory that can be
 * shown from one region: so the reader's side is what it is in a program, and the
 * map's what it is in a kernel.
 */
#include <sys/mman.h>

#include <linux/err.h>
#include <linux/gomap.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <uapi/linux/gomap_view.h>

#include "speed_view.h"

#define REGION_BYTES	(16ULL << 30)
#define SIZES_MAX	2048	/* pages of a piece that is used again */

/**
 * struct region - memory of one map, all of it to be seen.
 * @window: What the map knows of it.
 * @base: Where it is.
 * @end: The first byte that was never used.
 * @freed: Pieces that were given back, by their pages, each with the next one in
 *	its first word.
 */
struct region {
	struct gomap_window window;
	unsigned char *base;
	size_t end;
	void *freed[SIZES_MAX];
};

static void *region_alloc(void *ctx, size_t size, gfp_t gfp)
{
	struct region *r = ctx;
	size_t pages = size / PAGE_SIZE;
	void *p;

	if (size % PAGE_SIZE)
		return calloc(1, size);
	if (pages < SIZES_MAX && r->freed[pages]) {
		p = r->freed[pages];
		r->freed[pages] = *(void **)p;
	} else {
		p = r->base + r->end;
		r->end += size;
		speed_expect(r->end <= REGION_BYTES);
	}
	return memset(p, 0, size);
}

static void region_free(void *ctx, void *p, size_t size)
{
	struct region *r = ctx;
	size_t pages = size / PAGE_SIZE;

	if (size % PAGE_SIZE) {
		free(p);
	} else if (pages < SIZES_MAX) {
		*(void **)p = r->freed[pages];
		r->freed[pages] = p;
	}
}

static const struct gomap_alloc_ops region_ops = {
	.alloc = region_alloc,
	.free = region_free,
};

static u32 region_show(struct gomap_window *window, void *p, size_t size,
		       gfp_t gfp)
{
	struct region *r = container_of(window, struct region, window);

	return ((unsigned char *)p - r->base) / GOMAP_VIEW_UNIT;
}

static void region_hide(struct gomap_window *window, u32 unit, size_t size)
{
}

static void region_get(struct gomap_window *window)
{
}

/* The last memory has gone. */
static void region_put(struct gomap_window *window)
{
	struct region *r = container_of(window, struct region, window);

	munmap(r->base, REGION_BYTES);
	free(r);
}

static const struct gomap_window_ops window_ops = {
	.show = region_show,
	.hide = region_hide,
	.get = region_get,
	.put = region_put,
};

/* In large pages, as a kernel has its memory for itself. */
static struct region *region_create(void)
{
	struct region *r = calloc(1, sizeof(*r));

	speed_expect(!!r);
	r->window.ops = &window_ops;
	r->window.bytes = REGION_BYTES;
	r->base = mmap(NULL, REGION_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	speed_expect(r->base != MAP_FAILED);
	madvise(r->base, REGION_BYTES, MADV_HUGEPAGE);
	return r;
}

/* The one that there is: for those who have no more than its descriptor. */
static struct gomap *the_map;

int view_map_create(struct view_table *t, size_t entries)
{
	struct region *r = region_create();
	struct gomap_params params = {
		.key_size = SPEED_KEY,
		.value_size = SPEED_VALUE,
		.hint = entries,
		.alloc_ops = &region_ops,
		.alloc_ctx = r,
		.window = &r->window,
	};

	t->map = the_map = gomap_create(&params);
	t->base = r->base;
	t->bytes = REGION_BYTES;
	return IS_ERR(t->map) ? PTR_ERR(t->map) : 0;
}

void view_map_destroy(struct view_table *t)
{
	gomap_put(t->map);
	gomap_barrier();
}

void view_map_settle(struct view_table *t)
{
	speed_expect(!gomap_finish_resize(t->map));
	gomap_barrier();
}

int view_map_insert(void *map, speed_u64 key, speed_u64 value)
{
	return gomap_insert(map, &key, 8, &value, 8, GFP_KERNEL);
}

int view_map_delete(void *map, speed_u64 key)
{
	return gomap_delete(map, &key, 8);
}

int view_map_lookup(const void *key, size_t key_len, void *value,
		    size_t value_cap)
{
	return gomap_lookup(the_map, key, key_len, value, value_cap);
}
