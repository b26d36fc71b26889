// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Tab-separated values: what stands between two tabs is the field, without
 * quotes or escapes, so a field holds neither tab nor line end.
 */
#include <string.h>

#include "reader.h"

static int split(struct row *row, const char *text, size_t len)
{
	const char *tab;

	row_clear(row);
	while ((tab = memchr(text, '\t', len))) {
		if (row_add(row, text, (size_t)(tab - text)))
			return -1;
		len -= (size_t)(tab - text) + 1;
		text = tab + 1;
	}
	return row_add(row, text, len);
}

static enum found next_row(struct reader *r, struct why *why)
{
	const char *text;
	size_t len;
	enum found found;

	do {
		found = reader_first_line(r, &text, &len, why);
		if (found != FOUND_RECORD)
			return found;
		if (len && text[len - 1] == '\r')
			len--;
	} while (!len);
	if (!split(&r->row, text, len))
		return FOUND_RECORD;
	because(why, "there is no memory left");
	return FOUND_FAILURE;
}

static const char *const suffixes[] = { "tsv", "tab", NULL };

const struct reader_kind reader_tsv = {
	.name = "tsv", .suffixes = suffixes, .next_row = next_row,
};
