#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms-source.sh DEST - copy to the folder DEST what DKMS needs of the tree.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

dest=${1:?usage: dkms-source.sh DEST}
mkdir -p "$dest"
cd "$top"
find Kbuild dkms.conf COPYING include module -type f \
	\( -name '*.[ch]' ! -name '*.mod.c' -o ! -path '*/*' \) -print0 |
	xargs -0 cp --parents -t "$dest"
