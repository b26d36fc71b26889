// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Records from files: the formats, and the columns of those with rows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "reader.h"

static const struct reader_kind *const kinds[] = {
	&reader_csv, &reader_tsv, &reader_jsonl,
};

#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

const struct reader_kind *reader_kind_named(const char *name)
{
	size_t i;

	for (i = 0; i < NR_KINDS; i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

const struct reader_kind *reader_kind_of_file(const char *path)
{
	const char *dot = strrchr(path, '.');
	const char *const *suffix;
	size_t i;

	for (i = 0; dot && i < NR_KINDS; i++)
		for (suffix = kinds[i]->suffixes; *suffix; suffix++)
			if (!strcasecmp(*suffix, dot + 1))
				return kinds[i];
	return NULL;
}

/* -- rows ---------------------------------------------------------------- */

void row_clear(struct row *row)
{
	row->used = 0;
	row->count = 0;
}

static int row_reserve(struct row *row, size_t len)
{
	size_t size = row->size ? row->size : 256;
	size_t room = row->room ? row->room : 16;
	void *bytes, *begins;

	while (size < row->used + len + 1)
		size *= 2;
	while (room < row->count + 2)
		room *= 2;
	bytes = realloc(row->bytes, size);
	if (!bytes)
		return -1;
	row->bytes = bytes;
	row->size = size;
	begins = realloc(row->begins, room * sizeof(*row->begins));
	if (!begins)
		return -1;
	row->begins = begins;
	row->room = room;
	return 0;
}

int row_add(struct row *row, const char *text, size_t len)
{
	if ((row->used + len + 1 > row->size || row->count + 2 > row->room) &&
	    row_reserve(row, len))
		return -1;
	row->begins[row->count++] = row->used;
	if (len)
		memcpy(row->bytes + row->used, text, len);
	row->used += len;
	row->bytes[row->used++] = '\0';
	row->begins[row->count] = row->used;
	return 0;
}

static struct field row_field(const struct row *row, size_t column)
{
	size_t begin = row->begins[column];

	return (struct field) {
		.text = row->bytes + begin,
		.len = row->begins[column + 1] - begin - 1,
	};
}

/* -- columns ------------------------------------------------------------- */

/* A number from 1 as an index from 0; -1: the word is no number. */
static int column_number(const char *word, size_t *column)
{
	char *end;
	unsigned long n;

	if (word[0] < '0' || word[0] > '9')
		return -1;
	n = strtoul(word, &end, 10);
	if (*end || !n || n > RECORD_MAX)
		return -1;
	*column = n - 1;
	return 0;
}

static void list_header(const struct row *row, char *out, size_t size)
{
	size_t i, at = 0;

	out[0] = '\0';
	for (i = 0; i < row->count && at < size; i++) {
		struct field f = row_field(row, i);
		struct quoted q;

		at += (size_t)snprintf(out + at, size - at, "%s%s",
				       i ? ", " : "",
				       quote(&q, f.text, f.len));
	}
}

static int find_column(const struct reader *r, const char *word,
		       size_t usual, size_t *column, struct why *why)
{
	char header[256];
	struct quoted q;
	size_t i;

	*column = usual;
	if (!word || !column_number(word, column))
		return 0;
	if (r->opts.no_header)
		return because(why, "without a header a column is a number from 1, not %s",
			       quote(&q, word, strlen(word)));
	for (i = 0; i < r->row.count; i++) {
		struct field f = row_field(&r->row, i);

		if (f.len == strlen(word) && !memcmp(f.text, word, f.len)) {
			*column = i;
			return 0;
		}
	}
	list_header(&r->row, header, sizeof(header));
	return because(why, "it has no column %s; its header names %s",
		       quote(&q, word, strlen(word)), header);
}

static int learn_columns(struct reader *r, struct why *why)
{
	r->columns_known = true;
	if (find_column(r, r->opts.key, 0, &r->key_column, why))
		return -1;
	return find_column(r, r->opts.value, 1, &r->value_column, why);
}

static int pick(const struct row *row, size_t column, const char *role,
		struct field *field, struct why *why)
{
	if (column >= row->count)
		return because(why, "the row has %zu column%s, and the %s is to be in column %zu",
			       row->count, row->count == 1 ? "" : "s", role,
			       column + 1);
	*field = row_field(row, column);
	return 0;
}

static enum found next_by_columns(struct reader *r, struct record *record,
				  struct why *why)
{
	enum found found;

	if (!r->columns_known && r->opts.no_header && learn_columns(r, why))
		return FOUND_FAILURE;
	found = r->kind->next_row(r, why);
	if (found == FOUND_RECORD && !r->columns_known) {
		if (learn_columns(r, why))
			return FOUND_FAILURE;
		found = r->kind->next_row(r, why);
	}
	record->line = r->line;
	if (found != FOUND_RECORD)
		return found;
	memset(&record->value, 0, sizeof(record->value));
	if (pick(&r->row, r->key_column, "key", &record->key, why))
		return FOUND_BAD;
	if (!r->opts.is_set &&
	    pick(&r->row, r->value_column, "value", &record->value, why))
		return FOUND_BAD;
	return FOUND_RECORD;
}

/* -- the reader ---------------------------------------------------------- */

int reader_open(struct reader *reader, const struct reader_kind *kind, int fd,
		const struct reader_opts *opts)
{
	memset(reader, 0, sizeof(*reader));
	reader->kind = kind;
	reader->opts = *opts;
	if (lines_open(&reader->lines, fd))
		return -1;
	return kind->open ? kind->open(reader) : 0;
}

enum found reader_next(struct reader *reader, struct record *record,
		       struct why *why)
{
	enum found found;

	if (reader->kind->next_row)
		return next_by_columns(reader, record, why);
	found = reader->kind->next_record(reader, record, why);
	record->line = reader->line;
	return found;
}

void reader_close(struct reader *reader)
{
	if (reader->own)
		reader->kind->close(reader);
	lines_close(&reader->lines);
	free(reader->row.bytes);
	free(reader->row.begins);
}

enum found reader_line(struct reader *reader, const char **text, size_t *len,
		       struct why *why)
{
	switch (lines_next(&reader->lines, text, len)) {
	case LINE_READ:
		return FOUND_RECORD;
	case LINE_TOO_LONG:
	case LINE_RECORD_TOO_LONG:
		because(why, "longer than %u bytes, the most that a record may have",
			RECORD_MAX);
		return FOUND_BAD;
	case LINE_FAILED:
		because(why, "it cannot be read: %s", strerror(errno));
		return FOUND_FAILURE;
	case LINE_NONE:
		break;
	}
	return FOUND_END;
}

enum found reader_first_line(struct reader *reader, const char **text,
			     size_t *len, struct why *why)
{
	enum found found;

	lines_mark(&reader->lines);
	found = reader_line(reader, text, len, why);
	reader->line = reader->lines.number;
	return found;
}
