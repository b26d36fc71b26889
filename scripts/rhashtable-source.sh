#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# rhashtable-source.sh - print a folder with the kernel's resizable hash table, as
# the distribution's kernel has it: lib/rhashtable.c and the headers that are its
# own.  Fetched once, into the cache.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

package=$(apt-cache depends linux-source | awk '$1 == "Depends:" { print $2; exit }')
[ -n "$package" ] || die "the archive has no linux-source"

extract()
{
	say "Fetching $package for rhashtable (once)."
	fetch_deb "$package" || return 1
	dpkg-deb --fsys-tarfile ./*.deb | tar x --wildcards './usr/src/*.tar.xz'
	rm -f ./*.deb
	tar xJf usr/src/*.tar.xz --strip-components=1 "$package/lib/rhashtable.c" \
		"$package"/include/linux/{rhashtable.h,rhashtable-types.h} \
		"$package"/include/linux/{jhash.h,list_nulls.h}
	rm -rf usr
}

with_cache "rhashtable-$package" extract
