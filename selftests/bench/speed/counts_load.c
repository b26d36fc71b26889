// SPDX-License-Identifier: GPL-2.0-only
/*
 * counts_load.c - Go's table of load factors, of our buckets: as ../../host/load.c
 * counts them, and what real lookups touch there.
 */
#include <stdio.h>

#include "../../host/load.h"
#include "counts.h"

/* Enough for the second decimal. */
#define LOOKUPS		40000U

/* Keys are the numbers below their count: any of them, and others. */
static void record_lookups(const struct load_map *l, const char *row, bool hit)
{
	static speed_u64 names[LOOKUPS];
	struct counts_tally tally = { };
	size_t i;

	for (i = 0; i < LOOKUPS; i++)
		names[i] = hit ? i * 2654435761U % l->nr : l->nr + i;
	counts_lookups(&SPEED_PEER_OF(gomap, 8_8), l->map, counts_map_gomap,
		       names, LOOKUPS, hit, &tally);
	counts_record("load", row, hit ? "keys, hit" : "keys, miss",
		      tally.keys / tally.lookups);
	counts_record("load", row, hit ? "lines, hit" : "lines, miss",
		      counts_own_lines(&tally) / tally.lookups);
}

static void record_figures(const char *figure, const char *row,
			   const struct load_figures *f)
{
	counts_record(figure, row, "%overflow", f->overflow);
	counts_record(figure, row, "bytes/entry", f->bytes);
	counts_record(figure, row, "hitprobe", f->hit);
	counts_record(figure, row, "missprobe", f->miss);
}

static bool count_row(struct load_map *l, const struct load_row *row)
{
	struct load_figures f;
	char name[16];

	speed_expect(!load_fill(l, row->load));
	load_measure(l, &f);
	snprintf(name, sizeof(name), "%.2f", row->load);
	record_figures("load", name, &f);
	record_figures("load of Go", name, &row->go);
	record_lookups(l, name, true);
	record_lookups(l, name, false);
	if (load_is_as_in_go(&f, row))
		return true;
	fprintf(stderr, "counts: load %s is not what it is in Go\n", name);
	return false;
}

bool counts_load(void)
{
	bool is_right = true;
	struct load_map l;
	int i;

	speed_expect(!load_begin(&l));
	for (i = 0; i < LOAD_ROWS; i++)
		is_right &= count_row(&l, &load_rows[i]);
	load_end(&l);
	return is_right;
}
