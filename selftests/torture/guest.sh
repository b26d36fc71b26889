#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh - torture in a guest: a run that loading the module waits for, and one
# in the background that unloading it ends.  Where the kernel is a process of the
# host, a lot has to be reached; an emulated machine takes it easy.
#
#	GOMAP_TORTURE_SECONDS	how long, instead of what is usual there
if grep -q 'User Mode Linux' /proc/cpuinfo; then
	parameters='seconds=60 limit=600 readers=6 writers=3 interrupt_us=250
		    min_lookups=10000000 min_writes=1000000 min_grows=1000
		    min_shrinks=1000'
else
	parameters='seconds=30 interrupt_us=2000 min_lookups=10000
		    min_writes=10000 min_grows=10 min_shrinks=10'
fi
[ -z "$GOMAP_TORTURE_SECONDS" ] ||
	parameters="$parameters seconds=$GOMAP_TORTURE_SECONDS limit=0"

# What the log says of a run goes to the report as remarks.
tell()
{
	dmesg | sed -n "/$1/,\$p" | sed -n 's/^.*gomap_torture: # /# /p'
}

background_run()
{
	modprobe gomap_torture seconds=0 stutter=1 || return
	grep -q RUNNING /sys/module/gomap_torture/parameters/verdict || return
	sleep 5
	rmmod gomap_torture || return
	tell "$1" | grep -q '^# End of test: SUCCESS'
}

mark="torture begins $$"
echo "$mark" >/dev/kmsg
# shellcheck disable=SC2086  # a list of words
kmod.sh gomap_torture wait=1 $parameters
failed=$?
tell "$mark"
[ $failed -eq 0 ] || exit $failed

mark="torture goes on $$"
echo "$mark" >/dev/kmsg
echo 'KTAP version 1'
echo '1..1'
if background_run "$mark"; then
	echo 'ok 1 a run in the background ends well when the module is unloaded'
else
	tell "$mark"
	echo 'not ok 1 a run in the background ends well when the module is unloaded'
	exit 1
fi
