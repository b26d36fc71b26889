// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The formats of dump; see format.h. */
#include <string.h>

#include <csv.h>

#include "format.h"

static struct text key_text, value_text;

static bool is_set(const struct schema *schema)
{
	return !schema->value.size;
}

static void to_text(const struct schema *schema, const struct gomap_entry *e)
{
	type_text(&schema->key, e->key, e->key_len, &key_text);
	type_text(&schema->value, e->value, e->value_len, &value_text);
}

static int write_text(const struct schema *schema, const struct gomap_entry *e,
		      FILE *out, struct why *why)
{
	(void)why;
	to_text(schema, e);
	put_escaped(out, key_text.at, key_text.len);
	if (!is_set(schema)) {
		putc('\t', out);
		put_escaped(out, value_text.at, value_text.len);
	}
	putc('\n', out);
	return 0;
}

static int write_csv(const struct schema *schema, const struct gomap_entry *e,
		     FILE *out, struct why *why)
{
	to_text(schema, e);
	if (memchr(key_text.at, '\0', key_text.len) ||
	    memchr(value_text.at, '\0', value_text.len))
		return because(why, "it has a NUL byte, which CSV cannot hold");
	csv_fwrite(out, key_text.at, key_text.len);
	if (!is_set(schema)) {
		putc(',', out);
		csv_fwrite(out, value_text.at, value_text.len);
	}
	putc('\n', out);
	return 0;
}

static bool suits_tsv(const struct text *text)
{
	size_t i;

	for (i = 0; i < text->len; i++)
		if (!text->at[i] || strchr("\t\n\r", text->at[i]))
			return false;
	return true;
}

static int write_tsv(const struct schema *schema, const struct gomap_entry *e,
		     FILE *out, struct why *why)
{
	to_text(schema, e);
	if (!suits_tsv(&key_text) || !suits_tsv(&value_text))
		return because(why, "it has a tab, a line end or a NUL byte, which TSV cannot hold");
	fwrite(key_text.at, 1, key_text.len, out);
	if (!is_set(schema)) {
		putc('\t', out);
		fwrite(value_text.at, 1, value_text.len, out);
	}
	putc('\n', out);
	return 0;
}

json_t *entry_to_json(const struct schema *schema, const struct gomap_entry *e)
{
	json_t *row = json_object();

	json_object_set_new(row, "key", type_json(&schema->key, e->key,
						  e->key_len, &key_text));
	if (!is_set(schema))
		json_object_set_new(row, "value",
				    type_json(&schema->value, e->value,
					      e->value_len, &value_text));
	return row;
}

static int write_jsonl(const struct schema *schema, const struct gomap_entry *e,
		       FILE *out, struct why *why)
{
	json_t *row = entry_to_json(schema, e);
	int ret = json_dumpf(row, out, JSON_COMPACT);

	json_decref(row);
	putc('\n', out);
	return ret ? because(why, "it could not be written") : 0;
}

static void head_csv(const struct schema *schema, FILE *out)
{
	fputs(is_set(schema) ? "key\n" : "key,value\n", out);
}

static void head_tsv(const struct schema *schema, FILE *out)
{
	fputs(is_set(schema) ? "key\n" : "key\tvalue\n", out);
}

static void head_none(const struct schema *schema, FILE *out)
{
	(void)schema;
	(void)out;
}

static const struct format formats[] = {
	{ .name = "text", .write = write_text, .header = head_none },
	{ .name = "csv", .write = write_csv, .header = head_csv },
	{ .name = "tsv", .write = write_tsv, .header = head_tsv },
	{ .name = "jsonl", .write = write_jsonl, .header = head_none },
};

const struct format *find_format(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}
