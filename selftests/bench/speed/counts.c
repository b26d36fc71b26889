// SPDX-License-Identifier: GPL-2.0-only
/*
 * counts.c - what does not depend on the machine, and is counted: what a load
 * costs, cache lines and probes of lookups, calls of the allocator.
 *
 * Fails where a load does not cost what it costs in Go.
 */
#include <stdio.h>

#include "../../../module/init.h"
#include "../record.h"
#include "counts.h"
#include "speed_bench.h"

/* Of a table that is about as full as it is on average, gomap and rhashtable. */
#define ENTRIES		10000U
#define LOOKUPS		10048U

void counts_record(const char *figure, const char *row, const char *what,
		   double value)
{
	printf(RECORD_FORMAT "\n", figure, "host", row, what,
	       RECORD_VALUE(1000 * value + 0.5));
}

/* One by one, since each has its own places to touch. */
void counts_lookups(const struct speed_peer *p, void *table, counts_map_fn *map,
		    const speed_u64 *which, size_t nr, bool hit,
		    struct counts_tally *tally)
{
	static struct counts_map places;
	size_t i;

	for (i = 0; i < nr; i++) {
		speed_u64 name = which[i];

		map(table, name, &places);
		counts_begin();
		if (hit)
			p->hit(table, &name, 1);
		else
			p->miss(table, &name, 1);
		counts_end(&places, tally);
	}
}

/**
 * struct subject - a table whose lookups are counted.
 * @shape: For a person.
 * @peer: The table.
 * @map: Of it.
 */
struct subject {
	const char *shape;
	const struct speed_peer *peer;
	counts_map_fn *map;
};

static void record_lines(const char *row, const struct counts_tally *tally)
{
	static const char *const kinds[COUNTS_KINDS] = {
		"descriptor", "span pointer", "handle", "bucket", "key",
		"value", "overflow",
	};
	double sum = 0;
	int kind;

	for (kind = 0; kind < COUNTS_KINDS; kind++) {
		sum += tally->lines[kind];
		counts_record("lines", row, kinds[kind],
			      tally->lines[kind] / tally->lookups);
	}
	counts_record("lines", row, "all", sum / tally->lookups);
	counts_record("lines", row, "own", counts_own_lines(tally) / tally->lookups);
	counts_record("lines", row, "ahead", tally->fetched / tally->lookups);
}

static void record_probes(const char *row, const struct counts_tally *tally)
{
	if (tally->looks)
		counts_record("probes", row, "looks", tally->looks / tally->lookups);
	counts_record("probes", row, "buckets", tally->buckets / tally->lookups);
	counts_record("probes", row, "keys", tally->keys / tally->lookups);
}

static void count_lookups(const struct subject *s, void *table, bool hit)
{
	struct counts_tally tally = { };
	char row[64];

	snprintf(row, sizeof(row), "%s %s, %s", hit ? "hit" : "miss", s->shape,
		 s->peer->name);
	counts_lookups(s->peer, table, s->map, hit ? names.present : names.absent,
		       LOOKUPS, hit, &tally);
	record_lines(row, &tally);
	record_probes(row, &tally);
}

static void settle(const struct speed_peer *p, void *table)
{
	if (p->settle)
		p->settle(table, ENTRIES);
	p->breathe(table);
}

static void count_subject(const struct subject *s)
{
	void *table = s->peer->create(0);

	speed_write_all(s->peer, table, names.all, ENTRIES, s->peer->insert);
	settle(s->peer, table);
	count_lookups(s, table, true);
	count_lookups(s, table, false);
	s->peer->destroy(table);
}

/* Calls since the last time, by operation. */
static void record_calls(const struct speed_peer *p, const char *operation,
			 const char *how, size_t operations)
{
	static unsigned long before;
	char row[64];

	if (operation) {
		snprintf(row, sizeof(row), "%s, %s", operation, how);
		counts_record("allocator calls", row, p->name,
			      (double)(counts_allocations() - before) /
			      (double)operations);
	}
	before = counts_allocations();
}

/* With what is done in the background, which is what grows and shrinks. */
static void count_calls(const struct speed_peer *p, const char *how, size_t hint)
{
	void *table = p->create(hint);

	record_calls(p, NULL, how, 0);
	speed_write_all(p, table, names.all, ENTRIES, p->insert);
	settle(p, table);
	record_calls(p, "insert", how, ENTRIES);
	p->hit(table, names.present, LOOKUPS);
	record_calls(p, "hit", how, LOOKUPS);
	p->miss(table, names.absent, LOOKUPS);
	record_calls(p, "miss", how, LOOKUPS);
	speed_write_all(p, table, names.removal, ENTRIES, p->remove);
	settle(p, table);
	record_calls(p, "delete", how, ENTRIES);
	p->destroy(table);
}

int main(void)
{
	static const struct subject subjects[] = {
		{ "8/8", &SPEED_PEER_OF(gomap, 8_8), counts_map_gomap },
		{ "8/8", &SPEED_PEER_OF(rhashtable, 8_8),
		  SPEED_PEER_OF(map_rhashtable, 8_8) },
		{ "16/64", &SPEED_PEER_OF(gomap, 16_64), counts_map_gomap },
		{ "16/64", &SPEED_PEER_OF(rhashtable, 16_64),
		  SPEED_PEER_OF(map_rhashtable, 16_64) },
		{ "8/128", &SPEED_PEER_OF(gomap, 8_128), counts_map_gomap },
		{ "8/128", &SPEED_PEER_OF(rhashtable, 8_128),
		  SPEED_PEER_OF(map_rhashtable, 8_128) },
	};
	const struct setting s = { .entries = ENTRIES, .lookups = LOOKUPS };
	bool is_right;
	size_t i;

	speed_make_room_for_names(ENTRIES, LOOKUPS);
	speed_choose_names(&s);
	speed_expect(!gomap_core_init());
	is_right = counts_load();
	for (i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		count_subject(&subjects[i]);
	for (i = 0; i < 2; i++) {
		count_calls(subjects[i].peer, "growing", 0);
		count_calls(subjects[i].peer, "presized", ENTRIES);
	}
	gomap_core_exit();
	return !is_right;
}
