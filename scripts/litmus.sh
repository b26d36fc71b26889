#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# litmus.sh [NAME]... - prove the hand-overs of selftests/litmus, or those that
# are named, with herd7.  Reports in KTAP.
# litmus.sh --sources - only see whether what they prove is what the code does.
#
# The outcome that a test forbids is never to be seen, and in its broken twin it
# has to be: otherwise the test proves nothing.  Each barrier of the book is left
# out in turn, to see that it is needed.  And the sources have to have what the
# tests rely on: no machine that orders as much as most do would miss a barrier
# that somebody took away.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
cd "$top/selftests/litmus" || exit 1

core=$top/module/core
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A twin is its test with one thing broken, in so many lines at most.
twin_lines_max=6

# Barriers that are no instruction but an address dependency: there is nothing
# that could be left out.
dependencies=HJNP

# Those of who reads a view: they stand in programs, not in the module.
outside=VXZ

tests=()
for name in *.litmus; do
	[[ $name == *-broken.litmus ]] || tests+=("${name%.litmus}")
done

# outcome FILE - Never, Sometimes or Always.
outcome() { "$top/scripts/herd.sh" "$1" | awk '$1 == "Observation" { print $3 }'; }

herd_says()
{
	local said

	said=$(outcome "$2")
	[ "$said" = "$1" ] || { echo "herd7 says '$said', not '$1'"; return 1; }
}

# code FILE - without the name and the comment at its head.
code() { sed -n '/^{$/,$p' "$1"; }

differs_in_one_thing()
{
	local changed lines

	changed=$(diff <(code "$1") <(code "$2"))
	lines=$(grep -c '^[<>]' <<<"$changed")
	echo "$changed"
	[ "$lines" -gt 0 ] && [ "$lines" -le "$twin_lines_max" ] &&
		! grep -q '^[<>] exists' <<<"$changed"
}

# The pairs of letters in core.h, section 11.
pairs_of_core()
{
	sed -n '/^ \* 11\. /,/^ \* 12\. /p' "$core/core.h" |
		grep -oE '\b[A-Z]/[A-Z]\b' | sort -u
}

letters_of_core() { pairs_of_core | tr / '\n' | sort; }

# pairs_of FILE... - those that the files name.
pairs_of() { grep -h '^ \* Pairs: ' "$@" | grep -oE '[A-Z]/[A-Z]' | sort -u; }

# at_barrier LETTER FILE - does it stand at a line of the test?
at_barrier() { grep -qE "/\* $1 \*/" "$2"; }

