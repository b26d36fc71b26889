#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# go-newest.sh - print a folder with the newest Go that the distribution has in any
# suite, to be used as GOROOT.  Fetched once for each version, into the cache;
# nothing is installed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

suite=forky

# The package of no content knows which is the newest.
newest()
{
	local work

	work=$(mktemp -d)
	(cd "$work" && "$top/scripts/suite-deb.sh" "$suite" golang-go &&
		dpkg-deb -f golang-go_*.deb Depends | grep -oE '^golang-[0-9.]+') || true
	rm -rf "$work"
}

# Its sources are links into another package: one folder has it all.
extract()
{
	local version=${package#golang-} deb

	say "Fetching $package (once)."
	"$top/scripts/suite-deb.sh" "$suite" "$package-go" "$package-src" || return 1
	for deb in ./*.deb; do
		dpkg-deb -x "$deb" . || return 1
	done
	rm -rf ./*.deb usr/share/doc usr/share/lintian "usr/share/go-$version/test"
	ln -s "usr/lib/go-$version" goroot
}

package=$(newest)
[ -n "$package" ] || die "no $suite, no newer Go"
folder=$(with_cache "$package" extract) || die "$package could not be fetched"
printf '%s\n' "$folder/goroot"
