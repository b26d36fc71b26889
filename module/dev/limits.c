// SPDX-License-Identifier: GPL-2.0-only
/*
 * limits.c - LIMITS, and which limit it was when something was refused.
 */
#include <linux/errno.h>

#include "dev.h"

/* The map's reasons in the words of the ABI. */
static const enum gomap_reason reasons[] = {
	[GOMAP_REFUSED_ENTRIES] = GOMAP_REASON_ENTRIES,
	[GOMAP_REFUSED_BYTES] = GOMAP_REASON_BYTES,
	[GOMAP_REFUSED_TOTAL] = GOMAP_REASON_TOTAL_BYTES,
	[GOMAP_REFUSED_MEMORY] = GOMAP_REASON_MEMORY,
};

static_assert(ARRAY_SIZE(reasons) == GOMAP_NR_REFUSALS);

/* Is this one of the errors that have a reason? */
bool gomap_is_refusal(int err)
{
	return err == -ENOSPC || err == -EDQUOT || err == -ENOMEM;
}

enum gomap_reason gomap_reason_of(const struct gomap_devmap *dm, int err)
{
	if (!gomap_is_refusal(err))
		return GOMAP_REASON_NONE;
	return reasons[gomap_refusal(dm->map, err)];
}

int gomap_limits_command(struct gomap_call *call)
{
	const struct gomap_ioc_limits *arg = &call->arg.limits;

	return gomap_set_limits(gomap_call_map(call)->map,
				&(struct gomap_limits){
		.max_entries = arg->max_entries,
		.max_bytes = arg->max_bytes,
	});
}
