// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Verbs about single entries: put, get, del, test. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "target.h"

static struct entry entry;
static struct text shown;

/* "key 'x'" for a sentence. */
static const char *key_in_words(const char *word)
{
	static struct quoted q;

	return quote(&q, word, strlen(word));
}

/* -- put ----------------------------------------------------------------- */

static bool only_new, only_old;

static const struct option_row put_options[] = {
	{ "insert", 'i', OPTION_FLAG, NULL, &only_new,
	  "only if the key is not there yet" },
	{ "replace", 'r', OPTION_FLAG, NULL, &only_old,
	  "only if the key is there already" },
	{ 0 }
};

static int put_failed(int err, const struct target *t, const char *key)
{
	const char *map = t->name;
	char n[NUMBER_MAX];

	if (err == -EEXIST)
		return complain(EXIT_NO, "The key %s is in map %s already; nothing was changed.",
				key_in_words(key), map);
	if (err == -ENOENT)
		return complain(EXIT_NO, "There is no key %s in map %s to replace.",
				key_in_words(key), map);
	if (err == -ENOSPC && gomap_reason() == GOMAP_REASON_ENTRIES)
		return complain(EXIT_REFUSED, "Cannot put key %s into map %s: it has %s entries, as many as its limit allows. Raise it with: gomapctl limits %s --max-entries N",
				key_in_words(key), map,
				grouped((uint64_t)gomap_len(t->map), n), map);
	if (err == -EDQUOT && gomap_reason() == GOMAP_REASON_BYTES)
		return complain(EXIT_REFUSED, "Cannot put key %s into map %s: it may take %s of memory, and that is not enough. Raise it with: gomapctl limits %s --max-bytes SIZE",
				key_in_words(key), map,
				in_bytes(t->info.max_bytes, n), map);
	return refused(err, "put key %s into map %s", key_in_words(key), map);
}

static int put_entry(struct target *t)
{
	if (only_new)
		return gomap_insert(t->map, entry.key, entry.key_len,
				    entry.value, entry.value_len);
	if (only_old)	/* it existed, or there is an error */
		return gomap_replace(t->map, entry.key, entry.key_len,
				     entry.value, entry.value_len) ?: 1;
	return gomap_store(t->map, entry.key, entry.key_len, entry.value,
			   entry.value_len);
}

static int put_words(struct target *t, const struct words *words)
{
	const char *value = words->count > 2 ? words->at[2] : "";
	json_t *doc;
	int ret;

	if (words->count < 3 && t->info.value_size)
		return complain(EXIT_USAGE, "Map %s has values, and none was given. It goes like this: gomapctl put MAP KEY VALUE",
				t->name);
	ret = read_key(t, words->at[1], &entry) ?: read_value(t, value, &entry);
	if (ret)
		return ret;
	ret = put_entry(t);
	if (ret < 0)
		return put_failed(ret, t, words->at[1]);
	if (!json_mode)
		return EXIT_OK;
	doc = document();
	json_object_set_new(doc, "put", json_pack("{s:b}", "existed", ret));
	return say_document(doc);
}

static int put(const struct words *words)
{
	struct target t;
	int ret;

	if (only_new && only_old)
		return complain(EXIT_USAGE, "--insert and --replace exclude each other.");
	ret = target_open(&t, words->at[0], GOMAP_OPEN_WRITE);
	if (ret)
		return ret;
	ret = put_words(&t, words);
	target_close(&t);
	return ret;
}

const struct verb verb_put = {
	.name = "put", .run = put, .min_words = 2, .max_words = 3,
	.options = put_options, .words = "MAP KEY [VALUE]",
	.line = "store an entry",
	.help =
	"Key and value are read by the types of the map; numbers may be 0x.... A set\n"
	"takes no VALUE. For the hex types @FILE stands for the bytes of a file.\n"
	"Exit code 1: --insert found the key, or --replace did not.\n"
	"\n"
	"  gomapctl put vendors 02:00:5e:10:00:01 'Example Networks'\n"
	"  gomapctl put ports 443 0x1f --insert\n"
	"  gomapctl put logos example.org @logo.png\n",
};

