// SPDX-License-Identifier: GPL-2.0-only
/*
 * window.c - the place of each piece of a map's memory in its view.
 *
 * A view is a range of places, in pages, that is as long as it can ever get; what
 * it has of memory is mapped as it is touched (view.c).  A piece of memory gets a
 * place of its own size:
 *
 *	never named --show--> shown --hide--> hidden --show--> shown ...
 *
 *	never named	nobody was told of it: SIGBUS
 *	shown		the memory
 *	hidden		zeroes, for readers who were told of it before
 *
 * A place is used again only for memory of the same size, so places are neither
 * split nor merged, and those in use are a row by number that only becomes
 * longer: who was mapped is found by bisection.
 *
 * Zeroes that somebody has mapped have to be unmapped before the place is shown
 * again, which sleeps.  So who may not sleep takes a place that was never named,
 * and nothing is mapped there.
 *
 * Locks: @lock keeps what is mapped and what the places say the same: shared by
 * who maps, exclusive for who changes what a place shows.  @row_lock is for the
 * row and for what is hidden.  mmap_lock -> @lock -> the mapping's own locks ->
 * @row_lock; the map has its resize_mutex at most.  The mapping is our own and no
 * inode's: what is unmapped in it is nobody else's.
 */
#include <linux/align.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "window.h"

/* Pages that a view can have, and so addresses that its readers need. */
#if BITS_PER_LONG == 64
#define WINDOW_BYTES	(256ULL << 30)
#else
#define WINDOW_BYTES	(256ULL << 20)
#endif

#define UNITS_PER_PAGE	(PAGE_SIZE / GOMAP_VIEW_UNIT)

/**
 * struct window_place - pages that show one piece of memory, or none.
 * @first: The first page; constant.
 * @nr: Pages; constant.
 * @memory: What is shown; NULL: nothing any more.  Under @lock.
 * @next_hidden: The next one of this size that shows nothing; under @row_lock.
 */
struct window_place {
	pgoff_t first;
	pgoff_t nr;
	void *memory;
	struct window_place *next_hidden;
};

static struct dev_window *window_of(struct gomap_window *window)
{
	return container_of(window, struct dev_window, window);
}

static void window_release(struct kref *ref)
{
	struct dev_window *w = container_of(ref, struct dev_window, ref);
	struct window_place *place;
	unsigned long i;

	xa_for_each(&w->row, i, place)
		kfree(place);
	xa_destroy(&w->row);
	xa_destroy(&w->hidden);
	kfree(w);
}

void dev_window_put(struct dev_window *w)
{
	if (w)
		kref_put(&w->ref, window_release);
}

/* The place with this page, or NULL: it was never named. */
static struct window_place *place_of(struct dev_window *w, pgoff_t page)
{
	unsigned long low = 0, high = READ_ONCE(w->nr_places), middle;
	struct window_place *place;

	while (low < high) {
		middle = low + (high - low) / 2;
		place = xa_load(&w->row, middle);
		if (!place || page < place->first)
			high = middle;
		else if (page - place->first >= place->nr)
			low = middle + 1;
		else
			return place;
	}
	return NULL;
}

/* At the end of the row.  NULL: the window ends there, or there is no memory. */
static struct window_place *new_place(struct dev_window *w, pgoff_t nr,
				      void *memory, gfp_t gfp)
{
	struct window_place *place;
	bool fits;

	place = kzalloc(sizeof(*place), gfp | __GFP_ACCOUNT | __GFP_NOWARN);
	if (!place)
		return NULL;
	place->nr = nr;
	place->memory = memory;

	spin_lock_bh(&w->row_lock);
	place->first = w->end;
	fits = nr <= w->nr_pages - w->end &&
	       !xa_is_err(xa_store(&w->row, w->nr_places, place,
				   GFP_NOWAIT | __GFP_NOWARN));
	if (fits) {
		w->end += nr;
		WRITE_ONCE(w->nr_places, w->nr_places + 1);
	}
	spin_unlock_bh(&w->row_lock);
	if (!fits) {
		kfree(place);
		return NULL;
	}
	return place;
}

static struct window_place *take_hidden(struct dev_window *w, pgoff_t nr)
{
	struct window_place *place;

