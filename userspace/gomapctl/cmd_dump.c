// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Verbs that go through the entries of a map: dump all of them, show a few. */
#include <inttypes.h>
#include <string.h>

#include "format.h"

/* -- dump ---------------------------------------------------------------- */

static const char *format_name = "text";

static const struct option_row dump_options[] = {
	{ "format", 'f', OPTION_TEXT, "FORMAT", &format_name,
	  "text (for reading), csv, tsv or jsonl (for load)" },
	{ 0 }
};

static int dump_text(struct target *t, struct gomap_iter *iter,
		     const struct format *format)
{
	uint64_t left_out = 0;
	struct gomap_entry e;
	struct why why;
	int ret;

	format->header(&t->schema, stdout);
	while ((ret = gomap_iter_next(iter, &e)) > 0 && !ferror(stdout))
		if (format->write(&t->schema, &e, stdout, &why) && !left_out++)
			fprintf(stderr, "gomapctl: An entry of map %s is left out: %s.\n",
				t->name, why.text);
	if (ret < 0)
		return refused(ret, "go on through map %s, which is printed in part,",
			       t->name);
	if (left_out)
		return complain(EXIT_PARTLY, "%" PRIu64 " entries of map %s are left out; jsonl can hold them all.",
				left_out, t->name);
	return EXIT_OK;
}

/* One document, an entry a line, written as the entries come. */
static int dump_json(struct target *t, struct gomap_iter *iter)
{
	json_t *map = map_json(t->name, &t->schema, t->info.len,
			       t->info.map_flags);
	struct gomap_entry e;
	uint64_t count = 0;
	json_t *row;
	int ret;

	printf("{\"schema\":%d,\"map\":", JSON_SCHEMA);
	json_dumpf(map, stdout, JSON_COMPACT);
	json_decref(map);
	printf(",\"entries\":[");
	while ((ret = gomap_iter_next(iter, &e)) > 0 && !ferror(stdout)) {
		fputs(count++ ? ",\n" : "\n", stdout);
		row = entry_to_json(&t->schema, &e);
		json_dumpf(row, stdout, JSON_COMPACT);
		json_decref(row);
	}
	printf("\n],\"count\":%" PRIu64 ",\"complete\":%s", count,
	       ret < 0 ? "false" : "true");
	if (ret < 0)
		printf(",\"error\":{\"exit\":%d,\"message\":\"Cannot go on: %s.\"}",
		       EXIT_PARTLY, refusal(ret));
	printf("}\n");
	return ret < 0 ? EXIT_PARTLY : EXIT_OK;
}

static int dump(const struct words *words)
{
	const struct format *format = find_format(format_name);
	struct gomap_iter *iter;
	struct target t;
	struct quoted q;
	int ret;

	if (!format)
		return complain(EXIT_USAGE, "There is no format %s; there are text, csv, tsv and jsonl.",
				quote(&q, format_name, strlen(format_name)));
	ret = target_open(&t, words->at[0], GOMAP_OPEN_READ);
	if (ret)
		return ret;
	ret = gomap_iter_begin(&iter, t.map, NULL);
	if (ret)
		ret = refused(ret, "go through map %s", t.name);
	else
		ret = json_mode ? dump_json(&t, iter)
				: dump_text(&t, iter, format);
	gomap_iter_end(iter);
	target_close(&t);
	return ret;
}

const struct verb verb_dump = {
	.name = "dump", .run = dump, .min_words = 1, .max_words = 1,
	.options = dump_options, .words = "MAP",
	.line = "print every entry, each exactly once",
	.help =
	"Entries come in no particular order, and not the same one twice. The map may\n"
	"be in use and may grow meanwhile. With -j one document is printed as the\n"
	"entries come, with \"complete\": true at its end.\n"
	"\n"
	"  gomapctl dump vendors\n"
	"  gomapctl dump vendors --format csv > vendors.csv\n"
	"  gomapctl dump vendors -j | jq .count\n",
};

/* -- show ---------------------------------------------------------------- */

static uint64_t limit = 10;

static const struct option_row show_options[] = {
	{ "limit", 'n', OPTION_NUMBER, "N", &limit, "entries to show (10)" },
	{ 0 }
};

static void show_head(const struct target *t)
{
	char key[TYPE_NAME_MAX], value[TYPE_NAME_MAX], n[NUMBER_MAX];

	type_name(&t->schema.key, key);
	type_name(&t->schema.value, value);
	printf("%s%s%s: ", bold(), t->name, plain());
	if (t->schema.value.size)
		printf("%s to %s", key, value);
	else
		printf("a set of %s", key);
	printf(", %s entries%s%s\n", grouped(t->info.len, n),
	       t->info.map_flags & GOMAP_MAP_STRICT ? ", strict" : "",
	       t->schema.foreign ? ", types unknown" : "");
}

static int show_entries(struct target *t, struct gomap_iter *iter, json_t *rows)
{
	const struct format *format = find_format("text");
	struct gomap_entry e;
	uint64_t shown;
	int ret = 1;

	for (shown = 0; shown < limit; shown++) {
		ret = gomap_iter_next(iter, &e);
		if (ret <= 0)
			break;
		if (rows) {
			json_array_append_new(rows,
					      entry_to_json(&t->schema, &e));
			continue;
		}
		fputs("  ", stdout);
		format->write(&t->schema, &e, stdout, NULL);
	}
	if (ret < 0)
		return refused(ret, "go on through map %s", t->name);
	if (!rows && ret && gomap_iter_next(iter, &e) > 0)
		printf("  %s... gomapctl dump %s prints all%s\n", dim(),
		       t->name, plain());
	return EXIT_OK;
}

static int show(const struct words *words)
{
	GOMAP_OPTS(gomap_iter_opts, opts);
	json_t *rows = json_mode ? json_array() : NULL, *doc;
	struct gomap_iter *iter = NULL;
	struct target t;
	int ret = target_open(&t, words->at[0], GOMAP_OPEN_READ);

	if (ret)
		goto out;
	opts.max = limit < 1000 ? (uint32_t)limit + 1 : 0;
	ret = gomap_iter_begin(&iter, t.map, &opts);
	if (ret) {
		ret = refused(ret, "go through map %s", t.name);
	} else {
		if (!rows)
			show_head(&t);
		ret = show_entries(&t, iter, rows);
	}
	if (!ret && rows) {
		doc = document();
		json_object_set_new(doc, "map",
				    map_json(t.name, &t.schema, t.info.len,
					     t.info.map_flags));
		json_object_set(doc, "entries", rows);
		say_document(doc);
	}
	gomap_iter_end(iter);
	target_close(&t);
out:
	json_decref(rows);
	return ret;
}

const struct verb verb_show = {
	.name = "show", .run = show, .min_words = 1, .max_words = 1,
	.options = show_options, .words = "MAP",
	.line = "show what a map is, and some of its entries",
	.help =
	"The types of the map, its size, and the first entries of an iteration, which\n"
	"are others each time. For its inner figures see: gomapctl info.\n"
	"\n"
	"  gomapctl show vendors\n"
	"  gomapctl show vendors --limit 3\n",
};
