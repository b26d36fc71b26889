#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh - the job of `make demo`: two real data sets through the map, each
# entry checked against the input in $DATA, and a summary of what was seen.
#
# DEMO says what is wanted: full (the default); keep: the same, and then a
# prompt, with the module and the maps; shell: the maps and the prompt only.
# On a machine of somebody's own there is no prompt, and what was loaded is
# unloaded in any case.
DEMO=${DEMO:-full}
DATA=${DATA:-/data}
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
umask 077
work=$(mktemp -d) || exit 1
started=$(cut -d' ' -f1 /proc/uptime)

if [ -t 1 ] && [ "$TERM" != dumb ] && [ -z "$NO_COLOR" ]; then
	bold=$(printf '\033[1m') green=$(printf '\033[32m')
	red=$(printf '\033[31m') plain=$(printf '\033[0m')
fi

title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
good() { printf '  %sok%s    %s\n' "$green" "$plain" "$*"; }

bad()
{
	printf '  %sWRONG%s %s\n' "$red" "$plain" "$*"
	wrong=1
}

# judge GOOD BAD COMMAND... - say the one or the other of the command's outcome.
judge()
{
	yes=$1 no=$2
	shift 2
	if "$@"; then good "$yes"; else bad "$no"; fi
}

seconds()
{
	read -r now _ </proc/uptime
	awk -v a="$1" -v b="$now" 'BEGIN { printf "%.1f", b - a }'
}

# Digits in groups of three.
grouped()
{
	echo "$1" | sed -e ':a' -e 's/^\([0-9]*[0-9]\)\([0-9]\{3\}\)/\1,\2/;ta'
}

lines() { wc -l <"$1" | tr -d ' '; }

# Kilobytes of kernel memory that only their owner can give back.
kernel_memory()
{
	awk '/^(SUnreclaim|VmallocUsed|Percpu):/ { kb += $2 } END { print kb }' \
		/proc/meminfo
}

# ---- the parts of the work on one map

load_vendors()
{
	gomapctl create vendors str:9 str:128 --exist >/dev/null || return
	for registry in oui mam oui36; do
		echo "  $registry.csv"
		gomapctl load vendors "$DATA/$registry.csv" --growth \
			--key Assignment --value 'Organization Name' || return
	done
}

load_packages()
{
	gomapctl create packages str:128 str:64 --exist >/dev/null || return
	echo '  packages.tsv'
	gomapctl load packages "$DATA/packages.tsv" --growth --step 20000 \
		--no-header
}

# look_up MAP FILE - print what MAP has for the keys that begin FILE's lines.
look_up()
{
	cut -f1 "$2" | tr '\n' '\0' | xargs -0 gomapctl get "$1"
}

all_right()
{
	look_up "$1" "$2" >"$work/seen" 2>&1
	cmp -s "$work/seen" "$2" && return
	diff "$2" "$work/seen" | sed -n '1,6s/^/        /p'
	return 1
}

none_there()
{
	look_up "$1" "$2" >"$work/seen" 2>/dev/null
	[ ! -s "$work/seen" ]
}

# iterated MAP FILE - an iteration gives exactly the lines of FILE, each once.
iterated()
{
	gomapctl dump "$1" >"$work/dump" || return
	sort "$work/dump" >"$work/sorted"
	sort "$2" | cmp -s - "$work/sorted"
}

sound() { gomapctl info "$1" --check >/dev/null; }

# info MAP MEMBER - one figure.
info()
{
	gomapctl info "$1" -j | tr , '\n' |
		sed -n "s/^[ {]*\"$2\": *\([^ }]*\).*/\1/p" | head -n 1
}

# figure WORDS - a row of the summary, for the column of this map.
figure() { echo "$*" >>"$work/summary.$map"; }

try_map()
{
	map=$1 words=$2
	rows=$(cat "$DATA/$map.rows")
	expected=$DATA/$map.expected
	n=$(lines "$expected")

	title "$words"
	echo "  $(grouped "$rows") rows with $(grouped "$n") different keys"
	figure "$map"
	figure "$(grouped "$rows")"
	figure "$(grouped "$n")"
	read -r begun _ </proc/uptime
	"load_$map" || bad "gomapctl load failed"
	figure "$(seconds "$begun") s"
	figure "$(info "$map" grows)"
	figure "$(grouped "$(info "$map" nr_buckets)")"
	figure "$(info "$map" bytes_per_entry | cut -c1-5)"
	echo
	gomapctl info "$map"
	echo
	read -r begun _ </proc/uptime
	judge "$(grouped "$n") lookups, each value is that of the input" \
		'a value is not that of the input' all_right "$map" "$expected"
	figure "$(seconds "$begun") s"
	judge "an iteration gave $(grouped "$n") entries, each exactly once" \
		'an iteration gave other entries' iterated "$map" "$expected"
	delete_half "$map" "$expected"
}

