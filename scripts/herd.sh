#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# herd.sh [OPTION]... TEST... - run herd7 on litmus tests, under the memory
# model of the Linux kernel.
#
# A herd7 that is new enough for the kernel's present model is packaged in a
# later suite than ours.  It runs from the cache with the C library of its own
# suite, and takes the model from that suite's kernel source.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

suite=forky
kernel=linux-source-7.2
libraries=(libc6 libgmp10)

# unpack PACKAGE PATH... - some files of the package that lies here.
unpack()
{
	dpkg-deb --fsys-tarfile "$1"_*.deb | tar x --wildcards "${@:2}"
}

unpack_model()
{
	unpack "$kernel" './usr/src/*.tar.xz' &&
		xz -dcT0 usr/src/*.tar.xz | tar x --strip-components=2 \
			--wildcards "$kernel/tools/memory-model/linux-kernel.*" \
			"$kernel/tools/memory-model/lock.cat" &&
		rm -r usr/src
}

fetch()
{
	local library

	say "Fetching herd7 and the kernel's memory model (once)."
	"$top/scripts/suite-deb.sh" "$suite" herdtools7 "${libraries[@]}" \
		"$kernel" || return
	unpack_model || return
	unpack herdtools7 ./usr/bin/herd7 './usr/share/herdtools7/herd/*' || return
	for library in "${libraries[@]}"; do
		unpack "$library" './usr/lib/*/*.so*' || return
	done
	rm ./*.deb
}

tool=$(with_cache "herd-$kernel" fetch)
loader=$(echo "$tool"/usr/lib/*/ld-linux*)

exec "$loader" --library-path "${loader%/*}" "$tool/usr/bin/herd7" \
	-set-libdir "$tool/usr/share/herdtools7/herd" \
	-I "$tool/memory-model" -conf "$tool/memory-model/linux-kernel.cfg" "$@"
