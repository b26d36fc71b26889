#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh - make histories inside the kernel and through the device, and have
# them checked.  GOMAP_LIN_HISTORIES says how many in the kernel; it is a fourth
# of that through the device, where each takes some two hundred system calls.
here=$(dirname "$0")
histories=${GOMAP_LIN_HISTORIES:-2000}

: "${GOMAP_TEST_TIMEOUT:=600}"
export GOMAP_TEST_TIMEOUT

kmod.sh gomap_lin histories="$histories"
rc=$?
GOMAP_LIN_HISTORIES=$((histories / 4)) run-programs.sh "$here/lin_device" || rc=1
exit $rc
