// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Verbs about maps as a whole: create, ls, clear, destroy. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "target.h"

/* -- create -------------------------------------------------------------- */

static uint64_t hint, mode = 0660, max_entries, max_bytes;
static bool strict, no_shrink, stable, trusted_keys, view, exist_ok;

static const struct option_row create_options[] = {
	{ "hint", 'n', OPTION_NUMBER, "N", &hint,
	  "make room for N entries at once" },
	{ "mode", 'm', OPTION_MODE, "MODE", &mode,
	  "who may use the map, as for a file (0660)" },
	{ "strict", 0, OPTION_FLAG, NULL, &strict,
	  "refuse writers that meet another writer" },
	{ "no-shrink", 0, OPTION_FLAG, NULL, &no_shrink,
	  "keep the buckets when entries are deleted" },
	{ "stable", 0, OPTION_FLAG, NULL, &stable,
	  "let values keep their place, and be replaced as a whole" },
	{ "trusted-keys", 0, OPTION_FLAG, NULL, &trusted_keys,
	  "take a faster hash: nobody hostile chooses keys" },
	{ "view", 0, OPTION_FLAG, NULL, &view,
	  "let readers map it: lookups without system calls" },
	{ "max-entries", 0, OPTION_NUMBER, "N", &max_entries,
	  "refuse entries beyond N" },
	{ "max-bytes", 0, OPTION_SIZE, "SIZE", &max_bytes,
	  "take no more memory than that, such as 64M" },
	{ "exist", 'e', OPTION_FLAG, NULL, &exist_ok,
	  "be content with a map of the same types" },
	{ 0 }
};

/* Whether a map of that name and these very types is there already. */
static bool is_there(const char *name, const char *key, const char *value)
{
	char wanted[GOMAP_SCHEMA_LEN], found[GOMAP_SCHEMA_LEN];
	struct gomap_ioc_info info;
	struct schema schema;
	struct gomap *map;
	struct why why;
	bool same = false;

	if (schema_parse(&schema, key, value, &why) ||
	    gomap_open(&map, name, GOMAP_OPEN_READ))
		return false;
	schema_write(&schema, wanted);
	if (!gomap_info(map, 0, &info)) {
		snprintf(found, sizeof(found), "%s", info.schema);
		same = !strcmp(wanted, found);
	}
	gomap_close(map);
	return same;
}

static int say_map(const struct target *t)
{
	json_t *doc;

	if (!json_mode)
		return EXIT_OK;
	doc = document();
	json_object_set_new(doc, "map", map_json(t->name, &t->schema,
						 t->info.len,
						 t->info.map_flags));
	return say_document(doc);
}

static int create(const struct words *words)
{
	const char *name = words->at[0], *key = words->at[1];
	const char *value = words->count > 2 ? words->at[2] : "none";
	GOMAP_OPTS(gomap_create_opts, opts, .hint = hint,
		   .flags = (strict ? GOMAP_MAP_STRICT : 0) |
			    (no_shrink ? GOMAP_MAP_NO_SHRINK : 0) |
			    (stable ? GOMAP_MAP_STABLE : 0) |
			    (trusted_keys ? GOMAP_MAP_TRUSTED_KEYS : 0) |
			    (view ? GOMAP_MAP_VIEW : 0),
		   .mode = (uint32_t)mode,
		   .max_entries = max_entries, .max_bytes = max_bytes);
	struct target t;
	int ret = check_name(name);

	if (ret)
		return ret;
	if (exist_ok && is_there(name, key, value))
		ret = target_open(&t, name, 0);
	else
		ret = target_create(&t, name, key, value, &opts);
	if (ret)
		return ret;
	ret = say_map(&t);
	target_close(&t);
	return ret;
}

const struct verb verb_create = {
	.name = "create", .run = create, .min_words = 2, .max_words = 3,
	.options = create_options,
	.words = "MAP KEYTYPE [VALUETYPE]",
	.line = "make a named map with typed keys and values",
	.help =
	"Makes an empty map. It grows by itself and lives until it is destroyed or\n"
	"the module is unloaded. Without VALUETYPE (or with none) it is a set.\n"
	"\n"
	"It shrinks by itself, too, when fewer entries than buckets are left, but not\n"
	"below what --hint made room for. A map that fills and empties all the time is\n"
	"better off with --no-shrink; gomapctl compact shrinks even that one.\n"
	"\n"
	"--trusted-keys makes it faster, but whoever can choose keys can then make it\n"
	"slow: it is not for keys from a network, a file or another user.\n"
	"\n"
	"--view lets programs that may read the map look into its memory, see\n"
	"gomap_view(3): no system calls, but they see the secret of its hash, too.\n"
	"\n"
	"  gomapctl create vendors mac str:64\n"
	"  gomapctl create ports be16 u64 --hint 65536\n"
	"  gomapctl create blocked ip4 --mode 0644\n"
	"  gomapctl create flows u64 hex:24 --max-entries 1000000 --max-bytes 256M\n",
};

