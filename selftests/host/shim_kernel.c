// SPDX-License-Identifier: GPL-2.0-only
/*
 * shim_kernel.c - what a thread may do, locks that know their holder, time, and
 * random numbers that can be had again.
 */
#include <linux/spinlock.h>

__thread bool shim_in_nmi, shim_in_hardirq, shim_irqs_disabled;
__thread int shim_atomic_depth;
bool shim_fatal_signal;
unsigned long shim_jiffies = 1000;

struct host_task shim_task;
unsigned long shim_releases;

__thread int shim_cpu = -1;

unsigned int shim_choose_cpu(void)
{
	static int threads;

	shim_cpu = __atomic_fetch_add(&threads, 1, __ATOMIC_RELAXED) %
		   nr_cpu_ids;
	return shim_cpu;
}

/* Its address tells one thread from another. */
static __thread char me;

__thread void (*shim_at_point)(void);
__thread int shim_spinlocks_held, shim_mutexes_held, shim_bh_off;

void shim_point(void)
{
	if (!shim_spinlocks_held)
		shim_at_point();
}

void host_lock_init(struct host_lock *lock)
{
	pthread_mutex_init(&lock->mutex, NULL);
	lock->owner = NULL;
}

void host_lock(struct host_lock *lock)
{
	assert(!host_lock_is_mine(lock));
	SHIM_POINT();
	pthread_mutex_lock(&lock->mutex);
	WRITE_ONCE(lock->owner, &me);
}

bool host_trylock(struct host_lock *lock)
{
	SHIM_POINT();
	if (pthread_mutex_trylock(&lock->mutex))
		return false;
	WRITE_ONCE(lock->owner, &me);
	return true;
}

void host_unlock(struct host_lock *lock)
{
	assert(host_lock_is_mine(lock));
	WRITE_ONCE(lock->owner, NULL);
	pthread_mutex_unlock(&lock->mutex);
}

bool host_lock_is_mine(const struct host_lock *lock)
{
	return READ_ONCE(lock->owner) == &me;
}

static u64 random_state = 1;

void shim_seed_random(u64 seed)
{
	WRITE_ONCE(random_state, seed);
}

/* splitmix64: the state goes up by a constant, the output is its mixture. */
static u64 next_random(void)
{
	u64 x = __atomic_add_fetch(&random_state, 0x9e3779b97f4a7c15ULL,
				   __ATOMIC_RELAXED);

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

void get_random_bytes(void *buf, size_t len)
{
	u8 *p = buf;
	u64 x = 0;

	for (size_t i = 0; i < len; i++, x >>= 8) {
		if (i % 8 == 0)
			x = next_random();
		p[i] = (u8)x;
	}
}
