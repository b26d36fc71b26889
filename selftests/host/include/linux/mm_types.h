/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_MM_TYPES_H
#define SHIM_LINUX_MM_TYPES_H

/* Nothing here maps anything: it is for compat.h to compile. */
struct vm_area_struct {
	unsigned long vm_flags;
};

#endif
