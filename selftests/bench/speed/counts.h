/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counts.h - what a lookup touches, counted and not timed.
 *
 * The files that a lookup runs through are compiled once more with the compiler's
 * instrumentation for data races, -fsanitize=thread, and linked with counts_trace.c
 * instead of its runtime: each load and store of that code reports its address.  A
 * simulator of a processor would see the same addresses, and all others, at a
 * thousand times the price.  What an address means the table says itself.
 */
#ifndef COUNTS_H
#define COUNTS_H

#include "speed.h"

#define COUNTS_LINE	64U	/* bytes of a cache line */

/**
 * enum counts_kind - what a cache line is touched for; a line counts as the first
 * of these that it is touched for.
 * @COUNTS_DESCRIPTOR: What all lookups need: seed, size, where the array is.
 * @COUNTS_SPAN: Where the part of the array is that the bucket is in.
 * @COUNTS_HANDLE: What leads to an overflow bucket; shared by all of them.
 * @COUNTS_HEAD: The bucket of the array: gomap's first 16 bytes of it, a pointer
 *	in rhashtable's.
 * @COUNTS_KEY: Keys there; in rhashtable the first object of the chain.
 * @COUNTS_VALUE: Values there, likewise.
 * @COUNTS_OVERFLOW: Whatever comes behind them in a chain.
 * @COUNTS_KINDS: How many there are.
 */
enum counts_kind {
	COUNTS_DESCRIPTOR,
	COUNTS_SPAN,
	COUNTS_HANDLE,
	COUNTS_HEAD,
	COUNTS_KEY,
	COUNTS_VALUE,
	COUNTS_OVERFLOW,
	COUNTS_KINDS,
};

/* What it means that a place was touched: one more of these was looked at. */
enum counts_probe {
	COUNTS_NOTHING,
	COUNTS_A_BUCKET,
	COUNTS_A_KEY,
};

/**
 * struct counts_place - a part of a table.
 * @begin: Where it begins.
 * @size: Bytes of it.
 * @kind: Of its lines.
 * @probe: What is counted if it is touched.
 */
struct counts_place {
	const void *begin;
	size_t size;
	enum counts_kind kind;
	enum counts_probe probe;
};

#define COUNTS_PLACES	512

/**
 * struct counts_map - what a lookup of one key may touch, place by place.
 * @place: The places.
 * @nr: How many.
 */
struct counts_map {
	struct counts_place place[COUNTS_PLACES];
	size_t nr;
};

static inline void counts_add(struct counts_map *m, const void *begin, size_t size,
			      enum counts_kind kind, enum counts_probe probe)
{
	speed_expect(m->nr < COUNTS_PLACES);
	m->place[m->nr++] = (struct counts_place){ begin, size, kind, probe };
}

/* Fill in where a key is, or would be. */
typedef void counts_map_fn(void *table, speed_u64 name, struct counts_map *m);

/**
 * struct counts_tally - sums over lookups.
 * @lookups: How many.
 * @lines: Lines touched, by kind.
 * @fetched: Lines fetched ahead and not touched.
 * @looks: Looks at a chain, from its version on.
 * @buckets: Buckets looked at, overflow buckets included.
 * @keys: Keys compared.  With rhashtable that is an object each.
 */
struct counts_tally {
	double lookups;
	double lines[COUNTS_KINDS];
	double fetched;
	double looks;
	double buckets;
	double keys;
};

/* counts_trace.c */
void counts_begin(void);
void counts_end(const struct counts_map *m, struct counts_tally *tally);

/* Lines that a key has for itself, or shares with its neighbours. */
static inline double counts_own_lines(const struct counts_tally *tally)
{
	double sum = 0;
	int kind;

	for (kind = COUNTS_HEAD; kind < COUNTS_KINDS; kind++)
		sum += tally->lines[kind];
	return sum;
}

/* counts_memory.c: calls of the allocator so far. */
unsigned long counts_allocations(void);

/* counts_gomap.c; counts_rhashtable.c, for each shape. */
counts_map_fn counts_map_gomap;
extern counts_map_fn SPEED_PEER_OF(map_rhashtable, 8_8),
		     SPEED_PEER_OF(map_rhashtable, 16_64),
		     SPEED_PEER_OF(map_rhashtable, 8_128);

/* counts_load.c: are they what they are in Go? */
bool counts_load(void);

/* counts.c */
void counts_lookups(const struct speed_peer *p, void *table, counts_map_fn *map,
		    const speed_u64 *names, size_t nr, bool hit,
		    struct counts_tally *tally);
void counts_record(const char *figure, const char *row, const char *what,
		   double value);

#endif /* COUNTS_H */
