// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel.c - the benchmark as a module.  Loading it measures, and takes as long
 * as that does; the records go to the kernel log.
 */
#define pr_fmt(fmt) "gomap_bench: " fmt

#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "bench.h"
#include "record.h"

static char *only = "";
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "The only figure to measure; empty: all");

/* guest.sh has put us into one. */
const bool bench_has_cgroups = IS_ENABLED(CONFIG_MEMCG);

u64 bench_now(void)
{
	return ktime_get_ns();
}

void bench_record(const char *figure, const char *row, const char *what,
		  u64 thousandths)
{
	pr_info(RECORD_FORMAT "\n", figure, "kernel", row, what,
		RECORD_VALUE(thousandths));
}

/* Let in whoever waits. */
void bench_breathe(void)
{
	cond_resched();
}

static int __init bench_init(void)
{
	return bench_run(only);
}

static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("Benchmark of gomap");
MODULE_AUTHOR("gomap developers");
MODULE_LICENSE("GPL");
