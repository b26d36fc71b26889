# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034  # who sources it looks at them
#
# ktap.sh - what the scripts that report in KTAP from a guest have in common;
# sourced, never run.  Who does so ends with the plan, "1..$nr", and exits with
# $failed.
nr=0
failed=0

# result STATUS NAME - one test, passed if the status is 0.
result()
{
	nr=$((nr + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $nr $2"
	else
		echo "not ok $nr $2"
		failed=1
	fi
}

# skip NAME WHY
skip()
{
	nr=$((nr + 1))
	echo "ok $nr $1 # SKIP $2"
}

# check NAME COMMAND... - a test that passes if the command exits with 0.
check()
{
	name=$1
	shift
	"$@"
	result $? "$name"
}

# quote COMMAND... - run it, and turn what it says into comments.
quote()
{
	said=$("$@" 2>&1)
	rc=$?
	[ -z "$said" ] || echo "$said" | sed 's/^/# /'
	return $rc
}
