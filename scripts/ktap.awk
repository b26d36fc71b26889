# SPDX-License-Identifier: GPL-2.0-only
#
# ktap.awk - count the results of test programs that report in KTAP.
#
#	awk -v rc=STATUS [-v deepest=N] -f ktap.awk LOG
#
# Reads any number of KTAP documents one after the other, nested ones too, be
# they indented by two spaces or, as the kernel's kselftest runner has it, by
# "# ".  Results are counted where they are made: a result line that sums up
# the results nested before it counts only if it says "not ok" without any of
# those having failed, or is a skip where none of those is.  What counts as a failure besides: a plan that was not
# kept, "Bail out!", no result at all, and a program that exited with rc other
# than 0 and without reporting a failure.  Levels deeper than N are not read.
#
# Prints "fail NAME" for each failure, with what the program had said about it
# on lines "say TEXT", "skip NAME # SKIP WHY" for each skipped test, and last
# "total PASSED FAILED SKIPPED".

BEGIN {
	if (deepest == "")
		deepest = 9
}

# The level of a line, which it is stripped of: how deeply it is nested.
function take_level(	level) {
	level = 0
	while (substr($0, 1, 2) == "# " || substr($0, 1, 2) == "  ") {
		$0 = substr($0, 3)
		level++
	}
	return level
}

function fail(name,	i) {
	print "fail " name
	for (i = 1; i <= nr_said; i++)
		print "say " said[i]
	nr_said = 0
	failed++
}

# Ends the document at this level and those nested in it.
function close_document(level,	i) {
	for (i = level; i <= deepest + 1; i++) {
		if ((i in plan) && plan[i] != results[i] + 0)
			fail("planned " plan[i] " tests, saw " \
			     results[i] + 0)
		delete plan[i]
		delete results[i]
		delete failures[i]
		delete skips[i]
	}
}

function skip(level, name) {
	skips[level]++
	skipped++
	print "skip " name
}

function result(level, good, name,	nested, nested_failures, nested_skips,
		before) {
	before = failed + 0
	nested = results[level + 1] + 0
	nested_failures = failures[level + 1] + 0
	nested_skips = skips[level + 1] + 0
	close_document(level + 1)
	nested_failures += failed - before
	results[level]++

	if (!good) {
		failures[level]++
		if (!nested_failures)
			fail(name)
	} else if (name ~ /# *[Ss][Kk][Ii][Pp]/) {
		if (!nested_skips)
			skip(level, name)
	} else if (!nested) {
		passed++
	}
	nr_said = 0
}

{
	sub(/\r$/, "")
	line = $0
	level = take_level()
	if (level > deepest)
		next
}

/^(not )?ok [0-9]+/ {
	good = $1 == "ok"
	sub(/^(not )?ok [0-9]+ *(- )?/, "")
	result(level, good, $0)
	next
}

/^K?TAP version/ {
	close_document(level)
	next
}

/^1\.\.[0-9]+/ {
	if (level in plan)
		close_document(level)
	plan[level] = substr($1, 4) + 0
	if (plan[level] == 0) {
		sub(/^1\.\.0 */, "")
		skip(level, $0 == "" ? "# SKIP without a reason" : $0)
	}
	next
}

/^Bail out!/ {
	fail($0)
	next
}

line != "" {
	# Enough to see what is wrong; the rest is in the log.
	if (nr_said == 20) {
		for (i = 1; i < 20; i++)
			said[i] = said[i + 1]
		nr_said--
	}
	said[++nr_said] = line
}

END {
	close_document(0)
	if (!(passed + failed + skipped))
		fail("no test result at all, exit status " rc)
	else if (rc + 0 != 0 && !failed && !(rc == 4 && !passed))
		fail("exit status " rc " after the last result")
	printf "total %d %d %d\n", passed, failed, skipped
}
