/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/compiler.h - annotations, marked accesses, intended races. */
#ifndef HOST_COMPILER_H
#define HOST_COMPILER_H

#define __rcu
#define __init
#define __acquires(x)
#define __releases(x)
#define __acquire(x)	((void)0)
#define __release(x)	((void)0)

/* The kernel's orders what is reached through the pointer or number read. */
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_CONSUME)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)

/*
 * A read whose result is checked afterwards.  ThreadSanitizer is told so, and
 * has nothing else switched off.
 */
#ifdef __SANITIZE_THREAD__
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
#define data_race(expr) ({						\
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);			\
	__auto_type race_result = (expr);				\
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);			\
	race_result;							\
})
#else
#define data_race(expr)	(expr)
#endif

#endif
