// SPDX-License-Identifier: GPL-2.0-only
/*
 * kspeed_primitives.c - what maps are made of, one by one: some of it costs
 * nothing on hardware and much in a kernel that runs as a process.  Who judges a
 * figure of this kernel has to know these.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include "kspeed.h"

#define OPERATIONS	16384U

static DEFINE_SPINLOCK(lock);
static atomic64_t counter;
static u64 word;
static u64 __user *user_word;

static __always_inline void do_nothing(u32 i)
{
	barrier();
}

static __always_inline void do_question(u32 i)
{
	struct kspeed_questions questions = { .entries = OPERATIONS };

	WRITE_ONCE(word, kspeed_question(&questions, i));
}

static __always_inline void do_full_barrier(u32 i)
{
	smp_mb();	/* alone: this is about its price */
}

static __always_inline void do_read_barrier(u32 i)
{
	smp_rmb();	/* likewise */
}

static __always_inline void do_load_acquire(u32 i)
{
	(void)smp_load_acquire(&word);	/* likewise */
}

static __always_inline void do_store_release(u32 i)
{
	smp_store_release(&word, i);	/* likewise */
}

static __always_inline void do_rcu(u32 i)
{
	rcu_read_lock();
	rcu_read_unlock();
}

static __always_inline void do_lock(u32 i)
{
	spin_lock(&lock);
	spin_unlock(&lock);
}

static __always_inline void do_lock_bh(u32 i)
{
	spin_lock_bh(&lock);
	spin_unlock_bh(&lock);
}

static __always_inline void do_irq_flags(u32 i)
{
	unsigned long flags;

	local_irq_save(flags);
	local_irq_restore(flags);
}

static __always_inline void do_atomic(u32 i)
{
	atomic64_inc(&counter);
}

static __always_inline void do_kmalloc(u32 i)
{
	kfree(kmalloc(32, GFP_KERNEL));
}

static __always_inline void do_copy_to_user(u32 i)
{
	if (copy_to_user(user_word, &word, sizeof(word)))
		atomic64_inc(&counter);
}

#define LOOP(name)							\
	static void name##_loop(void)					\
	{								\
		u32 i;							\
									\
		for (i = 0; i < OPERATIONS; i++)			\
			name(i);					\
	}

LOOP(do_nothing)
LOOP(do_question)
LOOP(do_full_barrier)
LOOP(do_read_barrier)
LOOP(do_load_acquire)
LOOP(do_store_release)
LOOP(do_rcu)
LOOP(do_lock)
LOOP(do_lock_bh)
LOOP(do_irq_flags)
LOOP(do_atomic)
LOOP(do_kmalloc)
LOOP(do_copy_to_user)

static const struct {
	const char *name;
	void (*loop)(void);
} primitives[] = {
	{ "nothing: the loop", do_nothing_loop },
	{ "a random key: part of each lookup", do_question_loop },
	{ "smp_mb()", do_full_barrier_loop },
	{ "smp_rmb()", do_read_barrier_loop },
	{ "smp_load_acquire()", do_load_acquire_loop },
	{ "smp_store_release()", do_store_release_loop },
	{ "rcu_read_lock(), _unlock()", do_rcu_loop },
	{ "spin_lock(), _unlock()", do_lock_loop },
	{ "spin_lock_bh(), _unlock_bh()", do_lock_bh_loop },
	{ "local_irq_save(), _restore()", do_irq_flags_loop },
	{ "atomic64_inc()", do_atomic_loop },
	{ "kmalloc(32), kfree()", do_kmalloc_loop },
	{ "copy_to_user(), 8 bytes", do_copy_to_user_loop },
};

static struct kspeed_samples samples[ARRAY_SIZE(primitives)];

static void one_round(void)
{
	size_t i;
	u64 began;

	for (i = 0; i < ARRAY_SIZE(primitives); i++) {
		began = ktime_get_ns();
		primitives[i].loop();
		kspeed_add(&samples[i], ktime_get_ns() - began, OPERATIONS);
		cond_resched();
	}
}

int kspeed_primitives(u32 rounds)
{
	unsigned long page;
	u32 round;
	size_t i;

	/* Of whoever loads the module. */
	page = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(page))
		return (int)page;
	user_word = (u64 __user *)page;
	/* The first is to warm up. */
	one_round();
	memset(samples, 0, sizeof(samples));
	for (round = 0; round < rounds; round++)
		one_round();
	for (i = 0; i < ARRAY_SIZE(primitives); i++)
		kspeed_record("primitive", primitives[i].name, &samples[i]);
	vm_munmap(page, PAGE_SIZE);
	return atomic64_read(&counter) == (rounds + 1ULL) * OPERATIONS ?
		       0 : -EFAULT;
}
