// SPDX-License-Identifier: GPL-2.0-only
/*
 * counts_trace.c - what code compiled with -fsanitize=thread calls for each load
 * and store, and what becomes of it: cache lines, by what they are touched for.
 *
 * Nothing is left out: what is neither of the table nor on the stack, where names
 * and values of the caller lie, ends the program.
 */
#include <stdint.h>
#include <stdio.h>

#include "counts.h"
#include "counts_hooks.h"

/* How far up and down the stack a lookup and its callers reach. */
#define STACK_BELOW	65536U
#define STACK_ABOVE	4096U

struct access {
	uintptr_t at;
	size_t size;
	bool is_ahead;
};

static struct access accesses[4096];
static size_t nr_accesses;
static unsigned long nr_looks;
static uintptr_t stack;
static bool is_counting;

static void note(const volatile void *at, size_t size, bool is_ahead)
{
	uintptr_t begin = (uintptr_t)at;

	if (!is_counting ||
	    (begin > stack - STACK_BELOW && begin < stack + STACK_ABOVE))
		return;
	speed_expect(nr_accesses < sizeof(accesses) / sizeof(accesses[0]));
	accesses[nr_accesses++] = (struct access){ begin, size, is_ahead };
}

void counts_look(void)
{
	nr_looks++;
}

void *counts_copy(void *to, const void *from, size_t len)
{
	note(from, len, false);
	note(to, len, false);
	return (memcpy)(to, from, len);
}

int counts_compare(const void *a, const void *b, size_t len)
{
	note(a, len, false);
	note(b, len, false);
	return (memcmp)(a, b, len);
}

void counts_fetch(const void *at)
{
	note(at, 1, true);
}

/* The lines touched by one lookup, each once. */
struct line {
	uintptr_t number;
	enum counts_kind kind;
};

static struct line lines[256];
static size_t nr_lines;

static struct line *line_at(uintptr_t number)
{
	size_t i;

	for (i = 0; i < nr_lines; i++)
		if (lines[i].number == number)
			return &lines[i];
	return NULL;
}

static void touch(uintptr_t number, enum counts_kind kind)
{
	struct line *line = line_at(number);

	if (!line) {
		speed_expect(nr_lines < sizeof(lines) / sizeof(lines[0]));
		line = &lines[nr_lines++];
		*line = (struct line){ number, kind };
	}
	if (kind < line->kind)
		line->kind = kind;
}

static size_t place_of(const struct counts_map *m, uintptr_t at)
{
	size_t i;

	for (i = 0; i < m->nr; i++)
		if (at - (uintptr_t)m->place[i].begin < m->place[i].size)
			return i;
	fprintf(stderr, "counts: %#lx is touched, and nobody knows what it is\n",
		(unsigned long)at);
	exit(1);
}

static void count_access(const struct counts_map *m, const struct access *a,
			 bool *touched)
{
	size_t place = place_of(m, a->at);
	uintptr_t line;

	touched[place] = true;
	for (line = a->at / COUNTS_LINE;
	     line <= (a->at + a->size - 1) / COUNTS_LINE; line++)
		touch(line, m->place[place].kind);
}

static void count_touched(const struct counts_map *m, struct counts_tally *tally)
{
	bool touched[COUNTS_PLACES] = { };
	size_t i;

	for (i = 0; i < nr_accesses; i++)
		if (!accesses[i].is_ahead)
			count_access(m, &accesses[i], touched);
	for (i = 0; i < nr_lines; i++)
		tally->lines[lines[i].kind]++;
	for (i = 0; i < m->nr; i++) {
		tally->buckets += touched[i] && m->place[i].probe == COUNTS_A_BUCKET;
		tally->keys += touched[i] && m->place[i].probe == COUNTS_A_KEY;
	}
}

static void count_fetched(struct counts_tally *tally)
{
	size_t i;

	for (i = 0; i < nr_accesses; i++) {
		uintptr_t line = accesses[i].at / COUNTS_LINE;

		if (!accesses[i].is_ahead || line_at(line))
			continue;
		tally->fetched++;
		touch(line, COUNTS_KINDS);
	}
}

void counts_begin(void)
{
	nr_accesses = nr_looks = 0;
	stack = (uintptr_t)__builtin_frame_address(0);
	is_counting = true;
}

void counts_end(const struct counts_map *m, struct counts_tally *tally)
{
	is_counting = false;
	nr_lines = 0;
	count_touched(m, tally);
	count_fetched(tally);
	tally->lookups++;
	tally->looks += nr_looks;
}

/* What the compiler makes of loads and stores. */
#define PLAIN(size)							\
void __tsan_read##size(void *at)					\
{									\
	note(at, size, false);						\
}									\
									\
void __tsan_write##size(void *at)					\
{									\
	note(at, size, false);						\
}

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void *at, unsigned long size)
{
	note(at, size, false);
}

void __tsan_write_range(void *at, unsigned long size)
{
	note(at, size, false);
}

#define ATOMIC(bits, type)						\
type __tsan_atomic##bits##_load(const volatile void *at, int order)	\
{									\
	note(at, sizeof(type), false);					\
	return __atomic_load_n((const volatile type *)at, __ATOMIC_SEQ_CST); \
}									\
									\
void __tsan_atomic##bits##_store(volatile void *at, type v, int order)	\
{									\
	note(at, sizeof(type), false);					\
	__atomic_store_n((volatile type *)at, v, __ATOMIC_SEQ_CST);	\
}									\
									\
type __tsan_atomic##bits##_exchange(volatile void *at, type v, int order) \
{									\
	note(at, sizeof(type), false);					\
	return __atomic_exchange_n((volatile type *)at, v, __ATOMIC_SEQ_CST); \
}									\
									\
type __tsan_atomic##bits##_fetch_add(volatile void *at, type v, int order) \
{									\
	note(at, sizeof(type), false);					\
	return __atomic_fetch_add((volatile type *)at, v, __ATOMIC_SEQ_CST); \
}									\
									\
type __tsan_atomic##bits##_fetch_sub(volatile void *at, type v, int order) \
{									\
	note(at, sizeof(type), false);					\
	return __atomic_fetch_sub((volatile type *)at, v, __ATOMIC_SEQ_CST); \
}									\
									\
type __tsan_atomic##bits##_fetch_or(volatile void *at, type v, int order) \
{									\
	note(at, sizeof(type), false);					\
	return __atomic_fetch_or((volatile type *)at, v, __ATOMIC_SEQ_CST); \
}									\
									\
bool __tsan_atomic##bits##_compare_exchange_strong(volatile void *at,	\
						   void *old, type new,	\
						   int order, int or_else) \
{									\
	note(at, sizeof(type), false);					\
	return __atomic_compare_exchange_n((volatile type *)at,		\
					   (type *)old, new, false,	\
					   __ATOMIC_SEQ_CST,		\
					   __ATOMIC_SEQ_CST);		\
}

ATOMIC(8, uint8_t)
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)

void __tsan_init(void)
{
}

void __tsan_func_entry(void *from)
{
}

void __tsan_func_exit(void)
{
}

void __tsan_atomic_thread_fence(int order)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void __tsan_atomic_signal_fence(int order)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}
