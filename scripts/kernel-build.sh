#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-build.sh ARCH TARGET FRAGMENT... - print a folder with a kernel for
# ARCH (um, x86_64) that is built from the newest source the distribution has:
# the image, and what modules need to be built for it.  KDIR, for the rest.
#
# The configuration is tinyconfig with the FRAGMENTs, files of
# selftests/kernels, on top; each line of them is in effect, or there is no
# kernel.  The patches ARCH-*.patch from there are no more than a help: one that
# a newer source does not take is left out.  Built once for each version,
# configuration and compiler, and kept in the cache without what was only needed
# to build it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 3 ] || die "usage: kernel-build.sh ARCH TARGET FRAGMENT..."
arch=$1 target=$2
shift 2
kernels=$top/selftests/kernels
fragments=("${@/#/$kernels/}")
shopt -s nullglob
patches=("$kernels/$arch"-*.patch)
suite=forky

# newest_source - print the name and the version of the newest source package.
# It is the package of no content that knows: small enough to be asked each time.
newest_source()
{
	local work

	work=$(mktemp -d)
	(cd "$work" && "$top/scripts/suite-deb.sh" "$suite" linux-source &&
		dpkg-deb -f linux-source_*.deb Depends |
		sed -E 's/^(linux-source-[0-9.]+) \(= (.*)\).*$/\1 \2/') || true
	rm -rf "$work"
}

quiet_make()
{
	env -u MAKEFLAGS -u KDIR nice make -s "$@"
}

# Options that an unmet dependency has silently taken away: none.
all_in_effect()
{
	local line lost=''

	while read -r line; do
		grep -qxF -- "$line" .config || lost+="$line "
	done < <(grep -hE '^(# )?CONFIG_[A-Z0-9_]+[= ]' "${fragments[@]}")
	[ -z "$lost" ] || { say "the kernel does not take: $lost"; return 1; }
}

configure()
{
	quiet_make tinyconfig &&
	scripts/kconfig/merge_config.sh -m .config "${fragments[@]}" &&
	quiet_make olddefconfig
}

apply_patches()
{
	local patch

	for patch in "${patches[@]}"; do
		if patch -s -p1 --dry-run <"$patch"; then
			patch -s -p1 <"$patch"
		else
			say "${patch##*/} does not fit this kernel."
		fi
	done
}

# Sources and objects that no module is built from.
trim()
{
	find . -mindepth 1 -maxdepth 1 -type d ! -name arch ! -name include \
		! -name scripts ! -name tools -exec rm -rf {} +
	find arch -mindepth 1 -maxdepth 1 -type d ! -name um ! -name x86 \
		-exec rm -rf {} +
	find tools -type f ! -path 'tools/testing/selftests/kselftest*' \
		! -path 'tools/testing/selftests/*.mk' \
		! -path 'tools/testing/selftests/run_kselftest.sh' \
		! -path 'tools/memory-model/*' ! -name objtool -delete
	find arch include tools -type f \( -name '*.[ocSa]' -o -name '.*.cmd' \) -delete
	find . -xtype l -delete
	find tools -type d -empty -delete
	rm -f vmlinux.* vmlinux-gdb.py .tmp_*
}

build()
{
	say "Building the kernel $version for $arch (once; takes minutes)."
	"$top/scripts/suite-deb.sh" "$suite" "$package" || return
	dpkg-deb --fsys-tarfile "$package"_*.deb | tar xO "./usr/src/$package.tar.xz" |
		xz -dcT0 | tar x --strip-components=1 || return
	rm -f ./*.deb
	apply_patches
	# Whoever builds with this folder need not know what it is for.
	printf 'export ARCH := %s\ninclude Makefile\n' "$arch" >GNUmakefile
	if configure >build.log 2>&1 && all_in_effect &&
		quiet_make -j"$(nproc)" "$target" modules >>build.log 2>&1; then
		trim
		return
	fi
	tail -n 25 build.log >&2
	return 1
}

read -r package version < <(newest_source) || die "no $suite, no kernel source"
identity=$(cat "${fragments[@]}" "${patches[@]}" <(gcc -dumpfullversion) | sha256sum | cut -c1-8)
name=kernel-$arch-$version-$identity

# Two who ask at once shall not both build it.
mkdir -p "$cache"
exec 9>"$cache/$name.lock"
flock 9
with_cache "$name" build
