/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/spinlock.h - locks that cost what a kernel's cost when nobody else wants
 * them: one atomic operation to take, one store to give back.
 */
#ifndef BENCH_SPINLOCK_H
#define BENCH_SPINLOCK_H

#include <sched.h>

#include <linux/kernel.h>

typedef struct {
	int taken;
} spinlock_t;

struct mutex {
	spinlock_t lock;
};

#define DEFINE_SPINLOCK(name)	spinlock_t name = { }

static inline void spin_lock(spinlock_t *lock)
{
	while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static inline void spin_unlock(spinlock_t *lock)
{
	__atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

#define spin_lock_init(l)	((l)->taken = 0)
#define spin_lock_bh(l)		spin_lock(l)
#define spin_lock_nest_lock(l, nest) spin_lock(l)
#define spin_unlock_bh(l)	spin_unlock(l)

#define mutex_init(m)		spin_lock_init(&(m)->lock)
#define mutex_lock(m)		spin_lock(&(m)->lock)
#define mutex_lock_killable(m)	(mutex_lock(m), 0)
#define mutex_unlock(m)		spin_unlock(&(m)->lock)

#define lockdep_is_held(l)	true
#define lockdep_assert_held(l)	((void)(l))

#endif
