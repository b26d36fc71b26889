// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_allocator.c - where a map takes its memory from: operations that its
 * creator gives, or one kmalloc() for each object.
 */
#include <linux/spinlock.h>

#include "life.h"

/* A note before each block, as long as the alignment that is promised. */
#define NOTE_BYTES	64
#define NOTE_MAGIC	0x6d656d6f727921ULL

/**
 * struct note - what was asked for.
 * @magic: It is one.
 * @size: Bytes.
 */
struct note {
	u64 magic;
	size_t size;
};

/**
 * struct log - what operations have seen.
 * @live: Blocks that are out.
 * @bytes: Bytes of them.
 * @allocs: Calls.
 * @fail_nth: The nth from now on fails, and all after it; 0: none.
 * @failed: How many did.
 * @atomic: Calls that must not sleep.
 */
struct log {
	long live;
	long bytes;
	unsigned long allocs;
	unsigned long fail_nth;
	unsigned long failed;
	unsigned long atomic;
};

static bool log_refuses(struct log *log)
{
	if (!log->fail_nth)
		return false;
	if (log->fail_nth > 1) {
		log->fail_nth--;
		return false;
	}
	log->failed++;
	return true;
}

static void *log_alloc(void *ctx, size_t size, gfp_t gfp)
{
	struct log *log = ctx;
	struct note *note;

	CHECK(!shim_spinlocks_held || gfp & GFP_NOWAIT);
	CHECK(size);
	if (log_refuses(log))
		return NULL;
	note = aligned_alloc(NOTE_BYTES, NOTE_BYTES + ALIGN(size, NOTE_BYTES));
	*note = (struct note){ .magic = NOTE_MAGIC, .size = size };
	memset((u8 *)note + NOTE_BYTES, 0, size);
	log->live++;
	log->bytes += size;
	log->allocs++;
	log->atomic += !gfpflags_allow_blocking(gfp);
	return (u8 *)note + NOTE_BYTES;
}

static void log_free(void *ctx, void *p, size_t size)
{
	struct note *note = (struct note *)((u8 *)p - NOTE_BYTES);
	struct log *log = ctx;

	CHECK_EQ(note->magic, NOTE_MAGIC);
	CHECK_EQ(note->size, size);
	log->live--;
	log->bytes -= size;
	free(note);
}

static const struct gomap_alloc_ops log_ops = {
	.alloc = log_alloc,
	.free = log_free,
};

/* Of everything that there are objects for, some of it presized. */
static const struct gomap_params kinds[] = {
	{ .key_size = 8, .value_size = 8 },
	{ .key_size = 300, .value_size = 500 },
	{ .key_size = 8, .value_size = 3000, .flags = GOMAP_F_VAR_VALUE },
	{ .key_size = 8, .value_size = 24, .flags = GOMAP_F_STABLE,
	  .hint = 500 },
	{ .key_size = 200, .value_size = 24,
	  .flags = GOMAP_F_STABLE | GOMAP_F_KMALLOC },
	{ .key_size = 8, .value_size = 500, .flags = GOMAP_F_KMALLOC,
	  .hint = 400 },
};

static void verify(const struct life *life)
{
	const char *wrong = model_compare(life->model, life->map);

	if (wrong)
		test_fail(__FILE__, __LINE__, "%s", wrong);
}

/* Some of everything that takes or gives back memory. */
static void live(struct life *life, u32 steps)
{
	while (steps--) {
		shim_cpu = random_below(&life->random, nr_cpu_ids);
		change_entry(life);
		if (random_below(&life->random, 100) == 0)
			shim_rcu_poll();
		if (random_below(&life->random, 700) == 0)
			gomap_compact(life->map);
		if (random_below(&life->random, 2000) == 0 &&
		    !gomap_clear(life->map))
			model_clear(life->model);
	}
	verify(life);
}

static struct life begin(struct gomap_params params, struct log *log)
{
	struct life life = { .random = test_seed };

	if (log) {
		params.alloc_ops = &log_ops;
		params.alloc_ctx = log;
	}
	life.map = gomap_create(&params);
	CHECK(!IS_ERR(life.map));
	life.model = model_create(&params, 1500, &life.random);
	return life;
}

static void end(struct life *life)
{
	model_destroy(life->model);
	gomap_put(life->map);
	gomap_barrier();
}

static void all_memory_comes_and_goes_by_the_operations(void)
{
	unsigned long allocs = 0, atomic = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		unsigned long calls = shim_alloc_calls();
		struct log log = {};
		struct life life = begin(kinds[i], &log);

		live(&life, 6000);
		CHECK_EQ(info_of(life.map).kernel_allocs, log.allocs);
		CHECK(log.bytes <= info_of(life.map).bytes_held);
		CHECK(info_of(life.map).bytes_held <
		      log.bytes + log.live * PAGE_SIZE);
		end(&life);
		CHECK_EQ(log.live, 0);
		CHECK_EQ(log.bytes, 0);
		CHECK_EQ(shim_alloc_calls() - calls, 1);  /* the account */
		allocs += log.allocs;
		atomic += log.atomic;
	}
	CHECK(allocs > 1000);
	CHECK(atomic > 10);
}

