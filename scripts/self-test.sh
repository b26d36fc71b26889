#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# self-test.sh - rules that the tree keeps, and tests of the scripts that judge
# the others: each must find what it is there to find.  Reports in KTAP.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ---- the tree

kbuild_lists_every_source()
{
	diff <(find module -name '*.c' ! -name '*.mod.c' | sort) \
		<(sed -n 's/^gomap-y .*= \(.*\)\.o$/\1.c/p' Kbuild | sort)
}

every_file_has_a_licence()
{
	local file wrong=0

	while read -r file; do
		sed 3q "$file" | grep -q 'SPDX-License-Identifier: ' && continue
		echo "$file has no SPDX line"
		wrong=1
	done < <(find include module selftests userspace scripts .ci Makefile Kbuild \
		dkms.conf -type f \( -name '*.[ch]' -o -name '*.sh' -o -name '*.awk' \
		-o -name '*.go' -o -name Makefile -o -name Kbuild -o -name dkms.conf \
		-o -name init -o -name run \) ! -name '*.mod.c' ! -path '*/build/*')
	return "$wrong"
}

# Kernels differ in what they have, not in what they are called.
no_version_checks()
{
	! grep -rnE --include='*.[ch]' 'LINUX_VERSION_(CODE|MAJOR)|KERNEL_VERSION\(' \
		module include selftests/kmod
}

# ---- check-layers.sh

# tree_with FILE LINE - a small tree in which FILE has only that LINE.
tree_with()
{
	rm -rf "$work/tree"
	mkdir -p "$work"/tree/{module/{arena,core,dev},include/{,uapi/}linux} \
		"$work"/tree/{selftests/{kmod,abi},userspace}
	touch "$work"/tree/module/{arena/arena.h,core/core.h,dev/dev.h,compat.h} \
		"$work"/tree/include/{,uapi/}linux/gomap.h \
		"$work/tree/include/linux/gomap_memory.h"
	echo "$2" >"$work/tree/$1"
}

layers_allow() { tree_with "$@"; scripts/check-layers.sh "$work/tree"; }

layers_refuse()
{
	tree_with "$@"
	! scripts/check-layers.sh "$work/tree" && return
	echo "$1 may contain: $2"
	return 1
}

layers_are_told_apart()
{
	layers_allow module/core/map.c '#include "../arena/arena.h"' &&
		layers_allow module/dev/ops.c '#include <uapi/linux/gomap.h>' &&
		layers_refuse module/arena/arena.c '#include "../core/core.h"' &&
		layers_allow module/arena/arena.c '#include <linux/gomap_memory.h>' &&
		layers_refuse module/arena/arena.c '#include <linux/gomap.h>' &&
		layers_refuse module/core/map.c '#include "../dev/dev.h"' &&
		layers_refuse module/core/map.c '#  include <linux/uaccess.h>' &&
		layers_refuse module/core/map.c '#include <uapi/linux/gomap.h>' &&
		layers_refuse module/dev/ops.c '#include "../core/core.h"' &&
		layers_refuse include/linux/gomap.h '#include <uapi/linux/gomap.h>' &&
		layers_refuse selftests/kmod/t.c '#include "../../module/core/core.h"'
}

# ---- check-version.sh

version_drift_is_found()
{
	mkdir -p "$work/version/userspace" && cp Kbuild dkms.conf "$work/version" &&
		scripts/check-version.sh "$work/version" || return
	sed -i 's/^PACKAGE_VERSION=.*/PACKAGE_VERSION="9.9"/' "$work/version/dkms.conf"
	! scripts/check-version.sh "$work/version"
}

# ---- check-log.sh

quiet_log_passes()
{
	printf '%s\n' \
		'rcu: RCU CPU stall warnings timeout set to 60' \
		'gomap: loading out-of-tree module taints kernel.' \
		'gomap: module verification failed: signature and/or required key missing' \
		'AMD-Vi: AMD IOMMUv2 functionality not available: This is not a bug.' \
		'gomap: leaks on purpose begin' \
		'kmemleak: 50 new suspected memory leaks' \
		'gomap: leaks on purpose end' \
		>"$work/quiet.log"
	scripts/check-log.sh "$work/quiet.log" || return
	printf '%s\n' 'WARNING: suspicious RCU usage' 'Run /init as init process' |
		cat - "$work/quiet.log" >"$work/log"
	scripts/check-log.sh "$work/log"
}

