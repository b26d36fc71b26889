/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shim_rhashtable.h - what the kernel's lib/rhashtable.c needs of a kernel, for threads
 * of a program.  The Makefile makes every header that it asks for include this
 * one; what costs something in a kernel costs the same here: an atomic operation
 * for the lock of a bucket, nothing for a reader's RCU section.
 */
#ifndef SPEED_SHIM_RHASHTABLE_H
#define SPEED_SHIM_RHASHTABLE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef uint32_t __u32;
typedef unsigned int gfp_t;

#define GFP_KERNEL	0u
#define GFP_ATOMIC	0u
#define __GFP_NORETRY	0u
#define __GFP_NOFAIL	0u
#define __GFP_NOWARN	0u
#define __GFP_ZERO	0u
#define __rcu
#define __init
#define __force
#define __bitwise
#define __acquires(x)
#define __releases(x)
#define __acquire(x)	((void)0)
#define __release(x)	((void)0)
#define __must_check
#define ____cacheline_aligned_in_smp __attribute__((aligned(64)))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define EXPORT_SYMBOL_GPL(sym)
#define EXPORT_SYMBOL(sym)
#define fallthrough	__attribute__((fallthrough))
#define noinline	__attribute__((noinline))
#define BITS_PER_LONG	64
#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define BIT(n)		(1UL << (n))
#define barrier()	__atomic_signal_fence(__ATOMIC_SEQ_CST)
#define SMP_CACHE_BYTES	64
#define IS_ENABLED(option) 0
#define BUG_ON(cond)	do { if (cond) abort(); } while (0)
#define WARN_ON(cond)	({ bool warned = (cond); if (warned) abort(); warned; })
#define WARN_ON_ONCE(cond) WARN_ON(cond)
#define BUILD_BUG_ON(cond) _Static_assert(!(cond), #cond)

#define IS_ERR(p)	((unsigned long)(p) >= -4095UL)
#define IS_ERR_OR_NULL(p) (!(p) || IS_ERR(p))
#define PTR_ERR(p)	((long)(p))
#define ERR_PTR(err)	((void *)(long)(err))
#define ERR_CAST(p)	((void *)(p))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define struct_size(p, member, n) \
	(sizeof(*(p)) + sizeof((p)->member[0]) * (size_t)(n))
#define max(a, b)	((a) > (b) ? (a) : (b))
#define min(a, b)	((a) < (b) ? (a) : (b))
#define max_t(t, a, b)	max((t)(a), (t)(b))
#define min_t(t, a, b)	min((t)(a), (t)(b))
#define ilog2(n)	(63 - __builtin_clzll(n))
#define roundup_pow_of_two(n) \
	((n) <= 1 ? 1UL : 1UL << (64 - __builtin_clzll((n) - 1)))
#define rounddown_pow_of_two(n) (1UL << ilog2(n))
#define is_power_of_2(n) ((n) && !((n) & ((n) - 1)))

#define READ_ONCE(x)	__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#define smp_rmb()	__atomic_signal_fence(__ATOMIC_SEQ_CST)
#define smp_wmb()	__atomic_signal_fence(__ATOMIC_SEQ_CST)
#define smp_mb()	__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define cmpxchg(p, old, new) __sync_val_compare_and_swap(p, old, new)

typedef struct { int counter; } atomic_t;
#define ATOMIC_INIT(n)	{ n }
#define atomic_read(v)	READ_ONCE((v)->counter)
#define atomic_set(v, n) WRITE_ONCE((v)->counter, n)
#define atomic_inc(v)	((void)__atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic_dec(v)	((void)__atomic_sub_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST))

