// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_supply.c - how large chunks are, and what becomes of it where the kernel
 * has none that large.
 */
#include "objects.h"

#define KIB	1024ULL
#define MIB	(1024 * KIB)

/* What the kernel gives at most in these cases; 0: whatever is asked for. */
static size_t largest;

static void *alloc_up_to_largest(void *ctx, size_t size, gfp_t gfp)
{
	(void)ctx;
	return size <= largest ? shim_alloc(SHIM_PAGES, size, gfp) : NULL;
}

static void give_back(void *ctx, void *p, size_t size)
{
	(void)ctx;
	shim_free(SHIM_PAGES, p, size);
}

static const struct gomap_alloc_ops ops = {
	.alloc = alloc_up_to_largest,
	.free = give_back,
};

static void open_with_largest(size_t size)
{
	largest = size;
	open_arena_as(&(struct gomap_params){ .alloc_ops = &ops });
}

/* Take objects until there is another chunk.  Its bytes. */
static u64 next_chunk(u32 class)
{
	u64 before = figures(class).bytes, bytes;

	do {
		take(class);
		bytes = figures(class).bytes;
	} while (bytes == before);
	return bytes - before;
}

static void chunks_become_larger_with_their_class(void)
{
	static const struct { u64 held, bytes; } next[] = {
		{ 0, 4 * KIB }, { 4 * KIB, 64 * KIB }, { 128 * KIB, 128 * KIB },
		{ 8 * MIB, 256 * KIB }, { 16 * MIB, 512 * KIB },
		{ 32 * MIB, 1 * MIB },
	};
	u32 class = arena_class_of(512), i = 0;
	u64 before;

	open_arena();
	while ((before = figures(class).bytes) < 33 * MIB) {
		if (i + 1 < ARRAY_SIZE(next) && before >= next[i + 1].held)
			i++;
		CHECK_EQ(next_chunk(class), next[i].bytes);
	}
	close_arena();
}

/* That the class holds a gigabyte is made up. */
static void none_is_larger_than_the_page_allocator_has(void)
{
	u32 class = arena_class_of(512);

	open_arena();
	take(class);
	arena->class[class]->bytes += 1024 * MIB;
	CHECK_EQ(next_chunk(class), 4 * MIB);
	arena->class[class]->bytes -= 1024 * MIB;
	close_arena();
}

/* Nor has it more objects than a chunk can number: the rest would lie idle. */
static void chunks_of_small_objects_are_used_up(void)
{
	u64 bytes;

	open_arena();
	take(0);
	arena->class[0]->bytes += 1024 * MIB;
	bytes = next_chunk(0);
	CHECK(bytes <= PLACES_MAX * (16 + 2) + PAGE_SIZE);
	CHECK(bytes >= 512 * KIB);
	arena->class[0]->bytes -= 1024 * MIB;
	close_arena();
}

static void ten_thousand_small_objects_are_four_chunks(void)
{
	const u64 nr = 10000, size = 24;
	u32 class = arena_class_of(size);

	open_arena();
	for (u64 i = 0; i < nr; i++)
		take(class);
	CHECK_EQ(figures(class).nr_chunks,
		 (nr * size + 64 * KIB - 1) / (64 * KIB));
	close_arena();
}

static void little_is_idle_beside_a_million_objects(void)
{
	u32 class = arena_class_of(24);

	open_arena();
	for (u32 i = 0; i < 1000000; i++)
		take(class);
	/* Two bytes of a link each, and a 32nd at the end. */
	CHECK(totals().bytes_idle <
	      totals().bytes_live / 12 + totals().bytes_live / 30);
	CHECK(figures(class).nr_chunks < 120);
	close_arena();
}

static void a_refused_chunk_is_had_in_smaller_pieces(void)
{
	size_t most;

	for (most = 64 * KIB; most >= 4 * KIB; most /= 2) {
		open_with_largest(most);
		reserve(3, 20000);
		CHECK_EQ(figures(3).nr_chunks,
			 (figures(3).bytes + most - 1) / most);
		for (u32 i = 0; i < 20000; i++)
			CHECK(arena_alloc(arena, 3));
		close_arena();
	}
}

/* As small as one object, whose size is no power of two pages. */
static void the_last_try_is_for_one_object(void)
{
	u32 class = arena_class_of(12 * KIB);

	open_with_largest(16 * KIB);
	reserve(class, 3);
	CHECK_EQ(figures(class).nr_chunks, 3);
	CHECK_EQ(figures(class).bytes, 3 * 16 * KIB);
	close_arena();

	open_with_largest(16 * KIB - 1);
	CHECK_EQ(arena_reserve(arena, class, 1, GFP_KERNEL), -ENOMEM);
	CHECK_EQ(figures(class).nr_chunks, 0);
	close_arena();
}

