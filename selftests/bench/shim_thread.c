// SPDX-License-Identifier: GPL-2.0-only
/*
 * shim_thread.c - what a thread knows of itself, each on a CPU of its own, and the
 * system's random numbers.
 */
#include <sys/random.h>

#include <linux/rcupdate.h>

__thread bool shim_in_nmi, shim_in_hardirq, shim_irqs_disabled;
__thread int shim_atomic_depth, shim_cpu;
bool shim_fatal_signal;
unsigned long shim_jiffies = 1000;
struct host_task shim_task;

/* Not reached: each thread has its CPU. */
unsigned int shim_choose_cpu(void)
{
	return 0;
}

void get_random_bytes(void *buf, size_t len)
{
	if (getrandom(buf, len, 0) != (ssize_t)len)
		abort();
}
