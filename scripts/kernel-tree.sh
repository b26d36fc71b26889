#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-tree.sh KDIR - print a folder with those parts of the kernel's source
# that no other package has: tools/testing/selftests (the rules and the harness
# of kselftests) and scripts/checkpatch.pl.  KDIR itself where it has them; else
# fetched once, into the cache.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

if [ -e "${1:?usage: kernel-tree.sh KDIR}/tools/testing/selftests/lib.mk" ]; then
	printf '%s\n' "$1"
	exit 0
fi
series=$(kernel_release "$1" |
	sed -E 's/^([0-9]+\.[0-9]+).*$/\1/')
package=linux-source-$series

extract_parts()
{
	local self=$package/tools/testing/selftests

	say "Fetching $package for checkpatch and the kselftest rules (once)."
	fetch_deb "$package" || return 1
	dpkg-deb --fsys-tarfile ./*.deb | tar x --wildcards './usr/src/*.tar.xz'
	rm -f ./*.deb
	tar xJf usr/src/*.tar.xz --strip-components=1 \
		"$self"/{lib.mk,kselftest.h,kselftest_harness.h} \
		"$self"/{kselftest,run_kselftest.sh,kselftest_install.sh} \
		"$package"/scripts/{checkpatch.pl,spelling.txt} \
		"$package"/scripts/const_structs.checkpatch
	rm -rf usr
}

with_cache "$package" extract_parts ||
	die "the archive has no $package; upgrade the kernel headers?"
