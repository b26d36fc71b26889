// SPDX-License-Identifier: GPL-2.0-only
/*
 * host.c - the benchmark as a program: core and arena, compiled as they are, with
 * optimisation and without sanitizers, over shims that cost as little as what
 * they stand for.
 *
 *	host [FIGURE]
 */
#include <time.h>

#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "../../module/init.h"
#include "bench.h"
#include "record.h"

const bool bench_has_cgroups;

u64 bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

void bench_record(const char *figure, const char *row, const char *what,
		  u64 thousandths)
{
	printf(RECORD_FORMAT "\n", figure, "host", row, what,
	       RECORD_VALUE(thousandths));
	fflush(stdout);
}

/* What a kernel does meanwhile, by interrupts and other threads. */
void bench_breathe(void)
{
	rcu_barrier();
	shim_run_work();
}

/* Those of the host are programs of their own. */
int bench_memory_of_peers(const char *name)
{
	return 0;
}

int main(int argc, char **argv)
{
	int err;

	err = gomap_core_init();
	if (err)
		return 1;
	err = bench_run(argc > 1 ? argv[1] : "");
	gomap_core_exit();
	if (err)
		fprintf(stderr, "bench: %s\n", strerror(-err));
	return err != 0;
}
