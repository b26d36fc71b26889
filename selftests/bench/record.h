/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - what all that is measured becomes: a figure in one line of JSON.
 *
 * Programs, Go's included, and the module print the same lines, tables.pl makes
 * the tables of them.
 */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

/*
 * The arguments of a format for one record: three strings and a value in
 * thousandths, since a kernel has no floating point.
 */
#define RECORD_FORMAT \
	"{\"figure\":\"%s\",\"where\":\"%s\",\"case\":\"%s\",\"what\":\"%s\"," \
	"\"value\":%llu.%03llu}"
#define RECORD_VALUE(thousandths) \
	(unsigned long long)(thousandths) / 1000, \
	(unsigned long long)(thousandths) % 1000

#endif /* BENCH_RECORD_H */
