/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test harness of the programs in this directory: declares tests, runs
 * each in a process of its own with a time limit, and reports in KTAP.
 *
 * The macros have the names of the kernel's kselftest_harness.h, and every
 * program keeps to what both offer: built with -DUSE_KERNEL_HARNESS and the
 * include path of a kernel tree's tools/testing/selftests, it uses that one.
 *
 *	TEST(name) { ... }
 *	FIXTURE(f) { members };		FIXTURE_SETUP(f) { ... self->member ... }
 *	FIXTURE_TEARDOWN(f) { ... }	TEST_F(f, name) { ... self->member ... }
 *	FIXTURE_VARIANT(f) { members };	FIXTURE_VARIANT_ADD(f, v) { .member = 1 };
 *	ASSERT_EQ(expected, seen)	ends the test;  EXPECT_EQ() goes on
 *	ASSERT_EQ(0, x) { TH_LOG("only when it failed"); }
 *	SKIP(return, "why")
 *	TEST_HARNESS_MAIN
 *
 * A fixture with variants runs each of its tests once per variant.  ASSERT_*
 * belong to the test's own thread; other threads and child processes use
 * results that the test looks at.  With the kernel's harness an expectation is
 * more than one statement, so one that has a block of its own, or an else
 * behind it, stands in braces.
 *
 * A program run with -l lists its tests, with -t PATTERN (as in a shell) it
 * runs those that match.  Exit code: 0 all passed, 1 one failed, 4 all skipped.
 */
#ifndef GOMAP_SELFTEST_HARNESS_H
#define GOMAP_SELFTEST_HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

/* Comparing a literal with an unsigned reply is what tests do all day. */
#pragma GCC diagnostic ignored "-Wsign-compare"

#ifdef USE_KERNEL_HARNESS
#include "kselftest_harness.h"
#else

#include <errno.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TH_PASS = 0, TH_FAIL = 1, TH_SKIP = 4 };

#define TH_TIMEOUT	30	/* seconds; software emulation needs its time */

struct __test_metadata;

struct th_variant {
	const char *name;
	const void *data;
	struct th_variant *next;
};

struct th_fixture {
	const char *name;
	void (*setup)(struct __test_metadata *t, const void *variant);
	void (*teardown)(struct __test_metadata *t, const void *variant);
	struct th_variant *variants;
};

/* How a test ended; in memory that its process shares with the runner. */
struct th_result {
	int code;
	char reason[200];
};

struct __test_metadata {
	const char *name;
	struct th_fixture *fixture;
	void (*run)(struct __test_metadata *t, const void *variant);
	unsigned int timeout;
	struct th_result *result;
	pid_t owner;		/* the process that may go to bail */
	jmp_buf bail;		/* where a failed assertion goes on */
	struct __test_metadata *next;
};

static struct __test_metadata *th_tests;
static struct __test_metadata **th_tests_end = &th_tests;
static volatile sig_atomic_t th_timed_out;

static struct th_fixture th_fixture_global __attribute__((unused)) = {
	.name = "global",
};

static inline void th_add_test(struct __test_metadata *t)
{
	*th_tests_end = t;
	th_tests_end = &t->next;
}

static inline void th_add_variant(struct th_fixture *f, struct th_variant *v)
{
	struct th_variant **end = &f->variants;

	while (*end)
		end = &(*end)->next;
	*end = v;
}

/* A value of any integer or pointer type, to be printed. */
struct th_value {
	const void *at;
	size_t size;
	bool is_signed;
};

#define TH_VALUE(x) ((struct th_value){ &(x), sizeof(x), \
		     (__typeof__(x))-1 < (__typeof__(x))1 })

static inline void th_print_value(struct th_value v)
{
	unsigned long long bits = 0;
	unsigned int unused = 64 - 8 * v.size;

	memcpy(&bits, v.at, v.size);	/* all our machines: little endian */
	if (v.is_signed)
		printf("%lld", (long long)(bits << unused) >> unused);
	else
		printf("%llu (0x%llx)", bits, bits);
}

static inline bool th_failed(struct __test_metadata *t, const char *file,
			     int line)
{
	t->result->code = TH_FAIL;
	printf("# %s:%d: ", file, line);
	return true;
}

static inline bool th_mismatch(struct __test_metadata *t, const char *file,
			       int line, const char *expected,
			       struct th_value e, const char *op,
			       const char *seen, struct th_value s)
{
	th_failed(t, file, line);
	printf("expected %s [", expected);
	th_print_value(e);
	printf("] %s %s [", op, seen);
	th_print_value(s);
	printf("]\n");
	return true;
}

