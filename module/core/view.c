// SPDX-License-Identifier: GPL-2.0-only
/*
 * view.c - the first page of a view, kept up to date; see view.h.
 */
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <uapi/linux/gomap.h>

#include "view.h"

static_assert(sizeof(struct gomap_view_array) == 48);
static_assert(sizeof(struct gomap_view_super) == 256);
static_assert(offsetof(struct gomap_view_super, len) == 64);
static_assert(offsetof(struct gomap_view_super, sequence) == 128);
static_assert(offsetof(struct gomap_view_super, old) == 192);
static_assert(ARENA_OBJECT_MAX / 8 < 1U << GOMAP_VIEW_SIZE_BITS);

/* The map's flags in the words that its readers know. */
static u32 shown_flags(u32 flags)
{
	static const struct {
		u32 meant;
		u32 shown;
	} words[] = {
		{ GOMAP_F_VAR_KEY, GOMAP_MAP_VAR_KEY },
		{ GOMAP_F_VAR_VALUE, GOMAP_MAP_VAR_VALUE },
		{ GOMAP_F_STRICT, GOMAP_MAP_STRICT },
		{ GOMAP_F_NO_SHRINK, GOMAP_MAP_NO_SHRINK },
		{ GOMAP_F_STABLE, GOMAP_MAP_STABLE },
		{ GOMAP_F_TRUSTED_KEYS, GOMAP_MAP_TRUSTED_KEYS },
	};
	u32 shown = GOMAP_MAP_VIEW;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (flags & words[i].meant)
			shown |= words[i].shown;
	return shown;
}

static void show_layout(const struct gomap *m, struct gomap_view_super *super)
{
	const struct gomap_layout *l = &m->layout;

	super->map_flags = shown_flags(m->params.flags);
	super->key_size = m->params.key_size;
	super->value_size = m->params.value_size;
	super->bucket_size = l->bucket_size;
	super->key_offset = l->key.offset;
	super->key_stride = l->key.stride;
	super->value_offset = l->value.offset;
	super->value_stride = l->value.stride;
}

/**
 * view_create() - Show the first page, if the map is to be shown.
 * @m: The map, its layout known, and nothing shown of it yet.
 *
 * Its tables are for view_show_table(); until then the sequence is odd.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM or -EDQUOT.
 */
int view_create(struct gomap *m)
{
	struct gomap_view *view = &m->view;
	int err;

	err = pane_open(&view->pane, m->account, sizeof(*view->super),
			GFP_KERNEL);
	if (err || !view->pane.p)
		return err;
	/* Readers look for it at the start. */
	if (view->pane.unit) {
		view_destroy(m);
		return -ENOMEM;
	}

	view->super = view->pane.p;
	view->super->abi = GOMAP_VIEW_ABI;
	view->super->size = sizeof(*view->super);
	view->super->window = m->params.window->bytes;
	view->super->sequence = 1;
	show_layout(m, view->super);
	view->super->magic = GOMAP_VIEW_MAGIC;
	return 0;
}

/**
 * view_destroy() - Take the first page away.
 * @m: The map, whose tables have gone or were never shown.
 *
 * Context: Process context, may sleep.
 */
void view_destroy(struct gomap *m)
{
	pane_close(&m->view.pane, m->account);
}

/* An array under the seed of its keys, or none. */
static void show_array(struct gomap_view_array *shown,
		       const struct gomap_array *array,
		       const struct gomap_seed *seed)
{
	if (!array) {
		*shown = (struct gomap_view_array){};
		return;
	}
	shown->spans = array->units.unit;
	shown->mask = array->mask;
	shown->span_shift = array->span_shift;
	memcpy(shown->seed, seed->state, sizeof(shown->seed));
}

static void show_table(struct gomap_view_super *super,
		       const struct gomap_table *t)
{
	super->hash = t->seed.function;
	super->root = t->arena->root.unit;
	super->resizing = t->resizing;
	super->generation = t->generation;
	super->seed_generation = t->seed_generation;
	show_array(&super->array, t->array, &t->seed);
	show_array(&super->old, t->old,
		   table_is_rekeying(t) ? &t->old_seed : &t->seed);
}

/**
 * view_show_table() - Let readers see a table that was published.
 * @m: The map, with a view or without.
 * @t: The table, current.
 *
 * Nobody writes between the publication and this, so they are one.
 *
 * Context: Caller holds all stripe locks, or is the first one.
 */
void view_show_table(struct gomap *m, const struct gomap_table *t)
{
	struct gomap_view_super *super = m->view.super;

	if (!super)
		return;
	/* The letters are those of <linux/gomap_view.h>. */
	WRITE_ONCE(super->sequence, super->sequence | 1);
	smp_wmb();	/* W, pairs with X */
	show_table(super, t);
	smp_store_release(&super->sequence, super->sequence + 1); /* U, with V */
}

/**
 * view_wipe_bucket() - Leave nothing to be seen in a bucket that was evacuated.
 * @m: The map.
 * @b: The bucket, its version odd.
 *
 * Context: Caller holds the bucket's stripe lock.
 */
void view_wipe_bucket(const struct gomap *m, struct gomap_bucket *b)
{
	memset(b->data, 0, m->layout.bucket_size - sizeof(*b));
}

static atomic64_t *shown_len(struct gomap *m)
{
	return (atomic64_t *)&m->view.super->len;
}

/**
 * view_add_to_len() - Count entries for readers.
 * @m: The map, with a view.
 * @change: How many were added, or removed if it is negative.
 *
 * Context: Caller holds a stripe lock.
 */
void view_add_to_len(struct gomap *m, s64 change)
{
	atomic64_add(change, shown_len(m));
}

/**
 * view_count_nothing() - Tell readers that there are no entries.
 * @m: The map, with a view or without.
 *
 * Context: Caller holds all stripe locks.
 */
void view_count_nothing(struct gomap *m)
{
	if (m->view.super)
		atomic64_set(shown_len(m), 0);
}
