// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The types that a map remembers; see schema.h. */
#include <string.h>

#include "schema.h"

int schema_parse(struct schema *schema, const char *key, const char *value,
		 struct why *why)
{
	memset(schema, 0, sizeof(*schema));
	if (type_parse(&schema->key, key, TYPE_OF_KEY, why))
		return -1;
	return type_parse(&schema->value, value, TYPE_OF_VALUE, why);
}

void schema_write(const struct schema *schema, char words[GOMAP_SCHEMA_LEN])
{
	char key[TYPE_NAME_MAX], value[TYPE_NAME_MAX];

	type_name(&schema->key, key);
	type_name(&schema->value, value);
	snprintf(words, GOMAP_SCHEMA_LEN, "%s %s", key, value);
}

uint32_t schema_flags(const struct schema *schema)
{
	return (schema->key.variable ? GOMAP_MAP_VAR_KEY : 0) |
	       (schema->value.variable ? GOMAP_MAP_VAR_VALUE : 0);
}

static bool is_ours(struct schema *schema, const char *words)
{
	char key[GOMAP_SCHEMA_LEN], *value;
	struct why why;

	snprintf(key, sizeof(key), "%s", words);
	value = strchr(key, ' ');
	if (!value)
		return false;
	*value++ = '\0';
	return !schema_parse(schema, key, value, &why);
}

void schema_of_map(struct schema *schema, const char *words, uint32_t key_size,
		   uint32_t value_size, uint32_t flags)
{
	const uint32_t variable = GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE;

	if (is_ours(schema, words) && schema->key.size == key_size &&
	    schema->value.size == value_size &&
	    schema_flags(schema) == (flags & variable))
		return;
	schema->foreign = true;
	type_of_bytes(&schema->key, key_size, flags & GOMAP_MAP_VAR_KEY);
	type_of_bytes(&schema->value, value_size, flags & GOMAP_MAP_VAR_VALUE);
}
