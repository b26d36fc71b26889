#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# speed.sh [--quick] - how fast gomap is beside the kernel's rhashtable and BPF HASH,
# liburcu's, boost's, abseil's and Go's maps, all in one run: tables with the goals,
# and as a line of JSON for each figure, which build/bench/speed.jsonl has, too, and
# a picture, build/bench/speed.svg.  --quick takes under three minutes; all of it,
# up to ten million entries and in four shapes, some twenty.
# speed.sh counts - instructions an operation, by callgrind.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

out=$top/build/bench/speed
sources=$top/selftests/bench/speed

build()
{
	local rhashtable newest

	"$top/scripts/deps.sh" build host speed
	mkdir -p "$out"
	rhashtable=$("$top/scripts/rhashtable-source.sh")
	newest=$("$top/scripts/go-newest.sh") ||
		{ say "Only the installed Go is measured."; newest=; }
	env -u MAKEFLAGS make -s -C "$sources" OUTPUT="$out" SOURCE="$rhashtable" \
		GOROOT_NEWEST="$newest" >&2
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

build
if [ "${1:-}" = counts ]; then
	"$top/scripts/deps.sh" counts
	count_instructions >"$out/counts"
	perl "$sources/tables.pl" "$out/../counts.jsonl" "$out/points" <"$out/counts"
	exit
fi
say "Measuring here; large pages for all, as a kernel has them for itself."
GLIBC_TUNABLES=glibc.malloc.hugetlb=1 "$out/speed" "$@" "${go[@]}" >"$out/records"
perl "$sources/tables.pl" "$out/../speed.jsonl" "$out/points" <"$out/records"
gnuplot -e "points='$out/points'; picture='$out/../speed.svg'" "$sources/picture.gp"
say "The picture is build/bench/speed.svg."
