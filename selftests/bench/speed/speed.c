// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed.c - how fast gomap is beside other tables, in one process on one CPU.
 *
 *	speed [--quick] [GO_PROGRAM...]
 *
 * In each round each table is filled, searched and emptied in turn, and medians
 * of the rounds are printed, so that whatever else goes on meets all alike; a
 * chain of dependent loads that is timed beside them tells how much did go on.
 * Tables of other languages are programs that are told what to do by lines, see
 * speed_go.go, and get the same keys in the same order.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../record.h"
#include "../../../module/init.h"
#include "speed.h"

#define ROUNDS_MAX	7
#define PEERS_MAX	8

enum step {
	STEP_INSERT,
	STEP_PRESIZED,
	STEP_HIT,
	STEP_MISS,
	STEP_BULK,
	STEP_DELETE,
	NR_STEPS,
};

static const char *const step_names[NR_STEPS] = {
	[STEP_INSERT] = "insert, growing",
	[STEP_PRESIZED] = "insert, presized",
	[STEP_HIT] = "hit",
	[STEP_MISS] = "miss",
	[STEP_BULK] = "hit, 32 at once",
	[STEP_DELETE] = "delete",
};

/**
 * struct setting - how much of what.
 * @entries: Of a table.
 * @name: For a person.
 * @fills: Tables that are filled, for a time that is long enough to be measured.
 * @lookups: A multiple of SPEED_BULK.
 * @rounds: That count, at most ROUNDS_MAX.
 */
struct setting {
	size_t entries;
	const char *name;
	size_t fills;
	size_t lookups;
	unsigned int rounds;
};

static const struct setting settings[] = {
	{ 1000, "10^3", 300, 2000000, 7 },
	{ 1000000, "10^6", 1, 2000000, 7 },
	{ 10000000, "10^7", 1, 4000000, 5 },	/* left out by --quick */
};

/**
 * struct subject - a peer, or a program that is one.
 * @peer: NULL: a program.
 * @name: For a person.
 * @to: Commands for the program.
 * @from: Its answers.
 * @ns: Of an operation, by step and round; 0: the peer has no such step.
 */
struct subject {
	const struct speed_peer *peer;
	const char *name;
	FILE *to, *from;
	double ns[NR_STEPS][ROUNDS_MAX];
};

static struct subject subjects[PEERS_MAX];
static unsigned int nr_subjects;
static speed_u64 *keys, *present, *absent;

/* One to one, and its results look like chance. */
static speed_u64 mix(speed_u64 x)
{
	x = (x ^ x >> 31) * 0x7fb5d329728ea185ULL;
	x = (x ^ x >> 27) * 0x81dadef4bc2dd44dULL;
	return x ^ x >> 33;
}

