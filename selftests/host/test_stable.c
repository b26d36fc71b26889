// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_stable.c - values that do not move, nor change in their place.
 */
#include "model.h"
#include "numbers.h"

#define NR	2000

static struct gomap *stable_map(u32 value_size, u32 flags)
{
	return test_map(8, value_size, GOMAP_F_STABLE | flags, 0);
}

static const void *value_at(struct gomap *m, u64 number, u32 *len)
{
	const void *p;

	rcu_read_lock();
	p = gomap_lookup_rcu(m, &number, 8, len);
	rcu_read_unlock();
	CHECK(!IS_ERR(p));
	return p;
}

static void store_value(struct gomap *m, u64 number, u32 len, u64 seed)
{
	static u8 value[GOMAP_VALUE_SIZE_MAX];

	value_fill(value, len, seed);
	CHECK(gomap_store(m, &number, 8, value, len, GFP_KERNEL) >= 0);
}

static bool is_value(const void *p, u32 len, u64 seed)
{
	static u8 value[GOMAP_VALUE_SIZE_MAX];

	value_fill(value, len, seed);
	return !memcmp(p, value, len);
}

static const void *places[NR];

static void note_places(struct gomap *m)
{
	for (u64 i = 0; i < NR; i++)
		places[i] = value_at(m, i, NULL);
}

static void check_places(struct gomap *m, u64 end)
{
	for (u64 i = 0; i < end; i++) {
		CHECK(value_at(m, i, NULL) == places[i]);
		CHECK(is_value(places[i], 24, i));
	}
}

static void values_stay_where_they_are(void)
{
	struct gomap *m = stable_map(24, 0);
	u64 i;

	for (i = 0; i < NR; i++)
		store_value(m, i, 24, i);
	note_places(m);
	for (; i < 20 * NR; i++)
		store_value(m, i, 24, i);
	CHECK(info_of(m).grows > 3);
	check_places(m, NR);
	CHECK_EQ(gomap_rekey(m), 0);
	check_places(m, NR);
	for (i = NR; i < 20 * NR; i++)
		drop(m, i);
	shim_run_work();
	CHECK(info_of(m).shrinks);
	check_places(m, NR);
	for (i = NR / 10; i < NR; i++)
		drop(m, i);
	CHECK_EQ(gomap_compact(m), 0);
	gomap_barrier();
	check_places(m, NR / 10);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/* Small values, too: they would lie in their slots otherwise. */
static void each_size_lies_in_an_object(void)
{
	static const u32 sizes[] = { 1, 7, 8, 24, 128, 129, 5000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct gomap *m = stable_map(sizes[i], 0);
		u32 len = 0;

		CHECK(!info_of(m).value_inline);
		store_value(m, 1, sizes[i], 3);
		CHECK(is_value(value_at(m, 1, &len), sizes[i], 3));
		CHECK_EQ(len, sizes[i]);
		CHECK_EQ(info_of(m).objects_live, 1);
		gomap_put(m);
	}
}

static void values_are_aligned(void)
{
	static const u32 flags[] = { 0, GOMAP_F_VAR_VALUE };
	static const u32 sizes[] = { 1, 3, 12, 24, 60, 100, 300, 5000 };

	for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
		for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
			struct gomap *m = stable_map(sizes[s], flags[f]);

			for (u64 i = 0; i < 300; i++) {
				store_value(m, i, sizes[s], i);
				CHECK_EQ((size_t)value_at(m, i, NULL) % 8, 0);
			}
			gomap_put(m);
		}
	}
}

/* Even where it has the same length, and would have room. */
static void an_overwrite_publishes_another_object(void)
{
	static const u32 flags[] = { 0, GOMAP_F_VAR_VALUE };

	for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
		struct gomap *m = stable_map(64, flags[f]);
		const void *before, *after;

		store_value(m, 1, 64, 10);
		rcu_read_lock();
		before = value_at(m, 1, NULL);
		for (u64 seed = 11; seed < 20; seed++) {
			u64 key = 1;
			u8 value[64];

			value_fill(value, 64, seed);
			CHECK_EQ(gomap_replace(m, &key, 8, value, 64,
					       GFP_ATOMIC), 0);
			after = value_at(m, 1, NULL);
			CHECK(after != before);
			CHECK(is_value(after, 64, seed));
			CHECK(is_value(before, 64, 10));
		}
		rcu_read_unlock();
		CHECK_EQ(info_of(m).objects_live, 1);
		gomap_put(m);
	}
}

