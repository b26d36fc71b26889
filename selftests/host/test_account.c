// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_account.c - who pays for the memory of a map, and what kmemleak is told
 * of it.
 */
#include <linux/memcontrol.h>
#include <linux/slab.h>

#include "numbers.h"
#include "objects.h"

/* Everything that takes memory: buckets, objects, growth, a clear, a seed. */
static void use_memory(struct gomap *m)
{
	static u8 value[300];
	u64 i;
	int ret;

	for (i = 0; i < 3000; i++) {
		ret = gomap_store(m, &i, 8, value, 300,
				  i % 2 ? GFP_KERNEL : GFP_ATOMIC);
		CHECK_EQ(ret, 0);
	}
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(gomap_rekey(m), 0);
	for (i = 0; i < 3000; i++)
		CHECK_EQ(gomap_delete(m, &i, 8), 1);
	shim_run_work();
	CHECK_EQ(gomap_compact(m), 0);
	CHECK_EQ(gomap_clear(m), 0);
	gomap_barrier();
}

static void the_creator_pays_whoever_asks(void)
{
	static const u32 flags[] = {
		0, GOMAP_F_KMALLOC, GOMAP_F_STABLE, GOMAP_F_POINTERS,
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		struct mem_cgroup creator = {}, other = {};
		unsigned long calls = shim_alloc_calls();
		struct gomap *m;

		shim_own_memcg = &creator;
		m = test_map(8, 300, GOMAP_F_ACCOUNT | flags[i], 100);
		shim_own_memcg = &other;
		use_memory(m);
		shim_own_memcg = NULL;
		use_memory(m);
		CHECK_EQ(creator.charges, shim_alloc_calls() - calls);
		CHECK_EQ(other.charges, 0);
		CHECK_EQ(creator.refs, 1);
		gomap_put(m);
		gomap_barrier();
		CHECK_EQ(creator.refs, 0);
	}
}

static void nobody_pays_for_a_map_that_is_not_accounted(void)
{
	struct mem_cgroup creator = {}, other = {};
	struct gomap *m;

	shim_own_memcg = &creator;
	m = test_map(8, 300, 0, 100);
	shim_own_memcg = &other;
	use_memory(m);
	shim_own_memcg = NULL;
	gomap_put(m);
	CHECK_EQ(creator.charges + other.charges, 0);
	CHECK_EQ(creator.refs + other.refs, 0);
}

/* Who pays for the rest of what the caller does stays the same. */
static void the_callers_own_payer_is_left_alone(void)
{
	struct mem_cgroup creator = {}, active = {};
	struct gomap *m;
	void *p;

	shim_own_memcg = &creator;
	m = test_map(8, 300, GOMAP_F_ACCOUNT, 0);
	shim_active_memcg = &active;
	use_memory(m);
	CHECK(shim_active_memcg == &active);
	shim_faults = (struct shim_faults){ .nth = 1 };
	CHECK_EQ(PTR_ERR(account_alloc(m->account, 100, ACCOUNT_CONTENT,
				       GFP_KERNEL)), -ENOMEM);
	shim_faults = (struct shim_faults){};
	CHECK(shim_active_memcg == &active);
	CHECK_EQ(active.charges, 0);
	p = kmalloc(10, GFP_KERNEL | __GFP_ACCOUNT);
	CHECK_EQ(active.charges, 1);
	kfree(p);
	shim_active_memcg = NULL;
	shim_own_memcg = NULL;
	gomap_put(m);
	gomap_barrier();
}

/* The table of account.h. */
static const struct {
	enum account_use use;
	u32 flags;
	enum shim_scan kmalloc, pages, vmalloc;
} rules[] = {
	{ ACCOUNT_DESCRIPTOR, 0, SHIM_SCAN, SHIM_SCAN, SHIM_SCAN },
	{ ACCOUNT_CONTENT, 0, SHIM_NO_SCAN, SHIM_SCAN_UNKNOWN, SHIM_NO_SCAN },
	{ ACCOUNT_DESCRIPTOR, GOMAP_F_POINTERS, SHIM_SCAN, SHIM_SCAN,
	  SHIM_SCAN },
	{ ACCOUNT_CONTENT, GOMAP_F_POINTERS, SHIM_SCAN, SHIM_SCAN, SHIM_SCAN },
};

