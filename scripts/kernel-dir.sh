#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-dir.sh - print the build folder of the kernel to compile for: that of
# KERNELRELEASE when it is given (DKMS does), else that of the running kernel
# when its headers are here, else that of the newest headers installed.
set -euo pipefail

candidates()
{
	printf '%s\n' "/lib/modules/${KERNELRELEASE:-$(uname -r)}/build"
	# A real-time kernel is the default where it runs, and nowhere else.
	[ -n "${KERNELRELEASE:-}" ] ||
		printf '%s\n' /lib/modules/*/build | grep -v -e '-rt-' | sort -Vr
}

while read -r folder; do
	if [ -e "$folder/Makefile" ]; then
		printf '%s\n' "$folder"
		exit 0
	fi
done < <(candidates)

echo "kernel-dir.sh: no kernel headers are installed" \
	"(Debian: apt-get install linux-headers-$(dpkg --print-architecture))" >&2
exit 1
