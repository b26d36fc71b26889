// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The map that a verb works on; see target.h. */
#include <errno.h>
#include <string.h>

#include "target.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
		   "0123456789_.-"

int check_name(const char *name)
{
	size_t len = strlen(name), good = strspn(name, NAME_CHARS);
	struct quoted q;

	if (!len)
		return complain(EXIT_USAGE, "The name of the map is empty.");
	if (len >= GOMAP_NAME_LEN)
		return complain(EXIT_USAGE, "The name %s is %zu characters long; a map's name has at most %d.",
				quote(&q, name, len), len, GOMAP_NAME_LEN - 1);
	if (good < len)
		return complain(EXIT_USAGE, "The name %s cannot be used because of its character %zu; a map's name is made of letters, digits, '_', '.' and '-'.",
				quote(&q, name, len), good + 1);
	if (name[0] == '.' || name[0] == '-')
		return complain(EXIT_USAGE, "The name %s cannot be used; a map's name does not begin with '.' or '-'.",
				quote(&q, name, len));
	return EXIT_OK;
}

static int learn(struct target *t)
{
	int err = gomap_info(t->map, 0, &t->info);

	if (err) {
		target_close(t);
		return refused(err, "ask about map %s", t->name);
	}
	schema_of_map(&t->schema, t->info.schema, t->info.key_size,
		      t->info.value_size, t->info.map_flags);
	return EXIT_OK;
}

int target_open(struct target *t, const char *name, uint32_t flags)
{
	int ret = check_name(name);

	memset(t, 0, sizeof(*t));
	t->name = name;
	if (ret)
		return ret;
	/* Every verb asks for the types first, and so has to read. */
	ret = gomap_open(&t->map, name, flags | GOMAP_OPEN_READ);
	return ret ? refused(ret, "open map %s", name) : learn(t);
}

static int create_failed(int err, const char *name,
			 const struct gomap_create_opts *o)
{
	if (err == -EEXIST)
		return complain(EXIT_REFUSED, "Cannot create map %s: the name is taken. Pick another, or remove that map first with: gomapctl destroy %s",
				name, name);
	if (err == -ENOMEM && o->hint)
		return complain(EXIT_REFUSED, "Cannot create map %s: the kernel has no memory for %llu entries. Ask for a smaller --hint; the map grows by itself.",
				name, (unsigned long long)o->hint);
	if (err == -ENOSPC && gomap_reason() == GOMAP_REASON_ENTRIES)
		return complain(EXIT_REFUSED, "Cannot create map %s: --hint %llu is above its limit, --max-entries %llu.",
				name, (unsigned long long)o->hint,
				(unsigned long long)o->max_entries);
	if (err == -EDQUOT && gomap_reason() == GOMAP_REASON_BYTES)
		return complain(EXIT_REFUSED, "Cannot create map %s: it needs more than its limit of %llu bytes from the start. Raise --max-bytes, or ask for a smaller --hint.",
				name, (unsigned long long)o->max_bytes);
	return refused(err, "create map %s", name);
}

int target_create(struct target *t, const char *name, const char *key_type,
		  const char *value_type, const struct gomap_create_opts *opts)
{
	struct gomap_create_opts o = *opts;
	char words[GOMAP_SCHEMA_LEN];
	struct why why;
	int err = check_name(name);

	memset(t, 0, sizeof(*t));
	t->name = name;
	if (err)
		return err;
	if (schema_parse(&t->schema, key_type, value_type, &why))
		return complain(EXIT_USAGE, "Cannot create map %s: %s.", name,
				why.text);
	if (o.hint > GOMAP_MAX_HINT)
		return complain(EXIT_USAGE, "Cannot create map %s: a hint of %llu entries is more than the largest, %llu.",
				name, (unsigned long long)o.hint, GOMAP_MAX_HINT);
	schema_write(&t->schema, words);
	o.name = name;
	o.schema = words;
	o.flags |= schema_flags(&t->schema);
	err = gomap_create(&t->map, t->schema.key.size, t->schema.value.size,
			   &o);
	return err ? create_failed(err, name, &o) : learn(t);
}

int target_view(struct target *t)
{
	int err;

	if (!(t->info.map_flags & GOMAP_MAP_VIEW))
		return complain(EXIT_REFUSED, "Map %s has no view; one is made with: gomapctl create MAP KEYTYPE VALUETYPE --view",
				t->name);
	err = gomap_view_open(&t->view, t->map);
	if (err == -ENODEV)
		return complain(EXIT_REFUSED, "The view of map %s cannot be mapped.",
				t->name);
	if (err == -EPROTOTYPE)
		return complain(EXIT_REFUSED, "The view of map %s is laid out in a way that this gomapctl does not know: it is older or newer than the module (see: gomapctl version).",
				t->name);
	return err ? refused(err, "map the view of map %s", t->name) : EXIT_OK;
}

void target_close(struct target *t)
{
	gomap_view_close(t->view);
	t->view = NULL;
	gomap_close(t->map);
	t->map = NULL;
}

/* The bytes of a file, for a word such as @logo.png.  At most @most of them. */
static int read_blob(const char *path, unsigned char *bytes, size_t most,
		     size_t *len)
{
	FILE *in = fopen(path, "rb");

	if (!in)
		return complain(EXIT_USAGE, "Cannot read %s: %s.", path,
				strerror(errno));
	*len = fread(bytes, 1, most, in);
	if (ferror(in) || fgetc(in) != EOF) {
		fclose(in);
		return complain(EXIT_USAGE, "Cannot take %s: it cannot be read, or holds more than the %zu bytes of the largest value.",
				path, most);
	}
	fclose(in);
	return EXIT_OK;
}

static int read_word(const struct target *t, const struct type *type,
		     const char *role, const char *word, unsigned char *bytes,
		     uint32_t *len)
{
	static unsigned char blob[GOMAP_MAX_VALUE_SIZE];
	struct field field = { .text = word, .len = strlen(word) };
	struct why why;
	int ret;

	if (word[0] == '@' && type_takes_blob(type)) {
		ret = read_blob(word + 1, blob, sizeof(blob), &field.len);
		if (ret)
			return ret;
		field.text = (const char *)blob;
		field.raw = true;
	}
	if (type_read(type, &field, bytes, len, &why))
		return complain(EXIT_USAGE, "The %s does not suit map %s: %s.",
				role, t->name, why.text);
	return EXIT_OK;
}

int read_key(const struct target *t, const char *word, struct entry *entry)
{
	return read_word(t, &t->schema.key, "key", word, entry->key,
			 &entry->key_len);
}

int read_value(const struct target *t, const char *word, struct entry *entry)
{
	return read_word(t, &t->schema.value, "value", word, entry->value,
			 &entry->value_len);
}

json_t *map_json(const char *name, const struct schema *schema, uint64_t len,
		 uint32_t flags)
{
	char key[TYPE_NAME_MAX], value[TYPE_NAME_MAX];

	type_name(&schema->key, key);
	type_name(&schema->value, value);
	return json_pack("{s:s,s:s,s:s,s:b,s:I,s:b,s:b,s:b,s:b,s:b}",
			 "name", name,
			 "key_type", key, "value_type", value,
			 "typed", !schema->foreign, "len", (json_int_t)len,
			 "strict", !!(flags & GOMAP_MAP_STRICT),
			 "no_shrink", !!(flags & GOMAP_MAP_NO_SHRINK),
			 "stable", !!(flags & GOMAP_MAP_STABLE),
			 "trusted_keys", !!(flags & GOMAP_MAP_TRUSTED_KEYS),
			 "view", !!(flags & GOMAP_MAP_VIEW));
}
