// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_count.c - the number of entries, of which each stripe keeps some to itself:
 * exact for everybody who asks, and writers share no number.
 */
#include "../../module/core/count.h"
#include "model.h"
#include "numbers.h"

#define ENOUGH		20000U	/* that stripes keep entries, and tell of some */

static struct gomap *map_of(u64 nr)
{
	struct gomap_params params = { .key_size = 8, .value_size = 8 };
	struct gomap *m = gomap_create(&params);

	CHECK(!IS_ERR(m));
	put_range(m, 0, nr);
	return m;
}

static u64 kept_by_all(const struct gomap *m)
{
	u64 kept = 0;

	for (u32 i = 0; i < 1U << m->stripe_bits_max; i++)
		kept += llabs(m->stripes[i].kept);
	return kept;
}

static void check_portions(const struct gomap *m)
{
	s64 most = m->table->count_portion;

	for (u32 i = 0; i < 1U << m->stripe_bits_max; i++)
		CHECK(llabs(m->stripes[i].kept) <= most);
}

static void each_entry_is_counted_once(void)
{
	struct gomap *m = map_of(0);
	u64 most_kept = 0;

	for (u64 n = 0; n < ENOUGH; n++) {
		CHECK_EQ(gomap_len(m), n);
		put(m, n);
		most_kept = max(most_kept, kept_by_all(m));
		check_portions(m);
	}
	CHECK(most_kept > 16);
	for (u64 n = ENOUGH; n; n--) {
		CHECK_EQ(gomap_len(m), n);
		drop(m, n - 1);
		check_portions(m);
	}
	CHECK_EQ(gomap_len(m), 0);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/* A writer changes the map's count once in a portion. */
static void stripes_tell_of_portions(void)
{
	struct gomap *m = map_of(ENOUGH);
	u64 told = 0, before;

	gomap_finish_resize(m);
	for (u64 n = 0; n < 1000; n++) {
		before = atomic64_read(&m->count);
		drop(m, n);
		told += before != atomic64_read(&m->count);
	}
	CHECK(told);
	CHECK(told <= 1000 / m->table->count_portion);
	gomap_put(m);
}

/* The map grows with the entry that is one too many, neither sooner nor later. */
static void growth_is_not_late(void)
{
	struct gomap *m = map_of(0);

	for (u64 n = 0; n < 4 * ENOUGH; n++) {
		put(m, n);
		if (!is_growing(m))
			CHECK(!over_load_factor(n + 1, B_of(m)));
		CHECK(B_of(m) <= B_for_entries(n + 1));
	}
	gomap_put(m);
}

static int insert(struct gomap *m, u64 number)
{
	u64 value = ~number;

	return gomap_insert(m, &number, 8, &value, 8, GFP_KERNEL);
}

static void a_limit_counts_what_stripes_kept(void)
{
	struct gomap *m = map_of(ENOUGH);
	struct gomap_limits limits = { .max_entries = ENOUGH + 2 };

	CHECK(kept_by_all(m));
	CHECK_EQ(gomap_set_limits(m, &limits), 0);
	CHECK_EQ(kept_by_all(m), 0);
	CHECK_EQ(insert(m, ENOUGH), 0);
	CHECK_EQ(insert(m, ENOUGH + 1), 0);
	CHECK_EQ(insert(m, ENOUGH + 2), -ENOSPC);
	drop(m, 0);
	CHECK_EQ(insert(m, ENOUGH + 2), 0);
	CHECK_EQ(insert(m, 0), -ENOSPC);
	CHECK_EQ(gomap_len(m), ENOUGH + 2);
	CHECK_EQ(kept_by_all(m), 0);

	limits.max_entries = 0;
	CHECK_EQ(gomap_set_limits(m, &limits), 0);
	CHECK_EQ(insert(m, 0), 0);
	CHECK_EQ(gomap_len(m), ENOUGH + 3);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

static void clear_forgets_what_stripes_kept(void)
{
	struct gomap *m = map_of(ENOUGH);

	CHECK(kept_by_all(m));
	CHECK_EQ(gomap_clear(m), 0);
	CHECK_EQ(gomap_len(m), 0);
	CHECK_EQ(kept_by_all(m), 0);
	put(m, 1);
	CHECK_EQ(gomap_len(m), 1);
	gomap_put(m);
}

static struct gomap *told_map;
static u32 points, tell_at;

/* Somebody publishes a table, just now. */
static void tell_at_point(void)
{
	if (points++ != tell_at)
		return;
	shim_at_point = NULL;
	stripes_lock_all(told_map);
	count_tell(told_map);
	stripes_unlock_all(told_map);
}

static void the_number_is_exact_while_stripes_tell(void)
{
	told_map = map_of(ENOUGH);
	gomap_finish_resize(told_map);
	tell_at = 0;
	do {
		for (u64 n = 0; n < 40; n++) {	/* to be kept */
			drop(told_map, n);
			put(told_map, ENOUGH + n);
		}
		drop(told_map, 100 + tell_at);
		CHECK(kept_by_all(told_map));
		points = 0;
		shim_at_point = tell_at_point;
		CHECK_EQ(gomap_len(told_map), ENOUGH - 1 - tell_at);
		shim_at_point = NULL;
		for (u64 n = 0; n < 40; n++) {
			put(told_map, n);
			drop(told_map, ENOUGH + n);
		}
	} while (points > tell_at++);
	CHECK(tell_at > 3);
	CHECK_EQ(gomap_check(told_map), 0);
	gomap_put(told_map);
}

/* An interrupt that comes while stripes tell cannot wait, and does not. */
static void an_interrupt_does_not_wait(void)
{
	struct gomap *m = map_of(ENOUGH);

	m->told++;
	shim_in_hardirq = true;
	CHECK_EQ(gomap_len(m), ENOUGH);
	shim_in_hardirq = false;
	m->told++;
	gomap_put(m);
}

/* A map is sparse: the next delete asks for a shrink, whatever was before. */
static void check_next_delete_asks(struct gomap *m)
{
	CHECK(gomap_len(m) < 1ULL << B_of(m));
	CHECK(m->table->count_portion);
	CHECK(!m->shrink_due);
	put(m, 2 * ENOUGH);
	drop(m, 2 * ENOUGH);
	CHECK(m->shrink_due);
	gomap_put(m);
}

/* Cleared, and filled anew without a delete. */
static void sparse_after_a_clear_is_noticed(void)
{
	struct gomap *m = map_of(ENOUGH);

	gomap_finish_resize(m);
	CHECK_EQ(gomap_clear(m), 0);
	put_range(m, 0, ENOUGH / 20);
	check_next_delete_asks(m);
}

/* Become sparse while it could not begin to shrink. */
static void sparse_after_a_resize_is_noticed(void)
{
	struct gomap *m = map_of(ENOUGH);

	gomap_finish_resize(m);
	start_resize(m, GOMAP_RESIZING_REKEY, B_of(m));
	for (u64 n = ENOUGH / 20; n < ENOUGH; n++)
		drop(m, n);
	gomap_finish_resize(m);
	check_next_delete_asks(m);
}

/*
 * A map asks to shrink with the delete that leaves less than one entry to a
 * bucket, and for a seed with the last one: whatever the stripes keep, which
 * differs from map to map.
 */
static void sparse_and_empty_are_noticed_at_once(void)
{
	for (int i = 0; i < 12; i++) {
		struct gomap *m = map_of(0);
		u64 nr_buckets;

		for (u64 n = 0; n < ENOUGH; n++)
			put(m, n);
		gomap_finish_resize(m);
		nr_buckets = 1ULL << B_of(m);
		CHECK(m->table->count_portion);
		for (u64 n = ENOUGH; n-- > 0;) {
			drop(m, n);
			CHECK_EQ(m->shrink_due, n < nr_buckets);
			CHECK_EQ(m->reseed_due, !n);
		}
		gomap_put(m);
	}
}

static const struct test_case cases[] = {
	CASE(each_entry_is_counted_once),
	CASE(stripes_tell_of_portions),
	CASE(growth_is_not_late),
	CASE(a_limit_counts_what_stripes_kept),
	CASE(clear_forgets_what_stripes_kept),
	CASE(the_number_is_exact_while_stripes_tell),
	CASE(an_interrupt_does_not_wait),
	CASE(sparse_and_empty_are_noticed_at_once),
	CASE(sparse_after_a_clear_is_noticed),
	CASE(sparse_after_a_resize_is_noticed),
};

TEST_MAIN(cases)
