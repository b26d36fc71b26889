// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_shrink.c - a map gives buckets back: by itself when it has become
 * sparse, and on request.
 */
#include "../../module/core/stripe.h"
#include "walk.h"

static void drop_range(struct gomap *m, u64 first, u64 end)
{
	for (u64 i = first; i < end; i++)
		drop(m, i);
}

static u64 shrinks(struct gomap *m)
{
	return info_of(m).shrinks;
}

/* As many numbers as grow a map from nothing to 2^B buckets, all evacuated. */
static struct gomap *grown_map(u32 B, u32 flags)
{
	u64 nr = (13ULL << (B - 1)) / 2 + 1;
	struct gomap *m = test_map(8, 8, flags, 0);

	put_range(m, 0, nr);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(B_of(m), B);
	return m;
}

/* One entry to a bucket is enough to stay; one less is not. */
static void it_begins_below_one_entry_to_a_bucket(void)
{
	struct gomap *m = grown_map(8, 0);
	u64 nr = gomap_len(m);

	drop_range(m, 256, nr);
	shim_run_work();
	CHECK_EQ(B_of(m), 8);
	CHECK_EQ(shrinks(m), 0);

	drop(m, 255);
	CHECK_EQ(B_of(m), 8);		/* a delete has no memory to do it */
	shim_run_work();
	CHECK_EQ(B_of(m), 7);		/* 2 * 255 entries would not fit into 2^6 */
	CHECK(!is_growing(m));
	CHECK_EQ(shrinks(m), 1);
	check_has_range(m, 0, 255);
	gomap_put(m);
}

static void it_never_goes_below_the_hint(void)
{
	struct gomap *m = test_map(8, 8, 0, 1000);
	u32 B = B_of(m);

	put_range(m, 0, 4000);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK(B_of(m) > B);
	drop_range(m, 1, 4000);
	shim_run_work();
	CHECK_EQ(B_of(m), B);
	drop(m, 0);
	shim_run_work();
	CHECK_EQ(B_of(m), B);
	CHECK_EQ(gomap_compact(m), 0);
	CHECK_EQ(B_of(m), B);
	gomap_put(m);
}

static void it_can_be_switched_off(void)
{
	struct gomap *m = grown_map(8, GOMAP_F_NO_SHRINK);

	drop_range(m, 1, gomap_len(m));
	shim_run_work();
	CHECK_EQ(B_of(m), 8);
	CHECK_EQ(shrinks(m), 0);
	CHECK_EQ(gomap_compact(m), 0);
	CHECK_EQ(B_of(m), 0);
	check_has_range(m, 0, 1);
	gomap_put(m);
}

/* What lost nearly everything shrinks in steps of 2^4 until it fits. */
static void it_goes_on_until_it_fits(void)
{
	struct gomap *m = grown_map(10, 0);

	drop_range(m, 3, gomap_len(m));
	shim_run_work();
	CHECK_EQ(B_of(m), 0);
	CHECK_EQ(shrinks(m), 3);	/* 10, 6, 2, 0 */
	check_has_range(m, 0, 3);
	gomap_put(m);
}

/* Around the limit entries come and go: there is one shrink, and no growth. */
static void it_does_not_thrash(void)
{
	struct gomap *m = grown_map(8, 0);
	u64 random = test_seed;
	u64 grows, low = 255, i;

	drop_range(m, low, gomap_len(m));
	shim_run_work();
	CHECK_EQ(shrinks(m), 1);
	grows = info_of(m).grows;
	for (i = 0; i < 2000; i++) {
		u64 n = 128 + test_random(&random) % 288; /* what 2^6 can take */

		while (gomap_len(m) < n)
			put(m, gomap_len(m));
		while (gomap_len(m) > n)
			drop(m, gomap_len(m) - 1);
		shim_run_work();
	}
	CHECK_EQ(info_of(m).grows, grows);
	CHECK_EQ(shrinks(m), 1);
	check_has_range(m, 0, gomap_len(m));
	gomap_put(m);
}

/* Chains with overflow buckets from all of an old bucket's partners meet. */
static void it_merges_chains(void)
{
	struct gomap *m = test_map(8, 8, GOMAP_F_NO_SHRINK, 26 << 4);
	u64 next = 0, keys[400];
	u32 nr = 0, b, i;

	CHECK_EQ(B_of(m), 6);
	for (b = 3; b < 64; b += 4)
		for (i = 0; i < 20; i++)
			keys[nr++] = next = fill_bucket(m, next, b, 1);
	start_resize(m, GOMAP_RESIZING_SHRINK, 2);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(B_of(m), 2);
	CHECK_EQ(gomap_check(m), 0);
	CHECK_EQ(info_of(m).nr_overflow, nr / 8 - 1);
	for (i = 0; i < nr; i++)
		CHECK(has(m, keys[i]));
	CHECK_EQ(gomap_len(m), nr);
	gomap_put(m);
}

