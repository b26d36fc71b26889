#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# uml.sh IMAGE INITRAMFS LOG VERDICT WORDS - be the machine of vm.sh for a
# User-mode kernel: a process with a thread for each of GUEST_CPUS processors
# (default: 2), at the speed of the host.  There is no terminal for a person.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ -z "${INTERACTIVE:-}" ] || die "a User-mode kernel has no terminal to offer"
image=$1 initramfs=$2 log=$3 verdict=$4
read -ra words <<<"$5"
memory=${GUEST_MEMORY:-2048}

# Its memory is a file, best where no disk is behind; containers are often short
# of that.
room=$(df --output=avail -BM /dev/shm 2>/dev/null | tr -cd '0-9') || true
if [ "${room:-0}" -ge $((memory * 5 / 4)) ]; then
	TMPDIR=/dev/shm
else
	TMPDIR=${verdict%/*}
fi
export TMPDIR

# It tells its own beginnings to the standard outputs, which are the log therefore;
# a restart would be the same process once more; a core would be all its memory.
ulimit -c 0
# SLUB's own marks are off: KASAN, which does that work better, takes them for
# writes out of bounds.
exec 5>&1 6>"$verdict" >"$log" 2>&1 </dev/null
exec "$image" "mem=${memory}M" ncpus="${GUEST_CPUS:-2}" seccomp=on noreboot stderr=1 \
	"uml_dir=${verdict%/*}" "initrd=$initramfs" con=null ssl=null \
	ssl0=null,fd:1 ssl1=null,fd:5 ssl2=null,fd:6 "${words[@]}" slub_debug=-
