// SPDX-License-Identifier: GPL-2.0-only
/*
 * judge.c - look at every key of a history, and if there is one whose
 * operations are in no order, show as few of them as it takes.
 */
#include "judge.h"

#define LINE	120

/* More is noise: one broken thing breaks many histories. */
#define REPORTS_MAX	3

static const char * const kind_names[LIN_KINDS] = {
	[LIN_LOOKUP] = "lookup",
	[LIN_INSERT] = "insert",
	[LIN_REPLACE] = "replace",
	[LIN_STORE] = "store",
	[LIN_DELETE] = "delete",
	[LIN_CLEAR] = "clear",
};

static bool kind_takes_value(__u8 kind)
{
	return kind == LIN_INSERT || kind == LIN_REPLACE || kind == LIN_STORE;
}

static void print_call(char *text, size_t size, const struct lin_op *op)
{
	if (kind_takes_value(op->kind))
		snprintf(text, size, "%s(%llx)", kind_names[op->kind],
			 op->value);
	else
		snprintf(text, size, "%s()", kind_names[op->kind]);
}

static void print_result(char *text, size_t size, const struct lin_op *op)
{
	if (op->returned == LIN_NEVER)
		snprintf(text, size, "has not returned");
	else if (op->kind != LIN_LOOKUP || op->result != LIN_FOUND)
		snprintf(text, size, "%d", op->result);
	else if (op->value == LIN_TORN)
		snprintf(text, size, "a value that is not whole");
	else
		snprintf(text, size, "%llx", op->value);
}

static void print_op(__u32 log, const struct lin_op *op, __u64 start,
		     lin_say_t *say)
{
	char line[LINE], call[LINE / 3], result[LINE / 3];
	__u64 end = op->returned == LIN_NEVER ? op->called : op->returned;

	print_call(call, sizeof(call), op);
	print_result(result, sizeof(result), op);
	snprintf(line, sizeof(line), "  %8llu .. %8llu  log %u  %-26s %s",
		 op->called - start, end - start, log, call, result);
	say(line);
}

/* The operation on the key that was called first after the one given. */
static const struct lin_op *next_called(const struct lin_history *h, __u8 key,
					const struct lin_op *after, __u32 *log)
{
	const struct lin_op *best = NULL;
	__u32 last = *log;
	__u32 l, i;

	for (l = 0; l < LIN_LOGS; l++) {
		for (i = 0; i < h->logs[l].nr; i++) {
			const struct lin_op *op = &h->logs[l].ops[i];

			if (!lin_op_is_on(op, key))
				continue;
			if (after && (op->called < after->called ||
				      (op->called == after->called &&
				       (l < last || op <= after))))
				continue;
			if (!best || op->called < best->called) {
				best = op;
				*log = l;
			}
		}
	}
	return best;
}

/**
 * lin_print() - Show what a history says of a key, in the order of the calls.
 * @history: The history.
 * @key: The key.
 * @say: Takes the lines.
 */
void lin_print(const struct lin_history *history, __u8 key, lin_say_t *say)
{
	const struct lin_op *op;
	char line[LINE];
	__u64 start;
	__u32 log = 0;

	if (history->initial[key] == LIN_ABSENT)
		snprintf(line, sizeof(line), "key %u, absent at first:", key);
	else
		snprintf(line, sizeof(line), "key %u, %llx at first:", key,
			 history->initial[key]);
	say(line);
	op = next_called(history, key, NULL, &log);
	for (start = op ? op->called : 0; op;
	     op = next_called(history, key, op, &log))
		print_op(log, op, start, say);
}

static void leave_out_what_is_outside(struct lin_history *h, __u8 key,
				      __u64 after, __u64 until)
{
	__u32 l, i;

	for (l = 0; l < LIN_LOGS; l++) {
		for (i = 0; i < h->logs[l].nr; i++) {
			struct lin_op *op = &h->logs[l].ops[i];

			if (!lin_op_is_on(op, key) || op->called <= after ||
			    op->called > until)
				op->key = LIN_NO_KEY;
		}
	}
}

static void leave_out_if_bad_without(struct lin_history *h, __u8 key,
				     struct lin_op *op,
				     struct lin_workspace *work)
{
	struct lin_finding finding;
	__u8 was = op->key;

	if (!lin_op_is_on(op, key) || !lin_op_changes_nothing(op))
		return;
	op->key = LIN_NO_KEY;
	if (lin_check(h, key, work, &finding) != 1)
		op->key = was;
}