/* Locks and sections. */
typedef struct { int taken; } spinlock_t;
struct mutex { int taken; };
struct lockdep_map { int none; };
struct lock_class_key { int none; };
#define SINGLE_DEPTH_NESTING 1
#define spin_lock_nested(l, depth) spin_lock(l)
#define _THIS_IP_	0
#define lock_map_acquire(map)	((void)0)
#define lock_map_release(map)	((void)0)
#define lock_acquire_exclusive(...) ((void)0)
#define lock_release(...)	((void)0)
#define lockdep_init_map(...)	((void)0)
#define local_irq_save(flags)	((void)((flags) = 0))
#define local_irq_restore(flags) ((void)(flags))
#define spin_lock_init(l)	((l)->taken = 0)
#define spin_lock(l) do {						\
	while (__atomic_exchange_n(&(l)->taken, 1, __ATOMIC_ACQUIRE))	\
		cpu_relax();						\
} while (0)
#define spin_unlock(l)		__atomic_store_n(&(l)->taken, 0, __ATOMIC_RELEASE)
#define mutex_init(m)		((m)->taken = 0)
#define mutex_lock(m)		spin_lock(m)
#define mutex_unlock(m)		spin_unlock(m)
#define lockdep_is_held(l)	true
#define preempt_disable()	smp_rmb()
#define preempt_enable()	smp_rmb()
#define local_bh_disable()	smp_rmb()
#define local_bh_enable()	smp_rmb()
#define cpu_relax()		__builtin_ia32_pause()
#define cond_resched()		((void)0)
#define cond_resched_rcu()	((void)0)
#define bit_spin_lock(nr, p) do {					\
	while (__atomic_fetch_or(p, 1UL << (nr), __ATOMIC_ACQUIRE) &	\
	       1UL << (nr))						\
		cpu_relax();						\
} while (0)
#define bit_spin_unlock(nr, p) \
	__atomic_store_n(p, *(p) & ~(1UL << (nr)), __ATOMIC_RELEASE)
#define __bit_spin_unlock(nr, p) bit_spin_unlock(nr, p)
#define bit_spin_is_locked(nr, p) (*(p) >> (nr) & 1)

/* RCU: see speed_rcu.c. */
struct rcu_head { struct rcu_head *next; void (*func)(struct rcu_head *head); };
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void rcu_barrier(void);
#define rcu_head_init(head)	((void)(head))
#define rcu_head_after_call_rcu(head, func) ((void)(func), false)
#define rcu_read_lock()		smp_rmb()
#define rcu_read_unlock()	smp_rmb()
#define rcu_dereference_check(p, cond) READ_ONCE(p)
#define rcu_dereference_protected(p, cond) (p)
#define rcu_dereference_raw(p)	READ_ONCE(p)
#define rcu_dereference(p)	READ_ONCE(p)
#define rcu_access_pointer(p)	READ_ONCE(p)
#define rcu_assign_pointer(p, v) __atomic_store_n(&(p), v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v)	WRITE_ONCE(p, v)

/* Memory. */
#define kmalloc(size, gfp)	malloc(size)
#define kzalloc(size, gfp)	calloc(1, size)
#define kvzalloc(size, gfp)	calloc(1, size)
#define kvmalloc(size, gfp)	malloc(size)
#define kvmalloc_array_node(n, size, gfp, node) malloc((size_t)(n) * (size))
#define kmalloc_array(n, size, gfp) malloc((size_t)(n) * (size))
#define kfree(p)		free((void *)(p))
#define kvfree(p)		free((void *)(p))

/* Work: done when the thread says that others have the CPU. */
struct work_struct {
	void (*func)(struct work_struct *work);
	bool pending;
};
#define INIT_WORK(w, f)		(*(w) = (struct work_struct){ .func = (f) })
bool schedule_work(struct work_struct *work);
void speed_rhashtable_breathe(void *table);
#define cancel_work_sync(w)	((w)->pending = false)

static inline u32 get_random_u32(void)
{
	u32 n;

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		abort();
	return n;
}

static inline u32 rol32(u32 word, unsigned int shift)
{
	return word << shift | word >> (32 - shift);
}

struct unaligned_u32 { u32 x; } __attribute__((packed));

static inline u32 __get_unaligned_cpu32(const void *p)
{
	return ((const struct unaligned_u32 *)p)->x;
}

/* Lists, of iterations that nobody makes here. */
#define LIST_POISON2	((void *)0x122)
struct list_head { struct list_head *next, *prev; };
#define INIT_LIST_HEAD(l)	((l)->next = (l)->prev = (l))
#define list_entry(p, type, member) container_of(p, type, member)
#define list_for_each_entry(at, head, member)				\
	for (at = list_entry((head)->next, __typeof__(*at), member);	\
	     &at->member != (head);					\
	     at = list_entry(at->member.next, __typeof__(*at), member))

static inline void list_add(struct list_head *new, struct list_head *head)
{
	new->next = head->next;
	new->prev = head;
	head->next->prev = new;
	head->next = new;
}

static inline void list_del(struct list_head *at)
{
	at->next->prev = at->prev;
	at->prev->next = at->next;
}

#endif
