#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest-report.sh NAME KDIR SUITE... - run these suites in a guest with the kernel
# that belongs to KDIR, and report in KTAP: the report of each suite is nested into
# one result line.  The kernel's log goes to build/NAME.log.
#
# Works in a copy of the tree, build/NAME.
#
#	GUEST_...	see guest-tests.sh
#	LOG_CHECK	the script that passes judgement on the log (default:
#			check-log.sh)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 3 ] || die "usage: guest-report.sh NAME KDIR SUITE..."
name=$1 kdir=$2
shift 2
tree=$top/build/$name
log=$top/build/$name.log
reports=$top/build/$name.out

# A suite whose second marker is missing has not come to its end, and fails.
report_of()
{
	sed -n "/^=== begin $1\$/,/^=== end $1 /{//!p}" "$reports" | sed 's/^/  /'
	ktap_check "$1" grep -q "^=== end $1 0 " "$reports"
}

"$top/scripts/copy-tree.sh" "$tree"
rm -f "$log"
KDIR=$kdir "$tree/scripts/guest-tests.sh" "$log" "$@" >"$reports" && rc=0 || rc=$?
for suite in "$@" rules; do
	report_of "$suite"
done
ktap_check 'the guest came to its end' [ "$rc" -eq 0 ]
ktap_check 'the kernel log shows no trouble' \
	"$top/scripts/${LOG_CHECK:-check-log.sh}" "$log"
ktap_done
