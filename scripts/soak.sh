#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# soak.sh - the suites of the debug kernel whose length is a matter of patience,
# at a hundred times the length that they have in `make test`.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

export GUEST_TIMEOUT=0
export GUEST_WORDS="GOMAP_LIN_HISTORIES=200000 GOMAP_TORTURE_SECONDS=7200 GOMAP_TEST_TIMEOUT=36000 GOMAP_FAULTS=all"
exec "$top/scripts/uml-tests.sh" lin torture faults
