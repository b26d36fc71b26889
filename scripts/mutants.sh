#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mutants.sh [PATTERN] - break the core in one way after another, each a patch
# of selftests/mutants with PATTERN in its name, and see which test notices.
#
# A patch opens with a sentence that says what is broken, and with
#	Class: NAME	ordering, locking, lifetime, leak, bounds, logic, iteration
#	Try: PROGRAM..	a program of selftests/host to begin with, by its flavour
#			(asan/test_map), and a word that chooses cases of it; this
#			saves time, all others follow if it notices nothing
#	Litmus: NAME	the patch breaks this model in selftests/litmus as it
#			breaks the code, and herd7 is asked instead: for barriers
#			that the processor at hand does not need
# Each mutant is built in a copy of the sources of its own; objects that do not
# depend on what it changes come from a build that all of them share.
#
# QUICK=1 tries every tenth mutant; JOBS=N at a time, as many as there are CPUs;
# SEED=N is the seed of the tests; KEEP=1 keeps the copies.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

patches=selftests/mutants
host=selftests/host
jobs=${JOBS:-$(nproc)}
seed=${SEED:-1}

# Seconds that a program may take: one that hangs has noticed something, too.
limit=30
limit_slow=300

# These take longer than all others together, so they are asked last.
slow=(asan/test_arena_threads tsan/test_arena_threads asan/test_go
      asan/test_threads asan/test_shrink tsan/test_threads
      asan/test_interleave_iter asan/test_interleave asan/test_model
      asan/test_lin asan/test_fail)

quiet_make() { env -u MAKEFLAGS make -s --no-print-directory "$@"; }
is_slow() { [[ " ${slow[*]} " == *" $1 "* ]]; }

# In the order in which they are asked.
programs()
{
	local file

	for file in "$host"/test_*.c; do
		file=asan/$(basename "$file" .c)
		is_slow "$file" || echo "$file"
	done
	for file in "${slow[@]}"; do
		[ ! -e "$host/${file#*/}.c" ] || echo "$file"
	done
}

# build TREE JOBS PROGRAM... - all of them of one flavour.
build()
{
	local tree=$1 jobs=$2
	shift 2

	quiet_make -C "$tree/$host" -j"$jobs" CC='gcc -MMD' \
		flavour="${1%/*}" "${@/#/build/}" >"$tree/errors" 2>&1
}

# The build that all share, and the programs of the unbroken core.
prepare()
{
	local flavour list unbroken=$work/base/$host/unbroken

	mkdir -p "$work/results" && scripts/copy-tree.sh "$work/base" || return
	for flavour in asan tsan; do
		mapfile -t list < <(programs | grep "^$flavour/")
		build "$work/base" "$jobs" "${list[@]}" ||
			{ cat "$work/base/errors" >&2; return 1; }
		mkdir -p "$unbroken/$flavour" &&
			mv "${list[@]/#/$work/base/$host/build/}" \
			   "$unbroken/$flavour" || return
	done
}

# notices TREE BUILD PROGRAM [WORD] - what a program in the build folder of a
# tree notices; fails if that is nothing.
notices()
{
	local secs=$limit case fd pid rc

	is_slow "$3" && secs=$limit_slow
	exec {fd}< <(cd "$1/$host" && exec timeout -k 5 "$secs" "$2/$3" \
		     --seed "$seed" "${@:4}" 2>/dev/null)
	pid=$!
	case=$(grep -m 1 '^not ok' <&"$fd") && kill "$pid" 2>/dev/null
	exec {fd}<&-
	wait "$pid"
	rc=$?
	case $case:$rc in
	?*:*)	echo "${case##* - }" ;;
	:124|:137) echo 'never ends' ;;
	:0)	return 1 ;;
	*)	echo "exit status $rc" ;;
	esac
}

field() { sed -n "/^---/q; s/^$1: //p" "$2"; }

# dependents COPY PATCH - the objects that are to be made anew.
dependents()
{
	grep -lFe "$(sed -n 's,^+++ b/module/,/,p' "$2")" "$1/$host"/build/*/*.d |
		sed 's,.*/build/,,; s/d$/o/'
}

# Give files the age that they had, and remove what depends on them: all other
# objects are as good as new.
age_changes()
{
	sed -n 's,^+++ b/,,p' "$2" | while read -r file; do
		touch -r "$work/base/$file" "$1/$file" || return
	done
	dependents "$1" "$2" | (cd "$1/$host/build" && xargs rm)
}

