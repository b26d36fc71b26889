#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kcsan-check.sh LOG - check-log.sh for a kernel with KCSAN.  The kernel's own
# races are not meant: a report counts only if a module of ours is in one of its
# stacks, and not just because an interrupt found it running.  The race of
# gomap_race.ko has to be there, for it shows that races are seen at all.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

log=${1:?usage: kcsan-check.sh LOG}
[ -s "$log" ] || { echo "$log is empty"; exit 1; }
rest=$(mktemp)
trap 'rm -f "$rest"' EXIT

# reports PATTERN - print the reports with a frame that matches.  A report stands
# between two lines of "="; a stack begins with the access, and from the entry of
# an interrupt on is that of the code that it came into.
reports()
{
	awk -v pattern="$1" '
		/BUG: KCSAN: / { report = ""; inside = 1; hit = 0 }
		inside { report = report $0 "\n" }
		/\] (read|write|race at|assert)/ { interrupted = 0 }
		/\]  asm_/ { interrupted = 1 }
		inside && !interrupted && $0 ~ pattern { hit = 1 }
		inside && /\] =======/ { if (hit) print report; inside = 0 }
	' "$log"
}

found=$(reports '\[gomap(_test|_torture|_lin)?\]')
expected=$(reports '\[gomap_race\]' | grep -c 'BUG: KCSAN: ') || true
all=$(grep -c 'BUG: KCSAN: ' "$log") || true
echo "$all KCSAN reports, $expected of them of the race on purpose"
sed -e '/BUG: KCSAN: /,/\] =======/d' -e '/\] =======/d' "$log" >"$rest"

[ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
[ "$expected" -gt 0 ] || { echo 'not even the race on purpose was seen'; exit 1; }
"$top/scripts/check-log.sh" "$rest"
