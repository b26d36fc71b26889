#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# suite-deb.sh SUITE PACKAGE... - download the newest files of these packages
# from another suite of the distribution (trixie, forky, ...) into the current
# folder.  Comes from the mirror that the machine's own package lists name; the
# machine's lists, packages and preferences are neither used nor changed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || die "usage: suite-deb.sh SUITE PACKAGE..."
suite=$1
shift

have apt-get || die "this is no Debian system; there are no suites to ask"

# The first archive that apt knows and that is Debian's own.
known_mirror()
{
	# shellcheck disable=SC2016  # apt's own variables
	apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 'Created-By: Packages' |
		awk '$2 == "Debian" && $1 !~ /security/ { print $1; exit }'
}

mirror=$(known_mirror)
if [ -z "$mirror" ]; then
	"$top/scripts/deps.sh" --refresh
	mirror=$(known_mirror)
fi
[ -n "$mirror" ] || die "apt knows no mirror of the distribution"

# The lists of a suite are read once a day and shared by all who ask.
state=$cache/apt-$suite
mkdir -p "$state/lists/partial" "$state/archives/partial"
echo "deb $mirror $suite main" >"$state/sources.list"
apt=(apt-get -qq -o "Dir::Etc::sourcelist=$state/sources.list"
	-o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null
	-o Dir::Etc::preferencesparts=/dev/null
	-o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state"
	-o "Dir::Cache::archives=$state/archives"
	-o Dir::State::status=/dev/null -o APT::Sandbox::User=root
	-o Acquire::Languages=none -o Acquire::Retries=3
	-o APT::Get::List-Cleanup=0)

exec 9>"$state/lock"
flock 9
if [ -z "$(find "$state/stamp" -mmin -1440 2>/dev/null)" ]; then
	"${apt[@]}" update >&2 || die "the package lists of $suite cannot be read"
	touch "$state/stamp"
fi
"${apt[@]}" download "$@" >&2 ||
	die "$suite has no $*, or they could not be fetched"
