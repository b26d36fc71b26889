// SPDX-License-Identifier: GPL-2.0-only
/*
 * names.c - what the name and the schema of a map may consist of.
 *
 * Both are arrays of fixed size that hold text, a NUL, and zeros to the end:
 * nothing can hide after the NUL, and equal names are equal arrays.  The
 * letters of a name are those that need no quoting in a shell, a path or a log.
 */
#include <linux/ctype.h>
#include <linux/string.h>

#include "dev.h"

static bool is_closed_and_padded(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	return len < size && !memchr_inv(text + len, 0, size - len);
}

/* isalnum() and isprint() alone would let the letters of Latin-1 pass. */
static bool is_name_char(char c)
{
	return isascii(c) && (isalnum(c) || strchr("_.-", c));
}

static bool is_schema_char(char c)
{
	return isascii(c) && isprint(c);
}

/* An empty name is a valid one here: whether it will do is up to the command. */
bool gomap_name_valid(const char *name)
{
	const char *c;

	if (!is_closed_and_padded(name, GOMAP_NAME_LEN))
		return false;
	if (name[0] == '.' || name[0] == '-')
		return false;

	for (c = name; *c; c++)
		if (!is_name_char(*c))
			return false;
	return true;
}

bool gomap_schema_valid(const char *schema)
{
	const char *c;

	if (!is_closed_and_padded(schema, GOMAP_SCHEMA_LEN))
		return false;

	for (c = schema; *c; c++)
		if (!is_schema_char(*c))
			return false;
	return true;
}
