// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_trim.c - empty chunks are given back, and which of them stay.
 *
 * Grace periods end and work is done only where a case lets them.
 */
#include "objects.h"

/*
 * Of objects of a page the chunks of a class have 4, 15, 15, 31 and 31: too few
 * for magazines.
 */
#define CLASS		arena_class_of(PAGE_SIZE)
#define CHUNKS_MAX	5
#define OBJECTS_MAX	96

/**
 * struct fill - the objects of one chunk, all in use.
 * @chunk: The chunk.
 * @bytes: Its bytes.
 * @handles: The objects.
 * @nr: How many.
 */
struct fill {
	const struct arena_chunk *chunk;
	u64 bytes;
	u32 handles[31];
	u32 nr;
};

static struct fill chunks[CHUNKS_MAX];

static void note_object(u32 handle)
{
	struct fill *f = chunks;

	while (f->chunk && f->chunk != chunk_of(handle))
		f++;
	f->chunk = chunk_of(handle);
	f->bytes = f->chunk->bytes;
	f->handles[f->nr++] = handle;
}

/* An arena with nothing but a few chunks that are full. */
static void open_full(u32 nr_chunks)
{
	memset(chunks, 0, sizeof(chunks));
	open_arena();
	do {
		note_object(take(CLASS));
	} while (figures(CLASS).nr_chunks < nr_chunks || figures(CLASS).free);
	CHECK_EQ(figures(CLASS).nr_chunks, nr_chunks);
}

static void retire_chunk(int i)
{
	retire_many(chunks[i].handles, chunks[i].nr);
}

/* All grace periods are over, and what they have brought about is done. */
static void settle(void)
{
	gomap_barrier();
}

static void chunks_are_what_these_cases_take_them_for(void)
{
	static const u32 nr[CHUNKS_MAX] = { 4, 15, 15, 31, 31 };

	open_full(CHUNKS_MAX);
	for (int i = 0; i < CHUNKS_MAX; i++)
		CHECK_EQ(chunks[i].nr, nr[i]);
	CHECK_EQ(figures(CLASS).live, OBJECTS_MAX);
	CHECK(!has_magazines(CLASS));
	close_arena();
}

static void empty_chunks_go_back_by_themselves(void)
{
	u64 before;

	open_full(3);
	before = held();
	retire_chunk(1);
	retire_chunk(2);
	CHECK(shim_rcu_poll());			/* the first object */
	CHECK(shim_rcu_poll());			/* and all others */
	CHECK_EQ(figures(CLASS).retired, 0);
	CHECK_EQ(figures(CLASS).nr_chunks, 3);
	shim_run_work();
	CHECK_EQ(figures(CLASS).nr_chunks, 2);
	CHECK_EQ(figures(CLASS).free, 15);
	CHECK_EQ(figures(CLASS).live, 4);
	settle();
	CHECK_EQ(before - held(), chunks[1].bytes);
	close_arena();
}

/* A class may become empty, and keeps one chunk for what comes next. */
static void one_chunk_stays(void)
{
	open_full(CHUNKS_MAX);
	for (int i = 0; i < CHUNKS_MAX; i++)
		retire_chunk(i);
	settle();
	CHECK_EQ(figures(CLASS).nr_chunks, 1);
	CHECK_EQ(figures(CLASS).live, 0);
	close_arena();
}

static void as_many_free_objects_as_others_stay(void)
{
	open_full(CHUNKS_MAX);
	retire_chunk(3);
	settle();
	CHECK_EQ(figures(CLASS).nr_chunks, CHUNKS_MAX);	/* 31 of 96 are free */
	retire_chunk(4);
	settle();
	CHECK_EQ(figures(CLASS).nr_chunks, CHUNKS_MAX);	/* 62 of them */
	arena_retire(arena, chunks[2].handles[0]);
	settle();
	/* Without one of them 32 would be free, and 33 not. */
	CHECK_EQ(figures(CLASS).nr_chunks, CHUNKS_MAX);
	arena_retire(arena, chunks[2].handles[1]);
	settle();
	CHECK_EQ(figures(CLASS).nr_chunks, CHUNKS_MAX - 1);
	CHECK_EQ(figures(CLASS).free, 33);
	CHECK_EQ(figures(CLASS).live, 32);
	close_arena();
}

/* Objects that readers may still look at are no free ones. */
static void a_chunk_with_a_retired_object_stays(void)
{
	open_full(2);
	retire_chunk(1);
	CHECK_EQ(arena_trim(arena), 0);
	CHECK(shim_rcu_poll());
	CHECK_EQ(figures(CLASS).retired, chunks[1].nr - 1);
	CHECK_EQ(arena_trim(arena), 0);
	CHECK(shim_rcu_poll());
	CHECK_EQ(arena_trim(arena), chunks[1].bytes);
	close_arena();
}

