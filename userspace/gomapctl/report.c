// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The lines that were left out; see report.h. */
#include <inttypes.h>
#include <stdarg.h>

#include "report.h"

void report_open(struct report *report, const char *file)
{
	*report = (struct report) { .file = file };
	if (json_mode)
		report->lines = json_array();
}

void report_line(struct report *report, uint64_t line, const char *format, ...)
{
	char sentence[1024];
	va_list args;

	if (report->bad++ >= REPORT_MAX)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (report->lines) {
		json_array_append_new(report->lines,
				      json_pack("{s:I,s:s}", "line",
						(json_int_t)line,
						"message", sentence));
		return;
	}
	wipe_line();
	fprintf(stderr, "%s:%" PRIu64 ": %s\n", report->file, line, sentence);
}

void report_rest(const struct report *report)
{
	char n[NUMBER_MAX];

	if (report->bad > REPORT_MAX && !report->lines)
		fprintf(stderr, "%s: and %s more lines like these\n",
			report->file, grouped(report->bad - REPORT_MAX, n));
}

void report_close(struct report *report)
{
	json_decref(report->lines);
}
