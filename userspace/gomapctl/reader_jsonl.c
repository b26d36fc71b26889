// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * JSON lines: an object a line, of which two members are taken.  A member is a
 * string, an integer, or {"hex": "..."} for bytes that a string cannot hold.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "reader.h"

struct own {
	json_t *object;		/* the fields of the record point into it */
	char key_digits[24];
	char value_digits[24];
	unsigned char *key_bytes;
	unsigned char *value_bytes;
};

static int open_jsonl(struct reader *r)
{
	struct own *own = calloc(1, sizeof(*own));

	r->own = own;
	if (!own)
		return -1;
	own->key_bytes = malloc(RECORD_MAX / 2);
	own->value_bytes = malloc(RECORD_MAX / 2);
	return own->key_bytes && own->value_bytes ? 0 : -1;
}

static void close_jsonl(struct reader *r)
{
	struct own *own = r->own;

	json_decref(own->object);
	free(own->key_bytes);
	free(own->value_bytes);
	free(own);
}

static int take_hex(const json_t *hex, const char *name, unsigned char *bytes,
		    struct field *field, struct why *why)
{
	const char *digits = json_string_value(hex);
	size_t len = json_string_length(hex);

	if (!digits || len % 2 || unhex(digits, len, bytes))
		return because(why, "the \"hex\" of \"%s\" is not pairs of hex digits",
			       name);
	*field = (struct field) {
		.text = (const char *)bytes, .len = len / 2, .raw = true,
	};
	return 0;
}

static int take(const json_t *object, const char *name, char digits[24],
		unsigned char *bytes, struct field *field, struct why *why)
{
	const json_t *member = json_object_get(object, name);
	const json_t *hex = json_object_get(member, "hex");

	memset(field, 0, sizeof(*field));
	if (!member)
		return because(why, "it has no member \"%s\"", name);
	if (hex)
		return take_hex(hex, name, bytes, field, why);
	if (json_is_string(member)) {
		field->text = json_string_value(member);
		field->len = json_string_length(member);
		return 0;
	}
	if (json_is_integer(member)) {
		field->text = digits;
		field->len = (size_t)snprintf(digits, 24, "%lld", (long long)
					      json_integer_value(member));
		return 0;
	}
	return because(why, "\"%s\" is neither a string nor an integer", name);
}

static int take_both(struct reader *r, struct record *record, struct why *why)
{
	struct own *own = r->own;
	const char *key = r->opts.key ? r->opts.key : "key";
	const char *value = r->opts.value ? r->opts.value : "value";

	if (!json_is_object(own->object))
		return because(why, "it is not a JSON object");
	memset(&record->value, 0, sizeof(record->value));
	if (take(own->object, key, own->key_digits, own->key_bytes,
		 &record->key, why))
		return -1;
	if (r->opts.is_set)
		return 0;
	return take(own->object, value, own->value_digits, own->value_bytes,
		    &record->value, why);
}

static bool is_blank(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
			return false;
	return true;
}

static enum found next_record(struct reader *r, struct record *record,
			      struct why *why)
{
	struct own *own = r->own;
	json_error_t error;
	const char *text;
	size_t len;
	enum found found;

	do {
		found = reader_first_line(r, &text, &len, why);
		if (found != FOUND_RECORD)
			return found;
	} while (is_blank(text, len));
	json_decref(own->object);
	own->object = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL |
				 JSON_REJECT_DUPLICATES, &error);
	if (!own->object) {
		struct quoted q;

		because(why, "it is not JSON: %s",
			quote(&q, error.text, strlen(error.text)));
		return FOUND_BAD;
	}
	return take_both(r, record, why) ? FOUND_BAD : FOUND_RECORD;
}

static const char *const suffixes[] = { "jsonl", "ndjson", "json", NULL };

const struct reader_kind reader_jsonl = {
	.name = "jsonl", .suffixes = suffixes, .next_record = next_record,
	.open = open_jsonl, .close = close_jsonl,
};
