// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Verbs about memory: limits, memory, leak.
 */
#include <string.h>
#include <time.h>

#include "target.h"

/* The answer of a verb, which has its name. */
static int say_answer(const char *verb, json_t *answer)
{
	json_t *doc = document();

	json_object_set_new(doc, verb, answer);
	return say_document(doc);
}

/* -- limits -------------------------------------------------------------- */

#define NOT_GIVEN	UINT64_MAX

static uint64_t max_entries = NOT_GIVEN, max_bytes = NOT_GIVEN;

static const struct option_row limits_options[] = {
	{ "max-entries", 0, OPTION_NUMBER, "N", &max_entries,
	  "refuse entries beyond N; 0: no limit" },
	{ "max-bytes", 0, OPTION_SIZE, "SIZE", &max_bytes,
	  "take no more memory than that, such as 64M; 0: no limit" },
	{ 0 }
};

static void say_limit(const char *what, const char *limit, const char *now,
		      bool over)
{
	printf("%-8s %s, now %s%s\n", what, limit, now,
	       over ? ": nothing more until it is less" : "");
}

static int say_limits(const struct target *t, const struct gomap_ioc_info *now)
{
	char a[NUMBER_MAX], b[NUMBER_MAX];

	if (json_mode)
		return say_answer("limits",
			json_pack("{s:s,s:I,s:I,s:I,s:I}", "name", t->name,
				  "max_entries", (json_int_t)now->max_entries,
				  "max_bytes", (json_int_t)now->max_bytes,
				  "len", (json_int_t)now->len,
				  "bytes_held", (json_int_t)now->bytes_held));
	say_limit("entries", now->max_entries ? grouped(now->max_entries, a) :
						"no limit",
		  grouped(now->len, b),
		  now->max_entries && now->len > now->max_entries);
	say_limit("memory", now->max_bytes ? in_bytes(now->max_bytes, a) :
					     "no limit",
		  in_bytes(now->bytes_held, b),
		  now->max_bytes && now->bytes_held > now->max_bytes);
	return EXIT_OK;
}

/* What is not given stays as it is. */
static int set_limits(const struct target *t)
{
	int ret;

	if (max_entries == NOT_GIVEN && max_bytes == NOT_GIVEN)
		return EXIT_OK;
	ret = gomap_set_limits(t->map, max_entries == NOT_GIVEN ?
			       t->info.max_entries : max_entries,
			       max_bytes == NOT_GIVEN ?
			       t->info.max_bytes : max_bytes);
	return ret ? refused(ret, "change the limits of map %s", t->name) :
		     EXIT_OK;
}

static int limits(const struct words *words)
{
	bool change = max_entries != NOT_GIVEN || max_bytes != NOT_GIVEN;
	struct gomap_ioc_info now;
	struct target t;
	int ret = target_open(&t, words->at[0],
			      change ? GOMAP_OPEN_FLAGS : GOMAP_OPEN_READ);

	if (ret)
		return ret;
	ret = set_limits(&t);
	if (!ret) {
		ret = gomap_info(t.map, 0, &now);
		ret = ret ? refused(ret, "ask about map %s", t.name) :
			    say_limits(&t, &now);
	}
	target_close(&t);
	return ret;
}

const struct verb verb_limits = {
	.name = "limits", .run = limits, .min_words = 1, .max_words = 1,
	.options = limits_options, .words = "MAP",
	.line = "show or change how far a map may grow",
	.help =
	"Without an option it shows the limits. They may be changed while the map is\n"
	"in use and hold at once. A map that is over a new limit keeps what it has.\n"
	"\n"
	"Limits for all maps together are parameters of the module, max_maps and\n"
	"max_bytes, below /sys/module/gomap/parameters.\n"
	"\n"
	"  gomapctl limits vendors\n"
	"  gomapctl limits vendors --max-entries 1000000 --max-bytes 64M\n",
};

/* -- memory -------------------------------------------------------------- */

#define CLASSES_MAX	64
#define BAR_WIDTH	32

