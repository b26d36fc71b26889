#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# tests.sh - the job of the guest in `make test`: run the suites that
# /etc/suites names, and then see whether the rules for the kernel hold.  Each
# one's report is printed between two marker lines, of which the second has the
# exit code and the seconds; no second marker, no end.
run_suite()
{
	case $1 in
	kmod)
		kmod.sh gomap_test ;;
	module)
		load_unload.sh ;;
	kselftest)
		modprobe gomap && /tests/kselftest/run_kselftest.sh ;;
	examples)
		examples.sh ;;
	rules)
		pass-rules.sh after ;;
	*)
		modprobe gomap || return
		if [ -e "/tests/$1/guest.sh" ]; then
			"/tests/$1/guest.sh"
		else
			run-programs.sh "/tests/$1"/*
		fi ;;
	esac
}

pass-rules.sh before
for suite in $(cat /etc/suites) rules; do
	echo "=== begin $suite"
	begin=$(date +%s)
	run_suite "$suite" 2>&1 </dev/null
	echo "=== end $suite $? $(($(date +%s) - begin))"
done