static void check_scan(size_t size, enum account_use use, enum shim_scan wanted)
{
	void *p = account_alloc(account, size, use, GFP_KERNEL);

	CHECK(!IS_ERR(p));
	CHECK_EQ(shim_scan_of(p), wanted);
	account_free(account, p, size, use);
}

static void kmemleak_is_told_what_to_scan(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		open_arena_as(&(struct gomap_params){
			.flags = rules[i].flags,
		});
		check_scan(100, rules[i].use, rules[i].kmalloc);
		check_scan(5000, rules[i].use, rules[i].pages);
		check_scan(1 << 16, rules[i].use, rules[i].pages);
		shim_faults.vmalloc_only = true;
		check_scan(100000, rules[i].use, rules[i].vmalloc);
		shim_faults.vmalloc_only = false;
		close_arena();
	}
}

/* What holds pointers to other memory of an arena, and what does not. */
static void check_parts(u32 flags, enum shim_scan chunk, enum shim_scan single)
{
	u32 handle, class = arena_class_of(200);

	open_arena_as(&(struct gomap_params){ .flags = flags });
	reserve(class, 2000);
	handle = take(class);
	CHECK_EQ(shim_scan_of(arena), SHIM_SCAN);
	CHECK_EQ(shim_scan_of(arena->directory), SHIM_SCAN);
	CHECK_EQ(shim_scan_of(arena->class[class]), SHIM_SCAN);
	CHECK_EQ(shim_scan_of(arena->class[class]->magazine), SHIM_SCAN);
	CHECK_EQ(shim_scan_of(chunk_of(handle)), chunk);
	if (flags & GOMAP_F_KMALLOC)
		CHECK_EQ(shim_scan_of(object(handle, NULL)), single);
	close_arena();
}

static void chunks_are_contents(void)
{
	check_parts(0, SHIM_SCAN_UNKNOWN, 0);
	check_parts(GOMAP_F_POINTERS, SHIM_SCAN, 0);
	check_parts(GOMAP_F_KMALLOC, SHIM_SCAN, SHIM_NO_SCAN);
	check_parts(GOMAP_F_KMALLOC | GOMAP_F_POINTERS, SHIM_SCAN, SHIM_SCAN);
}

/* And what does in a map. */
static void check_map(u32 flags, enum shim_scan span)
{
	struct gomap *m = test_map(8, 8, flags, 1000);

	CHECK_EQ(shim_scan_of(m), SHIM_SCAN);
	CHECK_EQ(shim_scan_of(m->stripes), SHIM_SCAN);
	CHECK_EQ(shim_scan_of(m->table), SHIM_SCAN);
	CHECK_EQ(shim_scan_of(m->table->array), SHIM_SCAN);
	CHECK_EQ(shim_scan_of(m->table->array->span[0]), span);
	gomap_put(m);
}

static void buckets_are_contents(void)
{
	check_map(0, SHIM_SCAN_UNKNOWN);
	check_map(GOMAP_F_POINTERS, SHIM_SCAN);
	shim_faults.vmalloc_only = true;
	check_map(0, SHIM_NO_SCAN);
	check_map(GOMAP_F_POINTERS, SHIM_SCAN);
}

static const struct test_case cases[] = {
	CASE(the_creator_pays_whoever_asks),
	CASE(nobody_pays_for_a_map_that_is_not_accounted),
	CASE(the_callers_own_payer_is_left_alone),
	CASE(kmemleak_is_told_what_to_scan),
	CASE(chunks_are_contents),
	CASE(buckets_are_contents),
};

TEST_MAIN(cases)
