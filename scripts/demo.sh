#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh [--keep | --shell | --host] - two real data sets through the map, see
# selftests/vm/demo.sh for what is done and checked.
#
#	--keep	leave the person at a prompt in the VM afterwards
#	--shell	only load module and data, then the prompt
#	--host	no VM: on the running kernel, if that can load modules
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$top"

mode=full where=vm
for option; do
	case $option in
	--keep | --shell) mode=${option#--} ;;
	--host) where=host ;;
	*) die "unknown option '$option'" ;;
	esac
done

# Why the running kernel will not do, in a sentence; silent if it will.
host_objection()
{
	if [ ! -e /proc/modules ]; then
		echo "the running kernel was built without loadable modules"
	elif [ ! -e "/lib/modules/$(uname -r)/build/Makefile" ]; then
		echo "there are no headers for the running kernel $(uname -r);" \
			"install linux-headers-$(uname -r)"
	elif grep -q '^gomap ' /proc/modules; then
		echo "gomap is loaded already, and the demo would unload it"
	elif [ "$(id -u)" -ne 0 ] && ! have sudo; then
		echo "only root can load a module, and there is no sudo"
	fi
}

build()
{
	env -u MAKEFLAGS make -s -j"$(nproc)" -C "$KDIR" M="$top" modules &&
		env -u MAKEFLAGS make -s -C userspace
}

# Quiet unless something goes wrong: the demo is what is to be seen.
build_quietly()
{
	local log

	log=$(build 2>&1) || { say "$log"; die "the build failed, see above"; }
}

on_host()
{
	as_root env PATH="$top/userspace/build/gomapctl:$PATH" DATA="$data" \
		MODULE="$top/gomap.ko" DEMO=full TERM="${TERM:-dumb}" \
		NO_COLOR="${NO_COLOR:-}" selftests/vm/demo.sh
}

in_vm()
{
	local root=$top/build/demo release rc=0
	local options=(--log "$top/build/demo.log" --append "DEMO=$mode")

	if [ "$mode" = full ]; then
		options+=(--timeout 240)
	else
		options+=(--timeout 0 --interactive)
	fi
	release=$(kernel_release "$KDIR")
	rm -rf "$root"
	install -D -m 644 gomap.ko "$root/lib/modules/$release/updates/gomap.ko"
	install -D userspace/build/gomapctl/gomapctl "$root/usr/bin/gomapctl"
	install -D selftests/vm/demo.sh "$root/job"
	cp -r "$data" "$root/data"
	scripts/initramfs.sh build/demo.cpio.gz "$KDIR" "$root"
	say "Booting Linux $release in a virtual machine ..."
	scripts/vm.sh "${options[@]}" "$KDIR" build/demo.cpio.gz || rc=$?
	[ "$rc" -ne 0 ] || scripts/check-log.sh build/demo.log ||
		die "the kernel complained, see the lines above"
	return "$rc"
}

if [ "$mode" != full ] && ! [ -t 0 ]; then
	die "a prompt needs a terminal to be at"
fi
if [ "$where" = host ]; then
	objection=$(host_objection)
	[ -z "$objection" ] || die "WHERE=host will not do here: $objection." \
		"Plain 'make demo' uses a virtual machine."
	KERNELRELEASE=$(uname -r)
	export KERNELRELEASE
fi
scripts/deps.sh build user vm demo
KDIR=${KDIR:-$(scripts/kernel-dir.sh)}
data=$top/build/demo-data
rm -rf "$data"
mkdir -p "$data"
say "Building, and preparing the data ..."
build_quietly
scripts/demo-data.pl "$data"
if [ "$where" = host ]; then on_host; else in_vm; fi
