// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What an errno of libgomap means to a person: why, what to do, and the exit
 * code.  A reason that depends on what was tried stands under that errno here
 * only if one sentence fits all; the verbs word the others themselves.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "target.h"

struct reason {
	int err;
	int code;
	const char *why;
	const char *advice;	/* ends as it is to: no stop after a command */
};

static const struct reason reasons[] = {
	{ ENODEV, EXIT_DEVICE, "no such device",
	  "The gomap module is not loaded; load it with: modprobe gomap" },
	{ EPERM, EXIT_DEVICE, "permission denied",
	  "The device is for root and for the group that it belongs to: become one or join the other." },
	{ EACCES, EXIT_DEVICE, "permission denied",
	  "Owner and mode of the map (see: gomapctl ls) do not allow it." },
	{ EBADF, EXIT_DEVICE, "the descriptor was not opened for this", NULL },
	{ ENOENT, EXIT_REFUSED, "there is none",
	  "List what there is with: gomapctl ls" },
	{ EEXIST, EXIT_REFUSED, "it is there already", NULL },
	{ EMSGSIZE, EXIT_REFUSED, "its length does not suit the map", NULL },
	{ ENOSPC, EXIT_REFUSED, "there are as many as a limit allows",
	  "See and raise that of a map with: gomapctl limits MAP; the number of maps is limited by the module's parameter max_maps." },
	{ EDQUOT, EXIT_REFUSED, "it would take more memory than a limit allows",
	  "See and raise that of a map with: gomapctl limits MAP; that of all maps together is the module's parameter max_bytes." },
	{ ENOMEM, EXIT_REFUSED, "the kernel has no memory for it",
	  "Nothing was stored; free some memory, or ask for less." },
	{ EBUSY, EXIT_REFUSED, "another writer was inside this strict map",
	  "Try again, or make one process the only writer." },
	{ ESTALE, EXIT_REFUSED, "the map was cleared or got a new seed in the meantime",
	  "Start again." },
	{ EINTR, EXIT_PARTLY, "it was interrupted", NULL },
	{ EMFILE, EXIT_REFUSED, "too many files are open", NULL },
	{ ENOTTY, EXIT_REFUSED, "the module does not know this command",
	  "It is older than gomapctl (see: gomapctl version)." },
	{ E2BIG, EXIT_REFUSED, "the module does not know this option",
	  "It is older than gomapctl (see: gomapctl version)." },
	{ EINVAL, EXIT_REFUSED, "the kernel does not accept these arguments",
	  NULL },
};

static const struct reason *find_reason(int err)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].err == -err)
			return &reasons[i];
	return NULL;
}

const char *refusal(int err)
{
	const struct reason *r = find_reason(err);

	return r ? r->why : strerror(-err);
}

int refused(int err, const char *format, ...)
{
	const struct reason *r = find_reason(err);
	const char *advice = r && r->advice ? r->advice : "";
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* Without the device nothing else that was tried matters. */
	if (err == -ENODEV || err == -EPERM)
		snprintf(what, sizeof(what), "open %s", GOMAP_DEVICE);
	return complain(r ? r->code : EXIT_REFUSED, "Cannot %s: %s.%s%s", what,
			refusal(err), *advice ? " " : "", advice);
}
