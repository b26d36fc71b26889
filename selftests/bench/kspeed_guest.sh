#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kspeed_guest.sh - the job of the guest that `make bench-kernel` boots: prints the
# records of the module gomap_kspeed and of kspeed_calls.
#
#	SIZES	entries of the tables, separated by commas
#	ROUNDS	that count, of each measurement
set -u

dmesg -n 1
modprobe gomap || exit
modprobe gomap_kspeed sizes="$SIZES" rounds="$ROUNDS" || {
	dmesg | tail -n 5 >&2
	exit 1
}
dmesg | sed -n 's/^.*gomap_bench: {/{/p'
for entries in $(echo "$SIZES" | tr , ' '); do
	kspeed_calls "$entries" "$ROUNDS" || exit
done