static inline bool th_str_mismatch(struct __test_metadata *t, const char *file,
				   int line, const char *e, const char *op,
				   const char *s)
{
	th_failed(t, file, line);
	printf("expected \"%s\" %s \"%s\"\n", e, op, s);
	return true;
}

/* After the report of a failure: go on, or leave the test (or its child). */
static inline bool th_after(struct __test_metadata *t, bool fatal)
{
	if (!fatal)
		return false;
	fflush(stdout);
	if (getpid() != t->owner)
		_exit(TH_FAIL);
	longjmp(t->bail, 1);
}

/* One statement, whose body (a block or just ";") runs after a failure. */
#define TH_COMPARE(expected, op, seen, fatal)				\
	for (bool th_bad_ = ({						\
		__auto_type th_e_ = (expected);				\
		__auto_type th_s_ = (seen);				\
		!(th_e_ op th_s_) &&					\
		th_mismatch(_metadata, __FILE__, __LINE__, #expected,	\
			    TH_VALUE(th_e_), #op, #seen,		\
			    TH_VALUE(th_s_));				\
	     }); th_bad_; th_bad_ = th_after(_metadata, fatal))

#define TH_COMPARE_STR(expected, op, seen, fatal)			\
	for (bool th_bad_ = ({						\
		const char *th_e_ = (expected), *th_s_ = (seen);	\
		!(strcmp(th_e_, th_s_) op 0) &&				\
		th_str_mismatch(_metadata, __FILE__, __LINE__, th_e_,	\
				#op, th_s_);				\
	     }); th_bad_; th_bad_ = th_after(_metadata, fatal))

#define ASSERT_EQ(expected, seen)	TH_COMPARE(expected, ==, seen, true)
#define ASSERT_NE(expected, seen)	TH_COMPARE(expected, !=, seen, true)
#define ASSERT_LT(expected, seen)	TH_COMPARE(expected, <, seen, true)
#define ASSERT_LE(expected, seen)	TH_COMPARE(expected, <=, seen, true)
#define ASSERT_GT(expected, seen)	TH_COMPARE(expected, >, seen, true)
#define ASSERT_GE(expected, seen)	TH_COMPARE(expected, >=, seen, true)
#define ASSERT_TRUE(seen)		TH_COMPARE(0, !=, seen, true)
#define ASSERT_FALSE(seen)		TH_COMPARE(0, ==, seen, true)
#define ASSERT_STREQ(expected, seen)	TH_COMPARE_STR(expected, ==, seen, true)
#define ASSERT_STRNE(expected, seen)	TH_COMPARE_STR(expected, !=, seen, true)

#define EXPECT_EQ(expected, seen)	TH_COMPARE(expected, ==, seen, false)
#define EXPECT_NE(expected, seen)	TH_COMPARE(expected, !=, seen, false)
#define EXPECT_LT(expected, seen)	TH_COMPARE(expected, <, seen, false)
#define EXPECT_LE(expected, seen)	TH_COMPARE(expected, <=, seen, false)
#define EXPECT_GT(expected, seen)	TH_COMPARE(expected, >, seen, false)
#define EXPECT_GE(expected, seen)	TH_COMPARE(expected, >=, seen, false)
#define EXPECT_TRUE(seen)		TH_COMPARE(0, !=, seen, false)
#define EXPECT_FALSE(seen)		TH_COMPARE(0, ==, seen, false)
#define EXPECT_STREQ(expected, seen)	TH_COMPARE_STR(expected, ==, seen, false)
#define EXPECT_STRNE(expected, seen)	TH_COMPARE_STR(expected, !=, seen, false)

#define TH_LOG(fmt, ...) \
	printf("# %s:%d: " fmt "\n", __FILE__, __LINE__, ##__VA_ARGS__)

#define SKIP(statement, fmt, ...) do {					\
	_metadata->result->code = TH_SKIP;				\
	snprintf(_metadata->result->reason,				\
		 sizeof(_metadata->result->reason), fmt, ##__VA_ARGS__); \
	statement;							\
} while (0)

#define TEST(test_)							\
	static void test_(struct __test_metadata *_metadata);		\
	static void th_run_##test_(struct __test_metadata *t,		\
				   const void *variant)			\
	{								\
		(void)variant;						\
		test_(t);						\
	}								\
	TH_REGISTER(test_, test_, global, TH_TIMEOUT)			\
	static void test_(						\
		struct __test_metadata __attribute__((unused)) *_metadata)

#define TH_REGISTER(id_, test_, fixture_, seconds_)			\
	static struct __test_metadata th_test_##id_ = {			\
		.name = #test_,						\
		.fixture = &th_fixture_##fixture_,			\
		.run = th_run_##id_,					\
		.timeout = seconds_,					\
	};								\
	static void __attribute__((constructor)) th_add_##id_(void)	\
	{								\
		th_add_test(&th_test_##id_);				\
	}

#define FIXTURE_DATA(fixture_)		struct th_data_##fixture_
#define FIXTURE_VARIANT(fixture_)	struct th_variant_##fixture_

#define FIXTURE(fixture_)						\
	FIXTURE_VARIANT(fixture_);					\
	static void th_setup_##fixture_(struct __test_metadata *t,	\
					const void *variant);		\
	static void th_teardown_##fixture_(struct __test_metadata *t,	\
					   const void *variant);	\
	static struct th_fixture th_fixture_##fixture_ = {		\
		.name = #fixture_,					\
		.setup = th_setup_##fixture_,				\
		.teardown = th_teardown_##fixture_,			\
	};								\
	FIXTURE_DATA(fixture_)

