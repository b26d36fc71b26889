/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/atomic.h - that of the tests, counting where assertions are off. */
#ifndef BENCH_ATOMIC_H
#define BENCH_ATOMIC_H

#include_next <linux/atomic.h>

#undef refcount_inc
#define refcount_inc(r)	((void)host_add_return(1, r))

#endif
