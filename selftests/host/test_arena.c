// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_arena.c - chunks, handles, grace periods, and what they cost.
 */
#include "objects.h"

static void classes_fit_and_waste_little(void)
{
	u32 size, class, got, last = 0;

	open_arena();
	for (size = 1; size <= ARENA_OBJECT_MAX; size++) {
		class = arena_class_of(size);
		got = arena_class_size(arena, class);
		CHECK(class < ARENA_NR_SIZES);
		CHECK(got >= size);
		CHECK_EQ(got % 8, 0);
		CHECK(got <= ARENA_SIZE_MIN || got - size < 8 ||
		      5 * (got - size) <= got);
		CHECK(class == last || class == last + 1);
		last = class;
	}
	CHECK_EQ(arena_class_size(arena, ARENA_CLASS_BUCKET), BUCKET_SIZE);
	close_arena();
}

static void an_empty_arena_has_nothing_to_give(void)
{
	open_arena();
	CHECK_EQ(arena_alloc(arena, 0), 0);
	CHECK(!object(0, NULL));
	close_arena();
}

/* Every object gets bytes of its own; all are there at the end. */
static void objects_do_not_overlap(void)
{
	enum { NR = 3000 };
	static u32 handles[NR];
	u64 state = test_seed;
	u32 i, size;
	u8 *p;

	open_arena();
	for (i = 0; i < NR; i++) {
		u32 class = test_random(&state) % 20;

		handles[i] = take(class);
		p = object(handles[i], &size);
		CHECK_EQ(size, arena_class_size(arena, class));
		memset(p, (u8)i, size);
		memcpy(p, &i, sizeof(i));
	}
	for (i = 0; i < NR; i++) {
		p = object(handles[i], &size);
		CHECK_EQ(*(u32 *)p, i);
		CHECK_EQ(p[size - 1], (u8)i);
		CHECK(arena_object_is_live(arena, handles[i]));
	}
	close_arena();
}

static void a_freed_object_comes_back_at_once(void)
{
	u32 handle;

	open_arena();
	handle = take(3);
	arena_free(arena, handle);
	CHECK(!arena_object_is_live(arena, handle));
	CHECK_EQ(arena_alloc(arena, 3), handle);
	close_arena();
}

/* All the free objects of a class, and whether @wanted is among them. */
static bool can_be_taken(u32 class, u32 wanted)
{
	bool found = false;
	u32 handle;

	while ((handle = arena_alloc(arena, class)))
		found |= handle == wanted;
	return found;
}

static void a_retired_object_waits_for_its_grace_period(void)
{
	u32 handle;

	open_arena();
	handle = take(3);
	arena_retire(arena, handle);
	CHECK(object(handle, NULL));
	CHECK(!can_be_taken(3, handle));
	rcu_barrier();
	CHECK(can_be_taken(3, handle));
	close_arena();
}

/* What is retired while a grace period runs needs another one. */
static void a_later_one_waits_for_a_later_grace_period(void)
{
	u32 first, second;

	open_arena();
	first = take(3);
	second = take(3);
	arena_retire(arena, first);
	arena_retire(arena, second);
	CHECK(shim_rcu_poll());
	CHECK(!can_be_taken(3, second));
	CHECK(shim_rcu_poll());
	CHECK(can_be_taken(3, second));
	rcu_barrier();
	close_arena();
}

static void retiring_takes_no_memory(void)
{
	enum { NR = 500 };
	static u32 handles[NR];
	unsigned long calls;
	int i;

	open_arena();
	for (i = 0; i < NR; i++)
		handles[i] = take(5);
	calls = shim_alloc_calls();
	for (i = 0; i < NR; i++)
		arena_retire(arena, handles[i]);
	rcu_barrier();
	CHECK_EQ(shim_alloc_calls(), calls);
	close_arena();
}

static void the_arena_outlives_its_last_user_by_a_grace_period(void)
{
	u32 handle;
	long blocks;

	open_arena();
	handle = take(3);
	arena_retire(arena, handle);
	blocks = shim_live_blocks();
	arena_put(arena);
	CHECK_EQ(shim_live_blocks(), blocks);
	rcu_barrier();
	shim_run_work();
	CHECK(shim_live_blocks() < blocks);
	account_put(account);
}

