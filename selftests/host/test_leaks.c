// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_leaks.c - what is in use and nobody refers to is found, and nothing else
 * is taken for it.
 */
#include <pthread.h>

#include "model.h"
#include "numbers.h"

#define NR	1000
#define LEN	200

/* Of a map that is written to meanwhile. */
#define SEARCHES	60000

static struct gomap *map_of_objects(void)
{
	struct gomap *m = test_map(LEN, LEN, 0, 0);
	static u8 key[LEN], value[LEN];

	for (u64 i = 0; i < NR; i++) {
		memcpy(key, &i, sizeof(i));
		CHECK_EQ(gomap_insert(m, key, LEN, value, LEN, GFP_KERNEL), 0);
	}
	return m;
}

static int drop_object(struct gomap *m, u64 i)
{
	static u8 key[LEN];

	memcpy(key, &i, sizeof(i));
	return gomap_delete(m, key, LEN);
}

static struct gomap_leaks search(struct gomap *m)
{
	struct gomap_leaks leaks;

	CHECK_EQ(gomap_find_leaks(m, &leaks), 0);
	CHECK(leaks.certain);
	return leaks;
}

static void check_nothing_is_found(struct gomap *m)
{
	struct gomap_leaks leaks = search(m);

	CHECK_EQ(leaks.objects, 0);
	CHECK_EQ(leaks.bytes, 0);
	CHECK_EQ(leaks.first_handle, 0);
	CHECK_EQ(leaks.dangling, 0);
	CHECK_EQ(leaks.shared, 0);
}

/* The slot of any entry, of a bucket that has two at least. */
static struct gomap_slot_ref any_entry(struct gomap *m)
{
	struct gomap_slot_ref ref = {};
	u64 i = 0;

	do {
		ref.bucket = array_bucket(m->table->array, i++);
	} while (slot_is_empty(ref.bucket, 0) || slot_is_empty(ref.bucket, 1));
	return ref;
}

static u32 *handle_at(const struct gomap_field *f, struct gomap_slot_ref ref)
{
	return field_at(f, ref.bucket, ref.slot);
}

static void a_sound_map_has_none(void)
{
	struct gomap *m = map_of_objects();

	check_nothing_is_found(m);
	CHECK_EQ(gomap_finish_resize(m), 0);
	check_nothing_is_found(m);
	for (u64 i = 0; i < NR; i += 2)
		CHECK_EQ(drop_object(m, i), 1);
	check_nothing_is_found(m);
	gomap_barrier();
	check_nothing_is_found(m);
	CHECK_EQ(gomap_rekey(m), 0);
	check_nothing_is_found(m);
	CHECK_EQ(gomap_clear(m), 0);
	check_nothing_is_found(m);
	gomap_put(m);
}

static void neither_does_the_nil_map(void)
{
	check_nothing_is_found(NULL);
}

/* In the middle of each kind of resize there are two places to look at. */
static void a_map_in_a_resize_has_none(void)
{
	static const enum gomap_resize kinds[] = {
		GOMAP_RESIZING_DOUBLE, GOMAP_RESIZING_SAME_SIZE,
		GOMAP_RESIZING_SHRINK, GOMAP_RESIZING_REKEY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct gomap *m = map_of_objects();
		u32 B;

		CHECK_EQ(gomap_finish_resize(m), 0);
		B = B_of(m) + (kinds[i] == GOMAP_RESIZING_DOUBLE) -
		    (kinds[i] == GOMAP_RESIZING_SHRINK);
		start_resize(m, kinds[i], B);
		check_nothing_is_found(m);
		for (u64 n = 0; n < 20; n++)
			drop_object(m, n);
		CHECK(is_growing(m));
		check_nothing_is_found(m);
		gomap_put(m);
	}
}

static void a_lost_object_is_found(void)
{
	struct gomap *m = map_of_objects();
	struct gomap_leaks leaks;
	u32 handle, class = arena_class_of(300);

	CHECK_EQ(arena_reserve(m->table->arena, class, 2, GFP_KERNEL), 0);
	handle = arena_alloc(m->table->arena, class);
	CHECK(handle);
	leaks = search(m);
	CHECK_EQ(leaks.objects, 1);
	CHECK_EQ(leaks.bytes, arena_class_size(m->table->arena, class));
	CHECK_EQ(leaks.first_handle, handle);
	CHECK_EQ(leaks.dangling + leaks.shared, 0);
	/* A search leaves no trace: the next one finds the same. */
	CHECK_EQ(search(m).objects, 1);
	CHECK(arena_alloc(m->table->arena, class));
	CHECK_EQ(search(m).objects, 2);
	arena_retire(m->table->arena, handle);
	CHECK_EQ(search(m).objects, 1);
	gomap_put(m);
}

