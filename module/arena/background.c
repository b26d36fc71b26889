// SPDX-License-Identifier: GPL-2.0-only
/*
 * background.c - the workqueue of the module, and how to wait for all of it.
 */
#include <linux/errno.h>
#include <linux/rcupdate.h>

#include "background.h"

static struct workqueue_struct *gomap_wq;

/**
 * background_init() - Prepare for work.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int background_init(void)
{
	gomap_wq = alloc_workqueue("gomap", WQ_UNBOUND, 0);
	return gomap_wq ? 0 : -ENOMEM;
}

/**
 * background_settle() - Wait until what was retired before has been freed.
 *
 * The longest way is that of a table: a grace period, and work that drops an
 * arena; a grace period of objects that the arena had under way; work that
 * frees it.  A chunk that is given back has one more grace period.
 *
 * Context: Process context, may sleep.
 */
void background_settle(void)
{
	rcu_barrier();
	flush_workqueue(gomap_wq);
	rcu_barrier();
	flush_workqueue(gomap_wq);
	rcu_barrier();
}

/**
 * background_exit() - Wait for everything, and take no more.
 *
 * No maps are left.
 *
 * Context: Process context, may sleep.
 */
void background_exit(void)
{
	background_settle();
	destroy_workqueue(gomap_wq);
}

/**
 * background_run() - Run work soon.
 * @work: The work.
 *
 * Context: Process or softirq context, locks may be held.
 * Return: Whether it was not about to run already.
 */
bool background_run(struct work_struct *work)
{
	return queue_work(gomap_wq, work);
}

/**
 * background_run_later() - Run work, unless it is about to run already.
 * @work: The work.
 * @delay: Jiffies to wait first.
 *
 * Context: Process or softirq context, locks may be held.
 */
void background_run_later(struct delayed_work *work, unsigned long delay)
{
	queue_delayed_work(gomap_wq, work, delay);
}

/**
 * background_run_after_grace_period() - Run work when all readers of now have
 *	gone.
 * @work: The work.
 *
 * Context: Process or softirq context, locks may be held.
 */
void background_run_after_grace_period(struct rcu_work *work)
{
	queue_rcu_work(gomap_wq, work);
}
