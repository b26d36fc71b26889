#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kmod.sh MODULE [PARAMETER]... - load a test module, which runs its tests while
# it is loaded and reports to the kernel log in KTAP, and bring that report here.
module=$1
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT
mark="$module begins $$"

modprobe gomap || exit 1
echo "$mark" >/dev/kmsg
modprobe "$@"
rc=$?

if [ $rc -eq 0 ]; then
	rmmod gomap 2>/dev/null
	loaded_still=$?
	rmmod "$module" || rc=1
fi

# The kernel's log, from the mark on, without times and the module's prefix.  If
# the module fails, modprobe tries it once more by another way: one report will do.
dmesg | sed -n "/$mark/,\$p" |
	sed -e 's/^\[[ 0-9.]*\] //' -e "s/^$module: //" |
	awk '/^KTAP version/ && nr++ { exit } nr' >"$report"
cat "$report"
grep -q '^ *\(not \)\{0,1\}ok 1 ' "$report" || exit 1
[ $rc -eq 0 ] || exit $rc

echo 'KTAP version 1'
echo '1..1'
if [ "$loaded_still" -ne 0 ]; then
	echo 'ok 1 a module that uses gomap keeps it from being unloaded'
else
	echo 'not ok 1 a module that uses gomap keeps it from being unloaded'
	exit 1
fi
