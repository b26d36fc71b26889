#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench.sh [FIGURE] - measure all figures, or one of the names in
# selftests/bench/tables.pl, and print them: as tables, and as a line of JSON for
# each, which build/bench/figures.jsonl has, too.
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

stage_guest()
{
	local kdir=$1

	"$top/scripts/copy-tree.sh" "$tree"
	"${make[@]}" -C "$kdir" M="$tree" CONFIG_GOMAP_TEST=m modules >&2
	install -D -m 644 -t "$root/lib/modules/$(kernel_release "$kdir")/updates" \
		"$tree"/{gomap,selftests/bench/gomap_bench}.ko
	"${make[@]}" -C "$top/selftests/bench" OUTPUT="$root/usr/bin" guest >&2
	install "$top/selftests/bench/guest.sh" "$root/job"
	"$top/scripts/initramfs.sh" "$out/guest.cpio.gz" "$kdir" "$root"
}

measure_in_a_kernel()
{
	local kdir

	kdir=$("$top/scripts/kernel-build.sh" um linux \
		uml-base.config uml-release.config)
	stage_guest "$kdir"
	say "Measuring in the kernel $(kernel_release "$kdir")."
	"$top/scripts/vm.sh" --log "$out/kernel.log" --timeout 900 \
		${only:+--append "ONLY=$only"} "$kdir" "$out/guest.cpio.gz" </dev/null
}

"$top/scripts/deps.sh" build host vm uml
rm -rf "$root"
mkdir -p "$out"
{ measure_here; measure_in_a_kernel; } >"$out/records"
perl "$top/selftests/bench/tables.pl" "$out/figures.jsonl" <"$out/records"
