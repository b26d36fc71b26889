/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout.h - where keys and values lie in a bucket, and how they are read.
 *
 * A *field* is the key or the value of a slot:
 *
 *	              content up to 128 bytes    longer content
 *	fixed size    the bytes                  handle -> the bytes
 *	variable      u16 length, the bytes      handle -> u32 length, the bytes
 *
 * Values of a map with GOMAP_F_STABLE are long, however short they are, and
 * begin at a multiple of 8 bytes: their length, if they have one, is a u64.
 *
 * A bucket is its header, then eight slots.  Keys lie beside their values
 * (K V K V ...) where that costs no padding, for it saves a cache line per hit
 * and a tenth of the time; otherwise all keys come first (K K ... V V ...), as
 * in Go.  Either way a field is at offset + slot * stride, and no byte of a
 * bucket is padding, but for the rounding of its size to 8.
 */
#ifndef GOMAP_LAYOUT_H
#define GOMAP_LAYOUT_H

#include <linux/gomap.h>
#include <linux/types.h>

struct gomap_arena;
struct gomap_bucket;

/**
 * struct gomap_field - one field of the slots of a map.  Constant.
 * @max: Bytes of the longest content.
 * @size: Bytes that the field takes in its slot.
 * @offset: Of the field of slot 0, bytes from the start of the bucket.
 * @stride: Bytes from the field of one slot to that of the next.
 * @prefix: Bytes before the content in its object: the length, if it varies.
 * @is_var: Its length varies.
 * @is_inline: The content lies in the slot.
 */
struct gomap_field {
	u32 max;
	u32 size;
	u32 offset;
	u32 stride;
	u32 prefix;
	bool is_var;
	bool is_inline;
};

/**
 * struct gomap_layout - the shape of a map's buckets.  Constant.
 * @key: The keys.
 * @value: The values.
 * @bucket_size: Bytes of a bucket.
 */
struct gomap_layout {
	struct gomap_field key;
	struct gomap_field value;
	u32 bucket_size;
};

void layout_init(struct gomap_layout *layout, const struct gomap_params *p);

/* Would a content of this length be right for the field? */
static inline bool field_accepts(const struct gomap_field *f, u32 len)
{
	return f->is_var ? len <= f->max : len == f->max;
}

/* Bytes of the arena object that a content of this length needs. */
static inline u32 field_object_size(const struct gomap_field *f, u32 len)
{
	return f->prefix + len;
}

static inline void *field_at(const struct gomap_field *f,
			     struct gomap_bucket *b, unsigned int slot)
{
	return (void *)b + f->offset + slot * f->stride;
}

u32 field_handle(const struct gomap_field *f, struct gomap_bucket *b,
		 unsigned int slot);
const void *field_get(const struct gomap_field *f,
		      const struct gomap_arena *arena, struct gomap_bucket *b,
		      unsigned int slot, u32 *len);
void field_put(const struct gomap_field *f, struct gomap_bucket *b,
	       unsigned int slot, const void *content, u32 len, u32 handle);
void field_clear(const struct gomap_field *f, struct gomap_bucket *b,
		 unsigned int slot);
void object_fill(const struct gomap_field *f, void *object,
		 const void *content, u32 len);

#endif /* GOMAP_LAYOUT_H */