/* Every operation, at every stage of a shrink that nobody else helps with. */
static void writes_evacuate_two_groups(void)
{
	struct gomap *m = grown_map(8, GOMAP_F_NO_SHRINK);
	u64 nr = gomap_len(m), writes = 0, before, after;

	start_resize(m, GOMAP_RESIZING_SHRINK, 5);
	while (is_growing(m)) {
		CHECK(writes < 256);
		before = info_of(m).nr_evacuated;
		if (writes % 2)
			drop(m, nr + writes - 1);
		else
			put(m, nr + writes);
		writes++;
		after = is_growing(m) ? info_of(m).nr_evacuated : 256;
		/* Its own bucket and one more, with 7 partners each. */
		CHECK(after - before <= 16);
		CHECK(after % 8 == 0);
		CHECK_EQ(gomap_check(m), 0);
		for (u64 i = 0; i < nr; i += 7)
			CHECK(has(m, i));
	}
	CHECK(writes > 15);
	CHECK_EQ(B_of(m), 5);
	if (writes % 2)
		drop(m, nr + writes - 1);
	check_has_range(m, 0, nr);
	gomap_put(m);
}

/* Started, and then refused memory for each bucket: nothing is lost. */
static void evacuation_waits_for_memory(void)
{
	struct gomap *m = grown_map(8, GOMAP_F_NO_SHRINK);
	u64 nr = gomap_len(m);

	start_resize(m, GOMAP_RESIZING_SHRINK, 4);
	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	CHECK_EQ(gomap_finish_resize(m), -ENOMEM);
	put(m, 0);
	drop(m, 1);
	CHECK(!has(m, 1));
	CHECK_EQ(info_of(m).nr_evacuated, 0);
	CHECK_EQ(gomap_check(m), 0);
	shim_faults = (struct shim_faults){};
	put(m, 1);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(B_of(m), 4);
	check_has_range(m, 0, nr);
	gomap_put(m);
}

/* The worker keeps in mind what it had no memory to start. */
static void a_refused_start_is_tried_again(void)
{
	struct gomap *m = grown_map(8, 0);

	drop_range(m, 100, gomap_len(m));
	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	worker_run(&m->work.work);
	CHECK_EQ(B_of(m), 8);
	CHECK(m->shrink_due);
	CHECK(m->work.work.pending);
	shim_faults = (struct shim_faults){};
	shim_run_work();
	CHECK_EQ(B_of(m), 5);
	CHECK(!m->shrink_due);
	check_has_range(m, 0, 100);
	gomap_put(m);
}

static void deletes_do_not_allocate(void)
{
	struct gomap *m = grown_map(8, 0);
	unsigned long calls = shim_alloc_calls();

	drop_range(m, 0, gomap_len(m));
	CHECK_EQ(shim_alloc_calls(), calls);
	shim_run_work();
	CHECK_EQ(B_of(m), 0);
	gomap_put(m);
}

/* Filled again while it shrinks: the growth comes after. */
static void growth_waits_for_its_end(void)
{
	struct gomap *m = grown_map(7, 0);
	u64 nr = gomap_len(m);

	start_resize(m, GOMAP_RESIZING_SHRINK, 6);
	put_range(m, nr, 3000);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(B_of(m), B_for_entries(3000));
	check_has_range(m, 0, 3000);
	gomap_put(m);
}

static void compact_fits_the_entries(void)
{
	static const u64 left[] = { 1664, 833, 832, 100, 9, 8, 1, 0 };
	struct gomap *m = grown_map(9, GOMAP_F_NO_SHRINK);
	u64 nr = gomap_len(m);

	for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++) {
		if (left[i] < nr)
			drop_range(m, left[i], nr);
		nr = min(nr, left[i]);
		CHECK_EQ(gomap_compact(m), 0);
		CHECK(!is_growing(m));
		CHECK_EQ(B_of(m), B_for_entries(nr));
		check_has_range(m, 0, nr);
	}
	CHECK_EQ(gomap_compact(NULL), -EINVAL);
	gomap_put(m);
}

