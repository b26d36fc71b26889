// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the checker by random histories.  A simulated map carries each
 * operation out at one moment between its call and its return, so its histories
 * are good; altered ones the checker must judge as a search through all orders
 * does, which is slow and simple.  Needs no kernel module.
 */
#include "../abi/harness.h"
#include "../abi/common.h"

#include "story.h"

static __u64 below(__u64 *random, __u64 limit)
{
	return gm_random(random) % limit;
}

/* The map as a function; written once more, so as not to share a mistake. */
static int model(__u8 kind, __u64 *value, __u64 operand)
{
	bool present = *value != 0;

	switch (kind) {
	case LIN_INSERT:
		if (present)
			return -EEXIST;
		*value = operand;
		return 0;
	case LIN_REPLACE:
		if (!present)
			return -ENOENT;
		*value = operand;
		return 0;
	case LIN_STORE:
		*value = operand;
		return present;
	case LIN_DELETE:
		*value = 0;
		return present;
	case LIN_CLEAR:
		*value = 0;
		return 0;
	default:
		return present ? LIN_FOUND : -ENOENT;
	}
}

enum phase { IDLE, CALLED, DONE };

/* Someone who is about to call, or to have its moment, or to return. */
struct player {
	enum phase phase;
	struct lin_op op;
};

struct simulation {
	struct story story;
	struct player players[LIN_LOGS];
	__u32 nr_players;
	__u32 nr_ops;		/* called so far */
	__u64 value;
	__u64 now;
	__u64 random;
};

static void player_acts(struct simulation *s, __u32 nr)
{
	struct player *p = &s->players[nr];

	s->now += below(&s->random, 2);
	switch (p->phase) {
	case IDLE:
		if (s->now == p->op.returned)
			s->now++;
		p->op = (struct lin_op){
			.kind = below(&s->random, LIN_KINDS),
			.called = s->now, .value = 100 + s->nr_ops++,
		};
		p->phase = CALLED;
		break;
	case CALLED:
		p->op.result = model(p->op.kind, &s->value, p->op.value);
		if (p->op.kind == LIN_LOOKUP)
			p->op.value = s->value;
		p->phase = DONE;
		break;
	case DONE:
		p->op.returned = s->now;
		story_add(&s->story, nr, &p->op);
		p->phase = IDLE;
	}
}

/* Some never return, be it before or after their moment. */
static void players_end(struct simulation *s)
{
	for (__u32 i = 0; i < s->nr_players; i++) {
		struct player *p = &s->players[i];

		if (p->phase != IDLE && below(&s->random, 2)) {
			p->op.returned = LIN_NEVER;
			story_add(&s->story, i, &p->op);
			continue;
		}
		while (p->phase != IDLE)
			player_acts(s, i);
	}
}

static void simulate(struct simulation *s, __u32 players, __u32 ops,
		     __u64 seed)
{
	memset(s, 0, sizeof(*s));
	s->random = seed;
	s->nr_players = players;
	s->now = 1;
	if (below(&s->random, 2))
		s->value = 99;
	story_init(&s->story, s->value);
	while (s->nr_ops < ops)
		player_acts(s, below(&s->random, players));
	players_end(s);
}

static struct lin_op *any_op(struct story *story, __u64 *random)
{
	struct lin_log *log;

	do {
		log = &story->history.logs[below(random, LIN_LOGS)];
	} while (!log->nr);
	return &log->ops[below(random, log->nr)];
}

/* Make a result, or the value that was read, another one. */
static void alter(struct story *story, __u64 *random)
{
	static const int results[] = { 0, 1, -ENOENT, -EEXIST };
	struct lin_op *op = any_op(story, random);

	if (op->kind == LIN_LOOKUP && below(random, 2))
		op->value = any_op(story, random)->value;
	else
		op->result = results[below(random, 4)];
}

/*
 * All orders, one after the other, with nothing remembered.  An operation may
 * be the next one if none that is still waiting had returned before its call.
 */
struct orders {
	const struct lin_op *ops[OPS_MAX];
	__u32 nr;
};

static bool may_be_next(const struct orders *o, __u64 used, __u32 i)
{
	for (__u32 j = 0; j < o->nr; j++)
		if (!(used & 1ULL << j) &&
		    o->ops[j]->returned < o->ops[i]->called)
			return false;
	return true;
}

