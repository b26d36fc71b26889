#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# load_unload.sh - the module comes and goes: 50 cycles, what has to refuse an
# unload, and that nothing is left behind.  Needs root, gomap.ko where modprobe
# finds it, and hold_map, ktap.sh and settle.sh beside this file or in the PATH.
cycles=50
PATH=$PATH:$(dirname "$0")
. ktap.sh

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 4
}

loaded()
{
	grep -q '^gomap ' /proc/modules
}

# Whatever the kernel shows of a loaded gomap.
traces()
{
	ls -d /dev/gomap /sys/module/gomap /sys/class/misc/gomap 2>/dev/null
	grep -w gomap /proc/misc
	grep '^gomap' /proc/slabinfo
	grep -F '[gomap]' /proc/kallsyms /proc/vmallocinfo
}

unload_leaves_no_trace()
{
	modprobe gomap && rmmod gomap || return
	left=$(traces)
	[ -z "$left" ] || { echo "# left behind: $left"; return 1; }
}

# Each time with a named map in it, which nobody has open: it goes with it.
cycle()
{
	i=0
	while [ "$i" -lt "$cycles" ]; do
		modprobe gomap || { echo "# load $i failed"; return 1; }
		[ -c /dev/gomap ] || { echo "# no device at $i"; return 1; }
		hold_map left </dev/null >/dev/null || return
		rmmod gomap || { echo "# unload $i failed"; return 1; }
		i=$((i + 1))
	done
}

# Kilobytes of kernel memory that is not reclaimable: slab and vmalloc.
kernel_memory()
{
	settle.sh
	awk '/^(SUnreclaim|VmallocUsed|Percpu):/ { kb += $2 } END { print kb }' \
		/proc/meminfo
}

# Module and map take some 200 KB: a leak of even a page per cycle shows.
cycles_leak_nothing()
{
	cycle || return
	before=$(kernel_memory)
	cycle || return
	after=$(kernel_memory)
	echo "# kernel memory $before KB before, $after KB after $cycles cycles"
	[ $((after - before)) -lt $((cycles * 4)) ]
}

unload_is_refused()
{
	if rmmod gomap 2>/dev/null; then
		echo '# rmmod took it away'
		return 1
	fi
	loaded && [ -c /dev/gomap ]
}

control_device_holds_the_module()
{
	modprobe gomap && exec 3<>/dev/gomap || return
	unload_is_refused
	refused=$?
	exec 3>&-
	rmmod gomap && return "$refused"
}

# The map's descriptor is the last thing of gomap that is open.
map_holds_the_module()
{
	modprobe gomap && mkfifo "$scratch/hold" "$scratch/ready" || return
	hold_map <"$scratch/hold" >"$scratch/ready" &
	exec 4>"$scratch/hold"
	read -r answer <"$scratch/ready"
	[ "$answer" = ready ] && unload_is_refused
	refused=$?
	exec 4>&-
	wait $!
	rmmod gomap && return "$refused"
}

[ "$(id -u)" -eq 0 ] || skip_all 'only root can load a module'
loaded || modprobe gomap || skip_all 'modprobe finds no gomap that can be loaded'
rmmod gomap || skip_all 'gomap is in use by others'
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

echo 'KTAP version 1'
check 'an unload leaves no trace' unload_leaves_no_trace
check "$cycles cycles of load, named map and unload leak nothing" cycles_leak_nothing
check 'the open control device refuses an unload' control_device_holds_the_module
check 'an open map refuses an unload' map_holds_the_module
check 'and then an unload leaves no trace again' unload_leaves_no_trace
echo "1..$nr"
modprobe gomap
exit "$failed"
