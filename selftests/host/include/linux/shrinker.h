/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/shrinker.h - the one shrinker there is, asked when a test says so. */
#ifndef HOST_SHRINKER_H
#define HOST_SHRINKER_H

#include <linux/kernel.h>

struct shrink_control {
	unsigned long nr_to_scan;
};

struct shrinker {
	unsigned long (*count_objects)(struct shrinker *shrinker,
				       struct shrink_control *sc);
	unsigned long (*scan_objects)(struct shrinker *shrinker,
				      struct shrink_control *sc);
	int seeks;
};

#define SHRINKER_ALLOCATED	1
#define SHRINK_STOP		(~0UL)
#define SHRINK_EMPTY		(~0UL - 1)
#define DEFAULT_SEEKS		2

extern struct shrinker shim_shrinker;

#define shrinker_alloc(flags, name)	(&shim_shrinker)
#define shrinker_register(s)		((void)(s))
#define shrinker_free(s)		((void)(s))

#endif
