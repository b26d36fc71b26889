// SPDX-License-Identifier: GPL-2.0-only
/*
 * kspeed_bpf.c - BPF hash maps from inside the kernel, by the functions that a
 * program's helpers call: HASH with all its memory from the beginning and with
 * an allocation for each entry, and RHASH, which grows.
 *
 * The RCU section that a program runs in is entered for many operations at once.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/rcupdate.h>

#include "kspeed.h"

/* The descriptor is only on the way. */
static void *create(enum bpf_map_type type, u32 entries, u32 flags, u64 extra)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = sizeof(u64),
		.value_size = sizeof(u64),
		.max_entries = entries,
		.map_flags = flags,
		.map_extra = extra,
	};
	int fd = kern_sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	struct bpf_map *map;

	if (fd < 0)
		return ERR_PTR(fd);
	map = bpf_map_get(fd);
	close_fd(fd);
	return map;
}

static void *create_hash(u32 entries, bool presized)
{
	return create(BPF_MAP_TYPE_HASH, entries, 0, 0);
}

static void *create_unallocated(u32 entries, bool presized)
{
	return create(BPF_MAP_TYPE_HASH, entries, BPF_F_NO_PREALLOC, 0);
}

/* The hint is that of an rhashtable, which takes no more. */
static void *create_resizable(u32 entries, bool presized)
{
	return create(BPF_MAP_TYPE_RHASH, entries, BPF_F_NO_PREALLOC,
		      presized ? min(entries, (u32)U16_MAX) : 0);
}

static void destroy(void *table)
{
	bpf_map_put(table);
	rcu_barrier();
}

static __always_inline bool find(void *table, u64 key, u64 *value)
{
	struct bpf_map *map = table;
	u64 *found = map->ops->map_lookup_elem(map, &key);

	if (found)
		*value = *found;
	return found;
}

/*
 * BPF's allocator fills its store up in an interrupt that it sends to its own
 * CPU.  Here that waits for the next tick, and a loop of inserts finds the store
 * empty: so we do the interrupt's work where it would have come.
 */
void kspeed_bpf_refill(void)
{
	unsigned long flags;

	local_irq_save(flags);
	irq_work_run();
	local_irq_restore(flags);
}

static __always_inline int insert(void *table, u64 key)
{
	struct bpf_map *map = table;
	u64 value = kspeed_value(key);
	int err = map->ops->map_update_elem(map, &key, &value, BPF_NOEXIST);

	if (unlikely(err == -ENOMEM)) {
		kspeed_bpf_refill();
		err = map->ops->map_update_elem(map, &key, &value,
						BPF_NOEXIST);
	}
	return err;
}

static __always_inline int remove(void *table, u64 key)
{
	struct bpf_map *map = table;

	return map->ops->map_delete_elem(map, &key);
}

u32 kspeed_bpf_find(void *table, const struct kspeed_questions *questions)
{
	u32 found;

	rcu_read_lock();
	found = kspeed_find_each(table, questions, find);
	rcu_read_unlock();
	return found;
}

static int insert_all(void *table, u64 first, u32 nr)
{
	int err;

	rcu_read_lock();
	err = kspeed_insert_each(table, first, nr, insert);
	rcu_read_unlock();
	return err;
}

static int remove_all(void *table, const u32 *indices, u32 nr)
{
	int err;

	rcu_read_lock();
	err = kspeed_remove_each(table, indices, nr, remove);
	rcu_read_unlock();
	return err;
}

const struct kspeed_kind kspeed_bpf_hash = {
	.name = "BPF HASH",
	.fixed = true,
	.create = create_hash,
	.destroy = destroy,
	.insert = insert_all,
	.remove = remove_all,
};

const struct kspeed_kind kspeed_bpf_unallocated = {
	.name = "BPF HASH, not preallocated",
	.fixed = true,
	.create = create_unallocated,
	.destroy = destroy,
	.insert = insert_all,
	.remove = remove_all,
};

const struct kspeed_kind kspeed_bpf_resizable = {
	.name = "BPF RHASH",
	.create = create_resizable,
	.destroy = destroy,
	.insert = insert_all,
	.remove = remove_all,
};
