#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm.sh [OPTION]... KDIR INITRAMFS - boot the kernel that belongs to KDIR, let it
# do the job of the initramfs, and exit with the verdict that the job gave.
#
#	--log FILE	where the kernel log goes (default: kernel.log)
#	--timeout SEC	when to give the guest up (default: 600; 0: never)
#	--append WORDS	more words for the kernel command line
#	--interactive	the person's terminal is the guest's
#
# A kernel for hardware runs in QEMU, a User-mode kernel as a process; see
# qemu.sh and uml.sh.  In either, three serial lines keep apart what must not be
# mixed up: the first is the kernel's log, the second is the job's standard input
# and output, the third takes one line, the verdict.  A guest that hangs, panics
# or reboots by itself never writes that line, so it cannot pass.  No verdict:
# exit status 125.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

log=kernel.log timeout=600 append='' interactive=''
while [ $# -gt 2 ]; do
	case $1 in
	--log) log=$2; shift 2 ;;
	--timeout) timeout=$2; shift 2 ;;
	--append) append=$2; shift 2 ;;
	--interactive) interactive=y; shift ;;
	*) die "unknown option '$1'" ;;
	esac
done
[ $# -eq 2 ] || die "usage: vm.sh [OPTION]... KDIR INITRAMFS"
image=$("$top/scripts/kernel-image.sh" "$1")
initramfs=$2
case $image in
*/linux) machine=uml.sh ;;
*) machine=qemu.sh ;;
esac

# Whatever goes wrong in the kernel ends the guest.
words=(console=ttyS0 loglevel=7 panic=-1 oops=panic panic_on_warn=1
       init_on_alloc=0 nokaslr log_buf_len=4M
       mitigations=off softlockup_panic=1 watchdog_thresh=30
       rcupdate.rcu_cpu_stall_timeout=60
       sysctl.kernel.panic_on_rcu_stall=1)

# What the guest's line has to know of the terminal here; dumb: it is none.
if [ -t 1 ] && size=$(stty size </dev/tty 2>/dev/null); then
	words+=("TERM=${TERM:-linux}" "LINES=${size% *}" "COLUMNS=${size#* }")
else
	words+=(TERM=dumb)
fi
[ -z "${NO_COLOR:-}" ] || words+=(NO_COLOR=1)
[ -z "$append" ] || words+=("$append")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/verdict"

INTERACTIVE=$interactive timeout --foreground "$timeout" "$top/scripts/$machine" \
	"$image" "$initramfs" "$log" "$work/verdict" "${words[*]}" || rc=$?

verdict=$(tr -cd '0-9' <"$work/verdict")
if [ -n "$verdict" ]; then
	exit "$verdict"
fi
if [ "${rc:-0}" -eq 124 ]; then
	say "The guest was given up after $timeout s.  The end of its kernel log:"
else
	say "The guest ended without a verdict.  The end of its kernel log:"
fi
tail -n 25 "$log" >&2
exit 125
