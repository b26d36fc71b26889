// SPDX-License-Identifier: GPL-2.0-only
/*
 * counts_retries.c - how often a reader looks again because a writer was there: one
 * thread looks keys up, another overwrites values.
 *
 * Only lookup.c is compiled anew, to say when it looks at the version of a chain.
 * Unlike other counts these depend on the machine: on how long a look and a write
 * take, and on who is stopped where.
 */
#include <pthread.h>
#include <stdio.h>

#include <linux/err.h>
#include <linux/gomap.h>

#include "../../../module/init.h"
#include "../record.h"
#include "counts_hooks.h"
#include "speed_bench.h"
#include "speed_threads.h"

#define LOOKUPS	2000000U

static __thread unsigned long looks;
static unsigned long writes;
static bool is_over;

void counts_look(void)
{
	looks++;
}

static void record(const char *row, const char *what, double value)
{
	printf(RECORD_FORMAT "\n", "retries", "host", row, what,
	       RECORD_VALUE(1000 * value + 0.5));
}

static void store(struct gomap *map, speed_u64 key, speed_u64 value)
{
	speed_expect(gomap_store(map, &key, sizeof(key), &value, sizeof(value),
				 GFP_KERNEL) >= 0);
}

struct job {
	struct gomap *map;
	size_t entries;
};

static void *write_on(void *arg)
{
	const struct job *job = arg;
	speed_u64 state = 88172645463325252ULL;

	speed_run_on(1);
	speed_thread_online(1);
	while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
		store(job->map, speed_draw(&state) % job->entries, writes++);
		if (writes % SPEED_BREATH == 0)
			speed_breathe(job->map);
	}
	speed_thread_offline();
	return NULL;
}

static void read_all(const struct job *job)
{
	speed_u64 state = 1234567, key, value;
	size_t i;

	for (i = 0; i < LOOKUPS; i++) {
		key = speed_draw(&state) % job->entries;
		speed_expect(gomap_lookup(job->map, &key, sizeof(key), &value,
					  sizeof(value)) == sizeof(value));
		if (i % SPEED_BREATH == 0)
			speed_breathe(job->map);
	}
}

/* Looks of the same lookups: with a writer there are more by those that it has cost. */
static unsigned long looks_beside(const struct job *job, bool with_writer)
{
	pthread_t writer;

	looks = 0;
	is_over = false;
	writes = 0;
	if (with_writer)
		speed_expect(!pthread_create(&writer, NULL, write_on, (void *)job));
	read_all(job);
	__atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
	if (with_writer)
		pthread_join(writer, NULL);
	return looks;
}

static void count(const char *row, size_t entries)
{
	static struct gomap_info info;
	struct gomap_params params = { .key_size = 8, .value_size = 8 };
	struct job job = { gomap_create(&params), entries };
	unsigned long alone, beside;
	size_t i;

	speed_expect(!IS_ERR(job.map));
	for (i = 0; i < entries; i++)
		store(job.map, i, 0);
	speed_expect(!gomap_finish_resize(job.map));
	alone = looks_beside(&job, false);
	beside = looks_beside(&job, true);
	gomap_info(job.map, &info, false);
	record(row, "writes by lookup", (double)writes / LOOKUPS);
	record(row, "looks by lookup", (double)beside / LOOKUPS);
	record(row, "retries, per million",
	       1e6 * (double)(beside > alone ? beside - alone : 0) / LOOKUPS);
	record(row, "locks, per million", 1e6 * (double)info.read_retries / LOOKUPS);
	gomap_put(job.map);
	gomap_barrier();
}

int main(void)
{
	speed_expect(!gomap_core_init());
	speed_run_on(0);
	speed_thread_online(0);
	count("8 entries, one bucket", 8);
	count("1,000 entries", 1000);
	count("100,000 entries", 100000);
	speed_thread_offline();
	gomap_core_exit();
	return 0;
}