static speed_u64 draw(speed_u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void choose_keys(const struct setting *s)
{
	speed_u64 state = 88172645463325252ULL;
	size_t i;

	for (i = 0; i < s->entries; i++)
		keys[i] = mix(i);
	for (i = 0; i < s->lookups; i++)
		present[i] = keys[draw(&state) % s->entries];
	for (i = 0; i < s->lookups; i++)
		absent[i] = mix(s->entries + draw(&state) % s->entries);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* -- a peer in this process ----------------------------------------------- */

static void write_all(const struct speed_peer *p, void *table, size_t nr,
		      void (*write)(void *table, const speed_u64 *keys,
				    size_t nr))
{
	size_t i, some;

	for (i = 0; i < nr; i += some) {
		some = nr - i < SPEED_BREATH ? nr - i : SPEED_BREATH;
		write(table, keys + i, some);
		if (p->breathe)
			p->breathe(table);
	}
}

/* Fill so many tables; the last one stays.  Return: nanoseconds an insert. */
static double fill(const struct speed_peer *p, const struct setting *s,
		   size_t hint, void **table)
{
	double ns = 0, began;
	size_t i;

	for (i = 0; i < s->fills; i++) {
		if (i)
			p->destroy(*table);
		*table = p->create(hint);
		began = now();
		write_all(p, *table, s->entries, p->insert);
		ns += now() - began;
	}
	return ns / (double)s->fills / (double)s->entries;
}

static double read_all(const struct setting *s, void *table,
		       speed_u64 (*read)(void *table, const speed_u64 *keys,
					size_t nr))
{
	double began = now();
	speed_u64 sum = read(table, present, s->lookups);
	double ns = now() - began;
	size_t i;

	for (i = 0; i < s->lookups; i++)
		sum -= ~present[i];
	speed_expect(!sum);
	return ns / (double)s->lookups;
}

static double read_absent(const struct setting *s, void *table,
			  const struct speed_peer *p)
{
	double began = now();

	p->miss(table, absent, s->lookups);
	return (now() - began) / (double)s->lookups;
}

static double delete_all(const struct speed_peer *p, const struct setting *s,
			 void *table)
{
	double began = now();

	write_all(p, table, s->entries, p->remove);
	return (now() - began) / (double)s->entries;
}

static void play(struct subject *subject, const struct setting *s,
		 unsigned int round)
{
	const struct speed_peer *p = subject->peer;
	void *table;

	subject->ns[STEP_PRESIZED][round] = fill(p, s, s->entries, &table);
	p->destroy(table);
	subject->ns[STEP_INSERT][round] = fill(p, s, 0, &table);
	subject->ns[STEP_HIT][round] = read_all(s, table, p->hit);
	subject->ns[STEP_MISS][round] = read_absent(s, table, p);
	if (p->bulk)
		subject->ns[STEP_BULK][round] = read_all(s, table, p->bulk);
	subject->ns[STEP_DELETE][round] = delete_all(p, s, table);
	p->destroy(table);
}

/* -- a program ------------------------------------------------------------ */

static void start_program(struct subject *subject, const char *path)
{
	int to[2], from[2];

	speed_expect(!pipe(to) && !pipe(from));
	if (!fork()) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		close(to[1]);
		close(from[0]);
		execl(path, path, NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	subject->to = fdopen(to[1], "w");
	subject->from = fdopen(from[0], "r");
	subject->name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

/* It answers with the nanoseconds of each step, in the order of enum step. */
static void play_program(struct subject *subject, const struct setting *s,
			 unsigned int round)
{
	int step;

	fprintf(subject->to, "%zu %zu %zu\n", s->entries, s->fills, s->lookups);
	fflush(subject->to);
	for (step = 0; step < NR_STEPS; step++)
		speed_expect(fscanf(subject->from, "%lf",
				    &subject->ns[step][round]) == 1);
}

/* -- what becomes of it --------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void record(const char *figure, const struct setting *s,
		   const char *step, const char *what, double value)
{
	char row[80];

	snprintf(row, sizeof(row), "%s, %s", step, s->name);
	printf(RECORD_FORMAT "\n", figure, "host", row, what,
	       RECORD_VALUE(1000 * value));
	fflush(stdout);
}

/* The median, and how far the rounds spread, in percent of it. */
static void record_rounds(const struct setting *s, const char *step,
			  const char *what, double *ns)
{
	double median;

	qsort(ns, s->rounds, sizeof(*ns), by_size);
	median = ns[s->rounds / 2];
	if (!median)
		return;
	record("speed", s, step, what, median);
	record("speed spread", s, step, what,
	       100 * (ns[s->rounds - 1] - ns[0]) / median);
}

static void record_all(const struct setting *s, double *canary)
{
	unsigned int i;
	int step;

	for (step = 0; step < NR_STEPS; step++)
		for (i = 0; i < nr_subjects; i++)
			record_rounds(s, step_names[step], subjects[i].name,
				      subjects[i].ns[step]);
	record_rounds(s, "a dependent load", "the machine", canary);
}

/* -- the machine ---------------------------------------------------------- */

#define CHAIN	(1U << 22)	/* 32 MB of numbers: beyond the caches */

static speed_u64 *chain;

static void make_chain(void)
{
	speed_u64 i, j, swapped, state = 1442695040888963407ULL;

	chain = malloc(CHAIN * sizeof(*chain));
	speed_expect(!!chain);
	for (i = 0; i < CHAIN; i++)
		chain[i] = i;
	for (i = CHAIN - 1; i; i--) {	/* one cycle through all of it */
		j = draw(&state) % i;
		swapped = chain[i];
		chain[i] = chain[j];
		chain[j] = swapped;
	}
}

static double time_chain(void)
{
	double began = now();
	speed_u64 at = 0;
	int i;

	for (i = 0; i < 200000; i++)
		at = chain[at];
	speed_expect(at < CHAIN);
	return (now() - began) / 200000;
}

/* -- two readers ---------------------------------------------------------- */

/**
 * struct reader - one of several that read one table.
 * @peer: What it is.
 * @table: The table.
 * @setting: How often.
 * @cpu: Where it runs.
 */
struct reader {
	const struct speed_peer *peer;
	void *table;
	const struct setting *setting;
	int cpu;
};

static void *read_for_a_while(void *arg)
{
	struct reader *r = arg;

	run_on(r->cpu);
	r->peer->hit(r->table, present, r->setting->lookups);
	return NULL;
}

/* Lookups in a nanosecond of so many readers together. */
static double readers(const struct speed_peer *p, void *table,
		      const struct setting *s, int nr)
{
	struct reader reader[2];
	pthread_t thread[2];
	double began = now();
	int i;

	for (i = 0; i < nr; i++) {
		reader[i] = (struct reader){ p, table, s, i };
		speed_expect(!pthread_create(&thread[i], NULL,
					     read_for_a_while, &reader[i]));
	}
	for (i = 0; i < nr; i++)
		pthread_join(thread[i], NULL);
	return nr * (double)s->lookups / (now() - began);
}

static void compare_readers(const struct speed_peer *p,
			    const struct setting *s)
{
	double ratio[ROUNDS_MAX];
	unsigned int round;
	void *table;

	fill(p, s, 0, &table);
	for (round = 0; round < s->rounds; round++)
		ratio[round] = 1 / readers(p, table, s, 1) *
			       readers(p, table, s, 2);
	p->destroy(table);
	record_rounds(s, "two readers, against one", p->name, ratio);
}

/* -- how long one insert can take ----------------------------------------- */

static void record_longest(const struct speed_peer *p, const struct setting *s)
{
	static const struct { const char *name; double part; } at[] = {
		{ "p50", 0.5 }, { "p99", 0.99 }, { "p99.9", 0.999 },
		{ "p99.99", 0.9999 }, { "max", 1 },
	};
	double *ns = malloc(s->entries * sizeof(*ns)), began;
	void *table = p->create(0);
	size_t i;

	speed_expect(!!ns);
	memset(ns, 1, s->entries * sizeof(*ns));
	for (i = 0; i < s->entries; i++) {
		began = now();
		p->insert(table, keys + i, 1);
		ns[i] = now() - began;
		if (i % SPEED_BREATH == 0 && p->breathe)
			p->breathe(table);
	}
	p->destroy(table);
	qsort(ns, s->entries, sizeof(*ns), by_size);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		record("longest", s, p->name, at[i].name,
		       ns[(size_t)((double)(s->entries - 1) * at[i].part)] /
		       1000);
	free(ns);
}

static void measure(const struct setting *s)
{
	double canary[ROUNDS_MAX];
	unsigned int round, i;

	choose_keys(s);
	for (round = 0; round < s->rounds; round++) {
		canary[round] = time_chain();
		for (i = 0; i < nr_subjects; i++)
			if (subjects[i].peer)
				play(&subjects[i], s, round);
			else
				play_program(&subjects[i], s, round);
	}
	record_all(s, canary);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1) {
		compare_readers(&speed_gomap, s);
		compare_readers(&speed_rhashtable, s);
		run_on(1);
	}
	if (s->entries > 1000) {
		record_longest(&speed_gomap, s);
		record_longest(&speed_rhashtable, s);
	}
}

static void make_room(const struct setting *s)
{
	keys = malloc(s->entries * sizeof(*keys));
	present = malloc(s->lookups * sizeof(*present));
	absent = malloc(s->lookups * sizeof(*absent));
	speed_expect(keys && present && absent);
}

int main(int argc, char **argv)
{
	static const struct speed_peer *const peers[] = {
		&speed_gomap, &speed_gomap_trusted, &speed_rhashtable,
		&speed_boost,
	};
	bool quick = argc > 1 && !strcmp(argv[1], "--quick");
	size_t i, nr = sizeof(settings) / sizeof(settings[0]) - quick;

	run_on(sysconf(_SC_NPROCESSORS_ONLN) > 1);
	for (i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
		subjects[nr_subjects].peer = peers[i];
		subjects[nr_subjects++].name = peers[i]->name;
	}
	for (i = 1 + quick; i < (size_t)argc && nr_subjects < PEERS_MAX; i++)
		start_program(&subjects[nr_subjects++], argv[i]);
	make_room(&settings[nr - 1]);
	make_chain();
	speed_expect(!gomap_core_init());
	for (i = 0; i < nr; i++)
		measure(&settings[i]);
	gomap_core_exit();
	return 0;
}
