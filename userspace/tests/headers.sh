#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#
# The headers that programs include: each compiles alone, as C90, as C11, as
# C++ and for 32 bits, without a warning, and the ABI looks the same everywhere.
set -u
. "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/.." || exit 1
CC=${CC:-cc} CXX=${CXX:-c++}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-Wall -Wextra -Werror -I../include/uapi -Ilibgomap)

# alone HEADER COMPILER FLAG... - a file with nothing but this header, twice.
alone()
{
	local header=$1 language=c
	shift
	[ "$1" != "$CXX" ] || language=c++
	printf '#include <%s>\n#include <%s>\nextern int not_empty;\n' "$header" \
		"$header" | "$@" "${flags[@]}" -x "$language" -fsyntax-only -
}

layout()
{
	local out=$work/$1
	shift
	"$@" "${flags[@]}" -o "$out.exe" tests/layout.c && "$out.exe" >"$out"
}

same() { diff "$work/$1" "$work/$2"; }

# Options and handles in C++, as a program would use them; C++ warns of options
# that are left at zero, which is what they are for.
use_from_cxx()
{
	cat >"$work/use.cc" <<-'END'
		#include <gomap.h>
		int main()
		{
			GOMAP_OPTS(gomap_create_opts, opts, .name = "x", .hint = 9);
			GOMAP_OPTS(gomap_iter_opts, none);
			struct gomap *map = nullptr;
			struct gomap_batch *batch = nullptr;
			if (gomap_batch_new(&batch) || gomap_len(map) ||
			    opts.sz != sizeof(opts) || opts.hint != 9 || none.max)
				return 1;
			gomap_batch_add(batch, GOMAP_OP_DELETE, "", 0, nullptr, 0);
			int bad = gomap_batch_at(batch, 0)->op != GOMAP_OP_DELETE;
			gomap_batch_free(batch);
			return bad;
		}
	END
	"$CXX" -std=c++20 "${flags[@]}" -Wno-missing-field-initializers -o "$work/use" "$work/use.cc" "$1" &&
		"$work/use"
}

lines() { [ "$(wc -l <"$work/c")" -gt 40 ]; }

echo 'TAP version 13'
uapi=linux/gomap.h view=linux/gomap_view.h
check "$uapi is C90" alone $uapi "$CC" -std=c90 -pedantic -Wno-long-long
check "$uapi is C11" alone $uapi "$CC" -std=c11 -pedantic
check "$uapi is C++" alone $uapi "$CXX" -std=c++11
check "$view is C90" alone $view "$CC" -std=c90 -pedantic -Wno-long-long
check "$view is C++" alone $view "$CXX" -std=c++11
for header in gomap/hash.h gomap/tophash.h gomap/slots.h gomap/read.h gomap_view.h; do
	check "$header is C11" alone $header "$CC" -std=gnu11
	check "$header is C++" alone $header "$CXX" -std=c++11
done
check 'gomap.h is C11' alone gomap.h "$CC" -std=gnu11
check 'gomap.h is C++' alone gomap.h "$CXX" -std=c++11
check 'gomap.h is used from C++' use_from_cxx "$1/libgomap.a"
check 'the layout is printed' layout c "$CC" -std=c90
check 'the layout has all structures' lines
check 'C++ sees the layout' layout cxx "$CXX" -x c++
check 'C++ sees the same layout' same c cxx
if echo 'int main(void) { return 0; }' |
	"$CC" -m32 -x c -o "$work/try" - 2>/dev/null && "$work/try"; then
	check "$uapi compiles for 32 bits" alone $uapi "$CC" -m32 -std=c90
	check 'gomap_view.h compiles for 32 bits' alone gomap_view.h "$CC" -m32
	check '32 bits see the layout' layout c32 "$CC" -m32
	check '32 bits see the same layout' same c c32
else
	for name in 'compiles for' 'see views for' 'see the layout for' \
		'see the same layout for'; do
		skip "headers $name 32 bits" 'programs for 32 bits cannot be built here (gcc-multilib)'
	done
fi
finish
