/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench.h - what the files of the benchmark share.
 *
 * The figures are measured by the same code in a program (host.c, over the shims
 * of this folder) and in a kernel (kernel.c); it knows of gomap what any module
 * knows, <linux/gomap.h>.  Nothing here passes or fails: a figure is printed as
 * it is.
 *
 * What is compared is measured in turn within one run, and the median of the
 * rounds counts: so whatever else goes on meanwhile meets all alike.
 */
#ifndef BENCH_H
#define BENCH_H

#include <linux/gomap.h>
#include <linux/types.h>

/* Rounds that count, after one that only warms up. */
#define BENCH_ROUNDS	15

/* Largest value that any figure stores, bytes. */
#define BENCH_VALUE_MAX	1024U

/**
 * struct bench_figure - something to measure.
 * @name: What the records of it are called.
 * @run: Measure and record it; 0 or a negative errno.
 */
struct bench_figure {
	const char *name;
	int (*run)(const char *name);
};

/**
 * struct bench_samples - what the rounds of one measurement gave.
 * @ns: Nanoseconds, by round.
 * @nr: Rounds so far.
 */
struct bench_samples {
	u64 ns[BENCH_ROUNDS];
	u32 nr;
};

/* host.c or kernel.c */
extern const bool bench_has_cgroups;
u64 bench_now(void);
void bench_record(const char *figure, const char *row, const char *what,
		  u64 thousandths);
void bench_breathe(void);

/* host.c or rhashtable.c */
int bench_memory_of_peers(const char *name);

/* common.c */
int bench_run(const char *only);
struct gomap *bench_create(u32 value_size, u64 hint, u32 flags);
void bench_destroy(struct gomap *map);
int bench_insert(struct gomap *map, u32 value_size, u64 first, u64 nr);
int bench_overwrite(struct gomap *map, u32 value_size, u64 first, u64 nr);
void bench_add_sample(struct bench_samples *samples, u64 ns);
u64 bench_median(struct bench_samples *samples);

/* One file each. */
int bench_allocations(const char *name);
int bench_objects(const char *name);
int bench_insertion(const char *name);
int bench_memory(const char *name);
int bench_destruction(const char *name);

#endif /* BENCH_H */
