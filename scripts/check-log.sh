#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-log.sh LOG - look through a kernel log for signs of trouble.  Prints the
# lines that are any, and exits with 1 then.  What was before the first process
# is the kernel's own; what kmemleak finds between two lines that say so was put
# there for it.
set -euo pipefail

# Words of the kernel's own checkers, in the spelling that they are reported in;
# "RCU CPU stall warnings timeout" and the like at boot are not meant.
trouble=(
	'WARNING: ' 'BUG: ' 'kernel BUG at' 'INFO: (task|rcu|lockdep|trying|Slab|Object)' 'Oops' 'Kernel panic'
	'Call Trace' 'cut here' 'general protection fault' 'segfault at'
	'unable to handle' 'Unable to handle' 'double fault' 'Badness'
	'KASAN: ' 'KCSAN: ' 'KMSAN: ' 'KFENCE: ' 'UBSAN: ' 'ODEBUG: ' 'kmemleak: [0-9]+ new' 'kmemleak: .*disabled'
	'possible (recursive|circular|irq|unsafe)' 'bad unlock balance'
	'inconsistent lock state' 'suspicious RCU usage' 'held lock freed'
	'sleeping function called' 'scheduling while atomic' 'refcount_t: '
	'rcu:.*detected.*stall' 'kthread starved' 'Stall ended before'
	'Writer stall state' 'hung task' 'soft lockup' 'hard LOCKUP' 'blocked for more than'
	'list_(add|del) corruption' 'bad page' 'Bad page' 'usercopy: '
	'Redzone' 'Poison overwritten' 'Object already free' 'Padding overwritten'
	'Objects remaining' 'Slab cache still has objects' 'page allocation failure'
	'vmalloc error' 'Out of memory' 'oom-kill' 'still reachable'
	'Modules linked in' '===========' '!!!'
)

[ -s "${1:?usage: check-log.sh LOG}" ] || { echo "$1 is empty"; exit 1; }
first=$(grep -nm 1 'Run /init as init process' "$1" | cut -d : -f 1) || true
awk -v first="${first:-1}" -v trouble="$(IFS='|'; echo "${trouble[*]}")" '
	/gomap: leaks on purpose begin$/ { on_purpose = 1 }
	/gomap: leaks on purpose end$/ { on_purpose = 0 }
	on_purpose && /kmemleak: [0-9]+ new/ { next }
	NR >= first && $0 ~ trouble { print NR ":" $0; found = 1 }
	END { exit found }' "$1"
