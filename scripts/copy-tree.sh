#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# copy-tree.sh DEST - copy the tree to DEST without anything that was built, so
# that the modules of one kernel do not lie in the way of another's.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

dest=${1:?usage: copy-tree.sh DEST}
rm -rf "$dest"
mkdir -p "$dest"
tar -C "$top" --exclude-vcs --exclude=build --exclude='*.o' --exclude='*.ko' \
	--exclude='*.mod*' --exclude='*.cmd' --exclude=Module.symvers \
	--exclude=modules.order -c . | tar -C "$dest" -x
