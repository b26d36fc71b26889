// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the checker itself: histories made by hand that it must reject or
 * accept, and what it shows of a bad one.  Needs no kernel module.
 */
#include "../abi/harness.h"

#include "story.h"

/* Times of the table's histories are small; this one is far behind. */
#define NEVER		LIN_NEVER

/**
 * struct line - an operation of a history made by hand.
 * @log: Its log, plus 1; 0 ends the history.
 * @op: The operation.
 */
struct line {
	__u32 log;
	struct lin_op op;
};

#define OP(log_, called_, returned_, kind_, value_, result_)		\
	{ (log_) + 1, { .called = called_, .returned = returned_,	\
			.kind = kind_, .value = value_, .result = result_ } }

#define FINDS(log, called, returned, value) \
	OP(log, called, returned, LIN_LOOKUP, value, LIN_FOUND)
#define MISSES(log, called, returned) \
	OP(log, called, returned, LIN_LOOKUP, 0, -ENOENT)
#define INSERT(log, called, returned, value, result) \
	OP(log, called, returned, LIN_INSERT, value, result)
#define REPLACE(log, called, returned, value, result) \
	OP(log, called, returned, LIN_REPLACE, value, result)
#define STORE(log, called, returned, value, result) \
	OP(log, called, returned, LIN_STORE, value, result)
#define DELETE(log, called, returned, result) \
	OP(log, called, returned, LIN_DELETE, 0, result)
#define CLEAR(log, called, returned) \
	OP(log, called, returned, LIN_CLEAR, 0, 0)

/* Values: what was there first, and what the writes bring. */
enum { A = 10, B, C, D };

static int check_lines(const struct line *lines, __u64 initial)
{
	struct story story;

	story_init(&story, initial);
	for (; lines->log; lines++)
		story_add(&story, lines->log - 1, &lines->op);
	return story_check(&story);
}

FIXTURE(bad) {
};

FIXTURE_VARIANT(bad) {
	__u64 initial;
	struct line lines[12];
};

FIXTURE_SETUP(bad)
{
}

FIXTURE_TEARDOWN(bad)
{
}

TEST_F(bad, is_rejected)
{
	EXPECT_EQ(1, check_lines(variant->lines, variant->initial));
}

#define BAD(name, initial_, ...)					\
	FIXTURE_VARIANT_ADD(bad, name) {				\
		.initial = initial_, .lines = { __VA_ARGS__ },		\
	}

FIXTURE(good) {
};

FIXTURE_VARIANT(good) {
	__u64 initial;
	struct line lines[12];
};

FIXTURE_SETUP(good)
{
}

FIXTURE_TEARDOWN(good)
{
}

TEST_F(good, is_accepted)
{
	EXPECT_EQ(0, check_lines(variant->lines, variant->initial));
}

#define GOOD(name, initial_, ...)					\
	FIXTURE_VARIANT_ADD(good, name) {				\
		.initial = initial_, .lines = { __VA_ARGS__ },		\
	}

/* One after the other: what any map must get right. */

BAD(stale_read, A, STORE(0, 1, 2, B, 1), FINDS(1, 3, 4, A));
BAD(stale_miss, 0, INSERT(0, 1, 2, B, 0), MISSES(1, 3, 4));
BAD(resurrected_delete, A, DELETE(0, 1, 2, 1), FINDS(1, 3, 4, A));
BAD(value_never_written, A, FINDS(0, 1, 2, B));
BAD(value_not_whole, A, STORE(0, 1, 4, B, 1), FINDS(1, 2, 3, LIN_TORN));
BAD(insert_on_a_present_key, A, INSERT(0, 1, 2, B, 0));
BAD(insert_says_present_on_an_absent_key, 0, INSERT(0, 1, 2, B, -EEXIST));
BAD(insert_refused_and_done, A, INSERT(0, 1, 2, B, -EEXIST),
	FINDS(0, 3, 4, B));
