// SPDX-License-Identifier: GPL-2.0-only
/*
 * threads.c - one function in several threads, each on a CPU of its own as far as
 * there are so many, and the wait for all of them.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "test.h"

/**
 * struct thread - one of them.
 * @task: The task, NULL where there is none.
 * @function: What it is to do.
 * @arg: With what.
 * @done: It has.
 */
struct thread {
	struct task_struct *task;
	void (*function)(void *arg);
	void *arg;
	struct completion done;
};

/* To be stopped is allowed at the end only: before, it might never begin. */
static int run_thread(void *arg)
{
	struct thread *thread = arg;

	thread->function(thread->arg);
	complete(&thread->done);
	while (!kthread_should_stop())
		usleep_range(1000, 2000);
	return 0;
}

static unsigned int nth_cpu(unsigned int nr)
{
	unsigned int cpu;

	nr %= num_online_cpus();
	for_each_online_cpu(cpu)
		if (!nr--)
			return cpu;
	return 0;
}

static void begin_thread(struct thread *thread, unsigned int nr)
{
	init_completion(&thread->done);
	thread->task = kthread_create(run_thread, thread, "gomap_test/%u", nr);
	if (!EXPECT_EQ(0, PTR_ERR_OR_ZERO(thread->task))) {
		thread->task = NULL;
		return;
	}
	kthread_bind(thread->task, nth_cpu(nr));
	wake_up_process(thread->task);
}

void test_run_threads(void (*function)(void *arg), void *args, size_t size,
		      void (*meanwhile)(void *args))
{
	struct thread threads[TEST_THREADS];
	unsigned int nr;

	for (nr = 0; nr < TEST_THREADS; nr++) {
		threads[nr].function = function;
		threads[nr].arg = args + nr * size;
		begin_thread(&threads[nr], nr);
	}
	if (meanwhile)
		meanwhile(args);
	for (nr = 0; nr < TEST_THREADS; nr++) {
		if (!threads[nr].task)
			continue;
		wait_for_completion(&threads[nr].done);
		kthread_stop(threads[nr].task);
	}
}