/* Of the right size already: what deletes left of overflow buckets goes. */
static void compact_sheds_overflow_buckets(void)
{
	struct gomap *m = full_map(4);
	u64 last = 1000, first = 1001;

	drop_range(m, 0, 104);
	shim_run_work();
	last = fill_bucket(m, last, 5, 40);
	for (u64 i = first; i < last; i++)
		if (has(m, i))
			drop(m, i);
	CHECK(info_of(m).nr_overflow >= 4);
	CHECK_EQ(gomap_compact(m), 0);
	CHECK_EQ(info_of(m).nr_overflow, 0);
	CHECK_EQ(B_of(m), 4);
	CHECK(has(m, last));
	CHECK_EQ(gomap_check(m), 0);

	/* Nothing to shed: nothing is done. */
	last = info_of(m).same_size_grows;
	CHECK_EQ(gomap_compact(m), 0);
	CHECK_EQ(info_of(m).same_size_grows, last);
	gomap_put(m);
}

static void compact_fails_cleanly(void)
{
	struct gomap *m = grown_map(8, GOMAP_F_NO_SHRINK);
	u32 faults = 0, nth = 1;
	int ret;

	drop_range(m, 50, gomap_len(m));
	do {
		shim_faults = (struct shim_faults){ .nth = nth++ };
		ret = gomap_compact(m);
		faults += shim_faults.injected;
		shim_faults = (struct shim_faults){};
		CHECK(!ret || ret == -ENOMEM);
		check_has_range(m, 0, 50);
	} while (ret);
	CHECK(faults >= 3);
	CHECK_EQ(B_of(m), B_for_entries(50));

	put_range(m, 50, 3000);
	drop_range(m, 50, 3000);
	shim_fatal_signal = true;
	CHECK_EQ(gomap_compact(m), -EINTR);
	shim_fatal_signal = false;
	check_has_range(m, 0, 50);
	CHECK_EQ(gomap_compact(m), 0);
	CHECK_EQ(B_of(m), B_for_entries(50));
	gomap_put(m);
}

/* Grows, shrinks, compacts and same-size growths between any two steps. */
static void iterations_pass_any_number_of_resizes(void)
{
	static struct walk w;
	u64 random = test_seed;
	u32 round, resizes = 0;

	for (round = 0; round < 30; round++) {
		struct gomap *m = test_map(8, 8, 0, 0);
		u64 extra = 0;
		int ret;

		put_range(m, 0, 100);
		walk_begin(&w, m);
		while ((ret = walk_step(&w)) == 1) {
			u64 want = test_random(&random) % 3000;

			while (extra < want)
				put(m, 1000 + extra++);
			while (extra > want)
				drop(m, 1000 + --extra);
			switch (test_random(&random) % 4) {
			case 0:
				CHECK_EQ(gomap_compact(m), 0);
				break;
			case 1:
				shim_run_work();
				break;
			case 2:
				CHECK_EQ(gomap_finish_resize(m), 0);
			}
		}
		CHECK_EQ(ret, 0);
		check_seen(&w, 0, 100, 1);
		check_seen_at_most_once(&w);
		resizes += shrinks(m);
		gomap_put(m);
	}
	test_note("%u shrinks", resizes);
	CHECK(resizes > 1000);
}

/* A cursor that is shorter than the resize, then longer: any point of a shrink. */
static void iterations_pass_a_shrink_half_way(void)
{
	static struct walk w;
	u32 done, steps;

	for (done = 0; done <= 16; done++) {
		for (steps = 0; steps < 60; steps += 7) {
			struct gomap *m = grown_map(5, GOMAP_F_NO_SHRINK);
			u64 nr = gomap_len(m);

			walk_begin(&w, m);
			walk_steps(&w, steps);
			start_resize(m, GOMAP_RESIZING_SHRINK, 4);
			for (u32 i = 0; i < done; i++) {
				struct gomap_stripe *stripe;
				struct gomap_table *t;

				t = stripe_lock_bucket(m, i, &stripe);
				if (t->old)
					evacuate_bucket(m, t, i);
				stripe_unlock(stripe);
			}
			walk_to_end(&w);
			check_seen(&w, 0, nr, 1);
			check_seen_at_most_once(&w);
			gomap_put(m);
		}
	}
}

static const struct test_case cases[] = {
	CASE(it_begins_below_one_entry_to_a_bucket),
	CASE(it_never_goes_below_the_hint),
	CASE(it_can_be_switched_off),
	CASE(it_goes_on_until_it_fits),
	CASE(it_does_not_thrash),
	CASE(it_merges_chains),
	CASE(writes_evacuate_two_groups),
	CASE(evacuation_waits_for_memory),
	CASE(a_refused_start_is_tried_again),
	CASE(deletes_do_not_allocate),
	CASE(growth_waits_for_its_end),
	CASE(compact_fits_the_entries),
	CASE(compact_sheds_overflow_buckets),
	CASE(compact_fails_cleanly),
	CASE(iterations_pass_any_number_of_resizes),
	CASE(iterations_pass_a_shrink_half_way),
};

TEST_MAIN(cases)
