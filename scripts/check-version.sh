#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-version.sh [TREE] - the version is the same wherever it stands.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

version=$(sed -n 's/^GOMAP_VERSION := //p' Kbuild)
wrong=0

# same FILE SEEN - complain where SEEN is not the version.
same()
{
	[ "$2" = "$version" ] && return
	echo "$1 says version '$2', Kbuild says '$version'"
	wrong=1
}

same dkms.conf "$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' dkms.conf)"
if [ -e userspace/Makefile ]; then
	same userspace/Makefile "$(sed -n 's/^VERSION ?= //p' userspace/Makefile)"
fi
pc=$(find userspace -name libgomap.pc -print -quit)
[ -z "$pc" ] || same "$pc" "$(sed -n 's/^Version: //p' "$pc")"
exit "$wrong"