BAD(replace_on_an_absent_key, 0, REPLACE(0, 1, 2, B, 0));
BAD(replace_says_absent_on_a_present_key, A, REPLACE(0, 1, 2, B, -ENOENT));
BAD(replace_refused_and_done, 0, REPLACE(0, 1, 2, B, -ENOENT),
	FINDS(0, 3, 4, B));
BAD(store_says_new_on_a_present_key, A, STORE(0, 1, 2, B, 0));
BAD(store_says_replaced_on_an_absent_key, 0, STORE(0, 1, 2, B, 1));
BAD(delete_says_removed_on_an_absent_key, 0, DELETE(0, 1, 2, 1));
BAD(delete_says_absent_on_a_present_key, A, DELETE(0, 1, 2, 0));
BAD(delete_without_effect, A, DELETE(0, 1, 2, 1), DELETE(0, 3, 4, 1));
BAD(clear_without_effect, A, CLEAR(0, 1, 2), FINDS(0, 3, 4, A));
BAD(old_value_back_after_two_writes, 0, STORE(0, 1, 2, A, 0),
	STORE(0, 3, 4, B, 1), STORE(0, 5, 6, C, 1), FINDS(0, 7, 8, B));
BAD(result_that_no_call_has, A, STORE(0, 1, 2, B, -EIO));
BAD(lookup_that_finds_nothing_in_a_value, 0, FINDS(0, 1, 2, LIN_ABSENT));

/* What only goes wrong when operations overlap. */

BAD(lost_update, A, REPLACE(0, 1, 4, B, 0), REPLACE(1, 2, 5, C, 0),
	FINDS(2, 6, 7, A));
BAD(both_of_two_inserts_succeed, 0, INSERT(0, 1, 4, A, 0),
	INSERT(1, 2, 3, B, 0));
BAD(both_of_two_deletes_succeed, A, DELETE(0, 1, 4, 1), DELETE(1, 2, 3, 1));
BAD(neither_of_two_inserts_succeeds, 0, INSERT(0, 1, 4, A, -EEXIST),
	INSERT(1, 2, 3, B, -EEXIST));
BAD(neither_of_two_deletes_succeeds, A, DELETE(0, 1, 4, 0),
	DELETE(1, 2, 3, 0));
BAD(read_from_the_future, A, FINDS(0, 1, 2, B), STORE(1, 3, 4, B, 1));
BAD(present_key_missed_while_it_is_replaced, A, REPLACE(0, 1, 4, B, 0),
	MISSES(1, 2, 3));
BAD(present_key_missed_while_it_is_stored, A, STORE(0, 1, 4, B, 1),
	MISSES(1, 2, 3));
BAD(new_value_seen_then_old, A, STORE(0, 1, 9, B, 1), FINDS(1, 2, 3, B),
	FINDS(2, 4, 5, A));
BAD(deleted_key_gone_then_back, A, DELETE(0, 1, 9, 1), MISSES(1, 2, 3),
	FINDS(2, 4, 5, A));
BAD(readers_differ_about_the_order_of_writes, A,
	STORE(0, 1, 20, B, 1), STORE(1, 1, 20, C, 1),
	FINDS(2, 2, 3, B), FINDS(2, 4, 5, C),
	FINDS(3, 6, 7, B));
BAD(write_seen_before_one_that_must_precede_it, A,
	STORE(0, 1, 9, B, 1), STORE(1, 2, 3, C, 1), STORE(1, 4, 5, D, 1),
	FINDS(2, 6, 7, C));
BAD(two_replaces_between_insert_and_delete_that_never_met, 0,
	INSERT(0, 1, 2, A, 0), DELETE(0, 3, 4, 1),
	REPLACE(1, 5, 8, B, 0), REPLACE(2, 6, 7, C, 0));
BAD(store_and_clear_leave_the_first_value, A, STORE(0, 1, 4, B, 1),
	CLEAR(1, 2, 3), FINDS(2, 5, 6, A));
BAD(pending_write_seen_then_not, A, STORE(0, 1, NEVER, B, 0),
	FINDS(1, 2, 3, B), FINDS(1, 4, 5, A));
