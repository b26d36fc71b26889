// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_rekey.c - a new seed for a map in use: on request, and when a chain
 * shows an attack.
 */
#include "walk.h"

#define NUMBERS		4000	/* in 2^10 buckets */

static bool seeds_differ(const struct gomap_seed *a, const struct gomap_seed *b)
{
	return memcmp(a->state, b->state, sizeof(a->state));
}

/* Move the buckets that one hold of the locks is for. */
static void rekey_a_little(struct gomap *m)
{
	u64 before = info_of(m).nr_evacuated;

	shim_fatal_signal = true;
	CHECK_EQ(gomap_finish_resize(m), -EINTR);
	shim_fatal_signal = false;
	CHECK(info_of(m).nr_evacuated > before);
	CHECK(table_is_rekeying(m->table));
}

/* A map with some of its entries under the one seed, some under the other. */
static struct gomap *half_rekeyed_map(void)
{
	struct gomap *m = test_map(8, 8, 0, NUMBERS);

	CHECK_EQ(B_of(m), 10);
	put_range(m, 0, NUMBERS);
	start_resize(m, GOMAP_RESIZING_REKEY, B_of(m));
	for (int i = 0; i < 6; i++)
		rekey_a_little(m);
	return m;
}

static void rekey_twice(u32 flags, enum gomap_hash_function function)
{
	struct gomap *m = test_map(8, 8, flags, NUMBERS);
	struct gomap_seed seed = m->table->seed;

	put_range(m, 0, NUMBERS);
	CHECK_EQ(gomap_rekey(m), 0);
	CHECK(seeds_differ(&seed, &m->table->seed));
	CHECK(!is_growing(m));
	CHECK_EQ(B_of(m), 10);
	CHECK_EQ(info_of(m).seed_generation, 2);
	CHECK_EQ(info_of(m).rekeys, 1);
	CHECK_EQ(info_of(m).attacks, 0);
	check_has_range(m, 0, NUMBERS);

	seed = m->table->seed;
	CHECK_EQ(gomap_rekey(m), 0);
	CHECK(seeds_differ(&seed, &m->table->seed));
	CHECK_EQ(info_of(m).seed_generation, 3);
	CHECK_EQ(m->table->seed.function, function);
	check_has_range(m, 0, NUMBERS);
	gomap_put(m);
}

static void it_keeps_the_content(void)
{
	rekey_twice(0, GOMAP_HASH_SIP);
	rekey_twice(GOMAP_F_TRUSTED_KEYS, GOMAP_HASH_FOLD);
	rekey_twice(GOMAP_F_VAR_KEY, GOMAP_HASH_SIP_VAR);
	rekey_twice(GOMAP_F_VAR_KEY | GOMAP_F_TRUSTED_KEYS, GOMAP_HASH_FOLD);
	CHECK_EQ(gomap_rekey(NULL), -EINVAL);
}

/* Also the one that has nothing, and the one that has no bucket yet. */
static void it_takes_an_empty_map(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_seed seed = m->table->seed;

	CHECK_EQ(gomap_rekey(m), 0);
	CHECK(seeds_differ(&seed, &m->table->seed));
	put_range(m, 0, 10);
	check_has_range(m, 0, 10);
	gomap_put(m);
}

/* Old and new seed side by side: every operation, on each key. */
static void half_way_everything_works(void)
{
	struct gomap *m = half_rekeyed_map();
	struct gomap_info info = info_of(m);
	u64 i, value;

	CHECK(info.nr_evacuated > 100 && info.nr_evacuated < 900);
	CHECK_EQ(info.resizing, GOMAP_RESIZING_REKEY);
	check_has_range(m, 0, NUMBERS);
	for (i = 0; i < NUMBERS; i++) {
		value = ~i;
		CHECK_EQ(gomap_insert(m, &i, 8, &value, 8, GFP_KERNEL), -EEXIST);
		CHECK_EQ(gomap_replace(m, &i, 8, &value, 8, GFP_KERNEL), 0);
		if (i % 2) {
			drop(m, i);
			CHECK(!has(m, i));
			CHECK_EQ(gomap_delete(m, &i, 8), 0);
		}
	}
	CHECK_EQ(gomap_check(m), 0);
	for (i = NUMBERS; i < NUMBERS + 1000; i++)
		put(m, i);
	for (i = 1; i < NUMBERS; i += 2)
		put(m, i);
	CHECK(table_is_rekeying(m->table));
	check_has_range(m, 0, NUMBERS + 1000);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(info_of(m).resizing, GOMAP_RESIZING_NO);
	check_has_range(m, 0, NUMBERS + 1000);
	gomap_put(m);
}

