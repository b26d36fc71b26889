/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/spinlock.h - spinlocks and mutexes on pthreads, and lockdep's asserts. */
#ifndef HOST_SPINLOCK_H
#define HOST_SPINLOCK_H

#include <pthread.h>

#include <linux/kernel.h>

/**
 * struct host_lock - a lock that knows who holds it.
 * @mutex: The lock.
 * @owner: An address that only the holder's thread has; NULL: nobody.
 */
struct host_lock {
	pthread_mutex_t mutex;
	const void *owner;
};

typedef struct host_lock spinlock_t;
struct mutex {
	struct host_lock lock;
};

#define DEFINE_SPINLOCK(name) \
	spinlock_t name = { .mutex = PTHREAD_MUTEX_INITIALIZER }

void host_lock_init(struct host_lock *lock);
void host_lock(struct host_lock *lock);
bool host_trylock(struct host_lock *lock);
void host_unlock(struct host_lock *lock);
bool host_lock_is_mine(const struct host_lock *lock);

/* Locks that this thread holds, and how often it has bottom halves off. */
extern __thread int shim_spinlocks_held, shim_mutexes_held, shim_bh_off;

static inline void host_spin_lock(spinlock_t *lock)
{
	host_lock(lock);
	shim_spinlocks_held++;
	shim_atomic_depth++;
}

static inline void host_spin_unlock(spinlock_t *lock)
{
	host_unlock(lock);
	shim_atomic_depth--;
	shim_spinlocks_held--;
}

static inline void host_spin_lock_bh(spinlock_t *lock)
{
	shim_bh_off++;
	host_spin_lock(lock);
}

static inline void host_spin_unlock_bh(spinlock_t *lock)
{
	assert(shim_bh_off > 0);
	shim_bh_off--;
	host_spin_unlock(lock);
}

static inline void mutex_lock(struct mutex *mutex)
{
	assert(!shim_atomic_depth);
	host_lock(&mutex->lock);
	shim_mutexes_held++;
}

/* A fatal signal is looked at by who has to wait, not before. */
static inline int mutex_lock_killable(struct mutex *mutex)
{
	assert(!shim_atomic_depth);
	if (!host_trylock(&mutex->lock)) {
		if (shim_fatal_signal)
			return -EINTR;
		host_lock(&mutex->lock);
	}
	shim_mutexes_held++;
	return 0;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	host_unlock(&mutex->lock);
	shim_mutexes_held--;
}

#define spin_lock_init(l)	host_lock_init(l)
/* Softirqs take every lock of the core: who holds one has them off. */
#define spin_lock(l)		(assert(shim_bh_off), host_spin_lock(l))
#define spin_lock_bh(l)		host_spin_lock_bh(l)
#define spin_lock_nest_lock(l, nest) (lockdep_assert_held(nest), spin_lock(l))
#define spin_unlock(l)		host_spin_unlock(l)
#define spin_unlock_bh(l)	host_spin_unlock_bh(l)

#define mutex_init(m)		host_lock_init(&(m)->lock)

#define lockdep_is_held(l) _Generic((l),				\
	spinlock_t *: host_lock_is_mine((const void *)(l)),		\
	const spinlock_t *: host_lock_is_mine((const void *)(l)),	\
	struct mutex *: host_lock_is_mine((const void *)(l)),		\
	const struct mutex *: host_lock_is_mine((const void *)(l)))
#define lockdep_assert_held(l)	assert(lockdep_is_held(l))

#endif