# break_copy COPY PATCH - a copy of the shared build with the patch in it.
break_copy()
{
	mkdir "$1" && tar -C "$work/base" -cf - --exclude=unbroken . |
		tar -C "$1" -xf - &&
		patch -d "$1" -p1 -s -F0 --no-backup-if-mismatch <"$2" >&2 &&
		age_changes "$1" "$2"
}

# ask_programs COPY PATCH - the first one that notices, and what.
ask_programs()
{
	local command noticed

	while read -ra command; do
		build "$1" 1 "${command[0]}" ||
			{ cat "$1/errors" >&2; return 2; }
		noticed=$(notices "$1" build "${command[@]}") || continue
		echo "${command[*]}: $noticed"
		return
	done < <(field Try "$2"; programs)
	return 1
}

# ask_herd COPY PATCH - whether herd7 finds what must never be, in the model.
ask_herd()
{
	local model object

	model=$(field Litmus "$2")
	read -r object < <(dependents "$1" "$2")
	build "$1" 1 "$object" || { cat "$1/errors" >&2; return 2; }
	scripts/herd.sh "$1/selftests/litmus/$model.litmus" >"$1/herd" ||
		return 2
	grep -q '^Observation .* \(Sometimes\|Always\)' "$1/herd" || return 1
	echo "litmus $model"
}

# try_mutant PATCH - a row of the table.  The result goes to a file, too: class,
# outcome, and what killed it.
try_mutant()
{
	local outcomes=(killed survived rotten) rc=2 begin=$SECONDS
	local name class copy ask=ask_programs killer=

	name=$(basename "$1" .patch)
	class=$(field Class "$1")
	copy=$work/$name
	[ -z "$(field Litmus "$1")" ] || ask=ask_herd
	if break_copy "$copy" "$1"; then
		killer=$("$ask" "$copy" "$1")
		rc=$?
	fi
	[ -n "${KEEP:-}" ] || rm -rf "$copy"
	printf '%s\t%s\t%s\n' "$class" "${outcomes[rc]}" "${killer:--}" \
		>"$work/results/$name"
	printf '# %-39s %-9s %-8s %3d s  %s\n' "$name" "$class" \
		"${outcomes[rc]}" $((SECONDS - begin)) "${killer:--}"
}

chosen()
{
	local every=${QUICK:+10}

	find "$patches" -name "*${1:-}*.patch" | sort |
		awk -v every="${every:-1}" 'NR % every == 1 % every'
}

# count [CLASSES [OUTCOME]] - mutants of such classes with such an outcome.
count()
{
	cat "$work"/results/* | awk -F '\t' -v class="^(${1:-.*})\$" \
		-v outcome="^${2:-.*}\$" \
		'$1 ~ class && $2 ~ outcome { n++ } END { print n + 0 }'
}

none_is_rotten() { [ "$(count '' rotten)" -eq 0 ]; }

# A test that fails without any mutant proves nothing when it fails with one.
killers_pass()
{
	local command noticed rc=0

	while read -ra command; do
		noticed=$(notices "$work/base" unbroken "${command[@]}") || continue
		echo "${command[*]}: $noticed"
		rc=1
	done < <(cut -f 3 "$work"/results/* | sed -n 's/: .*//; /san\//p' | sort -u)
	return "$rc"
}

enough_die() { [ $(($(count '' killed) * 100)) -ge $(($(count) * 95)) ]; }
all_die() { [ "$(count "$1" killed)" -eq "$(count "$1")" ]; }

report()
{
	local grave='ordering|locking'

	ktap_check 'each patch applies, and what it makes can be built' \
		none_is_rotten
	ktap_check 'without a mutant the tests that killed one pass' killers_pass
	ktap_check "$(count '' killed) of $(count) mutants die (95 % have to)" \
		enough_die
	ktap_check "$(count "$grave" killed) of $(count "$grave") that concern \
ordering or locking die (all have to)" all_die "$grave"
	ktap_done
}

# One of those that run beside each other.
if [ "${1:-}" = --try ]; then
	work=$2
	try_mutant "$3"
	exit
fi

mkdir -p build
work=$(mktemp -d "$top/build/mutants.XXXXXX")
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
mapfile -t list < <(chosen "${1:-}")
[ ${#list[@]} -gt 0 ] || die "no patch in $patches has '$1' in its name"

prepare || die "the unbroken core cannot be built"
printf '%s\n' "${list[@]}" | xargs -P "$jobs" -n 1 scripts/mutants.sh --try "$work"
report
