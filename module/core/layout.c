// SPDX-License-Identifier: GPL-2.0-only
/*
 * layout.c - what is asked of layouts now and then; see layout.h and shape.h.
 */
#include <linux/kernel.h>

#include "layout.h"
#include "shape.h"

/**
 * shape_of() - Which shape a layout is.
 * @layout: The layout.
 *
 * Context: Any context.
 * Return: The shape.
 */
enum gomap_shape shape_of(const struct gomap_layout *layout)
{
	static const struct {
		u32 key, value;
		enum gomap_shape shape;
	} shapes[] = {
		{ 4, 4, SHAPE_4_4 }, { 4, 8, SHAPE_4_8 }, { 4, 0, SHAPE_4 },
		{ 8, 8, SHAPE_8_8 }, { 8, 0, SHAPE_8 },
		{ 16, 8, SHAPE_16_8 }, { 16, 0, SHAPE_16 },
	};
	const struct gomap_field *key = &layout->key, *value = &layout->value;
	bool plain_value = value->is_inline && !value->is_var;
	size_t i;

	if (key->is_var)
		return SHAPE_ANY;
	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		if (key->max != shapes[i].key)
			continue;
		if (!shapes[i].value ||
		    (plain_value && value->max == shapes[i].value))
			return shapes[i].shape;
	}
	return SHAPE_ANY;
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
