// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_presize.c - a hint takes all memory at create: no insert needs any.
 */
#include "numbers.h"

#define KEY_SIZE_MAX	4096

/* The kinds of maps whose memory can be foreseen. */
static const struct gomap_params layouts[] = {
	{ .key_size = 8, .value_size = 8 },
	{ .key_size = 8, .value_size = 0 },
	{ .key_size = 128, .value_size = 128 },
	{ .key_size = 200, .value_size = 8 },
	{ .key_size = 8, .value_size = 300 },
	{ .key_size = 300, .value_size = 160 },
	{ .key_size = 200, .value_size = 210 },	/* of one class */
	{ .key_size = 8, .value_size = 24, .flags = GOMAP_F_STABLE },
	{ .key_size = 144, .value_size = 144, .flags = GOMAP_F_STABLE },
	{ .key_size = 8, .value_size = 8, .flags = GOMAP_F_VAR_KEY },
};

static struct gomap *map_of(struct gomap_params params, u64 hint)
{
	struct gomap *m;

	params.hint = hint;
	m = gomap_create(&params);
	CHECK(!IS_ERR(m));
	return m;
}

static void insert(struct gomap *m, u64 number)
{
	static u8 key[KEY_SIZE_MAX], value[KEY_SIZE_MAX];

	memcpy(key, &number, sizeof(number));
	CHECK_EQ(gomap_insert(m, key, m->params.key_size, value,
			      m->params.value_size, GFP_KERNEL), 0);
}

/* As many inserts as were hinted at, from all CPUs, and no call for memory. */
static void fill(const struct gomap_params *params, u64 hint)
{
	struct gomap *m = map_of(*params, hint);
	unsigned long calls = shim_alloc_calls();
	u64 i;

	for (i = 0; i < hint; i++) {
		shim_cpu = i % 7 % nr_cpu_ids;
		insert(m, i);
	}
	if (shim_alloc_calls() != calls)
		test_note("key %u, value %u, flags %u, hint %llu",
			  params->key_size, params->value_size, params->flags,
			  hint);
	CHECK_EQ(shim_alloc_calls() - calls, 0);
	CHECK_EQ(info_of(m).write_allocs, 0);
	CHECK_EQ(info_of(m).grows + info_of(m).same_size_grows, 0);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
	rcu_barrier();
	shim_run_work();
}

static void fill_each_layout(u64 hint)
{
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
		fill(&layouts[i], hint);
}

static void no_insert_takes_memory_from_small_maps(void)
{
	for (u64 hint = 9; hint < 120; hint += hint < 60 ? 1 : 7)
		fill_each_layout(hint);
}

static void no_insert_takes_memory_from_large_maps(void)
{
	static const u64 hints[] = { 208, 209, 1000, 3328, 4000 };

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		fill_each_layout(hints[i]);
	fill(&layouts[0], 100000);
	fill(&layouts[4], 20000);
	fill(&layouts[7], 100000);
}

/* It may be in the magazine of one that inserts nothing any more. */
static void the_last_one_is_found_by_any_CPU(void)
{
	struct gomap *m = map_of(layouts[7], 2000);
	unsigned long calls = shim_alloc_calls();
	u64 i;

	for (i = 0; i < 2000; i++) {
		shim_cpu = i < nr_cpu_ids ? i : 0;
		insert(m, i);
	}
	CHECK_EQ(shim_alloc_calls(), calls);
	gomap_put(m);
}

static const struct gomap_memory_class *class_of(struct gomap *m, u32 size,
						 bool is_bucket)
{
	static struct gomap_memory memory;
	u32 i;

	gomap_memory(m, &memory);
	for (i = 0; i < memory.nr; i++)
		if (memory.class[i].object_size == size &&
		    memory.class[i].is_bucket == is_bucket)
			return &memory.class[i];
	return NULL;
}

static void ten_thousand_values_are_one_chunk(void)
{
	struct gomap *m = map_of(layouts[7], 10000);

	CHECK(class_of(m, 24, false));
	CHECK_EQ(class_of(m, 24, false)->nr_chunks, 1);
	CHECK(class_of(m, 24, false)->free >= 10000);
	gomap_put(m);
}

static void a_hint_for_one_bucket_takes_nothing(void)
{
	struct gomap *m = map_of(layouts[7], 8);
	struct gomap_memory memory;

	gomap_memory(m, &memory);
	CHECK_EQ(memory.nr, 0);
	CHECK_EQ(info_of(m).nr_buckets, 0);
	gomap_put(m);
}

