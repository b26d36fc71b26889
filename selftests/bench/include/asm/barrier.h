/* SPDX-License-Identifier: GPL-2.0-only */
/* asm/barrier.h - that of the tests, without counting. */
#ifndef BENCH_BARRIER_H
#define BENCH_BARRIER_H

#include_next <asm/barrier.h>

#undef smp_store_release
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)

#endif
