// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_magazine.c - the free objects that each CPU has at hand.
 */
#include "objects.h"

/* Of this size as many objects fit into a chunk as are asked for, no more. */
#define EXACT_CLASS	arena_class_of(PAGE_SIZE)

/* Of so many objects on a class has magazines. */
#define WORTH		(4 * nr_cpu_ids * MAGAZINE_SIZE)

static void presize(u32 class, u64 nr)
{
	CHECK_EQ(arena_presize(arena, class, nr, GFP_KERNEL), 0);
}

static void open_exact(u32 nr)
{
	open_arena();
	presize(EXACT_CLASS, nr);
	CHECK_EQ(figures(EXACT_CLASS).free, nr);
}

static struct arena_magazine *magazine(u32 class, int cpu)
{
	CHECK(has_magazines(class));
	return &arena->class[class]->magazine[cpu];
}

static u32 take_on(int cpu, u32 class)
{
	shim_cpu = cpu;
	return arena_alloc(arena, class);
}

static void small_classes_have_no_magazines(void)
{
	open_exact(WORTH - 1);
	CHECK(!has_magazines(EXACT_CLASS));
	CHECK(arena_alloc(arena, EXACT_CLASS));
	CHECK_EQ(figures(EXACT_CLASS).free, WORTH - 2);
	CHECK_EQ(figures(EXACT_CLASS).cached, 0);
	close_arena();

	open_exact(WORTH);
	CHECK(has_magazines(EXACT_CLASS));
	close_arena();
}

static void a_class_that_grows_gets_magazines(void)
{
	int nr = 0;

	open_arena();
	while (!has_magazines(0)) {
		take(0);
		CHECK(++nr < 10000);
	}
	CHECK(arena->class[0]->nr_places >= WORTH);
	close_arena();
}

static void a_batch_is_taken_at_once(void)
{
	u32 i;

	open_exact(WORTH);
	for (i = 0; i < 5 * MAGAZINE_BATCH; i++) {
		CHECK(take_on(1, EXACT_CLASS));
		CHECK_EQ(figures(EXACT_CLASS).free,
			 WORTH - (i / MAGAZINE_BATCH + 1) * MAGAZINE_BATCH);
	}
	CHECK_EQ(figures(EXACT_CLASS).cached, 0);
	close_arena();
}

static void each_CPU_has_its_own(void)
{
	open_exact(WORTH);
	for (int cpu = 0; cpu < nr_cpu_ids; cpu++) {
		CHECK(take_on(cpu, EXACT_CLASS));
		CHECK_EQ(figures(EXACT_CLASS).cached,
			 (cpu + 1) * (MAGAZINE_BATCH - 1));
		CHECK_EQ(magazine(EXACT_CLASS, cpu)->nr, MAGAZINE_BATCH - 1);
	}
	close_arena();
}

/* All that a class has can be taken by one CPU, wherever it is. */
static void a_class_is_empty_when_all_magazines_are(void)
{
	unsigned long calls;
	u32 nr = 0;

	open_exact(WORTH);
	calls = shim_alloc_calls();
	for (int cpu = 0; cpu < nr_cpu_ids; cpu++)
		nr += take_on(cpu, EXACT_CLASS) != 0;
	while (take_on(2, EXACT_CLASS))
		nr++;
	CHECK_EQ(nr, WORTH);
	CHECK_EQ(figures(EXACT_CLASS).cached, 0);
	CHECK(!arena_has(arena, EXACT_CLASS, 1));
	CHECK_EQ(shim_alloc_calls(), calls);
	close_arena();
}

/* Before memory is asked for the other magazines are counted, too. */
static void what_is_cached_is_to_be_had(void)
{
	unsigned long calls;

	open_exact(WORTH);
	CHECK(take_on(0, EXACT_CLASS));
	while (figures(EXACT_CLASS).free)
		CHECK(take_on(1, EXACT_CLASS));
	calls = shim_alloc_calls();
	CHECK(arena_has(arena, EXACT_CLASS, 2 * (MAGAZINE_BATCH - 1)));
	CHECK(!arena_has(arena, EXACT_CLASS, 2 * MAGAZINE_BATCH - 1));
	reserve(EXACT_CLASS, 3);
	CHECK_EQ(shim_alloc_calls(), calls);
	close_arena();
}

static void what_was_not_used_goes_to_the_magazine(void)
{
	u32 handle;

	open_exact(WORTH);
	handle = take_on(0, EXACT_CLASS);
	shim_cpu = 3;
	arena_free(arena, handle);
	CHECK(!arena_object_is_live(arena, handle));
	CHECK_EQ(magazine(EXACT_CLASS, 3)->nr, 1);
	CHECK_EQ(totals().object_allocs, 0);
	CHECK_EQ(take_on(3, EXACT_CLASS), handle);
	CHECK_EQ(totals().object_allocs, 1);
	close_arena();
}

static void what_a_full_magazine_cannot_hold_goes_to_the_class(void)
{
	u32 handles[MAGAZINE_SIZE + 6], nr = ARRAY_SIZE(handles);
	u64 was_free;

	open_exact(WORTH);
	shim_cpu = 0;
	take_many(EXACT_CLASS, handles, nr);
	was_free = figures(EXACT_CLASS).free;
	shim_cpu = 1;
	for (u32 i = 0; i < nr; i++)
		arena_free(arena, handles[i]);
	CHECK_EQ(magazine(EXACT_CLASS, 1)->nr, MAGAZINE_SIZE);
	CHECK_EQ(figures(EXACT_CLASS).free, was_free + 6);
	CHECK_EQ(totals().objects_live, 0);
	CHECK_EQ(totals().object_allocs, 0);
	close_arena();
}

