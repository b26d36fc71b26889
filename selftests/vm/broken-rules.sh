#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# broken-rules.sh - the job of `scripts/rules-test.sh`: each rule for the kernel
# holds, and is found broken when gomap_badness breaks it.  Of the deeds that
# end the trust in what the kernel says of itself the worst come last.
. ktap.sh

commit()
{
	modprobe gomap_badness deed="$1" && rmmod gomap_badness
}

# found DEED RULE [ARGUMENT]... - the deed breaks the rule, which held before.
found()
{
	deed=$1
	shift
	pass-rules.sh "$@" || return
	commit "$deed" || return
	pass-rules.sh "$@"
	[ $? -eq 1 ]
}

counted()
{
	pass-rules.sh before && found "$@"
}

kept_loaded()
{
	modprobe gomap_badness deed=hold-module && ! pass-rules.sh unload &&
		! pass-rules.sh no_trace
}

# reported DEED WORDS - the kernel has something to say of the deed.
reported()
{
	dmesg -c >/dev/null
	commit "$1" && dmesg | grep -m 1 "$2"
}

echo 'KTAP version 1'
pass-rules.sh before
check 'with nothing done, all rules hold' quote pass-rules.sh after
check 'lost objects are found by kmemleak' quote found lose-objects nothing_leaked
echo clear >/sys/kernel/debug/kmemleak
check 'lost objects are found by their count' quote counted lose-objects slab_back
check 'lost vmalloc memory is found' quote counted lose-vmalloc vmalloc_back
check 'lost pages are found' quote counted lose-pages pages_back
check 'a suspicious use of RCU is reported' \
	quote reported read-without-rcu 'suspicious RCU usage'
check 'a shift too far is reported' quote reported shift-too-far 'UBSAN: shift-out-of'
check 'the kernel is not tainted yet' quote pass-rules.sh untainted
check 'a warning taints' quote found warn untainted
check 'a sleep in an atomic section is reported' \
	quote reported sleep-in-atomic 'sleeping function called'
check 'work that is freed while it is pending is reported' \
	quote reported free-pending-work 'ODEBUG: free active'
check 'locks that are taken in two orders end lockdep' \
	quote found cross-locks lockdep_alive
check 'a read out of bounds is reported' \
	quote reported read-out-of-bounds 'KASAN: slab-out-of-bounds'
check 'a module that stays is found' quote kept_loaded
echo "1..$nr"
exit "$failed"
