#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest-tests.sh LOG SUITE... - run these suites of selftests/vm/tests.sh in a
# guest with the kernel that belongs to KDIR, the distribution's if it is not
# given; its log goes to LOG, the reports to standard output.
#
# A suite needs no word here.  Its modules are those that Kbuild names, its
# programs what `make -C selftests/SUITE guest` puts into OUTPUT, and where it has
# a guest.sh, that runs them.
#
#	GUEST_WORDS	more words for the kernel command line; NAME=value ends up
#			in the environment of the suites
#	GUEST_CPUS	its processors (default: 2)
#	GUEST_TIMEOUT	seconds until the guest is given up (default: 900)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || die "usage: guest-tests.sh LOG SUITE..."
log=$1
shift
KDIR=${KDIR:-$("$top/scripts/kernel-dir.sh")}
export KDIR
release=$(kernel_release "$KDIR")
root=$top/build/guest
make=(env -u MAKEFLAGS make -s -j"$(nproc)")

stage_modules()
{
	"${make[@]}" -C "$KDIR" M="$top" CONFIG_GOMAP_TEST=m modules >&2
	install -D -m 644 -t "$root/lib/modules/$release/updates" \
		"$top"/gomap.ko "$top"/selftests/*/*.ko
}

stage_tools()
{
	"${make[@]}" -C "$top/selftests" KSELFTEST= \
		OUTPUT="$top/build/selftests" >&2
	install -D -t "$root/usr/bin" "$top/build/selftests/hold_map" \
		"$top"/selftests/vm/{run-programs,kmod,load_unload,examples,ktap,pass-rules,settle}.sh
	"${make[@]}" -C "$top/userspace" all >&2
	"${make[@]}" -C "$top/userspace" install DESTDIR="$root" PREFIX=/usr >&2
}

# Programs of 32 bits are for kernels that run them.
stage_abi()
{
	install -D -t "$root/tests/abi" "$top"/build/selftests/*
	rm "$root/tests/abi/hold_map"
	grep -qx CONFIG_IA32_EMULATION=y "$KDIR/include/config/auto.conf" ||
		rm -f "$root"/tests/abi/*_32
}

stage_examples()
{
	local what

	for what in kernel user shell; do
		"$top/scripts/readme-build.sh" "$what" "$top/build/examples" >&2
	done
	install -D -t "$root/tests/examples" \
		"$top"/build/examples/readme_example{,.ko,.sh}
}

# The runner wants an option that busybox does not know.
stage_kselftest()
{
	install -D -t "$root/usr/bin" /usr/bin/timeout
	"$top/scripts/kselftest-install.sh" "$KDIR" "$root/tests/kselftest" >&2
}

stage_by_itself()
{
	local from=$top/selftests/$1 to=$root/tests/$1

	mkdir -p "$to"
	[ ! -e "$from/Makefile" ] ||
		"${make[@]}" -C "$from" OUTPUT="$to" guest >&2 || return
	[ ! -e "$from/guest.sh" ] || install -t "$to" "$from/guest.sh"
}

rm -rf "$root"
install -D "$top/selftests/vm/tests.sh" "$root/job"
mkdir -p "$root/etc"
printf '%s\n' "$@" >"$root/etc/suites"
stage_modules
stage_tools

# What one suite needs does not keep the others from running: without it, that
# suite fails in the guest.
for suite; do
	case $suite in
	module | kmod) ;;
	abi | examples | kselftest)
		"stage_$suite" || say "The suite $suite cannot be prepared." ;;
	*)
		stage_by_itself "$suite" || say "The suite $suite cannot be prepared." ;;
	esac
done

"$top/scripts/initramfs.sh" "$top/build/guest.cpio.gz" "$KDIR" "$root"
"$top/scripts/vm.sh" --log "$log" --timeout "${GUEST_TIMEOUT:-900}" \
	--append "slub_debug=FZP ${GUEST_WORDS:-}" \
	"$KDIR" "$top/build/guest.cpio.gz" </dev/null
