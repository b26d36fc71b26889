#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# qemu.sh IMAGE INITRAMFS LOG VERDICT WORDS - be the machine of vm.sh for a
# kernel image for hardware: an emulated one with GUEST_CPUS processors (default:
# 2).  INTERACTIVE: if set, ^C belongs to the guest's shell.
set -euo pipefail

# Hardware acceleration is often there and not usable for a stock kernel, so
# the emulator is named.
exec qemu-system-x86_64 \
	-accel tcg -cpu max -smp "${GUEST_CPUS:-2}" -m 1G -no-reboot -nodefaults \
	-display none -monitor none -kernel "$1" -initrd "$2" -append "$5" \
	-serial "file:$3" \
	-chardev "stdio,id=job,signal=$([ -n "$INTERACTIVE" ] && echo off || echo on)" \
	-serial chardev:job -serial "file:$4"
