/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/compiler.h - annotations, marked accesses, intended races. */
#ifndef HOST_COMPILER_H
#define HOST_COMPILER_H

#define __rcu
#define __init
#define noinline	__attribute__((noinline))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define prefetch(p)	__builtin_prefetch(p)
#define OPTIMIZER_HIDE_VAR(x)	__asm__ ("" : "=r" (x) : "0" (x))
#define __acquires(x)
#define __releases(x)
#define __acquire(x)	((void)0)
#define __release(x)	((void)0)

/*
 * Points at which a thread that holds no spinlock can be made to stand still
 * while another one acts: behind each read that others may race with, and
 * before each lock.  A thread that wants to be called there says so.
 */
extern __thread void (*shim_at_point)(void);
void shim_point(void);

#define SHIM_POINT()	((void)(shim_at_point && (shim_point(), 0)))

#define shim_read(p, order) ({						\
	__auto_type shim_value = __atomic_load_n(p, order);		\
	SHIM_POINT();							\
	shim_value;							\
})

/* The kernel's orders what is reached through the pointer or number read. */
#define READ_ONCE(x)		shim_read(&(x), __ATOMIC_CONSUME)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)

/*
 * A read whose result is checked afterwards.  ThreadSanitizer is told so, and
 * has nothing else switched off.
 */
#ifdef __SANITIZE_THREAD__
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
#define data_race(expr) ({						\
	SHIM_POINT();							\
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);			\
	__auto_type race_result = (expr);				\
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);			\
	race_result;							\
})
#else
#define data_race(expr)	(SHIM_POINT(), (expr))
#endif

#endif
