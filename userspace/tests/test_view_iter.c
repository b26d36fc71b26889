// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Views of libgomap as a whole: opened, gone through, counted. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <gomap_view.h>

#include "fake_kernel.h"
#include "ktap.h"
#include "view_world.h"

#define ENTRIES	100U

/* -- opening -------------------------------------------------------------- */

static struct gomap *new_map(uint32_t flags)
{
	GOMAP_OPTS(gomap_create_opts, opts, .flags = flags);
	struct gomap *map;

	if (gomap_create(&map, 8, 8, &opts))
		abort();
	return map;
}

static void open_close(void)
{
	GOMAP_OPTS(gomap_view_stats, stats);
	struct gomap *map = new_map(GOMAP_MAP_VIEW);
	struct gomap_view *view;
	uint64_t n, value;

	CHECK(!gomap_view_open(&view, map) && view);
	CHECK(gomap_view_len(view) == 0);
	for (n = 0; n < 200; n++)
		gomap_insert(map, &n, 8, &n, 8);
	CHECK(gomap_view_len(view) == 200);
	gomap_rekey(map);
	for (n = 0; n < 200; n++)
		CHECK(gomap_view_lookup(view, &n, 8, &value, 8) == 8 &&
		      value == n);
	n = 7;
	gomap_delete(map, &n, 8);
	CHECK(gomap_view_lookup(view, &n, 8, &value, 8) == -ENOENT);
	/* The view holds the map. */
	gomap_close(map);
	n = 8;
	CHECK(gomap_view_lookup(view, &n, 8, &value, 8) == 8 && value == 8);
	CHECK(!gomap_view_stats(view, &stats));
	CHECK(stats.mapped == stats.window && !stats.asked && !stats.retried);
	gomap_view_close(view);
	gomap_view_close(NULL);
	CHECK(gomap_view_len(NULL) == 0);
	CHECK(!gomap_view_stats(NULL, &stats) && !stats.mapped);
	stats.sz = 3;
	CHECK(gomap_view_stats(NULL, &stats) == -EINVAL);
}

static void stats_of_other_sizes(void)
{
	struct { struct gomap_view_stats s; uint64_t unknown; } newer = {
		.s = { .sz = sizeof(newer) }, .unknown = 5
	};
	struct gomap_view_stats older = {
		.sz = offsetof(struct gomap_view_stats, window), .window = 5
	};
	struct gomap *map = new_map(GOMAP_MAP_VIEW);
	struct gomap_view *view;

	CHECK(!gomap_view_open(&view, map));
	CHECK(!gomap_view_stats(view, &newer.s) && newer.s.window &&
	      !newer.unknown);
	CHECK(!gomap_view_stats(view, &older) && older.mapped &&
	      older.window == 5);
	gomap_view_close(view);
	gomap_close(map);
}

static void maps_without_a_view(void)
{
	struct gomap *map = new_map(0);
	struct gomap_view *view;
	struct gomap *none;

	CHECK(gomap_view_open(&view, map) == -ENODEV && !view);
	gomap_close(map);
	CHECK(gomap_view_open(&view, NULL) == -EINVAL && !view);
	gomap_from_fd(&none, 999);
	CHECK(gomap_view_open(&view, none) == -EBADF && !view);
	gomap_close(none);
}

static void short_of_address_space(void)
{
	GOMAP_OPTS(gomap_view_stats, stats);
	struct gomap *map = new_map(GOMAP_MAP_VIEW);
	struct gomap_view *view;
	uint64_t n, value;

	for (n = 0; n < 2000; n++)
		gomap_insert(map, &n, 8, &n, 8);
	fake_mmap_max = 40000;
	CHECK(!gomap_view_open(&view, map));
	CHECK(!gomap_view_stats(view, &stats));
	CHECK(stats.mapped == 32768 && stats.window > stats.mapped);
	for (n = 0; n < 2100; n++)
		CHECK(gomap_view_lookup(view, &n, 8, &value, 8) ==
		      (n < 2000 ? 8 : -ENOENT));
	CHECK(!gomap_view_stats(view, &stats) && stats.asked > 1000);
	gomap_view_close(view);
	fake_mmap_max = 100;
	CHECK(gomap_view_open(&view, map) == -ENOMEM && !view);
	fake_mmap_max = SIZE_MAX;
	gomap_close(map);
}

/* Each word that says how the view is laid out. */
static void layouts_that_we_do_not_know(void)
{
	struct world w = world_make(8, 16, 0);
	struct gomap_view_super *s = w.v.super;
	uint32_t *words[] = {
		(uint32_t *)&s->magic, &s->abi, &s->key_size, &s->value_size,
		&s->map_flags, &s->bucket_size, &s->key_offset, &s->key_stride,
		&s->value_offset, &s->value_stride,
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		*words[i] ^= 3;
		CHECK(gomap__view_on(&w.view, s, w.bytes, 0) == -EPROTOTYPE);
		*words[i] ^= 3;
	}
	s->size--;
	CHECK(gomap__view_on(&w.view, s, w.bytes, 0) == -EPROTOTYPE);
	s->size++;
	CHECK(gomap__view_on(&w.view, s, 255, 0) == -EPROTOTYPE && !w.view);
	s->key_size = GOMAP_MAX_KEY_SIZE + 1;
	CHECK(gomap__view_on(&w.view, s, w.bytes, 0) == -EPROTOTYPE);
	s->key_size = 8;
	s->value_size = GOMAP_MAX_VALUE_SIZE + 1;
	CHECK(gomap__view_on(&w.view, s, w.bytes, 0) == -EPROTOTYPE);
	s->value_size = 16;
	s->len = 1ULL << 40;
	world_open(&w);
	CHECK(gomap_view_len(w.view) == 1LL << 40);
	world_close(&w);
}

