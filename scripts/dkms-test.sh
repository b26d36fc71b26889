#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms-test.sh - DKMS builds, installs and removes the module for the headers at
# hand, all of it in folders that are thrown away.  Reports in KTAP.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

KDIR=${KDIR:-$(scripts/kernel-dir.sh)} || exit 1
release=$(kernel_release "$KDIR")
version=$(sed -n 's/^GOMAP_VERSION := //p' Kbuild)
work=$(mktemp -d)
trap 'as_root rm -rf "$work"' EXIT

# The keys for signing are made there, too, not where the machine has its own.
run_dkms()
{
	local verb=$1
	shift
	as_root env mok_signing_key="$work/mok.key" mok_certificate="$work/mok.pub" \
		dkms "$verb" -m gomap -v "$version" --dkmstree "$work/tree" \
		--sourcetree "$work/source" --installtree "$work/modules" \
		--no-depmod "$@" </dev/null
}

prepare()
{
	mkdir -p "$work"/{tree,source,"modules/$release"}
	scripts/dkms-source.sh "$work/source/gomap-$version"
}

build()
{
	run_dkms build -k "$release" --kernelsourcedir "$KDIR" && return
	cat "$work/tree/gomap/$version/build/make.log"
	return 1
}

install_it() { run_dkms install -k "$release"; }
remove() { run_dkms remove --all; }
installed() { find "$work/modules" -name 'gomap.ko*'; }

installed_module_is_ours()
{
	local file

	file=$(installed)
	[ -n "$file" ] || { echo "nothing was installed"; return 1; }
	[ "$(modinfo -F version "$file")" = "$version" ] &&
		[ "$(modinfo -F vermagic "$file" | cut -d' ' -f1)" = "$release" ]
}

nothing_is_left()
{
	[ -z "$(installed)" ] && [ ! -e "$work/tree/gomap/$version" ]
}

# An unsupported kernel is skipped (exit code 77), which breaks nobody's upgrade.
old_kernel_is_skipped()
{
	local rc=0

	run_dkms build -k 5.10.0-30-amd64 --kernelsourcedir "$KDIR" || rc=$?
	[ "$rc" -eq 77 ] || { echo "dkms build exited with $rc"; return 1; }
}

pattern=$(sed -n 's/^BUILD_EXCLUSIVE_KERNEL="\(.*\)"$/\1/p' dkms.conf)

supports() { [[ $1 =~ $pattern ]]; }
supports_not() { ! supports "$1"; }

for name in 6.1.0-56-amd64 6.1-rc5 6.1.0-060100rc1-generic 6.6 6.10.9-amd64 \
	6.12.117+deb12-amd64 6.18.3-surface-2 7.2.12+deb14-amd64 \
	7.3.4+deb13-amd64 10.0.1-amd64; do
	ktap_check "dkms.conf accepts kernel $name" supports "$name"
done
for name in 5.10.0-30-amd64 6.0.0-6-amd64; do
	ktap_check "dkms.conf refuses kernel $name" supports_not "$name"
done
ktap_check 'the sources can be laid out' prepare
ktap_check 'dkms add' run_dkms add
ktap_check 'dkms build skips an unsupported kernel' old_kernel_is_skipped
ktap_check 'dkms build' build
ktap_check 'dkms install' install_it
ktap_check 'the installed module has the right version and kernel' \
	installed_module_is_ours
ktap_check 'dkms remove' remove
ktap_check 'dkms remove leaves nothing' nothing_is_left
ktap_done
