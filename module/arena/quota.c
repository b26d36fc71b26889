// SPDX-License-Identifier: GPL-2.0-only
/*
 * quota.c - what all maps together may have; see quota.h.
 */
#include <linux/compiler.h>
#include <linux/moduleparam.h>

#include "quota.h"

static unsigned long max_bytes;
module_param(max_bytes, ulong, 0644);
MODULE_PARM_DESC(max_bytes,
		 "Bytes that all maps may hold together (default: 0, no limit)");

static unsigned long max_maps;
module_param(max_maps, ulong, 0644);
MODULE_PARM_DESC(max_maps,
		 "Maps that there may be at once (default: 0, no limit)");

static atomic64_t nr_bytes, nr_maps;

/**
 * quota_take_bytes() - Count memory that is about to be taken.
 * @size: Bytes.
 *
 * Context: Any context.
 * Return: Whether max_bytes allows it; it is counted only then.
 */
bool quota_take_bytes(size_t size)
{
	return add_within(&nr_bytes, size, READ_ONCE(max_bytes));
}

/**
 * quota_give_bytes() - Count memory no longer.
 * @size: Bytes.
 *
 * Context: Any context.
 */
void quota_give_bytes(size_t size)
{
	atomic64_sub(size, &nr_bytes);
}

/**
 * quota_take_map() - Count a map that is about to be made.
 *
 * Context: Any context.
 * Return: Whether max_maps allows it; it is counted only then.
 */
bool quota_take_map(void)
{
	return add_within(&nr_maps, 1, READ_ONCE(max_maps));
}

/**
 * quota_give_map() - Count a map no longer.
 *
 * Context: Any context.
 */
void quota_give_map(void)
{
	atomic64_dec(&nr_maps);
}
