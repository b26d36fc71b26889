// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_limits.c - how far a map may grow: exactly so far.
 */
#include <pthread.h>

#include "model.h"
#include "numbers.h"

#define LONG_TIME	(100 * HZ)

static struct gomap *map_with(struct gomap_params params)
{
	struct gomap *m = gomap_create(&params);

	CHECK(!IS_ERR(m));
	return m;
}

#define MAP_WITH(...) map_with((struct gomap_params){ .key_size = 8,	\
						      .value_size = 8,	\
						      __VA_ARGS__ })

static int insert(struct gomap *m, u64 number)
{
	u64 value = ~number;

	return gomap_insert(m, &number, 8, &value, 8, GFP_KERNEL);
}

static void limit_entries(struct gomap *m, u64 max)
{
	struct gomap_limits limits = { .max_entries = max };

	CHECK_EQ(gomap_set_limits(m, &limits), 0);
	CHECK_EQ(info_of(m).limits.max_entries, max);
}

static void limit_bytes(struct gomap *m, u64 max)
{
	struct gomap_limits limits = { .max_bytes = max };

	CHECK_EQ(gomap_set_limits(m, &limits), 0);
	CHECK_EQ(info_of(m).limits.max_bytes, max);
}

static void so_many_entries_and_not_one_more(void)
{
	static const u64 most[] = { 1, 8, 9, 52, 53, 1000 };

	for (size_t i = 0; i < ARRAY_SIZE(most); i++) {
		struct gomap *m = MAP_WITH(.limits.max_entries = most[i]);

		put_range(m, 0, most[i]);
		CHECK_EQ(insert(m, most[i]), -ENOSPC);
		check_has_range(m, 0, most[i]);
		CHECK_EQ(info_of(m).refused[GOMAP_REFUSED_ENTRIES], 1);
		gomap_put(m);
	}
}

/* Entries there may be are written to, and each one that goes makes room. */
static void a_full_map_takes_what_is_no_new_entry(void)
{
	struct gomap *m = MAP_WITH(.limits.max_entries = 100);
	u64 key = 7, value = 5;

	put_range(m, 0, 100);
	CHECK_EQ(gomap_store(m, &key, 8, &value, 8, GFP_KERNEL), 1);
	CHECK_EQ(gomap_replace(m, &key, 8, &value, 8, GFP_KERNEL), 0);
	CHECK_EQ(insert(m, 7), -EEXIST);
	key = 100;
	CHECK_EQ(gomap_replace(m, &key, 8, &value, 8, GFP_KERNEL), -ENOENT);
	CHECK_EQ(gomap_store(m, &key, 8, &value, 8, GFP_KERNEL), -ENOSPC);
	CHECK_EQ(gomap_delete(m, &key, 8), 0);
	CHECK_EQ(info_of(m).refused[GOMAP_REFUSED_ENTRIES], 1);
	drop(m, 7);
	CHECK_EQ(insert(m, 100), 0);
	CHECK_EQ(insert(m, 101), -ENOSPC);
	gomap_put(m);
}

