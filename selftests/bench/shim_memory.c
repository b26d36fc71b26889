// SPDX-License-Identifier: GPL-2.0-only
/*
 * shim_memory.c - the kernel's allocators by those of the C library: malloc() for
 * kmalloc(), aligned memory for pages.
 */
#include <malloc.h>

#include <linux/memcontrol.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

__thread struct mem_cgroup *shim_own_memcg, *shim_active_memcg;
struct shrinker shim_shrinker;
unsigned long shim_pages_available = 1UL << 22;

static void *take(enum shim_allocator from, size_t size)
{
	return from == SHIM_SLAB ? malloc(size) :
	       aligned_alloc(PAGE_SIZE, ALIGN(size, PAGE_SIZE));
}

void *shim_alloc(enum shim_allocator from, size_t size, gfp_t gfp)
{
	void *p = take(from, size);

	if (p && gfp & __GFP_ZERO)
		memset(p, 0, size);
	return p;
}

void shim_free(enum shim_allocator to, const void *p, size_t size)
{
	free((void *)p);
}

bool is_vmalloc_addr(const void *p)
{
	return false;
}

void kmemleak_alloc(const void *p, size_t size, int min_count, gfp_t gfp)
{
}

void kmemleak_no_scan(const void *p)
{
}

void kmemleak_free(const void *p)
{
}

/*
 * A kernel's free memory is there, while a process pays for a page fault when it
 * gets a page back that it gave away: so it gives none away.
 */
static void __attribute__((constructor)) keep_what_is_freed(void)
{
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, -1);
}