/* Of each of the three things that objects are for. */
static void a_lost_key_value_and_bucket_are_found(void)
{
	struct gomap *m = map_of_objects();
	struct gomap_layout *l = &m->layout;
	struct gomap_slot_ref ref = any_entry(m);
	u32 *key = handle_at(&l->key, ref), *value = handle_at(&l->value, ref);
	u32 handle, bucket;

	handle = *value;
	*value = 0;
	CHECK_EQ(search(m).objects, 1);
	CHECK_EQ(search(m).first_handle, handle);
	CHECK_EQ(search(m).dangling, 1);
	*value = handle;
	handle = *key;
	*key = 0;
	CHECK_EQ(search(m).objects, 1);
	CHECK_EQ(search(m).first_handle, handle);
	*key = handle;
	CHECK_EQ(arena_reserve(m->table->arena, ARENA_CLASS_BUCKET, 1,
			       GFP_KERNEL), 0);
	bucket = arena_alloc(m->table->arena, ARENA_CLASS_BUCKET);
	CHECK_EQ(search(m).objects, 1);
	CHECK_EQ(search(m).bytes, l->bucket_size);
	arena_free(m->table->arena, bucket);
	check_nothing_is_found(m);
	gomap_put(m);
}

static void a_handle_of_nothing_in_use_is_found(void)
{
	struct gomap *m = map_of_objects();
	struct gomap_slot_ref ref = any_entry(m);
	u32 *value = handle_at(&m->layout.value, ref), handle = *value;
	static const u32 wild[] = { 0, 1, ~0U, 0x7fffffff };

	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		*value = wild[i];
		CHECK_EQ(search(m).dangling, 1);
		CHECK_EQ(search(m).objects, 1);
	}
	*value = handle;
	/* Retired, and then free. */
	arena_retire(m->table->arena, handle);
	CHECK_EQ(search(m).dangling, 1);
	CHECK_EQ(search(m).objects, 0);
	rcu_barrier();
	CHECK_EQ(search(m).dangling, 1);
	gomap_put(m);
}

static void a_handle_of_another_entry_is_found(void)
{
	struct gomap *m = map_of_objects();
	struct gomap_slot_ref ref = any_entry(m);
	u32 *value = handle_at(&m->layout.value, ref), lost = *value;
	struct gomap_leaks leaks;

	ref.slot = 1;
	*value = *handle_at(&m->layout.value, ref);
	leaks = search(m);
	CHECK_EQ(leaks.shared, 1);
	CHECK_EQ(leaks.objects, 1);
	CHECK_EQ(leaks.first_handle, lost);
	CHECK_EQ(leaks.dangling, 0);
	*value = lost;
	gomap_put(m);
}

/* Left by deletes; it is no leak, and a compact takes it away. */
static void an_empty_overflow_bucket_is_told(void)
{
	struct gomap *m = test_map(8, 8, 0, 104);
	u64 last = fill_bucket(m, 0, 5, 9);

	check_nothing_is_found(m);
	CHECK_EQ(search(m).empty_buckets, 0);
	drop(m, last);
	check_nothing_is_found(m);
	CHECK_EQ(search(m).empty_buckets, 1);
	CHECK_EQ(gomap_compact(m), 0);
	CHECK_EQ(search(m).empty_buckets, 0);
	gomap_put(m);
}

static struct gomap *shared;
static void (*meanwhile)(void);
static int points;

/* Act once, when the search holds no lock: between two buckets of many. */
static void act_once(void)
{
	if (shim_atomic_depth || ++points < 5)
		return;
	shim_at_point = NULL;
	meanwhile();
}

static struct gomap_leaks search_while(void (*act)(void))
{
	struct gomap_leaks leaks;

	meanwhile = act;
	points = 0;
	shim_at_point = act_once;
	CHECK_EQ(gomap_find_leaks(shared, &leaks), 0);
	CHECK(!shim_at_point);
	return leaks;
}

