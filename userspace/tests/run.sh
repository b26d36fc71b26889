#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#
# run.sh BUILD - run all tests of userspace against what lies in BUILD, one KTAP
# document after the other, and sum up.  Exit code 1: something failed.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
broken=0

run()
{
	echo "# $1"
	shift
	"$@" 2>&1 | tee -a "$log"
	[ "${PIPESTATUS[0]}" -eq 0 ] || broken=1
}

count() { grep -cE "$1" "$log"; }

run 'keys and values' "$build/check/test_types"
run 'input formats' "$build/check/test_readers"
run 'library' "$build/check/test_library"
run 'views' "$build/check/test_view"
run 'views as a whole' "$build/check/test_view_iter"
run 'views that change' "$build/check/test_view_races"
run 'views of garbage' "$build/check/test_view_garbage"
run 'tool' env FAKE=1 GOMAPCTL="$build/check/gomapctl-fake" sh tests/cli.sh
if command -v python3 >/dev/null; then
	run 'python' env LIBGOMAP="$build/check/libgomap-fake.so" PYTHONDONTWRITEBYTECODE=1 \
		python3 tests/test_python.py
fi
run 'headers' tests/headers.sh "$build"
run 'installation' tests/package.sh "$build"

skipped=$(count '^ok .*# SKIP')
echo "# $(($(count '^ok ') - skipped)) passed, $(count '^not ok ') failed, $skipped skipped"
exit $broken