/* -- ls ------------------------------------------------------------------ */

static const char *user_name(uint32_t uid, char out[NUMBER_MAX])
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(out, NUMBER_MAX, "%s", user->pw_name);
	else
		snprintf(out, NUMBER_MAX, "%u", uid);
	return out;
}

static const char *group_name(uint32_t gid, char out[NUMBER_MAX])
{
	const struct group *group = getgrgid(gid);

	if (group)
		snprintf(out, NUMBER_MAX, "%s", group->gr_name);
	else
		snprintf(out, NUMBER_MAX, "%u", gid);
	return out;
}

static int list_json(const struct gomap_ioc_list *map, void *array)
{
	struct schema schema;
	json_t *row;

	schema_of_map(&schema, map->schema, map->key_size, map->value_size,
		      map->map_flags);
	row = map_json(map->name, &schema, map->len, map->map_flags);
	json_object_update_new(row, json_pack("{s:i,s:i,s:i}",
					      "mode", map->mode,
					      "uid", map->uid,
					      "gid", map->gid));
	return json_array_append_new(array, row);
}

static int list_text(const struct gomap_ioc_list *map, void *count)
{
	char user[NUMBER_MAX], group[NUMBER_MAX], len[NUMBER_MAX];
	char key[TYPE_NAME_MAX], value[TYPE_NAME_MAX];
	struct schema schema;

	schema_of_map(&schema, map->schema, map->key_size, map->value_size,
		      map->map_flags);
	type_name(&schema.key, key);
	type_name(&schema.value, value);
	if (!(*(int *)count)++)
		printf("%s%-31s %-10s %-10s %15s  %-4s %s%s\n", bold(), "MAP",
		       "KEY", "VALUE", "ENTRIES", "MODE", "OWNER", plain());
	printf("%-31s %-10s %-10s %15s  %04o %s:%s\n", map->name, key, value,
	       grouped(map->len, len), map->mode, user_name(map->uid, user),
	       group_name(map->gid, group));
	return 0;
}

static int ls(const struct words *words)
{
	json_t *doc, *maps;
	int count = 0, ret;

	(void)words;
	if (!json_mode) {
		ret = gomap_list(list_text, &count);
		return ret ? refused(ret, "list the maps") : EXIT_OK;
	}
	maps = json_array();
	ret = gomap_list(list_json, maps);
	if (ret) {
		json_decref(maps);
		return refused(ret, "list the maps");
	}
	doc = document();
	json_object_set_new(doc, "maps", maps);
	return say_document(doc);
}

const struct verb verb_ls = {
	.name = "ls", .run = ls, .words = "",
	.line = "list the named maps that you may read",
	.help =
	"One line for each map: its types, entries, permissions and owner.\n"
	"\n"
	"  gomapctl ls\n"
	"  gomapctl ls -j | jq -r '.maps[].name'\n",
};

/* -- clear, destroy ------------------------------------------------------ */

static int say_done(const char *verb, const char *name, uint64_t len)
{
	json_t *doc;

	if (!json_mode)
		return EXIT_OK;
	doc = document();
	json_object_set_new(doc, verb, json_pack("{s:s,s:I}", "name", name,
						 "len", (json_int_t)len));
	return say_document(doc);
}

/* Do something to a map as a whole, and tell of it. */
static int do_to_map(const struct words *words, int (*what)(struct gomap *map),
		     const char *verb, const char *done)
{
	struct target t;
	int ret = target_open(&t, words->at[0], GOMAP_OPEN_WRITE);

	if (ret)
		return ret;
	ret = what(t.map);
	ret = ret ? refused(ret, "%s map %s", verb, t.name)
		  : say_done(done, t.name, t.info.len);
	target_close(&t);
	return ret;
}

static int clear(const struct words *words)
{
	return do_to_map(words, gomap_clear, "clear", "cleared");
}

const struct verb verb_clear = {
	.name = "clear", .run = clear, .min_words = 1, .max_words = 1,
	.words = "MAP",
	.line = "remove every entry of a map",
	.help =
	"The map stays as large as it has grown, and draws a new seed. Programs that\n"
	"are going through it are told so.\n"
	"\n"
	"  gomapctl clear vendors\n",
};

static int destroy(const struct words *words)
{
	return do_to_map(words, gomap_destroy, "destroy", "destroyed");
}

const struct verb verb_destroy = {
	.name = "destroy", .run = destroy, .min_words = 1, .max_words = 1,
	.words = "MAP",
	.line = "remove a map",
	.help =
	"Takes the name away at once. The memory is given back when the last program\n"
	"that has the map open closes it, as with a removed file.\n"
	"\n"
	"  gomapctl destroy vendors\n",
};
