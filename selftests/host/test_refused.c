// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_refused.c - growth that is refused its memory: nothing is lost, inserts
 * go on, and it is tried again.
 */
#include "numbers.h"

/* A new entry comes and goes: the map asks for growth, and stays as full. */
static void nudge(struct gomap *m)
{
	put(m, 1 << 20);
	drop(m, 1 << 20);
}

static void refused_growth_is_tried_less_and_less(void)
{
	static const u32 waits[] = { 3, 6, 12, 24, 48, 96, 192, 384, 768, 1536,
				     2500, 2500, 2500 };
	struct gomap *m = full_map(6);

	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	nudge(m);
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		CHECK_EQ(info_of(m).grow_failures, i + 1);
		shim_jiffies += waits[i] - 1;
		nudge(m);
		CHECK_EQ(info_of(m).grow_failures, i + 1);
		shim_jiffies++;
		nudge(m);
	}
	CHECK_EQ(B_of(m), 6);
	check_has_range(m, 0, 416);

	shim_faults = (struct shim_faults){};
	nudge(m);
	CHECK_EQ(B_of(m), 6);
	shim_jiffies += 2500;
	nudge(m);
	CHECK_EQ(B_of(m), 7);
	CHECK_EQ(m->grow_backoff, 0);
	check_has_range(m, 0, 416);
	gomap_put(m);
}

static void entries_go_on_where_growth_is_refused(void)
{
	struct gomap *m = full_map(6);
	u64 next = 416, value = 0;

	CHECK_EQ(arena_reserve(m->table->arena, ARENA_CLASS_BUCKET, 200,
			       GFP_KERNEL), 0);
	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	while (next < 1200)
		put(m, next++);
	CHECK_EQ(B_of(m), 6);
	CHECK(info_of(m).nr_overflow > 64);
	check_has_range(m, 0, next);

	/* With the last overflow bucket gone there is an end, and an errno. */
	while (!gomap_insert(m, &next, 8, &value, 8, GFP_KERNEL)) {
		drop(m, next);
		put(m, next++);
	}
	CHECK_EQ(gomap_insert(m, &next, 8, &value, 8, GFP_ATOMIC), -ENOMEM);
	check_has_range(m, 0, next);

	shim_faults = (struct shim_faults){};
	shim_jiffies += 100 * HZ;
	put(m, next++);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(B_of(m), 7);
	check_has_range(m, 0, next);
	gomap_put(m);
}

/* The nth allocation fails, or it and all after it.  False: it never came. */
static bool grow_with_fault(u32 nth, bool persistent, bool vmalloc_only)
{
	struct gomap *m = full_map(12);
	unsigned long injected;

	shim_faults = (struct shim_faults){
		.nth = nth, .persistent = persistent,
		.vmalloc_only = vmalloc_only,
	};
	for (u64 n = 26624; n < 26700; n++)
		put(m, n);
	gomap_finish_resize(m);
	injected = shim_faults.injected;
	CHECK_EQ(gomap_check(m), 0);

	shim_faults = (struct shim_faults){};
	shim_jiffies += 100 * HZ;
	put(m, 26700);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(B_of(m), 13);
	check_has_range(m, 0, 26701);
	gomap_put(m);
	return injected;
}

static void growth_bears_each_failing_allocation(void)
{
	u32 nth;

	for (nth = 1; grow_with_fault(nth, false, false); nth++)
		;
	test_note("%u allocations failed, one at a time", nth - 1);
	CHECK(nth > 5);
	for (nth = 1; grow_with_fault(nth, true, false); nth++)
		;
	CHECK(nth > 5);
}

static void growth_makes_do_with_single_pages(void)
{
	CHECK(grow_with_fault(0, false, true));
}

static void destinations_can_be_refused(void)
{
	struct gomap *m = full_map(6);
	unsigned long injected;
	u64 next = 416;

	atomic64_inc(&m->count);	/* one too many, until growth starts */
	CHECK_EQ(growth_start(m), 0);
	atomic64_add(-1, &m->count);
	CHECK(is_growing(m));

	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	CHECK_EQ(gomap_finish_resize(m), -ENOMEM);
	put(m, next++);
	injected = shim_faults.injected;
	for (; next < 430; next++)
		put(m, next);
	/* One write has found out for all of them, for a while. */
	CHECK_EQ(shim_faults.injected, injected);
	drop(m, 429);
	CHECK_EQ(info_of(m).nr_evacuated, 0);
	check_has_range(m, 0, 429);

	shim_faults = (struct shim_faults){};
	shim_jiffies += HZ;
	put(m, 429);
	CHECK(info_of(m).nr_evacuated > 0);
	CHECK_EQ(gomap_finish_resize(m), 0);
	check_has_range(m, 0, 430);
	gomap_put(m);
}

