// SPDX-License-Identifier: GPL-2.0-only
/*
 * layout.c - where keys and values lie in a bucket; see layout.h.
 */
#include <linux/align.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "bucket.h"
#include "layout.h"

/* The alignment that a field of this size has by nature, at most 8. */
static u32 natural_alignment(u32 size)
{
	return size ? min(size & -size, 8U) : 1;
}

static void field_init(struct gomap_field *f, u32 max, bool is_var,
		       bool is_stable)
{
	f->max = max;
	f->is_var = is_var;
	f->is_inline = max <= GOMAP_INLINE_MAX && !is_stable;
	if (is_var)
		f->prefix = is_stable ? sizeof(u64) : sizeof(u32);
	if (!f->is_inline)
		f->size = sizeof(u32);
	else if (is_var)
		f->size = ALIGN(sizeof(u16) + max, sizeof(u16));
	else
		f->size = max;
}

static u32 field_alignment(const struct gomap_field *f)
{
	/* A length before the bytes is all that wants to be aligned. */
	if (f->is_inline && f->is_var)
		return sizeof(u16);
	return natural_alignment(f->size);
}

static void lay_out_pairs(struct gomap_layout *l)
{
	u32 slot = l->key.size + l->value.size;

	l->key.offset = sizeof(struct gomap_bucket);
	l->key.stride = slot;
	l->value.offset = l->key.offset + l->key.size;
	l->value.stride = slot;
	l->pair_size = slot;
}

static void lay_out_groups(struct gomap_layout *l)
{
	l->key.offset = sizeof(struct gomap_bucket);
	l->key.stride = l->key.size;
	l->value.offset = ALIGN(l->key.offset + GOMAP_SLOTS * l->key.size,
				      field_alignment(&l->value));
	l->value.stride = l->value.size;
	l->pair_size = 0;
}

static u32 search_len(const struct gomap_field *key)
{
	bool has_copy = key->max == 4 || key->max == 8 || key->max == 16;

	return has_copy && !key->is_var ? key->max : 0;
}

/**
 * layout_init() - Lay out the buckets of a map.
 * @layout: Filled in.
 * @p: Sizes and flags, valid ones.
 *
 * Context: Any context.
 */
void layout_init(struct gomap_layout *layout, const struct gomap_params *p)
{
	struct gomap_field *key = &layout->key, *value = &layout->value;
	u32 key_alignment, value_alignment, slot;

	field_init(key, p->key_size, p->flags & GOMAP_F_VAR_KEY, false);
	field_init(value, p->value_size, p->flags & GOMAP_F_VAR_VALUE,
		   p->flags & GOMAP_F_STABLE);

	key_alignment = field_alignment(key);
	value_alignment = field_alignment(value);
	slot = key->size + value->size;
	if (key->size % value_alignment == 0 && slot % key_alignment == 0 &&
	    slot % value_alignment == 0)
		lay_out_pairs(layout);
	else
		lay_out_groups(layout);
	layout->search_len = search_len(key);
	layout->bucket_size = ALIGN(sizeof(struct gomap_bucket) +
					  GOMAP_SLOTS * slot, 8);
}

/**
 * object_fill() - Write a content into an arena object.
 * @f: The field that it belongs to.
 * @object: The object, of at least field_object_size() bytes.
 * @content: The content; NULL where @len is 0.
 * @len: Bytes of @content.
 *
 * Context: Any context; the object is not published, or its bucket's version
 *	is odd.
 */
void object_fill(const struct gomap_field *f, void *object,
		 const void *content, u32 len)
{
	if (f->is_var)
		WRITE_ONCE(*(u32 *)object, len);
	if (len)
		copy_bytes(object + f->prefix, content, len);
}

/**
 * field_put() - Write a field.
 * @f: The field.
 * @b: The bucket, its version odd or not published yet.
 * @slot: The slot.
 * @content: The content where it is inline; NULL where @len is 0.
 * @len: Bytes of @content.
 * @handle: The object with the content where it is not inline.
 *
 * Context: Any context; caller holds the bucket's stripe lock.
 */
void field_put(const struct gomap_field *f, struct gomap_bucket *b,
	       unsigned int slot, const void *content, u32 len, u32 handle)
{
	void *at = field_at(f, b, slot);

	if (!f->is_inline) {
		WRITE_ONCE(*(u32 *)at, handle);
		return;
	}
	if (f->is_var) {
		WRITE_ONCE(*(u16 *)at, (u16)len);
		at += sizeof(u16);
	}
	if (len)
		copy_bytes(at, content, len);
}

/**
 * field_clear() - Zero a field, so that nothing is left to be seen in it.
 * @f: The field.
 * @b: The bucket, its version odd.
 * @slot: The slot.
 *
 * A handle goes in one piece: readers follow what they find.
 *
 * Context: Any context; caller holds the bucket's stripe lock.
 */
void field_clear(const struct gomap_field *f, struct gomap_bucket *b,
		 unsigned int slot)
{
	if (f->is_inline)
		memset(field_at(f, b, slot), 0, f->size);
	else
		field_put(f, b, slot, NULL, 0, 0);
}
