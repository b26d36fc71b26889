# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# shellcheck shell=bash
#
# KTAP for the scripts of this folder; sourced, never run.

nr=0 failed=0

# check NAME COMMAND... - a case that passes if the command does; what it
# printed is shown if not.
check()
{
	local name=$1 said
	shift
	nr=$((nr + 1))
	if said=$("$@" 2>&1); then
		echo "ok $nr - $name"
		return
	fi
	[ -z "$said" ] || printf '%s\n' "$said" | sed 's/^/# /'
	echo "not ok $nr - $name"
	failed=1
}

skip()
{
	nr=$((nr + 1))
	echo "ok $nr - $1 # SKIP $2"
}

finish()
{
	echo "1..$nr"
	exit "$failed"
}
