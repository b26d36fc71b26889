#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# deps.sh GROUP... - install the Debian packages that the named groups need and
# that are missing; says which.  Takes no time when all is there.
# deps.sh --refresh - read the package lists anew.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# A fast machine pays nothing for being asked again: one dpkg-query in all.
declare -A groups=(
	[build]="gcc make libc6-dev kmod linux-headers-$(dpkg --print-architecture)"
	[user]="gcc make libc6-dev pkg-config libjansson-dev libcsv-dev"
	[vm]="qemu-system-x86 busybox-static cpio gzip kmod"
	[host]="gcc make libc6-dev golang-go"
	[speed]="g++ pkg-config liburcu-dev libboost1.81-dev libabsl-dev gnuplot-nox xz-utils perl-base"
	[counts]="valgrind"
	[uml]="flex bison bc libelf-dev libssl-dev xz-utils patch"
	[rt]="linux-headers-rt-$(dpkg --print-architecture)"
	[litmus]="xz-utils"
	[mutants]="patch"
	[usertest]="g++ gcc-multilib"
	[lint]="sparse shellcheck codespell mandoc xz-utils"
	[abi]="gcc-multilib"
	[kselftest]="rsync xz-utils"
	[dkms]="dkms"
	[demo]="ieee-data perl-base"
)

refresh()
{
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get update -qq -o Acquire::Retries=3 >&2 ||
		die "apt-get update failed; is the network up?"
}

# What apt has to tell is of interest only where it fails.
install()
{
	local told

	told=$(as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends \
		-o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@" 2>&1 </dev/null) ||
		{ say "$told"; return 1; }
}

# missing PACKAGE... - those of them that are not installed, one a line.
missing()
{
	dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
		awk -v want="$*" '
			$2 == "installed" { here[$1] }
			END {
				n = split(want, names, " ")
				for (i = 1; i <= n; i++)
					if (!(names[i] in here) && !seen[names[i]]++)
						print names[i]
			}'
}

if [ "${1:-}" = --refresh ]; then
	refresh
	exit
fi
[ $# -gt 0 ] || die "name at least one group of: ${!groups[*]}"
have apt-get || die "this is no Debian system; install what you need by hand"

wanted=()
for group in "$@"; do
	[ -n "${groups[$group]:-}" ] ||
		die "unknown group '$group', there are: ${!groups[*]}"
	read -ra packages <<<"${groups[$group]}"
	wanted+=("${packages[@]}")
done

mapfile -t absent < <(missing "${wanted[@]}")
[ ${#absent[@]} -gt 0 ] || exit 0

say "Installing what is missing, which may take some minutes: ${absent[*]}"
# Package lists may be absent, as in a fresh container, or older than the archive.
apt-get install -s "${absent[@]}" >/dev/null 2>&1 || refresh
install "${absent[@]}" || { refresh; install "${absent[@]}"; } ||
	die "could not install: ${absent[*]}"
