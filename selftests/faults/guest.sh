#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh - run the programs of this folder in a guest.  Their files are below
# debugfs; and a thread that keeps the worker off is meant to, however long.
#
#	GOMAP_FAULTS=all	maps of every shape, and in every state
mount | grep -q " /sys/kernel/debug " ||
	mount -t debugfs debugfs /sys/kernel/debug
[ ! -w /proc/sys/kernel/sched_rt_runtime_us ] ||
	echo -1 >/proc/sys/kernel/sched_rt_runtime_us

here=$(dirname "$0")
: "${GOMAP_TEST_TIMEOUT:=900}"
export GOMAP_TEST_TIMEOUT
exec run-programs.sh "$here"/fail_* "$here/signals"
