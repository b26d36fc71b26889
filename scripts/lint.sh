#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lint.sh - what the compilers and the checkers of style have to say about the
# tree: all of them must have nothing to say.  Reports in KTAP.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

KDIR=${KDIR:-$(scripts/kernel-dir.sh)} || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sources() { find "$@" -name '*.[ch]' ! -path '*/build/*' ! -name '*.mod.c'; }

# no_complaints COMMAND... - it exits with 0 and no line of its output complains.
no_complaints()
{
	local output rc=0

	output=$("$@" 2>&1) || rc=$?
	grep -iE '\b(warning|error):' <<<"$output" && return 1
	[ "$rc" -eq 0 ] || { echo "$output"; return 1; }
}

# In a copy, so that every file is compiled and nothing here is touched.
copy_tree()
{
	mkdir -p "$work/tree/selftests" &&
		cp -r Kbuild include module userspace "$work/tree" &&
		cp -r selftests/{abi,bench,faults,kcsan,kmod,lin,memory,torture,vm,Makefile} \
			"$work/tree/selftests" &&
		find "$work/tree" -name '*.o' -delete
}

clean_make() { env -u MAKEFLAGS make "$@"; }

module_is_clean()
{
	no_complaints clean_make -j"$(nproc)" -C "$KDIR" M="$work/tree" W=1 C=1 \
		CF=-D__CHECK_ENDIAN__ CONFIG_GOMAP_TEST=m modules
}

userspace_is_clean()
{
	clean_make -C "$work/tree/userspace" clean >/dev/null
	no_complaints clean_make -C "$work/tree/userspace" all
}

programs_are_clean()
{
	no_complaints clean_make -C "$work/tree/selftests" KSELFTEST= \
		OUTPUT="$work/selftests"
}

# Programs of any standard include it, and it has to do without help.
uapi_stands_alone()
{
	gcc -std=c90 -Wall -Wextra -Wno-long-long -pedantic -Werror -fsyntax-only \
		-Iinclude/uapi -x c - <<<'#include <linux/gomap.h>
int unused;'
}

kernel_doc()
{
	sources include module | xargs "$KDIR/scripts/kernel-doc" -none -Werror
}

# Two of its rules do not fit: B is a variable here, as in Go, and no constant,
# and a macro that loops over two things is not to be put in parentheses.
checkpatch()
{
	sources include module selftests/{kmod,lin,torture} |
		xargs "$1/scripts/checkpatch.pl" --no-tree --quiet --no-summary \
			--terse --show-types \
			--ignore CONSTANT_COMPARISON,COMPLEX_MACRO,VOLATILE -f
}

shell_scripts()
{
	grep -rlE '^#!/bin/(ba)?sh|^#!/bin/busybox sh' .ci scripts selftests \
		userspace | xargs shellcheck
}

# Nd and Fo are macros of mdoc.
spelling() { codespell --skip build,.git -L nd,fo; }
man_pages() { mandoc -T lint -W warning userspace/man/*.[1-9]; }

ktap_check 'the tree can be copied' copy_tree
ktap_check 'module: gcc W=1 and sparse have no complaint' module_is_clean
ktap_check 'userspace: gcc has no complaint' userspace_is_clean
ktap_check 'test programs: gcc has no complaint' programs_are_clean
ktap_check 'the ABI header stands alone, in C90' uapi_stands_alone
ktap_check 'kernel-doc is complete' kernel_doc
if tree=$(scripts/kernel-tree.sh "$KDIR"); then
	ktap_check 'checkpatch has no complaint' checkpatch "$tree"
else
	ktap_skip 'checkpatch has no complaint' 'the kernel source cannot be had'
fi
ktap_check 'shellcheck has no complaint' shell_scripts
ktap_check 'codespell has no complaint' spelling
ktap_check 'mandoc has no complaint' man_pages
ktap_done
