// SPDX-License-Identifier: GPL-2.0-only
/*
 * shim_memory.c - the kernel's allocators: counted, checked, and refused on
 * request.
 *
 * Every block carries what it came from and how long it is, so that giving it
 * back to the wrong allocator, or with the wrong size, ends the test.
 */
#include <linux/memcontrol.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/atomic.h>

/* What new memory holds unless zeroes were asked for. */
#define POISON		0x5a

#define BLOCK_ALIGNMENT	64

/* What follows it is aligned to a cache line, as large slab objects are. */
struct block {
	size_t size;
	enum shim_allocator from;
	enum shim_scan scan;
} __attribute__((aligned(BLOCK_ALIGNMENT)));

struct shim_faults shim_faults;
unsigned long shim_pages_available = 1UL << 22;

gfp_t shim_gfp_common;
unsigned long shim_killing_allocs;

static long live_blocks, live_bytes;
static unsigned long calls;

long shim_live_blocks(void)
{
	return READ_ONCE(live_blocks);
}

long shim_live_bytes(void)
{
	return READ_ONCE(live_bytes);
}

unsigned long shim_alloc_calls(void)
{
	return READ_ONCE(calls);
}

/* The nth fails once, or, persistent, for good. */
static bool is_the_nth(struct shim_faults *f)
{
	unsigned long n = READ_ONCE(f->nth);

	if (!n)
		return false;
	if (n > 1) {
		__atomic_sub_fetch(&f->nth, 1, __ATOMIC_RELAXED);
		return false;
	}
	if (!f->persistent)
		WRITE_ONCE(f->nth, 0);
	return true;
}

__thread struct mem_cgroup *shim_own_memcg, *shim_active_memcg;
struct shrinker shim_shrinker;

static void charge(gfp_t gfp)
{
	struct mem_cgroup *payer = shim_active_memcg ?: shim_own_memcg;

	if (gfp & __GFP_ACCOUNT && payer)
		__atomic_add_fetch(&payer->charges, 1, __ATOMIC_RELAXED);
}

static void note_flags(gfp_t gfp)
{
	assert(!(gfp & __GFP_DMA));
	__atomic_and_fetch(&shim_gfp_common, gfp, __ATOMIC_RELAXED);
	if (gfpflags_allow_blocking(gfp) &&
	    !(gfp & (__GFP_RETRY_MAYFAIL | __GFP_NORETRY)))
		__atomic_add_fetch(&shim_killing_allocs, 1, __ATOMIC_RELAXED);
}

static bool must_fail(struct shim_faults *f, enum shim_allocator from)
{
	bool fail = f->vmalloc_only && from == SHIM_PAGES;

	if (is_the_nth(f))
		fail = true;
	if (f->one_in && get_random_u64() % f->one_in == 0)
		fail = true;
	if (fail)
		__atomic_add_fetch(&f->injected, 1, __ATOMIC_RELAXED);
	return fail;
}

void *shim_alloc(enum shim_allocator from, size_t size, gfp_t gfp)
{
	struct block *block;

	assert(!gfpflags_allow_blocking(gfp) || !shim_atomic_depth);
	assert(from != SHIM_VMALLOC || gfpflags_allow_blocking(gfp));
	note_flags(gfp);
	if (must_fail(&shim_faults, from))
		return NULL;
	block = aligned_alloc(BLOCK_ALIGNMENT,
			      sizeof(*block) + ALIGN(size, BLOCK_ALIGNMENT));
	if (!block)
		return NULL;

	charge(gfp);
	block->size = size;
	block->from = from;
	block->scan = from == SHIM_PAGES ? SHIM_SCAN_UNKNOWN : SHIM_SCAN;
	memset(block + 1, gfp & __GFP_ZERO ? 0 : POISON, size);
	__atomic_add_fetch(&live_blocks, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&live_bytes, size, __ATOMIC_RELAXED);
	__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
	return block + 1;
}

static const struct block *block_of(const void *p)
{
	return (const struct block *)p - 1;
}

enum shim_scan shim_scan_of(const void *p)
{
	return block_of(p)->scan;
}

static void change_scan(const void *p, enum shim_scan from, enum shim_scan to)
{
	struct block *block = (struct block *)block_of(p);

	assert(block->scan == from);
	block->scan = to;
}

void kmemleak_alloc(const void *p, size_t size, int min_count, gfp_t gfp)
{
	assert(size == block_of(p)->size && !min_count);
	change_scan(p, SHIM_SCAN_UNKNOWN, SHIM_SCAN);
}

void kmemleak_no_scan(const void *p)
{
	change_scan(p, SHIM_SCAN, SHIM_NO_SCAN);
}

void kmemleak_free(const void *p)
{
	change_scan(p, SHIM_SCAN, SHIM_SCAN_UNKNOWN);
}

bool is_vmalloc_addr(const void *p)
{
	return block_of(p)->from == SHIM_VMALLOC;
}

void shim_free(enum shim_allocator to, const void *p, size_t size)
{
	const struct block *block;

	if (!p)
		return;
	block = block_of(p);
	assert(block->from == to);
	assert(to != SHIM_PAGES || block->size == size);
	assert((block->scan == SHIM_SCAN_UNKNOWN) == (to == SHIM_PAGES));
	__atomic_sub_fetch(&live_blocks, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&live_bytes, block->size, __ATOMIC_RELAXED);
	free((void *)block);
}
