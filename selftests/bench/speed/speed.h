/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * speed.h - what the tables have in common that are compared.
 *
 * A peer has its whole loops compiled in, so that no call through a pointer is
 * measured, and aborts where an answer is wrong.  Keys and values have 8 bytes;
 * a value is the complement of its key.  All run in one process on one CPU, in
 * turn, and what is compared comes from the same rounds.
 */
#ifndef SPEED_H
#define SPEED_H

#include <stddef.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes from one breath to the next, in which others have the CPU. */
#define SPEED_BREATH	64

/* Keys that a bulk lookup gets at once. */
#define SPEED_BULK	32

/* What the kernel calls u64, in C++ too. */
typedef unsigned long long speed_u64;

/**
 * struct speed_peer - a table.  All times are taken around these calls.
 * @name: For a person.
 * @create: Make one, with room for so many entries, 0: let it grow.
 * @destroy: To its end.
 * @insert: Keys that are not there.
 * @hit: Keys that are there; returns the sum of the values.
 * @miss: Keys that are not there.
 * @bulk: As @hit, SPEED_BULK at once; NULL: it has no such thing.
 * @breathe: What others do meanwhile in a kernel: RCU callbacks and work; NULL:
 *	nothing.
 * @remove: Keys that are there.
 */
struct speed_peer {
	const char *name;
	void *(*create)(size_t entries);
	void (*destroy)(void *table);
	void (*insert)(void *table, const speed_u64 *keys, size_t nr);
	speed_u64 (*hit)(void *table, const speed_u64 *keys, size_t nr);
	void (*miss)(void *table, const speed_u64 *keys, size_t nr);
	speed_u64 (*bulk)(void *table, const speed_u64 *keys, size_t nr);
	void (*breathe)(void *table);
	void (*remove)(void *table, const speed_u64 *keys, size_t nr);
};

extern const struct speed_peer speed_gomap, speed_gomap_trusted;
extern const struct speed_peer speed_rhashtable, speed_boost;

/* speed_gomap.c: what a kernel does between two operations of a thread. */
void speed_breathe(void *table);

static inline void speed_expect(int right)
{
	if (__builtin_expect(!right, 0))
		abort();
}

#ifdef __cplusplus
}
#endif

#endif /* SPEED_H */
