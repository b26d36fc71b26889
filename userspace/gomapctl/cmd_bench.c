// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * bench: what a lookup costs on this machine, in a map as it is, by each of the
 * ways there are.  The keys are those of entries of the map, in no order.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "target.h"

#define GROUP		32U	/* lookups of one gomap_view_lookup_many() */
#define BATCH		256U	/* operations of one system call */
#define KEYS_MAX	(1U << 24)

static uint64_t nr_wanted = 65536, milliseconds = 500;

static const struct option_row bench_options[] = {
	{ "keys", 'n', OPTION_NUMBER, "N", &nr_wanted,
	  "look up N different keys of the map (65536)" },
	{ "time", 't', OPTION_NUMBER, "MS", &milliseconds,
	  "milliseconds for each way (500)" },
	{ 0 }
};

/**
 * struct bench - keys to look up, and where values go.
 * @t: The map.
 * @bytes: Of all keys.
 * @used: Bytes of @bytes.
 * @at: Where each key begins in @bytes.
 * @len: How long each is.
 * @nr: Keys.
 * @values: Room for BATCH values.
 * @next: The key that is looked up next.
 * @failed: Lookups that found nothing.
 */
struct bench {
	struct target *t;
	unsigned char *bytes;
	size_t used;
	size_t *at;
	uint32_t *len;
	uint32_t nr;
	unsigned char *values;
	uint32_t next;
	uint64_t failed;
};

/* -- ways to look up ------------------------------------------------------- */

/* The number of a key, one after the other and round again. */
static uint32_t next_key(struct bench *b)
{
	uint32_t n = b->next++;

	if (b->next == b->nr)
		b->next = 0;
	return n;
}

static unsigned char *value_at(struct bench *b, uint32_t n)
{
	return b->values + (size_t)n * b->t->info.value_size;
}

static void by_view(struct bench *b)
{
	uint32_t value_size = b->t->info.value_size, key, i;
	int ret;

	for (i = 0; i < BATCH; i++) {
		key = next_key(b);
		/* The length 8 is a constant, which a program would have. */
		ret = b->len[key] == 8 ?
		      gomap_view_lookup(b->t->view, b->bytes + b->at[key], 8,
					b->values, value_size) :
		      gomap_view_lookup(b->t->view, b->bytes + b->at[key],
					b->len[key], b->values, value_size);
		b->failed += ret < 0;
	}
}

static void by_view_many(struct bench *b)
{
	struct gomap_view_query q[GROUP];
	uint32_t i, n, key;

	for (i = 0; i < BATCH; i += GROUP) {
		for (n = 0; n < GROUP; n++) {
			key = next_key(b);
			q[n].key = b->bytes + b->at[key];
			q[n].key_len = b->len[key];
			q[n].value = value_at(b, n);
			q[n].value_cap = b->t->info.value_size;
		}
		b->failed += GROUP - gomap_view_lookup_many(b->t->view, q,
							    GROUP);
	}
}

static void by_call(struct bench *b)
{
	uint32_t i, key;

	for (i = 0; i < BATCH; i++) {
		key = next_key(b);
		b->failed += gomap_lookup(b->t->map, b->bytes + b->at[key],
					  b->len[key], b->values,
					  b->t->info.value_size) < 0;
	}
}

static void by_batch(struct bench *b)
{
	static struct gomap_batch_op ops[BATCH];
	uint32_t i, key, done, failed;

	for (i = 0; i < BATCH; i++) {
		key = next_key(b);
		ops[i] = (struct gomap_batch_op) {
			.op = GOMAP_OP_LOOKUP,
			.key = (uintptr_t)(b->bytes + b->at[key]),
			.key_len = b->len[key],
			.value = b->t->info.value_size ?
				 (uintptr_t)value_at(b, i) : 0,
			.value_len = b->t->info.value_size,
		};
	}
	if (gomap_submit(b->t->map, ops, BATCH, &done, &failed))
		failed = BATCH;
	b->failed += failed;
}