/* What is refused starts no growth, and takes no object. */
static void a_refused_entry_leaves_no_trace(void)
{
	struct gomap_params params = {
		.key_size = 200, .value_size = 300,
		.limits.max_entries = 13 * 8,
	};
	struct gomap *m = map_with(params);
	static u8 key[200], value[300];
	struct gomap_info before, after;

	for (int i = 0; i < 13 * 8; i++) {
		key[0] = i;
		CHECK_EQ(gomap_insert(m, key, 200, value, 300, GFP_KERNEL), 0);
	}
	key[0] = -1;
	before = info_of(m);
	CHECK_EQ(gomap_insert(m, key, 200, value, 300, GFP_KERNEL), -ENOSPC);
	after = info_of(m);
	CHECK_EQ(after.objects_live, before.objects_live);
	CHECK_EQ(after.grows, before.grows);
	CHECK_EQ(after.kernel_allocs, before.kernel_allocs);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

static void a_limit_may_be_below_what_is_there(void)
{
	struct gomap *m = MAP_WITH(.hint = 0);

	put_range(m, 0, 200);
	limit_entries(m, 150);
	check_has_range(m, 0, 200);
	for (u64 i = 199; i >= 150; i--) {
		CHECK_EQ(insert(m, 1000), -ENOSPC);
		drop(m, i);
	}
	CHECK_EQ(insert(m, 150), -ENOSPC);
	drop(m, 149);
	CHECK_EQ(insert(m, 149), 0);
	CHECK_EQ(insert(m, 150), -ENOSPC);
	limit_entries(m, 0);
	put_range(m, 150, 400);
	check_has_range(m, 0, 400);
	gomap_put(m);
}

/* Random inserts, deletes, clears and limits, beside what should come of it. */
static void a_limit_on_entries_is_exact_whatever_is_done(void)
{
	struct gomap *m = MAP_WITH(.hint = 0);
	u64 random = test_seed, max = 0, len = 0, refused = 0, i, n;
	bool present[300] = {}, full;

	for (i = 0; i < 30000; i++) {
		n = random_below(&random, ARRAY_SIZE(present));
		full = max && len >= max;
		if (random_below(&random, 200) == 0) {
			max = random_below(&random, 250);
			limit_entries(m, max);
		} else if (random_below(&random, 3000) == 0) {
			CHECK_EQ(gomap_clear(m), 0);
			memset(present, 0, sizeof(present));
			len = 0;
		} else if (random_below(&random, 3)) {
			CHECK_EQ(insert(m, n), present[n] ? -EEXIST :
				 full ? -ENOSPC : 0);
			refused += !present[n] && full;
			len += !present[n] && !full;
			present[n] |= !full;
		} else {
			CHECK_EQ(gomap_delete(m, &n, 8), present[n]);
			len -= present[n];
			present[n] = false;
		}
		CHECK_EQ(gomap_len(m), len);
	}
	CHECK(refused > 1000);
	CHECK_EQ(info_of(m).refused[GOMAP_REFUSED_ENTRIES], refused);
	gomap_put(m);
}

#define THREADS		4
#define MOST		1000

static struct gomap *shared;
static u64 inserted, too_many;

static void *insert_until_refused(void *first)
{
	u64 i = (u64)first;

	for (;; i++) {
		if (gomap_insert(shared, &i, 8, &i, 8, GFP_KERNEL))
			return NULL;
		__atomic_add_fetch(&inserted, 1, __ATOMIC_RELAXED);
		if (gomap_len(shared) > MOST)
			__atomic_add_fetch(&too_many, 1, __ATOMIC_RELAXED);
	}
}

static void run_threads(void *(*run)(void *first))
{
	pthread_t thread[THREADS];
	u64 i;

	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&thread[i], NULL, run,
					(void *)(i << 32)), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

/* Nobody is refused for the sake of one who is refused, too. */
static void a_limit_on_entries_is_used_up_by_several_writers(void)
{
	for (int round = 0; round < 20; round++) {
		shared = MAP_WITH(.limits.max_entries = MOST);
		inserted = too_many = 0;
		run_threads(insert_until_refused);
		CHECK_EQ(too_many, 0);
		CHECK_EQ(inserted, MOST);
		CHECK_EQ(gomap_len(shared), MOST);
		CHECK_EQ(info_of(shared).refused[GOMAP_REFUSED_ENTRIES],
			 THREADS);
		gomap_put(shared);
	}
}

static void *come_and_go(void *first)
{
	u64 i, n;

	for (n = 0; n < 30000; n++) {
		i = (u64)first + n;
		if (gomap_insert(shared, &i, 8, &i, 8, GFP_KERNEL))
			continue;
		__atomic_add_fetch(&inserted, 1, __ATOMIC_RELAXED);
		if (gomap_len(shared) > THREADS - 1)
			__atomic_add_fetch(&too_many, 1, __ATOMIC_RELAXED);
		gomap_delete(shared, &i, 8);
	}
	return NULL;
}

/* All are at the limit all the time, in different stripes. */
static void a_limit_on_entries_is_not_passed_by_several_writers(void)
{
	shared = MAP_WITH(.hint = 1000);
	limit_entries(shared, THREADS - 1);
	inserted = too_many = 0;
	run_threads(come_and_go);
	CHECK_EQ(too_many, 0);
	CHECK(inserted > 1000);
	CHECK_EQ(gomap_len(shared), 0);
	gomap_put(shared);
}

static u64 faster_one;

/* While memory is taken for the last entry there may be, another one comes. */
static void *insert_meanwhile(void *ctx, size_t size, gfp_t gfp)
{
	static u8 value[200];
	u64 number = faster_one;

	(void)ctx;
	if (number && gfp & GFP_NOWAIT) {
		faster_one = 0;
		CHECK_EQ(gomap_insert(shared, &number, 8, value, 200,
				      GFP_ATOMIC), 0);
	}
	return shim_alloc(SHIM_SLAB, size, gfp);
}

static void free_meanwhile(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)size;
	kfree(p);
}