/* The locks are given back in between. */
static void it_is_done_in_small_steps(void)
{
	struct gomap *m = full_map(7);
	u64 steps;

	/* 128 entries at a time, and what the last bucket had beyond. */
	start_resize(m, GOMAP_RESIZING_REKEY, B_of(m));
	for (steps = 1; steps < 6; steps++) {
		rekey_a_little(m);
		CHECK(info_of(m).nr_evacuated <= steps * 128 / 4);
	}
	shim_fatal_signal = true;
	while (gomap_finish_resize(m) == -EINTR)
		steps++;
	shim_fatal_signal = false;
	CHECK(steps >= 6 && steps <= 832 / 128 + 1);
	gomap_put(m);

	/* Empty buckets take time, too. */
	m = test_map(8, 8, 0, 13 * 2048);
	start_resize(m, GOMAP_RESIZING_REKEY, B_of(m));
	rekey_a_little(m);
	CHECK_EQ(info_of(m).nr_evacuated, 256);
	gomap_put(m);
}

static void the_histogram_counts_both_arrays(void)
{
	struct gomap *m = half_rekeyed_map();
	struct gomap_info info;
	u64 entries = 0;

	CHECK_EQ(gomap_info(m, &info, true), 0);
	for (u32 i = 0; i < GOMAP_INFO_FILL_BINS; i++)
		entries += i * info.fill[i];
	CHECK_EQ(info.fill[GOMAP_INFO_FILL_BINS - 1], 0);
	CHECK_EQ(entries, NUMBERS);
	gomap_put(m);
}

static void writers_leave_it_to_the_worker(void)
{
	struct gomap *m = half_rekeyed_map();
	u64 done = info_of(m).nr_evacuated;

	put_range(m, 0, NUMBERS);
	CHECK_EQ(info_of(m).nr_evacuated, done);
	CHECK(m->work.work.pending);
	shim_run_work();
	CHECK(!is_growing(m));
	check_has_range(m, 0, NUMBERS);
	gomap_put(m);
}

static void it_waits_for_a_growth_to_end(void)
{
	struct gomap *m = full_map(8);

	put(m, gomap_len(m));
	CHECK(is_growing(m));
	CHECK_EQ(gomap_rekey(m), 0);
	CHECK(!is_growing(m));
	CHECK_EQ(B_of(m), 9);
	CHECK_EQ(info_of(m).rekeys, 1);
	check_has_range(m, 0, gomap_len(m));
	gomap_put(m);
}

