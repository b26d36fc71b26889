// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Readers of CSV, TSV and JSON lines.  A case is an input with all that comes
 * out of it, written down as one line for each record:
 *
 *	2 key=value		the record that begins in line 2
 *	3 ! why			a bad one
 *	X why			the input is of no use
 */
#include <stdlib.h>
#include <unistd.h>

#include "ktap.h"
#include "reader.h"

static const struct reader_opts with_header, without = { .no_header = true };

/* All of a stream that the readers get, in a file without a name. */
static int file_of(const char *bytes, size_t len)
{
	FILE *f = tmpfile();
	int fd;

	if (!f || fwrite(bytes, 1, len, f) != len || fflush(f))
		abort();
	fd = dup(fileno(f));
	fclose(f);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void write_down(FILE *out, enum found found, const struct record *r,
		       const struct why *why)
{
	if (found == FOUND_FAILURE) {
		fprintf(out, "X %s\n", why->text);
		return;
	}
	fprintf(out, "%llu ", (unsigned long long)r->line);
	if (found == FOUND_BAD) {
		fprintf(out, "! %s\n", why->text);
		return;
	}
	put_escaped(out, r->key.text, r->key.len);
	fputs(r->key.raw ? " (raw)=" : "=", out);
	put_escaped(out, r->value.text, r->value.len);
	fputs(r->value.raw ? " (raw)\n" : "\n", out);
}

static char *read_all(const char *format, const struct reader_opts *opts,
		      const char *bytes, size_t len)
{
	static struct reader reader;
	int fd = file_of(bytes, len);
	struct record record;
	struct why why;
	enum found found;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (reader_open(&reader, reader_kind_named(format), fd, opts))
		abort();
	while ((found = reader_next(&reader, &record, &why)) != FOUND_END) {
		write_down(out, found, &record, &why);
		if (found == FOUND_FAILURE)
			break;
	}
	reader_close(&reader);
	close(fd);
	fclose(out);
	return text;
}

static void check_len(const char *format, const struct reader_opts *opts,
		      const char *bytes, size_t len, const char *wanted)
{
	char *is = read_all(format, opts, bytes, len);

	CHECK_TEXT(is, wanted);
	free(is);
}

static void check(const char *format, const struct reader_opts *opts,
		  const char *text, const char *wanted)
{
	check_len(format, opts, text, strlen(text), wanted);
}

#define MISPLACED "! a quote mark is out of place; a field with quotes in it is to be in quotes itself, and each of them doubled\n"

/* -- CSV ----------------------------------------------------------------- */

static void csv_plain(void)
{
	check("csv", &with_header, "k,v\na,1\nb,2\n", "2 a=1\n3 b=2\n");
	check("csv", &without, "a,1\nb,2\n", "1 a=1\n2 b=2\n");
	check("csv", &without, "", "");
	check("csv", &with_header, "k,v\n", "");
}

static void csv_columns(void)
{
	struct reader_opts o = { .key = "name", .value = "1" };

	check("csv", &o, "id,name\n7,seven\n", "2 seven=7\n");
	o.key = "nom";
	check("csv", &o, "id,name\n7,seven\n",
	      "X it has no column 'nom'; its header names 'id', 'name'\n");
	o.no_header = true;
	check("csv", &o, "7,seven\n",
	      "X without a header a column is a number from 1, not 'nom'\n");
	o.key = "0";
	check("csv", &o, "7,seven\n",
	      "X without a header a column is a number from 1, not '0'\n");
}

static void csv_short_row(void)
{
	check("csv", &without, "a,1\nb\nc,3\n",
	      "1 a=1\n2 ! the row has 1 column, and the value is to be in column 2\n3 c=3\n");
}

static void csv_set(void)
{
	struct reader_opts o = { .no_header = true, .is_set = true };

	check("csv", &o, "a\nb,ignored\n", "1 a=\n2 b=\n");
}

static void csv_quotes(void)
{
	check("csv", &without, "\"a,b\",\"say \"\"hi\"\"\"\n",
	      "1 a,b=say \"hi\"\n");
	check("csv", &without, "\"\",\"\"\n", "1 =\n");
}

static void csv_newline_in_quotes(void)
{
	check("csv", &without, "a,\"one\ntwo\r\nthree\"\nb,2\n",
	      "1 a=one\\ntwo\\r\\nthree\n4 b=2\n");
}

static void csv_stray_quote(void)
{
	check("csv", &without, "a,5\" disk\nb,2\n", "1 " MISPLACED "2 b=2\n");
	check("csv", &without, "a,\"x\"y\nb,2\n", "1 " MISPLACED "2 b=2\n");
}

static void csv_open_quote_loses_one_line(void)
{
	check("csv", &without, "a,\"1\nb,2\nc,3\n",
	      "1 ! a quote mark opens a field here and is never closed\n2 b=2\n3 c=3\n");
	/* Closed by the wrong one: the first is to blame, and alone. */
	check("csv", &without, "a,\"1\nb,\"2\"\nc,3\n",
	      "1 " MISPLACED "2 b=2\n3 c=3\n");
}

static void csv_broken_last_line(void)
{
	check("csv", &without, "a,1\nb,2", "1 a=1\n2 b=2\n");
	check("csv", &without, "a,1\nb,\"2",
	      "1 a=1\n2 ! a quote mark opens a field here and is never closed\n");
	check("csv", &without, "a,1\nb",
	      "1 a=1\n2 ! the row has 1 column, and the value is to be in column 2\n");
}

static void csv_line_ends(void)
{
	check("csv", &without, "a,1\r\n\"b\",\"2\"\r\n\r\n\nc,3\r",
	      "1 a=1\n2 b=2\n5 c=3\n");
}

static void csv_spaces_stay(void)
{
	check("csv", &without, " a , 1 \n", "1  a = 1 \n");
}

static void csv_byte_order_mark(void)
{
	struct reader_opts o = { .key = "k" };

	check("csv", &o, "\xef\xbb\xbfk,v\na,1\n", "2 a=1\n");
	check("csv", &without, "\xef\xbb", "1 ! the row has 1 column, and the value is to be in column 2\n");
}

static void csv_nul_bytes(void)
{
	check_len("csv", &without, "a\0b,1\nc,\0\n", 10,
		  "1 a\\x00b=1\n2 c=\\x00\n");
}

/* A long run of one character between two texts. */
static char *around(const char *before, size_t count, const char *after,
		    size_t *len)
{
	size_t b = strlen(before), a = strlen(after);
	char *text = malloc(b + count + a);

	memcpy(text, before, b);
	memset(text + b, 'x', count);
	memcpy(text + b + count, after, a);
	*len = b + count + a;
	return text;
}

#define TEN_MB (10u << 20)
#define TOO_LONG "! longer than 1048576 bytes, the most that a record may have\n"

static void csv_ten_megabyte_line(void)
{
	size_t len;
	char *text = around("a,1\nb,", TEN_MB, "\nc,3\n", &len);

	check_len("csv", &without, text, len,
		  "1 a=1\n2 " TOO_LONG "3 c=3\n");
	free(text);
	text = around("a,1\nb,", TEN_MB, "", &len);
	check_len("csv", &without, text, len, "1 a=1\n2 " TOO_LONG);
	free(text);
}

static void csv_open_quote_before_ten_megabytes(void)
{
	size_t len;
	char *text = around("a,\"1\nb,2\n", TEN_MB, "\nc,3\n", &len);

	check_len("csv", &without, text, len,
		  "1 ! a quote mark opens a field here that is not closed within 1048576 bytes\n"
		  "2 b=2\n3 " TOO_LONG "4 c=3\n");
	free(text);
}

static void record_of_the_largest_size(void)
{
	size_t len;
	char *text = around("a\t", RECORD_MAX - 2, "\nb\t2\n", &len);
	char *is = read_all("tsv", &without, text, len);

	CHECK(strlen(is) == strlen("1 a=\n2 b=2\n") + RECORD_MAX - 2);
	CHECK(!strcmp(is + strlen(is) - 6, "2 b=2\n"));
	free(is);
	free(text);
	text = around("a\t", RECORD_MAX - 1, "\nb\t2\n", &len);
	check_len("tsv", &without, text, len, "1 " TOO_LONG "2 b=2\n");
	free(text);
}

/* Many lines, so that records lie across every border of the buffer. */
static void many_lines(void)
{
	const unsigned int count = 200000;
	static struct reader reader;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct record record;
	struct why why;
	unsigned int i;
	int fd;

	for (i = 0; i < count; i++)
		fprintf(out, "key-%u,\"value\n%u\"\n", i, i);
	fclose(out);
	fd = file_of(text, size);
	CHECK(!reader_open(&reader, &reader_csv, fd, &without));
	for (i = 0; i < count; i++) {
		char wanted[32];

		snprintf(wanted, sizeof(wanted), "value\n%u", i);
		if (reader_next(&reader, &record, &why) != FOUND_RECORD ||
		    record.line != 2 * i + 1 ||
		    strcmp(record.value.text, wanted))
			break;
	}
	CHECK(i == count);
	CHECK(reader_next(&reader, &record, &why) == FOUND_END);
	reader_close(&reader);
	close(fd);
	free(text);
}

/* -- TSV ----------------------------------------------------------------- */

static void tsv_plain(void)
{
	check("tsv", &with_header, "k\tv\na\t1\r\n\nb\t2", "2 a=1\n4 b=2\n");
	check("tsv", &without, "\"a\tb\\tc\"\t\t\n", "1 \"a=b\\\\tc\"\n");
	check("tsv", &without, "a\t\n\tb\n", "1 a=\n2 =b\n");
	check("tsv", &without, "alone\n",
	      "1 ! the row has 1 column, and the value is to be in column 2\n");
}

static void tsv_nul_bytes(void)
{
	check_len("tsv", &without, "a\0b\t1\n", 6, "1 a\\x00b=1\n");
}

/* -- JSON lines ---------------------------------------------------------- */

static void jsonl_plain(void)
{
	check("jsonl", &with_header,
	      "{\"key\":\"a\",\"value\":1}\r\n\n{\"value\":\"\\u00e4\\n\",\"key\":-5}\n",
	      "1 a=1\n3 -5=\xc3\xa4\\n\n");
}

static void jsonl_members(void)
{
	struct reader_opts o = { .key = "mac", .value = "org" };

	check("jsonl", &o, "{\"mac\":\"m\",\"org\":\"o\",\"x\":[]}\n{\"mac\":\"m\"}\n",
	      "1 m=o\n2 ! it has no member \"org\"\n");
	o.is_set = true;
	check("jsonl", &o, "{\"mac\":\"m\"}\n", "1 m=\n");
}

static void jsonl_hex(void)
{
	check("jsonl", &with_header,
	      "{\"key\":{\"hex\":\"00ff\"},\"value\":{\"hex\":\"\"}}\n"
	      "{\"key\":{\"hex\":\"0\"},\"value\":1}\n",
	      "1 \\x00\\xff (raw)= (raw)\n"
	      "2 ! the \"hex\" of \"key\" is not pairs of hex digits\n");
}

static void jsonl_bad_lines(void)
{
	check("jsonl", &with_header,
	      "[1]\n{\"key\":1.5,\"value\":1}\n{\"key\":true,\"value\":1}\n{\"key\":1,\"value\":2}\n",
	      "1 ! it is not a JSON object\n"
	      "2 ! \"key\" is neither a string nor an integer\n"
	      "3 ! \"key\" is neither a string nor an integer\n"
	      "4 1=2\n");
}

/* The wording is jansson's own from the colon on. */
static void jsonl_not_json(void)
{
	char *is = read_all("jsonl", &with_header,
			    "{\"key\":1\n{\"key\":1,\"value\":2}\n{\"key\"", 36);

	CHECK(!strncmp(is, "1 ! it is not JSON: '", 21));
	CHECK(strstr(is, "\n2 1=2\n3 ! it is not JSON: '") != NULL);
	free(is);
}

static void jsonl_ten_megabyte_line(void)
{
	size_t len;
	char *text = around("{\"key\":\"", TEN_MB,
			    "\",\"value\":1}\n{\"key\":1,\"value\":2}\n", &len);

	check_len("jsonl", &with_header, text, len, "1 " TOO_LONG "2 1=2\n");
	free(text);
}

static void formats_by_name(void)
{
	CHECK(reader_kind_of_file("a/b.csv") == &reader_csv);
	CHECK(reader_kind_of_file("B.TSV") == &reader_tsv);
	CHECK(reader_kind_of_file("x.tar.jsonl") == &reader_jsonl);
	CHECK(reader_kind_of_file("x.ndjson") == &reader_jsonl);
	CHECK(!reader_kind_of_file("csv"));
	CHECK(!reader_kind_of_file("x.txt"));
	CHECK(!reader_kind_named("CSV"));
}

/* A pipe hands out a few bytes at a time; nothing may depend on that. */
static void pipe_in_pieces(void)
{
	static const char text[] = "\xef\xbb\xbfk,v\na,\"1\n2\"\nb,3";
	static struct reader reader;
	struct record record;
	struct why why;
	int fds[2], i;

	if (!CHECK(!pipe(fds)))
		return;
	if (!fork()) {
		for (i = 0; text[i]; i++) {
			if (write(fds[1], text + i, 1) != 1)
				break;
			usleep(500);
		}
		_exit(0);
	}
	close(fds[1]);
	CHECK(!reader_open(&reader, &reader_csv, fds[0], &with_header));
	CHECK(reader_next(&reader, &record, &why) == FOUND_RECORD);
	CHECK_TEXT(record.value.text, "1\n2");
	CHECK(reader_next(&reader, &record, &why) == FOUND_RECORD);
	CHECK_TEXT(record.value.text, "3");
	CHECK(record.line == 4);
	CHECK(reader_next(&reader, &record, &why) == FOUND_END);
	reader_close(&reader);
	close(fds[0]);
}

static const struct ktap_case cases[] = {
	{ "csv: rows, with and without a header", csv_plain },
	{ "csv: columns by name and by number", csv_columns },
	{ "csv: a row that is too short", csv_short_row },
	{ "csv: a set needs no value", csv_set },
	{ "csv: quotes and doubled quotes", csv_quotes },
	{ "csv: line ends within quotes", csv_newline_in_quotes },
	{ "csv: a stray quote is one bad line", csv_stray_quote },
	{ "csv: an open quote loses one line", csv_open_quote_loses_one_line },
	{ "csv: a broken last line", csv_broken_last_line },
	{ "csv: CRLF, blank lines", csv_line_ends },
	{ "csv: spaces belong to the field", csv_spaces_stay },
	{ "csv: a byte order mark is skipped", csv_byte_order_mark },
	{ "csv: NUL bytes come through", csv_nul_bytes },
	{ "csv: a line of 10 MB is one bad line", csv_ten_megabyte_line },
	{ "csv: an open quote before 10 MB", csv_open_quote_before_ten_megabytes },
	{ "the largest record, and one byte more", record_of_the_largest_size },
	{ "csv: 200,000 rows of two lines", many_lines },
	{ "tsv: rows, tabs, no quotes", tsv_plain },
	{ "tsv: NUL bytes come through", tsv_nul_bytes },
	{ "jsonl: strings and integers", jsonl_plain },
	{ "jsonl: members by name", jsonl_members },
	{ "jsonl: bytes as hex", jsonl_hex },
	{ "jsonl: objects and types that do not do", jsonl_bad_lines },
	{ "jsonl: lines that are not JSON", jsonl_not_json },
	{ "jsonl: a line of 10 MB is one bad line", jsonl_ten_megabyte_line },
	{ "the format follows from the name", formats_by_name },
	{ "a pipe that delivers byte by byte", pipe_in_pieces },
};

int main(void)
{
	return ktap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
