// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_threads.c - two threads at one table, against one: reading only, and with
 * one write in ten or in two operations, a delete or the insert that makes up for
 * it.  Threads read all keys, each writes to its half.
 */
#include <pthread.h>

#include "speed_bench.h"
#include "speed_threads.h"

/**
 * struct worker - a thread.
 * @peer: What kind of table.
 * @table: The table.
 * @share: What to do with it.
 * @number: Of the thread, and of its CPU.
 * @start: All begin at once.
 * @ns: That it took.
 * @absent: Reads that found nothing.
 */
struct worker {
	const struct speed_peer *peer;
	void *table;
	struct speed_share share;
	int number;
	pthread_barrier_t *start;
	double ns;
	size_t absent;
};

/*
 * Reads that may find nothing: each of two threads has one key out of the table for
 * half of the time, and this is four times as many as that makes.
 */
static size_t most_absent(const struct setting *s)
{
	return 64 + s->lookups * 4 / s->entries;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	double began;

	speed_run_on(w->number);
	speed_thread_online(w->number);
	pthread_barrier_wait(w->start);
	began = speed_now();
	w->absent = w->peer->mixed(w->table, &w->share);
	w->ns = speed_now() - began;
	speed_thread_offline();
	return NULL;
}

/* Operations in a nanosecond of so many threads together. */
static double together(const struct speed_peer *p, void *table,
		       const struct setting *s, unsigned int period, int nr)
{
	struct worker worker[SPEED_THREADS];
	pthread_t thread[SPEED_THREADS];
	pthread_barrier_t start;
	double rate = 0;
	int i;

	pthread_barrier_init(&start, NULL, (unsigned int)nr);
	for (i = 0; i < nr; i++) {
		worker[i] = (struct worker){
			.peer = p, .table = table, .number = i, .start = &start,
			.share = {
				.reads = names.present, .nr = s->lookups,
				.own = names.removal + s->entries / 2 * i,
				.nr_own = s->entries / 2,
				.period = period, .breathe = p->breathe,
			},
		};
		speed_expect(!pthread_create(&thread[i], NULL, work, &worker[i]));
	}
	for (i = 0; i < nr; i++) {
		pthread_join(thread[i], NULL);
		speed_expect(worker[i].absent <= (period ? most_absent(s) : 0));
		rate += (double)s->lookups / worker[i].ns;
	}
	pthread_barrier_destroy(&start);
	return rate;
}

void speed_threads(const struct speed_peer *p, const struct setting *s)
{
	static const struct { const char *name; unsigned int period; } mixes[] = {
		{ "two readers, against one", 0 },
		{ "two threads 90/10, against one", 10 },
		{ "two threads 50/50, against one", 2 },
	};
	double ratio[SPEED_ROUNDS_MAX];
	unsigned int round;
	void *table;
	size_t i;

	speed_fill(p, s, 0, &table);
	for (i = 0; i < sizeof(mixes) / sizeof(mixes[0]); i++) {
		for (round = 0; round < s->rounds; round++)
			ratio[round] = 1 /
				together(p, table, s, mixes[i].period, 1) *
				together(p, table, s, mixes[i].period, 2);
		speed_record_rounds(s, mixes[i].name, p->name, ratio);
	}
	p->destroy(table);
}
