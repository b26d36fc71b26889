// SPDX-License-Identifier: GPL-2.0-only
/* speed_fill.c - filling tables, and what an entry takes at different fills. */
#include <stdio.h>

#include "speed_bench.h"

void speed_write_all(const struct speed_peer *p, void *table,
		     const speed_u64 *which, size_t nr, speed_write_fn *write)
{
	size_t i, some;

	for (i = 0; i < nr; i += some) {
		some = nr - i < SPEED_BREATH || !p->breathe ? nr - i :
							      SPEED_BREATH;
		write(table, which + i, some);
		if (p->breathe)
			p->breathe(table);
	}
}

double speed_fill(const struct speed_peer *p, const struct setting *s,
		  size_t hint, void **table)
{
	double ns = 0, began;
	size_t i;

	for (i = 0; i < s->fills; i++) {
		if (i)
			p->destroy(*table);
		*table = p->create(hint);
		began = speed_now();
		speed_write_all(p, *table, names.all, s->entries, p->insert);
		ns += speed_now() - began;
	}
	return ns / (double)s->fills / (double)s->entries;
}

/* 2^17 buckets are what all these fills have. */
#define BUCKETS	131072.0

static void record_bytes(const struct speed_peer *p, bool presized, double load)
{
	char name[16];
	struct setting s = {
		.entries = (size_t)(load * BUCKETS), .name = name, .fills = 1,
	};
	void *table;

	snprintf(name, sizeof(name), "load %.2f", load);
	speed_fill(p, &s, presized ? s.entries : 0, &table);
	speed_record("speed bytes", &s, presized ? "presized" : "growing",
		     p->name, (double)p->bytes(table) / (double)s.entries);
	p->destroy(table);
}

void speed_bytes(const struct speed_peer *p)
{
	static const double loads[] = { 3.3, 4, 4.5, 5, 5.5, 6, 6.5 };
	size_t i;

	for (i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		record_bytes(p, false, loads[i]);
		record_bytes(p, true, loads[i]);
	}
}
