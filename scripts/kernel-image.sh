#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-image.sh KDIR - print the path of the distribution's kernel image that
# belongs to the headers in KDIR.  Where it is not installed, it is taken out of
# its package into the cache, and the machine's boot setup is left alone.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

release=$(kernel_release "${1:?usage: kernel-image.sh KDIR}")

extract_image()
{
	say "Fetching the kernel image $release (once; kept in $cache)."
	fetch_deb "linux-image-$release" || return 1
	dpkg-deb --fsys-tarfile ./*.deb | tar x --wildcards './boot/vmlinuz-*'
	rm -f ./*.deb
}

installed=/boot/vmlinuz-$release
if [ -r "$installed" ]; then
	printf '%s\n' "$installed"
	exit 0
fi
folder=$(with_cache "linux-image-$release" extract_image) ||
	die "the archive has no kernel image for the headers $release any more;" \
	    "upgrade the headers: apt-get install linux-headers-$(dpkg --print-architecture)"
printf '%s\n' "$folder/boot/vmlinuz-$release"
