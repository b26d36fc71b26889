/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/compiler.h - that of the tests, without the points to stand still at. */
#ifndef BENCH_COMPILER_H
#define BENCH_COMPILER_H

#include_next <linux/compiler.h>

#undef SHIM_POINT
#define SHIM_POINT()	((void)0)

#endif
