/* SPDX-License-Identifier: GPL-2.0-only */
/* asm/barrier.h - ordering of loads and stores, by the compiler's own means. */
#ifndef HOST_BARRIER_H
#define HOST_BARRIER_H

#include <linux/compiler.h>

/* Stores with release semantics so far. */
extern unsigned long shim_releases;

#define smp_load_acquire(p)	shim_read(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) do {					\
	__atomic_store_n(p, v, __ATOMIC_RELEASE);			\
	__atomic_add_fetch(&shim_releases, 1, __ATOMIC_RELAXED);	\
} while (0)
#define smp_rmb()		(SHIM_POINT(), __atomic_thread_fence(__ATOMIC_ACQUIRE))
#define smp_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)

#endif
