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
#include <linux/preempt.h>

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

#endif /* GOMAP_COMPAT_H */
