// SPDX-License-Identifier: GPL-2.0-only
/*
 * view_readers.c - readers of a view while everything happens to its map: nothing
 * torn, nothing of another key, nothing outdated, nothing missing, each key once.
 *
 * GOMAP_VIEW_READS: lookups in all (default: 10,000,000).  Reports in KTAP.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "world.h"

#define NR_READERS	2
#define AT_ONCE		32U
#define SECONDS_MAX	60	/* for one map: what is left out is said */

static const struct kind kinds[] = {
	{ "8/8 bytes", 8, 8, 0 },
	{ "16/64 bytes", 16, 64, 0 },
	{ "8/2048 bytes, out of line", 8, 2048, 0 },
	{ "8 to 100 bytes of variable length", 8, 100, GOMAP_MAP_VAR_VALUE },
	{ "8/40 bytes, stable", 8, 40, GOMAP_MAP_STABLE },
};

static const char *const changes[NR_CHANGES] = {
	[CHANGE_NONE] = "written to",
	[CHANGE_GROW] = "growing",
	[CHANGE_SIZE] = "growing and shrinking",
	[CHANGE_SEED] = "getting new seeds",
	[CHANGE_CLEAR] = "being cleared",
};

/**
 * struct reader - one that reads.
 * @world: What.
 * @wanted: Lookups that it is to do.
 * @reads: Lookups that were right.
 * @found: Those of them that found something.
 * @iterations: That came to their end.
 * @random: Its own sequence.
 * @end: When it is to stop in any case, seconds.
 * @thread: It.
 */
struct reader {
	struct world *world;
	uint64_t wanted;
	uint64_t reads;
	uint64_t found;
	uint64_t iterations;
	uint64_t random;
	time_t end;
	pthread_t thread;
};

static void judge(struct reader *r, uint64_t key, uint64_t noted,
		  const void *value, int ret)
{
	const char *wrong = world_wrong(r->world, key, noted, value, ret);

	if (wrong)
		world_fail(r->world, wrong);
	r->reads++;
	r->found += ret >= 0;
}

static uint64_t any_key(struct reader *r)
{
	return next_random(&r->random) % NR_KEYS;
}

static void look_up(struct reader *r)
{
	struct world *w = r->world;
	uint64_t key = any_key(r), noted = world_noted(w, key), small;
	uint8_t value[VALUE_MAX], name[64];
	int ret;

	/* What is compiled into programs, and what is not. */
	if (w->kind->key_size == 8 && w->kind->value_size == 8) {
		ret = gomap_view_lookup(w->view, &key, 8, &small, 8);
		judge(r, key, noted, &small, ret);
		return;
	}
	world_key(w, key, name);
	ret = gomap_view_lookup(w->view, name, w->kind->key_size, value,
				sizeof(value));
	judge(r, key, noted, value, ret);
}

static void look_up_many(struct reader *r)
{
	struct gomap_view_query queries[AT_ONCE];
	uint8_t values[AT_ONCE][VALUE_MAX], names[AT_ONCE][64];
	uint64_t keys[AT_ONCE], noted[AT_ONCE];
	uint32_t i;

	for (i = 0; i < AT_ONCE; i++) {
		keys[i] = any_key(r);
		world_key(r->world, keys[i], names[i]);
		noted[i] = world_noted(r->world, keys[i]);
		queries[i] = (struct gomap_view_query){
			.key = names[i],
			.key_len = r->world->kind->key_size,
			.value = values[i],
			.value_cap = VALUE_MAX,
		};
	}
	gomap_view_lookup_many(r->world->view, queries, AT_ONCE);
	for (i = 0; i < AT_ONCE; i++)
		judge(r, keys[i], noted[i], values[i], queries[i].result);
}

/* The copy is the test's own: it has to be looked at when it is known to be good. */
static void borrow(struct reader *r)
{
	struct world *w = r->world;
	uint64_t key = any_key(r), noted = world_noted(w, key);
	uint8_t value[VALUE_MAX], name[64];
	struct gomap_view_value v;
	int ret, tries = 0;

	world_key(w, key, name);
	do {
		ret = gomap_view_borrow(w->view, name, w->kind->key_size, &v);
		if (ret >= 0)
			memcpy(value, v.data, v.len);
	} while (ret >= 0 && gomap_view_retry(w->view, &v) && ++tries < 1000);
	if (ret == -EAGAIN || tries == 1000)
		return;		/* it is not in the view, or never at rest */
	judge(r, key, noted, value, ret);
}