# barriers LETTER FILE... - what stands at the letter, which is on the same line
# or the one before.
barriers()
{
	awk -v letter="/[*] $1( [*]/|,)" '
		$0 ~ letter || told {
			told = $0 ~ letter && !/\(.*;/
			while (match($0, /(smp_[a-z_]+|[a-z_]*cmpxchg[a-z_]*|(READ|WRITE)_ONCE)\(/)) {
				print substr($0, RSTART, RLENGTH - 1)
				$0 = substr($0, RSTART + RLENGTH)
			}
		}' "${@:2}" | sort -u
}

every_pair_is_tested()
{
	diff <(pairs_of_core) <(pairs_of ./*.litmus)
}

barriers_that_differ()
{
	local letter code proven

	for letter in $(letters_of_core | tr -d "$outside"); do
		code=$(barriers "$letter" "$top"/module/{arena,core}/*.[ch])
		proven=$(barriers "$letter" "${tests[@]/%/.litmus}")
		[ -n "$code" ] && [ "$code" = "$proven" ] ||
			echo "$letter is '$code', proven is '$proven'"
	done
}

letters_missing_in_the_tests()
{
	local file letter

	for file in *.litmus; do
		for letter in $(pairs_of "$file" | tr / ' '); do
			at_barrier "$letter" "$file" ||
				echo "$file has no barrier $letter"
		done
	done
}

# models_of FILE... - the functions that they model, as SOURCE:FUNCTION.
models_of()
{
	grep -ohE '[a-z_]+\.[ch]:[a-z_0-9]+\(\)' "$@" | tr -d '()' | sort -u
}

# definition SOURCE:FUNCTION - from its first line to its last.
definition()
{
	sed -nE "/^([a-z][a-z0-9_ *]*)?\b${1#*:}\(/,/^}/p" \
		"$top"/module/*/"${1%%:*}" 2>/dev/null
}

models_missing_in_the_sources()
{
	local model

	grep -L '^ \* Models: ' ./*.litmus | sed 's/$/ models nothing/'
	for model in $(models_of ./*.litmus); do
		definition "$model" | grep -q . || echo "there is no $model"
	done
}

# What else makes order, each with what it stands for in the sources.
orders=(
	"rcu_assign_pointer rcu_assign_pointer"
	"rcu_dereference rcu_dereference"
	"rcu_read_lock rcu_read_lock"
	"synchronize_rcu call_rcu|background_run_after_grace_period"
	"spin_lock spin_lock|stripes?_lock|mutex_lock|lockdep_assert_held"
	"xchg xchg"
	"atomic_cmpxchg atomic_cmpxchg"
	"atomic_set_release atomic_set_release"
	"smp_mb smp_mb"
	"atomic_inc atomic64_inc"
	"atomic_fetch_sub_release refcount_dec_and_test"
	"atomic_fetch_inc_relaxed refcount_inc"
)

# Order that a test relies on, and none of the functions that it models makes.
orders_missing_in_the_sources()
{
	local name model modelled order

	for name in "${tests[@]}"; do
		modelled=$(for model in $(models_of "$name.litmus"); do
			definition "$model"
		done)
		for order in "${orders[@]}"; do
			code "$name.litmus" | grep -q "\b${order%% *}(" || continue
			grep -qE "\b(${order#* })[a-z_]*\(" <<<"$modelled" ||
				echo "$name: nothing it models has ${order#* }"
		done
	done
}

# none COMMAND - it has nothing to say.
none() { ! "$@" | grep .; }

every_test_has_a_twin()
{
	diff <(printf '%s-broken.litmus\n' "${tests[@]}") \
		<(printf '%s\n' *-broken.litmus)
}

# weakened LETTER FILE - the test without the order that this barrier makes.
weakened()
{
	sed -E "/\/\* $1 \*\// {
		s/smp_store_release\((\w+), /WRITE_ONCE(*\1, /
		s/smp_load_acquire\((\w+)\)/READ_ONCE(*\1)/
		s/cmpxchg_release/cmpxchg_relaxed/
		s/smp_[rw]mb\(\);//
	}" "$2"
}

# At least one test falls without the barrier, or it is superfluous.
is_needed()
{
	local name

	for name in "${tests[@]}"; do
		pairs_of "$name.litmus" | grep -q "$1" || continue
		weakened "$1" "$name.litmus" >"$work/weakened.litmus"
		[ "$(outcome "$work/weakened.litmus")" != Sometimes ] || return 0
	done
	return 1
}

check_sources()
{
	ktap_check 'every pair of barriers is tested' every_pair_is_tested
	ktap_check 'every barrier of the sources is the one of the tests' \
		none barriers_that_differ
	ktap_check 'every test has the barriers that it names' \
		none letters_missing_in_the_tests
	ktap_check 'every function that is modelled exists' \
		none models_missing_in_the_sources
	ktap_check 'every function that is modelled makes the order it should' \
		none orders_missing_in_the_sources
	ktap_check 'every test has a broken twin' every_test_has_a_twin
}

check_need()
{
	local letter

	for letter in $(letters_of_core | tr -d "$dependencies"); do
		ktap_check "barrier $letter is needed" is_needed "$letter"
	done
}

check_test()
{
	ktap_check "$1: it never happens" herd_says Never "$1.litmus"
	ktap_check "$1: broken, it happens" \
		herd_says Sometimes "$1-broken.litmus"
	ktap_check "$1: one thing is broken" \
		differs_in_one_thing "$1.litmus" "$1-broken.litmus"
}

if [ "${1:-}" = --sources ]; then
	check_sources
	ktap_done
fi
if [ $# -eq 0 ]; then
	check_sources
	check_need
	set -- "${tests[@]}"
fi
for name; do
	check_test "$name"
done
ktap_done
