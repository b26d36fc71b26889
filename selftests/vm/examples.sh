#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# examples.sh - run the examples of README.md that were built for the guest: they
# have to do what they say.  Reports in KTAP.
examples=/tests/examples
said='port 443 belongs to uid 1000'
nr=0
failed=0

check()
{
	name=$1
	shift
	nr=$((nr + 1))
	if "$@" >"$out" 2>&1; then
		echo "ok $nr $name"
	else
		sed 's/^/# /' "$out"
		echo "not ok $nr $name"
		failed=1
	fi
}

kernel_example()
{
	dmesg -c >/dev/null
	insmod "$examples"/readme_example.ko && rmmod readme_example &&
		dmesg | grep -F "$said"
}

user_example() { "$examples"/readme_example | grep -Fx "$said"; }

shell_example()
{
	"$examples"/readme_example.sh >"$out.shell" || return
	cat "$out.shell"
	grep -Fx 'Example Networks' "$out.shell" && grep -q '^443.*www-data' "$out.shell"
}

out=$(mktemp) || exit 1
trap 'rm -f "$out" "$out.shell"' EXIT
echo 'KTAP version 1'
echo '1..3'
modprobe gomap
check 'the kernel example of the README' kernel_example
check 'the user example of the README' user_example
check 'the shell example of the README' shell_example
exit "$failed"
