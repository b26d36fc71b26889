// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Views of libgomap that say anything: whatever that is, only the view is touched.
 * It lies between pages that must not be, and the sanitizers watch.
 */
#include <stdlib.h>

#include <gomap_view.h>

#include "ktap.h"
#include "view_world.h"

static uint64_t dice;

static uint64_t roll(void)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return dice;
}

/* A word that may hurt: near a bound, or anything. */
static uint32_t nasty(const struct world *w)
{
	static const uint32_t words[] = {
		0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffff, 0x1000,
		0x1fff, 31, 32, 1024, 1023,
	};
	uint64_t n = roll();

	switch (n >> 60) {
	case 0 ... 7:
		return words[n % (sizeof(words) / sizeof(words[0]))];
	case 8 ... 11:
		return (uint32_t)(n % (w->v.next_unit + 2));
	default:
		return (uint32_t)n;
	}
}

static void use(struct world *w)
{
	static struct field_bytes key, values[3];
	struct gomap_view_query q[3];
	struct gomap_view_value v;
	struct gomap_view_iter *it;
	struct gomap_entry e;
	uint32_t i;

	for (i = 0; i < 3; i++) {
		key_of(w, (uint32_t)roll() % 80, &key);
		q[i] = (struct gomap_view_query) {
			key.at, values[i].at, key.len, sizeof(values[i].at), 0
		};
		gomap_view_lookup(w->view, key.at, key.len, values[i].at,
				  sizeof(values[i].at));
	}
	gomap_view_lookup_many(w->view, q, 3);
	if (gomap_view_borrow(w->view, key.at, key.len, &v) > 0)
		for (i = 0; i < v.len; i++)
			values[0].at[0] += ((const unsigned char *)v.data)[i];
	/* Not through billions of buckets in which there is nothing. */
	if (roll() % 16 || w->v.super->array.mask > 63 ||
	    w->v.super->old.mask > 63 || gomap_view_iter_begin(&it, w->view))
		return;
	for (i = 0; i < 30 && gomap_view_iter_next(it, &e) > 0; i++)
		memmove(values[0].at, e.value, e.value_len);
	gomap_view_iter_end(it);
}

/* Words of the first page, the tables and the chains, one after the other. */
static void corrupt(struct world *w, int rounds)
{
	size_t words = (size_t)w->v.next_unit * GOMAP_VIEW_UNIT / 4, at[3];
	uint32_t *memory = (uint32_t *)(void *)w->v.base, was[3];
	int i, n;

	for (i = 0; i < rounds; i++) {
		for (n = 0; n < 3; n++) {
			at[n] = roll() % 3 ? 32 + roll() % 32 :
			       roll() % 2 ? (1 + roll() % (w->v.next_unit - 1)) *
					    (GOMAP_VIEW_UNIT / 4) + roll() % 64 :
					    roll() % words;
			was[n] = memory[at[n]];
			memory[at[n]] = nasty(w);
		}
		memory[32] &= ~1U;	/* or nothing would be read */
		use(w);
		for (n = 2; n >= 0; n--)
			memory[at[n]] = was[n];
	}
}

static void garbage(void)
{
	static const struct {
		uint32_t key, value, flags;
	} kinds[] = {
		{ 8, 8, 0 }, { 8, 300, 0 }, { 16, 8, 0 }, { 4, 64, 0 },
		{ 200, 200, GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE },
		{ 32, 32, GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE },
		{ 8, 60, GOMAP_MAP_STABLE | GOMAP_MAP_VAR_VALUE },
	};
	size_t i;

	dice = 88172645463325252ULL;
	for (i = 0; i < 14; i++) {
		struct world w = world_make(kinds[i / 2].key,
					    kinds[i / 2].value,
					    kinds[i / 2].flags);

		world_array(&w, 2, 1);
		if (i % 2) {
			fake_view_array(&w.v, &w.v.old, 1, 0, &w.seed);
			w.v.super->resizing = GOMAP_RESIZE_DOUBLE;
		}
		world_fill(&w, i % 2 ? &w.v.old : &w.v.array, 0, 40);
		world_open(&w);
		corrupt(&w, 7200);
		CHECK(world_finds(&w, 0, 40));
		world_close(&w);
	}
}

static const struct ktap_case cases[] = {
	{ "100,800 views full of garbage", garbage },
};

int main(void)
{
	unsetenv("GOMAP_FAKE");
	return ktap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