static void a_chunk_with_an_object_in_use_stays(void)
{
	open_full(2);
	retire_many(&chunks[1].handles[1], chunks[1].nr - 1);
	settle();
	CHECK_EQ(arena_trim(arena), 0);
	CHECK_EQ(figures(CLASS).nr_chunks, 2);
	CHECK(object(chunks[1].handles[0], NULL));
	close_arena();
}

static void all_goes_back_on_request(void)
{
	u64 empty, bytes = 0;

	open_arena();
	reserve(CLASS, 1);
	empty = held() - figures(CLASS).bytes;
	close_arena();

	open_full(CHUNKS_MAX);
	for (int i = 0; i < CHUNKS_MAX; i++)
		bytes += chunks[i].bytes;
	for (int i = 0; i < CHUNKS_MAX; i++)
		retire_chunk(i);
	rcu_barrier();
	CHECK_EQ(arena_trim(arena), bytes);
	CHECK_EQ(figures(CLASS).nr_chunks, 0);
	CHECK_EQ(totals().bytes_chunks, 0);
	CHECK_EQ(totals().bytes_idle, 0);
	CHECK_EQ(totals().object_allocs, OBJECTS_MAX);
	settle();
	CHECK_EQ(held(), empty);
	CHECK(take(CLASS));
	close_arena();
}

static void a_request_waits_for_what_is_retired(void)
{
	open_full(2);
	retire_chunk(0);
	retire_chunk(1);
	arena_trim_after_grace_period(arena);
	CHECK_EQ(figures(CLASS).nr_chunks, 2);
	settle();
	CHECK_EQ(figures(CLASS).nr_chunks, 0);
	close_arena();

	/* Nothing is retired, so there is nothing to wait for. */
	open_arena();
	arena_free(arena, take(CLASS));
	arena_trim_after_grace_period(arena);
	CHECK_EQ(figures(CLASS).nr_chunks, 0);
	close_arena();
}

/* However many objects are retired after it. */
static void a_request_is_met_while_others_go_on(void)
{
	open_full(2);
	reserve(0, 100);
	retire_chunk(1);
	arena_trim_after_grace_period(arena);
	for (int i = 0; i < 5; i++) {
		arena_retire(arena, take(0));
		CHECK(shim_rcu_poll());
		arena_retire(arena, take(0));
		shim_run_work();
	}
	CHECK_EQ(figures(CLASS).nr_chunks, 1);
	CHECK_EQ(figures(CLASS).free, 0);
	close_arena();
}

/* One request, one trim: what is empty later is not its business. */
static void a_request_is_good_for_once(void)
{
	open_full(2);
	retire_chunk(0);
	arena_trim_after_grace_period(arena);
	settle();
	CHECK_EQ(figures(CLASS).nr_chunks, 1);
	retire_chunk(1);
	settle();
	CHECK_EQ(figures(CLASS).nr_chunks, 1);
	CHECK_EQ(figures(CLASS).free, chunks[1].nr);
	close_arena();
}

static void what_a_presize_took_stays(void)
{
	u32 handles[40];

	open_arena();
	CHECK_EQ(arena_presize(arena, CLASS, 20, GFP_KERNEL), 0);
	take_many(CLASS, handles, 40);
	CHECK_EQ(figures(CLASS).nr_chunks, 3);
	retire_many(handles, 40);
	settle();
	CHECK_EQ(figures(CLASS).nr_chunks, 1);
	arena_trim(arena);
	CHECK_EQ(figures(CLASS).nr_chunks, 1);
	CHECK_EQ(figures(CLASS).free, 20);
	CHECK(chunk_of(take(CLASS))->pinned);
	close_arena();
}

/* Nor does a presized chunk that is empty keep others from being given back. */
static void others_go_past_what_a_presize_took(void)
{
	u32 handles[20 + 15];

	open_arena();
	CHECK_EQ(arena_presize(arena, CLASS, 20, GFP_KERNEL), 0);
	take_many(CLASS, handles, ARRAY_SIZE(handles));
	CHECK_EQ(figures(CLASS).nr_chunks, 2);
	retire_many(handles, 1);
	retire_many(&handles[20], 15);
	settle();
	retire_many(&handles[1], 19);
	settle();
	arena_trim(arena);
	CHECK_EQ(figures(CLASS).nr_chunks, 1);
	CHECK_EQ(figures(CLASS).free, 20);
	close_arena();
}

static void what_a_presize_took_goes_when_it_is_unpinned(void)
{
	u32 handles[20];

	open_arena();
	CHECK_EQ(arena_presize(arena, CLASS, 20, GFP_KERNEL), 0);
	CHECK_EQ(arena_presize(arena, 0, 20000, GFP_KERNEL), 0);
	take_many(CLASS, handles, 20);
	arena_unpin(arena);
	CHECK_EQ(arena->class[CLASS]->nr_pinned, 0);
	retire_many(handles, 20);
	settle();
	arena_trim(arena);
	CHECK_EQ(totals().nr_chunks, 0);
	close_arena();
}

