// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Types of keys and values: a table of words with the bytes they become and the
 * text they become again, or the sentence that refuses them.  A row is a case.
 */
#include <stdlib.h>

#include "ktap.h"
#include "schema.h"

struct row {
	const char *type;
	const char *word;
	const char *bytes;	/* in hex, NULL: refused */
	const char *text;	/* afterwards, NULL: as it came; or the refusal */
};

#define WORD_OF_20 "twenty characters..."

static const struct row rows[] = {
	{ "u8", "0", "00", NULL },
	{ "u8", "255", "ff", NULL },
	{ "u8", "0xfF", "ff", "255" },
	{ "u8", " 7 ", "07", "7" },
	{ "u8", "300", NULL, "300 does not fit into u8 (0 to 255)" },
	{ "u8", "-1", NULL, "-1 does not fit into u8 (0 to 255)" },
	{ "u8", "-0", "00", "0" },
	{ "u8", "", NULL, "'' is not a number" },
	{ "u8", "-", NULL, "'-' is not a number" },
	{ "u8", "0x", NULL, "'0x' is not a number" },
	{ "u8", "12a", NULL, "'12a' is not a number" },
	{ "u16", "513", "0102", NULL },
	{ "u16", "65536", NULL, "65536 does not fit into u16 (0 to 65535)" },
	{ "u32", "16909060", "04030201", NULL },
	{ "u64", "18446744073709551615", "ffffffffffffffff", NULL },
	{ "u64", "18446744073709551616", NULL,
	  "18446744073709551616 does not fit into u64 (0 to 18446744073709551615)" },
	{ "u64", "99999999999999999999999", NULL,
	  "99999999999999999999999 does not fit into u64 (0 to 18446744073709551615)" },
	{ "i8", "-128", "80", NULL },
	{ "i8", "127", "7f", NULL },
	{ "i8", "-129", NULL, "-129 does not fit into i8 (-128 to 127)" },
	{ "i8", "128", NULL, "128 does not fit into i8 (-128 to 127)" },
	{ "i16", "-2", "feff", NULL },
	{ "i32", "-2147483648", "00000080", NULL },
	{ "i64", "-9223372036854775808", "0000000000000080", NULL },
	{ "i64", "9223372036854775808", NULL,
	  "9223372036854775808 does not fit into i64 (-9223372036854775808 to 9223372036854775807)" },
	{ "be16", "443", "01bb", NULL },
	{ "be32", "0x01020304", "01020304", "16909060" },
	{ "be64", "1", "0000000000000001", NULL },
	{ "str", "", "", NULL },
	{ "str", "two words", "74776f20776f726473", NULL },
	{ "str:3", "abc", "616263", NULL },
	{ "str:3", "abcd", NULL, "'abcd' is 4 bytes long; str:3 takes at most 3" },
	{ "str:3", "\xc3\xa4x", "c3a478", NULL },
	{ "hex", "", "", NULL },
	{ "hex", "0xDEADbeef", "deadbeef", "deadbeef" },
	{ "hex", "abc", NULL,
	  "'abc' has an odd number of hex digits; two make a byte" },
	{ "hex", "zz", NULL, "'zz' has a character that is no hex digit" },
	{ "hex:2", "0102", "0102", NULL },
	{ "hex:2", "01", NULL, "'01' is 1 bytes long; hex:2 takes 2" },
	{ "hex:2", "010203", NULL, "'010203' is 3 bytes long; hex:2 takes 2" },
	{ "hex:..2", "01", "01", NULL },
	{ "hex:..2", "010203", NULL,
	  "'010203' is 3 bytes long; hex:..2 takes at most 2" },
	{ "mac", "02:00:5e:10:00:01", "02005e100001", NULL },
	{ "mac", "02-00-5E-10-00-01", "02005e100001", "02:00:5e:10:00:01" },
	{ "mac", "02005E100001", "02005e100001", "02:00:5e:10:00:01" },
	{ "mac", "02:00:5e:10:00", NULL,
	  "'02:00:5e:10:00' is not a hardware address (like 02:00:5e:10:00:01)" },
	{ "mac", "02:00-5e:10:00:01", NULL,
	  "'02:00-5e:10:00:01' is not a hardware address (like 02:00:5e:10:00:01)" },
	{ "ip4", "192.0.2.1", "c0000201", NULL },
	{ "ip4", "192.0.2.256", NULL, "'192.0.2.256' is not an IPv4 address" },
	{ "ip4", "2001:db8::1", NULL, "'2001:db8::1' is not an IPv4 address" },
	{ "ip6", "2001:DB8::1", "20010db8000000000000000000000001",
	  "2001:db8::1" },
	{ "ip6", "192.0.2.1", NULL, "'192.0.2.1' is not an IPv6 address" },
	{ "none", "", "", NULL },
	{ "none", "x", NULL,
	  "the map is a set and takes no value, but 'x' was given" },
	{ "str:3", WORD_OF_20 WORD_OF_20 WORD_OF_20 WORD_OF_20, NULL,
	  "'" WORD_OF_20 WORD_OF_20 WORD_OF_20 "twenty charac...' is 80 bytes long; str:3 takes at most 3" },
	{ "str:3", "a\tb\n\x1b", NULL,
	  "'a\\tb\\n\\x1b' is 5 bytes long; str:3 takes at most 3" },
};

