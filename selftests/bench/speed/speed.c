// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed.c - how fast gomap is beside other tables, in one process on one CPU.
 *
 *	speed [--quick] [GO_PROGRAM...]
 *
 * In each round each table is filled, searched and emptied in turn, and medians
 * of the rounds are printed, so that whatever else goes on meets all alike; a
 * chain of dependent loads that is timed beside them tells how much did go on, and
 * a round in which that was slow is repeated.  Tables of other languages are
 * programs that are told what to do by lines, see speed_go.go, and get the same
 * keys in the same order.
 */
#include <stdio.h>
#include <unistd.h>

#include "../../../module/init.h"
#include "speed_bench.h"
#include "speed_bpf.h"

#define PEERS_MAX	16

/* A round whose canary is so much above the median of all is played again... */
#define NOISY		1.15

/* ... so often. */
#define REPEATS		2

enum step {
	STEP_INSERT,
	STEP_PRESIZED,
	STEP_HIT,
	STEP_DEPENDENT,
	STEP_MISS,
	STEP_ZIPF,
	STEP_BULK_8,
	STEP_BULK_32,
	STEP_BULK_64,
	STEP_ITERATE,
	STEP_DELETE,
	NR_STEPS,
};

static const char *const step_names[NR_STEPS] = {
	[STEP_INSERT] = "insert, growing",
	[STEP_PRESIZED] = "insert, presized",
	[STEP_HIT] = "hit",
	[STEP_DEPENDENT] = "hit, dependent",
	[STEP_MISS] = "miss",
	[STEP_ZIPF] = "hit, Zipf 0.99",
	[STEP_BULK_8] = "hit, 8 at once",
	[STEP_BULK_32] = "hit, 32 at once",
	[STEP_BULK_64] = "hit, 64 at once",
	[STEP_ITERATE] = "iterate",
	[STEP_DELETE] = "delete",
};

static const struct setting full[] = {
	{ 1000, "10^3", 300, 1 << 20, 5 },
	{ 100000, "10^5", 3, 1 << 20, 5 },
	{ 1000000, "10^6", 1, 1 << 20, 5 },
	{ 10000000, "10^7", 1, 1 << 21, 5 },
}, quick[] = {
	{ 1000, "10^3", 100, 1 << 20, 3 },
	{ 1000000, "10^6", 1, 1 << 20, 3 },
};

/* Other shapes, of as many entries as fit into a gigabyte. */
static const struct {
	struct setting setting;
	const struct speed_peer *peers[6];
} shapes[] = {
#define SHAPE(entries, name, shape)					\
	{ { entries, name, 1, 1 << 19, 3 }, {				\
		&SPEED_PEER_OF(gomap, shape),				\
		&SPEED_PEER_OF(gomap_trusted, shape),			\
		&SPEED_PEER_OF(rhashtable, shape),			\
		&SPEED_PEER_OF(urcu, shape),				\
		&SPEED_PEER_OF(boost, shape),				\
		&SPEED_PEER_OF(absl, shape),				\
	} }
	SHAPE(1000000, "10^6 of 16/64 B", 16_64),
	SHAPE(1000000, "10^6 of 8/128 B", 8_128),
	SHAPE(400000, "4*10^5 of 8/2048 B", 8_2048),
};

/**
 * struct subject - a peer, or a program that is one.
 * @peer: NULL: a program.
 * @name: For a person.
 * @own_name: Of a program, by itself.
 * @to: Commands for the program.
 * @from: Its answers.
 * @ns: Of an operation, by step and round; 0: the peer has no such step.
 */
struct subject {
	const struct speed_peer *peer;
	const char *name;
	char own_name[32];
	FILE *to, *from;
	double ns[NR_STEPS][SPEED_ROUNDS_MAX];
};

/**
 * struct contest - subjects that are compared.
 * @subjects: Those.
 * @nr: How many.
 * @has_bpf: BPF maps are among them.
 */
struct contest {
	struct subject subjects[PEERS_MAX];
	unsigned int nr;
	bool has_bpf;
};

static void add_peer(struct contest *contest, const struct speed_peer *peer)
{
	struct subject *subject = &contest->subjects[contest->nr++];

	*subject = (struct subject){ .peer = peer, .name = peer->name };
}

/* -- a peer in this process ----------------------------------------------- */

/* What it should have found; an operation without answers has none. */
static speed_u64 expected(const speed_u64 *which, size_t nr)
{
	speed_u64 sum = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		sum += ~which[i];
	return sum;
}

static double read_all(const struct speed_peer *p, void *table,
		       const speed_u64 *which, size_t nr, speed_read_fn *read)
{
	speed_u64 sum;
	double began, ns;

	if (!read)
		return 0;
	began = speed_now();
	sum = read(table, which, nr);
	ns = speed_now() - began;
	speed_expect(sum == expected(which, nr));
	if (p->breathe)
		p->breathe(table);
	return ns / (double)nr;
}

