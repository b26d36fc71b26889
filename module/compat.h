/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compat.h - the only file that knows that kernels differ.
 *
 * What it knows is found out from the headers that it is compiled against,
 * never from a version number: distributions backport.
 */
#ifndef GOMAP_COMPAT_H
#define GOMAP_COMPAT_H

#include <linux/irqflags.h>
#include <linux/mm_types.h>
#include <linux/preempt.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

/*
 * May this context wait for a lock that writers hold with bottom halves off?
 * Not where it may have interrupted such a writer on its own CPU, and on
 * PREEMPT_RT, where the lock sleeps, not with preemption off either.
 */
static inline bool gomap_may_wait_for_writers(void)
{
	if (in_hardirq() || in_nmi() || irqs_disabled())
		return false;
#ifdef CONFIG_PREEMPT_RT
	return preemptible();
#else
	return true;
#endif
}

/*
 * A shrinker is allocated by the kernel since it is freed after a grace period;
 * before that it belonged to who registered it.
 */
typedef unsigned long gomap_shrink_fn(struct shrinker *shrinker,
				      struct shrink_control *sc);

static inline struct shrinker *gomap_shrinker_alloc(void)
{
#ifdef SHRINKER_ALLOCATED
	return shrinker_alloc(0, "gomap");
#else
	return kzalloc(sizeof(struct shrinker), GFP_KERNEL);
#endif
}

static inline void gomap_shrinker_unregister(struct shrinker *shrinker)
{
#ifdef SHRINKER_ALLOCATED
	shrinker_free(shrinker);
#else
	unregister_shrinker(shrinker);
	kfree(shrinker);
#endif
}

static inline struct shrinker *gomap_shrinker_register(gomap_shrink_fn *count,
						       gomap_shrink_fn *scan)
{
	struct shrinker *shrinker = gomap_shrinker_alloc();

	if (!shrinker)
		return NULL;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker->seeks = DEFAULT_SEEKS;
#ifdef SHRINKER_ALLOCATED
	shrinker_register(shrinker);
#else
	if (register_shrinker(shrinker, "gomap")) {
		kfree(shrinker);
		return NULL;
	}
#endif
	return shrinker;
}

/*
 * Change the flags of a mapping that nobody else can see yet.  Kernels that call
 * them constant have functions for it, which do the same and take a lock.
 */
static inline void gomap_vma_flags(struct vm_area_struct *vma,
				   unsigned long set, unsigned long clear)
{
	unsigned long *flags = (unsigned long *)&vma->vm_flags;

	*flags = (*flags | set) & ~clear;
}

#endif /* GOMAP_COMPAT_H */
