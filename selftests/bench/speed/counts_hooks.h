/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counts_hooks.h - included before all else by what is to be counted.
 *
 * Where COUNTS_TRACE is defined, what the instrumentation does not see says what it
 * does: copies and comparisons of many bytes, and lines that are fetched ahead.
 */
#ifndef COUNTS_HOOKS_H
#define COUNTS_HOOKS_H

#include <stddef.h>

void counts_look(void);

#ifdef COUNTS_TRACE
#include <string.h>

void *counts_copy(void *to, const void *from, size_t len);
int counts_compare(const void *a, const void *b, size_t len);
void counts_fetch(const void *at);

#define memcpy(to, from, len)	counts_copy(to, from, len)
#define memcmp(a, b, len)	counts_compare(a, b, len)
#define __builtin_prefetch(at)	counts_fetch(at)
#endif

/* A version is what is read like this and has 32 bits: a look at a chain begins. */
#ifdef __KERNEL__
#include <asm/barrier.h>

#undef smp_load_acquire
#define smp_load_acquire(p) ({						\
	if (sizeof(*(p)) == sizeof(int))				\
		counts_look();						\
	shim_read(p, __ATOMIC_ACQUIRE);					\
})
#endif

#endif /* COUNTS_HOOKS_H */
