# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts of this folder have in common; sourced, never run.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/gomap

# say WORDS... - tell the person what goes on, without getting into the output.
say()
{
	printf '%s\n' "$*" >&2
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

# kernel_release KDIR - the release that modules built with KDIR are made for.
kernel_release()
{
	local header=$1/include/generated/utsrelease.h

	[ -r "$header" ] || die "no kernel headers in '$1': is KDIR right?"
	sed -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' "$header"
}

# fetch_deb PACKAGE - download the package's file into the current folder, with
# fresh package lists only if those at hand no longer match the archive.
fetch_deb()
{
	apt-get download -qq -o APT::Sandbox::User=root "$1" >&2 && return
	say "The package lists seem to be out of date: reading them anew."
	"$top/scripts/deps.sh" --refresh
	apt-get download -qq -o APT::Sandbox::User=root "$1" >&2
}

# with_cache NAME FUNCTION - print the folder NAME of the cache; if it is not
# there yet, FUNCTION fills it.  A fill that was cut short leaves nothing that
# could be mistaken for a complete one.
with_cache()
{
	local folder=$cache/$1 part

	if [ ! -d "$folder" ]; then
		mkdir -p "$cache"
		part=$(mktemp -d "$cache/part.XXXXXX")
		if ! (cd "$part" && "$2"); then
			rm -rf "$part"
			return 1
		fi
		mv -T "$part" "$folder" 2>/dev/null || rm -rf "$part"
	fi
	printf '%s\n' "$folder"
}

# as_root COMMAND... - run it as root, or die saying that this is needed.
as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		die "'$*' needs root; run it as root, or install sudo"
	fi
}

# A script that reports in KTAP calls ktap_check, _fail and _skip, one for each
# test, and ktap_done last.
ktap_nr=0
ktap_failed=0

# ktap_check NAME COMMAND... - a test that passes if the command exits with 0.
# What it printed is shown if it did not.
ktap_check()
{
	local name=$1 output
	shift

	ktap_nr=$((ktap_nr + 1))
	if output=$("$@" 2>&1); then
		echo "ok $ktap_nr $name"
		return
	fi
	ktap_failed=$((ktap_failed + 1))
	[ -z "$output" ] || tail -n 40 <<<"$output" | sed 's/^/# /'
	echo "not ok $ktap_nr $name"
}

ktap_skip()
{
	ktap_nr=$((ktap_nr + 1))
	echo "ok $ktap_nr $1 # SKIP $2"
}

ktap_done()
{
	echo "1..$ktap_nr"
	exit $((ktap_failed > 0))
}
