#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kcsan-tests.sh [SUITE...] - run these guest suites, or those that stress the
# core, in a kernel with the data race detector, on four CPUs.  Reports in KTAP;
# a race with one of our modules in a stack is a failure, see kcsan-check.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || set -- kmod torture lin
kdir=$("$top/scripts/kernel-build.sh" x86_64 bzImage x86-base.config x86-kcsan.config)

# A race of the kernel's own is reported as well and must not end the guest.
# One access in 500 is watched, the default being 4000.  Histories are long under
# a detector: some of them will do.
export GUEST_WORDS="panic_on_warn=0 kcsan.skip_watch=500 \
GOMAP_LIN_HISTORIES=200 ${GUEST_WORDS:-}"
export GUEST_CPUS=4 GUEST_TIMEOUT=${GUEST_TIMEOUT:-3600}
export LOG_CHECK=kcsan-check.sh
exec "$top/scripts/guest-report.sh" kcsan "$kdir" kcsan "$@"
