#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# settle.sh - before memory is counted: have the kernel give back what is free
# and kept for later, or for a look at it (KASAN).  Needs root.
sync
echo 3 >/proc/sys/vm/drop_caches
for cache in /sys/kernel/slab/*/shrink; do
	echo 1 >"$cache"
done 2>/dev/null
sleep 1
