// SPDX-License-Identifier: GPL-2.0-only
/*
 * init.c - what the core needs once for all maps.
 */
#include <linux/export.h>
#include <linux/gomap.h>

#include "../arena/arena.h"
#include "../arena/background.h"
#include "../init.h"

int __init gomap_core_init(void)
{
	int err;

	err = background_init();
	if (err)
		return err;
	err = arenas_init();
	if (err)
		background_exit();
	return err;
}

void gomap_core_exit(void)
{
	arenas_exit();
	background_exit();
}

void gomap_barrier(void)
{
	background_settle();
}
EXPORT_SYMBOL_GPL(gomap_barrier);