static double write_each(const struct speed_peer *p, void *table,
			 const speed_u64 *which, size_t nr,
			 speed_write_fn *write)
{
	double began = speed_now();

	speed_write_all(p, table, which, nr, write);
	return (speed_now() - began) / (double)nr;
}

static double read_absent(const struct speed_peer *p, void *table, size_t nr)
{
	double began = speed_now();

	p->miss(table, names.absent, nr);
	return (speed_now() - began) / (double)nr;
}

static void play_peer(struct subject *subject, const struct setting *s,
		      unsigned int round)
{
	const struct speed_peer *p = subject->peer;
	const struct { enum step step; speed_read_fn *read; const speed_u64 *which; size_t nr; }
	reads[] = {
		{ STEP_HIT, p->hit, names.present, s->lookups },
		{ STEP_DEPENDENT, p->dependent, names.present, s->lookups },
		{ STEP_ZIPF, p->hit, names.zipf, s->lookups },
		{ STEP_BULK_8, p->bulk_8, names.present, s->lookups },
		{ STEP_BULK_32, p->bulk_32, names.present, s->lookups },
		{ STEP_BULK_64, p->bulk_64, names.present, s->lookups },
		{ STEP_ITERATE, p->iterate, names.all, s->entries },
	};
	void *table;
	size_t i;

	subject->ns[STEP_PRESIZED][round] = speed_fill(p, s, s->entries, &table);
	if (!p->fixed) {
		p->destroy(table);
		subject->ns[STEP_INSERT][round] = speed_fill(p, s, 0, &table);
	}
	if (p->settle)
		p->settle(table, s->entries);
	for (i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
		subject->ns[reads[i].step][round] =
			read_all(p, table, reads[i].which, reads[i].nr,
				 reads[i].read);
	subject->ns[STEP_MISS][round] = read_absent(p, table, s->lookups);
	subject->ns[STEP_DELETE][round] =
		write_each(p, table, names.removal, s->entries, p->remove);
	p->destroy(table);
}

/* -- a program ------------------------------------------------------------ */

/* It finds the names of keys at descriptor 3, and says its own first. */
static void start_program(struct contest *contest, const char *path, int fd)
{
	struct subject *subject = &contest->subjects[contest->nr++];
	int to[2], from[2];

	speed_expect(!pipe(to) && !pipe(from));
	if (!fork()) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		dup2(fd, 3);
		close(to[1]);
		close(from[0]);
		execl(path, path, NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	subject->to = fdopen(to[1], "w");
	subject->from = fdopen(from[0], "r");
	speed_expect(subject->from &&
		     fscanf(subject->from, " %31[^\n]", subject->own_name) == 1);
	subject->name = subject->own_name;
}

/* It answers with the nanoseconds of each step, in the order of enum step. */
static void play_program(struct subject *subject, const struct setting *s,
			 unsigned int round)
{
	int step;

	fprintf(subject->to, "play %zu %zu %zu %zu %zu %zu %zu %zu\n", s->entries,
		s->fills, s->lookups, names.all - names.all,
		names.removal - names.all, names.present - names.all,
		names.absent - names.all, names.zipf - names.all);
	fflush(subject->to);
	for (step = 0; step < NR_STEPS; step++)
		speed_expect(fscanf(subject->from, "%lf",
				    &subject->ns[step][round]) == 1);
}

/* Microseconds of one insert, in the order that speed_longest() has. */
static void longest_of_program(struct subject *subject, const struct setting *s)
{
	static const char *const at[] = { "p50", "p99", "p99.9", "p99.99", "max" };
	double us;
	size_t i;

	fprintf(subject->to, "longest %zu 0 0 0 0 0 0 0\n", s->entries);
	fflush(subject->to);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		speed_expect(fscanf(subject->from, "%lf", &us) == 1);
		speed_record("longest", s, subject->name, at[i], us);
	}
}

/* -- rounds --------------------------------------------------------------- */

/* Returns the slowest of the canaries between its subjects. */
static double play_round(struct contest *contest, const struct setting *s,
			 unsigned int round)
{
	double canary = speed_canary(), slowest = canary;
	unsigned int i;

	for (i = 0; i < contest->nr; i++) {
		if (contest->subjects[i].peer)
			play_peer(&contest->subjects[i], s, round);
		else
			play_program(&contest->subjects[i], s, round);
		canary = speed_canary();
		if (canary > slowest)
			slowest = canary;
	}
	return slowest;
}

/* Returns how many rounds were noisy to the end. */
static unsigned int repeat_noisy(struct contest *contest,
				 const struct setting *s, double *canary)
{
	double sorted[SPEED_ROUNDS_MAX], median;
	unsigned int round, repeat, noisy = 0;

	memcpy(sorted, canary, sizeof(sorted));
	median = speed_median(sorted, s->rounds);
	for (round = 0; round < s->rounds; round++) {
		for (repeat = 0; repeat < REPEATS; repeat++)
			if (canary[round] > NOISY * median)
				canary[round] = play_round(contest, s, round);
		noisy += canary[round] > NOISY * median;
	}
	return noisy;
}

static void play(struct contest *contest, const struct setting *s)
{
	double canary[SPEED_ROUNDS_MAX] = { };
	unsigned int round, i, noisy;
	int step;

	for (round = 0; round < s->rounds; round++)
		canary[round] = play_round(contest, s, round);
	noisy = repeat_noisy(contest, s, canary);
	for (step = 0; step < NR_STEPS; step++)
		for (i = 0; i < contest->nr; i++)
			speed_record_rounds(s, step_names[step],
					    contest->subjects[i].name,
					    contest->subjects[i].ns[step]);
	speed_record_rounds(s, "a dependent load meanwhile", "the machine",
			    canary);
	speed_record("speed noise", s, "rounds that others disturbed",
		     "the machine", noisy);
}

/* Those that several threads can use. */
static void play_threads(const struct contest *contest, const struct setting *s)
{
	unsigned int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return;
	for (i = 0; i < contest->nr; i++)
		if (contest->subjects[i].peer &&
		    contest->subjects[i].peer->for_threads)
			speed_threads(contest->subjects[i].peer, s);
}

static void play_longest(struct contest *contest, const struct setting *s)
{
	unsigned int i;

	for (i = 0; i < contest->nr; i++)
		if (!contest->subjects[i].peer)
			longest_of_program(&contest->subjects[i], s);
		else if (!contest->subjects[i].peer->fixed)
			speed_longest(contest->subjects[i].peer, s);
}

static void play_shapes(void)
{
	struct contest contest = { };
	size_t i, j;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		contest.nr = 0;
		for (j = 0; j < sizeof(shapes[i].peers) / sizeof(shapes[i].peers[0]); j++)
			add_peer(&contest, shapes[i].peers[j]);
		speed_choose_names(&shapes[i].setting);
		play(&contest, &shapes[i].setting);
	}
}