/* What a hint took stays when the map is empty again, and after a compact. */
static void what_a_hint_took_stays(void)
{
	struct gomap *m = map_of(layouts[4], 3000);
	u64 chunks = info_of(m).bytes_chunks, i;
	unsigned long calls;

	for (i = 0; i < 3000; i++)
		insert(m, i);
	for (i = 0; i < 3000; i++)
		CHECK_EQ(gomap_delete(m, &i, 8), 1);
	gomap_barrier();
	CHECK_EQ(gomap_compact(m), 0);
	gomap_barrier();
	CHECK_EQ(info_of(m).bytes_chunks, chunks);
	CHECK_EQ(info_of(m).B, B_for_entries(3000));
	calls = shim_alloc_calls();
	for (i = 0; i < 3000; i++)
		insert(m, i);
	CHECK_EQ(shim_alloc_calls(), calls);
	gomap_put(m);
}

/* The hint was wrong: what it took goes like all that is there by chance. */
static void what_a_hint_took_goes_after_growth(void)
{
	struct gomap *m = map_of(layouts[4], 300);
	u64 i;

	for (i = 0; i < 3000; i++)
		insert(m, i);
	CHECK_EQ(gomap_finish_resize(m), 0);
	for (i = 0; i < 3000; i++)
		CHECK_EQ(gomap_delete(m, &i, 8), 1);
	gomap_barrier();
	CHECK_EQ(gomap_compact(m), 0);
	gomap_barrier();
	CHECK_EQ(info_of(m).bytes_chunks, 0);
	gomap_put(m);
}

static void overflow_buckets_come_with_the_array(void)
{
	static const u64 hints[] = { 9, 53, 105, 1665, 100000 };
	struct gomap *m;
	u32 wanted;

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		m = map_of(layouts[0], hints[i]);
		wanted = overflow_buckets_for(hints[i], B_of(m));
		CHECK(wanted);
		CHECK(class_of(m, m->layout.bucket_size, true)->free >= wanted);
		gomap_barrier();
		CHECK_EQ(gomap_compact(m), 0);
		CHECK(class_of(m, m->layout.bucket_size, true)->free >= wanted);
		gomap_put(m);
	}
}

/* Throw entries into buckets.  How many overflow buckets do they need? */
static u32 throw(u64 entries, u32 B, u64 *random)
{
	static u8 nr[1 << 15];
	u32 needed = 0;
	u64 b;

	memset(nr, 0, 1U << B);
	while (entries--) {
		b = test_random(random) & ((1U << B) - 1);
		needed += nr[b] && nr[b] % GOMAP_SLOTS == 0;
		nr[b]++;
	}
	return needed;
}

/* Chance may have it once in a while that there are too few. */
static void check_foresight(u64 entries, u32 throws, u64 *random)
{
	u32 B = B_for_entries(entries), foreseen, needed, too_few = 0;
	u64 sum = 0;

	foreseen = overflow_buckets_for(entries, B);
	for (u32 i = 0; i < throws; i++) {
		needed = throw(entries, B, random);
		sum += needed;
		too_few += needed > foreseen;
	}
	if (too_few > 1 + throws / 500 || foreseen > 3 * sum / throws + 10)
		test_fail(__FILE__, __LINE__,
			  "%llu entries need %llu on average, more than %u %u times",
			  entries, sum / throws, foreseen, too_few);
}

/* Enough of them, and not many more. */
static void foresight_is_as_chance_has_it(void)
{
	u64 random = test_seed, entries;

	for (entries = 9; entries < 500; entries += 1 + entries / 20)
		check_foresight(entries, 1500, &random);
	for (; entries < 200000; entries += entries / 3)
		check_foresight(entries, 30, &random);
}

static void nothing_is_left_of_a_hint_that_is_refused(void)
{
	struct gomap_params params = layouts[5];
	unsigned long nth, injected = 1;
	struct gomap *m;
	long blocks;

	params.hint = 2000;
	for (nth = 1; injected; nth++) {
		blocks = shim_live_blocks();
		shim_faults = (struct shim_faults){
			.nth = nth,
			.persistent = true,
		};
		m = gomap_create(&params);
		injected = shim_faults.injected;
		shim_faults = (struct shim_faults){};
		if (IS_ERR(m)) {
			CHECK_EQ(PTR_ERR(m), -ENOMEM);
			gomap_barrier();
			CHECK_EQ(shim_live_blocks(), blocks);
		} else {
			gomap_put(m);
		}
	}
	CHECK(nth > 10);
}

static const struct test_case cases[] = {
	CASE(no_insert_takes_memory_from_small_maps),
	CASE(no_insert_takes_memory_from_large_maps),
	CASE(the_last_one_is_found_by_any_CPU),
	CASE(ten_thousand_values_are_one_chunk),
	CASE(a_hint_for_one_bucket_takes_nothing),
	CASE(what_a_hint_took_stays),
	CASE(what_a_hint_took_goes_after_growth),
	CASE(overflow_buckets_come_with_the_array),
	CASE(foresight_is_as_chance_has_it),
	CASE(nothing_is_left_of_a_hint_that_is_refused),
};

TEST_MAIN(cases)
