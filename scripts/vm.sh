#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm.sh [OPTION]... KDIR INITRAMFS - boot the distribution's kernel that belongs
# to KDIR in QEMU, let it do the job of the initramfs, and exit with the verdict
# that the job gave.
#
#	--log FILE	where the kernel log goes (default: kernel.log)
#	--timeout SEC	when to give the guest up (default: 600; 0: never)
#	--append WORDS	more words for the kernel command line
#	--interactive	the person's terminal is the guest's
#
# Three serial lines keep apart what must not be mixed up: the first is the
# kernel's log, the second is the job's standard input and output, the third
# takes one line, the verdict.  A guest that hangs, panics or reboots by itself
# never writes that line, so it cannot pass.  No verdict: exit status 125.
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

# Hardware acceleration is often there and not usable for a stock kernel, so
# the emulator is named.  Whatever goes wrong in the kernel ends the guest.
kernel_command_line()
{
	local words=(console=ttyS0 loglevel=7 panic=-1 oops=panic panic_on_warn=1
		     init_on_alloc=0 nokaslr log_buf_len=4M
		     mitigations=off softlockup_panic=1 watchdog_thresh=30
		     rcupdate.rcu_cpu_stall_timeout=60
		     sysctl.kernel.panic_on_rcu_stall=1)

	words+=("$@")
	[ -z "${NO_COLOR:-}" ] || words+=(NO_COLOR=1)
	[ -z "$append" ] || words+=("$append")
	printf '%s' "${words[*]}"
}

# What the guest's line has to know of the terminal here; dumb: it is none.
if [ -t 1 ] && size=$(stty size </dev/tty 2>/dev/null); then
	terminal=("TERM=${TERM:-linux}" "LINES=${size% *}" "COLUMNS=${size#* }")
else
	terminal=(TERM=dumb)
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/verdict"

signal=on
[ -z "$interactive" ] || signal=off	# ^C belongs to the guest's shell
timeout --foreground "$timeout" qemu-system-x86_64 \
	-accel tcg -cpu max -smp 2 -m 1G -no-reboot -nodefaults \
	-display none -monitor none \
	-kernel "$image" -initrd "$initramfs" -append "$(kernel_command_line "${terminal[@]}")" \
	-serial "file:$log" \
	-chardev "stdio,id=job,signal=$signal" -serial chardev:job \
	-serial "file:$work/verdict" || rc=$?

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
