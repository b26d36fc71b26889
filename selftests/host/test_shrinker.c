// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_shrinker.c - what arenas give back when the kernel is short of memory.
 */
#include <linux/shrinker.h>

#include "model.h"
#include "objects.h"

#define CLASS		arena_class_of(PAGE_SIZE)
#define NR		300

static u32 handles[NR];

static unsigned long pages_to_be_had(void)
{
	return shim_shrinker.count_objects(&shim_shrinker, NULL);
}

static unsigned long shrink_by(unsigned long pages)
{
	struct shrink_control sc = { .nr_to_scan = pages };

	return shim_shrinker.scan_objects(&shim_shrinker, &sc);
}

/* An arena with free objects of so many pages, which it keeps by itself. */
static void open_with_free(u32 nr)
{
	open_arena();
	take_many(CLASS, handles, nr);
	for (u32 i = 0; i < nr; i++)
		arena_free(arena, handles[i]);
}

static void there_may_be_nothing(void)
{
	CHECK_EQ(pages_to_be_had(), SHRINK_EMPTY);
	CHECK_EQ(shrink_by(128), SHRINK_STOP);
	open_arena();
	CHECK_EQ(pages_to_be_had(), SHRINK_EMPTY);
	CHECK_EQ(shrink_by(128), SHRINK_STOP);
	close_arena();
}

static void empty_chunks_are_counted_and_given_back(void)
{
	u64 bytes;

	open_with_free(NR);
	bytes = figures(CLASS).bytes;
	CHECK(bytes > NR * PAGE_SIZE);
	CHECK_EQ(pages_to_be_had(), figures(CLASS).free);
	CHECK_EQ(shrink_by(1), bytes / PAGE_SIZE);
	CHECK_EQ(figures(CLASS).bytes, 0);
	CHECK_EQ(pages_to_be_had(), SHRINK_EMPTY);
	CHECK_EQ(shrink_by(128), SHRINK_STOP);
	close_arena();
}

static void what_is_in_use_is_not_touched(void)
{
	u32 live;

	open_with_free(NR);
	take_many(CLASS, handles, NR);
	for (u32 i = 0; i < NR; i++)
		*(u32 *)object(handles[i], NULL) = i;
	for (u32 i = 0; i < NR; i++)
		if (i % 40)
			arena_retire(arena, handles[i]);
	rcu_barrier();
	live = figures(CLASS).live;
	shrink_by(1000);
	gomap_barrier();
	CHECK_EQ(figures(CLASS).live, live);
	for (u32 i = 0; i < NR; i += 40)
		CHECK_EQ(*(u32 *)object(handles[i], NULL), i);
	close_arena();
}

static void what_a_presize_took_is_not_to_be_had(void)
{
	open_arena();
	CHECK_EQ(arena_presize(arena, CLASS, 50, GFP_KERNEL), 0);
	CHECK_EQ(pages_to_be_had(), SHRINK_EMPTY);
	CHECK_EQ(shrink_by(128), SHRINK_STOP);
	CHECK_EQ(figures(CLASS).free, 50);
	close_arena();
}

/* The free objects in magazines keep no chunk from being given back. */
static void magazines_are_emptied(void)
{
	open_arena();
	reserve(0, 2000);
	CHECK(has_magazines(0));
	for (int cpu = 0; cpu < nr_cpu_ids; cpu++) {
		shim_cpu = cpu;
		arena_free(arena, take(0));
	}
	CHECK_EQ(figures(0).cached, nr_cpu_ids * MAGAZINE_BATCH);
	shrink_by(128);
	CHECK_EQ(figures(0).bytes, 0);
	close_arena();
}

#define ARENAS	3

/* Each gives what it has until it is enough, and the next time others begin. */
static void arenas_take_turns(void)
{
	struct gomap_account *accounts[ARENAS];
	struct gomap_arena *arenas[ARENAS];
	unsigned long all;

	for (int i = 0; i < ARENAS; i++) {
		open_with_free(20);
		accounts[i] = account;
		arenas[i] = arena;
	}
	all = pages_to_be_had();
	CHECK_EQ(all, ARENAS * figures(CLASS).free);
	for (int i = 0; i < ARENAS; i++) {
		CHECK(shrink_by(1) != SHRINK_STOP);
		CHECK_EQ(pages_to_be_had(), i < ARENAS - 1 ?
			 all - (i + 1) * all / ARENAS : SHRINK_EMPTY);
	}
	CHECK_EQ(shrink_by(1), SHRINK_STOP);
	for (int i = 0; i < ARENAS; i++) {
		arena = arenas[i];
		account = accounts[i];
		close_arena();
	}
}

static void all_give_what_they_have_when_much_is_wanted(void)
{
	struct gomap_account *account_of_first;
	struct gomap_arena *first;

	open_with_free(20);
	account_of_first = account;
	first = arena;
	open_with_free(30);
	shrink_by(1000000);
	CHECK_EQ(pages_to_be_had(), SHRINK_EMPTY);
	close_arena();
	arena = first;
	account = account_of_first;
	close_arena();
}

/* The last reference has gone in a callback, and work is to free it. */
static void an_arena_that_is_about_to_go_is_passed_over(void)
{
	open_arena();
	arena_retire(arena, take(CLASS));
	close_arena();
	rcu_barrier();
	CHECK(pages_to_be_had() != SHRINK_EMPTY);
	CHECK_EQ(shrink_by(128), SHRINK_STOP);
	shim_run_work();
	CHECK_EQ(pages_to_be_had(), SHRINK_EMPTY);
}

static void store(struct model *model, struct gomap *m, struct model_entry *e)
{
	u8 value[400];

	value_fill(value, sizeof(value), test_seed + e->key[0]);
	CHECK(gomap_store(m, e->key, e->key_len, value, sizeof(value),
			  GFP_KERNEL) >= 0);
	model_set(model, e, test_seed + e->key[0], sizeof(value));
}

static void maps_keep_what_they_hold(void)
{
	struct gomap_params params = { .key_size = 200, .value_size = 400 };
	struct gomap *m = test_map(200, 400, 0, 0);
	u64 random = test_seed;
	struct model *model = model_create(&params, 3000, &random);
	struct model_entry *e;
	const char *wrong;

	for (int round = 0; round < 8; round++) {
		for (u32 i = 0; i < model->nr; i++) {
			e = &model->entries[i];
			if (random_below(&random, 4) == 0)
				store(model, m, e);
			else if (random_below(&random, 2)) {
				gomap_delete(m, e->key, e->key_len);
				model_remove(model, e);
			}
			if (i % 100 == 0)
				shrink_by(random_below(&random, 50));
			if (i % 300 == 0)
				shim_rcu_poll();
		}
		wrong = model_compare(model, m);
		if (wrong)
			test_fail(__FILE__, __LINE__, "%s", wrong);
	}
	model_destroy(model);
	gomap_put(m);
}

static const struct test_case cases[] = {
	CASE(there_may_be_nothing),
	CASE(empty_chunks_are_counted_and_given_back),
	CASE(what_is_in_use_is_not_touched),
	CASE(what_a_presize_took_is_not_to_be_had),
	CASE(magazines_are_emptied),
	CASE(arenas_take_turns),
	CASE(all_give_what_they_have_when_much_is_wanted),
	CASE(an_arena_that_is_about_to_go_is_passed_over),
	CASE(maps_keep_what_they_hold),
};

TEST_MAIN(cases)