static void figures_are_exact(void)
{
	unsigned long calls = shim_alloc_calls() + 1;	/* for the account */
	u32 handles[100];
	long before;
	int i;

	before = shim_live_bytes();
	open_arena();
	before = shim_live_bytes() - before - sizeof(*account);
	CHECK_EQ(held(), before);
	before = shim_live_bytes() - before;
	for (i = 0; i < 100; i++)
		handles[i] = take(ARENA_CLASS_BUCKET);
	CHECK_EQ(totals().objects_live, 100);
	CHECK_EQ(totals().bytes_live, 100 * BUCKET_SIZE);
	CHECK_EQ(totals().bytes_live + totals().bytes_idle,
		 totals().bytes_chunks);
	CHECK_EQ(held(), shim_live_bytes() - before);
	for (i = 0; i < 50; i++)
		arena_free(arena, handles[i]);
	for (; i < 100; i++)
		arena_retire(arena, handles[i]);
	CHECK_EQ(totals().objects_live, 0);
	CHECK_EQ(totals().bytes_live, 0);
	CHECK_EQ(totals().object_allocs, 50);	/* the others were never used */
	CHECK_EQ(atomic64_read(&account->peak), held());
	CHECK_EQ(atomic64_read(&account->allocs), shim_alloc_calls() - calls);
	rcu_barrier();
	close_arena();
}

static void a_reserve_is_taken_without_the_kernel(void)
{
	unsigned long calls;
	int i;

	open_arena();
	reserve(4, 5000);
	calls = shim_alloc_calls();
	for (i = 0; i < 5000; i++)
		CHECK(arena_alloc(arena, 4));
	CHECK_EQ(shim_alloc_calls(), calls);
	close_arena();
}

/* One chunk for many objects: that is what it is for. */
static void chunks_are_few(void)
{
	unsigned long calls = shim_alloc_calls();

	open_arena();
	for (int i = 0; i < 10000; i++)
		take(0);
	CHECK(shim_alloc_calls() - calls < 30);
	close_arena();
}

static void small_arenas_hold_little(void)
{
	open_arena();
	take(ARENA_CLASS_BUCKET);
	CHECK(held() < 8192);
	close_arena();
}

static void large_objects_share_a_chunk(void)
{
	u32 class = arena_class_of(65536);
	unsigned long calls;

	open_arena();
	reserve(class, 40);
	calls = shim_alloc_calls();
	for (int i = 0; i < 8; i++)
		take(class);
	CHECK_EQ(shim_alloc_calls(), calls);
	CHECK(arena_class_size(arena, class) * 44ULL > held());
	close_arena();
}

/* The directory is replaced again and again; old handles stay good. */
static void the_directory_grows(void)
{
	enum { NR = 200 };
	static u32 handles[NR];
	u32 class = arena_class_of(60000);
	int i;

	open_arena();
	for (i = 0; i < NR; i++) {
		handles[i] = take(class);
		*(u32 *)object(handles[i], NULL) = i;
	}
	for (i = 0; i < NR; i++)
		CHECK_EQ(*(u32 *)object(handles[i], NULL), i);
	close_arena();
}

/* A chunk is had, and then the larger directory for it is not. */
static void a_chunk_without_room_goes_back(void)
{
	u32 class = arena_class_of(60000);
	u64 before = 0;
	int nr = 0;

	open_arena();
	while (!arena_reserve(arena, class, ++nr, GFP_KERNEL)) {
		before = held();
		/* The second allocation, where there are so many. */
		shim_faults = (struct shim_faults){ .nth = 2 };
	}
	CHECK_EQ(shim_faults.injected, 1);
	shim_faults = (struct shim_faults){};
	CHECK_EQ(held(), before);
	close_arena();
}

/* While somebody looks for an object. */
static void enlarge_directory(void)
{
	shim_at_point = NULL;
	CHECK_EQ(arena_reserve(arena, arena_class_of(60000), 50, GFP_ATOMIC),
		 0);
}

static void a_reader_may_hold_a_directory_that_was_replaced(void)
{
	u32 handle;
	void *before;

	open_arena();
	handle = take(0);
	before = object(handle, NULL);
	rcu_read_lock();
	shim_at_point = enlarge_directory;
	CHECK(arena_object(arena, handle, NULL) == before);
	CHECK(!shim_at_point);
	rcu_read_unlock();
	close_arena();
}

