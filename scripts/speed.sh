#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# speed.sh [--quick] - how fast gomap is beside the kernel's rhashtable, boost's
# and Go's maps, all in one run: tables with the goals, and as a line of JSON for
# each figure, which build/bench/speed.jsonl has, too, and a picture,
# build/bench/speed.svg.  --quick leaves out tables of ten million entries.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

out=$top/build/bench/speed

"$top/scripts/deps.sh" build host speed
mkdir -p "$out"
source=$("$top/scripts/rhashtable-source.sh")
env -u MAKEFLAGS make -s -C "$top/selftests/bench/speed" OUTPUT="$out" SOURCE="$source" >&2
say "Measuring here; large pages for all, as a kernel has them for itself."
GLIBC_TUNABLES=glibc.malloc.hugetlb=1 "$out/speed" "$@" "$out/Go $(go env GOVERSION | tr -d go)" \
	>"$out/records"
perl "$top/selftests/bench/speed/tables.pl" "$out/../speed.jsonl" "$out/points" <"$out/records"
gnuplot -e "points='$out/points'; picture='$out/../speed.svg'" \
	"$top/selftests/bench/speed/picture.gp"
say "The picture is build/bench/speed.svg."