struct classes {
	struct gomap_ioc_memory at[CLASSES_MAX];
	int count;
};

static int collect(const struct gomap_ioc_memory *objects, void *arg)
{
	struct classes *classes = arg;

	if (classes->count < CLASSES_MAX)
		classes->at[classes->count++] = *objects;
	return 0;
}

static json_t *class_json(const struct gomap_ioc_memory *c)
{
	return json_pack("{s:i,s:b,s:i,s:I,s:I,s:I,s:I,s:I}",
			 "object_size", c->object_size,
			 "overflow_buckets", c->is_bucket,
			 "nr_chunks", c->nr_chunks,
			 "bytes", (json_int_t)c->bytes,
			 "live", (json_int_t)c->live,
			 "retired", (json_int_t)c->retired,
			 "cached", (json_int_t)c->cached,
			 "free", (json_int_t)c->free);
}

static int say_memory_json(const struct target *t,
			   const struct classes *classes)
{
	json_t *rows = json_array();
	int i;

	for (i = 0; i < classes->count; i++)
		json_array_append_new(rows, class_json(&classes->at[i]));
	return say_answer("memory",
		json_pack("{s:s,s:I,s:I,s:I,s:o}", "name", t->name,
			  "bytes_held", (json_int_t)t->info.bytes_held,
			  "bytes_chunks", (json_int_t)t->info.bytes_chunks,
			  "bytes_idle", (json_int_t)t->info.bytes_idle,
			  "classes", rows));
}

/* How much of a class is in use, as a bar. */
static void say_bar(const struct gomap_ioc_memory *c)
{
	uint64_t all = c->live + c->retired + c->cached + c->free;
	uint64_t width = all ? (c->live * BAR_WIDTH + all - 1) / all : 0, i;

	printf("|%s", bar_colour());
	for (i = 0; i < BAR_WIDTH; i++)
		putchar(i < width ? '#' : ' ');
	printf("%s|\n", plain());
}

static void say_class(const struct gomap_ioc_memory *c)
{
	char a[NUMBER_MAX];

	printf("%8u %-16s", c->object_size,
	       c->is_bucket ? "overflow bucket" : "key or value");
	printf(" %12s", grouped(c->live, a));
	printf(" %12s", grouped(c->free + c->cached + c->retired, a));
	printf(" %7s", grouped(c->nr_chunks, a));
	printf(" %10s ", in_bytes(c->bytes, a));
	say_bar(c);
}

static int say_memory_text(const struct target *t,
			   const struct classes *classes)
{
	const struct gomap_ioc_info *info = &t->info;
	char a[NUMBER_MAX];
	int i;

	printf("%s%s%s holds %s", bold(), t->name, plain(),
	       in_bytes(info->bytes_held, a));
	printf(", %s of it in chunks", in_bytes(info->bytes_chunks, a));
	printf(", %s of those idle\n", in_bytes(info->bytes_idle, a));
	if (classes->count)
		printf("%s%8s %-16s %12s %12s %7s %10s %s%s\n", bold(), "BYTES",
		       "OBJECT", "IN USE", "NOT IN USE", "CHUNKS", "MEMORY",
		       "IN USE", plain());
	for (i = 0; i < classes->count; i++)
		say_class(&classes->at[i]);
	return EXIT_OK;
}

static int memory(const struct words *words)
{
	static struct classes classes;
	struct target t;
	int ret = target_open(&t, words->at[0], GOMAP_OPEN_READ);

	if (ret)
		return ret;
	ret = gomap_memory(t.map, collect, &classes);
	if (ret)
		ret = refused(ret, "ask about the memory of map %s", t.name);
	else if (json_mode)
		ret = say_memory_json(&t, &classes);
	else
		ret = say_memory_text(&t, &classes);
	target_close(&t);
	return ret;
}

