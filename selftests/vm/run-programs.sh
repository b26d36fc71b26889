#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# run-programs.sh PROGRAM... - run test programs one after the other and report
# in KTAP, each program's own report nested into one result line.  A program has
# GOMAP_TEST_TIMEOUT seconds (default: 120); exit code 4 says that it skipped.
limit=${GOMAP_TEST_TIMEOUT:-120}
nr=0
failed=0

echo 'KTAP version 1'
echo "1..$#"
for program in "$@"; do
	nr=$((nr + 1))
	name=$(basename "$program")
	case $program in
	/*) ;;
	*) program=./$program ;;
	esac
	# The pipe swallows the exit code, so it travels by a file.
	status=$(mktemp)
	{
		timeout "$limit" "$program" 2>&1 </dev/null
		echo $? >"$status"
	} | sed 's/^/  /'
	rc=$(cat "$status")
	rm -f "$status"
	case $rc in
	0) echo "ok $nr $name" ;;
	4) echo "ok $nr $name # SKIP" ;;
	124 | 143) echo "not ok $nr $name # not done after $limit s" ;;
	*) echo "not ok $nr $name # exit code $rc" ;;
	esac
	[ "$rc" -eq 0 ] || [ "$rc" -eq 4 ] || failed=1
done
exit "$failed"
