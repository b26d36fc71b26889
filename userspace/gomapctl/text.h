/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Text of unknown origin: told apart from UTF-8, made safe for a terminal, and
 * the sentence that says what is wrong with it.
 */
#ifndef GOMAPCTL_TEXT_H
#define GOMAPCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Why something was not taken: a sentence without its final stop. */
struct why {
	char text[512];
};

/* Fill in the sentence; returns -1, so that callers can return it. */
int because(struct why *why, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Length of the UTF-8 character at @text, 0 if what is there is none. */
size_t utf8_char(const char *text, size_t left);

/* Whether the bytes are UTF-8 without NUL, which JSON can hold as they are. */
bool is_plain_text(const char *text, size_t len);

/* To @out, control characters and broken UTF-8 as \n, \t, \\ and \xNN. */
void put_escaped(FILE *out, const char *text, size_t len);

/* A quotation for a sentence: escaped, between quotes, shortened if long. */
#define QUOTED_MAX 80

struct quoted {
	char text[QUOTED_MAX];
};

const char *quote(struct quoted *q, const char *text, size_t len);

/* The row of a table of words that is most like @word, or -1: nothing is. */
int nearest(const char *word, const char *(*row)(int index));

#endif /* GOMAPCTL_TEXT_H */
