#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# pass-rules.sh - what has to hold of a kernel that the module was tested in,
# besides what its tests say.
#
#	pass-rules.sh before	load and unload the module once, and note how much
#				memory is in use
#	pass-rules.sh after	report in KTAP whether each rule holds
#	pass-rules.sh RULE...	exit with 0 if this one holds, else with 1
#
# A kernel that cannot be asked (no lockdep, no kmemleak) skips the rule.
# RULES_NOTE: the file to note things in (default: /tmp/rules.before).
note=${RULES_NOTE:-/tmp/rules.before}
debugfs=/sys/kernel/debug
kmemleak=$debugfs/kmemleak
. ktap.sh

# A rule passes if its function exits with 0, and is skipped if with 4.  What the
# function printed is shown in either case.
rule()
{
	quote "$2"
	if [ "$rc" -eq 4 ]; then
		skip "$1" 'this kernel does not tell'
	else
		result "$rc" "$1"
	fi
}

# Out of tree, unsigned, test module: expected.  All else is not.
untainted()
{
	bad=$(($(cat /proc/sys/kernel/tainted) & ~(4096 | 8192 | 262144)))
	[ "$bad" -eq 0 ] && return
	echo "the taint bits are $bad"
	return 1
}

# The first lock that it complains of is the last that it looks at.
lockdep_alive()
{
	[ -r /proc/lockdep_stats ] || return 4
	grep 'debug_locks: *1$' /proc/lockdep_stats >/dev/null
}

# kmemleak counts an object only from its sixth second on, and may see one too few
# pointers to it while it changes hands: what it still says after another scan
# counts.
leaks()
{
	sleep 6
	echo scan >"$kmemleak"
	head -n 40 "$kmemleak"
}

nothing_leaked()
{
	[ -w "$kmemleak" ] || return 4
	leaks >/dev/null
	[ -n "$(leaks)" ] || return 0
	left=$(leaks)
	[ -n "$left" ] || return 0
	echo "$left"
	return 1
}

modules()
{
	sed -n 's/^\(gomap[^ ]*\|readme_example\) .*/\1/p' /proc/modules
}

# Those that use gomap come before it in /proc/modules.
unload()
{
	for module in $(modules); do
		rmmod "$module" || return
	done
}

# Whatever the kernel shows of a loaded gomap.
no_trace()
{
	left=$(
		ls -d /dev/gomap* /sys/module/gomap* /sys/class/misc/gomap* 2>/dev/null
		grep -w gomap /proc/misc
		grep '^gomap' /proc/slabinfo
		grep -F '[gomap' /proc/kallsyms /proc/vmallocinfo
	)
	[ -z "$left" ] && return
	echo "$left"
	return 1
}

# Kilobytes of mappings by who made them, and of percpu memory.  The stacks of
# threads come and go, those of the kernel's own workers too, and an address range
# that is only kept from being used again is no memory.
mappings()
{
	awk '$3 !~ /^(kernel_clone|copy_process|dup_task_struct|unpurged)/ { bytes[$3] += $2 }
	     END { for (who in bytes) print bytes[who] / 1024, who }' /proc/vmallocinfo
	awk '/^Percpu:/ { print $2, "percpu" }' /proc/meminfo
}

# Kilobytes of objects by the slab cache that they are of.
slabs() { awk '/^kmalloc-/ { print $2 * $4 / 1024, $1 }' /proc/slabinfo; }

# In kilobytes: the slab objects that modules allocate from, mappings, and all
# pages that are in use but by somebody who says so.  Those on a CPU's own list
# are free; KASAN keeps each stack trace once and for ever, in pools of four.
counts()
{
	settle.sh
	slabs | awk '{ kb += $1 } END { printf "slab %d\n", kb }'
	mappings | awk '{ kb += $1 } END { print "vmalloc", kb }'
	cat /proc/meminfo /proc/zoneinfo "$debugfs/stackdepot/stats" 2>/dev/null |
	awk '$1 == "MemTotal:" { kb += $2 }
	     $1 == "count:" { kb -= 4 * $2 }
	     $1 == "pools:" { kb -= 16 * $2 }
	     /^(MemFree|Cached|Buffers|Slab|AnonPages|KernelStack|PageTables):/ { kb -= $2 }
	     END { print "pages", kb }'
}

# count_back KIND KB - that many kilobytes more than before may be in use.  A page
# in each of many caches is no leak.
count_back()
{
	was=$(sed -n "s/^$1 //p" "$note")
	is=$(counts | sed -n "s/^$1 //p")
	echo "$was KB before, $is KB after; $2 KB more would do"
	[ $((is - was)) -le "$2" ]
}

pages_back() { count_back pages 2048; }

# back_or_whose KIND KB LIST - and whose it is if it is too many.
back_or_whose()
{
	count_back "$1" "$2" && return
	"$3" | awk -v was="$note.$3" '
		BEGIN { while (getline <was > 0) kb[$2] = $1 }
		$1 != kb[$2] + 0 { print kb[$2] + 0, "KB before,", $1, "KB after:", $2 }'
	return 1
}

# Where a memory cgroup pays for an object its slab gets a table of who pays for
# which, in kmalloc-192 or -512, and keeps it.
slab_back() { back_or_whose slab 512 slabs; }
vmalloc_back() { back_or_whose vmalloc 256 mappings; }

before()
{
	modprobe gomap && rmmod gomap || return
	counts >"$note"
	slabs >"$note.slabs"
	mappings >"$note.mappings"
}

after()
{
	echo 'KTAP version 1'
	rule 'the kernel is tainted by loading the module alone' untainted
	rule 'lockdep is still alive' lockdep_alive
	rule 'kmemleak finds nothing while the module is loaded' nothing_leaked
	rule 'the modules can be unloaded' unload
	rule 'nothing of them is left' no_trace
	rule 'kmemleak finds nothing after the unload' nothing_leaked
	rule 'as much slab memory is in use as before' slab_back
	rule 'as much vmalloc and percpu memory as before' vmalloc_back
	rule 'as many pages as before' pages_back
	echo "1..$nr"
}

mount | grep -q " $debugfs " || mount -t debugfs none "$debugfs" 2>/dev/null
"$@" || exit
exit "$failed"
