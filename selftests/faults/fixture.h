/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests with faults begin with: the control device, and a thread that
 * is ready to suffer.  For after harness.h.
 */
#ifndef GOMAP_SELFTEST_FIXTURE_H
#define GOMAP_SELFTEST_FIXTURE_H

#include "sweep.h"

FIXTURE(faults) {
	int control;
	struct sweep_counts counts;
};

FIXTURE_SETUP(faults)
{
	const char *why_not = inject_open();

	if (why_not)
		SKIP(return, "%s", why_not);
	GM_NEED_CONTROL(self->control);
	/* A fault of a page of our own would be one for the kernel to bear. */
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
	ASSERT_EQ(0, world_hold_still());
}

FIXTURE_TEARDOWN(faults)
{
	close(self->control);
}

#endif /* GOMAP_SELFTEST_FIXTURE_H */