static void write_meanwhile(void)
{
	CHECK_EQ(drop_object(shared, 5), 1);
}

static void clear_meanwhile(void)
{
	CHECK_EQ(gomap_clear(shared), 0);
}

static void grow_meanwhile(void)
{
	start_resize(shared, GOMAP_RESIZING_DOUBLE, B_of(shared) + 1);
	CHECK_EQ(gomap_finish_resize(shared), 0);
}

static void who_was_disturbed_is_not_certain(void)
{
	static void (*const acts[])(void) = {
		write_meanwhile, clear_meanwhile, grow_meanwhile,
	};

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		shared = map_of_objects();
		CHECK_EQ(gomap_finish_resize(shared), 0);
		CHECK(!search_while(acts[i]).certain);
		check_nothing_is_found(shared);
		gomap_barrier();
		check_nothing_is_found(shared);
		gomap_put(shared);
	}
}

/* The search ends early, and what it has marked has no mark any more. */
static void a_fatal_signal_ends_the_search(void)
{
	struct gomap *m = map_of_objects();
	struct gomap_leaks leaks;

	shim_fatal_signal = true;
	CHECK_EQ(gomap_find_leaks(m, &leaks), -EINTR);
	/* As it ends the wait for somebody else's. */
	mutex_lock(&m->leaks_mutex);
	CHECK_EQ(gomap_find_leaks(m, &leaks), -EINTR);
	mutex_unlock(&m->leaks_mutex);
	shim_fatal_signal = false;
	check_nothing_is_found(m);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

static bool stop;
static u64 failures;

/* Writes that take an object and then lack another one, or succeed. */
static void *write_in_vain(void *arg)
{
	static u8 key[LEN], value[3000];
	u64 i = NR;

	(void)arg;
	while (!READ_ONCE(stop)) {
		memcpy(key, &i, sizeof(i));
		failures += gomap_insert(shared, key, LEN, value, 3000,
					 GFP_ATOMIC) == -ENOMEM;
		i += !(failures % 100);
	}
	return NULL;
}

/* Give the writer time to be anywhere before the next lock of the search. */
static void dawdle(void)
{
	static u64 random;

	for (u64 i = random_below(&random, 2000); i && !shim_atomic_depth; i--)
		(void)__atomic_load_n(&failures, __ATOMIC_RELAXED);
}

/*
 * An object that a writer holds for a moment is no leak: either nothing of the
 * kind is found, or the search is not certain.
 */
static void what_a_writer_holds_is_no_leak(void)
{
	struct gomap_leaks leaks;
	pthread_t writer;
	u32 i;

	stop = false;
	failures = 0;
	shared = test_map(LEN, 3000, 0, 0);
	CHECK_EQ(arena_reserve(shared->table->arena, arena_class_of(LEN), 10,
			       GFP_KERNEL), 0);
	CHECK_EQ(array_populate(shared->table->array, GFP_KERNEL), 0);
	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	CHECK_EQ(pthread_create(&writer, NULL, write_in_vain, NULL), 0);
	shim_at_point = dawdle;
	for (i = 0; i < SEARCHES; i++) {
		CHECK_EQ(gomap_find_leaks(shared, &leaks), 0);
		if (leaks.certain && leaks.objects)
			break;
	}
	shim_at_point = NULL;
	WRITE_ONCE(stop, true);
	pthread_join(writer, NULL);
	shim_faults = (struct shim_faults){};
	CHECK_EQ(i, SEARCHES);
	CHECK(failures > 100);
	check_nothing_is_found(shared);
	gomap_put(shared);
}

static const struct test_case cases[] = {
	CASE(a_sound_map_has_none),
	CASE(neither_does_the_nil_map),
	CASE(a_map_in_a_resize_has_none),
	CASE(a_lost_object_is_found),
	CASE(a_lost_key_value_and_bucket_are_found),
	CASE(a_handle_of_nothing_in_use_is_found),
	CASE(a_handle_of_another_entry_is_found),
	CASE(an_empty_overflow_bucket_is_told),
	CASE(who_was_disturbed_is_not_certain),
	CASE(a_fatal_signal_ends_the_search),
	CASE(what_a_writer_holds_is_no_leak),
};

TEST_MAIN(cases)
