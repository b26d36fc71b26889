// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_growth.c - when a map grows, how far, and who evacuates.
 */
#include "numbers.h"

static void load_limits_are_those_of_go(void)
{
	static const struct { u64 n; u32 B; bool over; } limits[] = {
		{ 0, 0, 0 }, { 8, 0, 0 }, { 9, 0, 1 },
		{ 8, 1, 0 }, { 13, 1, 0 }, { 14, 1, 1 },
		{ 26, 2, 0 }, { 27, 2, 1 },
		{ 52, 3, 0 }, { 53, 3, 1 },
		{ 6656, 10, 0 }, { 6657, 10, 1 },
		{ 13631488, 21, 0 }, { 13631489, 21, 1 },
		{ 13958643712, 31, 0 }, { 13958643713, 31, 1 },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		CHECK_EQ(over_load_factor(limits[i].n, limits[i].B),
			 limits[i].over);
}

static void overflow_limits_are_those_of_go(void)
{
	static const struct { u32 B; u64 limit; } limits[] = {
		{ 0, 1 }, { 1, 2 }, { 4, 16 }, { 14, 16384 }, { 15, 32768 },
		{ 16, 65536 }, { 20, 1 << 20 }, { 31, 1ULL << 31 },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		CHECK(too_many_overflow_buckets(limits[i].limit, limits[i].B));
		CHECK(!too_many_overflow_buckets(limits[i].limit - 1,
						 limits[i].B));
	}
}

/*
 * At full load a fifth of the buckets have an overflow bucket.  In a large map
 * these are many, but not too many.
 */
static void a_large_map_at_full_load_has_enough_buckets(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 full = 13ULL << 17;

	put_range(m, 0, full);
	CHECK_EQ(B_of(m), 18);
	CHECK(info_of(m).nr_overflow > 1 << 15);
	CHECK_EQ(info_of(m).same_size_grows, 0);
	gomap_put(m);
}

static void hints_choose_the_B_of_go(void)
{
	static const struct { u64 hint; u32 B; } hints[] = {
		{ 0, 0 }, { 1, 0 }, { 8, 0 }, { 9, 1 }, { 13, 1 }, { 14, 2 },
		{ 26, 2 }, { 27, 3 }, { 52, 3 }, { 53, 4 }, { 104, 4 },
		{ 105, 5 }, { 1000, 8 }, { 1664, 8 }, { 1665, 9 },
		{ 100000, 14 }, { 106496, 14 }, { 106497, 15 },
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		struct gomap *m = test_map(8, 8, 0, hints[i].hint);

		CHECK_EQ(B_of(m), hints[i].B);
		CHECK_EQ(info_of(m).nr_buckets,
			 hints[i].B ? 1 << hints[i].B : 0);
		gomap_put(m);
	}
}

static void doubles_at_the_entries_where_go_does(void)
{
	static const u32 doubles_at[] = {
		9, 14, 27, 53, 105, 209, 417, 833, 1665, 3329, 6657, 13313,
	};
	struct gomap *m = test_map(8, 8, 0, 0);
	u32 B = 0;

	for (u32 n = 1; n <= 14000; n++) {
		put(m, n);
		B += B < 12 && n == doubles_at[B];
		CHECK_EQ(B_of(m), B);
	}
	CHECK_EQ(B, 12);
	CHECK_EQ(info_of(m).grows, 12);
	CHECK_EQ(info_of(m).same_size_grows, 0);
	check_has_range(m, 1, 14001);
	gomap_put(m);
}

/* Its own bucket and one more, unless that comes to the same. */
static void a_write_evacuates_two_buckets(void)
{
	struct gomap *m = full_map(6);
	u64 done, before = 0, next = 416;
	u32 writes = 0;

	do {
		put(m, next++);
		writes++;
		done = is_growing(m) ? info_of(m).nr_evacuated : 64;
		CHECK(done > before && done <= before + 2);
		before = done;
		CHECK_EQ(B_of(m), 7);
		CHECK_EQ(gomap_check(m), 0);
	} while (is_growing(m));
	CHECK(writes >= 32 && writes <= 64);
	check_has_range(m, 0, next);
	gomap_put(m);
}

/* A number whose old bucket is, or is not, evacuated, nor next in line. */
static u64 number_by_mark(struct gomap *m, bool evacuated)
{
	const struct gomap_array *old = m->table->old;
	u64 number = 1 << 20, i;

	do {
		number++;
		i = gomap_hash(&m->table->seed, &number, 8) & array_mask(old);
	} while (bucket_is_evacuated(array_bucket(old, i)) != evacuated ||
		 i == m->nevacuate);
	return number;
}

/* Writes that find no key evacuate like others. */
static int write_in_vain(struct gomap *m, u64 key, int how)
{
	u64 value = 0;

	switch (how) {
	case 0:
		return gomap_delete(m, &key, 8);
	case 1:
		return gomap_replace(m, &key, 8, &value, 8, GFP_KERNEL);
	default:
		return gomap_replace(m, &key, 8, &value, 8, GFP_ATOMIC);
	}
}

static void every_write_evacuates_its_own_bucket_and_one_more(void)
{
	struct gomap *m = full_map(6);
	u64 done;

	put(m, 416);
	for (int i = 0; i < 9; i++) {
		done = info_of(m).nr_evacuated;
		CHECK(write_in_vain(m, number_by_mark(m, true), i % 3) <= 0);
		CHECK_EQ(info_of(m).nr_evacuated, done + 1);
		CHECK(write_in_vain(m, number_by_mark(m, false), i % 3) <= 0);
		CHECK_EQ(info_of(m).nr_evacuated, done + 3);
	}
	check_has_range(m, 0, 417);
	gomap_put(m);
}

static void lookups_evacuate_nothing(void)
{
	struct gomap *m = full_map(6);
	u64 done;

	put(m, 416);
	done = info_of(m).nr_evacuated;
	CHECK(!has(m, 1 << 20));
	check_has_range(m, 0, 417);
	CHECK_EQ(info_of(m).nr_evacuated, done);
	gomap_put(m);
}

/*
 * A reader whose table is outdated meets the mark in what it takes for the
 * current array: that is no miss.  Here it cannot get another table, either.
 */
static void a_mark_in_the_current_array_is_no_miss(void)
{
	struct gomap *m = full_map(0);
	struct gomap_bucket *b = array_bucket(m->table->array, 0);
	u64 key = 3, right = b->tophash;

	b->tophash = TOPHASH_WORD_EVACUATED;
	shim_in_nmi = true;
	CHECK_EQ(gomap_lookup(m, &key, 8, NULL, 0), -EAGAIN);
	shim_in_nmi = false;
	b->tophash = right;
	check_has_range(m, 0, 8);
	gomap_put(m);
}

static void deletes_do_not_shrink(void)
{
	struct gomap *m = full_map(6);

	for (u64 i = 1; i < 416; i++)
		drop(m, i);
	shim_run_work();
	CHECK_EQ(B_of(m), 6);
	CHECK(!is_growing(m));
	check_has_range(m, 0, 1);
	gomap_put(m);
}

static u64 count_overflow_buckets(struct gomap *m)
{
	const struct gomap_table *t = m->table;
	const struct gomap_bucket *b;
	u64 nr = 0;

	rcu_read_lock();
	for (u64 i = 0; i < array_nr_buckets(t->array); i++) {
		b = array_bucket(t->array, i);
		for (; b && b->overflow; b = bucket_next(t->arena, b))
			nr++;
	}
	rcu_read_unlock();
	return nr;
}

static void overflow_buckets_are_counted_exactly(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 most = 0;

	for (u64 n = 0; n < 7000; n++) {
		put(m, n);
		if (n % 10)
			continue;
		CHECK_EQ(info_of(m).nr_overflow, count_overflow_buckets(m));
		most = max(most, info_of(m).nr_overflow);
	}
	CHECK(most > 100);
	gomap_put(m);
}

static void empty_bucket(struct gomap *m, u64 end, u64 b)
{
	u32 mask = array_mask(m->table->array);

	for (u64 i = 1; i < end; i++)
		if ((gomap_hash(&m->table->seed, &i, 8) & mask) == b && has(m, i))
			drop(m, i);
}

/*
 * Go counts overflow buckets that deletes have emptied, too: when there are as
 * many as buckets the next new entry makes the map grow to its own size.
 */
static void too_many_overflow_buckets_are_shed(void)
{
	struct gomap *m = test_map(8, 8, 0, 104);
	u64 last;

	last = fill_bucket(m, 0, 3, 65);
	CHECK_EQ(info_of(m).nr_overflow, 8);
	empty_bucket(m, last + 1, 3);
	last = fill_bucket(m, last, 9, 64);
	CHECK_EQ(info_of(m).nr_overflow, 15);
	last = fill_bucket(m, last, 9, 1);
	CHECK_EQ(info_of(m).nr_overflow, 16);
	CHECK(!is_growing(m));

	/* A write of a key that is there is no new entry. */
	put(m, last);
	CHECK(!is_growing(m));
	last = fill_bucket(m, last, 9, 1);
	CHECK_EQ(m->table->resizing, GOMAP_RESIZING_SAME_SIZE);
	CHECK_EQ(gomap_check(m), 0);

	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(B_of(m), 4);
	CHECK_EQ(info_of(m).same_size_grows, 1);
	CHECK_EQ(info_of(m).grows, 0);
	CHECK_EQ(info_of(m).nr_overflow, 8);	/* 66 = 8 + 8 * 7 + 2 */
	CHECK_EQ(gomap_len(m), 66);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/* Store a new key, and compare what grew with the rule of Go's mapassign(). */
static void put_by_gos_rule(struct gomap *m, u64 key)
{
	bool at_rest = !is_growing(m);
	u64 n = gomap_len(m) + 1, B = B_of(m);
	bool over = n > 8 && n > 13 * ((1ULL << B) / 2);
	bool many = info_of(m).nr_overflow >= 1ULL << min(B, 15ULL);
	u64 doubled = m->resizes[GOMAP_RESIZING_DOUBLE], shed = m->resizes[GOMAP_RESIZING_SAME_SIZE];

	put(m, key);
	CHECK_EQ(m->resizes[GOMAP_RESIZING_DOUBLE] - doubled, at_rest && over);
	CHECK_EQ(m->resizes[GOMAP_RESIZING_SAME_SIZE] - shed, at_rest && !over && many);
}

/* Fill a random chain of 16, and most times empty it again. */
static void churn_bucket(struct gomap *m, u64 *random)
{
	u64 b = test_random(random) % 16, keys[90];
	u32 n = 30 + test_random(random) % 60;

	for (u32 i = 0; i < n; i++) {
		do {
			keys[i] = number_for_bucket(m, test_random(random), b,
						    4);
		} while (has(m, keys[i]));
		put_by_gos_rule(m, keys[i]);
	}
	if (test_random(random) % 20 == 0)
		return;
	for (u32 i = 0; i < n; i++)
		drop(m, keys[i]);
}

static void crafted_writes_follow_gos_rule(void)
{
	u64 random = test_seed, doubled = 0, shed = 0;

	for (int i = 0; i < 40; i++) {
		struct gomap *m = test_map(8, 8, 0, 104);

		put(m, 0);
		for (int n = 0; n < 30; n++)
			churn_bucket(m, &random);
		doubled += m->resizes[GOMAP_RESIZING_DOUBLE];
		shed += m->resizes[GOMAP_RESIZING_SAME_SIZE];
		CHECK_EQ(gomap_check(m), 0);
		gomap_put(m);
		shim_rcu_poll();
	}
	test_note("%llu doublings, %llu growths of the same size", doubled,
		  shed);
	CHECK(doubled > 20);
	CHECK(shed > 20);
}

/* Where both limits are passed the load decides.  The count is made up. */
static void load_goes_before_overflow(void)
{
	struct gomap *m = full_map(4);

	atomic64_set(&m->nr_overflow, 1000);
	put(m, 104);
	CHECK_EQ(m->table->resizing, GOMAP_RESIZING_DOUBLE);
	CHECK_EQ(B_of(m), 5);
	check_has_range(m, 0, 105);
	gomap_put(m);
}

static void the_worker_finishes(void)
{
	struct gomap *m = full_map(6);

	put(m, 416);
	CHECK(is_growing(m));
	shim_run_work();
	CHECK(!is_growing(m));
	CHECK_EQ(B_of(m), 7);
	check_has_range(m, 0, 417);
	gomap_put(m);
}

static void a_fatal_signal_stops_the_finishing(void)
{
	struct gomap *m = full_map(8);
	u64 done;

	put(m, 1664);
	shim_fatal_signal = true;
	CHECK_EQ(gomap_finish_resize(m), -EINTR);
	CHECK(is_growing(m));
	CHECK_EQ(gomap_check(m), -EINTR);
	shim_fatal_signal = false;
	done = info_of(m).nr_evacuated;
	CHECK(done > 0 && done < 256);
	CHECK_EQ(gomap_check(m), 0);
	CHECK_EQ(gomap_finish_resize(m), 0);
	check_has_range(m, 0, 1665);
	gomap_put(m);
}

static void atomic_writers_leave_growth_to_the_worker(void)
{
	struct gomap *m = full_map(6);
	u64 key = 416, value = ~key;

	CHECK_EQ(gomap_insert(m, &key, 8, &value, 8, GFP_ATOMIC), 0);
	CHECK(!is_growing(m));
	CHECK_EQ(B_of(m), 6);
	shim_run_work();
	CHECK_EQ(B_of(m), 7);
	check_has_range(m, 0, 417);
	gomap_put(m);
}

static void stripes_follow_the_smaller_array(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);

	for (u64 n = 0; n < 2000; n++) {
		u32 B;

		put(m, n);
		B = is_growing(m) ? m->table->old->B : B_of(m);
		CHECK_EQ(m->table->stripe_mask, min(16U, 1U << B) - 1);
	}
	gomap_put(m);
}

static void growth_keeps_the_seed(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_seed seed = m->table->seed;

	put_range(m, 0, 1000);
	CHECK(!memcmp(&seed, &m->table->seed, sizeof(seed)));
	CHECK_EQ(info_of(m).seed_generation, 1);
	gomap_put(m);
}

static const struct test_case cases[] = {
	CASE(load_limits_are_those_of_go),
	CASE(overflow_limits_are_those_of_go),
	CASE(a_large_map_at_full_load_has_enough_buckets),
	CASE(hints_choose_the_B_of_go),
	CASE(doubles_at_the_entries_where_go_does),
	CASE(a_write_evacuates_two_buckets),
	CASE(every_write_evacuates_its_own_bucket_and_one_more),
	CASE(lookups_evacuate_nothing),
	CASE(a_mark_in_the_current_array_is_no_miss),
	CASE(deletes_do_not_shrink),
	CASE(overflow_buckets_are_counted_exactly),
	CASE(too_many_overflow_buckets_are_shed),
	CASE(crafted_writes_follow_gos_rule),
	CASE(load_goes_before_overflow),
	CASE(the_worker_finishes),
	CASE(a_fatal_signal_stops_the_finishing),
	CASE(atomic_writers_leave_growth_to_the_worker),
	CASE(stripes_follow_the_smaller_array),
	CASE(growth_keeps_the_seed),
};

TEST_MAIN(cases)
