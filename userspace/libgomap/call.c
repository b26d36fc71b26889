// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The way into the kernel, why it refused, and the way options come in; see
 * internal.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "internal.h"

/*
 * Of the thread, like errno: a map may be used by many at once, and where one
 * could not be made there is no handle to keep this in.
 */
static __thread enum gomap_reason last_reason;

int gomap__call(int fd, unsigned long command, void *arg)
{
	if (ioctl(fd, command, arg) >= 0)
		return 0;
	last_reason = GOMAP_REASON_NONE;
	return -errno;
}

void gomap__keep_reason(__u64 reason)
{
	last_reason = reason < GOMAP_NR_REASONS ? (enum gomap_reason)reason :
						  GOMAP_REASON_NONE;
}

enum gomap_reason gomap_reason(void)
{
	return last_reason;
}

int gomap__opts(void *to, size_t own, const void *from)
{
	const unsigned char *bytes = from;
	size_t theirs, i;

	memset(to, 0, own);
	if (!from)
		return 0;
	memcpy(&theirs, from, sizeof(theirs));
	if (theirs < sizeof(theirs))
		return -EINVAL;
	for (i = own; i < theirs; i++)
		if (bytes[i])
			return -E2BIG;
	memcpy(to, from, theirs < own ? theirs : own);
	return 0;
}