/*
 * With GOMAP_F_KMALLOC the slower one takes memory with its stripe locked, when
 * it has seen that there is room.
 */
static void the_slower_one_is_refused(void)
{
	static const struct gomap_alloc_ops ops = {
		.alloc = insert_meanwhile, .free = free_meanwhile,
	};
	static u8 value[200];
	u64 slower_one, objects;

	shared = map_with((struct gomap_params){
		.key_size = 8, .value_size = 200, .flags = GOMAP_F_KMALLOC,
		.hint = 100, .alloc_ops = &ops,
	});
	faster_one = number_for_bucket(shared, 1, 1, 4);
	slower_one = number_for_bucket(shared, 1, 2, 4);
	limit_entries(shared, 1);
	objects = info_of(shared).objects_live;
	CHECK_EQ(gomap_insert(shared, &slower_one, 8, value, 200, GFP_KERNEL),
		 -ENOSPC);
	CHECK(!faster_one);
	CHECK_EQ(gomap_len(shared), 1);
	CHECK_EQ(info_of(shared).objects_live, objects + 1);
	CHECK_EQ(info_of(shared).refused[GOMAP_REFUSED_ENTRIES], 1);
	CHECK_EQ(gomap_check(shared), 0);
	gomap_put(shared);
	gomap_barrier();
}

/* Fill a map up to its limit on bytes, which is never passed.  The entries. */
static u64 fill_to_the_brim(struct gomap *m, u64 max)
{
	u64 n = 0;
	int ret;

	while (!(ret = insert(m, n))) {
		CHECK(info_of(m).bytes_held <= max);
		CHECK(++n < 100000);
	}
	CHECK_EQ(ret, -EDQUOT);
	CHECK_EQ(gomap_refusal(m, ret), GOMAP_REFUSED_BYTES);
	CHECK_EQ(info_of(m).refused[GOMAP_REFUSED_BYTES], 1);
	CHECK(info_of(m).bytes_held <= max);
	CHECK(info_of(m).bytes_peak <= max);
	return n;
}

static void so_many_bytes_and_not_one_more(void)
{
	for (u64 max = 30000; max < 300000; max += max / 7) {
		struct gomap *m = MAP_WITH(.limits.max_bytes = max);

		check_has_range(m, 0, fill_to_the_brim(m, max));
		gomap_put(m);
	}
}

/* Growth is what does without first: entries go to overflow buckets. */
static void entries_go_on_where_growth_has_no_bytes(void)
{
	const u64 max = 100000;
	struct gomap *m = MAP_WITH(.limits.max_bytes = max);
	u64 n = fill_to_the_brim(m, max);
	struct gomap_info info = info_of(m);

	CHECK(n > 13ULL << (info.old_B - 1));
	CHECK(info.nr_overflow || info.nr_old_buckets);
	/* Less than a page is left, and the buckets are full. */
	CHECK(max - info.bytes_held < PAGE_SIZE);
	CHECK(n * 16 > max / 3);
	gomap_put(m);
}

/* It is tried again after a while, not with each insert. */
static void growth_without_bytes_is_put_off(void)
{
	struct gomap *m = full_map(8);
	u64 full = 13 << 7, n = full;

	gomap_barrier();
	limit_bytes(m, info_of(m).bytes_held);
	for (; n < full + 50; n++)
		if (insert(m, n))
			break;
	CHECK(n > full);
	CHECK_EQ(B_of(m), 8);
	CHECK_EQ(info_of(m).grow_failures, 1);
	shim_jiffies += LONG_TIME;
	limit_bytes(m, 0);
	put_range(m, n, full + 100);
	CHECK_EQ(B_of(m), 9);
	check_has_range(m, 0, full + 100);
	gomap_put(m);
}

static void more_bytes_may_be_allowed_later(void)
{
	const u64 max = 60000;
	struct gomap *m = MAP_WITH(.limits.max_bytes = max);
	u64 n = fill_to_the_brim(m, max), B = B_of(m);

	limit_bytes(m, 0);
	shim_jiffies += LONG_TIME;
	put_range(m, n, 4 * n);
	CHECK(B_of(m) > B);
	check_has_range(m, 0, 4 * n);
	gomap_put(m);
}

/* It keeps what it has, and gets nothing more. */
static void fewer_bytes_may_be_allowed_than_are_held(void)
{
	struct gomap *m = MAP_WITH(.hint = 0);
	u64 held, n = 1000;

	put_range(m, 0, n);
	CHECK_EQ(gomap_finish_resize(m), 0);
	gomap_barrier();
	held = info_of(m).bytes_held;
	limit_bytes(m, held / 2);
	while (!insert(m, n))
		CHECK(++n < 100000);
	CHECK(info_of(m).bytes_held <= held);
	CHECK_EQ(insert(m, n), -EDQUOT);
	check_has_range(m, 0, n);
	gomap_put(m);
}