BAD(pending_write_seen_before_its_call, A, FINDS(1, 1, 2, B),
	STORE(0, 3, NEVER, B, 0));
BAD(pending_insert_overwrote, A, INSERT(0, 1, NEVER, B, 0),
	FINDS(1, 2, 3, B));
BAD(pending_lookup_explains_nothing, A, FINDS(0, 1, NEVER, B),
	FINDS(1, 2, 3, B));

/* One after the other. */

GOOD(nothing, A);
GOOD(reads_of_what_was_there, A, FINDS(0, 1, 2, A), FINDS(1, 3, 4, A));
GOOD(a_life, 0, MISSES(0, 1, 2), DELETE(0, 3, 4, 0),
	REPLACE(0, 5, 6, A, -ENOENT), INSERT(0, 7, 8, A, 0),
	INSERT(0, 9, 10, B, -EEXIST), FINDS(0, 11, 12, A),
	REPLACE(0, 13, 14, C, 0), FINDS(0, 15, 16, C), STORE(0, 17, 18, D, 1),
	DELETE(0, 19, 20, 1), MISSES(0, 21, 22));
GOOD(store_both_ways, 0, STORE(0, 1, 2, A, 0), STORE(1, 3, 4, B, 1),
	FINDS(2, 5, 6, B));
GOOD(clear_of_a_present_and_an_absent_key, A, CLEAR(0, 1, 2),
	MISSES(0, 3, 4), CLEAR(0, 5, 6), MISSES(0, 7, 8));

/* Overlapping ones have their moments in one order or the other. */

GOOD(read_during_a_write_is_old, A, STORE(0, 1, 4, B, 1), FINDS(1, 2, 3, A));
GOOD(read_during_a_write_is_new, A, STORE(0, 1, 4, B, 1), FINDS(1, 2, 3, B));
GOOD(write_during_a_read_is_seen, A, FINDS(1, 1, 4, B), STORE(0, 2, 3, B, 1));
GOOD(write_during_a_read_is_not_seen, A, FINDS(1, 1, 4, A),
	STORE(0, 2, 3, B, 1));
GOOD(read_that_outlasts_two_writes_is_the_first, A, FINDS(0, 1, 8, B),
	STORE(1, 2, 3, B, 1), STORE(1, 4, 5, C, 1));
GOOD(old_then_new_during_a_write, A, STORE(0, 1, 9, B, 1),
	FINDS(1, 2, 3, A), FINDS(2, 4, 5, B));
GOOD(overlapping_reads_see_new_and_old, A, STORE(0, 1, 9, B, 1),
	FINDS(1, 2, 5, B), FINDS(2, 3, 6, A));
GOOD(first_of_two_writes_stays, A, STORE(0, 1, 4, B, 1), STORE(1, 2, 3, C, 1),
	FINDS(2, 5, 6, B));
GOOD(second_of_two_writes_stays, A, STORE(0, 1, 4, B, 1), STORE(1, 2, 3, C, 1),
	FINDS(2, 5, 6, C));
GOOD(last_called_has_its_moment_first, 0, REPLACE(0, 1, 9, B, 0),
	INSERT(1, 2, 8, A, 0), FINDS(2, 10, 11, B));
GOOD(one_of_two_inserts_succeeds, 0, INSERT(0, 1, 4, A, -EEXIST),
	INSERT(1, 2, 3, B, 0), FINDS(2, 5, 6, B));
GOOD(one_of_two_deletes_succeeds, A, DELETE(0, 1, 4, 0), DELETE(1, 2, 3, 1));
GOOD(three_inserts_with_two_deletes_between, 0, INSERT(0, 1, 9, A, 0),
	INSERT(1, 1, 9, B, 0), INSERT(2, 1, 9, C, 0), DELETE(3, 1, 9, 1),
	DELETE(4, 1, 9, 1), FINDS(0, 10, 11, B));
