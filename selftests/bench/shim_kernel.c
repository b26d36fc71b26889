// SPDX-License-Identifier: GPL-2.0-only
/*
 * shim_kernel.c - a thread on one CPU, grace periods that are over when they are
 * asked for, and the system's random numbers.
 */
#include <sys/random.h>

#include <linux/rcupdate.h>

__thread bool shim_in_nmi, shim_in_hardirq, shim_irqs_disabled;
__thread int shim_atomic_depth, shim_cpu;
bool shim_fatal_signal;
unsigned long shim_jiffies = 1000;
struct host_task shim_task;

/* Not reached: the one thread has its CPU. */
unsigned int shim_choose_cpu(void)
{
	return 0;
}

void get_random_bytes(void *buf, size_t len)
{
	if (getrandom(buf, len, 0) != (ssize_t)len)
		abort();
}

static struct rcu_head *callbacks, **callbacks_end = &callbacks;

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->next = NULL;
	head->func = func;
	*callbacks_end = head;
	callbacks_end = &head->next;
}

/* Called by nobody who is inside a section. */
void rcu_barrier(void)
{
	struct rcu_head *head, *next;

	while (callbacks) {
		head = callbacks;
		callbacks = NULL;
		callbacks_end = &callbacks;
		for (; head; head = next) {
			next = head->next;
			head->func(head);
		}
	}
}
