#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run-tests.sh [SUITE]... - run the named suites, or all, and sum up.
#
# Each suite reports in KTAP to build/test/SUITE.log; from there come one line
# for each suite, the failures and what was skipped.  The last line is always
# "N passed, N failed, N skipped", the exit status 1 where a test failed.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

# In order of what they cost, so that the cheap ones speak first.
own_suites=(tree lint litmus host tsan checker user readme dkms vm demo
	    mutants uml-rules rt uml)
guest_suites=(module kmod abi memory examples view kselftest)

# Not part of the whole: parts of uml alone, and what takes hours.
parts=(torture lin faults view-uml)
long_suites=(all-mutants histories kcsan soak)
logs=$top/build/test
passed=0 failed=0 skipped=0

# What each suite needs, see deps.sh.
declare -A needs=(
	[tree]="build" [lint]="build user lint" [host]="host" [user]="user usertest"
	[readme]="build user" [dkms]="build dkms" [vm]="build vm"
	[demo]="build user vm demo"
	[litmus]="litmus" [tsan]="host" [checker]="host"
	[mutants]="build host litmus mutants"
	[all-mutants]="build host litmus mutants"
	[rt]="build user vm abi kselftest rt" [uml-rules]="build vm uml"
	[uml]="build user vm abi kselftest uml"
	[torture]="build user vm abi uml" [lin]="build user vm abi uml"
	[faults]="build user vm abi uml" [soak]="build user vm abi uml"
	[view-uml]="build user vm abi uml"
	[histories]="build user vm abi"
	[kcsan]="build user vm abi uml"
	[guest]="build user vm abi kselftest"
)

quiet_make() { env -u MAKEFLAGS make -s --no-print-directory "$@"; }

suite_tree() { scripts/self-test.sh; }
suite_lint() { scripts/lint.sh; }
suite_host() { quiet_make -C selftests/host check; }
suite_user() { quiet_make -C userspace all && quiet_make -C userspace check; }
suite_readme()
{
	local what

	quiet_make module user >/dev/null || return
	for what in kernel user shell; do
		ktap_check "the $what example of the README can be built" \
			scripts/readme-build.sh "$what" build/examples
	done
	ktap_done
}
suite_dkms() { scripts/dkms-test.sh; }
suite_vm() { scripts/vm-test.sh; }
suite_litmus() { scripts/litmus.sh; }
suite_tsan() { quiet_make -C selftests/host tsan; }
suite_checker() { quiet_make -C selftests/lin check; }
suite_mutants() { QUICK=1 scripts/mutants.sh; }
suite_all-mutants() { scripts/mutants.sh; }
suite_rt() { scripts/rt-tests.sh; }
suite_uml() { scripts/uml-tests.sh; }
suite_uml-rules() { scripts/rules-test.sh; }
suite_torture() { scripts/uml-tests.sh torture; }
suite_lin() { scripts/uml-tests.sh lin; }
suite_faults() { scripts/uml-tests.sh faults; }
suite_view-uml() { scripts/uml-tests.sh view; }
suite_histories() { scripts/histories.sh; }
suite_soak() { scripts/soak.sh; }
suite_kcsan() { scripts/kcsan-tests.sh; }
suite_demo() { ktap_check 'make demo' scripts/demo.sh </dev/null; ktap_done; }

usage()
{
	die "unknown suite '$1', there are:$all"
}

# account SUITE LOG STATUS SECONDS - count the results and tell of them.
account()
{
	local counted good bad left

	counted=$(awk -v rc="$3" -f scripts/ktap.awk "$2")
	read -r _ good bad left < <(grep '^total ' <<<"$counted")
	passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))

	printf '%-10s %6d passed %4d failed %4d skipped %5d s\n' \
		"$1" "$good" "$bad" "$left" "$4"
	grep -v '^total ' <<<"$counted" |
		sed -e 's/^fail /    FAIL /' -e 's/^skip /    /' -e 's/^say /        /'
	[ "$bad" -eq 0 ] || echo "    the whole report: $2"
}

run_suite()
{
	local begin=$SECONDS rc=0 log=$logs/$1.log

	if install_needs "$1" "$1"; then
		("suite_$1") >"$log" 2>&1 </dev/null || rc=$?
		account "$1" "$log" "$rc" $((SECONDS - begin))
	fi
}

# install_needs KEY SUITE... - without its packages a suite cannot run.
install_needs()
{
	local suite key=$1
	shift

	# shellcheck disable=SC2086  # a list of words
	scripts/deps.sh ${needs[$key]} && return
	for suite; do
		echo "1..0 # SKIP its packages cannot be installed" >"$logs/$suite.log"
		account "$suite" "$logs/$suite.log" 0 0
	done
	return 1
}

# The guest's suites share one boot.  A suite whose report has no end, or that
# never began, has failed: the guest was gone by then.  Its processors are emulated:
# readers of views look a tenth as often as elsewhere.
run_guest_suites()
{
	local begin=$SECONDS rc=0 suite status seconds

	install_needs guest "$@" || return 0
	GUEST_WORDS="GOMAP_VIEW_READS=1000000 ${GUEST_WORDS:-}" \
		GUEST_TIMEOUT=${GUEST_TIMEOUT:-1500} \
		scripts/guest-tests.sh "$logs/kernel.log" "$@" >"$logs/guest.log" 2>&1 ||
		rc=$?
	for suite in "$@" rules; do
		sed -n "/^=== begin $suite\$/,/^=== end $suite /{//!p}" \
			"$logs/guest.log" >"$logs/$suite.log"
		read -r status seconds < <(sed -n "s/^=== end $suite //p" "$logs/guest.log")
		account "$suite" "$logs/$suite.log" "${status:-the guest was gone}" \
			"${seconds:-0}"
	done
	(
		ktap_check 'the guest came to its end' [ "$rc" -eq 0 ]
		ktap_check 'the kernel log shows no trouble' \
			scripts/check-log.sh "$logs/kernel.log"
		ktap_done
	) >"$logs/guest-end.log"
	account guest-end "$logs/guest-end.log" 0 $((SECONDS - begin))
	[ "$rc" -eq 0 ] || tail -n 30 "$logs/guest.log"
}

all=" ${own_suites[*]} ${guest_suites[*]} ${parts[*]} ${long_suites[*]} "
[ $# -gt 0 ] || set -- "${own_suites[@]}" "${guest_suites[@]}"
in_guest=()
for suite; do
	[[ $all == *" $suite "* ]] || usage "$suite"
done

rm -rf "$logs"
mkdir -p "$logs"
for suite; do
	if [[ " ${guest_suites[*]} " == *" $suite "* ]]; then
		in_guest+=("$suite")
	else
		run_suite "$suite"
	fi
done
[ ${#in_guest[@]} -eq 0 ] || run_guest_suites "${in_guest[@]}"

echo "$passed passed, $failed failed, $skipped skipped"
exit $((failed > 0))
