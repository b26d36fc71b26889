#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm-test.sh - the virtual machine tells the truth: a guest passes only by saying
# so, and not by a panic, a hang or silence.  Reports in KTAP.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

KDIR=${KDIR:-$(scripts/kernel-dir.sh)} || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# boot STATUS TIMEOUT - boot a guest whose job is standard input; its exit status
# has to be STATUS.  What it said is in $work/out.
boot()
{
	local rc=0

	mkdir -p "$work/root"
	{ echo '#!/bin/sh'; cat; } >"$work/root/job"
	chmod +x "$work/root/job"
	scripts/initramfs.sh "$work/initramfs" "$KDIR" "$work/root" || return
	scripts/vm.sh --log "$work/log" --timeout "$2" "$KDIR" "$work/initramfs" \
		>"$work/out" 2>"$work/err" </dev/null || rc=$?
	[ "$rc" -eq "$1" ] && return
	echo "exit status $rc, expected $1"
	tail -n 20 "$work/err"
	return 1
}

# The power must not go before the last byte is out.
everything_arrives()
{
	boot 0 120 <<<'seq 5000' && seq 5000 | cmp - "$work/out"
}

verdict_is_the_status() { boot 3 120 <<<'exit 3'; }
panic_is_no_verdict() { boot 125 120 <<<'echo c >/proc/sysrq-trigger'; }
hang_is_no_verdict() { boot 125 30 <<<'sleep 1000'; }
silent_end_is_no_verdict() { boot 125 120 <<<'poweroff -f'; }

panic_is_found_in_the_log()
{
	! scripts/check-log.sh "$work/log" >/dev/null
}

ktap_check 'a job that succeeds, and all that it said' everything_arrives
ktap_check 'its log shows no trouble' scripts/check-log.sh "$work/log"
ktap_check 'a job that fails' verdict_is_the_status
ktap_check 'a panic is a failure' panic_is_no_verdict
ktap_check 'and is found in the log' panic_is_found_in_the_log
ktap_check 'a hang is a failure' hang_is_no_verdict
ktap_check 'a guest that ends without a word is a failure' silent_end_is_no_verdict
ktap_done
