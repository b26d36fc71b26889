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

/*
 * The longest way is that of a table: a grace period, and work that drops an
 * arena; two grace periods of objects that the arena had retired, each with work
 * that zeroes them; work that frees the arena, or gives back chunks of one that
 * stays, which have one more grace period, and work.
 */
#define GRACE_PERIODS_TO_SETTLE	4

/**
 * background_settle() - Wait until what was retired before has been freed.
 *
 * Context: Process context, may sleep.
 */
void background_settle(void)
{
	int i;

	for (i = 0; i < GRACE_PERIODS_TO_SETTLE; i++) {
		rcu_barrier();
		flush_workqueue(gomap_wq);
	}
	/* Of work that other work has asked for. */
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
