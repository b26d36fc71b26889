// SPDX-License-Identifier: GPL-2.0-only
/*
 * limits.c - how far a map may grow, and why it was refused more.
 *
 * The limit on entries is kept where an entry is added (write.c), that on bytes
 * where memory is taken (arena/account.c).
 */
#include <linux/errno.h>
#include <linux/export.h>

#include "core.h"
#include "count.h"

int gomap_set_limits(struct gomap *map, const struct gomap_limits *limits)
{
	if (!map)
		return -EINVAL;
	stripes_lock_all(map);
	count_tell(map);
	WRITE_ONCE(map->max_entries, limits->max_entries);
	stripes_unlock_all(map);
	WRITE_ONCE(map->account->max, limits->max_bytes);
	return 0;
}
EXPORT_SYMBOL_GPL(gomap_set_limits);

enum gomap_refusal gomap_refusal(const struct gomap *map, int err)
{
	if (err == -ENOSPC)
		return GOMAP_REFUSED_ENTRIES;
	if (err == -EDQUOT)
		return READ_ONCE(map->account->quota_reason);
	return GOMAP_REFUSED_MEMORY;
}
EXPORT_SYMBOL_GPL(gomap_refusal);
