/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * quota.h - the limits for all maps together: the module's parameters
 * max_bytes and max_maps.
 *
 * Both may be changed at any time, and hold for what is asked for from then on.
 */
#ifndef GOMAP_QUOTA_H
#define GOMAP_QUOTA_H

#include <linux/atomic.h>
#include <linux/types.h>

bool quota_take_bytes(size_t size);
void quota_give_bytes(size_t size);
bool quota_take_map(void);
void quota_give_map(void);

/*
 * Add to a count unless that would bring it above a limit; 0: there is none.
 * In one step, so that nobody is refused for the sake of what is refused, too.
 */
static inline bool add_within(atomic64_t *count, u64 n, u64 max)
{
	s64 old = atomic64_read(count);

	do {
		if (max && old + n > max)
			return false;
	} while (!atomic64_try_cmpxchg(count, &old, old + n));
	return true;
}

#endif /* GOMAP_QUOTA_H */
