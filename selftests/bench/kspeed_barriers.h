/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kspeed_barriers.h - barriers as x86 has them, for modules of a kernel that runs
 * as a process: that one takes the strongest instruction for each, where the
 * processor below it needs none.
 *
 * Included before all else where BARRIERS=x86 is asked for: what a module costs
 * is then nearer to what it does on hardware.  The kernel itself stays as it is.
 */
#ifndef BENCH_KSPEED_BARRIERS_H
#define BENCH_KSPEED_BARRIERS_H

#define __smp_mb()	asm volatile("lock; addl $0,-4(%%rsp)" ::: "memory", "cc")
#define __smp_rmb()	barrier()
#define __smp_wmb()	barrier()

#define __smp_store_release(p, v)					\
do {									\
	barrier();							\
	WRITE_ONCE(*(p), v);						\
} while (0)

#define __smp_load_acquire(p)						\
({									\
	typeof(*(p)) loaded = READ_ONCE(*(p));				\
									\
	barrier();							\
	loaded;								\
})

#endif /* BENCH_KSPEED_BARRIERS_H */
