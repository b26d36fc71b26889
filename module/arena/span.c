// SPDX-License-Identifier: GPL-2.0-only
/*
 * span.c - memory that is used as a whole: no objects, no handles.
 */
#include "arena.h"
#include "window.h"

/**
 * arena_span_alloc() - Take a span of zeroed memory.
 * @arena: The arena.
 * @size: Bytes.
 * @gfp: Whether the call may sleep.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: The span, or ERR_PTR() as account_alloc().
 */
void *arena_span_alloc(struct gomap_arena *arena, size_t size, gfp_t gfp)
{
	return account_alloc(arena->account,
			     window_size_of(arena->account, size),
			     ACCOUNT_CONTENT, gfp);
}

/**
 * arena_span_free() - Give back a span.
 * @arena: The arena that it came from.
 * @span: The span, or NULL.
 * @size: Its bytes.
 *
 * Context: Process or softirq context; does not sleep.
 */
void arena_span_free(struct gomap_arena *arena, void *span, size_t size)
{
	account_free(arena->account, span, window_size_of(arena->account, size),
		     ACCOUNT_CONTENT);
}
