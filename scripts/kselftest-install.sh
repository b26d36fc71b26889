#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kselftest-install.sh KDIR DEST - build the kselftests with the lib.mk and the
# harness of a kernel tree, and install them to DEST as that tree would: the
# tests, its runner, and a list.  DEST/run_kselftest.sh runs them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -eq 2 ] || die "usage: kselftest-install.sh KDIR DEST"
tree=$("$top/scripts/kernel-tree.sh" "$1")/tools/testing/selftests
dest=$2

by_lib_mk()
{
	env -u MAKEFLAGS make -s -C "$top/selftests" KSELFTEST="$tree" \
		OUTPUT="$top/build/kselftest" can_make_32= "$@"
}

mkdir -p "$dest/gomap"
# The 32-bit programs have had their turn in the suite abi.
by_lib_mk -j"$(nproc)" all
by_lib_mk INSTALL_PATH="$dest/gomap" install
by_lib_mk COLLECTION=gomap emit_tests >"$dest/kselftest-list.txt"
cp -r "$tree/kselftest" "$tree/run_kselftest.sh" "$dest"
