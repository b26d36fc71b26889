// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Numbers of 1 to 8 bytes: decimal or 0x..., checked against their range. */
#include <inttypes.h>
#include <string.h>

#include "type_kinds.h"

/* Integers beyond this lose digits in readers that keep doubles. */
#define JSON_SAFE_MAX	(1LL << 53)

#define HOST_IS_BIG	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

struct number {
	uint64_t magnitude;
	bool negative;
};

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* 0, -1: not a number, 1: a number, but not one of 64 bits. */
static int parse_number(const struct field *f, struct number *n)
{
	const char *at = f->text, *end = f->text + f->len;
	unsigned int base = 10;
	int too_big = 0;

	memset(n, 0, sizeof(*n));
	if (at < end && (*at == '-' || *at == '+'))
		n->negative = *at++ == '-';
	if (end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		base = 16;
		at += 2;
	}
	if (at == end)
		return -1;
	for (; at < end; at++) {
		unsigned int digit = (unsigned int)digit_value(*at);

		if (digit >= base)
			return -1;
		if (n->magnitude > (UINT64_MAX - digit) / base)
			too_big = 1;
		n->magnitude = n->magnitude * base + digit;
	}
	return too_big;
}

/* The largest number above zero, and the largest below it without its sign. */
static uint64_t limit(const struct type_kind *kind, bool negative)
{
	unsigned int bits = kind->size * 8;

	if (negative)
		return kind->is_signed ? 1ULL << (bits - 1) : 0;
	if (kind->is_signed)
		bits--;
	return UINT64_MAX >> (64 - bits);
}

static unsigned int shift_of(const struct type_kind *kind, unsigned int byte)
{
	bool big = kind->big_endian || HOST_IS_BIG;

	return 8 * (big ? kind->size - 1 - byte : byte);
}

int read_number(const struct type *type, const struct field *field,
		unsigned char *bytes, uint32_t *len, struct why *why)
{
	const struct type_kind *kind = type->kind;
	struct field f = trimmed(field);
	struct quoted q;
	struct number n;
	unsigned int i;
	int ret = parse_number(&f, &n);

	(void)len;	/* is type->size already */
	if (ret < 0)
		return because(why, "%s is not a number",
			       quote(&q, f.text, f.len));
	if (ret > 0 || n.magnitude > limit(kind, n.negative))
		return because(why, "%.*s does not fit into %s (%s%" PRIu64
			       " to %" PRIu64 ")", (int)(f.len < 60 ? f.len : 60),
			       f.text, kind->name, kind->is_signed ? "-" : "",
			       limit(kind, true), limit(kind, false));
	if (n.negative)
		n.magnitude = 0 - n.magnitude;
	for (i = 0; i < kind->size; i++)
		bytes[i] = (unsigned char)(n.magnitude >> shift_of(kind, i));
	return 0;
}

/* Sign-extended to 64 bits where the type has a sign. */
static uint64_t decode(const struct type_kind *kind, const unsigned char *bytes)
{
	unsigned int i, unused = 64 - kind->size * 8;
	uint64_t n = 0;

	for (i = 0; i < kind->size; i++)
		n |= (uint64_t)bytes[i] << shift_of(kind, i);
	if (kind->is_signed)
		n = (uint64_t)((int64_t)(n << unused) >> unused);
	return n;
}

void text_number(const struct type *type, const unsigned char *bytes,
		 uint32_t len, struct text *out)
{
	uint64_t n = decode(type->kind, bytes);

	(void)len;
	out->len = (size_t)(type->kind->is_signed ?
		snprintf(out->buf, sizeof(out->buf), "%" PRId64, (int64_t)n) :
		snprintf(out->buf, sizeof(out->buf), "%" PRIu64, n));
}

json_t *json_number(const struct type *type, const unsigned char *bytes,
		    uint32_t len, struct text *scratch)
{
	int64_t n = (int64_t)decode(type->kind, bytes);

	if (n > JSON_SAFE_MAX || n < -JSON_SAFE_MAX ||
	    (n < 0 && !type->kind->is_signed))
		return json_text(type, bytes, len, scratch);
	return json_integer(n);
}
