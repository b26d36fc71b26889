// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Numbered lines from a descriptor; see lines.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gomapctl.h"
#include "lines.h"

/* Room for a record of the largest size and its line feed. */
#define BUF_SIZE	(RECORD_MAX + 1)

static int fill(struct lines *l)
{
	ssize_t got;

	do {
		got = read(l->fd, l->buf + l->end, BUF_SIZE - l->end);
	} while (got < 0 && errno == EINTR && !stopped);
	if (got < 0 && errno == EINTR)
		got = 0;	/* told to stop: as if the input ended here */
	if (got < 0)
		return -1;
	l->at_end = !got;
	l->end += (size_t)got;
	l->bytes += (size_t)got;
	return 0;
}

static void skip_byte_order_mark(struct lines *l)
{
	if (l->end >= 3 && !memcmp(l->buf, "\xef\xbb\xbf", 3))
		l->mark = l->next = 3;
}

int lines_open(struct lines *lines, int fd)
{
	memset(lines, 0, sizeof(*lines));
	lines->fd = fd;
	lines->buf = malloc(BUF_SIZE);
	if (!lines->buf)
		return -1;
	while (lines->end < 3 && !lines->at_end)
		if (fill(lines))
			return -1;
	skip_byte_order_mark(lines);
	return 0;
}

void lines_close(struct lines *lines)
{
	free(lines->buf);
	lines->buf = NULL;
}

/* What lies before the mark is not needed any more. */
static void make_room(struct lines *l)
{
	memmove(l->buf, l->buf + l->mark, l->end - l->mark);
	l->next -= l->mark;
	l->end -= l->mark;
	l->mark = 0;
}

/* Drop a line whose beginning alone fills the buffer. */
static enum line skip_line(struct lines *l)
{
	unsigned char *feed;

	do {
		l->mark = l->next = l->end = 0;
		if (l->at_end)
			break;
		if (fill(l))
			return LINE_FAILED;
		feed = memchr(l->buf, '\n', l->end);
		if (feed)
			l->mark = l->next = (size_t)(feed - l->buf) + 1;
	} while (!l->next);
	l->number++;
	l->mark_number = l->number;
	return LINE_TOO_LONG;
}

static enum line deliver(struct lines *l, size_t len, const char **text,
			 size_t *out)
{
	*text = (const char *)l->buf + l->next;
	*out = len;
	l->next += len;
	if (l->next < l->end)
		l->next++;	/* the line feed */
	l->number++;
	return LINE_READ;
}

enum line lines_next(struct lines *l, const char **text, size_t *len)
{
	size_t searched = 0;

	for (;;) {
		size_t have = l->end - l->next;
		unsigned char *feed = memchr(l->buf + l->next + searched, '\n',
					     have - searched);

		if (feed)
			return deliver(l, (size_t)(feed - l->buf) - l->next,
				       text, len);
		if (l->at_end)
			return have ? deliver(l, have, text, len) : LINE_NONE;
		searched = have;
		if (l->mark)
			make_room(l);
		if (l->end == BUF_SIZE)
			return l->next ? LINE_RECORD_TOO_LONG : skip_line(l);
		if (fill(l))
			return LINE_FAILED;
	}
}

uint64_t lines_taken(const struct lines *l)
{
	return l->bytes - (l->end - l->next);
}

void lines_mark(struct lines *l)
{
	l->mark = l->next;
	l->mark_number = l->number;
}

void lines_back(struct lines *l)
{
	unsigned char *feed = memchr(l->buf + l->mark, '\n', l->end - l->mark);

	l->next = feed ? (size_t)(feed - l->buf) + 1 : l->end;
	l->number = l->mark_number + 1;
}