/* Take all overflow buckets that the arena has.  How many is the answer. */
static u32 hoard_buckets(struct gomap *m, u32 *hoard, u32 room)
{
	u32 n = 0;

	while ((hoard[n] = arena_alloc(m->table->arena, ARENA_CLASS_BUCKET)))
		CHECK(++n < room);
	return n;
}

/* Not even the bytes of entries that were there for a moment. */
static bool holds_nothing(struct gomap *m, const struct gomap_bucket *b)
{
	u32 left = b->overflow || b->tophash;

	for (u32 i = 0; i < m->layout.bucket_size - sizeof(*b); i++)
		left |= b->data[i];
	return !left;
}

/* Half-way through a chain memory runs out: the old bucket stays the home. */
static void half_an_evacuation_is_undone(void)
{
	struct gomap *m = test_map(8, 8, 0, 104);
	static u32 hoard[1000];
	u64 last, absent;
	u32 n;

	last = fill_bucket(m, 0, 5, 30);
	atomic64_set(&m->nr_overflow, 1000);
	CHECK_EQ(growth_start(m), 0);
	CHECK_EQ(array_populate(m->table->array, GFP_KERNEL), 0);

	n = hoard_buckets(m, hoard, 1000);
	CHECK(n > 1);
	arena_free(m->table->arena, hoard[--n]);	/* it takes three */
	absent = number_for_bucket(m, last + 1, 5, 4);
	CHECK_EQ(gomap_delete(m, &absent, 8), 0);
	while (n)
		arena_free(m->table->arena, hoard[--n]);

	CHECK(holds_nothing(m, array_bucket(m->table->array, 5)));
	CHECK(!bucket_is_evacuated(array_bucket(m->table->old, 5)));
	CHECK_EQ(gomap_len(m), 30);
	CHECK_EQ(gomap_check(m), 0);
	CHECK(has(m, last));

	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(info_of(m).nr_overflow, 3);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/* The worker's first attempt finds no memory for the new buckets. */
static void the_worker_tries_again(void)
{
	struct gomap *m = full_map(6);

	atomic64_inc(&m->count);
	CHECK_EQ(growth_start(m), 0);
	atomic64_add(-1, &m->count);
	/* No pages; the second call is the vmalloc instead of them. */
	shim_faults = (struct shim_faults){ .nth = 2, .vmalloc_only = true };
	shim_run_work();
	CHECK(shim_faults.injected >= 3);
	CHECK(!is_growing(m));
	check_has_range(m, 0, 416);
	gomap_put(m);
}

/* Whoever is to die does not wait for gigabytes to be zeroed. */
static void a_fatal_signal_ends_a_create(void)
{
	struct gomap_params p = { .key_size = 8, .value_size = 8, .hint = 1 << 20 };
	unsigned long calls;

	shim_fatal_signal = true;
	calls = shim_alloc_calls();
	CHECK_EQ(PTR_ERR(gomap_create(&p)), -EINTR);
	CHECK(shim_alloc_calls() - calls < 10);
	shim_fatal_signal = false;
}

/* Nor for somebody else's resize to have its memory. */
static void a_fatal_signal_ends_the_wait_for_another_start(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);

	put_range(m, 0, 416);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(B_of(m), 6);
	mutex_lock(&m->resize_mutex);
	shim_fatal_signal = true;
	CHECK_EQ(gomap_rekey(m), -EINTR);
	CHECK_EQ(gomap_compact(m), -EINTR);	/* would shed overflow buckets */
	put(m, 416);				/* would grow */
	CHECK_EQ(growth_start(m), -EINTR);
	for (u64 i = 10; i < 417; i++)
		drop(m, i);
	CHECK_EQ(gomap_compact(m), -EINTR);	/* would shrink */
	shim_fatal_signal = false;
	mutex_unlock(&m->resize_mutex);
	CHECK_EQ(B_of(m), 6);
	CHECK_EQ(gomap_compact(m), 0);
	CHECK_EQ(B_of(m), 1);
	check_has_range(m, 0, 10);
	gomap_put(m);
}

static const struct test_case cases[] = {
	CASE(refused_growth_is_tried_less_and_less),
	CASE(entries_go_on_where_growth_is_refused),
	CASE(growth_bears_each_failing_allocation),
	CASE(growth_makes_do_with_single_pages),
	CASE(destinations_can_be_refused),
	CASE(half_an_evacuation_is_undone),
	CASE(the_worker_tries_again),
	CASE(a_fatal_signal_ends_a_create),
	CASE(a_fatal_signal_ends_the_wait_for_another_start),
};

TEST_MAIN(cases)
