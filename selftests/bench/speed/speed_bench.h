/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * speed_bench.h - what the files share that measure, and know of a table only what
 * struct speed_peer says: names of keys, the clock, figures.
 */
#ifndef SPEED_BENCH_H
#define SPEED_BENCH_H

#include "speed.h"

#define SPEED_ROUNDS_MAX	7

/**
 * struct setting - how much of what.
 * @entries: Of a table.
 * @name: For a person.
 * @fills: Tables that are filled, for a time that is long enough to be measured.
 * @lookups: A multiple of SPEED_BULK.
 * @rounds: That count, at most SPEED_ROUNDS_MAX.
 */
struct setting {
	size_t entries;
	const char *name;
	size_t fills;
	size_t lookups;
	unsigned int rounds;
};

/**
 * struct names - of keys, and the order in which they are asked for.
 * @all: Of a table, by order of insertion.
 * @removal: The same in another order.
 * @present: Some of them, uniformly chosen.
 * @absent: None of them.
 * @zipf: Some of them, few of them often.
 */
struct names {
	speed_u64 *all, *removal, *present, *absent, *zipf;
};

/* speed_names.c */
extern struct names names;
int speed_make_room_for_names(size_t entries, size_t lookups);
void speed_choose_names(const struct setting *s);
speed_u64 speed_draw(speed_u64 *state);

/* speed_record.c */
double speed_now(void);
void speed_run_on(int cpu);
double speed_median(double *values, unsigned int nr);
void speed_record(const char *figure, const struct setting *s, const char *step,
		  const char *what, double value);
void speed_record_rounds(const struct setting *s, const char *step,
			 const char *what, double *values);

/* speed_machine.c */
void speed_make_chain(void);
double speed_canary(void);
void speed_limits(const struct setting *s);

/* speed_fill.c: nanoseconds an insert; the last table stays. */
double speed_fill(const struct speed_peer *p, const struct setting *s,
		  size_t hint, void **table);
void speed_write_all(const struct speed_peer *p, void *table,
		     const speed_u64 *which, size_t nr, speed_write_fn *write);
void speed_bytes(const struct speed_peer *p);

/* One file each. */
void speed_threads(const struct speed_peer *p, const struct setting *s);
void speed_longest(const struct speed_peer *p, const struct setting *s);

#endif /* SPEED_BENCH_H */
