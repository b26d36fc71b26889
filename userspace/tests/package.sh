#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#
# What an installation is: the files, a library that exports its map and nothing
# else, a program built by pkg-config, pages that cover everything.
set -u
. "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/.." || exit 1
build=$1
CC=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PKG_CONFIG_PATH=$work/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work
version=$(sed -n 's/^Version: //p' "$build/libgomap.pc")

quiet_make()
{
	env -u MAKEFLAGS -u MAKELEVEL make -s O="$work/build" PREFIX=/usr \
		DESTDIR="$work" GOMAP_VERSION="$version" "$@"
}

in_map() { sed -n 's/^\t\(gomap_[a-z_]*\);$/\1/p' libgomap/libgomap.map; }
# What is declared; gomap_batch(3) in a comment is a page, and what comes after the
# declarations of views is compiled into programs.
in_header()
{
	sed '/what is compiled into programs/,$d' libgomap/gomap.h libgomap/gomap_view.h |
		grep -o '\bgomap_[a-z_]*([^0-9]' | sed 's/(.*//' | sort -u
}
exported()
{
	nm -D --defined-only "$1" | sed -n 's/.* T \(gomap_[a-z_]*\)@@LIBGOMAP_0.1$/\1/p'
}

# Both directions: nothing missing, nothing too many.
exports_are_the_map() { diff <(in_map) <(exported "$build/libgomap.so.0"); }
map_is_the_header() { diff <(in_map) <(in_header); }
nothing_else_is_exported()
{
	! nm -D --defined-only "$build/libgomap.so.0" |
		grep -v -e '@@LIBGOMAP_0.1$' -e ' A LIBGOMAP_0.1$'
}
has_soname() { objdump -p "$build/libgomap.so.0" | grep -q 'SONAME *libgomap.so.0$'; }
# No message comes from the library, and it ends no process.
keeps_quiet()
{
	! nm -u "$build/libgomap.a" | grep -E ' (_?exit|abort|v?f?printf|puts|perror)$'
}

pkg_config_has_version() { [ "$(pkg-config --modversion libgomap)" = "$version" ]; }

# A program with a view, in whatever language: the headers are all there.
view_builds()
{
	local flags
	read -ra flags < <(pkg-config --cflags --libs libgomap)
	echo '#include <gomap_view.h>
		int main(void)
		{
			int (*look)(struct gomap_view *, const void *, size_t,
				    void *, size_t) = gomap_view_lookup;
			unsigned long long key = 1, value;
			return gomap_view_lookup(0, &key, 8, &value, 8) != -2 ||
			       look(0, &key, 8, &value, 8) != -2;
		}' >"$work/view.c" &&
		"$CC" -O2 -Wall -Wextra -Werror -o "$work/view" "$work/view.c" \
			"${flags[@]}" && LD_LIBRARY_PATH=$work/usr/lib "$work/view" &&
		"${CXX:-c++}" -x c++ -Wall -Wextra -Werror -fsyntax-only \
			"$work/view.c" "${flags[@]}"
}

# The example of libgomap(3), as it stands in the page.
example()
{
	sed -n '/^#include <stdint.h>/,/^}/p' man/libgomap.3 |
		sed 's/\\e/\\/g' >"$work/example.c" &&
		grep -q gomap_store "$work/example.c"
}

program_builds()
{
	local flags
	read -ra flags < <(pkg-config --cflags --libs libgomap)
	example && "$CC" -Wall -Wextra -Werror -o "$work/example" \
		"$work/example.c" "${flags[@]}"
}

# Without the module it says so; with it, it works.
program_runs()
{
	local said
	said=$(LD_LIBRARY_PATH=$work/usr/lib "$work/example" 2>&1)
	case $said in
	'No map: No such device' | '1 ports') ;;
	*) echo "$said"; return 1 ;;
	esac
}

pages_are_clean() { mandoc -T lint -W warning man/*.[348]; }

# Every word of a list is in a page.
covered()
{
	local page=$1 word missing=0
	shift
	for word; do
		grep -qw -e "$word" "$page" || { echo "$word is not in $page"; missing=1; }
	done
	return "$missing"
}

functions_have_pages()
{
	local name missing=0
	while read -r name; do
		grep -q "^\.Nm $name\( ,\)\?$" man/*.3 ||
			{ echo "$name is in no page"; missing=1; }
	done < <(in_map)
	return "$missing"
}

uapi_words() { grep -oE "\b$1[A-Z_]*\b" ../include/uapi/linux/gomap.h | sort -u; }
commands_have_entries()
{
	# shellcheck disable=SC2046  # a list of words
	covered man/gomap.4 $(uapi_words GOMAP_IOC_ | grep -vx GOMAP_IOC_TYPE)
}
errors_have_entries()
{
	# shellcheck disable=SC2046  # a list of words
	covered man/gomap.4 $(sed -n 's/^ \*   \(E[A-Z0-9]*\) .*/\1/p' \
		../include/uapi/linux/gomap.h)
}
options_have_entries()
{
	# shellcheck disable=SC2046  # a list of words
	covered man/gomapctl.8 $("$build/gomapctl/gomapctl" help -j |
		grep -o '"verb":"[a-z]*"' | cut -d'"' -f4) \
		$(grep -hoE '\{ "[a-z-]+", ' gomapctl/cmd_*.c | cut -d'"' -f2)
}
help_names_only_what_is_there()
{
	local verb
	for verb in $("$build/gomapctl/gomapctl" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
		[ "$verb" = gomapctl ] ||
			"$build/gomapctl/gomapctl" help "$verb" >/dev/null || return 1
	done
}

uninstalled() { ! find "$work/usr" ! -type d | grep .; }

echo 'TAP version 13'
check 'the library exports its map' exports_are_the_map
check 'the map is what the header declares' map_is_the_header
check 'nothing else is exported' nothing_else_is_exported
check 'the SONAME is libgomap.so.0' has_soname
check 'the library neither prints nor exits' keeps_quiet
check 'make install' quiet_make install
check 'pkg-config knows the version' pkg_config_has_version
check 'the example of libgomap(3) builds' program_builds
check 'the example of libgomap(3) runs' program_runs
check 'a program with a view builds and runs' view_builds
check 'the pages are clean' pages_are_clean
check 'every function has its page' functions_have_pages
check 'every command is in gomap(4)' commands_have_entries
check 'every errno of the ABI is in gomap(4)' errors_have_entries
check 'every verb and option is in gomapctl(8)' options_have_entries
check 'help lists verbs that are there' help_names_only_what_is_there
check 'make uninstall' quiet_make uninstall
check 'make uninstall leaves nothing' uninstalled
finish
