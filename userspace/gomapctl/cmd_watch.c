// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * watch: the value of a key, each time that it is another one.  It looks now and
 * then, into the map's memory where that can be mapped, so a value that comes and
 * goes between two looks is not seen.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "target.h"

static uint64_t interval = 100, most;

static const struct option_row watch_options[] = {
	{ "interval", 'i', OPTION_NUMBER, "MS", &interval,
	  "milliseconds between two looks (100)" },
	{ "count", 'n', OPTION_NUMBER, "N", &most,
	  "end after N values, the first one included" },
	{ 0 }
};

/* What is at the key: a length, or -ENOENT. */
struct seen {
	int len;
	unsigned char value[GOMAP_MAX_VALUE_SIZE];
};

static struct entry entry;
static struct text shown;
static struct seen before, now;
static uint64_t count;

static bool is_another(void)
{
	return now.len != before.len ||
	       (now.len > 0 && memcmp(now.value, before.value, (size_t)now.len));
}

static void say_text(const struct target *t)
{
	if (now.len < 0) {
		printf("%s(not there)%s\n", dim(), plain());
		return;
	}
	type_text(&t->schema.value, now.value, (uint32_t)now.len, &shown);
	put_escaped(stdout, shown.at, shown.len);
	putchar('\n');
}

static void say_json(const struct target *t)
{
	json_t *row = json_pack("{s:b}", "found", now.len >= 0);

	if (now.len >= 0)
		json_object_set_new(row, "value",
				    type_json(&t->schema.value, now.value,
					      (uint32_t)now.len, &shown));
	fputs(count ? ",\n" : "\n", stdout);
	json_dumpf(row, stdout, JSON_COMPACT);
	json_decref(row);
}

static void say(const struct target *t)
{
	if (json_mode)
		say_json(t);
	else
		say_text(t);
	fflush(stdout);	/* somebody is watching */
	before = now;
	count++;
}

static int look(struct target *t)
{
	if (t->view)
		return gomap_view_lookup(t->view, entry.key, entry.key_len,
					 now.value, sizeof(now.value));
	return gomap_lookup(t->map, entry.key, entry.key_len, now.value,
			    sizeof(now.value));
}

/* 0, or the errno of a lookup. */
static int look_on(struct target *t)
{
	const struct timespec pause = {
		.tv_sec = (time_t)(interval / 1000),
		.tv_nsec = (long)(interval % 1000) * 1000000L,
	};

	stop_on_signals();
	while (!stopped && !ferror(stdout)) {
		now.len = look(t);
		if (now.len < 0 && now.len != -ENOENT)
			return now.len;
		if (!count || is_another())
			say(t);
		if (most && count >= most)
			return 0;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* One document, a value a line, written as the values come. */
static int watch_json(struct target *t)
{
	int err;

	printf("{\"schema\":%d,\"values\":[", JSON_SCHEMA);
	err = look_on(t);
	printf("\n],\"count\":%" PRIu64 ",\"complete\":%s", count,
	       err ? "false" : "true");
	if (err)
		printf(",\"error\":{\"exit\":%d,\"message\":\"Cannot go on: %s.\"}",
		       EXIT_PARTLY, refusal(err));
	printf("}\n");
	return err ? EXIT_PARTLY : EXIT_OK;
}

static int watch_text(struct target *t, const char *key)
{
	struct quoted q;
	int err = look_on(t);

	if (err)
		return refused(err, "look up key %s in map %s",
			       quote(&q, key, strlen(key)), t->name);
	return EXIT_OK;
}

static int watch(const struct words *words)
{
	struct target t;
	int ret = target_open(&t, words->at[0], GOMAP_OPEN_READ);

	if (ret)
		return ret;
	ret = read_key(&t, words->at[1], &entry);
	if (!ret && t.info.map_flags & GOMAP_MAP_VIEW)
		ret = target_view(&t);
	if (!ret)
		ret = json_mode ? watch_json(&t) : watch_text(&t, words->at[1]);
	target_close(&t);
	return ret;
}

const struct verb verb_watch = {
	.name = "watch", .run = watch, .min_words = 2, .max_words = 2,
	.options = watch_options, .words = "MAP KEY",
	.line = "print the value of a key whenever it changes",
	.help =
	"Prints the value as it is, and again when it is another one, until Ctrl-C or\n"
	"--count. Of a map with a view (create --view) that takes no system calls, and\n"
	"disturbs nobody. With -j one document is printed as the values come, with\n"
	"\"complete\": true at its end.\n"
	"\n"
	"  gomapctl watch flows 17\n"
	"  gomapctl watch flows 17 --interval 1 --count 10 -j\n",
};
