/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The lines of the input that were left out: FILE:LINE and what is wrong, the
 * first ones in full and the rest as a number.
 */
#ifndef GOMAPCTL_REPORT_H
#define GOMAPCTL_REPORT_H

#include "gomapctl.h"

#define REPORT_MAX 20

struct report {
	const char *file;
	uint64_t bad;
	json_t *lines;		/* with -j, instead of printing them */
};

void report_open(struct report *report, const char *file);
void report_line(struct report *report, uint64_t line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void report_rest(const struct report *report);
void report_close(struct report *report);

#endif /* GOMAPCTL_REPORT_H */