/* The fixture's data is static: a process runs one test, and longjmp() may not
 * take what the test has put there.
 */
#define FIXTURE_SETUP(fixture_)						\
	static FIXTURE_DATA(fixture_) th_self_##fixture_;		\
	TH_FIXTURE_STEP(fixture_, setup)

#define FIXTURE_TEARDOWN(fixture_)	TH_FIXTURE_STEP(fixture_, teardown)

#define TH_PARAMETERS(fixture_)						\
	struct __test_metadata __attribute__((unused)) *_metadata,	\
	FIXTURE_DATA(fixture_) __attribute__((unused)) *self,		\
	const FIXTURE_VARIANT(fixture_) __attribute__((unused)) *variant

#define TH_FIXTURE_STEP(fixture_, step_)				\
	static void fixture_##_##step_(TH_PARAMETERS(fixture_));	\
	static void th_##step_##_##fixture_(struct __test_metadata *t,	\
					    const void *variant)	\
	{								\
		fixture_##_##step_(t, &th_self_##fixture_, variant);	\
	}								\
	static void fixture_##_##step_(TH_PARAMETERS(fixture_))

#define FIXTURE_VARIANT_ADD(fixture_, variant_)				\
	static const FIXTURE_VARIANT(fixture_)				\
		th_variant_##fixture_##_##variant_;			\
	static struct th_variant th_list_##fixture_##_##variant_ = {	\
		.name = #variant_,					\
		.data = &th_variant_##fixture_##_##variant_,		\
	};								\
	static void __attribute__((constructor))			\
	th_add_##fixture_##_##variant_(void)				\
	{								\
		th_add_variant(&th_fixture_##fixture_,			\
			       &th_list_##fixture_##_##variant_);	\
	}								\
	static const FIXTURE_VARIANT(fixture_)				\
		th_variant_##fixture_##_##variant_ =

#define TEST_F(fixture_, test_)	TEST_F_TIMEOUT(fixture_, test_, TH_TIMEOUT)

#define TEST_F_TIMEOUT(fixture_, test_, seconds_)			\
	static void fixture_##_##test_(TH_PARAMETERS(fixture_));	\
	static void th_run_##fixture_##_##test_(			\
		struct __test_metadata *t, const void *variant)		\
	{								\
		fixture_##_##test_(t, &th_self_##fixture_, variant);	\
	}								\
	TH_REGISTER(fixture_##_##test_, test_, fixture_, seconds_)	\
	static void fixture_##_##test_(TH_PARAMETERS(fixture_))

/* Run @step; a failed assertion comes back here.  True: nothing failed yet. */
static inline bool th_step(struct __test_metadata *t, const void *variant,
			   void (*step)(struct __test_metadata *t,
					const void *variant))
{
	if (step && setjmp(t->bail) == 0)
		step(t, variant);
	return t->result->code == TH_PASS;
}

static inline void th_child(struct __test_metadata *t, const void *variant)
{
	setpgid(0, 0);
	t->owner = getpid();
	if (th_step(t, variant, t->fixture->setup)) {
		th_step(t, variant, t->run);
		th_step(t, variant, t->fixture->teardown);
	}
	fflush(stdout);
	_exit(0);
}

static inline void th_on_alarm(int signal)
{
	(void)signal;
	th_timed_out = 1;
}

/* Wait for the test, no longer than it may take, then for nobody else of it. */
static inline int th_wait(struct __test_metadata *t, pid_t child)
{
	int status;

	th_timed_out = 0;
	alarm(t->timeout);
	while (waitpid(child, &status, 0) < 0) {
		if (th_timed_out)
			kill(-child, SIGKILL);
	}
	alarm(0);
	kill(-child, SIGKILL);

	if (th_timed_out)
		printf("# not finished after %u s\n", t->timeout);
	else if (WIFSIGNALED(status))
		printf("# killed by signal %d\n", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		printf("# exited with %d\n", WEXITSTATUS(status));
	else
		return t->result->code;
	return TH_FAIL;
}

static inline int th_run_one(struct __test_metadata *t, const void *variant)
{
	pid_t child;

	t->result->code = TH_PASS;
	fflush(stdout);
	child = fork();
	if (child < 0) {
		printf("# fork: %s\n", strerror(errno));
		return TH_FAIL;
	}
	if (child == 0)
		th_child(t, variant);
	return th_wait(t, child);
}

struct th_run {
	const char *pattern;	/* NULL: every test */
	bool list_only;
	int nr[TH_SKIP + 1];	/* tests by how they ended */
	int count;
};

static inline void th_report(struct th_run *run, const char *name, int code,
			     const char *reason)
{
	run->nr[code]++;
	printf("%s %d %s%s%s\n", code == TH_FAIL ? "not ok" : "ok", run->count,
	       name, code == TH_SKIP ? " # SKIP " : "",
	       code == TH_SKIP ? reason : "");
}

/* One test with one variant: count it, or list it, or run it. */
static inline void th_visit(struct th_run *run, struct __test_metadata *t,
			    struct th_variant *v, bool count_only)
{
	char name[256];

	snprintf(name, sizeof(name), "%s%s%s.%s", t->fixture->name,
		 v ? "." : "", v ? v->name : "", t->name);
	if (run->pattern && fnmatch(run->pattern, name, 0) != 0)
		return;
	run->count++;
	if (count_only)
		return;
	if (run->list_only)
		puts(name);
	else
		th_report(run, name, th_run_one(t, v ? v->data : NULL),
			  t->result->reason);
}

static inline void th_visit_all(struct th_run *run, bool count_only)
{
	struct __test_metadata *t;
	struct th_variant *v;

	run->count = 0;
	for (t = th_tests; t; t = t->next) {
		if (!t->fixture->variants)
			th_visit(run, t, NULL, count_only);
		for (v = t->fixture->variants; v; v = v->next)
			th_visit(run, t, v, count_only);
	}
}

static inline int th_run_all(struct th_run *run)
{
	th_visit_all(run, true);
	printf("TAP version 13\n1..%d\n", run->count);
	th_visit_all(run, false);
	printf("# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:%d error:0\n",
	       run->nr[TH_PASS], run->nr[TH_FAIL], run->nr[TH_SKIP]);
	if (run->nr[TH_FAIL])
		return TH_FAIL;
	return run->nr[TH_SKIP] && !run->nr[TH_PASS] ? TH_SKIP : TH_PASS;
}

static inline void th_usage(const char *program)
{
	fprintf(stderr, "usage: %s [-l] [-t PATTERN]\n", program);
	exit(2);
}

static inline void th_setup_run(struct th_result *result)
{
	struct sigaction on_alarm = { .sa_handler = th_on_alarm };
	struct __test_metadata *t;

	if (result == MAP_FAILED) {
		perror("mmap");
		exit(TH_FAIL);
	}
	for (t = th_tests; t; t = t->next)
		t->result = result;
	sigaction(SIGALRM, &on_alarm, NULL);
}

static inline int th_main(int argc, char **argv)
{
	struct th_run run = { 0 };
	int opt;

	while ((opt = getopt(argc, argv, "lt:")) != -1) {
		if (opt == 'l')
			run.list_only = true;
		else if (opt == 't')
			run.pattern = optarg;
		else
			th_usage(argv[0]);
	}
	th_setup_run(mmap(NULL, sizeof(struct th_result),
			  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0));
	if (!run.list_only)
		return th_run_all(&run);
	th_visit_all(&run, false);
	return TH_PASS;
}

#define TEST_HARNESS_MAIN						\
	int main(int argc, char **argv)					\
	{								\
		return th_main(argc, argv);				\
	}

#endif /* USE_KERNEL_HARNESS */
#endif /* GOMAP_SELFTEST_HARNESS_H */
