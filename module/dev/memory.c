// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory.c - MEMORY: the objects of a map, one size class at a time.
 */
#include <linux/errno.h>
#include <linux/slab.h>

#include "dev.h"

static void report(struct gomap_ioc_memory *arg,
		   const struct gomap_memory_class *class)
{
	*arg = (struct gomap_ioc_memory){
		.size = arg->size,
		.index = arg->index,
		.object_size = class->object_size,
		.is_bucket = class->is_bucket,
		.nr_chunks = class->nr_chunks,
		.bytes = class->bytes,
		.live = class->live,
		.retired = class->retired,
		.cached = class->cached,
		.free = class->free,
	};
}

int gomap_memory_command(struct gomap_call *call)
{
	struct gomap_ioc_memory *arg = &call->arg.memory;
	struct gomap_memory *memory;
	int err = -ENOENT;

	memory = kmalloc(sizeof(*memory), GOMAP_GFP_CALL);
	if (!memory)
		return -ENOMEM;
	gomap_memory(gomap_call_map(call)->map, memory);
	if (arg->index < memory->nr) {
		report(arg, &memory->class[arg->index]);
		err = 0;
	}
	kfree(memory);
	return err;
}
