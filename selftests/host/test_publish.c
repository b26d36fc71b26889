// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_publish.c - what publishing costs: one release store for each write, and
 * none for memory that nobody can see yet.
 */
#include <asm/barrier.h>

#include "numbers.h"
#include "objects.h"

static unsigned long before;

#define RELEASES_OF(call)						\
({									\
	before = shim_releases;						\
	call;								\
	shim_releases - before;						\
})

/* The kinds of places that keys and values can be at. */
static const struct gomap_params layouts[] = {
	{ .key_size = 8, .value_size = 8 },
	{ .key_size = 8, .value_size = 300 },
	{ .key_size = 300, .value_size = 8 },
	{ .key_size = 300, .value_size = 300 },
	{ .key_size = 8, .value_size = 8, .flags = GOMAP_F_STABLE },
	{ .key_size = 8, .value_size = 300, .flags = GOMAP_F_VAR_VALUE },
	{ .key_size = 8, .value_size = 300, .flags = GOMAP_F_KMALLOC },
};

static u8 key[300], value[300];

static void name_key(u64 number)
{
	memcpy(key, &number, sizeof(number));
}

static void insert(struct gomap *m, u64 number)
{
	name_key(number);
	CHECK_EQ(gomap_insert(m, key, m->params.key_size, value,
			      m->params.value_size, GFP_KERNEL), 0);
}

static void replace(struct gomap *m, u64 number)
{
	name_key(number);
	CHECK_EQ(gomap_replace(m, key, m->params.key_size, value,
			       m->params.value_size, GFP_KERNEL), 0);
}

static void take_out(struct gomap *m, u64 number)
{
	name_key(number);
	CHECK_EQ(gomap_delete(m, key, m->params.key_size), 1);
}

static void refused_insert(struct gomap *m, u64 number)
{
	name_key(number);
	CHECK_EQ(gomap_insert(m, key, m->params.key_size, value,
			      m->params.value_size, GFP_KERNEL), -EEXIST);
}

/* Room for all entries of a case, objects of varying length included. */
static struct gomap *prepared_map(struct gomap_params params)
{
	struct gomap *m;

	params.hint = 1000;
	m = gomap_create(&params);
	CHECK(!IS_ERR(m));
	insert(m, ~0ULL);
	return m;
}

static void each_write_publishes_once(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct gomap *m = prepared_map(layouts[i]);
		u64 nr_overflow;

		for (u64 n = 0; n < 500; n++) {
			nr_overflow = info_of(m).nr_overflow;
			CHECK_EQ(RELEASES_OF(insert(m, n)),
				 1 + info_of(m).nr_overflow - nr_overflow);
			CHECK_EQ(RELEASES_OF(replace(m, n)), 1);
		}
		for (u64 n = 0; n < 500; n++)
			CHECK_EQ(RELEASES_OF(take_out(m, n)), 1);
		gomap_put(m);
	}
}

static void what_changes_nothing_publishes_nothing(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct gomap *m = prepared_map(layouts[i]);

		insert(m, 1);
		CHECK_EQ(RELEASES_OF(refused_insert(m, 1)), 0);
		name_key(2);
		CHECK_EQ(RELEASES_OF(gomap_delete(m, key, layouts[i].key_size)),
			 0);
		CHECK_EQ(RELEASES_OF(gomap_lookup(m, key, layouts[i].key_size,
						  NULL, 0)), 0);
		gomap_put(m);
	}
}

/* A handle of an overflow bucket is the one thing more. */
static void a_link_is_one_more(void)
{
	struct gomap *m = test_map(8, 8, 0, 13 * 64);
	u64 n = fill_bucket(m, 0, 3, 8);
	u64 ninth = number_for_bucket(m, n + 1, 3, B_of(m));
	u64 tenth = number_for_bucket(m, ninth + 1, 3, B_of(m));

	CHECK_EQ(RELEASES_OF(put(m, ninth)), 2);
	CHECK_EQ(info_of(m).nr_overflow, 1);
	CHECK_EQ(RELEASES_OF(put(m, tenth)), 1);
	gomap_put(m);
}

/* Until it is published an object is taken, filled and given back like that. */
static void an_object_is_filled_without_any(void)
{
	u32 handle;

	open_arena();
	reserve(3, 2000);
	CHECK_EQ(RELEASES_OF(handle = arena_alloc(arena, 3)), 0);
	CHECK(handle);
	CHECK_EQ(RELEASES_OF(memset(object(handle, NULL), 1, 40)), 0);
	CHECK_EQ(RELEASES_OF(arena_free(arena, handle)), 0);
	handle = arena_alloc(arena, 3);
	CHECK_EQ(RELEASES_OF(arena_retire(arena, handle)), 0);
	CHECK_EQ(RELEASES_OF(rcu_barrier()), 0);
	close_arena();
}

static const struct test_case cases[] = {
	CASE(each_write_publishes_once),
	CASE(what_changes_nothing_publishes_nothing),
	CASE(a_link_is_one_more),
	CASE(an_object_is_filled_without_any),
};

TEST_MAIN(cases)
