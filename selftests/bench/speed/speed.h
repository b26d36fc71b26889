/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * speed.h - what the tables have in common that are compared.
 *
 * A peer has its whole loops compiled in, so that no call through a pointer is
 * measured, and aborts where an answer is wrong.  All run in one process on one
 * CPU, in turn, and what is compared comes from the same rounds.
 *
 * A key is named by a number, and a peer is told names.  Its file is compiled once
 * for each shape, SPEED_KEY and SPEED_VALUE bytes; where both have 8, a name is the
 * key, and the value its complement.
 */
#ifndef SPEED_H
#define SPEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes from one breath to the next, in which others have the CPU. */
#define SPEED_BREATH	64

/* Most keys that a bulk lookup gets at once. */
#define SPEED_BULK	64

#ifndef SPEED_KEY
#define SPEED_KEY	8
#define SPEED_VALUE	8
#endif

/* What the kernel calls u64, in C++ too. */
typedef unsigned long long speed_u64;

typedef struct {
	speed_u64 word[SPEED_KEY / 8];
} speed_key;

/* The first and the last word are what the key says, whatever is between them. */
typedef struct {
	speed_u64 word[SPEED_VALUE / 8];
} speed_value;

/* Each returns the sum of what speed_sum() says of the values that it saw. */
typedef speed_u64 speed_read_fn(void *table, const speed_u64 *names, size_t nr);
typedef void speed_write_fn(void *table, const speed_u64 *names, size_t nr);

/**
 * struct speed_share - what one of several threads does with a table.
 * @reads: Names of keys to look up, whether they are there just now or not.
 * @own: Names that no other thread writes to, nor has as its own.
 * @nr: Operations, at most as many as there are @reads.
 * @nr_own: Of @own.
 * @period: Each so many-th operation is a write, a delete or the insert that
 *	makes up for it; 0: none.
 * @breathe: Of the peer.
 */
struct speed_share {
	const speed_u64 *reads, *own;
	size_t nr, nr_own;
	unsigned int period;
	void (*breathe)(void *table);
};

/**
 * struct speed_peer - a table.  All times are taken around these calls.
 * @insert: Keys that are not there.
 * @hit: Keys that are there.
 * @dependent: The same, each known only when the value of the one before is.
 * @miss: Keys that are not there.
 * @remove: Keys that are there.
 * @mixed: As one of several threads; returns how many keys were not found.
 * @name: For a person.
 * @fixed: Does not grow.
 * @for_threads: May be used by several at once, here.
 * @create: Make one, with room for so many entries, 0: let it grow.
 * @destroy: To its end.
 * @settle: Let it end a growth that has begun; NULL: it has none, or does so in
 *	its breath.
 * @iterate: All entries, by themselves; told of no names.
 * @bulk_8: As @hit, so many at once; NULL: it has no such thing, as the next two.
 * @bulk_32: As @bulk_8.
 * @bulk_64: As @bulk_8.
 * @breathe: What others do meanwhile in a kernel: RCU callbacks and work; NULL:
 *	nothing.
 * @bytes: That the table takes now; NULL: it does not know.
 */
struct speed_peer {
	speed_write_fn *insert;
	speed_read_fn *hit;
	speed_read_fn *dependent;
	speed_write_fn *miss;
	speed_write_fn *remove;
	size_t (*mixed)(void *table, const struct speed_share *share);
	const char *name;
	bool fixed, for_threads;
	void *(*create)(size_t entries);
	void (*destroy)(void *table);
	void (*settle)(void *table, size_t entries);
	speed_read_fn *iterate;
	speed_read_fn *bulk_8, *bulk_32, *bulk_64;
	void (*breathe)(void *table);
	speed_u64 (*bytes)(void *table);
};

/* Of a shape, by the name of its file: SPEED_PEER(gomap), SPEED_PEER_OF(gomap, 8_8). */
#define SPEED_PEER_OF(file, shape)	speed_##file##_##shape
#define SPEED_PEER_AS(file, key, value)	speed_##file##_##key##_##value
#define SPEED_PEER_BY(file, key, value)	SPEED_PEER_AS(file, key, value)
#define SPEED_PEER(file)		SPEED_PEER_BY(file, SPEED_KEY, SPEED_VALUE)

#define SPEED_DECLARE(file)						\
extern const struct speed_peer SPEED_PEER_OF(file, 8_8);		\
extern const struct speed_peer SPEED_PEER_OF(file, 16_64);		\
extern const struct speed_peer SPEED_PEER_OF(file, 8_128);		\
extern const struct speed_peer SPEED_PEER_OF(file, 8_2048)

SPEED_DECLARE(gomap);
SPEED_DECLARE(gomap_trusted);
SPEED_DECLARE(rhashtable);
SPEED_DECLARE(urcu);
SPEED_DECLARE(boost);
SPEED_DECLARE(absl);
extern const struct speed_peer SPEED_PEER_OF(view, 8_8);

/* speed_rcu.c: what a kernel does between two operations of a thread. */
void speed_breathe(void *table);

static inline speed_key speed_key_of(speed_u64 name)
{
	speed_key key;
	size_t i;

	key.word[0] = name;
	for (i = 1; i < SPEED_KEY / 8; i++)
		key.word[i] = name * 0x9e3779b97f4a7c15ULL;
	return key;
}

static inline void speed_set(speed_value *value, speed_u64 name)
{
	value->word[0] = ~name;
	value->word[SPEED_VALUE / 8 - 1] = ~name;
}

/*
 * Of any shape the same, and with the last bytes of the value looked at.  No compiler
 * may take a copy of all of it for one of what is looked at.
 */
static inline speed_u64 speed_sum(const speed_value *value)
{
	__asm__ volatile("" : : "m" (*value));
	return (value->word[0] | value->word[SPEED_VALUE / 8 - 1]);
}

/* 0, which no compiler knows: what makes the next key wait for this value. */
static inline speed_u64 speed_nothing(const speed_value *value, speed_u64 name)
{
	return value->word[0] ^ ~name;
}

static inline void speed_expect(int right)
{
	if (__builtin_expect(!right, 0))
		abort();
}

#ifdef __cplusplus
}
#endif

#endif /* SPEED_H */
