#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# soak.sh - the suites of the debug kernel whose length is a matter of patience:
# the torture a hundred times as long as in `make test`, ten times the histories,
# and faults in maps of every shape and state.  Reports in KTAP.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

export GUEST_TIMEOUT=0
export GUEST_WORDS="GOMAP_LIN_HISTORIES=20000 GOMAP_TORTURE_SECONDS=7200 GOMAP_TEST_TIMEOUT=36000 GOMAP_FAULTS=all"
exec "$top/scripts/uml-tests.sh" lin torture faults