static void operations_may_refuse(void)
{
	u64 refused = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (unsigned long nth = 1; nth < 40; nth += 3) {
			struct log log = {};
			struct life life = begin(kinds[i], &log);

			live(&life, 100);
			log.fail_nth = nth;
			live(&life, 1500);
			CHECK(!life.refused || log.failed);
			refused += life.refused;
			log.fail_nth = 0;
			shim_jiffies += 100 * HZ;
			life.refused = 0;
			live(&life, 500);
			CHECK_EQ(life.refused, 0);
			end(&life);
			CHECK_EQ(log.live, 0);
		}
	}
	CHECK(refused > 100);
}

static void operations_may_refuse_a_map(void)
{
	struct gomap_params params = kinds[3];
	unsigned long nth, failed = 1;
	struct gomap *m;

	for (nth = 1; failed; nth++) {
		struct log log = { .fail_nth = nth };

		params.alloc_ops = &log_ops;
		params.alloc_ctx = &log;
		m = gomap_create(&params);
		failed = log.failed;
		log.fail_nth = 0;
		if (!IS_ERR(m))
			gomap_put(m);
		else
			CHECK_EQ(PTR_ERR(m), -ENOMEM);
		gomap_barrier();
		CHECK_EQ(log.live, 0);
	}
	CHECK(nth > 8);
}

static void half_of_the_operations_are_none(void)
{
	struct gomap_alloc_ops half = { .alloc = log_alloc };
	struct gomap_params params = {
		.key_size = 8, .value_size = 8, .alloc_ops = &half,
	};

	CHECK_EQ(PTR_ERR(gomap_create(&params)), -EINVAL);
	half = (struct gomap_alloc_ops){ .free = log_free };
	CHECK_EQ(PTR_ERR(gomap_create(&params)), -EINVAL);
}

static void maps_of_single_objects_are_maps(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct gomap_params params = kinds[i];
		struct life life;

		params.flags |= GOMAP_F_KMALLOC;
		life = begin(params, NULL);
		live(&life, 10000);
		CHECK_EQ(gomap_check(life.map), 0);
		end(&life);
	}
}

/* The figures that the two are compared by, with 10,000 values of 24 bytes. */
static unsigned long calls_of_inserts(u32 flags, u64 hint)
{
	struct gomap *m = test_map(8, 24, GOMAP_F_STABLE | flags, hint);
	struct gomap_memory memory;
	unsigned long calls;
	u64 value[3] = {}, i;

	calls = shim_alloc_calls();
	for (i = 0; i < 10000; i++)
		CHECK_EQ(gomap_insert(m, &i, 8, value, 24, GFP_KERNEL), 0);
	calls = shim_alloc_calls() - calls;
	gomap_memory(m, &memory);
	CHECK_EQ(memory.class[0].object_size, 24);
	CHECK_EQ(memory.class[0].live, 10000);
	if (!(flags & GOMAP_F_KMALLOC))
		CHECK_EQ(memory.class[0].nr_chunks, hint ? 1 : 4);
	gomap_put(m);
	return calls;
}

static void each_object_is_a_call(void)
{
	unsigned long arena = calls_of_inserts(0, 0);

	CHECK(arena < 100);
	CHECK_EQ(calls_of_inserts(0, 10000), 0);
	CHECK_EQ(calls_of_inserts(GOMAP_F_KMALLOC, 10000), 10000);
	CHECK(calls_of_inserts(GOMAP_F_KMALLOC, 0) >= 10000);
}

/* Its memory goes after a grace period, and no sooner. */
static void a_single_object_is_freed_after_a_grace_period(void)
{
	struct gomap *m = test_map(8, 200, GOMAP_F_STABLE | GOMAP_F_KMALLOC, 0);
	static u8 value[200];
	const u8 *p;
	long blocks;
	u64 i;

	memset(value, 7, sizeof(value));
	for (i = 0; i < 5; i++)
		CHECK_EQ(gomap_insert(m, &i, 8, value, 200, GFP_KERNEL), 0);
	i = 1;
	rcu_read_lock();
	p = gomap_lookup_rcu(m, &i, 8, NULL);
	blocks = shim_live_blocks();
	CHECK_EQ(gomap_delete(m, &i, 8), 1);
	CHECK_EQ(shim_live_blocks(), blocks);
	CHECK_EQ(p[199], 7);
	rcu_read_unlock();
	rcu_barrier();
	CHECK_EQ(shim_live_blocks(), blocks - 1);
	gomap_put(m);
}

static const struct test_case cases[] = {
	CASE(all_memory_comes_and_goes_by_the_operations),
	CASE(operations_may_refuse),
	CASE(operations_may_refuse_a_map),
	CASE(half_of_the_operations_are_none),
	CASE(maps_of_single_objects_are_maps),
	CASE(each_object_is_a_call),
	CASE(a_single_object_is_freed_after_a_grace_period),
};

TEST_MAIN(cases)