/* -- going through all of it ----------------------------------------------- */

/* How often each entry came; false: one that never was. */
static bool note(struct world *w, const struct gomap_entry *e, uint32_t *came)
{
	static struct field_bytes key, value;
	uint32_t n;

	if (!CHECK(e->key_len >= 4))
		return false;
	for (n = 0; n < ENTRIES; n++) {
		key_of(w, n, &key);
		if (key.len == e->key_len && !memcmp(key.at, e->key, key.len))
			break;
	}
	if (!CHECK(n < ENTRIES))
		return false;
	value_of(w, n, &value);
	came[n]++;
	return CHECK(value.len == e->value_len &&
		     !memcmp(value.at, e->value, value.len));
}

/* Every entry once, with @between called before each step. */
static void go_through(struct world *w,
		       void (*between)(struct world *w, uint32_t step))
{
	uint32_t came[ENTRIES] = { 0 }, n, steps = 0;
	struct gomap_view_iter *it;
	struct gomap_entry e;
	int ret;

	CHECK(!gomap_view_iter_begin(&it, w->view));
	for (;;) {
		if (between)
			between(w, steps);
		ret = gomap_view_iter_next(it, &e);
		if (ret <= 0 || !note(w, &e, came))
			break;
		steps++;
	}
	CHECK(ret == 0 && gomap_view_iter_next(it, &e) == 0);
	gomap_view_iter_end(it);
	for (n = 0; n < ENTRIES; n++)
		if (!CHECK(came[n] == 1)) {
			printf("# entry %u came %u times\n", n, came[n]);
			break;
		}
}

static const struct {
	uint32_t key, value, flags;
} kinds[] = {
	{ 8, 8, 0 }, { 8, 0, 0 }, { 4, 3000, 0 }, { 129, 8, 0 },
	{ 200, 200, GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE },
	{ 32, 32, GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE },
	{ 8, 8, GOMAP_MAP_TRUSTED_KEYS },
};

#define NR_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static struct world world_of(size_t i)
{
	return world_make(kinds[i].key, kinds[i].value, kinds[i].flags);
}

static void at_rest(void)
{
	uint32_t bits;
	size_t i;

	for (i = 0; i < NR_KINDS; i++) {
		for (bits = 0; bits < 9; bits += 4) {
			struct world w = world_of(i);

			world_array(&w, bits, bits / 2);
			world_fill(&w, &w.v.array, 0, ENTRIES);
			world_open(&w);
			go_through(&w, NULL);
			CHECK(!asked(&w) && !retried(&w));
			world_close(&w);
		}
	}
}

/* The same entries in another place, in arrays of other sizes. */
static void reshape(struct world *w, uint32_t old_bits, uint32_t bits,
		    uint32_t gone)
{
	uint32_t sequence = w->v.super->sequence, n, i, units;
	uint32_t least = bits < old_bits ? bits : old_bits;
	static struct field_bytes key;

	units = w->v.next_unit;
	memset(w->v.base, 0, (size_t)units * GOMAP_VIEW_UNIT);
	fake_view_make(&w->v, w->v.base, w->bytes, w->key_size, w->value_size,
		       w->flags);
	fake_view_array(&w->v, &w->v.array, bits, bits / 2, &w->seed);
	fake_view_array(&w->v, &w->v.old, old_bits, 0, &w->seed);
	w->v.super->resizing = GOMAP_RESIZE_SHRINK;
	for (n = 0; n < ENTRIES; n++) {
		key_of(w, n, &key);
		i = (uint32_t)gomap_hash(&w->seed, key.at, key.len) &
		    ((1U << least) - 1);
		world_fill(w, i < gone ? &w->v.array : &w->v.old, n, n + 1);
	}
	for (i = 0; i < 1U << old_bits; i++)
		if ((i & ((1U << least) - 1)) < gone)
			fake_view_mark(&w->v, i);
	w->v.super->sequence = sequence + 2;
}

/* Another size each few steps, and another part of it done. */
static void resize_a_lot(struct world *w, uint32_t step)
{
	uint32_t from = step * 7 % 6, to = step * 5 % 7;
	uint32_t least = from < to ? from : to;

	if (step % 3 == 0)
		reshape(w, from, to, step % ((1U << least) + 1));
}

static void in_resizes(void)
{
	size_t i;

	for (i = 0; i < NR_KINDS; i++) {
		struct world w = world_of(i);

		reshape(&w, 3, 4, 3);
		world_open(&w);
		go_through(&w, resize_a_lot);
		CHECK(!asked(&w));
		world_close(&w);
	}
}

