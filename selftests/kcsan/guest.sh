#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh - turn on the kernel's data race detector for the suites that follow,
# and let it find a race that is there.  Reports in KTAP.
switch=/sys/kernel/debug/kcsan
# shellcheck source=../vm/ktap.sh
. ktap.sh

turn_on()
{
	[ -e "$switch" ] || mount -t debugfs debugfs /sys/kernel/debug
	echo on >"$switch" && grep -q "^enabled: 1\$" "$switch"
}

race_is_reported()
{
	modprobe gomap_race && rmmod gomap_race &&
		dmesg | grep -q 'BUG: KCSAN: data-race in count \[gomap_race\]'
}

echo 'KTAP version 1'
check 'the race detector is on' turn_on
check 'it reports a race on purpose' race_is_reported
echo "1..$nr"
exit "$failed"