troubled_logs_fail()
{
	local line

	echo 'Run /init as init process' >>"$work/quiet.log"
	while read -r line; do
		{ cat "$work/quiet.log"; echo "[    1.0] $line"; } >"$work/log"
		if scripts/check-log.sh "$work/log" >/dev/null; then
			echo "not noticed: $line"
			return 1
		fi
	done <<-'END'
		WARNING: CPU: 1 PID: 2 at kernel/workqueue.c:1
		WARNING: possible recursive locking detected
		WARNING: suspicious RCU usage
		BUG: unable to handle page fault for address: 0000000000000008
		BUG: sleeping function called from invalid context at mm/slab.h:1
		BUG: KASAN: use-after-free in gomap_lookup+0x1/0x2 [gomap]
		BUG: scheduling while atomic: gomapctl/7/0x2
		BUG kmalloc-64 (Tainted: G): Redzone overwritten
		INFO: task gomapctl:7 blocked for more than 120 seconds.
		rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
		rcu: INFO: rcu_preempt self-detected stall on CPU
		rcu: rcu_preempt kthread starved for 2500 jiffies! g1 f0x0 RCU_GP_WAIT_FQS(5)
		rcutorture: ??? Writer stall state RTWS_SYNC(21) g0 f0x0
		gomap_torture: !!! a reader saw a freed object
		==================================================================
		watchdog: BUG: soft lockup - CPU#0 stuck for 26s!
		general protection fault, probably for non-canonical address 0x1
		Oops: 0000 [#1] PREEMPT SMP NOPTI
		Kernel panic - not syncing: Fatal exception
		refcount_t: underflow; use-after-free.
		list_add corruption. prev->next should be next
		usercopy: Kernel memory exposure attempt detected
		kmemleak: 1 new suspected memory leaks
		UBSAN: shift-out-of-bounds in module/core/table.c:1
		gomapctl: page allocation failure: order:10
		kmem_cache_destroy gomap: Slab cache still has objects
		END
	# A log that could not be had is no good news.
	: >"$work/log"
	! scripts/check-log.sh "$work/log" >/dev/null
}

# ---- ktap.awk

# counts STATUS EXPECTED REPORT - the report is counted like that.
counts()
{
	local seen

	seen=$(printf '%b' "$3" | awk -v rc="$1" -f scripts/ktap.awk | tail -n 1)
	[ "$seen" = "total $2" ] && return
	echo "expected '$2', counted '${seen#total }' in: $3"
	return 1
}

results_are_counted()
{
	counts 0 '2 0 0' 'KTAP version 1\n1..2\nok 1 a\nok 2 b\n' &&
		counts 1 '1 1 0' '1..2\nok 1 a\nnot ok 2 b\n' &&
		counts 0 '1 0 1' 'ok 1 a\r\nok 2 b # SKIP no c\r\n1..2\r\n' &&
		counts 4 '0 0 1' '1..0 # SKIP no device\n'
}

nested_results_are_counted_once()
{
	counts 0 '2 0 0' '1..1\n  1..2\n  ok 1 a\n  ok 2 b\nok 1 ab\n' &&
		counts 1 '1 1 0' '1..1\n  1..2\n  ok 1 a\n  not ok 2 b\nnot ok 1 ab\n' &&
		counts 1 '1 1 0' '1..1\n# 1..1\n# ok 1 a\nnot ok 1 a # exit=139\n' &&
		counts 0 '0 0 1' '1..1\n# 1..0 # SKIP\nok 1 a # SKIP\n'
}

what_is_missing_is_a_failure()
{
	counts 0 '1 1 0' '1..2\nok 1 a\n' &&
		counts 0 '2 1 0' '1..2\n# 1..2\n# ok 1 a\nok 1 x\nok 2 b\n' &&
		counts 0 '0 1 0' 'nothing to see here\n' &&
		counts 139 '1 1 0' '1..1\nok 1 a\n' &&
		counts 1 '1 1 0' 'ok 1 a\nBail out! out of memory\n'
}

ktap_check 'includes point downwards only' scripts/check-layers.sh
ktap_check 'check-layers.sh tells the layers apart' layers_are_told_apart
ktap_check 'the version is the same everywhere' scripts/check-version.sh
ktap_check 'check-version.sh finds a drift' version_drift_is_found
ktap_check 'Kbuild lists every source' kbuild_lists_every_source
ktap_check 'every file names its licence' every_file_has_a_licence
ktap_check 'nothing asks for the version of the kernel' no_version_checks
ktap_check 'check-log.sh passes a quiet log' quiet_log_passes
ktap_check 'check-log.sh finds each kind of trouble' troubled_logs_fail
ktap_check 'ktap.awk counts results' results_are_counted
ktap_check 'ktap.awk counts nested results once' nested_results_are_counted_once
ktap_check 'ktap.awk fails what is missing' what_is_missing_is_a_failure
ktap_done
