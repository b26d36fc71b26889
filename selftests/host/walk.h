/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * walk.h - an iteration over numbers that counts what it returns.
 */
#ifndef WALK_H
#define WALK_H

#include "numbers.h"

#define NUMBERS_MAX	8192

/**
 * struct walk - an iteration, and how often it returned each number.
 * @it: The iteration.
 * @seen: How often, by number.
 * @key: The last number that was returned.
 * @value: Its value.
 */
struct walk {
	struct gomap_iter it;
	u8 seen[NUMBERS_MAX];
	u64 key;
	u64 value;
};

static inline void walk_begin(struct walk *w, struct gomap *m)
{
	memset(w, 0, sizeof(*w));
	gomap_iter_begin(&w->it, m);
}

static inline int walk_step(struct walk *w)
{
	struct gomap_entry e = {
		.key = &w->key, .key_cap = 8, .value = &w->value, .value_cap = 8,
	};
	int ret = gomap_iter_next(&w->it, &e);

	if (ret == 1) {
		CHECK_EQ(e.key_len, 8);
		CHECK_EQ(e.value_len, 8);
		CHECK(w->key < NUMBERS_MAX);
		CHECK_EQ(w->value, ~w->key);
		w->seen[w->key]++;
	}
	return ret;
}

/* Up to a number of steps.  How many entries came is the answer. */
static inline u32 walk_steps(struct walk *w, u32 most)
{
	u32 n = 0;
	int ret = 1;

	while (n < most && (ret = walk_step(w)) == 1)
		n++;
	CHECK(ret == 1 || ret == 0);
	return n;
}

static inline u32 walk_to_end(struct walk *w)
{
	u32 n = walk_steps(w, NUMBERS_MAX + 1);

	CHECK(n <= NUMBERS_MAX);
	CHECK_EQ(walk_step(w), 0);	/* an end stays the end */
	gomap_iter_end(&w->it);
	return n;
}

static inline void check_seen(const struct walk *w, u64 first, u64 end, int times)
{
	for (u64 i = first; i < end; i++)
		CHECK_EQ(w->seen[i], times);
}

static inline void check_seen_at_most_once(const struct walk *w)
{
	for (u64 i = 0; i < NUMBERS_MAX; i++)
		CHECK(w->seen[i] <= 1);
}

#endif /* WALK_H */