const struct verb verb_memory = {
	.name = "memory", .run = memory, .min_words = 1, .max_words = 1,
	.words = "MAP",
	.line = "print what the memory of a map is used for",
	.help =
	"Overflow buckets, and keys and values that do not lie in their buckets, are\n"
	"objects of an arena: chunks with objects of one size. One line for each size,\n"
	"with how many objects are in use, and how many are free, wait for a grace\n"
	"period or lie ready for a CPU.\n"
	"\n"
	"  gomapctl memory vendors\n"
	"  gomapctl memory vendors -j | jq '.memory.bytes_idle'\n",
};

/* -- leak ---------------------------------------------------------------- */

/* A map that is written to all the time never gives a certain answer. */
#define LEAK_TRIES	20
#define LEAK_PAUSE_MS	50

static int look_for_leaks(const struct target *t, struct gomap_ioc_info *info)
{
	const struct timespec pause = { .tv_nsec = LEAK_PAUSE_MS * 1000000L };
	int tries, ret = 0;

	for (tries = 0; tries < LEAK_TRIES; tries++) {
		ret = gomap_info(t->map, GOMAP_INFO_LEAKS, info);
		if (ret || info->leaks_certain)
			break;
		nanosleep(&pause, NULL);
	}
	return ret;
}

static bool has_leak(const struct gomap_ioc_info *info)
{
	return info->leaks_certain && (info->leaked_objects || info->dangling);
}

static int say_leaks_json(const struct target *t,
			  const struct gomap_ioc_info *info)
{
	say_answer("leak",
		json_pack("{s:s,s:b,s:I,s:I,s:I,s:I}", "name", t->name,
			  "certain", (int)info->leaks_certain,
			  "objects", (json_int_t)info->leaked_objects,
			  "bytes", (json_int_t)info->leaked_bytes,
			  "dangling", (json_int_t)info->dangling,
			  "empty_buckets", (json_int_t)info->empty_buckets));
	return !info->leaks_certain || has_leak(info) ? EXIT_NO : EXIT_OK;
}

static int say_leaks_text(const struct target *t,
			  const struct gomap_ioc_info *info)
{
	char a[NUMBER_MAX], b[NUMBER_MAX];

	if (!info->leaks_certain)
		return complain(EXIT_NO, "Map %s is written to all the time, so nothing can be said for certain. Try again when it is quieter.",
				t->name);
	if (info->leaked_objects)
		complain(EXIT_NO, "%s objects of map %s, %s, are in use and no bucket refers to them.",
			 grouped(info->leaked_objects, a), t->name,
			 in_bytes(info->leaked_bytes, b));
	if (info->dangling)
		complain(EXIT_NO, "%s references in buckets of map %s are to objects that are not theirs.",
			 grouped(info->dangling, a), t->name);
	if (has_leak(info))
		return complain(EXIT_NO, "That is a bug of gomap; please report it with the output of gomapctl info and gomapctl memory.");
	printf("%s: every object in use belongs to an entry", t->name);
	if (info->empty_buckets)
		printf("; %s overflow buckets are empty, gomapctl compact takes them",
		       grouped(info->empty_buckets, a));
	putchar('\n');
	return EXIT_OK;
}

static int leak(const struct words *words)
{
	static struct gomap_ioc_info info;
	struct target t;
	int ret = target_open(&t, words->at[0], GOMAP_OPEN_READ);

	if (ret)
		return ret;
	ret = look_for_leaks(&t, &info);
	if (ret)
		ret = refused(ret, "look for leaks in map %s", t.name);
	else
		ret = json_mode ? say_leaks_json(&t, &info) :
				  say_leaks_text(&t, &info);
	target_close(&t);
	return ret;
}

const struct verb verb_leak = {
	.name = "leak", .run = leak, .min_words = 1, .max_words = 1,
	.words = "MAP",
	.line = "look for memory that a map has no use for",
	.help =
	"Compares what the map holds with what its buckets refer to. Nothing is ever\n"
	"found unless gomap has a bug: then the exit status is 1. A writer that is\n"
	"inside makes an answer uncertain; the question is asked again then, for a\n"
	"second.\n"
	"\n"
	"  gomapctl leak vendors\n",
};
