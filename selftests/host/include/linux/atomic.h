/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/atomic.h - atomics and reference counts. */
#ifndef HOST_ATOMIC_H
#define HOST_ATOMIC_H

#include <linux/kernel.h>
#include <asm/barrier.h>

typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;

#define host_add_return(x, v) \
	__atomic_add_fetch(&(v)->counter, x, __ATOMIC_SEQ_CST)

#define atomic64_read(v)	READ_ONCE((v)->counter)
#define atomic64_set(v, x)	WRITE_ONCE((v)->counter, x)
#define atomic64_add(x, v)	((void)host_add_return(x, v))
#define atomic64_sub(x, v)	((void)host_add_return(-(s64)(x), v))
#define atomic64_dec(v)		atomic64_sub(1, v)
#define atomic64_inc(v)		((void)host_add_return(1, v))
#define atomic64_add_return(x, v) ((u64)host_add_return(x, v))
#define atomic64_dec_and_test(v) (!host_add_return(-1, v))

#define atomic64_try_cmpxchg(v, old, new) \
	__atomic_compare_exchange_n(&(v)->counter, old, new, false, \
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#define cmpxchg(p, old, new) ({						\
	__typeof__(*(p)) cmpxchg_old = (old);				\
	__atomic_compare_exchange_n(p, &cmpxchg_old, new, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
	cmpxchg_old;							\
})
#define cmpxchg_release(p, old, new)	cmpxchg(p, old, new)
#define xchg(p, v)		__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define atomic_cmpxchg(v, old, new)	cmpxchg(&(v)->counter, old, new)
#define atomic_set_release(v, x)	smp_store_release(&(v)->counter, x)

typedef struct { int counter; } refcount_t;

#define refcount_read(r)	READ_ONCE((r)->counter)
#define refcount_set(r, n)	WRITE_ONCE((r)->counter, n)
#define refcount_inc(r)		assert(host_add_return(1, r) > 1)

static inline bool refcount_dec_and_test(refcount_t *r)
{
	int left = host_add_return(-1, r);

	assert(left >= 0);
	return !left;
}

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	int old = READ_ONCE(r->counter);

	while (old && !__atomic_compare_exchange_n(&r->counter, &old, old + 1,
						   false, __ATOMIC_SEQ_CST,
						   __ATOMIC_SEQ_CST))
		;
	return old;
}

#endif
