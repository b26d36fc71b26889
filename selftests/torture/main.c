// SPDX-License-Identifier: GPL-2.0-only
/*
 * gomap_torture: everything that can be done to maps, all at once, for as long
 * as you like, by a module that knows nothing of gomap but <linux/gomap.h>.
 *
 * Loading starts the run, in the background unless wait=1.  It ends when the
 * time is over and the counts that were asked for are reached, when something
 * went wrong, or when the module is unloaded; then it reports in KTAP to the
 * kernel log, and the last line is "End of test: SUCCESS" or "FAILURE".  Until
 * then the parameter "verdict" reads "RUNNING".
 */
#define pr_fmt(fmt) "gomap_torture: " fmt

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "torture.h"

#define COUNT_PARAMETER(name, what)			\
	module_param(name, uint, 0444);			\
	MODULE_PARM_DESC(name, what)

COUNT_PARAMETER(readers, "Threads that look up");
COUNT_PARAMETER(writers, "Threads that store, replace and delete");
COUNT_PARAMETER(iterators, "Threads that iterate");
COUNT_PARAMETER(growers, "Threads that fill maps up and drain them");
COUNT_PARAMETER(compactors, "Threads that compact maps");
COUNT_PARAMETER(rekeyers, "Threads that rekey maps");
COUNT_PARAMETER(clearers, "Threads that clear a map");
COUNT_PARAMETER(checkers, "Threads that check invariants and figures");
COUNT_PARAMETER(destroyers, "Threads that make and destroy maps");
COUNT_PARAMETER(guests, "Threads that are inside maps that are destroyed");

unsigned int churned = 400;
COUNT_PARAMETER(churned, "Keys of each map that growers fill in and drain");
unsigned int interrupt_us = 500;
COUNT_PARAMETER(interrupt_us, "Mean time between two interrupts of a CPU, 0: none");

static unsigned int seconds = 60;
COUNT_PARAMETER(seconds, "How long to run, 0: until the module is unloaded");
static unsigned int limit;
COUNT_PARAMETER(limit, "When to give up reaching the counts, seconds, 0: never");
static unsigned int stutter = 5;
COUNT_PARAMETER(stutter, "Seconds between two pauses of everybody, 0: none");
static unsigned int shuffle = 3;
COUNT_PARAMETER(shuffle, "Seconds between two moves to other CPUs, 0: none");
static unsigned int stat_interval = 15;
COUNT_PARAMETER(stat_interval, "Seconds between two lines of counts, 0: none");
static unsigned int seed = 1;
COUNT_PARAMETER(seed, "Of all random numbers");

unsigned int min_lookups = 1000, min_writes = 1000, min_grows = 1,
	     min_shrinks = 1;
COUNT_PARAMETER(min_lookups, "Lookups to reach");
COUNT_PARAMETER(min_writes, "Writes to reach");
COUNT_PARAMETER(min_grows, "Growths to reach");
COUNT_PARAMETER(min_shrinks, "Shrinks to reach");

static char *shape = "";
module_param(shape, charp, 0444);
MODULE_PARM_DESC(shape, "The only shape of map to use, by name; empty: all");
static bool wait;
module_param(wait, bool, 0444);
MODULE_PARM_DESC(wait, "Loading takes until the end of the run, and fails if it does");

static const char *verdict = "RUNNING";
static DECLARE_COMPLETION(concluded);

static int verdict_get(char *buffer, const struct kernel_param *param)
{
	return sprintf(buffer, "%s\n", READ_ONCE(verdict));
}

static const struct kernel_param_ops verdict_ops = { .get = verdict_get };
module_param_cb(verdict, &verdict_ops, NULL, 0444);

/**
 * struct director - the thread that has all others start, pause and stop.
 * @task: The thread.
 * @actor: What it does itself, when the others are paused.
 * @begin: When the run began, jiffies.
 * @next_pause: Seconds from then.
 * @next_move: Likewise, to other CPUs.
 * @next_line: Likewise, of counts.
 */
static struct director {
	struct task_struct *task;
	struct actor actor;
	unsigned long begin;
	unsigned long next_pause;
	unsigned long next_move;
	unsigned long next_line;
} director;

