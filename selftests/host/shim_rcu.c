// SPDX-License-Identifier: GPL-2.0-only
/*
 * shim_rcu.c - read-copy-update, small enough for a sanitizer to follow.
 *
 * A reader writes down the number of the grace period in which its section
 * began.  A grace period is over when no reader is left from before it.
 * Everything is sequentially consistent: slow, and easy to be sure of.
 * Callbacks run in the thread that calls shim_rcu_poll() or rcu_barrier().
 */
#include <pthread.h>
#include <unistd.h>

#include <linux/rcupdate.h>

#define THREADS_MAX	256

static unsigned long grace_period = 1;
static unsigned long section_began[THREADS_MAX];	/* 0: outside */
static int nr_threads;

static __thread int my_number = -1;
static __thread int my_nesting;

static pthread_mutex_t callbacks_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rcu_head *callbacks, **callbacks_end = &callbacks;
static int callbacks_running;

void rcu_read_lock(void)
{
	if (my_number < 0) {
		my_number = __atomic_fetch_add(&nr_threads, 1, __ATOMIC_SEQ_CST);
		assert(my_number < THREADS_MAX);
	}
	if (!my_nesting++)
		__atomic_store_n(&section_began[my_number],
				 __atomic_load_n(&grace_period,
						 __ATOMIC_SEQ_CST),
				 __ATOMIC_SEQ_CST);
	shim_atomic_depth++;
}

void rcu_read_unlock(void)
{
	assert(my_nesting > 0);
	shim_atomic_depth--;
	if (!--my_nesting)
		__atomic_store_n(&section_began[my_number], 0,
				 __ATOMIC_SEQ_CST);
}

bool rcu_read_lock_held(void)
{
	return my_nesting > 0;
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->next = NULL;
	head->func = func;
	pthread_mutex_lock(&callbacks_lock);
	*callbacks_end = head;
	callbacks_end = &head->next;
	pthread_mutex_unlock(&callbacks_lock);
}

static bool is_from_before(int thread, unsigned long period)
{
	unsigned long began = __atomic_load_n(&section_began[thread],
					      __ATOMIC_SEQ_CST);

	return began && began < period;
}

static void wait_for_readers(void)
{
	unsigned long period = __atomic_add_fetch(&grace_period, 1,
						  __ATOMIC_SEQ_CST);
	int i, nr = __atomic_load_n(&nr_threads, __ATOMIC_SEQ_CST);

	assert(!my_nesting);
	for (i = 0; i < nr; i++)
		while (is_from_before(i, period))
			usleep(1);
}

static struct rcu_head *take_callbacks(void)
{
	struct rcu_head *list;

	pthread_mutex_lock(&callbacks_lock);
	list = callbacks;
	callbacks = NULL;
	callbacks_end = &callbacks;
	callbacks_running += list != NULL;
	pthread_mutex_unlock(&callbacks_lock);
	return list;
}

/* Callbacks run as in a softirq: they must not sleep. */
static void run_callbacks(struct rcu_head *list)
{
	struct rcu_head *next;

	shim_atomic_depth++;
	for (; list; list = next) {
		next = list->next;
		list->func(list);
	}
	shim_atomic_depth--;

	pthread_mutex_lock(&callbacks_lock);
	callbacks_running--;
	pthread_mutex_unlock(&callbacks_lock);
}

bool shim_rcu_poll(void)
{
	struct rcu_head *list = take_callbacks();

	if (!list)
		return false;
	wait_for_readers();
	run_callbacks(list);
	return true;
}

static bool callbacks_are_left(void)
{
	bool left;

	pthread_mutex_lock(&callbacks_lock);
	left = callbacks || callbacks_running;
	pthread_mutex_unlock(&callbacks_lock);
	return left;
}

void rcu_barrier(void)
{
	while (callbacks_are_left())
		if (!shim_rcu_poll())
			usleep(1);
}
