// SPDX-License-Identifier: GPL-2.0-only
/*
 * check.c - the search for an order, one key at a time.
 *
 * The calls and returns on the key are gone through in the order of time, and
 * what may be the case is kept as a set.  An operation is given its moment no
 * sooner than something has to return: then everything under way is tried in
 * every order, and only the cases stay in which the one that returns has had
 * its moment.  If none stays there is no order.
 *
 * This is Wing and Gong's search, breadth first, with each state visited once
 * as Lowe has it, and its moments chosen as late as possible.  Time grows with
 * the length of the history, memory with the number of logs only.
 */
#include "check.h"

enum before { ANY, IS_ABSENT, IS_PRESENT, IS_THIS };
enum after { AS_BEFORE, THIS, NONE };

/**
 * struct rule - what a result of an operation says about the map.
 * @kind: The operation.
 * @result: What it returned.
 * @before: What the key must have been for that.
 * @after: What the key is afterwards.
 */
struct rule {
	enum lin_kind kind;
	int result;
	enum before before;
	enum after after;
};

/* All that may be returned: <linux/gomap.h> in ten lines, and clear. */
static const struct rule rules[] = {
	{ LIN_LOOKUP,  LIN_FOUND, IS_THIS,    AS_BEFORE },
	{ LIN_LOOKUP,  -ENOENT,   IS_ABSENT,  AS_BEFORE },
	{ LIN_INSERT,  0,         IS_ABSENT,  THIS },
	{ LIN_INSERT,  -EEXIST,   IS_PRESENT, AS_BEFORE },
	{ LIN_REPLACE, 0,         IS_PRESENT, THIS },
	{ LIN_REPLACE, -ENOENT,   IS_ABSENT,  AS_BEFORE },
	{ LIN_STORE,   0,         IS_ABSENT,  THIS },
	{ LIN_STORE,   1,         IS_PRESENT, THIS },
	{ LIN_DELETE,  0,         IS_ABSENT,  AS_BEFORE },
	{ LIN_DELETE,  1,         IS_PRESENT, NONE },
	{ LIN_CLEAR,   0,         ANY,        NONE },
	{ .kind = LIN_KINDS }
};

static bool is_under_way_for_ever(const struct lin_op *op)
{
	return op->returned == LIN_NEVER;
}

static bool rule_is_about(const struct rule *rule, const struct lin_op *op)
{
	return rule->kind == op->kind &&
	       (rule->result == op->result || is_under_way_for_ever(op));
}

static bool rule_allows(const struct rule *rule, const struct lin_op *op,
			__u64 value)
{
	switch (rule->before) {
	case IS_ABSENT:
		return value == LIN_ABSENT;
	case IS_PRESENT:
		return value != LIN_ABSENT;
	case IS_THIS:
		return value != LIN_ABSENT && value == op->value;
	default:
		return true;
	}
}

static __u64 value_after(const struct rule *rule, const struct lin_op *op,
			 __u64 value)
{
	switch (rule->after) {
	case THIS:
		return op->value;
	case NONE:
		return LIN_ABSENT;
	default:
		return value;
	}
}

/**
 * lin_op_changes_nothing() - Is this an operation that leaves its key alone?
 * @op: The operation.
 *
 * A history from which such operations are taken away is linearizable if the
 * whole of it was.
 *
 * Return: Whether it is.
 */
bool lin_op_changes_nothing(const struct lin_op *op)
{
	const struct rule *rule;

	for (rule = rules; rule->kind != LIN_KINDS; rule++)
		if (rule_is_about(rule, op) && rule->after != AS_BEFORE)
			return false;
	return true;
}

/**
 * struct sweep - how far the search has come.
 * @history: The history.
 * @key: The key it is about.
 * @position: Of each log, number of the next operation.
 * @op: Of each log, the operation that is under way.
 * @under_way: Bits of the logs that have one.
 * @met: Bits of those under way that overlap with another.
 * @now: What may be the case.
 * @spare: Room for what may be the case next.
 * @finding: What was found out.
 */
struct sweep {
	const struct lin_history *history;
	__u8 key;
	__u32 position[LIN_LOGS];
	const struct lin_op *op[LIN_LOGS];
	__u32 under_way;
	__u32 met;
	struct lin_cases *now;
	struct lin_cases *spare;
	struct lin_finding *finding;
};

static void cases_empty(struct lin_cases *set)
{
	set->nr = 0;
	memset(set->first, 0, sizeof(set->first));
}

static bool cases_have(const struct lin_cases *set, __u16 done, __u64 value)
{
	__u16 nr;

	for (nr = set->first[done]; nr; nr = set->cases[nr - 1].next)
		if (set->cases[nr - 1].value == value)
			return true;
	return false;
}

/* LIN_CASES is a bound that is proven; nothing depends on the proof. */
static int cases_add(struct lin_cases *set, __u16 done, __u64 value)
{
	if (cases_have(set, done, value))
		return 0;
	if (set->nr == LIN_CASES)
		return -ENOSPC;
	set->cases[set->nr++] = (struct lin_case){
		.value = value, .done = done, .next = set->first[done],
	};
	set->first[done] = set->nr;
	return 0;
}

