/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test.h - a table of test cases in, KTAP out.
 *
 * Each case starts with the same random seed, no allocation that fails, and the
 * core initialised; it ends with all grace periods over and must leave no
 * memory behind.  A CHECK that fails prints what it saw and ends the case.
 *
 *	PROGRAM [--seed N] [--list] [WORD]	runs the cases with WORD in
 *						their name
 */
#ifndef HOST_TEST_H
#define HOST_TEST_H

#include <setjmp.h>

#include <linux/err.h>
#include <linux/gomap.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct test_case {
	const char *name;
	void (*run)(void);
};

#define CASE(function) { #function, function }

/* The seed of this run, for who wants random numbers of their own. */
extern u64 test_seed;

int test_main(int argc, char **argv, const struct test_case *cases, size_t nr);

#define TEST_MAIN(cases) int main(int argc, char **argv)		\
{									\
	return test_main(argc, argv, cases,				\
			 sizeof(cases) / sizeof((cases)[0]));		\
}

void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void test_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void test_skip(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

#define CHECK(cond) do {						\
	if (!(cond))							\
		test_fail(__FILE__, __LINE__, "%s", #cond);		\
} while (0)

/* Two integers are equal; both are printed where they are not. */
#define CHECK_EQ(seen, wanted) do {					\
	long long seen_ = (long long)(seen), wanted_ = (long long)(wanted); \
	if (seen_ != wanted_)						\
		test_fail(__FILE__, __LINE__, "%s is %lld, not %lld",	\
			  #seen, seen_, wanted_);			\
} while (0)

/* A map that must be had. */
struct gomap *test_map(u32 key_size, u32 value_size, u32 flags, u64 hint);

/* A number of a sequence that only depends on @state. */
u64 test_random(u64 *state);

#endif
