/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What the files of libgomap share: the handle, the one way into the kernel,
 * and the reading of option structures.
 */
#ifndef LIBGOMAP_INTERNAL_H
#define LIBGOMAP_INTERNAL_H

#include "gomap.h"

struct gomap {
	int fd;		/* the map itself; constant until gomap_close() */
};

/*
 * ioctl() with libgomap's manners: 0 or a negative errno.  One that fails has no
 * reason until gomap__keep_reason() says what the structure has as one.
 */
int gomap__call(int fd, unsigned long command, void *arg);

/* What gomap_reason() is to answer in this thread. */
void gomap__keep_reason(__u64 reason);

/*
 * Copy the caller's options (NULL: none) into ours of @own bytes.  A caller
 * that knows more than we do may only leave that at zero: -E2BIG otherwise.
 */
int gomap__opts(void *to, size_t own, const void *from);

/* Address of a buffer in the form that the ABI wants. */
static inline __u64 gomap__address(const void *p)
{
	return (__u64)(uintptr_t)p;
}

#endif /* LIBGOMAP_INTERNAL_H */
