// SPDX-License-Identifier: GPL-2.0-only
/*
 * test.c - run a table of test cases; see test.h.
 */
#include <stdarg.h>
#include <time.h>

#include "../../module/init.h"
#include "test.h"

enum outcome { PASSED = 1, FAILED, SKIPPED };

u64 test_seed = 1;
static jmp_buf end_of_case;
static char skip_reason[200];

static void print_note(const char *format, va_list args)
{
	fputs("# ", stdout);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
}

void test_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_note(format, args);
	va_end(args);
}

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	printf("# %s:%d:\n", file, line);
	va_start(args, format);
	print_note(format, args);
	va_end(args);
	longjmp(end_of_case, FAILED);
}

void test_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(skip_reason, sizeof(skip_reason), format, args);
	va_end(args);
	longjmp(end_of_case, SKIPPED);
}

struct gomap *test_map(u32 key_size, u32 value_size, u32 flags, u64 hint)
{
	struct gomap_params params = {
		.key_size = key_size,
		.value_size = value_size,
		.flags = flags,
		.hint = hint,
	};
	struct gomap *m = gomap_create(&params);

	CHECK(!IS_ERR(m));
	return m;
}

u64 test_random(u64 *state)
{
	u64 x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* A case that failed may leave memory: only one that passed is asked. */
static enum outcome run_case(const struct test_case *test)
{
	volatile long blocks = shim_live_blocks();
	enum outcome outcome;

	shim_faults = (struct shim_faults){};
	shim_fatal_signal = false;
	shim_in_nmi = shim_in_hardirq = shim_irqs_disabled = false;
	shim_seed_random(test_seed);
	outcome = setjmp(end_of_case);
	if (!outcome) {
		CHECK_EQ(gomap_core_init(), 0);
		test->run();
		gomap_core_exit();
		/* Fewer than before: an earlier case failed, and left some. */
		CHECK_EQ(max(shim_live_blocks() - blocks, 0L), 0);
		outcome = PASSED;
	}
	return outcome;
}

static void report(size_t nr, const struct test_case *test,
		   enum outcome outcome)
{
	printf("%sok %zu - %s%s%s\n", outcome == FAILED ? "not " : "", nr,
	       test->name, outcome == SKIPPED ? " # SKIP " : "",
	       outcome == SKIPPED ? skip_reason : "");
	fflush(stdout);
}

static bool is_wanted(const struct test_case *test, const char *word)
{
	return !word || strstr(test->name, word);
}

static int run_cases(const struct test_case *cases, size_t nr, const char *word)
{
	size_t i, wanted = 0, done = 0;
	int failed = 0;
	enum outcome outcome;

	for (i = 0; i < nr; i++)
		wanted += is_wanted(&cases[i], word);
	printf("TAP version 13\n1..%zu\n# seed %llu\n", wanted, test_seed);
	for (i = 0; i < nr; i++) {
		if (!is_wanted(&cases[i], word))
			continue;
		outcome = run_case(&cases[i]);
		failed += outcome == FAILED;
		report(++done, &cases[i], outcome);
	}
	return failed ? 1 : 0;
}

static void list_cases(const struct test_case *cases, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		puts(cases[i].name);
}

int test_main(int argc, char **argv, const struct test_case *cases, size_t nr)
{
	const char *word = NULL;

	test_seed = (u64)time(NULL);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--list")) {
			list_cases(cases, nr);
			return 0;
		}
		if (!strcmp(argv[i], "--seed") && i + 1 < argc)
			test_seed = strtoull(argv[++i], NULL, 0);
		else
			word = argv[i];
	}
	return run_cases(cases, nr, word);
}
