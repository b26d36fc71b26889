#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# speed.sh [--quick] - how fast gomap is beside the kernel's rhashtable and BPF HASH,
# liburcu's, boost's, abseil's and Go's maps, all in one run: tables with the goals,
# and as a line of JSON for each figure, which build/bench/speed.jsonl has, too, and
# a picture, build/bench/speed.svg.  --quick takes under three minutes; all of it,
# up to ten million entries and in four shapes, some twenty.
# speed.sh counts - what is counted and not timed: instructions an operation, by
# callgrind, what loads cost beside Go's own table of that, cache lines, probes, calls of
# the allocator, and retries of readers; build/bench/counts.jsonl has them, too.  Fails
# where a load does not cost what it costs in Go: that depends on no machine.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

out=$top/build/bench/speed
sources=$top/selftests/bench/speed

# build TARGET [VARIABLE=VALUE] - the programs.
build()
{
	local rhashtable

	mkdir -p "$out"
	rhashtable=$("$top/scripts/rhashtable-source.sh")
	env -u MAKEFLAGS make -s -j"$(nproc)" -C "$sources" OUTPUT="$out" \
		SOURCE="$rhashtable" "$@" >&2
}

build_with_go()
{
	local newest

	newest=$("$top/scripts/go-newest.sh") ||
		{ say "Only the installed Go is measured."; newest=; }
	build all GOROOT_NEWEST="$newest"
	go=("$out/go" ${newest:+"$out/go_newest"})
}

count_instructions()
{
	local table operation

	for operation in insert hit miss delete; do
		for table in gomap 'gomap, trusted keys' rhashtable 'boost flat map' \
			'absl flat map'; do
			valgrind --tool=callgrind --toggle-collect=counted \
				--callgrind-out-file=/dev/null \
				"$out/speed_counts" "$table" "$operation" 2>&1 |
				awk -v row="$operation" -v what="$table" '
					/Collected :/ {
						printf "{\"figure\":\"counts\",\"where\":\"host\"," \
							"\"case\":\"%s\",\"what\":\"%s\"," \
							"\"value\":%.1f}\n", row, what, $4 / 10000
						found = 1
					}
					END { exit !found }' ||
				die "callgrind has not counted the $operation of $table"
		done
	done
}

# All that was counted is shown, also where it is not what it should be.
count()
{
	local rc=0

	count_instructions
	"$out/counts" || rc=$?
	"$out/counts_retries" || rc=$?
	return "$rc"
}

"$top/scripts/deps.sh" build host speed
if [ "${1:-}" = counts ]; then
	"$top/scripts/deps.sh" counts
	build counts
	rc=0
	count >"$out/counted" || rc=$?
	perl "$sources/tables.pl" "$out/../counts.jsonl" "$out/points" <"$out/counted"
	[ "$rc" -eq 0 ] || die "these counts are not what they have to be, see above"
	exit
fi
build_with_go
say "Measuring here; large pages for all, as a kernel has them for itself."
GLIBC_TUNABLES=glibc.malloc.hugetlb=1 "$out/speed" "$@" "${go[@]}" >"$out/records"
perl "$sources/tables.pl" "$out/../speed.jsonl" "$out/points" <"$out/records"
gnuplot -e "points='$out/points'; picture='$out/../speed.svg'" "$sources/picture.gp"
say "The picture is build/bench/speed.svg."