/*
 * A reader may have read the handle of an object that is long free, and follow
 * it while the chunk goes.
 */
static void a_chunk_waits_for_its_readers(void)
{
	u32 handle;
	long blocks;
	u8 *p;

	open_full(2);
	handle = chunks[1].handles[3];
	memset(object(handle, NULL), 0x77, PAGE_SIZE);
	retire_chunk(1);
	rcu_barrier();

	rcu_read_lock();
	p = arena_object(arena, handle, NULL);
	CHECK(p);
	blocks = shim_live_blocks();
	CHECK_EQ(arena_trim(arena), chunks[1].bytes);
	CHECK(!arena_object(arena, handle, NULL));
	CHECK_EQ(shim_live_blocks(), blocks);
	CHECK_EQ(p[0] + p[PAGE_SIZE - 1], 2 * 0x77);
	rcu_read_unlock();

	settle();
	CHECK_EQ(shim_live_blocks(), blocks - 1);
	close_arena();
}

/* The account outlives the arena until the last chunk is freed. */
static void a_chunk_may_outlive_its_arena(void)
{
	open_full(2);
	retire_chunk(1);
	rcu_barrier();
	CHECK_EQ(arena_trim(arena), chunks[1].bytes);
	close_arena();
	settle();
}

/* Fill and empty a class, with chunks of one number and of several. */
static void come_and_go(u32 class, u32 nr)
{
	static u32 handles[20000];

	take_many(class, handles, nr);
	retire_many(handles, nr);
	settle();
	arena_trim(arena);
	CHECK_EQ(figures(class).nr_chunks, 0);
}

static void numbers_of_chunks_are_used_again(void)
{
	u32 size;

	open_arena();
	come_and_go(0, 20000);
	come_and_go(CLASS, 96);
	size = arena->directory->size;
	for (int i = 0; i < 10; i++) {
		come_and_go(CLASS, 96);
		come_and_go(0, 20000);
	}
	CHECK_EQ(arena->directory->size, size);
	CHECK_EQ(arena->directory->nr_holes, arena->directory->nr);
	close_arena();
}

/* Two holes of the directory are not one of two numbers. */
static void a_chunk_only_goes_where_all_its_numbers_fit(void)
{
	struct arena_chunk *chunk;
	u32 i, number;

	open_full(CHUNKS_MAX);
	retire_chunk(1);
	retire_chunk(3);
	rcu_barrier();
	arena_trim(arena);
	CHECK_EQ(arena->directory->nr_holes, 2);
	CHECK_EQ(arena_presize(arena, 0, PLACES_PER_NUMBER + 1, GFP_KERNEL), 0);
	chunk = chunk_of(take(0));
	CHECK_EQ(chunk_numbers(chunk), 2);
	number = (chunk->first >> PLACE_BITS) - 1;
	for (i = 0; i < 2; i++)
		CHECK(arena->directory->chunk[number + i] == chunk);
	CHECK_EQ(arena->directory->nr_holes, 2);
	for (i = 0; i < CHUNKS_MAX; i += 2)
		CHECK(chunk_of(chunks[i].handles[0]) == chunks[i].chunk);
	close_arena();
}

static void objects_are_taken_where_most_are_in_use(void)
{
	u32 handle;

	open_full(3);
	retire_chunk(1);
	retire_many(chunks[2].handles, 2);
	rcu_barrier();
	for (int i = 0; i < 2; i++) {
		handle = arena_alloc(arena, CLASS);
		CHECK(chunk_of(handle) == chunk_of(chunks[2].handles[5]));
	}
	CHECK(chunk_is_empty(chunk_of(chunks[1].handles[0])));
	close_arena();
}

static const struct test_case cases[] = {
	CASE(chunks_are_what_these_cases_take_them_for),
	CASE(empty_chunks_go_back_by_themselves),
	CASE(one_chunk_stays),
	CASE(as_many_free_objects_as_others_stay),
	CASE(a_chunk_with_a_retired_object_stays),
	CASE(a_chunk_with_an_object_in_use_stays),
	CASE(all_goes_back_on_request),
	CASE(a_request_waits_for_what_is_retired),
	CASE(a_request_is_met_while_others_go_on),
	CASE(a_request_is_good_for_once),
	CASE(what_a_presize_took_stays),
	CASE(others_go_past_what_a_presize_took),
	CASE(what_a_presize_took_goes_when_it_is_unpinned),
	CASE(a_chunk_waits_for_its_readers),
	CASE(a_chunk_may_outlive_its_arena),
	CASE(numbers_of_chunks_are_used_again),
	CASE(a_chunk_only_goes_where_all_its_numbers_fit),
	CASE(objects_are_taken_where_most_are_in_use),
};

TEST_MAIN(cases)