GOOD(insert_refused_by_one_not_yet_returned, 0, INSERT(0, 1, 9, A, 0),
	INSERT(1, 2, 3, B, -EEXIST), FINDS(1, 4, 5, A));
GOOD(replace_of_what_is_about_to_be_deleted, A, DELETE(0, 1, 9, 1),
	REPLACE(1, 2, 3, B, 0), MISSES(2, 10, 11));
GOOD(clear_before_an_overlapping_store, A, CLEAR(0, 1, 4),
	STORE(1, 2, 3, B, 0), FINDS(2, 5, 6, B));
GOOD(clear_after_an_overlapping_store, A, CLEAR(0, 1, 4),
	STORE(1, 2, 3, B, 1), MISSES(2, 5, 6));
GOOD(call_at_the_time_of_a_return_overlaps, A, STORE(0, 1, 5, B, 1),
	FINDS(1, 5, 6, A));
GOOD(operations_that_take_no_time, 0, INSERT(0, 5, 5, A, 0), MISSES(1, 5, 5),
	DELETE(2, 5, 5, 1));
GOOD(all_logs_write_at_once, 0, STORE(0, 1, 9, 1, 1), STORE(1, 1, 9, 2, 1),
	STORE(2, 1, 9, 3, 1), STORE(3, 1, 9, 4, 1), STORE(4, 1, 9, 5, 0),
	STORE(5, 1, 9, 6, 1), STORE(6, 1, 9, 7, 1), STORE(7, 1, 9, 8, 1),
	FINDS(0, 10, 11, 4));

/* Who never returned may have done it, at any time, or not. */

GOOD(pending_write_not_seen, A, STORE(0, 1, NEVER, B, 0),
	FINDS(1, 2, 3, A), FINDS(1, 4, 5, A));
GOOD(pending_write_seen_late, A, STORE(0, 1, NEVER, B, 0),
	FINDS(1, 2, 3, A), FINDS(1, 4, 5, B));
GOOD(pending_delete_explains_an_insert, A, DELETE(0, 1, NEVER, 0),
	INSERT(1, 2, 3, B, 0));
GOOD(pending_insert_explains_a_refusal, 0, INSERT(0, 1, NEVER, A, 0),
	INSERT(1, 2, 3, B, -EEXIST), FINDS(1, 4, 5, A));
GOOD(pending_lookup, A, FINDS(0, 1, NEVER, 0), STORE(1, 2, 3, B, 1),
	FINDS(1, 4, 5, B));
GOOD(pending_clear, A, CLEAR(0, 1, NEVER), FINDS(1, 2, 3, A),
	MISSES(1, 4, 5));

/* Logs whose times cannot be are not a matter of order. */
TEST(times_that_contradict_each_other_are_an_error)
{
	static const struct line backwards[] = { FINDS(0, 5, 4, A), {} };
	static const struct line overlap[] = {
		FINDS(0, 1, 5, A), FINDS(0, 4, 6, A), {}
	};
	static const struct line after_pending[] = {
		STORE(0, 1, NEVER, B, 0), FINDS(0, 2, 3, A), {}
	};
	static const struct line touch[] = {
		FINDS(0, 1, 5, A), FINDS(0, 5, 6, A), {}
	};
	static const struct line at_0[] = { FINDS(0, 0, 1, A), {} };

	EXPECT_EQ(-EINVAL, check_lines(backwards, A));
	EXPECT_EQ(-EINVAL, check_lines(overlap, A));
	EXPECT_EQ(-EINVAL, check_lines(after_pending, A));
	EXPECT_EQ(-EINVAL, check_lines(touch, A));
	EXPECT_EQ(-EINVAL, check_lines(at_0, A));
}

