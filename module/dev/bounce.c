// SPDX-License-Identifier: GPL-2.0-only
/*
 * bounce.c - kernel memory for keys and values on their way.
 *
 * A copy from or to a program may fault and sleep, and inside the map nobody
 * may, so everything stops over here.  Small things do in the caller's stack
 * frame; whatever does not fit there gets memory that the next operations of
 * the same call use again.
 */
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dev.h"

void gomap_bounce_init(struct gomap_bounce *bounce)
{
	bounce->base = bounce->small;
	bounce->size = sizeof(bounce->small);
}

/*
 * Room for @size bytes, of which the first @keep are those that were there; NULL
 * when there is no memory.  Doubling bounds the number of allocations whatever
 * sequence of sizes is asked for.
 */
void *gomap_bounce_room(struct gomap_bounce *bounce, size_t size, size_t keep)
{
	void *base;

	if (size <= bounce->size)
		return bounce->base;

	size = roundup_pow_of_two(size);
	base = kvmalloc(size, GOMAP_GFP_CALL);
	if (!base)
		return NULL;

	memcpy(base, bounce->base, keep);
	gomap_bounce_free(bounce);
	bounce->base = base;
	bounce->size = size;
	return base;
}

void gomap_bounce_free(struct gomap_bounce *bounce)
{
	if (bounce->base != bounce->small)
		kvfree(bounce->base);
}
