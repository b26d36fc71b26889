/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* A row of the table of types, and the functions that rows are made of. */
#ifndef GOMAPCTL_TYPE_KINDS_H
#define GOMAPCTL_TYPE_KINDS_H

#include "types.h"

/* What the number after the colon says, if the type has one. */
enum type_sized { NOT_SIZED, SIZE_IS_MOST, SIZE_IS_EXACT };

struct type_kind {
	const char *name;
	uint32_t size;		/* bytes, unless the type is sized */
	enum type_sized sized;
	bool is_signed;		/* numbers */
	bool big_endian;	/* numbers; otherwise the machine's own order */
	bool blob;		/* holds any bytes, so @FILE makes sense */
	int (*read)(const struct type *type, const struct field *field,
		    unsigned char *bytes, uint32_t *len, struct why *why);
	void (*text)(const struct type *type, const unsigned char *bytes,
		     uint32_t len, struct text *out);
	json_t *(*json)(const struct type *type, const unsigned char *bytes,
			uint32_t len, struct text *scratch);
	const char *about;
};

typedef int type_reader(const struct type *, const struct field *,
			unsigned char *, uint32_t *, struct why *);
typedef void type_writer(const struct type *, const unsigned char *, uint32_t,
			 struct text *);
typedef json_t *type_jsoner(const struct type *, const unsigned char *,
			    uint32_t, struct text *);

type_reader read_number, read_str, read_hex, read_mac, read_ip, read_none;
type_writer text_number, text_str, text_hex, text_mac, text_ip, text_none;
type_jsoner json_number, json_str, json_text, json_none;

/* The field without the spaces around it. */
struct field trimmed(const struct field *field);

#endif /* GOMAPCTL_TYPE_KINDS_H */
