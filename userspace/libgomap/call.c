// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The way into the kernel and the way options come in; see internal.h. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "internal.h"

int gomap__call(int fd, unsigned long command, void *arg)
{
	return ioctl(fd, command, arg) < 0 ? -errno : 0;
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
