/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The types of keys and values: what a word such as "be16" or "str:64" means,
 * how text becomes bytes under it, and bytes text or JSON again.
 */
#ifndef GOMAPCTL_TYPES_H
#define GOMAPCTL_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <linux/gomap.h>

#include "text.h"

struct type_kind;

struct type {
	const struct type_kind *kind;
	uint32_t size;		/* bytes; the most there may be if variable */
	bool variable;
};

#define TYPE_NAME_MAX	24
#define TYPE_DEFAULT_MAX 255	/* bytes of "str" and "hex" without a length */

/* What a type is wanted for decides how long it may be. */
enum type_use { TYPE_OF_KEY, TYPE_OF_VALUE };

/* Text that was read somewhere, or bytes that need no reading (@raw). */
struct field {
	const char *text;
	size_t len;
	bool raw;
};

/* Bytes as text: either in @buf or where they were. */
struct text {
	const char *at;
	size_t len;
	char buf[2 * GOMAP_MAX_VALUE_SIZE + 1];
};

/* 0, or -1 and why not. */
int type_parse(struct type *type, const char *word, enum type_use use,
	       struct why *why);
void type_name(const struct type *type, char name[TYPE_NAME_MAX]);

/* Bytes that nobody has described: hex, of this length. */
void type_of_bytes(struct type *type, uint32_t size, bool variable);

/* @bytes has room for type->size.  0, or -1 and why not. */
int type_read(const struct type *type, const struct field *field,
	      unsigned char *bytes, uint32_t *len, struct why *why);
void type_text(const struct type *type, const void *bytes, uint32_t len,
	       struct text *out);
json_t *type_json(const struct type *type, const void *bytes, uint32_t len,
		  struct text *scratch);

/* Whether the type takes a file's bytes for @FILE on the command line. */
bool type_takes_blob(const struct type *type);

/* Hex digits (an even number) to bytes; -1 if one is none. */
int unhex(const char *digits, size_t count, unsigned char *bytes);

/* One line for each type, for people. */
void types_explain(FILE *out);

#endif /* GOMAPCTL_TYPES_H */