static const struct way {
	const char *name, *words;
	bool needs_view;
	void (*look)(struct bench *b);	/* BATCH lookups */
} ways[] = {
	{ "view", "view, one by one", true, by_view },
	{ "view_many", "view, 32 together", true, by_view_many },
	{ "call", "system call", false, by_call },
	{ "batch", "batch of 256", false, by_batch },
};

#define NR_WAYS	(sizeof(ways) / sizeof(ways[0]))
#define WAY_CALL	2	/* what the others are compared with */

/* -- measuring ------------------------------------------------------------- */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Nanoseconds of one lookup; 0: this map does not have that way. */
static double measure(struct bench *b, const struct way *way)
{
	double begun, now, end;
	uint64_t lookups = 0;
	uint32_t i;

	if (way->needs_view && !b->t->view)
		return 0;
	for (i = 0; i < b->nr / BATCH + 1; i++)
		way->look(b);	/* all of it has been seen once */
	begun = now = seconds();
	end = begun + (double)milliseconds / 1e3;
	while (now < end && !stopped) {
		for (i = 0; i < 16; i++)
			way->look(b);
		lookups += 16 * BATCH;
		now = seconds();
	}
	return lookups ? (now - begun) * 1e9 / (double)lookups : 0;
}

static void say_text(const struct bench *b, const double *ns)
{
	char n[NUMBER_MAX], m[NUMBER_MAX];
	size_t i;

	printf("%s%s%s: %s keys of %s entries\n", bold(), b->t->name, plain(),
	       grouped(b->nr, n), grouped(b->t->info.len, m));
	for (i = 0; i < NR_WAYS; i++) {
		printf("  %-18s", ways[i].words);
		if (!ns[i])
			printf("  %sthe map has no view%s\n", dim(), plain());
		else
			printf("  %13s a second  %8.1f ns  %6.1f times\n",
			       grouped((uint64_t)(1e9 / ns[i]), n), ns[i],
			       ns[WAY_CALL] / ns[i]);
	}
}

static int say_json(const struct bench *b, const double *ns)
{
	GOMAP_OPTS(gomap_view_stats, stats);
	json_t *doc = document(), *rows = json_array();
	size_t i;

	gomap_view_stats(b->t->view, &stats);
	for (i = 0; i < NR_WAYS; i++)
		if (ns[i])
			json_array_append_new(rows,
				json_pack("{s:s,s:f,s:f,s:f}",
					  "way", ways[i].name, "ns", ns[i],
					  "per_second", 1e9 / ns[i],
					  "times", ns[WAY_CALL] / ns[i]));
	json_object_set_new(doc, "bench",
			    json_pack("{s:s,s:I,s:I,s:I,s:I,s:o}",
				      "name", b->t->name,
				      "keys", (json_int_t)b->nr,
				      "len", (json_int_t)b->t->info.len,
				      "not_found", (json_int_t)b->failed,
				      "asked", (json_int_t)stats.asked,
				      "ways", rows));
	return say_document(doc);
}

static int measure_all(struct bench *b)
{
	double ns[NR_WAYS];
	size_t i;

	stop_on_signals();
	for (i = 0; i < NR_WAYS; i++) {
		b->next = 0;
		ns[i] = measure(b, &ways[i]);
	}
	if (stopped)
		return complain(EXIT_PARTLY, "It was interrupted; nothing was measured.");
	if (json_mode)
		return say_json(b, ns);
	say_text(b, ns);
	if (b->failed)
		printf("  keys that were gone meanwhile were looked up %llu times\n",
		       (unsigned long long)b->failed);
	return EXIT_OK;
}

/* -- keys ------------------------------------------------------------------ */

