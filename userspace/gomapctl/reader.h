/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What load reads: records of a key and a value, still as text, from CSV, TSV
 * or JSON lines.
 *
 * CSV and TSV come as rows of fields, of which two columns are picked by number
 * or by the name in the header; JSON lines come as objects, of which two members
 * are picked by name.  A reader that meets a bad record says so and goes on
 * with the next one.
 */
#ifndef GOMAPCTL_READER_H
#define GOMAPCTL_READER_H

#include "lines.h"
#include "types.h"

struct reader_opts {
	const char *key;	/* column or member; NULL: the usual one */
	const char *value;
	bool no_header;		/* the first row is an entry already */
	bool is_set;		/* no value is wanted */
};

struct record {
	uint64_t line;		/* where it begins, from 1 */
	struct field key;
	struct field value;
};

/* What a reader has come upon. */
enum found {
	FOUND_END,
	FOUND_RECORD,
	FOUND_BAD,		/* a record that is none: line and why */
	FOUND_FAILURE,		/* the input as a whole is of no use: why */
};

/* Fields of one row, closed by NUL but possibly with NUL bytes inside. */
struct row {
	char *bytes;
	size_t used, size;
	size_t *begins;		/* count + 1 of them, in bytes */
	size_t count, room;
};

struct reader;

/* How one format is read: rows for the picking of columns, or records. */
struct reader_kind {
	const char *name;
	const char *const *suffixes;	/* of file names, ends with NULL */
	enum found (*next_row)(struct reader *reader, struct why *why);
	enum found (*next_record)(struct reader *reader, struct record *record,
				  struct why *why);
	int (*open)(struct reader *reader);
	void (*close)(struct reader *reader);
};

struct reader {
	const struct reader_kind *kind;
	struct reader_opts opts;
	struct lines lines;
	uint64_t line;		/* where the row or record begins */
	struct row row;
	size_t key_column, value_column;
	bool columns_known;
	void *own;		/* the format's */
};

extern const struct reader_kind reader_csv, reader_tsv, reader_jsonl;

/* By name of the format, or by the suffix of a file name; NULL: none fits. */
const struct reader_kind *reader_kind_named(const char *name);
const struct reader_kind *reader_kind_of_file(const char *path);

int reader_open(struct reader *reader, const struct reader_kind *kind, int fd,
		const struct reader_opts *opts);
enum found reader_next(struct reader *reader, struct record *record,
		       struct why *why);
void reader_close(struct reader *reader);

/*
 * For the formats: the first line of a record, and a further one; or what its
 * absence means to them.
 */
enum found reader_first_line(struct reader *reader, const char **text,
			     size_t *len, struct why *why);
enum found reader_line(struct reader *reader, const char **text, size_t *len,
		       struct why *why);
void row_clear(struct row *row);
int row_add(struct row *row, const char *text, size_t len);

#endif /* GOMAPCTL_READER_H */
