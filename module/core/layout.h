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

#include <linux/compiler.h>
#include <linux/gomap.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "../arena/arena.h"

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
 * @pair_size: Bytes of a key with its value behind it; 0: they lie apart.
 * @search_len: Bytes of a key, if the search has a copy for this length.
 * @bucket_size: Bytes of a bucket.
 */
struct gomap_layout {
	struct gomap_field key;
	struct gomap_field value;
	u32 pair_size;
	u32 search_len;
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

/*
 * memcpy(), without a call for the sizes that most keys and values have: also in
 * a kernel that is built with -fno-builtin, as User-mode Linux is.
 */
static __always_inline void *copy_bytes(void *to, const void *from, u32 len)
{
	switch (len) {
	case 4:
		return __builtin_memcpy(to, from, 4);
	case 8:
		return __builtin_memcpy(to, from, 8);
	case 16:
		return __builtin_memcpy(to, from, 16);
	default:
		return memcpy(to, from, len);
	}
}

/* The handle in a field, or 0: there is none, or the content is inline. */
static inline u32 field_handle(const struct gomap_field *f,
			       struct gomap_bucket *b, unsigned int slot)
{
	return f->is_inline ? 0 : READ_ONCE(*(u32 *)field_at(f, b, slot));
}

static inline const void *inline_content(const struct gomap_field *f,
					 const void *at, u32 *len)
{
	if (!f->is_var) {
		*len = f->max;
		return at;
	}
	*len = min_t(u32, READ_ONCE(*(const u16 *)at), f->max);
	return at + sizeof(u16);
}

static inline const void *object_content(const struct gomap_field *f,
					 const void *object, u32 size, u32 *len)
{
	if (!f->is_var) {
		*len = f->max;
		return size < f->max ? NULL : object;
	}
	*len = min3(READ_ONCE(*(const u32 *)object), f->max, size - f->prefix);
	return object + f->prefix;
}

/**
 * field_get() - Where the content of a field lies, and how long it is.
 * @f: The field.
 * @arena: Where handles lead to.
 * @b: The bucket.
 * @slot: The slot.
 * @len: Takes the bytes of the content.
 *
 * Also for a reader who looks while the slot is being written.  Then the
 * answer may be wrong, but it is safe: the content lies in memory of the map
 * and is as long as @len says.
 *
 * Context: Any context; caller is in an RCU read-side critical section.
 * Return: The content, or NULL: there is none.
 */
static inline const void *field_get(const struct gomap_field *f,
				    const struct gomap_arena *arena,
				    struct gomap_bucket *b, unsigned int slot,
				    u32 *len)
{
	const void *object;
	u32 size;

	if (f->is_inline)
		return inline_content(f, field_at(f, b, slot), len);

	object = arena_object(arena, field_handle(f, b, slot), &size);
	if (!object)
		return NULL;
	return object_content(f, object, size, len);
}

void field_put(const struct gomap_field *f, struct gomap_bucket *b,
	       unsigned int slot, const void *content, u32 len, u32 handle);
void field_clear(const struct gomap_field *f, struct gomap_bucket *b,
		 unsigned int slot);
void object_fill(const struct gomap_field *f, void *object,
		 const void *content, u32 len);

#endif /* GOMAP_LAYOUT_H */
