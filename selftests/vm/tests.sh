#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# tests.sh - the job of the guest in `make test`: run the suites that
# /etc/suites names.  Each one's report is printed between two marker lines, of
# which the second has the exit code and the seconds; no second marker, no end.
run_suite()
{
	case $1 in
	abi)
		modprobe gomap && run-programs.sh /tests/abi/* ;;
	kmod)
		kmod.sh ;;
	module)
		load_unload.sh ;;
	kselftest)
		modprobe gomap && /tests/kselftest/run_kselftest.sh ;;
	examples)
		examples.sh ;;
	esac
}

while read -r suite; do
	echo "=== begin $suite"
	begin=$(date +%s)
	run_suite "$suite" 2>&1 </dev/null
	echo "=== end $suite $? $(($(date +%s) - begin))"
done </etc/suites

echo "=== begin taint"
# Out of tree, unsigned, test module: expected.  All else is not.
bad=$(($(cat /proc/sys/kernel/tainted) & ~(4096 | 8192 | 262144)))
if [ $bad -eq 0 ]; then
	echo 'ok 1 the kernel is tainted by loading the module alone'
else
	echo "not ok 1 the kernel has the taint bits $bad"
fi
echo "=== end taint 0 0"