/* Words that are no types, and what is said of them. */
static const struct row no_types[] = {
	{ "u7", NULL, NULL, "'u7' is not a type; did you mean u8?" },
	{ "string", NULL, NULL,
	  "'string' is not a type; gomapctl help create lists them" },
	{ "", NULL, NULL, "'' is not a type; gomapctl help create lists them" },
	{ "u8:4", NULL, NULL, "u8 takes no length" },
	{ "str:0", NULL, NULL,
	  "'str:0': the length is to be a number from 1 to 4096" },
	{ "str:4097", NULL, NULL,
	  "'str:4097': the length is to be a number from 1 to 4096" },
	{ "hex:", NULL, NULL,
	  "'hex:': the length is to be a number from 1 to 4096" },
	{ "hex:2x", NULL, NULL,
	  "'hex:2x': the length is to be a number from 1 to 4096" },
	{ "none", NULL, NULL, "none is a type for values only" },
};

static void check_bytes(const struct row *row, const struct type *type,
			const unsigned char *bytes, uint32_t len)
{
	static struct text text;
	unsigned char wanted[256];
	char again[512];

	CHECK(len == strlen(row->bytes) / 2);
	CHECK(!unhex(row->bytes, strlen(row->bytes), wanted));
	CHECK(!memcmp(bytes, wanted, len));
	type_text(type, bytes, len, &text);
	snprintf(again, sizeof(again), "%.*s", (int)text.len, text.at);
	CHECK_TEXT(again, row->text ? row->text : row->word);
}

static void check_row(const struct row *row)
{
	struct field field = { .text = row->word, .len = strlen(row->word) };
	/* Just what a caller must have, so that the sanitizer sees more. */
	unsigned char *bytes;
	struct type type;
	struct why why = { "" };
	uint32_t len;

	if (!CHECK(!type_parse(&type, row->type, TYPE_OF_VALUE, &why)))
		return;
	bytes = malloc(type.size ? type.size : 1);
	if (type_read(&type, &field, bytes, &len, &why)) {
		CHECK(!row->bytes);
		CHECK_TEXT(why.text, row->text);
	} else if (CHECK(row->bytes != NULL)) {
		check_bytes(row, &type, bytes, len);
	}
	free(bytes);
}

static void check_no_type(const struct row *row)
{
	struct type type;
	struct why why = { "" };

	CHECK(type_parse(&type, row->type, TYPE_OF_KEY, &why));
	CHECK_TEXT(why.text, row->text);
}

/* -- JSON ---------------------------------------------------------------- */

struct json_row {
	const char *type, *bytes, *json;
};

static const struct json_row json_rows[] = {
	{ "u8", "07", "7" },
	{ "i16", "feff", "-2" },
	{ "u64", "0000000000002000", "9007199254740992" },
	{ "u64", "0100000000002000", "\"9007199254740993\"" },
	{ "u64", "ffffffffffffffff", "\"18446744073709551615\"" },
	{ "i64", "0000000000000080", "\"-9223372036854775808\"" },
	{ "str", "c3a4", "\"\xc3\xa4\"" },
	{ "str", "ff41", "{\"hex\":\"ff41\"}" },
	{ "str", "410042", "{\"hex\":\"410042\"}" },
	/* A surrogate, a NUL in three bytes, beyond Unicode, cut short. */
	{ "str", "eda080", "{\"hex\":\"eda080\"}" },
	{ "str", "e08080", "{\"hex\":\"e08080\"}" },
	{ "str", "f4908080", "{\"hex\":\"f4908080\"}" },
	{ "str", "e282", "{\"hex\":\"e282\"}" },
	{ "str", "f09f9880", "\"\xf0\x9f\x98\x80\"" },
	{ "hex", "0aff", "\"0aff\"" },
	{ "ip4", "c0000201", "\"192.0.2.1\"" },
	{ "none", "", "null" },
};

