// SPDX-License-Identifier: GPL-2.0-only
/* speed_record.c - the clock, medians, and a line of JSON for each figure. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include "../record.h"
#include "speed_bench.h"

double speed_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

void speed_run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Puts them in order. */
double speed_median(double *values, unsigned int nr)
{
	qsort(values, nr, sizeof(*values), by_size);
	return values[nr / 2];
}

void speed_record(const char *figure, const struct setting *s, const char *step,
		  const char *what, double value)
{
	char row[80];

	snprintf(row, sizeof(row), "%s, %s", step, s->name);
	printf(RECORD_FORMAT "\n", figure, "host", row, what,
	       RECORD_VALUE(1000 * value));
	fflush(stdout);
}

/* The median, and how far the rounds spread, in percent of it. */
void speed_record_rounds(const struct setting *s, const char *step,
			 const char *what, double *values)
{
	double median = speed_median(values, s->rounds);

	if (!median)
		return;
	speed_record("speed", s, step, what, median);
	speed_record("speed spread", s, step, what,
		     100 * (values[s->rounds - 1] - values[0]) / median);
}
