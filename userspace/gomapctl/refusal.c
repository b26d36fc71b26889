// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What an errno of libgomap means to a person: why, what to do, and the exit
 * code.  A reason that depends on what was tried stands under that errno here
 * only if one sentence fits all; the verbs word the others themselves.
 *
 * Where the kernel says which limit it was, the row with that limit is taken;
 * an older one does not, and then it is the row without.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "target.h"

struct reason {
	int err;
	int code;
	enum gomap_reason limit;
	const char *why;
	const char *advice;	/* ends as it is to: no stop after a command */
};

static const struct reason reasons[] = {
	{ ENODEV, EXIT_DEVICE, 0, "no such device",
	  "The gomap module is not loaded; load it with: modprobe gomap" },
	{ EPERM, EXIT_DEVICE, 0, "permission denied",
	  "The device is for root and for the group that it belongs to: become one or join the other." },
	{ EACCES, EXIT_DEVICE, 0, "permission denied",
	  "Owner and mode of the map (see: gomapctl ls) do not allow it." },
	{ EBADF, EXIT_DEVICE, 0, "the descriptor was not opened for this", NULL },
	{ ENOENT, EXIT_REFUSED, 0, "there is none",
	  "List what there is with: gomapctl ls" },
	{ EEXIST, EXIT_REFUSED, 0, "it is there already", NULL },
	{ EMSGSIZE, EXIT_REFUSED, 0, "its length does not suit the map", NULL },
	{ ENOSPC, EXIT_REFUSED, GOMAP_REASON_ENTRIES,
	  "the map has as many entries as its limit allows",
	  "Raise it with: gomapctl limits MAP --max-entries N" },
	{ ENOSPC, EXIT_REFUSED, GOMAP_REASON_MAPS,
	  "there are as many maps as the module allows",
	  "Destroy one, or raise the module's parameter max_maps." },
	{ EDQUOT, EXIT_REFUSED, GOMAP_REASON_BYTES,
	  "the map would take more memory than its limit allows",
	  "Raise it with: gomapctl limits MAP --max-bytes SIZE" },
	{ EDQUOT, EXIT_REFUSED, GOMAP_REASON_TOTAL_BYTES,
	  "all maps together would take more memory than the module allows",
	  "Destroy one, or raise the module's parameter max_bytes." },
	{ ENOSPC, EXIT_REFUSED, 0, "there are as many as a limit allows",
	  "See and raise that of a map with: gomapctl limits MAP; the number of maps is limited by the module's parameter max_maps." },
	{ EDQUOT, EXIT_REFUSED, 0, "it would take more memory than a limit allows",
	  "See and raise that of a map with: gomapctl limits MAP; that of all maps together is the module's parameter max_bytes." },
	{ ENOMEM, EXIT_REFUSED, 0, "the kernel has no memory for it",
	  "Nothing was stored; free some memory, or ask for less." },
	{ EBUSY, EXIT_REFUSED, 0, "another writer was inside this strict map",
	  "Try again, or make one process the only writer." },
	{ ESTALE, EXIT_REFUSED, 0, "the map was cleared or got a new seed in the meantime",
	  "Start again." },
	{ EINTR, EXIT_PARTLY, 0, "it was interrupted", NULL },
	{ EMFILE, EXIT_REFUSED, 0, "too many files are open", NULL },
	{ ENOTTY, EXIT_REFUSED, 0, "the module does not know this command",
	  "It is older than gomapctl (see: gomapctl version)." },
	{ E2BIG, EXIT_REFUSED, 0, "the module does not know this option",
	  "It is older than gomapctl (see: gomapctl version)." },
	{ EINVAL, EXIT_REFUSED, 0, "the kernel does not accept these arguments",
	  NULL },
};

static const struct reason *find_row(int err, enum gomap_reason limit)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].err == -err && reasons[i].limit == limit)
			return &reasons[i];
	return NULL;
}

static const struct reason *find_reason(int err)
{
	const struct reason *r = find_row(err, gomap_reason());

	return r ? r : find_row(err, GOMAP_REASON_NONE);
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
