/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * strict.h - Go's detector of concurrent writers, for maps that ask for it.
 *
 * Go ends the program; gomap is safe with concurrent writers, so all that a
 * strict map does is tell the second one: -EBUSY, and nothing happened.
 */
#ifndef GOMAP_STRICT_H
#define GOMAP_STRICT_H

#include <linux/errno.h>

#include "core.h"

static inline int strict_enter(struct gomap *m)
{
	if (!(m->params.flags & GOMAP_F_STRICT))
		return 0;
	return atomic_cmpxchg(&m->strict_writer, 0, 1) ? -EBUSY : 0;
}

static inline void strict_leave(struct gomap *m)
{
	if (m->params.flags & GOMAP_F_STRICT)
		atomic_set_release(&m->strict_writer, 0);
}

#endif /* GOMAP_STRICT_H */
