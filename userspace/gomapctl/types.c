// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The table of types and what goes through it; see types.h.  How numbers and
 * addresses are written is in type_number.c and type_bytes.c.
 */
#include <stdlib.h>
#include <string.h>

#include "type_kinds.h"

#define INTEGER(NAME, SIZE, SIGNED, BIG, ABOUT) { \
	.name = NAME, .size = SIZE, .is_signed = SIGNED, .big_endian = BIG, \
	.read = read_number, .text = text_number, .json = json_number, \
	.about = ABOUT }

static const struct type_kind kinds[] = {
	INTEGER("u8", 1, false, false, "0 to 255"),
	INTEGER("u16", 2, false, false, "0 to 65535"),
	INTEGER("u32", 4, false, false, "0 to 4294967295"),
	INTEGER("u64", 8, false, false, "0 to 18446744073709551615"),
	INTEGER("i8", 1, true, false, "-128 to 127"),
	INTEGER("i16", 2, true, false, "-32768 to 32767"),
	INTEGER("i32", 4, true, false, "-2147483648 to 2147483647"),
	INTEGER("i64", 8, true, false,
		"-9223372036854775808 to 9223372036854775807"),
	INTEGER("be16", 2, false, true, "u16 in network order, as ports are"),
	INTEGER("be32", 4, false, true, "u32 in network order"),
	INTEGER("be64", 8, false, true, "u64 in network order"),
	{ .name = "str", .sized = SIZE_IS_MOST, .read = read_str,
	  .text = text_str, .json = json_str,
	  .about = "text, up to 255 bytes, or up to N with str:N" },
	{ .name = "hex", .sized = SIZE_IS_EXACT, .blob = true,
	  .read = read_hex, .text = text_hex, .json = json_text,
	  .about = "bytes as hex digits: hex:N exactly N of them, hex:..N up to N, hex up to 255" },
	{ .name = "mac", .size = 6, .read = read_mac, .text = text_mac,
	  .json = json_text, .about = "hardware address, 02:00:5e:10:00:01" },
	{ .name = "ip4", .size = 4, .read = read_ip, .text = text_ip,
	  .json = json_text, .about = "IPv4 address, 192.0.2.1" },
	{ .name = "ip6", .size = 16, .read = read_ip, .text = text_ip,
	  .json = json_text, .about = "IPv6 address, 2001:db8::1" },
	{ .name = "none", .read = read_none, .text = text_none,
	  .json = json_none, .about = "no value at all: the map is a set" },
};

#define NR_KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

static const char *kind_name(int index)
{
	return index < NR_KINDS ? kinds[index].name : NULL;
}

static const struct type_kind *find_kind(const char *word, size_t len)
{
	int i;

	for (i = 0; i < NR_KINDS; i++)
		if (strlen(kinds[i].name) == len &&
		    !memcmp(kinds[i].name, word, len))
			return &kinds[i];
	return NULL;
}

static int unknown_type(const char *word, struct why *why)
{
	int near = nearest(word, kind_name);
	struct quoted q;

	quote(&q, word, strlen(word));
	if (near >= 0)
		return because(why, "%s is not a type; did you mean %s?",
			       q.text, kinds[near].name);
	return because(why, "%s is not a type; gomapctl help create lists them",
		       q.text);
}

/* What stands after the colon: a number from 1 to @most. */
static int parse_size(const char *digits, uint32_t most, uint32_t *size)
{
	char *end;
	unsigned long n;

	if (digits[0] < '0' || digits[0] > '9')
		return -1;
	n = strtoul(digits, &end, 10);
	if (*end || !n || n > most)
		return -1;
	*size = (uint32_t)n;
	return 0;
}

static int parse_sized(struct type *type, const char *word, const char *colon,
		       uint32_t most, struct why *why)
{
	const char *digits = colon ? colon + 1 : NULL;
	struct quoted q;

	type->variable = true;
	type->size = TYPE_DEFAULT_MAX;
	if (!colon)
		return 0;
	if (type->kind->sized == SIZE_IS_EXACT) {
		if (!strncmp(digits, "..", 2))
			digits += 2;
		else
			type->variable = false;
	}
	if (parse_size(digits, most, &type->size))
		return because(why, "%s: the length is to be a number from 1 to %u",
			       quote(&q, word, strlen(word)), most);
	return 0;
}

int type_parse(struct type *type, const char *word, enum type_use use,
	       struct why *why)
{
	const char *colon = strchr(word, ':');
	uint32_t most = use == TYPE_OF_KEY ? GOMAP_MAX_KEY_SIZE
					   : GOMAP_MAX_VALUE_SIZE;

	memset(type, 0, sizeof(*type));
	type->kind = find_kind(word, colon ? (size_t)(colon - word)
					   : strlen(word));
	if (!type->kind)
		return unknown_type(word, why);
	if (type->kind->sized)
		return parse_sized(type, word, colon, most, why);
	if (colon)
		return because(why, "%s takes no length", type->kind->name);
	if (!type->kind->size && use == TYPE_OF_KEY)
		return because(why, "none is a type for values only");
	type->size = type->kind->size;
	return 0;
}

void type_of_bytes(struct type *type, uint32_t size, bool variable)
{
	type->kind = find_kind(size ? "hex" : "none", size ? 3 : 4);
	type->size = size;
	type->variable = variable;
}

void type_name(const struct type *type, char name[TYPE_NAME_MAX])
{
	const char *dots = "";

	if (!type->kind->sized ||
	    (type->variable && type->size == TYPE_DEFAULT_MAX)) {
		snprintf(name, TYPE_NAME_MAX, "%s", type->kind->name);
		return;
	}
	if (type->kind->sized == SIZE_IS_EXACT && type->variable)
		dots = "..";
	snprintf(name, TYPE_NAME_MAX, "%s:%s%u", type->kind->name, dots,
		 type->size);
}

static int take_raw(const struct type *type, const struct field *field,
		    unsigned char *bytes, uint32_t *len, struct why *why)
{
	char name[TYPE_NAME_MAX];

	type_name(type, name);
	if (field->len > type->size)
		return because(why, "%zu bytes are too many for %s (%s%u)",
			       field->len, name,
			       type->variable ? "at most " : "", type->size);
	if (!type->variable && field->len < type->size)
		return because(why, "%zu bytes are too few for %s (%u)",
			       field->len, name, type->size);
	memcpy(bytes, field->text, field->len);
	*len = (uint32_t)field->len;
	return 0;
}

int type_read(const struct type *type, const struct field *field,
	      unsigned char *bytes, uint32_t *len, struct why *why)
{
	*len = type->size;
	if (field->raw)
		return take_raw(type, field, bytes, len, why);
	return type->kind->read(type, field, bytes, len, why);
}

void type_text(const struct type *type, const void *bytes, uint32_t len,
	       struct text *out)
{
	out->at = out->buf;
	type->kind->text(type, bytes, len, out);
}

json_t *type_json(const struct type *type, const void *bytes, uint32_t len,
		  struct text *scratch)
{
	return type->kind->json(type, bytes, len, scratch);
}

bool type_takes_blob(const struct type *type)
{
	return type->kind->blob;
}

void types_explain(FILE *out)
{
	int i;

	for (i = 0; i < NR_KINDS; i++)
		fprintf(out, "  %-6s %s\n", kinds[i].name, kinds[i].about);
}