static int add_cases_after(struct sweep *s, const struct lin_case *from,
			   __u32 log)
{
	const struct lin_op *op = s->op[log];
	__u16 done = from->done | 1U << log;
	__u64 value = from->value;
	const struct rule *rule;
	int err;

	for (rule = rules; rule->kind != LIN_KINDS; rule++) {
		if (!rule_is_about(rule, op) || !rule_allows(rule, op, value))
			continue;
		err = cases_add(s->now, done, value_after(rule, op, value));
		if (err)
			return err;
	}
	return 0;
}

/* All that can be the case by the time that the log's operation returns. */
static int add_cases_until(struct sweep *s, __u32 returning)
{
	__u32 i, log;
	int err;

	for (i = 0; i < s->now->nr; i++) {
		struct lin_case from = s->now->cases[i];
		__u32 waiting = s->under_way & ~from.done;

		if (from.done & 1U << returning)
			continue;
		for (log = 0; log < LIN_LOGS; log++) {
			if (!(waiting & 1U << log))
				continue;
			err = add_cases_after(s, &from, log);
			if (err)
				return err;
		}
	}
	return 0;
}

/* The operation has returned: so it has had its moment. */
static int keep_cases_with(struct sweep *s, __u32 returned)
{
	struct lin_cases *all = s->now;
	__u32 bit = 1U << returned;
	__u32 i;
	int err;

	s->now = s->spare;
	s->spare = all;
	cases_empty(s->now);
	for (i = 0; i < all->nr; i++) {
		if (!(all->cases[i].done & bit))
			continue;
		err = cases_add(s->now, all->cases[i].done & ~bit,
				all->cases[i].value);
		if (err)
			return err;
	}
	return 0;
}

static void note_call(struct sweep *s, __u32 log)
{
	__u32 both;

	s->op[log] = &s->history->logs[log].ops[s->position[log]++];
	s->under_way |= 1U << log;
	s->finding->ops++;
	if (s->under_way == 1U << log)
		return;
	for (both = s->under_way & ~s->met; both; both &= both - 1)
		s->finding->overlapped++;
	s->met = s->under_way;
}

static int note_return(struct sweep *s, __u32 log)
{
	const struct lin_op *op = s->op[log];
	int err = add_cases_until(s, log) ?: keep_cases_with(s, log);

	if (err)
		return err;
	s->under_way &= ~(1U << log);
	s->met &= ~(1U << log);
	if (!s->now->nr) {
		s->finding->misfit = op;
	} else if (!s->under_way && s->now->nr == 1) {
		s->finding->quiet = op->returned;
		s->finding->value = s->now->cases[0].value;
	}
	return 0;
}

/* The time of what the log does next on the key, LIN_NEVER: nothing. */
static __u64 next_time(struct sweep *s, __u32 log)
{
	const struct lin_log *l = &s->history->logs[log];
	__u32 *at = &s->position[log];

	if (s->under_way & 1U << log)
		return s->op[log]->returned;
	while (*at < l->nr && !lin_op_is_on(&l->ops[*at], s->key))
		++*at;
	return *at < l->nr ? l->ops[*at].called : LIN_NEVER;
}

/*
 * The log that does something next; LIN_LOGS: nothing happens any more.  What
 * has the same time overlaps, so calls come first: in no log is one waiting for
 * a return of that time.
 */
static __u32 next_log(struct sweep *s)
{
	__u64 earliest = LIN_NEVER;
	__u32 best = LIN_LOGS;
	__u32 log;

	for (log = 0; log < LIN_LOGS; log++) {
		__u64 time = next_time(s, log);
		bool is_call = !(s->under_way & 1U << log);

		if (time < earliest ||
		    (time == earliest && time != LIN_NEVER && is_call)) {
			earliest = time;
			best = log;
		}
	}
	return best;
}

static int sweep_through(struct sweep *s)
{
	__u32 log;
	int err;

	while ((log = next_log(s)) < LIN_LOGS) {
		if (!(s->under_way & 1U << log)) {
			note_call(s, log);
			continue;
		}
		err = note_return(s, log);
		if (err || s->finding->misfit)
			return err;
	}
	return 0;
}

static bool log_is_in_order(const struct lin_log *log)
{
	__u64 time = 0;
	__u32 i;

	for (i = 0; i < log->nr; i++) {
		const struct lin_op *op = &log->ops[i];

		if (op->called <= time || op->called > op->returned)
			return false;
		if (is_under_way_for_ever(op) && i + 1 < log->nr)
			return false;
		time = op->returned;
	}
	return true;
}

/**
 * lin_check() - Find out whether a history is linearizable.
 * @history: The history.
 * @key: The key that is to be looked at.
 * @work: Room for the search; what is in it does not matter.
 * @finding: Where to put what was found out.
 *
 * Return: 0 it is, 1 it is not, -EINVAL the times of a log contradict each
 *	other, -ENOSPC the workspace is too small.
 */
int lin_check(const struct lin_history *history, __u8 key,
	      struct lin_workspace *work, struct lin_finding *finding)
{
	struct sweep s = {
		.history = history, .key = key, .finding = finding,
		.now = &work->sets[0], .spare = &work->sets[1],
	};
	__u32 log;
	int err;

	*finding = (struct lin_finding){ .value = history->initial[key] };
	for (log = 0; log < LIN_LOGS; log++)
		if (!log_is_in_order(&history->logs[log]))
			return -EINVAL;
	cases_empty(s.now);
	err = cases_add(s.now, 0, history->initial[key]) ?: sweep_through(&s);
	return err ? err : finding->misfit != NULL;
}
