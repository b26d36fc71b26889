/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/kernel.h - small things that the core takes for granted.
 *
 * The Makefile makes every header of the list there that has no file of its own
 * include this one.
 */
#ifndef HOST_KERNEL_H
#define HOST_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/compiler.h>
#include <linux/types.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)

#define SMP_CACHE_BYTES	64

#define EXPORT_SYMBOL_GPL(sym)
/* A parameter of the module, for a test to set. */
#define module_param(name, type, mode) type *shim_param_##name = &(name)
#define MODULE_PARM_DESC(name, text)
#define ____cacheline_aligned_in_smp __attribute__((aligned(64)))

#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min3(a, b, c)		min(min(a, b), c)
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp_t(type, v, lo, hi) clamp((type)(v), (type)(lo), (type)(hi))

#define swap(a, b) do {			\
	__typeof__(a) swapped = (a);	\
	(a) = (b);			\
	(b) = swapped;			\
} while (0)

#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define ALIGN(x, a)	(((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define ilog2(x)	(63 - __builtin_clzll(x))
#define rounddown_pow_of_two(x) (1UL << ilog2(x))
#define is_power_of_2(x) ((x) && !((x) & ((x) - 1)))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define swab64(x)	__builtin_bswap64(x)
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define struct_size(p, member, n) \
	(sizeof(*(p)) + sizeof((p)->member[0]) * (size_t)(n))

#define IS_ERR(ptr)	((unsigned long)(ptr) >= (unsigned long)-4095)
#define PTR_ERR(ptr)	((long)(ptr))
#define ERR_PTR(err)	((void *)(long)(err))
#define ERR_CAST(ptr)	((void *)(ptr))

/* A warning of the kernel is the end of a test. */
#define WARN_ON_ONCE(cond) ({						\
	if (cond) {							\
		fprintf(stderr, "%s:%d: WARN_ON_ONCE(%s)\n", __FILE__,	\
			__LINE__, #cond);				\
		abort();						\
	}								\
	0;								\
})

/* Where the code under test is; for a test to set, each thread its own. */
extern __thread bool shim_in_nmi, shim_in_hardirq, shim_irqs_disabled;
#define in_nmi()	shim_in_nmi
#define in_hardirq()	shim_in_hardirq
#define irqs_disabled()	shim_irqs_disabled

/* Locks and RCU sections that this thread is inside of: it must not sleep. */
extern __thread int shim_atomic_depth;
#define might_sleep_if(cond)	assert(!(cond) || !shim_atomic_depth)
#define cond_resched()		assert(!shim_atomic_depth)

/* What the core asks of a task: whose memory it uses. */
struct host_task {
	void *mm;
};

/* A fatal signal, for a test to send. */
extern bool shim_fatal_signal;
extern struct host_task shim_task;
#define current			(&shim_task)
#define fatal_signal_pending(task) ((void)(task), READ_ONCE(shim_fatal_signal))

/* Time passes when a test says so. */
#define HZ	250
extern unsigned long shim_jiffies;
#define jiffies	READ_ONCE(shim_jiffies)
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define time_before(a, b)	((long)((a) - (b)) < 0)

#define num_possible_cpus()	4U
#define nr_cpu_ids		num_possible_cpus()

/* Threads are spread over the CPUs, or go where a test sends them. */
extern __thread int shim_cpu;
unsigned int shim_choose_cpu(void);

static inline unsigned int raw_smp_processor_id(void)
{
	return shim_cpu >= 0 ? (unsigned int)shim_cpu : shim_choose_cpu();
}

static inline unsigned long int_sqrt(unsigned long x)
{
	unsigned long root = 0, bit;

	for (bit = 1UL << 31; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= x)
			root += bit;
	return root;
}

/* Random numbers that a test can repeat: see shim_seed_random(). */
void shim_seed_random(u64 seed);
void get_random_bytes(void *buf, size_t len);

static inline u64 get_random_u64(void)
{
	u64 x;

	get_random_bytes(&x, sizeof(x));
	return x;
}

static inline u32 get_random_u32(void)
{
	return (u32)get_random_u64();
}

#endif
