/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/memcontrol.h - memory cgroups that count what they are charged. */
#ifndef HOST_MEMCONTROL_H
#define HOST_MEMCONTROL_H

#include <linux/kernel.h>

/**
 * struct mem_cgroup - who pays.
 * @refs: References.
 * @charges: Allocations charged.
 */
struct mem_cgroup {
	int refs;
	unsigned long charges;
};

/* The one that a task belongs to, and the one that is to pay instead. */
extern __thread struct mem_cgroup *shim_own_memcg, *shim_active_memcg;

static inline struct mem_cgroup *get_mem_cgroup_from_mm(const void *mm)
{
	if (shim_own_memcg)
		__atomic_add_fetch(&shim_own_memcg->refs, 1, __ATOMIC_RELAXED);
	return shim_own_memcg;
}

static inline void mem_cgroup_put(struct mem_cgroup *memcg)
{
	int refs = __atomic_sub_fetch(&memcg->refs, 1, __ATOMIC_RELAXED);

	assert(refs >= 0);
}

static inline struct mem_cgroup *set_active_memcg(struct mem_cgroup *memcg)
{
	struct mem_cgroup *old = shim_active_memcg;

	shim_active_memcg = memcg;
	return old;
}

#endif