/* In no order: neighbours in the table are not to be neighbours here. */
static void shuffle(struct bench *b)
{
	uint64_t dice = 88172645463325252ULL;
	uint32_t i, j, len;
	size_t at;

	for (i = b->nr; i > 1; i--) {
		dice ^= dice << 13;
		dice ^= dice >> 7;
		dice ^= dice << 17;
		j = (uint32_t)(dice % i);
		at = b->at[i - 1];
		b->at[i - 1] = b->at[j];
		b->at[j] = at;
		len = b->len[i - 1];
		b->len[i - 1] = b->len[j];
		b->len[j] = len;
	}
}

/* 0 or a negative errno. */
static int take_keys(struct bench *b, struct gomap_iter *iter)
{
	size_t room = 0, wanted;
	struct gomap_entry e;
	unsigned char *bytes;
	int ret = 0;

	while (b->nr < nr_wanted && (ret = gomap_iter_next(iter, &e)) > 0) {
		wanted = b->used + e.key_len;
		if (wanted > room) {
			room = 2 * wanted + 65536;
			bytes = realloc(b->bytes, room);
			if (!bytes)
				return -ENOMEM;
			b->bytes = bytes;
		}
		memcpy(b->bytes + b->used, e.key, e.key_len);
		b->at[b->nr] = b->used;
		b->len[b->nr++] = e.key_len;
		b->used = wanted;
	}
	shuffle(b);
	return ret < 0 ? ret : 0;
}

static int prepare(struct bench *b)
{
	GOMAP_OPTS(gomap_iter_opts, opts, .flags = GOMAP_ITER_KEYS);
	size_t room = (size_t)b->t->info.value_size * BATCH;
	struct gomap_iter *iter;
	int ret;

	b->at = calloc(nr_wanted, sizeof(*b->at));
	b->len = calloc(nr_wanted, sizeof(*b->len));
	b->values = malloc(room ? room : 1);
	if (!b->at || !b->len || !b->values)
		return -ENOMEM;
	ret = gomap_iter_begin(&iter, b->t->map, &opts);
	if (!ret)
		ret = take_keys(b, iter);
	gomap_iter_end(iter);
	return ret;
}

static int bench_map(struct target *t)
{
	struct bench b = { .t = t };
	int ret;

	if (t->info.len < nr_wanted)
		nr_wanted = t->info.len;
	if (!nr_wanted)
		return complain(EXIT_NO, "Map %s has no entries to look up.",
				t->name);
	ret = prepare(&b);
	if (ret)
		ret = refused(ret, "take keys from map %s", t->name);
	else if (!b.nr)
		ret = complain(EXIT_NO, "Map %s has no entries to look up.",
			       t->name);
	else
		ret = measure_all(&b);
	free(b.values);
	free(b.len);
	free(b.at);
	free(b.bytes);
	return ret;
}

static int bench(const struct words *words)
{
	struct target t;
	int ret;

	if (!nr_wanted || nr_wanted > KEYS_MAX)
		return complain(EXIT_USAGE, "--keys takes a number from 1 to %u.",
				KEYS_MAX);
	ret = target_open(&t, words->at[0], GOMAP_OPEN_READ);
	if (ret)
		return ret;
	if (t.info.map_flags & GOMAP_MAP_VIEW)
		ret = target_view(&t);
	ret = ret ?: bench_map(&t);
	target_close(&t);
	return ret;
}

const struct verb verb_bench = {
	.name = "bench", .run = bench, .min_words = 1, .max_words = 1,
	.options = bench_options, .words = "MAP",
	.line = "measure what lookups cost in a map",
	.help =
	"Looks up keys of the map, in no order, and says how long one takes: in the\n"
	"map's memory (create --view), one by one and 32 together, by a system call,\n"
	"and in batches of 256; the last column compares with the system call. Nothing\n"
	"is written. A map that others use, or a busy machine, is slower.\n"
	"\n"
	"  gomapctl bench flows\n"
	"  gomapctl bench flows --keys 1000000 --time 2000 -j\n",
};
