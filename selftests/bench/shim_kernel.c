// SPDX-License-Identifier: GPL-2.0-only
/*
 * shim_kernel.c - grace periods that are over when they are asked for: there is
 * one thread.
 */
#include <linux/rcupdate.h>

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
