/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/types.h - the system's fixed-size types, and the kernel's names. */
#ifndef HOST_TYPES_H
#define HOST_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

typedef __u64 u64;
typedef __u32 u32;
typedef __u16 u16;
typedef __u8 u8;
typedef __s64 s64;
typedef unsigned int gfp_t;

/**
 * struct rcu_head - a callback that waits for a grace period, see shim_rcu.c.
 * @next: On a list of those.
 * @func: The callback.
 */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

#endif
