#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh - the memory of maps as the kernel sees it: which memory cgroup pays,
# what goes back when it wants memory, and what kmemleak makes of pointers in
# values.  Reports in KTAP.
here=$(dirname "$0")
kmemleak=/sys/kernel/debug/kmemleak
tracing=/sys/kernel/tracing
# shellcheck source=../vm/ktap.sh
. ktap.sh

# Kinds of maps in gomap_kmemleak.c; kind n has objects of 20000 + 16n bytes where
# it says that its values are pointers, else of eight more.
kinds='0 1 2 3 4'
objects=32

memcg_is_there()
{
	grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null ||
		mount -t cgroup2 cgroup /sys/fs/cgroup 2>/dev/null
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
}

# kmemleak counts an object only from its sixth second on.
scan()
{
	for _ in 1 2 3; do
		sleep 6
		echo scan >"$kmemleak" || return
	done
	cat "$kmemleak" >/tmp/kmemleak
}

found() { grep -c "(size $1):" /tmp/kmemleak; }

# If values were scanned, none would be.  Those that are not are hidden by chance:
# any stale word in a stack or a slab object hides what it leads into, and an
# object of 20000 bytes is easily hit.  4 of 10 were once.
many_are_lost()
{
	n=$(found $((20008 + 16 * $1)))
	echo "$n of $objects objects are reported"
	[ "$n" -ge $((objects / 4)) ]
}

none_is_lost()
{
	n=$(found $((20000 + 16 * $1)))
	echo "$n of $objects objects are reported"
	[ "$n" -eq 0 ]
}

nothing_else_is_lost()
{
	grep '^unreferenced' /tmp/kmemleak | grep -v '(size 200[0-9][0-9]):' >/tmp/others
	cat /tmp/others
	[ ! -s /tmp/others ]
}

check_kmemleak()
{
	echo 'gomap: leaks on purpose begin' >/dev/kmsg
	check 'objects that values point to are stored' modprobe gomap_kmemleak
	check 'kmemleak looks for them' scan
	for kind in $kinds; do
		check "kind $kind: values are not scanned" quote many_are_lost "$kind"
		check "kind $kind: values that are pointers are" quote none_is_lost "$kind"
	done
	check 'nothing of the maps themselves is reported' quote nothing_else_is_lost
	check 'the objects are freed' rmmod gomap_kmemleak
	echo clear >"$kmemleak"
	echo 'gomap: leaks on purpose end' >/dev/kmsg
}

bytes_of_chunks()
{
	gomapctl memory spare -j | sed -n 's/.*"bytes_chunks":\([0-9]*\).*/\1/p'
}

# Less than half of the objects is free: by itself the map keeps them.
map_has_spare_chunks()
{
	gomapctl create spare u32 hex:200 &&
		awk 'BEGIN { for (i = 0; i < 20000; i++) printf "%d\t%0400d\n", i, i }' |
		gomapctl load spare - --format tsv --no-header >/dev/null &&
		seq 0 8999 | xargs gomapctl del spare || return
	kept=$(bytes_of_chunks)
	echo "$kept bytes of chunks"
	[ "$kept" -ge 4000000 ]
}

# Chunks go a grace period after the kernel has asked.
spare_chunks_go_back()
{
	before=$(bytes_of_chunks)
	echo 2 >/proc/sys/vm/drop_caches
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		after=$(bytes_of_chunks)
		[ "$after" -lt $((before * 3 / 4)) ] && break
		sleep 1
	done
	echo "$before bytes of chunks before, $after after"
	[ "$after" -lt $((before * 3 / 4)) ] && gomapctl leak spare &&
		gomapctl info spare --check >/dev/null && gomapctl destroy spare
}

memcg_is_there
mount -t tracefs none "$tracing" 2>/dev/null
export GOMAP_TEST_TIMEOUT=900
run-programs.sh "$here/memcg" "$here/tracepoints"
failed=$?
# The first to trace makes the kernel's own buffers large, and nobody else small.
[ ! -w "$tracing/buffer_size_kb" ] || echo 1 >"$tracing/buffer_size_kb"

echo 'KTAP version 1'
check 'a map has chunks that it does not need' quote map_has_spare_chunks
check 'they go back when the kernel wants memory' quote spare_chunks_go_back
[ -e "$kmemleak" ] || mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
if [ -w "$kmemleak" ]; then
	check_kmemleak
else
	skip 'values are not scanned, but where they are pointers' \
		'this kernel has no kmemleak'
fi
echo "1..$nr"
exit "$failed"
