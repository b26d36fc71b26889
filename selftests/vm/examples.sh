#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# examples.sh - run the examples of README.md that were built for the guest: they
# have to do what they say.  Reports in KTAP.
examples=/tests/examples
answer='port 443 belongs to uid 1000'
. ktap.sh

kernel_example()
{
	dmesg -c >/dev/null
	insmod "$examples"/readme_example.ko && rmmod readme_example &&
		dmesg | grep -F "$answer"
}

user_example() { "$examples"/readme_example | grep -Fx "$answer"; }

shell_example()
{
	"$examples"/readme_example.sh >"$out" || return
	cat "$out"
	grep -Fx 'Example Networks' "$out" && grep -q '^443.*www-data' "$out"
}

out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
echo 'KTAP version 1'
echo '1..3'
modprobe gomap
check 'the kernel example of the README' quote kernel_example
check 'the user example of the README' quote user_example
check 'the shell example of the README' quote shell_example
exit "$failed"