/* While a reader is inside no one else gets the object it is looking at. */
static void what_a_reader_holds_stays_whole(void)
{
	struct gomap *m = stable_map(40, 0);
	const void *replaced, *deleted;
	u64 i, key = 0;
	u8 value[40];

	for (i = 0; i < 50; i++)
		store_value(m, i, 40, i);
	rcu_read_lock();
	replaced = value_at(m, 0, NULL);
	deleted = value_at(m, 1, NULL);
	drop(m, 1);
	for (i = 0; i < 500; i++) {
		key = i % 50 == 1 ? 0 : i % 50;
		value_fill(value, 40, 1000 + i);
		CHECK(gomap_store(m, &key, 8, value, 40, GFP_ATOMIC) >= 0);
	}
	CHECK(is_value(replaced, 40, 0));
	CHECK(is_value(deleted, 40, 1));
	rcu_read_unlock();
	rcu_barrier();
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/* A map that is cleared, and one that is destroyed, wait for their readers. */
static void what_a_reader_holds_outlives_the_map(void)
{
	struct gomap *m = stable_map(40, 0);
	const void *cleared, *last;

	store_value(m, 1, 40, 1);
	cleared = value_at(m, 1, NULL);
	CHECK_EQ(gomap_clear(m), 0);
	CHECK(is_value(cleared, 40, 1));
	store_value(m, 1, 40, 2);
	last = value_at(m, 1, NULL);
	gomap_put(m);
	CHECK(is_value(cleared, 40, 1));
	CHECK(is_value(last, 40, 2));
}

static void values_of_varying_length(void)
{
	struct gomap *m = stable_map(3000, GOMAP_F_VAR_VALUE);
	u64 random = test_seed;
	u32 lens[200] = {}, len;
	u64 seeds[200] = {}, i, n;

	for (i = 0; i < 5000; i++) {
		n = random_below(&random, 200);
		lens[n] = random_below(&random, 3001);
		seeds[n] = test_random(&random);
		store_value(m, n, lens[n], seeds[n]);
		if (i % 100 == 0)
			rcu_barrier();
	}
	for (n = 0; n < 200; n++) {
		if (!seeds[n])
			continue;
		CHECK(is_value(value_at(m, n, &len), lens[n], seeds[n]));
		CHECK_EQ(len, lens[n]);
	}
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

static long error_of(struct gomap *m, const void *key, u32 key_len)
{
	const void *p;

	rcu_read_lock();
	p = gomap_lookup_rcu(m, key, key_len, NULL);
	rcu_read_unlock();
	return IS_ERR(p) ? PTR_ERR(p) : 0;
}

static void errors_of_a_lookup(void)
{
	struct gomap *m = stable_map(24, 0), *other = test_map(8, 24, 0, 0);
	u64 key = 1;

	store_value(m, 1, 24, 1);
	store_value(other, 1, 24, 1);
	CHECK_EQ(error_of(m, &key, 8), 0);
	CHECK_EQ(error_of(NULL, &key, 8), -ENOENT);
	CHECK_EQ(error_of(m, &key, 7), -EMSGSIZE);
	CHECK_EQ(error_of(other, &key, 8), -EOPNOTSUPP);
	key = 2;
	CHECK_EQ(error_of(m, &key, 8), -ENOENT);
	gomap_put(m);
	gomap_put(other);
}

/* A writer is inside for good: who may wait does, who may not says so. */
static void a_lookup_that_may_not_wait_says_so(void)
{
	struct gomap *m = stable_map(24, 0);
	u64 key = 1;

	store_value(m, 1, 24, 1);
	array_bucket(m->table->array, 0)->version++;
	shim_in_hardirq = true;
	CHECK_EQ(error_of(m, &key, 8), -EAGAIN);
	shim_in_hardirq = false;
	CHECK_EQ(error_of(m, &key, 8), 0);
	CHECK_EQ(info_of(m).read_retries, 1);
	array_bucket(m->table->array, 0)->version++;
	gomap_put(m);
}

static void there_is_no_such_map_without_values(void)
{
	struct gomap_params params = { .key_size = 8, .flags = GOMAP_F_STABLE };

	CHECK_EQ(PTR_ERR(gomap_create(&params)), -EINVAL);
}

static const struct test_case cases[] = {
	CASE(values_stay_where_they_are),
	CASE(each_size_lies_in_an_object),
	CASE(values_are_aligned),
	CASE(an_overwrite_publishes_another_object),
	CASE(what_a_reader_holds_stays_whole),
	CASE(what_a_reader_holds_outlives_the_map),
	CASE(values_of_varying_length),
	CASE(errors_of_a_lookup),
	CASE(a_lookup_that_may_not_wait_says_so),
	CASE(there_is_no_such_map_without_values),
};

TEST_MAIN(cases)
