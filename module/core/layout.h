/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout.h - how the fields of a slot are read and written in the kernel.
 *
 * What a field is, and where it lies, is in slots.h, which programs that map a
 * view share.  Here a handle leads into the map's arena, and fields are written.
 *
 * How a layout is made stands in shape.h.
 */
#ifndef GOMAP_LAYOUT_H
#define GOMAP_LAYOUT_H

#include <linux/compiler.h>
#include <linux/gomap.h>
#include <linux/string.h>
#include <linux/types.h>

#include "../arena/arena.h"
#include "slots.h"

/* The kernel's short names for what it has from slots.h as it is. */
#define field_accepts	gomap_field_accepts
#define field_len	gomap_field_len
#define field_at	gomap_field_at
#define field_handle	gomap_field_handle
#define copy_bytes	gomap_copy_bytes

/* Where a handle leads to, for slots.h: objects have the size that they should. */
static __always_inline const void *object_of(void *arena, u32 handle, u32 least,
					     u32 *size)
{
	return arena_object(arena, handle, size);
}

/* Bytes of the arena object that a content of this length needs. */
static __always_inline u32 field_object_size(const struct gomap_field *f, u32 len)
{
	return f->prefix + len;
}

/* memset() to zero, likewise. */
static __always_inline void clear_bytes(void *at, u32 len)
{
	switch (len) {
	case 4:
		__builtin_memset(at, 0, 4);
		return;
	case 8:
		__builtin_memset(at, 0, 8);
		return;
	case 16:
		__builtin_memset(at, 0, 16);
		return;
	default:
		memset(at, 0, len);
	}
}

/**
 * field_get() - Where the content of a field lies, and how long it is.
 * @f: The field.
 * @arena: Where handles lead to.
 * @b: The bucket.
 * @slot: The slot.
 * @len: Takes the bytes of the content.
 *
 * Also for a reader who looks while the slot is being written, see
 * gomap_field_get().
 *
 * Context: Any context; caller is in an RCU read-side critical section.
 * Return: The content, or NULL: there is none.
 */
static __always_inline const void *field_get(const struct gomap_field *f,
				    const struct gomap_arena *arena,
				    struct gomap_bucket *b, unsigned long slot,
				    u32 *len)
{
	return gomap_field_get(f, object_of, (void *)arena, b, slot, len);
}

/*
 * Write how long a content is that lies in its slot, and zero what is left of a
 * longer one: it is nobody's to see.
 */
static __always_inline void inline_set_len(void *at, u32 len)
{
	u32 had = *(u16 *)at;

	WRITE_ONCE(*(u16 *)at, (u16)len);
	if (unlikely(had > len))
		memset(at + sizeof(u16) + len, 0, had - len);
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
static __always_inline void field_put(const struct gomap_field *f,
				      struct gomap_bucket *b, unsigned long slot,
				      const void *content, u32 len, u32 handle)
{
	void *at = field_at(f, b, slot);

	if (!f->is_inline) {
		WRITE_ONCE(*(u32 *)at, handle);
		return;
	}
	if (f->is_var) {
		inline_set_len(at, len);
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
static __always_inline void field_clear(const struct gomap_field *f,
					struct gomap_bucket *b,
					unsigned long slot)
{
	if (f->is_inline)
		clear_bytes(field_at(f, b, slot), f->size);
	else
		field_put(f, b, slot, NULL, 0, 0);
}

void object_fill(const struct gomap_field *f, void *object,
		 const void *content, u32 len);

#endif /* GOMAP_LAYOUT_H */