/* Kilobytes of a process in large pages, in percent of all that are its own. */
static void record_large_pages(const struct setting *s)
{
	unsigned long own = 0, large = 0;
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Anonymous: %lu", &own) != 1)
			sscanf(line, "AnonHugePages: %lu", &large);
	if (file)
		fclose(file);
	if (own)
		speed_record("speed pages", s, "memory in large pages, %",
			     "this program", 100.0 * (double)large / (double)own);
}

static void measure(struct contest *contest, const struct setting *s)
{
	speed_choose_names(s);
	play(contest, s);
	if (contest->has_bpf)
		speed_bpf_calls(s);
	play_threads(contest, s);
	speed_run_on(sysconf(_SC_NPROCESSORS_ONLN) > 1);
	if (s->entries > 100000)
		play_longest(contest, s);
	record_large_pages(s);
}

static void widen(size_t *entries, size_t *lookups, const struct setting *s)
{
	if (s->entries > *entries)
		*entries = s->entries;
	if (s->lookups > *lookups)
		*lookups = s->lookups;
}

/* For each of the settings, and those of other shapes. */
static int make_room(const struct setting *settings, size_t nr)
{
	size_t entries = 0, lookups = 0, i;

	for (i = 0; i < nr; i++)
		widen(&entries, &lookups, &settings[i]);
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		widen(&entries, &lookups, &shapes[i].setting);
	return speed_make_room_for_names(entries, lookups);
}

int main(int argc, char **argv)
{
	static const struct speed_peer *const peers[] = {
		&SPEED_PEER_OF(gomap, 8_8), &SPEED_PEER_OF(gomap_trusted, 8_8),
		&SPEED_PEER_OF(view, 8_8),
		&SPEED_PEER_OF(rhashtable, 8_8), &SPEED_PEER_OF(urcu, 8_8),
		&SPEED_PEER_OF(boost, 8_8), &SPEED_PEER_OF(absl, 8_8),
	};
	static struct contest contest;
	bool is_quick = argc > 1 && !strcmp(argv[1], "--quick");
	const struct setting *settings = is_quick ? quick : full;
	size_t i, nr = is_quick ? sizeof(quick) / sizeof(quick[0]) :
				  sizeof(full) / sizeof(full[0]);
	int fd = make_room(settings, nr);

	speed_run_on(sysconf(_SC_NPROCESSORS_ONLN) > 1);
	for (i = 0; i < sizeof(peers) / sizeof(peers[0]); i++)
		add_peer(&contest, peers[i]);
	contest.has_bpf = speed_bpf_works();
	if (contest.has_bpf)
		add_peer(&contest, &speed_bpf);
	for (i = 1 + is_quick; i < (size_t)argc && contest.nr < PEERS_MAX; i++)
		start_program(&contest, argv[i], fd);
	speed_make_chain();
	speed_expect(!gomap_core_init());
	speed_limits(&settings[0]);
	for (i = 0; i < nr; i++)
		measure(&contest, &settings[i]);
	if (!is_quick) {
		play_shapes();
		speed_bytes(&SPEED_PEER_OF(gomap, 8_8));
	}
	gomap_core_exit();
	return 0;
}
