#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# initramfs.sh OUT KDIR ROOT - make the folder ROOT into an initramfs.
#
# ROOT holds what the guest is to have at the places where it is to have it, and
# /job, the program that the guest is booted for.  Added to it here, in the
# folder itself: busybox, selftests/vm/init as /init, the shared libraries of
# all programs in it, and an index of the modules below /lib/modules.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -eq 3 ] || die "usage: initramfs.sh OUT KDIR ROOT"
out=$1 release=$(kernel_release "$2") root=$3

add_busybox()
{
	mkdir -p "$root"/{bin,sbin,dev,proc,sys,tmp,etc,root,usr/bin,usr/sbin}
	install -m 755 "$(command -v busybox)" "$root/bin/busybox"
	install -m 755 "$top/selftests/vm/init" "$root/init"
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' \
		>"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
}

elf_files()
{
	find "$root" -type f -size +3c \
		-exec env LC_ALL=C grep -qam 1 "^$(printf '\177')ELF" {} \; -print
}

# Libraries that ROOT brings itself come first, as they will in the guest.
libraries_of()
{
	local list

	list=$(ldd "$1" 2>&1) || return 0	# not a dynamic program
	case $list in
	*"not found"*) die "$1 needs a library that is not here: $list" ;;
	esac
	grep -o '/[^ ]*' <<<"$list" || true
}

add_libraries()
{
	local own file library

	own=$(find "$root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
	while read -r file; do
		while read -r library; do
			[[ $library == "$root"/* || -e $root$library ]] ||
				install -D "$library" "$root$library"
		done < <(LD_LIBRARY_PATH=$own libraries_of "$file")
	done < <(elf_files)
}

add_module_index()
{
	local modules=$root/lib/modules/$release

	[ -d "$modules" ] || return 0
	touch "$modules/modules.order" "$modules/modules.builtin"
	depmod -b "$root" "$release" 2>/dev/null
}

add_busybox
add_libraries
add_module_index
# The fastest level: the guest's CPU is emulated and has better things to do.
(cd "$root" && find . -print0 | cpio -0o --quiet -H newc -R +0:+0) |
	gzip -1 >"$out"
