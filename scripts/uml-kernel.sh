#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# uml-kernel.sh - print the folder of the debug kernel that runs as a process
# (User-mode Linux): `linux` in it is the kernel, and as KDIR it builds modules.
set -euo pipefail
exec "$(dirname "$0")/kernel-build.sh" um linux uml-base.config uml-debug.config
