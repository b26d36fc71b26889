#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# rules-test.sh - the debug kernel and the rules that it has to pass tell the
# truth: they find what the module gomap_badness does.  Reports in KTAP.
set -uo pipefail
. "$(dirname "$0")/lib.sh"

KDIR=${KDIR:-$("$top/scripts/uml-kernel.sh")} || exit 1
release=$(kernel_release "$KDIR") || exit 1
tree=$top/build/rules root=$top/build/rules/guest
initramfs=$top/build/rules/guest.cpio.gz log=$top/build/rules.log

build()
{
	"$top/scripts/copy-tree.sh" "$tree" &&
		env -u MAKEFLAGS make -s -j"$(nproc)" -C "$KDIR" M="$tree" \
			CONFIG_GOMAP_TEST=m modules &&
		install -D -m 644 -t "$root/lib/modules/$release/updates" \
			"$tree"/{gomap,selftests/vm/gomap_badness}.ko &&
		install -D -t "$root/usr/bin" \
			"$tree"/selftests/vm/{ktap,pass-rules,settle}.sh
}

# boot LOG WORDS - do the job that is standard input.
boot()
{
	{ echo '#!/bin/sh'; cat; } >"$root/job" && chmod +x "$root/job" &&
		"$top/scripts/initramfs.sh" "$initramfs" "$KDIR" "$root" &&
		"$top/scripts/vm.sh" --log "$1" --timeout 900 --append "$2" \
			"$KDIR" "$initramfs" </dev/null
}

trouble_is_found_in_the_log() { ! "$top/scripts/check-log.sh" "$log"; }

warning_ends_the_guest()
{
	local rc=0

	boot "$top/build/rules-warning.log" '' \
		<<<'modprobe gomap_badness deed=warn' || rc=$?
	[ "$rc" -eq 125 ]
}

ktap_check 'a guest for the rules can be built' build
boot "$log" panic_on_warn=0 <"$top/selftests/vm/broken-rules.sh" | sed 's/^/  /'
ktap_check 'each rule holds, and is found broken when it is' [ "${PIPESTATUS[0]}" -eq 0 ]
ktap_check 'the trouble is found in the log' trouble_is_found_in_the_log
ktap_check 'a warning ends a guest that is not told otherwise' warning_ends_the_guest
ktap_done
