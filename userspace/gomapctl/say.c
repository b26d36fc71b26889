// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The ways gomapctl speaks: complaints, documents, colours and numbers. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gomapctl.h"

#define REAL_DIGITS	9	/* of loads and times: more would be noise */

bool json_mode;

json_t *document(void)
{
	return json_pack("{s:i}", "schema", JSON_SCHEMA);
}

int say_document(json_t *doc)
{
	int ret = json_dumpf(doc, stdout, JSON_COMPACT |
			     JSON_REAL_PRECISION(REAL_DIGITS));

	putchar('\n');
	json_decref(doc);
	return ret ? EXIT_PARTLY : EXIT_OK;
}

static bool line_is_drawn;

void wipe_line(void)
{
	if (line_is_drawn)
		fputs("\r\033[K", stderr);
	line_is_drawn = false;
}

void draw_line(const char *format, ...)
{
	va_list args;

	wipe_line();
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fflush(stderr);
	line_is_drawn = true;
}

int complain(int code, const char *format, ...)
{
	char sentence[1024];
	json_t *doc;
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	wipe_line();
	if (!json_mode) {
		fprintf(stderr, "gomapctl: %s\n", sentence);
		return code;
	}
	doc = document();
	json_object_set_new(doc, "error",
			    json_pack("{s:i,s:s}", "exit", code,
				      "message", sentence));
	say_document(doc);
	return code;
}

bool is_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && strcmp(term, "dumb");
}

static bool colour_wanted(void)
{
	const char *no = getenv("NO_COLOR");
	static int wanted = -1;

	if (wanted < 0)
		wanted = is_terminal(STDOUT_FILENO) && !(no && *no);
	return wanted;
}

const char *bold(void)
{
	return colour_wanted() ? "\033[1m" : "";
}

const char *dim(void)
{
	return colour_wanted() ? "\033[2m" : "";
}

const char *bar_colour(void)
{
	return colour_wanted() ? "\033[36m" : "";
}

const char *plain(void)
{
	return colour_wanted() ? "\033[0m" : "";
}

const char *grouped(uint64_t n, char out[NUMBER_MAX])
{
	char digits[NUMBER_MAX];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n), i, at = 0;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *in_bytes(uint64_t n, char out[NUMBER_MAX])
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double amount = (double)n;
	int unit = 0;

	while (amount >= 1024 && unit < 4) {
		amount /= 1024;
		unit++;
	}
	snprintf(out, NUMBER_MAX, unit ? "%.1f %s" : "%.0f %s", amount,
		 units[unit]);
	return out;
}

int close_output(int code)
{
	if (!ferror(stdout) && !fflush(stdout))
		return code;
	fprintf(stderr, "gomapctl: Cannot write to standard output: %s. What was printed is not complete.\n",
		strerror(errno));
	return code == EXIT_OK ? EXIT_PARTLY : code;
}
