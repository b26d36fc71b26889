// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Text, hex digits and network addresses. */
#include <arpa/inet.h>
#include <string.h>

#include "type_kinds.h"

struct field trimmed(const struct field *field)
{
	struct field f = *field;

	while (f.len && (f.text[0] == ' ' || f.text[0] == '\t')) {
		f.text++;
		f.len--;
	}
	while (f.len && (f.text[f.len - 1] == ' ' || f.text[f.len - 1] == '\t'))
		f.len--;
	return f;
}

/* JSON of everything that is simply its text. */
json_t *json_text(const struct type *type, const unsigned char *bytes,
		  uint32_t len, struct text *scratch)
{
	type_text(type, bytes, len, scratch);
	return json_stringn(scratch->at, scratch->len);
}

/* -- str ----------------------------------------------------------------- */

int read_str(const struct type *type, const struct field *field,
	     unsigned char *bytes, uint32_t *len, struct why *why)
{
	const char *nul = memchr(field->text, '\0', field->len);
	char name[TYPE_NAME_MAX];
	struct quoted q;

	quote(&q, field->text, field->len);
	type_name(type, name);
	if (nul)
		return because(why, "%s has a NUL byte (byte %zu), and %s is text; the hex types take any bytes",
			       q.text, (size_t)(nul - field->text) + 1, name);
	if (field->len > type->size)
		return because(why, "%s is %zu bytes long; %s takes at most %u",
			       q.text, field->len, name, type->size);
	memcpy(bytes, field->text, field->len);
	*len = (uint32_t)field->len;
	return 0;
}

void text_str(const struct type *type, const unsigned char *bytes,
	      uint32_t len, struct text *out)
{
	(void)type;
	out->at = (const char *)bytes;
	out->len = len;
}

/* Text that JSON cannot hold as it is travels as {"hex": "..."}. */
json_t *json_str(const struct type *type, const unsigned char *bytes,
		 uint32_t len, struct text *scratch)
{
	if (is_plain_text((const char *)bytes, len))
		return json_stringn((const char *)bytes, len);
	text_hex(type, bytes, len, scratch);
	return json_pack("{s:s%}", "hex", scratch->buf, scratch->len);
}

/* -- hex ----------------------------------------------------------------- */

static int nibble(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF", *hit;

	hit = c ? strchr(digits, c) : NULL;
	return hit ? (int)(hit - digits) % 16 : -1;
}

int unhex(const char *digits, size_t count, unsigned char *bytes)
{
	size_t i;

	for (i = 0; i + 1 < count; i += 2) {
		int high = nibble(digits[i]), low = nibble(digits[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		*bytes++ = (unsigned char)(high << 4 | low);
	}
	return 0;
}

int read_hex(const struct type *type, const struct field *field,
	     unsigned char *bytes, uint32_t *len, struct why *why)
{
	struct field f = trimmed(field);
	char name[TYPE_NAME_MAX];
	struct quoted q;

	quote(&q, f.text, f.len);
	type_name(type, name);
	if (f.len >= 2 && f.text[0] == '0' && (f.text[1] | 32) == 'x') {
		f.text += 2;
		f.len -= 2;
	}
	if (f.len % 2)
		return because(why, "%s has an odd number of hex digits; two make a byte",
			       q.text);
	if (f.len / 2 > type->size || (!type->variable &&
				       f.len / 2 < type->size))
		return because(why, "%s is %zu bytes long; %s takes %s%u",
			       q.text, f.len / 2, name,
			       type->variable ? "at most " : "", type->size);
	if (unhex(f.text, f.len, bytes))
		return because(why, "%s has a character that is no hex digit",
			       q.text);
	*len = (uint32_t)f.len / 2;
	return 0;
}

void text_hex(const struct type *type, const unsigned char *bytes,
	      uint32_t len, struct text *out)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t i;

	(void)type;
	for (i = 0; i < len; i++) {
		out->buf[2 * i] = digits[bytes[i] >> 4];
		out->buf[2 * i + 1] = digits[bytes[i] & 15];
	}
	out->buf[2 * len] = '\0';
	out->len = 2 * (size_t)len;
}

/* -- mac ----------------------------------------------------------------- */

/* Six pairs of digits, with colons, with dashes, or with nothing between. */
int read_mac(const struct type *type, const struct field *field,
	     unsigned char *bytes, uint32_t *len, struct why *why)
{
	struct field f = trimmed(field);
	size_t step = f.len == 12 ? 2 : 3, i;
	struct quoted q;

	(void)type;
	(void)len;
	if (f.len != 12 && f.len != 17)
		goto wrong;
	for (i = 0; i < 6; i++) {
		const char *pair = f.text + i * step;

		if (unhex(pair, 2, bytes + i))
			goto wrong;
		if (step == 3 && i < 5 &&
		    (pair[2] != f.text[2] || !strchr(":-", pair[2])))
			goto wrong;
	}
	return 0;
wrong:
	return because(why, "%s is not a hardware address (like 02:00:5e:10:00:01)",
		       quote(&q, f.text, f.len));
}

void text_mac(const struct type *type, const unsigned char *b, uint32_t len,
	      struct text *out)
{
	(void)type;
	(void)len;
	out->len = (size_t)snprintf(out->buf, sizeof(out->buf),
				    "%02x:%02x:%02x:%02x:%02x:%02x",
				    b[0], b[1], b[2], b[3], b[4], b[5]);
}

/* -- ip4, ip6 ------------------------------------------------------------ */

static int family(const struct type *type)
{
	return type->size == 4 ? AF_INET : AF_INET6;
}

int read_ip(const struct type *type, const struct field *field,
	    unsigned char *bytes, uint32_t *len, struct why *why)
{
	struct field f = trimmed(field);
	char word[INET6_ADDRSTRLEN] = "";
	struct quoted q;

	(void)len;
	if (f.len < sizeof(word) && !memchr(f.text, '\0', f.len))
		memcpy(word, f.text, f.len);
	if (inet_pton(family(type), word, bytes) == 1)
		return 0;
	return because(why, "%s is not an %s address",
		       quote(&q, f.text, f.len),
		       family(type) == AF_INET ? "IPv4" : "IPv6");
}

void text_ip(const struct type *type, const unsigned char *bytes, uint32_t len,
	     struct text *out)
{
	(void)len;
	inet_ntop(family(type), bytes, out->buf, INET6_ADDRSTRLEN);
	out->len = strlen(out->buf);
}

/* -- none ---------------------------------------------------------------- */

int read_none(const struct type *type, const struct field *field,
	      unsigned char *bytes, uint32_t *len, struct why *why)
{
	struct quoted q;

	(void)type;
	(void)bytes;
	(void)len;
	if (!field->len)
		return 0;
	return because(why, "the map is a set and takes no value, but %s was given",
		       quote(&q, field->text, field->len));
}

void text_none(const struct type *type, const unsigned char *bytes,
	       uint32_t len, struct text *out)
{
	(void)type;
	(void)bytes;
	(void)len;
	out->buf[0] = '\0';
	out->len = 0;
}

json_t *json_none(const struct type *type, const unsigned char *bytes,
		  uint32_t len, struct text *scratch)
{
	(void)type;
	(void)bytes;
	(void)len;
	(void)scratch;
	return json_null();
}
