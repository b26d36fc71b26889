// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_load.c - Go's table of load factors holds for our buckets.
 */
#include "load.h"
#include "numbers.h"

static void check_row(const struct load_map *l, const struct load_row *row)
{
	struct load_figures f;

	load_measure(l, &f);
	if (!load_is_as_in_go(&f, row))
		test_fail(__FILE__, __LINE__,
			  "load %.1f: overflow %.2f %%, not %.2f; bytes %.2f, not %.2f; hit %.2f, not %.2f; miss %.2f, not %.2f",
			  row->load, f.overflow, row->go.overflow, f.bytes,
			  row->go.bytes, f.hit, row->go.hit, f.miss, row->go.miss);
}

/* It would catch a hash that is not like chance, and overflow without need. */
static void loads_cost_what_they_cost_in_Go(void)
{
	struct load_map l;

	CHECK_EQ(load_begin(&l), 0);
	for (int i = 0; i < LOAD_ROWS; i++) {
		CHECK_EQ(load_fill(&l, load_rows[i].load), 0);
		check_row(&l, &load_rows[i]);
	}
	CHECK_EQ(gomap_len(l.map), l.nr);
	CHECK(info_of(l.map).grow_failures > 0);
	CHECK_EQ(gomap_check(l.map), 0);
	load_end(&l);
}

/* The judge of the figures sees what is wrong with each of them. */
static void figures_that_are_off_are_found(void)
{
	const struct load_row *row = &load_rows[5];
	struct load_figures f = row->go;

	CHECK(load_is_as_in_go(&f, row));
	f.overflow += 1.1;
	CHECK(!load_is_as_in_go(&f, row));
	f = row->go;
	f.bytes *= 0.97;
	CHECK(!load_is_as_in_go(&f, row));
	f = row->go;
	f.hit *= 1.03;
	CHECK(!load_is_as_in_go(&f, row));
	f = row->go;
	f.miss *= 0.97;
	CHECK(!load_is_as_in_go(&f, row));
	CHECK(!load_is_as_in_go(&load_rows[4].go, row));
}

static const struct test_case cases[] = {
	CASE(loads_cost_what_they_cost_in_Go),
	CASE(figures_that_are_off_are_found),
};

TEST_MAIN(cases)
