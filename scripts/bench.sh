#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench.sh [FIGURE] - measure all figures, or one of the names in
# selftests/bench/tables.pl, and print them: as tables, and as a line of JSON for
# each, which build/bench/figures.jsonl has, too.
# bench.sh kernel - measure gomap beside the kernel's own tables, in a kernel; SIZES
# of the tables, comma between them, and ROUNDS may be in the environment, and
# BARRIERS=x86, see selftests/bench/kspeed_barriers.h.
#
# First here, core and arena as a program; then in a kernel with nothing that
# watches, which runs as a process.  The peers are measured in the same run.  It
# is no test: a goal that is missed is told of, and that is all.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

only=${1:-}
out=$top/build/bench tree=$top/build/bench/tree root=$top/build/bench/guest
make=(env -u MAKEFLAGS make -s -j"$(nproc)")

# peer NAME PROGRAM... - a peer that cannot be measured is left out.
peer()
{
	local name=$1
	shift

	"$@" || say "$name cannot be measured here."
}

measure_here()
{
	"${make[@]}" -C "$top/selftests/bench" OUTPUT="$out/programs" >&2
	say "Measuring here."
	[ "$only" = device ] || "$out/programs/host" ${only:+"$only"}
	if [ "${only:-memory}" = memory ]; then
		peer 'a BPF map' "$out/programs/bpf_memory" host
		peer "Go's map" "$out/programs/go_memory"
	fi
}

# stage_guest KDIR JOB MODULE - JOB is what the guest does, with one of our modules.
stage_guest()
{
	local kdir=$1 job=$2 module=$3

	"$top/scripts/copy-tree.sh" "$tree"
	"${make[@]}" -C "$kdir" M="$tree" CONFIG_GOMAP_TEST=m modules >&2
	install -D -m 644 -t "$root/lib/modules/$(kernel_release "$kdir")/updates" \
		"$tree/gomap.ko" "$tree/selftests/bench/$module.ko"
	"${make[@]}" -C "$top/selftests/bench" OUTPUT="$root/usr/bin" guest >&2
	install "$top/selftests/bench/$job" "$root/job"
	"$top/scripts/initramfs.sh" "$out/guest.cpio.gz" "$kdir" "$root"
}

measuring_kernel()
{
	"$top/scripts/kernel-build.sh" um linux uml-base.config uml-release.config
}

measure_in_a_kernel()
{
	local kdir

	kdir=$(measuring_kernel)
	stage_guest "$kdir" guest.sh gomap_bench
	say "Measuring in the kernel $(kernel_release "$kdir")."
	"$top/scripts/vm.sh" --log "$out/kernel.log" --timeout 900 \
		${only:+--append "ONLY=$only"} "$kdir" "$out/guest.cpio.gz" </dev/null
}

# What the kernel's own tables cost, and the system calls.  The guest has one
# processor, on one of ours: what a table does in the background is on its bill,
# too, and no call waits for another processor to wake.
measure_kernel_tables()
{
	local kdir processor

	kdir=$(measuring_kernel)
	processor=$(taskset -cp $$ | sed 's/.*[^0-9]//')
	[ "${BARRIERS:-}" != x86 ] ||
		export KCFLAGS="-include $top/selftests/bench/kspeed_barriers.h"
	stage_guest "$kdir" kspeed_guest.sh gomap_kspeed
	say "Measuring in the kernel $(kernel_release "$kdir"), on processor $processor."
	GUEST_CPUS=1 GUEST_MEMORY=${GUEST_MEMORY:-2048} taskset -c "$processor" \
		"$top/scripts/vm.sh" --log "$out/kernel.log" --timeout 3600 \
		--append "SIZES=${SIZES:-1000,1000000} ROUNDS=${ROUNDS:-7}" \
		"$kdir" "$out/guest.cpio.gz" </dev/null
}

"$top/scripts/deps.sh" build host vm uml
rm -rf "$root"
mkdir -p "$out"
if [ "$only" = kernel ]; then
	measure_kernel_tables >"$out/records"
	perl "$top/selftests/bench/kspeed.pl" "$out/kernel.jsonl" <"$out/records"
	exit
fi
{ measure_here; measure_in_a_kernel; } >"$out/records"
perl "$top/selftests/bench/tables.pl" "$out/figures.jsonl" <"$out/records"