/* A delete gives back nothing at once, and yet there is room for an entry. */
static void a_deleted_entry_makes_room(void)
{
	const u64 max = 60000;
	struct gomap *m = MAP_WITH(.limits.max_bytes = max);
	u64 n = fill_to_the_brim(m, max);

	for (u64 i = 0; i < n; i++) {
		drop(m, i);
		CHECK_EQ(insert(m, i), 0);
	}
	check_has_range(m, 0, n);
	gomap_put(m);
}

static void values_in_objects_are_limited_likewise(void)
{
	struct gomap_params params = {
		.key_size = 8, .value_size = 1000, .limits.max_bytes = 1 << 20,
	};
	struct gomap *m = map_with(params);
	static u8 value[1000];
	u64 n;

	for (n = 0; !gomap_insert(m, &n, 8, value, 1000, GFP_KERNEL); n++)
		CHECK(info_of(m).bytes_held <= 1 << 20);
	CHECK(n * 1000 > (1 << 20) * 7 / 10);
	CHECK_EQ(gomap_refusal(m, -EDQUOT), GOMAP_REFUSED_BYTES);
	CHECK_EQ(gomap_check(m), 0);
	CHECK_EQ(gomap_len(m), n);
	gomap_put(m);
}

static void a_map_may_be_too_large_from_the_start(void)
{
	struct gomap_params params = { .key_size = 8, .value_size = 8 };
	long blocks = shim_live_blocks();

	params.limits.max_bytes = 100;
	CHECK_EQ(PTR_ERR(gomap_create(&params)), -EDQUOT);
	params.hint = 10000;
	params.limits.max_bytes = 100000;
	CHECK_EQ(PTR_ERR(gomap_create(&params)), -EDQUOT);
	params.limits = (struct gomap_limits){ .max_entries = 9999 };
	CHECK_EQ(PTR_ERR(gomap_create(&params)), -ENOSPC);
	gomap_barrier();
	CHECK_EQ(shim_live_blocks(), blocks);
	params.limits.max_entries = 10000;
	gomap_put(map_with(params));
}

static void lack_of_memory_is_no_limit(void)
{
	struct gomap *m = MAP_WITH(.limits.max_bytes = 1 << 30,
				   .limits.max_entries = 1 << 20);
	struct gomap_info info;

	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	CHECK_EQ(insert(m, 1), -ENOMEM);
	CHECK_EQ(gomap_refusal(m, -ENOMEM), GOMAP_REFUSED_MEMORY);
	shim_faults = (struct shim_faults){};
	info = info_of(m);
	CHECK_EQ(info.refused[GOMAP_REFUSED_MEMORY], 1);
	CHECK_EQ(info.refused[GOMAP_REFUSED_ENTRIES], 0);
	CHECK_EQ(info.refused[GOMAP_REFUSED_BYTES], 0);
	CHECK_EQ(gomap_refusal(m, -ENOSPC), GOMAP_REFUSED_ENTRIES);
	gomap_put(m);
}

static void the_nil_map_has_no_limits(void)
{
	struct gomap_limits limits = {};

	CHECK_EQ(gomap_set_limits(NULL, &limits), -EINVAL);
}

static const struct test_case cases[] = {
	CASE(so_many_entries_and_not_one_more),
	CASE(a_full_map_takes_what_is_no_new_entry),
	CASE(a_refused_entry_leaves_no_trace),
	CASE(a_limit_may_be_below_what_is_there),
	CASE(a_limit_on_entries_is_exact_whatever_is_done),
	CASE(a_limit_on_entries_is_used_up_by_several_writers),
	CASE(a_limit_on_entries_is_not_passed_by_several_writers),
	CASE(the_slower_one_is_refused),
	CASE(so_many_bytes_and_not_one_more),
	CASE(entries_go_on_where_growth_has_no_bytes),
	CASE(growth_without_bytes_is_put_off),
	CASE(more_bytes_may_be_allowed_later),
	CASE(fewer_bytes_may_be_allowed_than_are_held),
	CASE(a_deleted_entry_makes_room),
	CASE(values_in_objects_are_limited_likewise),
	CASE(a_map_may_be_too_large_from_the_start),
	CASE(lack_of_memory_is_no_limit),
	CASE(the_nil_map_has_no_limits),
};

TEST_MAIN(cases)