/* Has nobody written what this lookup has found? */
static bool value_is_from_nowhere(const struct lin_history *h, __u8 key,
				  const struct lin_op *lookup)
{
	__u32 l, i;

	if (lookup->kind != LIN_LOOKUP || lookup->result != LIN_FOUND ||
	    lookup->value == h->initial[key])
		return false;
	for (l = 0; l < LIN_LOGS; l++) {
		for (i = 0; i < h->logs[l].nr; i++) {
			const struct lin_op *op = &h->logs[l].ops[i];

			if (op->value == lookup->value &&
			    kind_takes_value(op->kind))
				return false;
		}
	}
	return true;
}

static void leave_out_all_but(struct lin_history *h, const struct lin_op *one)
{
	__u32 l, i;

	for (l = 0; l < LIN_LOGS; l++)
		for (i = 0; i < h->logs[l].nr; i++)
			if (&h->logs[l].ops[i] != one)
				h->logs[l].ops[i].key = LIN_NO_KEY;
}

/**
 * lin_reduce() - Leave out of a bad history what is not needed to see why.
 * @history: The history, in which the order for @key fails.
 * @key: The key.
 * @work: Room for searches.
 *
 * What remains is bad only if the whole was: a lookup of what nobody wrote; or a
 * stretch of time before which there is but one value that the key can have,
 * and from which only operations are left out that change nothing.
 */
void lin_reduce(struct lin_history *history, __u8 key,
		struct lin_workspace *work)
{
	struct lin_finding finding;
	__u32 l, i;

	if (lin_check(history, key, work, &finding) != 1)
		return;
	if (value_is_from_nowhere(history, key, finding.misfit)) {
		leave_out_all_but(history, finding.misfit);
		return;
	}
	leave_out_what_is_outside(history, key, finding.quiet,
				  finding.misfit->returned);
	history->initial[key] = finding.value;
	for (l = 0; l < LIN_LOGS; l++)
		for (i = 0; i < history->logs[l].nr; i++)
			leave_out_if_bad_without(history, key,
						 &history->logs[l].ops[i],
						 work);
}

static void report(const char *name, struct lin_history *history, __u8 key,
		   struct lin_workspace *work, lin_say_t *say)
{
	char line[LINE];

	snprintf(line, sizeof(line),
		 "%s: these operations are in no order that explains them:",
		 name);
	say(line);
	lin_reduce(history, key, work);
	lin_print(history, key, say);
}

/**
 * lin_judge() - Decide whether a history is linearizable, and count it.
 * @history: The history; one that is reported is reduced to what is shown.
 * @work: Room for the search.
 * @tally: Where to count.
 * @say: Takes the lines of a report; NULL: none is wanted.
 *
 * Return: Whether it is.
 */
bool lin_judge(struct lin_history *history, struct lin_workspace *work,
	       struct lin_tally *tally, lin_say_t *say)
{
	struct lin_finding finding;
	__u8 key, bad = LIN_NO_KEY;
	bool failed = false;

	for (key = 0; key < LIN_KEYS; key++) {
		int ret = lin_check(history, key, work, &finding);

		tally->ops += finding.ops;
		tally->overlapped += finding.overlapped;
		failed |= ret < 0;
		if (ret == 1)
			bad = key;
	}
	tally->histories++;
	tally->failed += failed;
	tally->rejected += bad != LIN_NO_KEY;
	if (bad != LIN_NO_KEY && say && tally->rejected <= REPORTS_MAX)
		report(tally->name, history, bad, work, say);
	return !failed && bad == LIN_NO_KEY;
}

/**
 * lin_print_tally() - Say in two lines what many histories came to.
 * @tally: The figures.
 * @say: Takes the lines.
 */
void lin_print_tally(const struct lin_tally *tally, lin_say_t *say)
{
	char line[LINE];

	snprintf(line, sizeof(line),
		 "%s: %llu histories, %llu not linearizable; %llu operations, %llu %% overlapping",
		 tally->name, tally->histories, tally->rejected, tally->ops,
		 lin_percent_overlapped(tally));
	say(line);
	snprintf(line, sizeof(line),
		 "%s: %llu saw the map grow, %llu shrink, %llu change its seed",
		 tally->name, tally->grown, tally->shrunk, tally->rekeyed);
	say(line);
}
