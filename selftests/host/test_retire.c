// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_retire.c - what a reader may still be looking at is not handed out again
 * before a grace period is over, whoever let go of it.
 *
 * Grace periods end only where a case lets them.
 */
#include "numbers.h"

#define HANDLES_MAX	4096

/* A map whose keys and values of 200 bytes or more lie in the arena. */
static struct gomap *map_of_objects(void)
{
	return test_map(200, 1000, GOMAP_F_VAR_VALUE, 100);
}

static void put_object(struct gomap *m, u8 name, u32 len)
{
	static u8 key[200], value[1000];

	memset(key, name, sizeof(key));
	memset(value, name, len);
	CHECK(gomap_store(m, key, sizeof(key), value, len, GFP_KERNEL) >= 0);
}

/* Is the object of a handle, which is not in use, ready to be used again? */
static bool is_free(struct gomap *m, u32 handle, u32 class)
{
	static u32 taken[HANDLES_MAX];
	u32 n = 0;
	bool found = false;

	CHECK(!arena_object_is_live(m->table->arena, handle));
	while ((taken[n] = arena_alloc(m->table->arena, class))) {
		found |= taken[n] == handle;
		CHECK(++n < HANDLES_MAX);
	}
	while (n)
		arena_free(m->table->arena, taken[--n]);
	return found;
}

static void check_waits(struct gomap *m, u32 handle, u32 class)
{
	CHECK(handle);
	CHECK(!is_free(m, handle, class));
	rcu_barrier();
	CHECK(is_free(m, handle, class));
	CHECK_EQ(gomap_check(m), 0);
}

/* The slot of the map's only entry. */
static struct gomap_slot_ref only_entry(struct gomap *m)
{
	struct gomap_slot_ref ref = { NULL, 0 };

	for (u64 i = 0; i < array_nr_buckets(m->table->array); i++) {
		ref.bucket = array_bucket(m->table->array, i);
		if (!slot_is_empty(ref.bucket, 0))
			break;
	}
	CHECK(!slot_is_empty(ref.bucket, 0));
	return ref;
}

static u32 handle_of(const struct gomap_field *f,
		     const struct gomap_slot_ref *ref)
{
	return field_handle(f, ref->bucket, ref->slot);
}

static void key_and_value_of_a_delete(void)
{
	for (int of_value = 0; of_value < 2; of_value++) {
		struct gomap *m = map_of_objects();
		struct gomap_field *f = of_value ? &m->layout.value :
						   &m->layout.key;
		u32 class = arena_class_of(of_value ? 504 : 200), handle;
		static u8 key[200];
		struct gomap_slot_ref ref;

		memset(key, 1, sizeof(key));
		put_object(m, 1, 500);
		ref = only_entry(m);
		handle = handle_of(f, &ref);
		CHECK_EQ(gomap_delete(m, key, sizeof(key)), 1);
		check_waits(m, handle, class);
		gomap_put(m);
	}
}

static void value_that_became_too_long(void)
{
	struct gomap *m = map_of_objects();
	struct gomap_slot_ref ref;
	u32 handle;

	put_object(m, 1, 200);
	ref = only_entry(m);
	handle = handle_of(&m->layout.value, &ref);
	put_object(m, 1, 900);
	CHECK(handle_of(&m->layout.value, &ref) != handle);
	check_waits(m, handle, arena_class_of(204));
	gomap_put(m);
}

static void overflow_bucket_of_an_evacuation(void)
{
	struct gomap *m = test_map(8, 8, 0, 104);
	u64 number = 0;
	u32 handle;

	for (int i = 0; i < 9; i++) {
		number = number_for_bucket(m, number + 1, 5, 4);
		put(m, number);
	}
	handle = array_bucket(m->table->array, 5)->overflow;
	/* That there are too many of them is made up. */
	atomic64_set(&m->nr_overflow, 1000);
	CHECK_EQ(growth_start(m), 0);
	CHECK_EQ(gomap_finish_resize(m), 0);
	check_waits(m, handle, ARENA_CLASS_BUCKET);
	gomap_put(m);
}

static u64 count_entries(const struct gomap_table *t)
{
	u64 n = 0;

	rcu_read_lock();
	for (u64 i = 0; i < array_nr_buckets(t->array); i++)
		n += chain_count(t->arena, array_bucket(t->array, i));
	rcu_read_unlock();
	return n;
}

/* The table that a reader holds, its arrays, and its arena after a clear. */
static void tables_of_a_growth_and_of_a_clear(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	const struct gomap_table *growing, *cleared;
	long blocks;

	put_range(m, 0, 53);
	CHECK(m->table->old);
	growing = m->table;
	CHECK_EQ(gomap_finish_resize(m), 0);
	cleared = m->table;
	CHECK_EQ(gomap_clear(m), 0);
	shim_run_work();

	/* ASan would tell if any of this were freed. */
	CHECK_EQ(growing->old->B + 1, growing->array->B);
	CHECK(bucket_is_evacuated(array_bucket(growing->old, 0)));
	CHECK_EQ(count_entries(cleared), 53);

	blocks = shim_live_blocks();
	rcu_barrier();
	shim_run_work();
	CHECK(shim_live_blocks() < blocks);
	gomap_put(m);
}

static const struct test_case cases[] = {
	CASE(key_and_value_of_a_delete),
	CASE(value_that_became_too_long),
	CASE(overflow_bucket_of_an_evacuation),
	CASE(tables_of_a_growth_and_of_a_clear),
};

TEST_MAIN(cases)
