/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of gomap_test share: tables of tests, expectations,
 * and a few maps and keys.
 *
 * A test is a function; it fails by an expectation that is not met, which is
 * reported with its file and line.  Expectations may be used in any context,
 * also by threads and interrupts that a test has started and waits for.
 */
#ifndef GOMAP_TEST_H
#define GOMAP_TEST_H

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gomap.h>
#include <linux/kernel.h>

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(function) { .name = #function, .run = function }

/* main.c */
bool test_expect(bool good, const char *file, int line, const char *what,
		 s64 expected, s64 seen);
void test_skip(const char *reason);

/* True if met.  Each side is evaluated once. */
#define EXPECT_EQ(expected, seen) ({					\
	s64 e_ = (s64)(expected), s_ = (s64)(seen);			\
	test_expect(e_ == s_, __FILE__, __LINE__, #seen, e_, s_);	\
})

#define EXPECT_AT_LEAST(least, seen) ({					\
	s64 e_ = (s64)(least), s_ = (s64)(seen);			\
	test_expect(s_ >= e_, __FILE__, __LINE__,			\
		    #seen ", at least", e_, s_);			\
})

#define EXPECT(condition) EXPECT_EQ(true, !!(condition))

/* A new map, or NULL, which the test has failed for then. */
struct gomap *test_create(u32 key_size, u32 value_size, u64 hint, u32 flags);
/* Verify the invariants and put. */
void test_put(struct gomap *map);

/* Maps from u64 to u64: each key has itself as value. */
struct gomap *test_create_u64(void);
int test_store(struct gomap *map, u64 key);
void test_fill(struct gomap *map, u64 first, u64 count);
/* How many of these keys do not have themselves as value. */
u64 test_count_wrong(struct gomap *map, u64 first, u64 count);
u32 test_b(struct gomap *map);
/* Wait until the background has done what @done asks for; at most a minute. */
bool test_wait_for(struct gomap *map,
		   bool (*done)(const struct gomap_info *info));
/* Expect that nothing is lost; no writer may be inside. */
void test_no_leaks(struct gomap *map);
/* A number that looks random, from a counter. */
u64 test_mix(u64 x);

/* threads.c */
#define TEST_THREADS	4
/*
 * Call @function in that many threads, each with its own of the elements of
 * @size bytes at @args, @meanwhile (if any) here, and wait for all to return.
 */
void test_run_threads(void (*function)(void *arg), void *args, size_t size,
		      void (*meanwhile)(void *args));

/* One table in each of the other files; closed by an entry without a name. */
extern const struct test api_tests[];
extern const struct test growth_tests[];
extern const struct test resize_tests[];
extern const struct test memory_tests[];
extern const struct test iter_tests[];
extern const struct test context_tests[];
extern const struct test stress_tests[];
extern const struct test arena_tests[];
extern const struct test limits_tests[];
extern const struct test allocator_tests[];
extern const struct test many_tests[];

#endif /* GOMAP_TEST_H */