static void check_iteration(struct reader *r, const uint8_t *seen)
{
	for (uint64_t key = 0; key < NR_KEYS; key++) {
		if (seen[key] > 1)
			world_fail(r->world, "an iteration returned a key twice");
		if (!seen[key] && key < NR_STEADY &&
		    r->world->change != CHANGE_CLEAR)
			world_fail(r->world, "an iteration left out a steady key");
	}
	r->iterations++;
}

/* Of the keys that are ours; of others there can be many. */
static void iterate(struct reader *r)
{
	struct gomap_view_iter *iter;
	uint8_t seen[NR_KEYS] = {};
	struct gomap_entry entry;
	uint64_t key;
	int ret;

	ret = gomap_view_iter_begin(&iter, r->world->view);
	if (ret < 0) {
		world_fail(r->world, "an iteration did not begin");
		return;
	}
	while ((ret = gomap_view_iter_next(iter, &entry)) > 0) {
		memcpy(&key, entry.key, sizeof(key));
		if (key >= NR_KEYS)
			continue;
		judge(r, key, 0, entry.value, (int)entry.value_len);
		seen[key]++;
	}
	gomap_view_iter_end(iter);
	if (!ret)
		check_iteration(r, seen);
	else if (ret != -ESTALE)
		world_fail(r->world, "an iteration failed");
}

static void *read_on(void *reader)
{
	struct reader *r = reader;
	uint64_t turn = 0;

	while (r->reads < r->wanted && !world_has_failed(r->world)) {
		switch (turn++ % 64) {
		case 0 ... 39:
			look_up(r);
			break;
		case 40 ... 41:
			look_up_many(r);
			break;
		default:
			borrow(r);
		}
		if (turn % 65536 == 0)
			iterate(r);
		if (turn % 1024 == 0 && time(NULL) >= r->end)
			break;
	}
	return NULL;
}

/* Look at one map.  Adds the lookups to @reads. */
static bool read_world(const struct kind *kind, enum change change,
		       uint64_t wanted, uint64_t *reads)
{
	GOMAP_OPTS(gomap_view_stats, stats);
	struct reader readers[NR_READERS];
	static struct world w;
	uint64_t all = 0, found = 0, iterations = 0;
	int i, ret;

	ret = world_begin(&w, kind, change);
	if (ret < 0) {
		printf("# a map with a view cannot be had: %s\n",
		       strerror(-ret));
		return false;
	}
	for (i = 0; i < NR_READERS; i++) {
		readers[i] = (struct reader){
			.world = &w,
			.wanted = wanted / NR_READERS,
			.random = 0x9e3779b97f4a7c15ULL * (uint64_t)(i + 1),
			.end = time(NULL) + SECONDS_MAX,
		};
		pthread_create(&readers[i].thread, NULL, read_on, &readers[i]);
	}
	for (i = 0; i < NR_READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		all += readers[i].reads;
		found += readers[i].found;
		iterations += readers[i].iterations;
	}
	gomap_view_stats(w.view, &stats);
	world_end(&w);
	printf("# %llu lookups, %llu found; %llu iterations; %llu writes, %llu changes; %llu attempts in vain, %llu asked\n",
	       (unsigned long long)all, (unsigned long long)found,
	       (unsigned long long)iterations, (unsigned long long)w.writes,
	       (unsigned long long)w.changes,
	       (unsigned long long)stats.retried,
	       (unsigned long long)stats.asked);
	*reads += all;
	if (w.failed)
		printf("# %s\n", w.failed);
	return !w.failed && w.writes && (found || change == CHANGE_CLEAR);
}

int main(void)
{
	const char *words = getenv("GOMAP_VIEW_READS");
	uint64_t wanted = words ? strtoull(words, NULL, 0) : 10000000;
	size_t nr = sizeof(kinds) / sizeof(kinds[0]), test = 0, failed = 0;
	uint64_t reads = 0, each = wanted / (nr * NR_CHANGES) + 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%zu\n", nr * NR_CHANGES + 1);
	for (size_t i = 0; i < nr; i++) {
		for (int change = 0; change < NR_CHANGES; change++) {
			bool right = read_world(&kinds[i], change, each, &reads);

			failed += !right;
			printf("%sok %zu - %s, %s\n", right ? "" : "not ",
			       ++test, kinds[i].name, changes[change]);
		}
	}
	failed += reads < wanted;
	printf("# %llu lookups of %llu\n", (unsigned long long)reads,
	       (unsigned long long)wanted);
	printf("%sok %zu - as many lookups as were wanted\n",
	       reads < wanted ? "not " : "", test + 1);
	return failed != 0;
}