	spin_lock_bh(&w->row_lock);
	place = xa_load(&w->hidden, nr);
	if (place)
		xa_store(&w->hidden, nr, place->next_hidden, GFP_NOWAIT);
	spin_unlock_bh(&w->row_lock);
	return place;
}

/*
 * For the next piece of this size.  Where even that lacks memory the place stays
 * hidden for good.
 */
static void keep_hidden(struct dev_window *w, struct window_place *place)
{
	spin_lock_bh(&w->row_lock);
	place->next_hidden = xa_load(&w->hidden, place->nr);
	xa_store(&w->hidden, place->nr, place, GFP_NOWAIT | __GFP_NOWARN);
	spin_unlock_bh(&w->row_lock);
}

/* From now on the place shows this memory, or zeroes, and nothing else. */
static void change_place(struct dev_window *w, struct window_place *place,
			 void *memory)
{
	down_write(&w->lock);
	place->memory = memory;
	unmap_mapping_pages(&w->mapping, place->first, place->nr, true);
	up_write(&w->lock);
}

static u32 unit_of(const struct window_place *place)
{
	return place->first * UNITS_PER_PAGE;
}

static u32 window_show(struct gomap_window *window, void *p, size_t size,
		       gfp_t gfp)
{
	struct dev_window *w = window_of(window);
	struct window_place *place = NULL;
	pgoff_t nr = size >> PAGE_SHIFT;

	if (gfpflags_allow_blocking(gfp))
		place = take_hidden(w, nr);
	if (place)
		change_place(w, place, p);
	else
		place = new_place(w, nr, p, gfp);
	return place ? unit_of(place) : GOMAP_VIEW_ASK;
}

static void window_hide(struct gomap_window *window, u32 unit, size_t size)
{
	struct dev_window *w = window_of(window);
	struct window_place *place = place_of(w, unit / UNITS_PER_PAGE);

	if (WARN_ON_ONCE(!place || place->nr != size >> PAGE_SHIFT))
		return;
	change_place(w, place, NULL);
	keep_hidden(w, place);
}

static void window_get(struct gomap_window *window)
{
	kref_get(&window_of(window)->ref);
}

static void window_put(struct gomap_window *window)
{
	dev_window_put(window_of(window));
}

static const struct gomap_window_ops window_ops = {
	.show = window_show,
	.hide = window_hide,
	.get = window_get,
	.put = window_put,
};

/**
 * dev_window_create() - Make a window without any place in it.
 *
 * The reference is the caller's.
 *
 * Context: Process context, may sleep.
 * Return: The window, or NULL.
 */
struct dev_window *dev_window_create(void)
{
	static const struct address_space_operations no_ops;
	struct dev_window *w = kzalloc(sizeof(*w), GOMAP_GFP_CALL);

	if (!w)
		return NULL;
	kref_init(&w->ref);
	w->window.ops = &window_ops;
	w->window.bytes = WINDOW_BYTES;
	w->nr_pages = WINDOW_BYTES >> PAGE_SHIFT;
	init_rwsem(&w->lock);
	spin_lock_init(&w->row_lock);
	xa_init(&w->row);
	xa_init(&w->hidden);
	address_space_init_once(&w->mapping);
	w->mapping.a_ops = &no_ops;
	return w;
}

/* What lies there, as the kernel's allocators gave it. */
static unsigned long pfn_in(const struct window_place *place, pgoff_t page)
{
	void *p = place->memory + ((page - place->first) << PAGE_SHIFT);

	return is_vmalloc_addr(p) ? vmalloc_to_pfn(p) :
				    page_to_pfn(virt_to_page(p));
}

/**
 * dev_window_find() - What a page shows.
 * @w: The window.
 * @page: Number of the page.
 * @seen: Takes what is to be seen there.
 *
 * Context: Caller holds @w->lock, until whose release the answer is good.
 * Return: Whether the page was ever named.
 */
bool dev_window_find(struct dev_window *w, pgoff_t page,
		     struct dev_window_page *seen)
{
	struct window_place *place = place_of(w, page);

	lockdep_assert_held(&w->lock);

	if (!place)
		return false;
	seen->first = place->first;
	seen->end = place->first + place->nr;
	seen->is_hidden = !place->memory;
	seen->pfn = place->memory ? pfn_in(place, page) : 0;
	return true;
}
