#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# uml-tests.sh [SUITE...] - run these guest suites, or all that there are, in the
# debug kernel of uml-kernel.sh, and then the rules that it has to pass, see
# selftests/vm/pass-rules.sh.  Reports in KTAP.
#
# The suites module and abi are part of kselftest: not once more here.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || set -- kmod kselftest examples memory faults lin view torture
kdir=$("$top/scripts/uml-kernel.sh")
export GUEST_TIMEOUT=${GUEST_TIMEOUT:-2700}
exec "$top/scripts/guest-report.sh" uml "$kdir" "$@"