static void a_trim_empties_them(void)
{
	open_exact(WORTH);
	for (int cpu = 0; cpu < nr_cpu_ids; cpu++)
		CHECK(take_on(cpu, EXACT_CLASS));
	CHECK(figures(EXACT_CLASS).cached);
	arena_trim(arena);
	CHECK_EQ(figures(EXACT_CLASS).cached, 0);
	CHECK_EQ(figures(EXACT_CLASS).free, WORTH - nr_cpu_ids);
	CHECK_EQ(figures(EXACT_CLASS).live, nr_cpu_ids);
	close_arena();
}

/* Without memory for them a class serves all the same, and gets them later. */
static void a_class_does_without_where_they_are_refused(void)
{
	open_arena();
	/* The class, its chunk, and then these. */
	shim_faults = (struct shim_faults){ .nth = 3 };
	presize(EXACT_CLASS, WORTH);
	CHECK_EQ(shim_faults.injected, 1);
	CHECK(!has_magazines(EXACT_CLASS));
	CHECK(arena_alloc(arena, EXACT_CLASS));
	reserve(EXACT_CLASS, 1);
	CHECK(has_magazines(EXACT_CLASS));
	CHECK_EQ(totals().object_allocs, 1);
	CHECK_EQ(figures(EXACT_CLASS).live, 1);
	close_arena();
}

static struct arena_magazine *of_faster_one;
static int points_left;

/* Somebody is about to provide magazines, and another one is faster. */
static void provide_first(void)
{
	struct arena_class *c = arena->class[EXACT_CLASS];

	if (!c || c->nr_places < WORTH || points_left--)
		return;
	shim_at_point = NULL;
	magazines_provide(arena, c, GFP_KERNEL);
	of_faster_one = c->magazine;
	CHECK(of_faster_one);
}

/* He acts at each of the points that there are on the way in turn. */
static void the_first_to_provide_them_wins(void)
{
	size_t bytes = nr_cpu_ids * sizeof(struct arena_magazine);
	u64 all_but_directory;

	for (int point = 0;; point++) {
		open_arena();
		of_faster_one = NULL;
		points_left = point;
		shim_at_point = provide_first;
		presize(EXACT_CLASS, WORTH);
		shim_at_point = NULL;
		CHECK(has_magazines(EXACT_CLASS));
		CHECK(!of_faster_one ||
		      magazine(EXACT_CLASS, 0) == of_faster_one);
		all_but_directory = figures(EXACT_CLASS).bytes +
				    sizeof(*arena) +
				    sizeof(struct arena_class) + bytes;
		CHECK(held() - all_but_directory < bytes);
		close_arena();
		if (!of_faster_one) {
			CHECK(point > 2);
			return;
		}
	}
}

/**
 * struct stock - what there should be of a class.
 * @live: Handles in use.
 * @nr: How many.
 * @retired: Objects that wait for a grace period.
 * @allocs: Objects handed out and used.
 */
struct stock {
	u32 live[2000];
	u32 nr;
	u32 retired;
	u64 allocs;
};

static u32 remove_any(struct stock *s, u64 *random)
{
	u32 at = test_random(random) % s->nr, handle = s->live[at];

	s->live[at] = s->live[--s->nr];
	return handle;
}

static void use(struct stock *s, u64 *random)
{
	u32 what = test_random(random) % 100;

	shim_cpu = test_random(random) % nr_cpu_ids;
	if (what < 60 && s->nr < ARRAY_SIZE(s->live)) {
		s->live[s->nr++] = take(0);
		s->allocs++;
	} else if (what < 80 && s->nr) {
		arena_free(arena, remove_any(s, random));
		s->allocs--;
	} else if (what < 98 && s->nr) {
		arena_retire(arena, remove_any(s, random));
		s->retired++;
	} else if (what == 98) {
		rcu_barrier();
		shim_run_work();
		s->retired = 0;
	} else if (what == 99 && test_random(random) % 8 == 0) {
		arena_trim(arena);
	}
}

static void check_figures(const struct stock *s)
{
	struct gomap_memory_class row = figures(0);

	CHECK_EQ(row.live, s->nr);
	CHECK_EQ(row.retired, s->retired);
	CHECK_EQ(row.live + row.retired + row.cached + row.free,
		 arena->class[0]->nr_places);
	CHECK_EQ(totals().object_allocs, s->allocs);
	CHECK_EQ(totals().objects_live, s->nr);
	CHECK_EQ(totals().bytes_live, 16 * s->nr);
	CHECK_EQ(totals().bytes_idle, row.bytes - 16 * s->nr);
	CHECK_EQ(totals().bytes_chunks, row.bytes);
	CHECK_EQ(totals().nr_chunks, row.nr_chunks);
}

static void figures_are_exact_whatever_is_done(void)
{
	static struct stock stock;
	u64 random = test_seed;

	stock = (struct stock){};
	open_arena();
	reserve(0, 1);
	for (int i = 0; i < 30000; i++) {
		use(&stock, &random);
		check_figures(&stock);
	}
	CHECK(has_magazines(0));
	close_arena();
}

static const struct test_case cases[] = {
	CASE(small_classes_have_no_magazines),
	CASE(a_class_that_grows_gets_magazines),
	CASE(a_batch_is_taken_at_once),
	CASE(each_CPU_has_its_own),
	CASE(a_class_is_empty_when_all_magazines_are),
	CASE(what_is_cached_is_to_be_had),
	CASE(what_was_not_used_goes_to_the_magazine),
	CASE(what_a_full_magazine_cannot_hold_goes_to_the_class),
	CASE(a_trim_empties_them),
	CASE(a_class_does_without_where_they_are_refused),
	CASE(the_first_to_provide_them_wins),
	CASE(figures_are_exact_whatever_is_done),
};

TEST_MAIN(cases)
