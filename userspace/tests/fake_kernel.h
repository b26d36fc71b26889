/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A stand-in for /dev/gomap, linked in place of open(2), ioctl(2) and mmap(2), so
 * that library and tool can be tested whole on a machine without the module.
 *
 * It keeps the promises of <linux/gomap.h> that the tests look at, on the maps
 * of fake_map.h.  The environment tells it more:
 *
 *	GOMAP_FAKE	file in which named maps live on between processes
 *	GOMAP_FAKE_OPEN	errno with which the device refuses to be opened
 *	GOMAP_FAKE_FAIL	"N:E": the Nth write of a batch fails with errno E
 *	GOMAP_FAKE_MOVE	errno with which COMPACT and REKEY fail
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <stddef.h>

/* Calls of the fake device so far, to be seen by tests. */
extern unsigned long fake_calls;

/* Bytes that there is address space for, in the mapping of a view. */
extern size_t fake_mmap_max;

#endif /* FAKE_KERNEL_H */
