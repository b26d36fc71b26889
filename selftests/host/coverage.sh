#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# coverage.sh - line coverage of the core and the arena by the host tests.
#
#	./coverage.sh		prints a line for each file and a total, and fails
#				where the total is below COVERAGE_MIN per cent
#
# SEED=N repeats a run, as with make check.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$here/build
out=$build/cov
minimum=${COVERAGE_MIN:-90}

# Counts of an earlier run must not add to this one's.
find "$build" -name '*.gcda' -delete 2>/dev/null || :
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! make -C "$here" --no-print-directory flavour=cov run >"$log" 2>&1; then
	cat "$log"
	echo "coverage.sh: tests failed, so their coverage says nothing" >&2
	exit 1
fi

# gcov prints "File 'PATH'" and "Lines executed:P% of N" for each source.
cd "$out"
gcov --no-output ./*.gcda 2>/dev/null |
awk -v top="$top/" -v minimum="$minimum" '
/^File / {
	path = substr($0, 7, length($0) - 7)
	wanted = path ~ /module\/(core|arena)\/[^\/]*$/
	sub(/^.*module\//, "module/", path)
}
/^Lines executed:/ && wanted {
	split($0, part, /[:% ]+/)
	of = $NF
	hit = int(part[3] * of / 100 + 0.5)
	# A header is compiled into many objects: the best of them counts.
	if (!(path in lines) || hit > hits[path])
		hits[path] = hit
	lines[path] = of
	wanted = 0
}
END {
	for (path in lines) {
		printf "%6.2f %% of %4d lines  %s\n",
			100 * hits[path] / lines[path], lines[path],
			path | "sort -k6"
		hit_all += hits[path]
		all += lines[path]
	}
	close("sort -k6")
	if (!all) {
		print "no coverage was recorded"
		exit 1
	}
	rate = 100 * hit_all / all
	printf "%6.2f %% of %4d lines  in all\n", rate, all
	if (rate < minimum) {
		printf "below the %d %% that are asked for\n", minimum
		exit 1
	}
}'
