/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/rcupdate.h - a small RCU, see shim_rcu.c. */
#ifndef HOST_RCUPDATE_H
#define HOST_RCUPDATE_H

#include <linux/kernel.h>

void rcu_read_lock(void);
void rcu_read_unlock(void);
bool rcu_read_lock_held(void);
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void rcu_barrier(void);

/* Let a grace period pass for what waits for one.  Was there anything? */
bool shim_rcu_poll(void);

#define rcu_dereference(p) \
	(assert(rcu_read_lock_held()), shim_read(&(p), __ATOMIC_ACQUIRE))
/* The caller knows why this is right. */
#define rcu_dereference_raw(p)	shim_read(&(p), __ATOMIC_ACQUIRE)
#define rcu_read_lock_any_held() rcu_read_lock_held()
#define RCU_LOCKDEP_WARN(cond, text) assert(!(cond) && (text))
#define rcu_dereference_protected(p, right) \
	(assert(right), __atomic_load_n(&(p), __ATOMIC_RELAXED))
#define rcu_assign_pointer(p, v) __atomic_store_n(&(p), v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v)	__atomic_store_n(&(p), v, __ATOMIC_RELAXED)

#endif
