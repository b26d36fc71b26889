#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# histories.sh - a hundred times the histories of `make test`, made in the
# distribution's kernel, where one takes a twentieth of the time that it takes in
# the debug kernel.  Reports in KTAP.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

export GUEST_TIMEOUT=0
export GUEST_WORDS="GOMAP_LIN_HISTORIES=200000 GOMAP_TEST_TIMEOUT=36000"
exec "$top/scripts/guest-report.sh" histories "$("$top/scripts/kernel-dir.sh")" lin
