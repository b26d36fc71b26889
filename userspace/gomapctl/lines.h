/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The lines of a file or pipe, numbered, in memory of bounded size, with a way
 * back: a reader marks where its record begins and, when that turns out to be
 * broken, returns to the line after the mark.  So a quote that is never closed
 * costs one line and not the rest of the file.
 */
#ifndef GOMAPCTL_LINES_H
#define GOMAPCTL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one record.  The largest value in hex is an eighth of it. */
#define RECORD_MAX	(1U << 20)

enum line {
	LINE_NONE,		/* the input ends here */
	LINE_READ,
	LINE_TOO_LONG,		/* it alone is above RECORD_MAX; skipped */
	LINE_RECORD_TOO_LONG,	/* it and those since the mark are; not read */
	LINE_FAILED,		/* the input cannot be read: errno */
};

struct lines {
	int fd;
	bool at_end;		/* nothing more to come from fd */
	uint64_t number;	/* of the line that was read last, from 1 */
	uint64_t bytes;		/* read from fd so far */
	unsigned char *buf;
	size_t mark;		/* where the record begins */
	size_t next;		/* where the next line begins */
	size_t end;		/* of what is in buf */
	uint64_t mark_number;	/* lines before the mark */
};

int lines_open(struct lines *lines, int fd);
void lines_close(struct lines *lines);

/* The next line without its line feed; valid until the call after. */
enum line lines_next(struct lines *lines, const char **text, size_t *len);

/* Bytes of the input that the lines so far have taken. */
uint64_t lines_taken(const struct lines *lines);

/* A record begins with the next line. */
void lines_mark(struct lines *lines);

/* Back to the line after the one that the mark stands before. */
void lines_back(struct lines *lines);

#endif /* GOMAPCTL_LINES_H */