/* Spans that are not in the view, here and there. */
static void hide_spans(struct world *w, uint32_t step)
{
	uint32_t i;

	if (step)
		return;
	for (i = 0; i < 32; i += 3)
		*fake_view_span(&w->v, &w->v.array, i) = GOMAP_VIEW_ASK;
}

/* Objects, likewise. */
static void hide_objects(struct world *w, uint32_t step)
{
	uint32_t i;

	for (i = 0; !step && i < w->v.nr_entries; i += 3)
		w->v.directory[i] = 0;
}

/* One chain that is written all the time. */
static void write_on(struct world *w, uint32_t step)
{
	if (!step)
		*(uint32_t *)(void *)fake_view_bucket(&w->v, &w->v.array, 5) |= 1;
}

/* One that has gone somewhere else, and nobody says where. */
static void mark(struct world *w, uint32_t step)
{
	if (!step)
		memset(fake_view_bucket(&w->v, &w->v.array, 5) + 8, 2, 8);
}

static void not_all_of_it(void)
{
	static void (*const ways[])(struct world *w, uint32_t step) = {
		hide_spans, hide_objects, write_on, mark
	};
	size_t i, way;

	for (i = 0; i < NR_KINDS; i++) {
		for (way = 0; way < 4; way++) {
			struct world w = world_of(i);

			world_array(&w, 5, 0);
			world_fill(&w, &w.v.array, 0, ENTRIES);
			world_open(&w);
			go_through(&w, ways[way]);
			if (ways[way] != hide_objects)
				CHECK(asked(&w));
			CHECK(retried(&w) == (way < 2 ? 0 : 8));
			world_close(&w);
		}
	}
}

/* The kernel is asked for a part, and the view goes on behind that. */
static void there_and_back(void)
{
	struct world w = world_make(8, 3000, 0);

	world_array(&w, 5, 0);
	world_fill(&w, &w.v.array, 0, ENTRIES);
	world_open(&w);
	*fake_view_span(&w.v, &w.v.array, 0) = GOMAP_VIEW_ASK;
	go_through(&w, NULL);
	CHECK(asked(&w) == 1);
	world_close(&w);
}

static void in_a_rekey(void)
{
	struct world w = world_make(8, 8, 0);
	struct gomap_seed next = fake_view_seed(0, 2);

	fake_view_array(&w.v, &w.v.old, 3, 0, &w.seed);
	fake_view_array(&w.v, &w.v.array, 3, 0, &next);
	w.v.super->resizing = GOMAP_RESIZE_REKEY;
	world_fill(&w, &w.v.old, 0, ENTRIES);
	world_open(&w);
	go_through(&w, NULL);
	CHECK(asked(&w) == 1);
	world_close(&w);
}

static void other_contents(void)
{
	struct world w = world_make(8, 8, 0);
	struct gomap_view_iter *it;
	struct gomap_entry e;
	uint32_t n = 0;

	world_array(&w, 3, 0);
	world_fill(&w, &w.v.array, 0, ENTRIES);
	world_open(&w);
	CHECK(!gomap_view_iter_begin(&it, w.view));
	CHECK(gomap_view_iter_next(it, &e) == 1);
	w.v.super->generation++;
	w.v.super->sequence += 2;
	while (gomap_view_iter_next(it, &e) == 1)
		;	/* what was copied before */
	CHECK(gomap_view_iter_next(it, &e) == -ESTALE);
	gomap_view_iter_end(it);
	/* A new seed without that: it was empty meanwhile. */
	CHECK(!gomap_view_iter_begin(&it, w.view));
	CHECK(gomap_view_iter_next(it, &e) == 1);
	w.v.super->seed_generation++;
	w.v.super->sequence += 2;
	while (gomap_view_iter_next(it, &e) == 1)
		n++;
	CHECK(n < ENTRIES / 2);
	CHECK(gomap_view_iter_next(it, &e) == 0);
	gomap_view_iter_end(it);
	CHECK(!gomap_view_iter_begin(&it, NULL));
	CHECK(gomap_view_iter_next(it, &e) == 0);
	gomap_view_iter_end(it);
	gomap_view_iter_end(NULL);
	world_close(&w);
}

static const struct ktap_case cases[] = {
	{ "a view follows its map, and holds it", open_close },
	{ "figures for older and newer programs", stats_of_other_sizes },
	{ "maps without a view", maps_without_a_view },
	{ "address space for a part of it", short_of_address_space },
	{ "layouts that we do not know", layouts_that_we_do_not_know },
	{ "every entry once", at_rest },
	{ "every entry once, over resizes of all kinds", in_resizes },
	{ "every entry once, if not all is in the view", not_all_of_it },
	{ "the kernel is asked, and hands back", there_and_back },
	{ "every entry once, from within a change of seed", in_a_rekey },
	{ "what was cleared, or got a new seed", other_contents },
};

int main(void)
{
	unsetenv("GOMAP_FAKE");
	return ktap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
