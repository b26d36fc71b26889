// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Options from a table of rows, by way of getopt_long(3).
 *
 * Options may stand anywhere.  A word such as "-5" is a number, never an
 * option: getopt_long() works on a copy in which such words are empty, and
 * whatever it points at is taken from the original.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "gomapctl.h"

#define ROWS_MAX	24
#define FIRST_LONG	256	/* getopt's codes for rows: above all letters */

bool help_wanted;

static const struct option_row common_rows[] = {
	{ "json", 'j', OPTION_FLAG, NULL, &json_mode, "answer in JSON" },
	{ "help", 'h', OPTION_FLAG, NULL, &help_wanted, "explain the verb" },
	{ 0 }
};

struct tables {
	const struct option_row *rows[ROWS_MAX];
	struct option longs[ROWS_MAX + 1];
	char letters[2 * ROWS_MAX + 3];
	int count;
};

static void add_rows(struct tables *t, const struct option_row *rows)
{
	for (; rows && rows->name && t->count < ROWS_MAX; rows++, t->count++) {
		bool has_arg = rows->kind != OPTION_FLAG;

		t->rows[t->count] = rows;
		t->longs[t->count] = (struct option) {
			.name = rows->name,
			.has_arg = has_arg ? required_argument : no_argument,
			.val = FIRST_LONG + t->count,
		};
		if (rows->letter) {
			char letter[] = { rows->letter, has_arg ? ':' : '\0',
					  '\0' };

			strcat(t->letters, letter);
		}
	}
}

static const struct option_row *row_of(const struct tables *t, int code)
{
	int i;

	if (code >= FIRST_LONG)
		return t->rows[code - FIRST_LONG];
	for (i = 0; i < t->count; i++)
		if (t->rows[i]->letter == code)
			return t->rows[i];
	return NULL;
}

static int parse_number(const char *text, int base, uint64_t *n)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -1;
	errno = 0;
	*n = strtoull(text, &end, base);
	return *end || errno ? -1 : 0;
}

/* A number with K, M or G behind it. */
static int parse_size(const char *text, uint64_t *n)
{
	static const char units[] = "KMG";
	char number[32];
	size_t len = strlen(text);
	const char *unit = len ? strchr(units, text[len - 1]) : NULL;
	unsigned int shift = unit && *unit ? 10 * (unit - units + 1) : 0;

	if (len >= sizeof(number))
		return -1;
	memcpy(number, text, len + 1);
	if (shift)
		number[len - 1] = '\0';
	if (parse_number(number, 0, n) || *n > UINT64_MAX >> shift)
		return -1;
	*n <<= shift;
	return 0;
}

static int take(const struct option_row *row, const char *arg)
{
	struct quoted q;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)row->to = true;
		return EXIT_OK;
	case OPTION_TEXT:
		*(const char **)row->to = arg;
		return EXIT_OK;
	case OPTION_NUMBER:
		if (!parse_number(arg, 0, row->to))
			return EXIT_OK;
		return complain(EXIT_USAGE, "--%s takes a number, not %s.",
				row->name, quote(&q, arg, strlen(arg)));
	case OPTION_SIZE:
		if (!parse_size(arg, row->to))
			return EXIT_OK;
		return complain(EXIT_USAGE, "--%s takes a number of bytes, such as 4096, 64K, 16M or 2G, not %s.",
				row->name, quote(&q, arg, strlen(arg)));
	case OPTION_MODE:
		if (!parse_number(arg, 8, row->to) &&
		    !(*(uint64_t *)row->to & ~0666ULL))
			return EXIT_OK;
		return complain(EXIT_USAGE, "--%s takes read and write permissions in octal, such as 0660, not %s.",
				row->name, quote(&q, arg, strlen(arg)));
	}
	return EXIT_USAGE;
}

/* The words with numbers like -5 hidden from getopt_long(). */
static char **hide_numbers(int argc, char **argv)
{
	static char empty[] = "";
	char **copy = calloc((size_t)argc + 1, sizeof(*copy));
	int i;

	for (i = 0; copy && i < argc; i++) {
		bool number = argv[i][0] == '-' &&
			      strchr("0123456789.", argv[i][1]) && argv[i][1];

		copy[i] = number ? empty : argv[i];
	}
	return copy;
}

static int bad_option(const char *word, int code)
{
	if (code == ':')
		return complain(EXIT_USAGE, "The option %s needs a value after it.",
				word);
	return complain(EXIT_USAGE, "There is no option %s here, or it takes no value. Add --help to see what there is.",
			word);
}

static int parse_all(struct tables *t, int argc, char **argv, char **shadow,
		     struct words *words)
{
	const struct option_row *row;
	int code;

	optind = 0;		/* glibc: start over, the letters begin with - */
	opterr = 0;
	while ((code = getopt_long(argc, shadow, t->letters, t->longs,
				   NULL)) != -1) {
		if (code == 1) {
			words->at[words->count++] = argv[optind - 1];
			continue;
		}
		row = row_of(t, code);
		if (!row)
			return bad_option(argv[optind - 1], code);
		if (optarg && optarg == shadow[optind - 1])
			optarg = argv[optind - 1];
		code = take(row, optarg);
		if (code)
			return code;
	}
	while (optind < argc)
		words->at[words->count++] = argv[optind++];
	return EXIT_OK;
}

int options_parse(const struct option_row *rows, int argc, char **argv,
		  struct words *words)
{
	struct tables t = { .letters = "-:" };
	char **shadow = hide_numbers(argc, argv);
	int ret;

	words->count = 0;
	words->at = calloc((size_t)argc + 1, sizeof(*words->at));
	if (!shadow || !words->at) {
		free(shadow);
		return complain(EXIT_REFUSED, "There is no memory left.");
	}
	add_rows(&t, rows);
	add_rows(&t, common_rows);
	ret = parse_all(&t, argc, argv, shadow, words);
	free(shadow);
	return ret;
}

static void explain_rows(const struct option_row *rows, FILE *out)
{
	char left[40];

	for (; rows && rows->name; rows++) {
		char letter[] = { '-', rows->letter, ',', ' ', '\0' };

		snprintf(left, sizeof(left), "%s--%s%s%s",
			 rows->letter ? letter : "    ", rows->name,
			 rows->arg ? " " : "", rows->arg ? rows->arg : "");
		fprintf(out, "  %-25s %s\n", left, rows->help);
	}
}

void options_explain(const struct option_row *rows, FILE *out)
{
	explain_rows(rows, out);
	explain_rows(common_rows, out);
}
