/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * KTAP for the C tests of userspace: a table of cases, each a function that
 * CHECKs; the exit code is 0 or 1.
 */
#ifndef KTAP_H
#define KTAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct ktap_case {
	const char *name;
	void (*run)(void);
};

static bool ktap_failed;

#define CHECK(condition) \
	ktap_check(condition, __FILE__, __LINE__, #condition)

/* Two strings, both shown where they differ. */
#define CHECK_TEXT(is, wanted) \
	ktap_check_text(is, wanted, __FILE__, __LINE__)

static inline bool ktap_check(bool ok, const char *file, int line,
			      const char *what)
{
	if (!ok) {
		printf("# %s:%d: does not hold: %s\n", file, line, what);
		ktap_failed = true;
	}
	return ok;
}

static inline bool ktap_check_text(const char *is, const char *wanted,
				   const char *file, int line)
{
	if (is && !strcmp(is, wanted))
		return true;
	printf("# %s:%d: is     %s\n# wanted %s\n", file, line,
	       is ? is : "(nothing)", wanted);
	ktap_failed = true;
	return false;
}

static inline void ktap_result(int number, const char *name, int *failed)
{
	printf("%sok %d - %s\n", ktap_failed ? "not " : "", number, name);
	*failed += ktap_failed;
	ktap_failed = false;
}

static inline int ktap_run(const struct ktap_case *cases, int count)
{
	int i, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%d\n", count);
	for (i = 0; i < count; i++) {
		cases[i].run();
		ktap_result(i + 1, cases[i].name, &failed);
	}
	return failed ? 1 : 0;
}

#endif /* KTAP_H */
