/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/rcupdate.h - an RCU whose readers cost what they cost in a kernel that
 * does not preempt: nothing.  There is one thread, so whenever it waits for a
 * grace period it is over.
 */
#ifndef BENCH_RCUPDATE_H
#define BENCH_RCUPDATE_H

#include <linux/kernel.h>

#define compiler_barrier()	__atomic_signal_fence(__ATOMIC_SEQ_CST)
#define rcu_read_lock()		compiler_barrier()
#define rcu_read_unlock()	compiler_barrier()

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void rcu_barrier(void);

#define rcu_dereference(p)	shim_read(&(p), __ATOMIC_CONSUME)
#define rcu_dereference_raw(p)	rcu_dereference(p)
#define rcu_dereference_protected(p, right) \
	__atomic_load_n(&(p), __ATOMIC_RELAXED)
#define rcu_assign_pointer(p, v) __atomic_store_n(&(p), v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v)	__atomic_store_n(&(p), v, __ATOMIC_RELAXED)
#define RCU_LOCKDEP_WARN(cond, text)	((void)0)

#endif
