// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_rcu.c - grace periods and work for a few threads, at the price that a
 * kernel's have: nothing for a reader.
 *
 * A thread says now and then that it is inside of no section, by speed_breathe().
 * What it has handed to call_rcu() runs when all other threads have said so since.
 * Work runs in the breath of some thread, when it is due: a kernel would have
 * taken the same time from it, or had another CPU at hand.
 */
#include <time.h>

#include <asm/barrier.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "speed.h"
#include "speed_threads.h"

/**
 * struct reader - what others know of a thread.
 * @passed: Breaths taken.
 * @online: It may be inside of a section.
 */
static struct reader {
	unsigned long passed;
	bool online;
} __attribute__((aligned(128))) readers[SPEED_THREADS];

/**
 * struct callbacks - in order of arrival.
 * @first: The first one.
 * @end: Where the next one goes; NULL: as with @first NULL.
 */
struct callbacks {
	struct rcu_head *first, **end;
};

/* Those that a grace period has begun for, and those that came since. */
static __thread struct callbacks waiting, fresh;
static __thread unsigned long began_at[SPEED_THREADS];

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->next = NULL;
	head->func = func;
	*(fresh.first ? fresh.end : &fresh.first) = head;
	fresh.end = &head->next;
}

static void begin_grace_period(void)
{
	int i;

	waiting = fresh;
	fresh = (struct callbacks){ };
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (i = 0; i < SPEED_THREADS; i++)
		began_at[i] = READ_ONCE(readers[i].passed);
}

static bool is_over(void)
{
	int i;

	for (i = 0; i < SPEED_THREADS; i++)
		if (i != shim_cpu &&
		    __atomic_load_n(&readers[i].online, __ATOMIC_ACQUIRE) &&
		    smp_load_acquire(&readers[i].passed) == began_at[i])
			return false;
	return true;
}

static void run_waiting(void)
{
	struct rcu_head *head = waiting.first, *next;

	waiting.first = NULL;
	for (; head; head = next) {
		next = head->next;
		head->func(head);
	}
}

/* Returns whether there is nothing left. */
static bool go_on(void)
{
	while (waiting.first || fresh.first) {
		if (!waiting.first)
			begin_grace_period();
		if (!is_over())
			return false;
		run_waiting();
	}
	return true;
}

static void pass(void)
{
	smp_store_release(&readers[shim_cpu].passed,
			  readers[shim_cpu].passed + 1);
}

void rcu_barrier(void)
{
	do {
		pass();
	} while (!go_on());
}

void speed_thread_online(int thread)
{
	shim_cpu = thread;
	__atomic_store_n(&readers[thread].online, true, __ATOMIC_SEQ_CST);
}

void speed_thread_offline(void)
{
	__atomic_store_n(&readers[shim_cpu].online, false, __ATOMIC_SEQ_CST);
	rcu_barrier();
}

struct workqueue_struct {
	int none;
};

/* All work that waits, by any queue; the time of delayed work is in jiffies. */
static struct work_struct *queue;
static DEFINE_SPINLOCK(queue_lock);
static struct mutex running;

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags,
					 int max_active)
{
	return malloc(sizeof(struct workqueue_struct));
}

/* Work has no room for a time: what is delayed waits in a list of its own. */
static struct { struct work_struct *work; unsigned long due; } delayed[8];

static bool enqueue(struct work_struct *work)
{
	bool was_pending;

	spin_lock(&queue_lock);
	was_pending = work->pending;
	if (!was_pending) {
		work->pending = true;
		work->next = queue;
		queue = work;
	}
	spin_unlock(&queue_lock);
	return !was_pending;
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return enqueue(work);
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay)
{
	bool was_pending;
	size_t i;

	if (!delay)
		return enqueue(&dwork->work);
	spin_lock(&queue_lock);
	was_pending = dwork->work.pending;
	for (i = 0; !was_pending && i < ARRAY_SIZE(delayed); i++) {
		if (delayed[i].work)
			continue;
		delayed[i].work = &dwork->work;
		delayed[i].due = jiffies + delay;
		dwork->work.pending = true;
		break;
	}
	speed_expect(i < ARRAY_SIZE(delayed));
	spin_unlock(&queue_lock);
	return !was_pending;
}

static struct work_struct *take_delayed(bool all)
{
	struct work_struct *work = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(delayed) && !work; i++) {
		if (!delayed[i].work ||
		    (!all && time_before(jiffies, delayed[i].due)))
			continue;
		work = delayed[i].work;
		delayed[i].work = NULL;
	}
	return work;
}

static struct work_struct *dequeue(bool all)
{
	struct work_struct *work;

	spin_lock(&queue_lock);
	work = queue;
	if (work)
		queue = work->next;
	else
		work = take_delayed(all);
	if (work)
		work->pending = false;
	spin_unlock(&queue_lock);
	return work;
}

static void run_work(bool all)
{
	struct work_struct *work;

	if (__atomic_exchange_n(&running.lock.taken, 1, __ATOMIC_ACQUIRE))
		return;
	while ((work = dequeue(all)))
		work->func(work);
	mutex_unlock(&running);
}

void shim_run_work(void)
{
	run_work(true);
}

void flush_workqueue(struct workqueue_struct *wq)
{
	run_work(true);
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	run_work(true);
	free(wq);
}

/* Only asked when no other thread is left that could run it. */
bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	struct work_struct **at = &queue;
	bool was_pending;
	size_t i;

	spin_lock(&queue_lock);
	was_pending = dwork->work.pending;
	dwork->work.pending = false;
	for (i = 0; i < ARRAY_SIZE(delayed); i++)
		if (delayed[i].work == &dwork->work)
			delayed[i].work = NULL;
	while (*at && *at != &dwork->work)
		at = &(*at)->next;
	if (*at)
		*at = dwork->work.next;
	spin_unlock(&queue_lock);
	return was_pending;
}

static void grace_period_over(struct rcu_head *rcu)
{
	enqueue(&container_of(rcu, struct rcu_work, rcu)->work);
}

bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *work)
{
	call_rcu(&work->rcu, grace_period_over);
	return true;
}

static unsigned long jiffies_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return 1000 + now.tv_sec * HZ + now.tv_nsec / (1000000000 / HZ);
}

void speed_breathe(void *table)
{
	WRITE_ONCE(shim_jiffies, jiffies_now());
	pass();
	go_on();
	run_work(false);
}