delete_half()
{
	awk 'NR % 2' "$2" >"$work/gone"
	awk 'NR % 2 == 0' "$2" >"$work/kept"
	cut -f1 "$work/gone" | tr '\n' '\0' | xargs -0 gomapctl del "$1" >/dev/null ||
		bad 'gomapctl del failed'
	judge "half deleted: none of the $(grouped "$(lines "$work/gone")") is found" \
		'a deleted key is still found' none_there "$1" "$work/gone"
	judge "the other $(grouped "$(lines "$work/kept")") are all there, and right" \
		'a kept key is lost or wrong' all_right "$1" "$work/kept"
	judge "and an iteration gives exactly those" \
		'an iteration gave other entries' iterated "$1" "$work/kept"
	judge "every invariant of the map holds" \
		'an invariant of the map does not hold' sound "$1"
}

# ---- before and after

modules_in_use() { grep -q '^gomap ' /proc/modules; }
no_trace()
{
	! modules_in_use && [ ! -e /dev/gomap ] && [ ! -e /sys/module/gomap ] &&
		! grep -q '^gomap' /proc/slabinfo 2>/dev/null
}
log_is_quiet()
{
	! dmesg | sed -n "/$mark/,\$p" | grep -E 'WARNING|BUG|Oops|Call Trace|leak'
}
memory_is_back()
{
	[ $((memory_after - memory_before)) -lt 2048 ]
}
taint_is_expected()
{
	[ $(($(cat /proc/sys/kernel/tainted) & ~(4096 | 8192 | taint_before))) -eq 0 ]
}

load_module()
{
	if [ -n "$MODULE" ]; then insmod "$MODULE"; else modprobe gomap; fi
}

unload()
{
	title 'Nothing is left behind'
	for map in vendors packages; do
		gomapctl destroy $map >/dev/null || bad "$map cannot be destroyed"
	done
	rmmod gomap || bad 'the module cannot be unloaded'
	sleep 1
	memory_after=$(kernel_memory)
	judge 'no module, no device, no cache of gomap any more' \
		'something of gomap is still there' no_trace
	judge "kernel memory: $(grouped "$memory_before") KB before, $(grouped "$memory_after") KB after" \
		"kernel memory grew from $memory_before KB to $memory_after KB" \
		memory_is_back
	judge 'the kernel log has no complaint' 'the kernel complained' log_is_quiet
	judge 'tainted by being out of tree and unsigned, and by nothing else' \
		"the kernel is tainted: $(cat /proc/sys/kernel/tainted)" \
		taint_is_expected
}

summary()
{
	title 'Summary'
	cat >"$work/summary" <<-END

		rows read
		entries, each checked
		loaded in
		times grown
		buckets of 8 slots
		bytes per entry
		all looked up in
	END
	paste "$work/summary" "$work/summary.vendors" "$work/summary.packages" |
		awk -F'\t' '{ printf "  %-24s%14s%14s\n", $1, $2, $3 }'
	echo
	if [ -n "$wrong" ]; then
		printf '  %sSomething is wrong, see above.%s\n\n' "$red$bold" "$plain"
	else
		printf '  %sAll %s entries went in, came back right, and are gone again.%s\n' \
			"$green$bold" \
			"$(grouped "$(cat "$DATA"/*.expected | wc -l)")" "$plain"
		printf '  %s s in all.\n\n' "$(seconds "$started")"
	fi
}

prompt()
{
	cat <<-END

		${bold}The maps vendors and packages are yours.${plain}  Try:
		  gomapctl ls
		  gomapctl get vendors 00000C
		  gomapctl get packages bash dash
		  gomapctl info packages
		  gomapctl help
		Leave with: exit
	END
	PS1='gomap# ' sh -i
}

# ---- the order of things

mark="gomap demo begins $$"
{ echo "$mark" >/dev/kmsg; } 2>/dev/null
memory_before=$(kernel_memory)
taint_before=$(cat /proc/sys/kernel/tainted)

title "gomap on Linux $(uname -r), $(nproc) CPUs"
load_module || exit 1
gomapctl version

if [ "$DEMO" = shell ]; then
	load_vendors >/dev/null && load_packages >/dev/null && prompt
	exit
fi
try_map vendors 'Network vendors: the registry of the IEEE, prefix to name'
try_map packages 'Every Debian package: name to version'
if [ "$DEMO" = keep ]; then
	load_vendors >/dev/null && load_packages >/dev/null && prompt
fi
unload
summary
rm -rf "$work"
[ -z "$wrong" ]