static bool has_that_result(const struct lin_op *op, __u64 *value)
{
	int result = model(op->kind, value, op->value);

	if (op->returned == LIN_NEVER)
		return true;
	if (op->kind == LIN_LOOKUP && result == LIN_FOUND &&
	    op->value != *value)
		return false;
	return op->result == result;
}

static bool there_is_an_order(const struct orders *o, __u64 used, __u64 value)
{
	bool all_returned_used = true;

	for (__u32 i = 0; i < o->nr; i++) {
		__u64 after = value;

		if (used & 1ULL << i)
			continue;
		if (o->ops[i]->returned != LIN_NEVER)
			all_returned_used = false;
		if (may_be_next(o, used, i) &&
		    has_that_result(o->ops[i], &after) &&
		    there_is_an_order(o, used | 1ULL << i, after))
			return true;
	}
	return all_returned_used;
}

static int check_all_orders(const struct story *story)
{
	struct orders o = { .nr = 0 };

	for (__u32 l = 0; l < LIN_LOGS; l++)
		for (__u32 i = 0; i < story->history.logs[l].nr; i++)
			o.ops[o.nr++] = &story->history.logs[l].ops[i];
	return !there_is_an_order(&o, 0, story->history.initial[0]);
}

#define LARGE		2000
#define SMALL		20000

static struct simulation simulation;

TEST(simulated_histories_are_accepted)
{
	for (__u64 seed = 0; seed < LARGE; seed++) {
		__u32 players = 2 + seed % (LIN_LOGS - 1);

		simulate(&simulation, players, 60, seed);
		ASSERT_EQ(0, story_check(&simulation.story)) {
			TH_LOG("seed %llu", seed);
		}
	}
}

TEST(simulated_histories_with_a_foreign_value_are_rejected)
{
	for (__u64 seed = 0; seed < LARGE; seed++) {
		struct lin_op *op;

		simulate(&simulation, 2 + seed % (LIN_LOGS - 1), 60, seed);
		do {
			op = any_op(&simulation.story, &simulation.random);
		} while (op->kind != LIN_LOOKUP || op->returned == LIN_NEVER);
		op->result = LIN_FOUND;
		op->value = 7;
		ASSERT_EQ(1, story_check(&simulation.story)) {
			TH_LOG("seed %llu", seed);
		}
	}
}

/* Altered at one to three places: some are good still, the search knows. */
TEST(small_histories_are_judged_as_by_a_search_through_all_orders)
{
	__u32 rejected = 0;

	for (__u64 seed = 0; seed < SMALL; seed++) {
		int expected;

		simulate(&simulation, 2 + seed % 4, 3 + seed % 6, seed);
		for (__u64 i = 0; i < seed % 4; i++)
			alter(&simulation.story, &simulation.random);
		expected = check_all_orders(&simulation.story);
		rejected += expected;
		ASSERT_EQ(expected, story_check(&simulation.story)) {
			TH_LOG("seed %llu", seed);
		}
	}
	EXPECT_LT(SMALL / 10, rejected);
	EXPECT_LT(rejected, SMALL - SMALL / 10);
}

static __u32 count_ops_on(const struct lin_history *history, __u8 key)
{
	__u32 count = 0;

	for (__u32 l = 0; l < LIN_LOGS; l++)
		for (__u32 i = 0; i < history->logs[l].nr; i++)
			count += lin_op_is_on(&history->logs[l].ops[i], key);
	return count;
}

TEST(what_is_shown_of_a_bad_history_is_bad_and_short)
{
	__u64 before = 0, after = 0;

	for (__u64 seed = 0; seed < LARGE; seed++) {
		struct story *story = &simulation.story;

		simulate(&simulation, 4, 60, seed);
		alter(story, &simulation.random);
		if (story_check(story) != 1)
			continue;
		before += count_ops_on(&story->history, 0);
		lin_reduce(&story->history, 0, &workspace);
		after += count_ops_on(&story->history, 0);
		ASSERT_EQ(1, story_check(story));
	}
	EXPECT_LT(0, after);
	EXPECT_LT(3 * after, before);
}

TEST_HARNESS_MAIN
