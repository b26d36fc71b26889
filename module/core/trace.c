// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace.c - the bodies of the tracepoints, made by the kernel's macros.
 */
#include <linux/gomap.h>

#define CREATE_TRACE_POINTS
#include "trace.h"