/* -- get ----------------------------------------------------------------- */

static bool raw, with_keys, by_view;

static const struct option_row get_options[] = {
	{ "raw", 'r', OPTION_FLAG, NULL, &raw,
	  "write the bytes of the value and nothing else" },
	{ "keys", 'k', OPTION_FLAG, NULL, &with_keys,
	  "print the key before the value even if it is just one" },
	{ "view", 'V', OPTION_FLAG, NULL, &by_view,
	  "look into the map's memory instead of asking the kernel" },
	{ 0 }
};

/* Length of the value, or an error; entry.value holds it. */
static int look_up(struct target *t)
{
	if (by_view)
		return gomap_view_lookup(t->view, entry.key, entry.key_len,
					 entry.value, sizeof(entry.value));
	return gomap_lookup(t->map, entry.key, entry.key_len, entry.value,
			    sizeof(entry.value));
}

static void say_value(const struct target *t, const char *key)
{
	if (raw) {
		fwrite(entry.value, 1, entry.value_len, stdout);
		return;
	}
	if (with_keys) {
		put_escaped(stdout, key, strlen(key));
		putchar('\t');
	}
	type_text(&t->schema.value, entry.value, entry.value_len, &shown);
	put_escaped(stdout, shown.at, shown.len);
	putchar('\n');
}

static json_t *entry_json(const struct target *t, bool found)
{
	json_t *row = json_object();

	json_object_set_new(row, "key", type_json(&t->schema.key, entry.key,
						  entry.key_len, &shown));
	json_object_set_new(row, "found", json_boolean(found));
	if (found)
		json_object_set_new(row, "value",
				    type_json(&t->schema.value, entry.value,
					      entry.value_len, &shown));
	return row;
}

static int get_one(struct target *t, const char *key, json_t *rows)
{
	int ret = read_key(t, key, &entry), len;

	if (ret)
		return ret;
	len = look_up(t);
	if (len < 0 && len != -ENOENT)
		return refused(len, "look up key %s in map %s",
			       key_in_words(key), t->name);
	entry.value_len = len < 0 ? 0 : (uint32_t)len;
	if (rows)
		json_array_append_new(rows, entry_json(t, len >= 0));
	else if (len >= 0)
		say_value(t, key);
	else
		complain(EXIT_NO, "There is no key %s in map %s.",
			 key_in_words(key), t->name);
	return len < 0 ? EXIT_NO : EXIT_OK;
}

static int get_all(struct target *t, const struct words *words, json_t *rows)
{
	int worst = EXIT_OK, i;

	with_keys |= words->count > 2;
	for (i = 1; i < words->count; i++) {
		int ret = get_one(t, words->at[i], rows);

		if (ret > EXIT_NO)
			return ret;
		worst = ret ? ret : worst;
	}
	return worst;
}

static int get(const struct words *words)
{
	json_t *rows = json_mode ? json_array() : NULL, *doc;
	struct target t;
	int ret = target_open(&t, words->at[0], GOMAP_OPEN_READ);

	if (!ret) {
		ret = by_view ? target_view(&t) : EXIT_OK;
		ret = ret ?: get_all(&t, words, rows);
		target_close(&t);
	}
	if (rows && ret <= EXIT_NO) {
		doc = document();
		json_object_set(doc, "entries", rows);
		say_document(doc);
	}
	json_decref(rows);
	return ret;
}

const struct verb verb_get = {
	.name = "get", .run = get, .min_words = 2, .max_words = INT_MAX,
	.options = get_options, .words = "MAP KEY...",
	.line = "print the value of a key, or of several",
	.help =
	"One key: its value. Several, or --keys: a line for each, key and value with a\n"
	"tab between. Control characters are printed as \\n, \\t or \\xNN unless --raw.\n"
	"Exit code 1: a key is not there.\n"
	"\n"
	"  gomapctl get vendors 02:00:5e:10:00:01\n"
	"  gomapctl get logos example.org --raw > logo.png\n"
	"  gomapctl get flows 17 --view\n",
};