static void a_presize_is_one_chunk(void)
{
	u32 class = arena_class_of(24);
	unsigned long calls;

	open_arena();
	CHECK_EQ(arena_presize(arena, class, 10000, GFP_KERNEL), 0);
	CHECK_EQ(figures(class).nr_chunks, 1);
	CHECK(figures(class).free >= 10000);
	CHECK(figures(class).bytes < 10000 * (24 + 2) + 2 * PAGE_SIZE);
	calls = shim_alloc_calls();
	for (u32 i = 0; i < 10000; i++)
		CHECK(arena_alloc(arena, class));
	CHECK_EQ(shim_alloc_calls(), calls);
	close_arena();
}

static void a_large_presize_is_few(void)
{
	open_arena();
	CHECK_EQ(arena_presize(arena, 0, 3 * PLACES_MAX + 1, GFP_KERNEL), 0);
	CHECK_EQ(figures(0).nr_chunks, 4);
	CHECK_EQ(arena_presize(arena, arena_class_of(512), 20 * 1024,
			       GFP_KERNEL), 0);
	/* 10 MiB and the links. */
	CHECK_EQ(figures(arena_class_of(512)).nr_chunks, 3);
	close_arena();
}

static void a_presize_is_had_in_smaller_pieces(void)
{
	open_with_largest(64 * KIB);
	CHECK_EQ(arena_presize(arena, 3, 20000, GFP_KERNEL), 0);
	CHECK(figures(3).free >= 20000);
	for (u32 i = 0; i < 20000; i++)
		CHECK(chunk_of(take(3))->pinned);
	close_arena();
}

static void a_presize_counts_what_is_there(void)
{
	unsigned long calls;

	open_arena();
	CHECK_EQ(arena_presize(arena, 3, 0, GFP_KERNEL), 0);
	CHECK_EQ(figures(3).nr_chunks, 0);
	CHECK_EQ(arena_presize(arena, 3, 5000, GFP_KERNEL), 0);
	calls = shim_alloc_calls();
	CHECK_EQ(arena_presize(arena, 3, 5000, GFP_KERNEL), 0);
	CHECK_EQ(shim_alloc_calls(), calls);
	close_arena();
}

static void a_presize_ends_with_a_fatal_signal(void)
{
	open_arena();
	shim_fatal_signal = true;
	CHECK_EQ(arena_presize(arena, 0, 5 * PLACES_MAX, GFP_KERNEL), -EINTR);
	CHECK_EQ(figures(0).nr_chunks, 1);
	shim_fatal_signal = false;
	close_arena();
}

/* More than a number has places for: every object has a handle of its own. */
static void a_chunk_takes_as_many_numbers_as_it_needs(void)
{
	u32 handle, size, first = 0;
	u64 sum = 0;

	open_arena();
	take(1);
	CHECK_EQ(arena_presize(arena, 0, PLACES_MAX, GFP_KERNEL), 0);
	while ((handle = arena_alloc(arena, 0))) {
		u64 *p = object(handle, &size);

		CHECK(p && size == 16);
		CHECK_EQ(*p, 0);
		*p = handle;
		first = first ?: chunk_of(handle)->first;
		sum += handle - first;
	}
	CHECK_EQ(sum, PLACES_MAX * (PLACES_MAX - 1ULL) / 2);
	CHECK_EQ(*(u64 *)object(first + PLACES_MAX - 1, NULL),
		 first + PLACES_MAX - 1);
	CHECK(!object(first + PLACES_MAX, NULL));
	CHECK(chunk_of(take(2))->first > first + PLACES_MAX);
	close_arena();
}

static const struct test_case cases[] = {
	CASE(chunks_become_larger_with_their_class),
	CASE(none_is_larger_than_the_page_allocator_has),
	CASE(chunks_of_small_objects_are_used_up),
	CASE(ten_thousand_small_objects_are_four_chunks),
	CASE(little_is_idle_beside_a_million_objects),
	CASE(a_refused_chunk_is_had_in_smaller_pieces),
	CASE(the_last_try_is_for_one_object),
	CASE(a_presize_is_one_chunk),
	CASE(a_large_presize_is_few),
	CASE(a_presize_is_had_in_smaller_pieces),
	CASE(a_presize_counts_what_is_there),
	CASE(a_presize_ends_with_a_fatal_signal),
	CASE(a_chunk_takes_as_many_numbers_as_it_needs),
};

TEST_MAIN(cases)
