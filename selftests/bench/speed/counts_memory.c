// SPDX-License-Identifier: GPL-2.0-only
/*
 * counts_memory.c - the C library's allocator, counted, and with the sizes and the
 * alignment of kmalloc(), which decide how many lines an object has.  The linker
 * has all calls of malloc() and its like come here.
 */
#include "counts.h"

#define PAGE	4096U

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static unsigned long calls;

unsigned long counts_allocations(void)
{
	return calls;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	calls++;
	return __real_aligned_alloc(alignment, size);
}

/* Powers of two, and between them 96 and 192. */
static size_t size_of_slab(size_t size)
{
	size_t slab = 8;

	if ((size > 64 && size <= 96) || (size > 128 && size <= 192))
		return size <= 96 ? 96 : 192;
	while (slab < size)
		slab *= 2;
	return slab;
}

void *__wrap_malloc(size_t size)
{
	size_t slab = size_of_slab(size), alignment = slab & -slab;

	if (size > PAGE) {
		alignment = PAGE;
		slab = (size + PAGE - 1) / PAGE * PAGE;
	}
	return __wrap_aligned_alloc(alignment, slab);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	void *p = __wrap_malloc(nr * size);

	return p ? memset(p, 0, nr * size) : NULL;
}