/* -- del ----------------------------------------------------------------- */

static bool must_exist;

static const struct option_row del_options[] = {
	{ "strict", 0, OPTION_FLAG, NULL, &must_exist,
	  "an absent key is an answer of no (exit code 1)" },
	{ 0 }
};

/* All keys are read before the first is deleted: a typo deletes nothing. */
static int check_keys(const struct target *t, const struct words *words)
{
	int ret = EXIT_OK, i;

	for (i = 1; i < words->count && !ret; i++)
		ret = read_key(t, words->at[i], &entry);
	return ret;
}

static int del_all(struct target *t, const struct words *words, int *deleted)
{
	int i;

	for (i = 1; i < words->count; i++) {
		int ret = read_key(t, words->at[i], &entry);

		if (ret)
			return ret;
		ret = gomap_delete(t->map, entry.key, entry.key_len);
		if (ret < 0)
			return refused(ret, "delete key %s from map %s",
				       key_in_words(words->at[i]), t->name);
		if (!ret && must_exist && !json_mode)
			complain(EXIT_NO, "There is no key %s in map %s.",
				 key_in_words(words->at[i]), t->name);
		*deleted += ret;
	}
	return EXIT_OK;
}

static int del(const struct words *words)
{
	int ret, deleted = 0, absent;
	struct target t;
	json_t *doc;

	ret = target_open(&t, words->at[0], GOMAP_OPEN_WRITE);
	if (ret)
		return ret;
	ret = check_keys(&t, words) ?: del_all(&t, words, &deleted);
	target_close(&t);
	if (ret)
		return ret;
	absent = words->count - 1 - deleted;
	if (json_mode) {
		doc = document();
		json_object_set_new(doc, "del",
				    json_pack("{s:i,s:i}", "deleted", deleted,
					      "absent", absent));
		say_document(doc);
	}
	return absent && must_exist ? EXIT_NO : EXIT_OK;
}

const struct verb verb_del = {
	.name = "del", .run = del, .min_words = 2, .max_words = INT_MAX,
	.options = del_options, .words = "MAP KEY...",
	.line = "delete entries",
	.help =
	"Deleting a key that is not there is no error, as in Go, unless --strict.\n"
	"\n"
	"  gomapctl del vendors 02:00:5e:10:00:01 02:00:5e:10:00:02\n",
};

/* -- test ---------------------------------------------------------------- */

static bool quiet;

static const struct option_row test_options[] = {
	{ "quiet", 'q', OPTION_FLAG, NULL, &quiet, "only the exit code" },
	{ 0 }
};

static int say_presence(const struct target *t, const char *key, bool present)
{
	json_t *doc;

	if (json_mode) {
		doc = document();
		json_object_set_new(doc, "present", json_boolean(present));
		say_document(doc);
	} else if (!quiet) {
		put_escaped(stdout, key, strlen(key));
		printf(" is %sin %s\n", present ? "" : "not ", t->name);
	}
	return present ? EXIT_OK : EXIT_NO;
}

static int test(const struct words *words)
{
	struct target t;
	int ret = target_open(&t, words->at[0], GOMAP_OPEN_READ);

	if (ret)
		return ret;
	ret = read_key(&t, words->at[1], &entry);
	if (!ret) {
		ret = gomap_contains(t.map, entry.key, entry.key_len);
		ret = ret < 0 ? refused(ret, "look up key %s in map %s",
					key_in_words(words->at[1]), t.name)
			      : say_presence(&t, words->at[1], ret);
	}
	target_close(&t);
	return ret;
}

const struct verb verb_test = {
	.name = "test", .run = test, .min_words = 2, .max_words = 2,
	.options = test_options, .words = "MAP KEY",
	.line = "say whether a key is there, by exit code",
	.help =
	"Exit code 0: it is there, 1: it is not, 2 and more: an error.\n"
	"\n"
	"  if gomapctl test blocked 192.0.2.1 --quiet; then echo blocked; fi\n",
};