static void check_json(const struct json_row *row)
{
	static struct text scratch;
	unsigned char bytes[64];
	struct type type;
	struct why why;
	json_t *json;
	char *is;

	CHECK(!type_parse(&type, row->type, TYPE_OF_VALUE, &why));
	CHECK(!unhex(row->bytes, strlen(row->bytes), bytes));
	json = type_json(&type, bytes, (uint32_t)strlen(row->bytes) / 2,
			 &scratch);
	is = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
	CHECK_TEXT(is, row->json);
	free(is);
	json_decref(json);
}

/* -- schemas ------------------------------------------------------------- */

static void check_schema(const char *words, uint32_t key_size,
			 uint32_t value_size, uint32_t flags, const char *names)
{
	char is[GOMAP_SCHEMA_LEN];
	struct schema schema;

	schema_of_map(&schema, words, key_size, value_size, flags);
	schema_write(&schema, is);
	CHECK_TEXT(is, names);
	CHECK(schema.foreign == !!strcmp(words, names));
}

static void schemas(void)
{
	check_schema("mac str:64", 6, 64, GOMAP_MAP_VAR_VALUE, "mac str:64");
	check_schema("ip4 none", 4, 0, 0, "ip4 none");
	/* Another length, other flags, other words, none: all are bytes. */
	check_schema("mac str:64", 8, 64, GOMAP_MAP_VAR_VALUE, "hex:8 hex:..64");
	check_schema("mac str:64", 6, 32, GOMAP_MAP_VAR_VALUE, "hex:6 hex:..32");
	check_schema("u32 u32", 4, 4, GOMAP_MAP_VAR_KEY, "hex:..4 hex:4");
	check_schema("route", 4, 4, 0, "hex:4 hex:4");
	check_schema("", 16, 0, 0, "hex:16 none");
}

static void raw_bytes(void)
{
	struct field field = { .text = "a\0b", .len = 3, .raw = true };
	unsigned char bytes[8];
	struct why why = { "" };
	struct type type;
	uint32_t len;

	CHECK(!type_parse(&type, "str:3", TYPE_OF_KEY, &why));
	CHECK(!type_read(&type, &field, bytes, &len, &why));
	CHECK(len == 3 && !memcmp(bytes, "a\0b", 3));
	CHECK(!type_parse(&type, "u16", TYPE_OF_KEY, &why));
	CHECK(type_read(&type, &field, bytes, &len, &why));
	CHECK_TEXT(why.text, "3 bytes are too many for u16 (2)");
	field.len = 1;
	CHECK(type_read(&type, &field, bytes, &len, &why));
	CHECK_TEXT(why.text, "1 bytes are too few for u16 (2)");
	field.raw = false;
	field.len = 3;
	CHECK(!type_parse(&type, "str:3", TYPE_OF_KEY, &why));
	CHECK(type_read(&type, &field, bytes, &len, &why));
	CHECK_TEXT(why.text, "'a\\x00b' has a NUL byte (byte 2), and str:3 is text; the hex types take any bytes");
}

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
	int i, number = 0, failed = 0;
	char name[128];

	printf("TAP version 13\n1..%d\n", COUNT(rows) + COUNT(no_types) +
	       COUNT(json_rows) + 2);
	for (i = 0; i < COUNT(rows); i++) {
		struct quoted q;

		check_row(&rows[i]);
		snprintf(name, sizeof(name), "%s %s %s", rows[i].type,
			 rows[i].bytes ? "takes" : "refuses",
			 quote(&q, rows[i].word, strlen(rows[i].word)));
		ktap_result(++number, name, &failed);
	}
	for (i = 0; i < COUNT(no_types); i++) {
		check_no_type(&no_types[i]);
		snprintf(name, sizeof(name), "'%s' is no type of keys",
			 no_types[i].type);
		ktap_result(++number, name, &failed);
	}
	for (i = 0; i < COUNT(json_rows); i++) {
		check_json(&json_rows[i]);
		snprintf(name, sizeof(name), "%s %s in JSON",
			 json_rows[i].type, json_rows[i].bytes);
		ktap_result(++number, name, &failed);
	}
	schemas();
	ktap_result(++number, "a schema that does not fit its map is foreign",
		    &failed);
	raw_bytes();
	ktap_result(++number, "raw bytes are checked for their length alone",
		    &failed);
	return failed ? 1 : 0;
}
