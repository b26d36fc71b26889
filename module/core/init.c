// SPDX-License-Identifier: GPL-2.0-only
/*
 * init.c - what the core needs once for all maps.
 */
#include "../init.h"
#include "table.h"

int __init gomap_core_init(void)
{
	return tables_init();
}

void gomap_core_exit(void)
{
	tables_exit();
}