/* Key i: i bytes that say i; its value: as long again and half. */
static void keys_and_values_may_lie_in_objects(void)
{
	struct gomap *m = test_map(200, 300, GOMAP_F_VAR_KEY | GOMAP_F_VAR_VALUE,
				   200);
	u8 key[200], value[300], got[300];
	struct gomap_info before;
	u32 i;

	for (i = 0; i < 200; i++) {
		memset(key, i, i);
		memset(value, ~i, i + i / 2);
		CHECK_EQ(gomap_insert(m, key, i, value, i + i / 2, GFP_KERNEL),
			 0);
	}
	before = info_of(m);
	CHECK_EQ(gomap_rekey(m), 0);
	for (i = 0; i < 200; i++) {
		memset(key, i, i);
		memset(value, ~i, i + i / 2);
		CHECK_EQ(gomap_lookup(m, key, i, got, sizeof(got)), i + i / 2);
		CHECK(!memcmp(got, value, i + i / 2));
	}
	/* Their objects were not copied. */
	CHECK_EQ(info_of(m).objects_live - info_of(m).nr_overflow,
		 before.objects_live - before.nr_overflow);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/* Whichever allocation fails: -ENOMEM, nothing is lost, the next try goes on. */
static void refused_memory_loses_nothing(void)
{
	u32 nth, faults = 0;
	int ret;

	for (nth = 1; ; nth++) {
		struct gomap *m = full_map(6);

		shim_faults = (struct shim_faults){ .nth = nth };
		ret = gomap_rekey(m);
		faults += shim_faults.injected;
		shim_faults = (struct shim_faults){};
		CHECK(!ret || ret == -ENOMEM);
		check_has_range(m, 0, 416);
		CHECK_EQ(gomap_finish_resize(m), 0);
		check_has_range(m, 0, 416);
		gomap_put(m);
		rcu_barrier();
		shim_run_work();
		if (!ret && nth > 1)
			break;
	}
	test_note("%u faults", faults);
	CHECK(faults >= 4);
}

/* Overflow buckets for what moves are not there, and cannot be had. */
static void it_waits_for_overflow_buckets(void)
{
	struct gomap *m = full_map(6);
	struct gomap_arena *arena;
	u32 taken = 0, handles[2000];

	start_resize(m, GOMAP_RESIZING_REKEY, B_of(m));
	arena = m->table->arena;
	while (taken < 2000 &&
	       (handles[taken] = arena_alloc(arena, ARENA_CLASS_BUCKET)))
		taken++;
	CHECK(taken < 2000);
	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	CHECK_EQ(gomap_finish_resize(m), -ENOMEM);
	CHECK_EQ(info_of(m).nr_evacuated, 0);
	for (u64 i = 0; i < 416; i++)
		CHECK(has(m, i));
	shim_faults = (struct shim_faults){};
	CHECK_EQ(gomap_finish_resize(m), 0);
	while (taken)
		arena_free(arena, handles[--taken]);
	check_has_range(m, 0, 416);
	gomap_put(m);
}

static void iterations_in_progress_end(void)
{
	static struct walk w;
	struct gomap *m = test_map(8, 8, 0, NUMBERS);

	put_range(m, 0, NUMBERS);
	walk_begin(&w, m);
	CHECK_EQ(walk_steps(&w, 100), 100);
	start_resize(m, GOMAP_RESIZING_REKEY, B_of(m));
	CHECK_EQ(walk_step(&w), -ESTALE);
	CHECK(table_is_rekeying(m->table));
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(walk_step(&w), -ESTALE);
	gomap_put(m);
}

/* Half of the keys have no place in the new order yet. */
static void an_iteration_begun_meanwhile_finishes_it(void)
{
	static struct walk w;
	struct gomap *m = half_rekeyed_map();

	walk_begin(&w, m);
	shim_fatal_signal = true;
	CHECK_EQ(walk_step(&w), -EINTR);
	shim_fatal_signal = false;
	CHECK(is_growing(m));
	CHECK_EQ(walk_to_end(&w), NUMBERS);
	check_seen(&w, 0, NUMBERS, 1);
	CHECK(!is_growing(m));
	gomap_put(m);
}

static void clear_ends_it(void)
{
	struct gomap *m = half_rekeyed_map();

	CHECK_EQ(gomap_clear(m), 0);
	CHECK(!is_growing(m));
	CHECK_EQ(gomap_len(m), 0);
	CHECK_EQ(gomap_finish_resize(m), 0);
	put_range(m, 0, 100);
	check_has_range(m, 0, 100);
	gomap_put(m);
}

static void destroy_ends_it(void)
{
	gomap_put(half_rekeyed_map());
}

static void a_fatal_signal_interrupts_it(void)
{
	struct gomap *m = test_map(8, 8, 0, NUMBERS);

	put_range(m, 0, NUMBERS);
	shim_fatal_signal = true;
	CHECK_EQ(gomap_rekey(m), -EINTR);
	shim_fatal_signal = false;
	check_has_range(m, 0, NUMBERS);
	shim_run_work();
	CHECK(!is_growing(m));
	gomap_put(m);
}

/* 2^6 buckets, and so many numbers in one of them. */
static struct gomap *attacked_map_of(u32 flags, u32 nr)
{
	struct gomap *m = test_map(8, 8, flags, 400);

	CHECK_EQ(B_of(m), 6);
	fill_bucket(m, 0, 7, nr);
	return m;
}

static struct gomap *attacked_map(u32 nr)
{
	return attacked_map_of(0, nr);
}

/* The longest chain, in entries; GOMAP_INFO_FILL_BINS - 1 and more are one. */
static u32 longest_chain(struct gomap *m)
{
	struct gomap_info info;
	u32 i, longest = 0;

	CHECK_EQ(gomap_info(m, &info, true), 0);
	for (i = 0; i < GOMAP_INFO_FILL_BINS; i++)
		if (info.fill[i])
			longest = i;
	return longest;
}

/* Six full buckets are what 48 entries take; the 49th shows the attack. */
static void chain_shows_an_attack_on(u32 flags)
{
	struct gomap *m = attacked_map_of(flags, 48);
	u64 last = 0;

	CHECK_EQ(info_of(m).attacks, 0);
	shim_run_work();
	CHECK_EQ(info_of(m).rekeys, 0);

	last = fill_bucket(m, 1 << 20, 7, 1);
	CHECK_EQ(info_of(m).attacks, 1);
	CHECK_EQ(longest_chain(m), GOMAP_INFO_FILL_BINS - 1);
	shim_run_work();
	CHECK_EQ(info_of(m).rekeys, 1);
	CHECK(longest_chain(m) < 10);
	CHECK(has(m, last));
	CHECK_EQ(gomap_len(m), 49);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/* Trusted keys may disappoint who trusts them: the answer is the same. */
static void a_chain_shows_an_attack(void)
{
	chain_shows_an_attack_on(0);
	chain_shows_an_attack_on(GOMAP_F_TRUSTED_KEYS);
}

/* Whoever knows every seed at once can have a rekey in ten seconds, no more. */
static void attacks_are_answered_now_and_then(void)
{
	struct gomap *m = attacked_map(60);
	int i;

	shim_run_work();
	CHECK_EQ(info_of(m).rekeys, 1);
	for (i = 0; i < 3; i++) {
		fill_bucket(m, (u64)(i + 1) << 24, 9, 50);
		shim_run_work();
	}
	CHECK_EQ(info_of(m).rekeys, 1);
	CHECK_EQ(info_of(m).attacks, 1);

	shim_jiffies += 10 * HZ;
	fill_bucket(m, 1ULL << 32, 11, 120);
	shim_run_work();
	CHECK_EQ(info_of(m).rekeys, 2);
	CHECK_EQ(info_of(m).attacks, 2);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/* What lacked memory stays due. */
static void a_refused_answer_is_tried_again(void)
{
	struct gomap *m = attacked_map(60);

	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	worker_run(&m->work.work);
	CHECK_EQ(info_of(m).rekeys, 0);
	CHECK(m->rekey_due);
	shim_faults = (struct shim_faults){};
	shim_run_work();
	CHECK_EQ(info_of(m).rekeys, 1);
	CHECK(!m->rekey_due);
	gomap_put(m);
}

/* A map that is far over its load has long chains, and nobody to blame. */
static void load_is_no_attack(void)
{
	struct gomap *m = test_map(8, 8, 0, 100);
	u64 i, value = 0;

	shim_faults = (struct shim_faults){};
	for (i = 0; i < 4000; i++)
		CHECK_EQ(gomap_insert(m, &i, 8, &value, 8, GFP_ATOMIC), 0);
	CHECK_EQ(B_of(m), 4);
	CHECK_EQ(info_of(m).attacks, 0);
	gomap_put(m);

	m = full_map(12);
	CHECK_EQ(info_of(m).attacks, 0);
	gomap_put(m);
}

static const struct test_case cases[] = {
	CASE(it_keeps_the_content),
	CASE(it_takes_an_empty_map),
	CASE(half_way_everything_works),
	CASE(it_is_done_in_small_steps),
	CASE(the_histogram_counts_both_arrays),
	CASE(writers_leave_it_to_the_worker),
	CASE(it_waits_for_a_growth_to_end),
	CASE(keys_and_values_may_lie_in_objects),
	CASE(refused_memory_loses_nothing),
	CASE(it_waits_for_overflow_buckets),
	CASE(iterations_in_progress_end),
	CASE(an_iteration_begun_meanwhile_finishes_it),
	CASE(clear_ends_it),
	CASE(destroy_ends_it),
	CASE(a_fatal_signal_interrupts_it),
	CASE(a_chain_shows_an_attack),
	CASE(attacks_are_answered_now_and_then),
	CASE(a_refused_answer_is_tried_again),
	CASE(load_is_no_attack),
};

TEST_MAIN(cases)
