#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest-tests.sh LOG SUITE... - run these suites of selftests/vm/tests.sh in a VM
# with the distribution's kernel; its log goes to LOG, the reports to standard
# output.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || die "usage: guest-tests.sh LOG SUITE..."
log=$1
shift
KDIR=${KDIR:-$("$top/scripts/kernel-dir.sh")}
release=$(kernel_release "$KDIR")
root=$top/build/guest
make=(env -u MAKEFLAGS make -s)

# module FILE... - put modules where modprobe finds them.
module()
{
	install -D -m 644 -t "$root/lib/modules/$release/updates" "$@"
}

stage_modules()
{
	"${make[@]}" -j"$(nproc)" -C "$KDIR" M="$top" CONFIG_GOMAP_TEST=m modules >&2
	module "$top/gomap.ko" "$top/selftests/kmod/gomap_test.ko"
}

stage_programs()
{
	"${make[@]}" -j"$(nproc)" -C "$top/selftests" KSELFTEST= \
		OUTPUT="$top/build/selftests" >&2
	install -D -t "$root/tests/abi" "$top"/build/selftests/*
	mv "$root/tests/abi/hold_map" "$root/usr/bin"
	"${make[@]}" -C "$top/userspace" all >&2
	"${make[@]}" -C "$top/userspace" install DESTDIR="$root" PREFIX=/usr >&2
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

rm -rf "$root"
install -D -t "$root/usr/bin" "$top"/selftests/vm/{run-programs,kmod,load_unload,examples}.sh
install -D "$top/selftests/vm/tests.sh" "$root/job"
mkdir -p "$root/etc"
printf '%s\n' "$@" >"$root/etc/suites"
stage_modules
stage_programs

# What one suite needs does not keep the others from running: without it, that
# suite fails in the guest.
for suite; do
	case $suite in
	examples)
		stage_examples || say 'The examples cannot be built.' ;;
	kselftest)
		# The runner wants an option that busybox does not know.
		install -D -t "$root/usr/bin" /usr/bin/timeout
		"$top/scripts/kselftest-install.sh" "$KDIR" "$root/tests/kselftest" >&2 ||
			say 'The kselftests cannot be installed.' ;;
	esac
done

"$top/scripts/initramfs.sh" "$top/build/guest.cpio.gz" "$KDIR" "$root"
"$top/scripts/vm.sh" --log "$log" --timeout 900 --append slub_debug=FZP \
	"$KDIR" "$top/build/guest.cpio.gz" </dev/null