static void wild_handles_name_nothing(void)
{
	u64 state = test_seed;
	u32 mine, size, nr, i;

	open_arena();
	mine = take(0);
	CHECK(!object(~0U, &size));
	CHECK(!object(mine | 0xfff, &size));
	/* It is the first of its chunk, and there is no other chunk. */
	nr = 1 + figures(0).free;
	CHECK(object(mine + nr - 1, &size));
	CHECK(!object(mine + nr, &size));
	for (i = 1; i < 10; i++)
		CHECK(!object(mine + (i << 12), &size));
	for (int i = 0; i < 100000; i++)
		if (object((u32)test_random(&state), &size))
			CHECK_EQ(size, ARENA_SIZE_MIN);
	close_arena();
}

/* With what is refused an arena is not made, or has the objects or says no. */
static void try_to_live(struct shim_faults faults)
{
	int err;

	account = account_create(&(struct account_params){});
	CHECK(account);
	shim_faults = faults;
	arena = arena_create(account, BUCKET_SIZE, false, GFP_ATOMIC);
	if (!IS_ERR(arena)) {
		err = arena_reserve(arena, 3, 2000, GFP_ATOMIC);
		CHECK(!err || err == -ENOMEM);
		CHECK_EQ(!err, arena_has(arena, 3, 2000));
		CHECK(!err || shim_faults.injected);
		arena_put(arena);
	} else {
		CHECK_EQ(PTR_ERR(arena), -ENOMEM);
	}
	CHECK_EQ(held(), 0);
	account_put(account);
}

/* Whichever allocation fails, nothing is lost and nothing is left. */
static void refused_memory_is_survived(void)
{
	struct shim_faults faults = {};
	unsigned long injected;
	int persistent;

	for (persistent = 0; persistent < 2; persistent++) {
		injected = 1;
		for (faults.nth = 1; injected; faults.nth++) {
			faults.persistent = persistent;
			try_to_live(faults);
			injected = shim_faults.injected;
			shim_faults = (struct shim_faults){};
		}
		CHECK(faults.nth > 5);
	}
}

static void pages_can_come_from_vmalloc(void)
{
	void *span;

	open_arena();
	shim_faults.vmalloc_only = true;
	span = arena_span_alloc(arena, 100000, GFP_KERNEL);
	CHECK(!IS_ERR(span) && is_vmalloc_addr(span));
	CHECK_EQ(PTR_ERR(arena_span_alloc(arena, 100000, GFP_ATOMIC)),
		 -ENOMEM);
	arena_span_free(arena, span, 100000);
	close_arena();
}

static void spans_are_zeroed(void)
{
	u8 *span;

	open_arena();
	span = arena_span_alloc(arena, 5000, GFP_KERNEL);
	CHECK(!IS_ERR(span));
	for (int i = 0; i < 5000; i++)
		CHECK_EQ(span[i], 0);
	arena_span_free(arena, span, 5000);
	close_arena();
}

static const struct test_case cases[] = {
	CASE(classes_fit_and_waste_little),
	CASE(an_empty_arena_has_nothing_to_give),
	CASE(objects_do_not_overlap),
	CASE(a_freed_object_comes_back_at_once),
	CASE(a_retired_object_waits_for_its_grace_period),
	CASE(a_later_one_waits_for_a_later_grace_period),
	CASE(retiring_takes_no_memory),
	CASE(the_arena_outlives_its_last_user_by_a_grace_period),
	CASE(figures_are_exact),
	CASE(a_reserve_is_taken_without_the_kernel),
	CASE(chunks_are_few),
	CASE(small_arenas_hold_little),
	CASE(large_objects_share_a_chunk),
	CASE(the_directory_grows),
	CASE(a_chunk_without_room_goes_back),
	CASE(a_reader_may_hold_a_directory_that_was_replaced),
	CASE(wild_handles_name_nothing),
	CASE(refused_memory_is_survived),
	CASE(pages_can_come_from_vmalloc),
	CASE(spans_are_zeroed),
};

TEST_MAIN(cases)
