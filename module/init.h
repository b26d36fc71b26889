/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * init.h - the pairs that main.c calls, in the order in which it calls them.
 */
#ifndef GOMAP_INIT_H
#define GOMAP_INIT_H

/* The exit waits for every callback that is still on its way. */
int gomap_core_init(void);
void gomap_core_exit(void);

/* Uses the map as any other module would, so it comes after it. */
int gomap_dev_init(void);
void gomap_dev_exit(void);

#endif /* GOMAP_INIT_H */
