// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Verbs that move the entries of a map and change none: compact, rekey.  What
 * they did shows in figures, so both say how these were before and are now.
 */
#include <errno.h>
#include <time.h>

#include "target.h"

/* One of these verbs: its command, and how it tells of what it did. */
struct mover {
	const char *verb;
	int (*move)(struct gomap *map);
	int (*say)(const struct target *t, const struct gomap_ioc_info *now);
};

static int move_failed(int err, const char *verb, const char *name)
{
	if (err == -ENOMEM)
		return complain(EXIT_REFUSED, "Cannot %s map %s: for a while new buckets lie beside the old ones, and the kernel has no memory for that. No entry is lost; free some memory and try again.",
				verb, name);
	return refused(err, "%s map %s", verb, name);
}

static int move(const struct words *words, const struct mover *mover)
{
	struct gomap_ioc_info now;
	struct target t;
	int ret = target_open(&t, words->at[0], GOMAP_OPEN_WRITE);

	if (ret)
		return ret;
	ret = mover->move(t.map);
	if (ret) {
		ret = move_failed(ret, mover->verb, t.name);
	} else {
		ret = gomap_info(t.map, 0, &now);
		ret = ret ? refused(ret, "ask about map %s", t.name)
			  : mover->say(&t, &now);
	}
	target_close(&t);
	return ret;
}

/* -- compact ------------------------------------------------------------- */

#define LOOK_MS		20
#define CALM_LOOKS	5	/* so many alike, and it is over */
#define MOST_LOOKS	50

/*
 * The old buckets are given back when the last reader that may be in them has
 * left, which is a little after the command: wait until the memory is calm.
 */
static void wait_for_memory(struct gomap *map, struct gomap_ioc_info *now)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
	int looks, calm = 0;

	for (looks = 0; looks < MOST_LOOKS && calm < CALM_LOOKS; looks++) {
		uint64_t before = now->bytes_held;

		nanosleep(&pause, NULL);
		if (gomap_info(map, 0, now))
			return;
		calm = now->bytes_held == before ? calm + 1 : 0;
	}
}

static json_t *size_json(const struct gomap_ioc_info *info)
{
	return json_pack("{s:i,s:I,s:I,s:I}", "B", info->b,
			 "nr_buckets", (json_int_t)info->nr_buckets,
			 "nr_overflow", (json_int_t)info->nr_overflow,
			 "bytes_held", (json_int_t)info->bytes_held);
}

static void say_size(const struct gomap_ioc_info *info, const char *when)
{
	char buckets[NUMBER_MAX], overflow[NUMBER_MAX], bytes[NUMBER_MAX];

	printf("%s %s bucket%s, %s of overflow, %s", when,
	       grouped(info->nr_buckets, buckets),
	       info->nr_buckets == 1 ? "" : "s",
	       grouped(info->nr_overflow, overflow),
	       in_bytes(info->bytes_held, bytes));
}

static int say_compacted(const struct target *t,
			 const struct gomap_ioc_info *done)
{
	struct gomap_ioc_info now = *done;
	json_t *doc;

	wait_for_memory(t->map, &now);
	if (json_mode) {
		doc = document();
		json_object_set_new(doc, "compacted",
			json_pack("{s:s,s:I,s:o,s:o}", "name", t->name,
				  "len", (json_int_t)now.len,
				  "before", size_json(&t->info),
				  "after", size_json(&now)));
		return say_document(doc);
	}
	printf("%s:", t->name);
	say_size(&t->info, " before");
	say_size(&now, "; now");
	putchar('\n');
	return EXIT_OK;
}

static int compact(const struct words *words)
{
	static const struct mover mover = {
		"compact", gomap_compact, say_compacted
	};

	return move(words, &mover);
}

const struct verb verb_compact = {
	.name = "compact", .run = compact, .min_words = 1, .max_words = 1,
	.words = "MAP",
	.line = "move the entries of a map to as few buckets as they need",
	.help =
	"Afterwards the map is as large as one that was created with its number of\n"
	"entries as --hint, but not smaller than its own --hint. Readers and writers\n"
	"go on meanwhile. It pays off for a map that will not grow back: the next\n"
	"entries make it grow again.\n"
	"\n"
	"  gomapctl compact vendors\n"
	"  gomapctl compact vendors -j | jq .compacted.after.bytes_held\n",
};

/* -- rekey --------------------------------------------------------------- */

static int say_rekeyed(const struct target *t, const struct gomap_ioc_info *now)
{
	json_t *doc;

	if (json_mode) {
		doc = document();
		json_object_set_new(doc, "rekeyed",
			json_pack("{s:s,s:I,s:{s:i},s:{s:i}}", "name", t->name,
				  "len", (json_int_t)now->len,
				  "before", "seed_generation",
				  t->info.seed_generation,
				  "after", "seed_generation",
				  now->seed_generation));
		return say_document(doc);
	}
	printf("%s: before seed number %u; now seed number %u\n", t->name,
	       t->info.seed_generation, now->seed_generation);
	return EXIT_OK;
}

static int rekey(const struct words *words)
{
	static const struct mover mover = {
		"rekey", gomap_rekey, say_rekeyed
	};

	return move(words, &mover);
}

const struct verb verb_rekey = {
	.name = "rekey", .run = rekey, .min_words = 1, .max_words = 1,
	.words = "MAP",
	.line = "move the entries of a map to a new secret seed",
	.help =
	"Which keys share a bucket depends on a secret seed. Whoever found keys that\n"
	"collide, and so make lookups slow, has to start over afterwards. A map does\n"
	"this by itself when it sees such keys (gomapctl info: attacks). Readers and\n"
	"writers go on meanwhile; a dump in progress is told to start again.\n"
	"\n"
	"  gomapctl rekey vendors\n",
};
