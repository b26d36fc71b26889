#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# rt-tests.sh [SUITE...] - run these guest suites, or those that make sense there,
# in the distribution's PREEMPT_RT kernel, where spin locks sleep and softirqs are
# threads.  Reports in KTAP.
#
# That kernel tells of a lock that had to be waited for where one may not sleep
# ("scheduling while atomic"), not of one that was free: DEBUG_ATOMIC_SLEEP and
# lockdep are off in it.  They are on in the debug kernel of uml-kernel.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# kselftest is also what the suites module and abi are.
[ $# -gt 0 ] || set -- kmod kselftest torture lin
kdir=$(printf '%s\n' /usr/src/linux-headers-*-rt-"$(dpkg --print-architecture)" |
	sort -V | tail -n 1)
[ -e "$kdir/Makefile" ] || die "no headers of a PREEMPT_RT kernel; see deps.sh rt"
grep -qx 'CONFIG_PREEMPT_RT=y' "$kdir/.config" || die "$kdir is not PREEMPT_RT"

export GUEST_TIMEOUT=${GUEST_TIMEOUT:-1800}
exec "$top/scripts/guest-report.sh" rt "$kdir" "$@"
