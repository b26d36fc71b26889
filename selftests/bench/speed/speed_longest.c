// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_longest.c - how long one insert of a growing table can take.  What the
 * clock takes for itself is in it; what others do in a breath is not.
 */
#include "speed_bench.h"

void speed_longest(const struct speed_peer *p, const struct setting *s)
{
	static const struct { const char *name; double part; } at[] = {
		{ "p50", 0.5 }, { "p99", 0.99 }, { "p99.9", 0.999 },
		{ "p99.99", 0.9999 }, { "max", 1 },
	};
	double *ns = malloc(s->entries * sizeof(*ns)), began;
	void *table = p->create(0);
	size_t i;

	speed_expect(!!ns);
	memset(ns, 1, s->entries * sizeof(*ns));
	for (i = 0; i < s->entries; i++) {
		began = speed_now();
		p->insert(table, names.all + i, 1);
		ns[i] = speed_now() - began;
		if (i % SPEED_BREATH == 0 && p->breathe)
			p->breathe(table);
	}
	p->destroy(table);
	speed_median(ns, (unsigned int)s->entries);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		speed_record("longest", s, p->name, at[i].name,
			     ns[(size_t)((double)(s->entries - 1) * at[i].part)] /
			     1000);
	free(ns);
}
