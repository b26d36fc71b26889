/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/slab.h - all of the kernel's allocators, by one function that counts
 * and can be told to fail; see shim_memory.c.
 */
#ifndef HOST_SLAB_H
#define HOST_SLAB_H

#include <linux/kernel.h>

#define GFP_KERNEL		(1U << 0)
#define GFP_ATOMIC		(1U << 1)
#define __GFP_ACCOUNT		(1U << 2)
#define __GFP_ZERO		(1U << 3)
#define __GFP_NOWARN		(1U << 4)
#define __GFP_NORETRY		(1U << 5)
#define __GFP_RETRY_MAYFAIL	(1U << 6)
#define __GFP_DMA		(1U << 7)
#define GFP_NOWAIT		(1U << 8)
#define __GFP_COMP		(1U << 9)

#define gfpflags_allow_blocking(gfp)	(!!((gfp) & GFP_KERNEL))

/* What a block of memory came from: it has to go back there. */
enum shim_allocator {
	SHIM_SLAB,
	SHIM_PAGES,
	SHIM_VMALLOC,
};

void *shim_alloc(enum shim_allocator from, size_t size, gfp_t gfp);
void shim_free(enum shim_allocator to, const void *p, size_t size);
bool is_vmalloc_addr(const void *p);

#define kmalloc(size, gfp)	shim_alloc(SHIM_SLAB, size, gfp)
#define kzalloc(size, gfp)	shim_alloc(SHIM_SLAB, size, (gfp) | __GFP_ZERO)
#define kfree(p)		shim_free(SHIM_SLAB, p, 0)
#define alloc_pages_exact(size, gfp) shim_alloc(SHIM_PAGES, size, gfp)
#define free_pages_exact(p, size) shim_free(SHIM_PAGES, p, size)
#define get_order(size)		(ilog2((size) - 1) + 1 - PAGE_SHIFT)
#define __get_free_pages(gfp, order) \
	((unsigned long)shim_alloc(SHIM_PAGES, PAGE_SIZE << (order), gfp))
#define free_pages(p, order) \
	shim_free(SHIM_PAGES, (void *)(p), PAGE_SIZE << (order))
#define __vmalloc(size, gfp)	shim_alloc(SHIM_VMALLOC, size, gfp)
#define vfree(p)		shim_free(SHIM_VMALLOC, p, 0)

/* What kmemleak would know of a block: nothing, or to scan it, or not to. */
enum shim_scan {
	SHIM_SCAN_UNKNOWN,
	SHIM_SCAN,
	SHIM_NO_SCAN,
};

enum shim_scan shim_scan_of(const void *p);
void kmemleak_alloc(const void *p, size_t size, int min_count, gfp_t gfp);
void kmemleak_no_scan(const void *p);
void kmemleak_free(const void *p);

extern unsigned long shim_pages_available;
#define si_mem_available()	((long)shim_pages_available)

/**
 * struct shim_faults - which allocations fail.
 * @nth: The nth from now on; 0: none.
 * @persistent: All after it, too.
 * @one_in: One in so many, at random; 0: none.
 * @vmalloc_only: Pages fail always, so that memory comes from vmalloc.
 * @injected: Out: how many have failed.
 */
struct shim_faults {
	unsigned long nth;
	bool persistent;
	unsigned long one_in;
	bool vmalloc_only;
	unsigned long injected;
};

extern struct shim_faults shim_faults;

/* Flags that all allocations had since a test set all bits here. */
extern gfp_t shim_gfp_common;

/* Allocations so far that would rather have a process killed than fail. */
extern unsigned long shim_killing_allocs;

/* Blocks and bytes that are allocated now, and calls so far. */
long shim_live_blocks(void);
long shim_live_bytes(void);
unsigned long shim_alloc_calls(void);

#endif
