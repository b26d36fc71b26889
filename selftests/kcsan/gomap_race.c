// SPDX-License-Identifier: GPL-2.0-only
/*
 * gomap_race.c - a data race on purpose: a detector that does not report it sees
 * nothing in the module under test either.
 *
 * Loading it makes two threads count on one plain variable for a second.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>

#define THREADS	2

static u64 counter;

static int count(void *unused)
{
	while (!kthread_should_stop()) {
		counter++;
		barrier();
		cond_resched();
	}
	return 0;
}

static int __init race_init(void)
{
	struct task_struct *threads[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		threads[i] = kthread_run(count, NULL, "gomap_race/%d", i);
	msleep(MSEC_PER_SEC);
	for (i = 0; i < THREADS; i++)
		if (!IS_ERR(threads[i]))
			kthread_stop(threads[i]);
	return 0;
}
module_init(race_init);

static void __exit race_exit(void)
{
}
module_exit(race_exit);

MODULE_DESCRIPTION("a data race for the detector to find");
MODULE_LICENSE("GPL");
