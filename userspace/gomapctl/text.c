// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Text of unknown origin; see text.h. */
#include <stdarg.h>
#include <string.h>

#include "text.h"

int because(struct why *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return -1;
}

/* Bytes that the first byte of a character announces, and its payload bits. */
static size_t announced(unsigned char first, unsigned int *payload)
{
	if (first < 0x80) {
		*payload = first;
		return 1;
	}
	if (first >= 0xc2 && first < 0xe0) {
		*payload = first & 0x1f;
		return 2;
	}
	if (first >= 0xe0 && first < 0xf0) {
		*payload = first & 0x0f;
		return 3;
	}
	if (first >= 0xf0 && first < 0xf5) {
		*payload = first & 0x07;
		return 4;
	}
	return 0;
}

size_t utf8_char(const char *text, size_t left)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int code;
	size_t len, i;

	if (!left)
		return 0;
	len = announced((unsigned char)text[0], &code);
	if (!len || len > left)
		return 0;
	for (i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	/* Longer than it need be, a surrogate, or beyond Unicode. */
	if (code < least[len] || (code >= 0xd800 && code < 0xe000) ||
	    code > 0x10ffff)
		return 0;
	return len;
}

bool is_plain_text(const char *text, size_t len)
{
	size_t at, step;

	for (at = 0; at < len; at += step) {
		step = utf8_char(text + at, len - at);
		if (!step || !text[at])
			return false;
	}
	return true;
}

/* The escape of one character into @out; returns the bytes it stands for. */
static size_t escape(const char *text, size_t left, char out[8])
{
	static const char named[] = "\n\t\r\\", letters[] = "ntr\\";
	unsigned char c = (unsigned char)text[0];
	const char *hit = c ? strchr(named, c) : NULL;
	size_t len = utf8_char(text, left);
	/* U+0080 to U+009F are control characters as well. */
	bool control = c < 0x20 || c == 0x7f ||
		       (len == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0);

	if (hit) {
		snprintf(out, 8, "\\%c", letters[hit - named]);
		return 1;
	}
	if (!len || control) {
		snprintf(out, 8, "\\x%02x", c);
		return 1;
	}
	memcpy(out, text, len);
	out[len] = '\0';
	return len;
}

void put_escaped(FILE *out, const char *text, size_t len)
{
	char piece[8];
	size_t at = 0;

	while (at < len) {
		at += escape(text + at, len - at, piece);
		fputs(piece, out);
	}
}

const char *quote(struct quoted *q, const char *text, size_t len)
{
	const size_t room = sizeof(q->text) - sizeof("'...'");
	size_t at = 0, used = 0;
	char piece[8];

	q->text[used++] = '\'';
	while (at < len) {
		size_t step = escape(text + at, len - at, piece);

		if (used + strlen(piece) > room)
			break;
		memcpy(q->text + used, piece, strlen(piece));
		used += strlen(piece);
		at += step;
	}
	strcpy(q->text + used, at < len ? "...'" : "'");
	return q->text;
}

/* Levenshtein's distance, for words that fit into a table of this width. */
static int distance(const char *a, const char *b)
{
	enum { WIDTH = 32 };
	int row[WIDTH], i, j, la = (int)strlen(a), lb = (int)strlen(b);

	if (la >= WIDTH || lb >= WIDTH)
		return WIDTH;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		int diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			int best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

int nearest(const char *word, const char *(*row)(int index))
{
	int i, best = -1, least = 3;	/* three slips are another word */

	for (i = 0; row(i); i++) {
		int d = distance(word, row(i));

		if (strlen(word) > 1 && !strncmp(word, row(i), strlen(word)))
			d = 1;	/* cut short */
		if (d < least && d < (int)strlen(word)) {
			least = d;
			best = i;
		}
	}
	return best;
}
