// SPDX-License-Identifier: GPL-2.0-only
/*
 * class.c - the size classes of arena objects; see arena.h.
 */
#include <linux/log2.h>

#include "arena.h"

/**
 * arena_class_of() - The smallest size class that fits.
 * @size: Bytes, at most ARENA_OBJECT_MAX.
 *
 * Context: Any context.
 * Return: The class.
 */
u32 arena_class_of(u32 size)
{
	u32 shift, step;

	if (size <= ARENA_SIZE_MIN)
		return 0;
	if (size <= ARENA_SIZE_FINE_MAX)
		return (size - ARENA_SIZE_MIN + 7) / 8;
	/* 2^shift < size <= 2^(shift + 1), in four steps of 2^(shift - 2). */
	shift = ilog2(size - 1);
	step = (size - 1 - (1U << shift)) >> (shift - 2);
	return ARENA_NR_FINE + 4 * (shift - ilog2(ARENA_SIZE_FINE_MAX)) + step;
}

/**
 * arena_class_size() - Bytes of the objects of a class.
 * @arena: The arena.
 * @class: The class.
 *
 * Context: Any context.
 * Return: Bytes.
 */
u32 arena_class_size(const struct gomap_arena *arena, u32 class)
{
	u32 shift, step;

	if (class == ARENA_CLASS_BUCKET)
		return arena->bucket_size;
	if (class < ARENA_NR_FINE)
		return ARENA_SIZE_MIN + 8 * class;
	shift = (class - ARENA_NR_FINE) / 4 + ilog2(ARENA_SIZE_FINE_MAX);
	step = (class - ARENA_NR_FINE) % 4;
	return (1U << shift) + ((step + 1) << (shift - 2));
}