/* Time for what is done every @interval seconds? */
static bool is_due(unsigned long *next, unsigned long now, unsigned int interval)
{
	if (!interval || now < *next)
		return false;
	*next = now + interval;
	return true;
}

static void pause_all(void)
{
	interrupts_stop();
	actors_pause();
}

static void resume_all(void)
{
	actors_resume();
	interrupts_start();
}

static void total_of_all(struct director *d, struct tally *total)
{
	unsigned int i;

	memset(total, 0, sizeof(*total));
	tally_add(total, &d->actor.tally);
	actors_total(total);
	interrupts_total(total);
	nmi_total(total);
	for (i = 0; i < nr_grounds; i++)
		tally_add_map(total, grounds[i].map);
}

static bool run_is_over(struct director *d, unsigned long now)
{
	struct tally total;

	if (kthread_should_stop() || errors_total())
		return true;
	if (!seconds || now < seconds)
		return false;
	if (limit && now >= limit)
		return true;
	total_of_all(d, &total);
	return floors_reached(&total);
}

static void do_what_is_due(struct director *d, unsigned long now)
{
	struct tally total;

	if (is_due(&d->next_pause, now, stutter)) {
		pause_all();
		audit(&d->actor);
		resume_all();
	}
	if (is_due(&d->next_move, now, shuffle))
		actors_shuffle(&d->actor);
	if (is_due(&d->next_line, now, stat_interval)) {
		total_of_all(d, &total);
		pr_info("# after %lu s\n", now);
		tally_print(&total);
	}
}

static void direct(struct director *d)
{
	unsigned long now = 0;

	d->begin = jiffies;
	d->next_pause = stutter;
	d->next_line = stat_interval;
	interrupts_start();
	while (!run_is_over(d, now)) {
		schedule_timeout_interruptible(HZ / 5);
		now = (jiffies - d->begin) / HZ;
		do_what_is_due(d, now);
	}
	pause_all();
	audit(&d->actor);
	audit_emptied(&d->actor);
}

/* Send everybody home, and say how it went. */
static void conclude(struct director *d, bool started)
{
	unsigned int idle = actors_idle();
	struct tally total;

	actors_stop();
	slots_empty(&d->actor);
	total_of_all(d, &total);
	actors_destroy();
	pr_info("# after %lu s, seed %u\n", (jiffies - d->begin) / HZ, seed);
	tally_print(&total);
	WRITE_ONCE(verdict, report(&total, started, idle) ? "SUCCESS" :
							    "FAILURE");
	complete_all(&concluded);
}

static int director_run(void *data)
{
	struct director *d = data;
	bool started = actors_start(seed) == 0;

	if (started)
		direct(d);
	conclude(d, started);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	return 0;
}

static int stage_create(void)
{
	int err;

	err = grounds_create(shape, seed);
	if (err)
		return err;
	err = interrupts_create(seed);
	if (err)
		goto err_destroy_grounds;
	err = nmi_create(seed);
	if (err)
		goto err_destroy_interrupts;
	return 0;

err_destroy_interrupts:
	interrupts_destroy();
err_destroy_grounds:
	grounds_destroy();
	return err;
}

static void stage_destroy(void)
{
	nmi_destroy();
	interrupts_destroy();
	grounds_destroy();
}

static void torture_end(void)
{
	kthread_stop(director.task);
	stage_destroy();
}

static int __init torture_begin(void)
{
	int err = stage_create();

	if (err)
		return err;
	actor_init(&director.actor, IN_PROCESS, seed);
	director.task = kthread_run(director_run, &director, "torture");
	if (IS_ERR(director.task)) {
		stage_destroy();
		return PTR_ERR(director.task);
	}
	if (!wait || (!wait_for_completion_killable(&concluded) &&
		      !strcmp(verdict, "SUCCESS")))
		return 0;
	torture_end();
	return -EINVAL;
}
module_init(torture_begin);
module_exit(torture_end);

MODULE_DESCRIPTION("Torture test of gomap");
MODULE_LICENSE("GPL");
