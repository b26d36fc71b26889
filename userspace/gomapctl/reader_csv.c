// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Comma-separated values by RFC 4180, parsed by libcsv in its strict mode.
 *
 * libcsv is fed line by line.  Its only row end is the line feed, so a line
 * completes one row, or none: then it lies within quotes and the row goes on.
 * A carriage return outside quotes counts as a space and goes.
 */
#include <stdlib.h>

#include <csv.h>

#include "reader.h"

struct own {
	struct csv_parser parser;
	bool row_complete;
	bool no_memory;
};

static int is_line_feed(unsigned char c)
{
	return c == '\n';
}

static int is_carriage_return(unsigned char c)
{
	return c == '\r';
}

static int start_parser(struct own *own)
{
	if (csv_init(&own->parser, CSV_STRICT))
		return -1;
	csv_set_term_func(&own->parser, is_line_feed);
	csv_set_space_func(&own->parser, is_carriage_return);
	return 0;
}

static int open_csv(struct reader *r)
{
	struct own *own = calloc(1, sizeof(*own));

	if (own && start_parser(own)) {
		free(own);
		own = NULL;
	}
	r->own = own;
	return own ? 0 : -1;
}

static void close_csv(struct reader *r)
{
	struct own *own = r->own;

	csv_free(&own->parser);
	free(own);
}

static void on_field(void *text, size_t len, void *reader)
{
	struct reader *r = reader;
	struct own *own = r->own;

	if (row_add(&r->row, text, len))
		own->no_memory = true;
}

static void on_row(int term, void *reader)
{
	struct reader *r = reader;
	struct own *own = r->own;

	(void)term;
	own->row_complete = true;
}

/* A broken row is one bad line: the parser forgets it, the lines go back. */
static enum found give_up(struct reader *r, bool many_lines)
{
	struct own *own = r->own;

	csv_free(&own->parser);
	if (start_parser(own))
		return FOUND_FAILURE;
	if (many_lines)
		lines_back(&r->lines);
	return FOUND_BAD;
}

static enum found feed(struct reader *r, const char *text, size_t len,
		       struct why *why)
{
	struct own *own = r->own;
	size_t taken = csv_parse(&own->parser, text, len, on_field, on_row, r);

	if (taken == len)
		taken += csv_parse(&own->parser, "\n", 1, on_field, on_row, r);
	if (own->no_memory || csv_error(&own->parser) == CSV_ENOMEM) {
		because(why, "there is no memory left");
		return FOUND_FAILURE;
	}
	if (taken == len + 1)
		return FOUND_RECORD;
	because(why, "a quote mark is out of place; a field with quotes in it is to be in quotes itself, and each of them doubled");
	return FOUND_BAD;
}

static bool is_blank(const char *text, size_t len)
{
	return !len || (len == 1 && text[0] == '\r');
}

static enum found first_line(struct reader *r, const char **text, size_t *len,
			     struct why *why)
{
	enum found found;

	do {
		found = reader_first_line(r, text, len, why);
	} while (found == FOUND_RECORD && is_blank(*text, *len));
	return found;
}

static enum found next_row(struct reader *r, struct why *why)
{
	struct own *own = r->own;
	const char *text;
	size_t len;
	enum found found = first_line(r, &text, &len, why);
	bool many_lines = false;

	if (found != FOUND_RECORD)
		return found;
	row_clear(&r->row);
	own->row_complete = false;
	for (;;) {
		found = feed(r, text, len, why);
		if (found == FOUND_BAD)
			return give_up(r, many_lines);
		if (found == FOUND_FAILURE || own->row_complete)
			return found;
		many_lines = true;
		found = reader_line(r, &text, &len, why);
		if (found == FOUND_END)
			because(why, "a quote mark opens a field here and is never closed");
		else if (found == FOUND_BAD)
			because(why, "a quote mark opens a field here that is not closed within %u bytes",
				RECORD_MAX);
		if (found == FOUND_END || found == FOUND_BAD)
			return give_up(r, true);
		if (found == FOUND_FAILURE)
			return found;
	}
}

static const char *const suffixes[] = { "csv", NULL };

const struct reader_kind reader_csv = {
	.name = "csv", .suffixes = suffixes, .next_row = next_row,
	.open = open_csv, .close = close_csv,
};
