#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-image.sh KDIR - print the path of the kernel image that belongs to the
# headers in KDIR: it was built there, or it is the distribution's.  Where that is
# not installed, it is taken out of its package into the cache, and the machine's
# boot setup is left alone.
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

for image in "$1"/linux "$1"/arch/x86/boot/bzImage "/boot/vmlinuz-$release"; do
	if [ -r "$image" ]; then
		printf '%s\n' "$image"
		exit 0
	fi
done
folder=$(with_cache "linux-image-$release" extract_image) ||
	die "the archive has no kernel image for the headers $release any more;" \
	    "upgrade the headers: apt-get install linux-headers-$(dpkg --print-architecture)"
printf '%s\n' "$folder/boot/vmlinuz-$release"
