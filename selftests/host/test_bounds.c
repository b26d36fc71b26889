// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_bounds.c - how much work one call does at most, whatever others do: the
 * attempts of a reader, and what a write evacuates for the sake of others.
 */
#include "numbers.h"

static struct gomap *map;
static struct gomap_bucket *bucket;	/* the only one of @map */
static u32 points;

static void count_point(void)
{
	points++;
}

/* As if a writer had been inside the chain, at every look that is taken. */
static void write_at_every_point(void)
{
	points++;
	bucket->version += 2;
}

static int look_up(u64 number)
{
	u64 value;

	return gomap_lookup(map, &number, 8, &value, 8);
}

static u32 points_of_a_lookup(void)
{
	points = 0;
	shim_at_point = count_point;
	CHECK_EQ(look_up(3), 8);
	shim_at_point = NULL;
	return points;
}

static int look_up_disturbed(void)
{
	int ret;

	points = 0;
	bucket = array_bucket(map->table->array, 0);
	shim_at_point = write_at_every_point;
	ret = look_up(3);
	shim_at_point = NULL;
	return ret;
}

/* Where it may not wait, a reader gives up after a look and READ_TRIES attempts. */
static void attempts_of_a_reader_that_may_not_wait(void)
{
	u32 undisturbed;

	map = full_map(0);
	undisturbed = points_of_a_lookup();
	CHECK(undisturbed > 2);
	shim_in_nmi = true;
	CHECK_EQ(look_up_disturbed(), -EAGAIN);
	shim_in_nmi = false;
	CHECK_EQ(points, (1 + READ_TRIES) * undisturbed);
	CHECK_EQ(info_of(map).read_retries, 0);
	gomap_put(map);
}

/* Where it may, it takes the lock after as many, and has its answer. */
static void attempts_of_a_reader_that_may_wait(void)
{
	u32 undisturbed;

	map = full_map(0);
	undisturbed = points_of_a_lookup();
	CHECK_EQ(look_up_disturbed(), 8);
	CHECK(points > (1 + READ_TRIES) * undisturbed);
	CHECK(points < (READ_TRIES + 4) * undisturbed);
	CHECK_EQ(info_of(map).read_retries, 1);
	gomap_put(map);
}

/* Overwrite everything: each write evacuates so many old buckets at most. */
static void check_evacuations(enum gomap_resize kind, u32 B, u64 most)
{
	u64 before = 0, after, highest = 0, i;

	map = full_map(8);
	start_resize(map, kind, B);
	for (i = 0; i < gomap_len(map) && is_growing(map); i++) {
		put(map, i);
		after = is_growing(map) ? info_of(map).nr_evacuated : 256;
		highest = max(highest, after - before);
		before = after;
	}
	CHECK_EQ(highest, most);
	CHECK(!most || !is_growing(map));
	gomap_put(map);
}

static void evacuations_of_a_write(void)
{
	check_evacuations(GOMAP_RESIZING_DOUBLE, 9, 2);
	check_evacuations(GOMAP_RESIZING_SAME_SIZE, 8, 2);
	check_evacuations(GOMAP_RESIZING_SHRINK, 7, 4);
	check_evacuations(GOMAP_RESIZING_SHRINK, 4, 32);
	check_evacuations(GOMAP_RESIZING_REKEY, 8, 0);
}

static const struct test_case cases[] = {
	CASE(attempts_of_a_reader_that_may_not_wait),
	CASE(attempts_of_a_reader_that_may_wait),
	CASE(evacuations_of_a_write),
};

TEST_MAIN(cases)