TEST(keys_do_not_concern_each_other)
{
	struct lin_op op = {
		.kind = LIN_LOOKUP, .called = 1, .returned = 2, .key = 1,
		.result = LIN_FOUND, .value = B,
	};
	struct lin_finding finding;
	struct story story;

	story_init(&story, A);
	story_add(&story, 0, &op);
	EXPECT_EQ(0, lin_check(&story.history, 0, &workspace, &finding));
	EXPECT_EQ(0, finding.ops);
	EXPECT_EQ(1, lin_check(&story.history, 1, &workspace, &finding));
	EXPECT_EQ(1, finding.ops);
}

TEST(clear_concerns_every_key)
{
	struct lin_op clear = {
		.kind = LIN_CLEAR, .called = 1, .returned = 2,
		.key = LIN_ALL_KEYS,
	};
	struct story story;
	struct lin_finding finding;

	story_init(&story, A);
	story.history.initial[3] = B;
	story_add(&story, 0, &clear);
	for (__u8 key = 0; key < LIN_KEYS; key++) {
		struct lin_op op = {
			.kind = LIN_LOOKUP, .called = 3, .returned = 4,
			.key = key, .result = LIN_FOUND, .value = B,
		};

		story.history.logs[0].nr = 1;
		story_add(&story, 0, &op);
		EXPECT_EQ(1, lin_check(&story.history, key, &workspace,
				       &finding));
	}
}

TEST(overlaps_are_counted)
{
	static const struct line lines[] = {
		FINDS(0, 1, 2, A), FINDS(0, 3, 6, A), FINDS(1, 4, 5, A),
		FINDS(2, 6, 9, A), FINDS(1, 7, 8, A), FINDS(0, 10, 11, A), {}
	};
	struct lin_finding finding;
	struct story story;

	story_init(&story, A);
	for (const struct line *l = lines; l->log; l++)
		story_add(&story, l->log - 1, &l->op);
	EXPECT_EQ(0, lin_check(&story.history, 0, &workspace, &finding));
	EXPECT_EQ(6, finding.ops);
	EXPECT_EQ(4, finding.overlapped);
	EXPECT_EQ(11, finding.quiet);
	EXPECT_EQ(A, finding.value);
}

static char said[1000];

static void note(const char *line)
{
	strcat(said, line);
	strcat(said, "\n");
}

TEST(a_bad_history_is_shown_in_words)
{
	static const struct line lines[] = {
		STORE(0, 1000, 1002, B, 1), FINDS(2, 1001, 1003, A),
		STORE(1, 1004, 1009, C, 1), FINDS(0, 1006, 1007, C),
		FINDS(2, 1008, 1011, B), {}
	};
	struct lin_tally tally = { .name = "map" };
	struct story story;

	story_init(&story, A);
	for (const struct line *l = lines; l->log; l++)
		story_add(&story, l->log - 1, &l->op);
	EXPECT_FALSE(lin_judge(&story.history, &workspace, &tally, note));
	EXPECT_EQ(1, tally.histories);
	EXPECT_EQ(1, tally.rejected);
	EXPECT_EQ(5, tally.ops);
	EXPECT_STREQ("map: these operations are in no order that explains them:\n"
		     "key 0, b at first:\n"
		     "         0 ..        5  log 1  store(c)                   1\n"
		     "         2 ..        3  log 0  lookup()                   c\n"
		     "         4 ..        7  log 2  lookup()                   b\n",
		     said);
}

TEST(a_value_from_nowhere_is_all_that_is_shown)
{
	static const struct line lines[] = {
		STORE(0, 1, 9, B, 1), FINDS(2, 2, 7, LIN_TORN),
		STORE(1, 3, 8, C, 1), FINDS(3, 4, 10, A), {}
	};
	struct lin_tally tally = { .name = "map" };
	struct story story;

	story_init(&story, A);
	for (const struct line *l = lines; l->log; l++)
		story_add(&story, l->log - 1, &l->op);
	EXPECT_FALSE(lin_judge(&story.history, &workspace, &tally, note));
	EXPECT_STREQ("map: these operations are in no order that explains them:\n"
		     "key 0, a at first:\n"
		     "         0 ..        5  log 2  lookup()                   a value that is not whole\n",
		     said);
}

TEST_HARNESS_MAIN
