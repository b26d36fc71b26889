/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a map: where it comes from, how much it may be, what it is used
 * for.  Part of <linux/gomap.h>, which includes it.
 */
#ifndef _LINUX_GOMAP_MEMORY_H
#define _LINUX_GOMAP_MEMORY_H

#include <linux/gfp.h>
#include <linux/types.h>

/**
 * struct gomap_alloc_ops - where a map takes its memory from.
 * @alloc: Take @size bytes, zeroed, aligned as kmalloc() aligns them; NULL:
 *	there are none.  @gfp says whether the call may sleep; it can come from
 *	softirq context.  Never under a lock of the map, but with GOMAP_F_KMALLOC:
 *	then it is GFP_NOWAIT.
 * @free: Give back what @alloc returned for the same @size.  Does not sleep.
 *
 * For who has memory of his own, and for tests.  All that a map holds comes
 * through here, its descriptors included.  Both are called until the last
 * grace period after the end of the map is over: wait for gomap_barrier()
 * before what they need goes.
 */
struct gomap_alloc_ops {
	void *(*alloc)(void *ctx, size_t size, gfp_t gfp);
	void (*free)(void *ctx, void *p, size_t size);
};

struct gomap_window;

/**
 * struct gomap_window_ops - what a window does for its map.
 * @show: Let @size bytes at @p, whole pages, be seen until @hide.  Pages that
 *	were hidden may be seen as zeroes instead, for a place that is used again
 *	not.  Sleeps only if @gfp allows it.  Returns the place, in units of
 *	GOMAP_VIEW_UNIT bytes from the start of the window, 0 the first time; or
 *	GOMAP_VIEW_ASK: there is none.
 * @hide: Let them be seen no more, for the memory is about to be given back:
 *	nobody sees what was there when this returns.  May sleep.
 * @get: The map is going to show memory.
 * @put: All of its memory was given back.  Does not sleep.
 */
struct gomap_window_ops {
	u32 (*show)(struct gomap_window *window, void *p, size_t size,
		    gfp_t gfp);
	void (*hide)(struct gomap_window *window, u32 unit, size_t size);
	void (*get)(struct gomap_window *window);
	void (*put)(struct gomap_window *window);
};

/**
 * struct gomap_window - through which others see the memory of a map, read-only.
 * @ops: What it does; constant.
 * @bytes: How far it reaches; constant.
 *
 * Part of a larger structure of who makes maps visible.  What is to be seen, and
 * how it is read, says <linux/gomap_view.h>.
 */
struct gomap_window {
	const struct gomap_window_ops *ops;
	u64 bytes;
};

/**
 * struct gomap_limits - how far a map may grow; 0: no limit.
 * @max_entries: Entries.  A new key beyond is refused with -ENOSPC.
 * @max_bytes: Bytes taken from the kernel's allocators, see gomap_info
 *	@bytes_held.  What would need more is refused with -EDQUOT.
 */
struct gomap_limits {
	u64 max_entries;
	u64 max_bytes;
};

/**
 * enum gomap_refusal - why a map was refused something.
 * @GOMAP_REFUSED_ENTRIES: -ENOSPC: max_entries of the map.
 * @GOMAP_REFUSED_BYTES: -EDQUOT: max_bytes of the map.
 * @GOMAP_REFUSED_TOTAL: -EDQUOT: the module's parameter max_bytes, for all maps.
 * @GOMAP_REFUSED_MEMORY: -ENOMEM: the kernel has no memory for it, or the
 *	creator's memory cgroup.
 * @GOMAP_NR_REFUSALS: Number of reasons.
 */
enum gomap_refusal {
	GOMAP_REFUSED_ENTRIES,
	GOMAP_REFUSED_BYTES,
	GOMAP_REFUSED_TOTAL,
	GOMAP_REFUSED_MEMORY,
	GOMAP_NR_REFUSALS,
};

/* Size classes of objects in a map, at most. */
#define GOMAP_MEMORY_CLASSES	64

/**
 * struct gomap_memory_class - the arena objects of one size.
 * @object_size: Bytes of each.
 * @is_bucket: They are overflow buckets; otherwise keys and values.
 * @nr_chunks: Chunks that they lie in.
 * @bytes: Bytes of these chunks.
 * @live: Objects in use.
 * @retired: Objects that wait for a grace period.
 * @cached: Free ones on the lists of CPUs.
 * @free: Other free ones.
 */
struct gomap_memory_class {
	u32 object_size;
	bool is_bucket;
	u32 nr_chunks;
	u64 bytes;
	u64 live;
	u64 retired;
	u64 cached;
	u64 free;
};

/**
 * struct gomap_memory - the arena of a map, class by class.
 * @nr: Classes that have chunks.
 * @class: These, by size, that of overflow buckets last.
 */
struct gomap_memory {
	u32 nr;
	struct gomap_memory_class class[GOMAP_MEMORY_CLASSES];
};

/**
 * struct gomap_leaks - what a map holds and has no use for.
 * @objects: Objects in use that no bucket refers to.
 * @bytes: Bytes of them.
 * @first_handle: Handle of one of them, 0 where there is none.
 * @dangling: Handles in buckets that name no object in use.
 * @shared: Handles in buckets that name an object of another entry.
 * @empty_buckets: Overflow buckets without an entry.  No leak: the next growth
 *	or gomap_compact() takes them away.
 * @certain: No writer was inside meanwhile.  Where it is false the other
 *	figures say nothing.
 */
struct gomap_leaks {
	u64 objects;
	u64 bytes;
	u32 first_handle;
	u64 dangling;
	u64 shared;
	u64 empty_buckets;
	bool certain;
};

#endif /* _LINUX_GOMAP_MEMORY_H */
