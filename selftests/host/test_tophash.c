// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_tophash.c - eight tophash bytes as one word, against a loop over bytes.
 */
#include "../../module/core/tophash.h"
#include "test.h"

static u64 slow_match(u64 word, u8 from, u8 to)
{
	u64 match = 0;

	for (int i = 0; i < 8; i++) {
		u8 byte = (u8)(word >> 8 * i);

		if (byte >= from && byte <= to)
			match |= 0x80ULL << 8 * i;
	}
	return match;
}

/*
 * All slots that are right, and no other before the first of them.  One behind
 * it may differ in the lowest bit: for a key's tophash that is no empty slot.
 */
static void check_match(u64 word, u8 top)
{
	u64 match = gomap_tophash_match(word, top);
	u64 right = slow_match(word, top, top);
	u64 nearly = slow_match(word, top ^ 1, top ^ 1);

	CHECK(!right == !match);
	CHECK((match & right) == right);
	CHECK((match & -match) == (right & -right));
	CHECK(!(match & ~right & ~nearly));
	if (top >= TOPHASH_MIN)
		CHECK(!(match & slow_match(word, 0, TOPHASH_EMPTY_ONE)));
}

static void check_word(u64 word)
{
	for (int top = 0; top < 256; top++)
		check_match(word, top);
	CHECK(gomap_tophash_empties(word) == slow_match(word, 0, 1));
	CHECK(gomap_tophash_taken(word) == slow_match(word, 2, 255));
	CHECK_EQ(gomap_tophash_ends_chain(word), !!slow_match(word, 0, 0));
	CHECK_EQ(gomap_tophash_is_evacuated(word), (word & 0xff) == 2);
}

/* Bytes whose neighbours a careless borrow or carry would get wrong. */
static void awkward_bytes_are_told_apart(void)
{
	static const u8 bytes[] = { 0, 1, 2, 0x7f, 0x80, 0x81, 0xff };
	u64 word;
	int n, i, rest;

	for (n = 0; n < 7 * 7 * 7 * 7; n++) {
		for (word = 0, rest = n, i = 0; i < 8; i++) {
			word |= (u64)bytes[rest % 7] << 8 * i;
			rest = i == 3 ? n : rest / 7;
		}
		check_word(word);
	}
}

static void random_words_are_told_apart(void)
{
	u64 state = test_seed;

	for (int n = 0; n < 20000; n++)
		check_word(test_random(&state));
}

/* Whatever is empty behind the last entry, and nothing before it. */
static void trim_ends_with_the_last_entry(void)
{
	CHECK(gomap_tophash_trim(0) == 0);
	CHECK(gomap_tophash_trim(TOPHASH_ONES) == 0);
	CHECK(gomap_tophash_trim(TOPHASH_ONES * 0xff) == TOPHASH_ONES * 0xff);
	for (unsigned int slot = 0; slot < 8; slot++) {
		u64 last = gomap_tophash_set(TOPHASH_ONES, slot, TOPHASH_MIN);
		u64 rest = slot < 7 ? ~0ULL << 8 * (slot + 1) : 0;

		CHECK(gomap_tophash_trim(last) == (last & ~rest));
		CHECK(gomap_tophash_trim(last & ~rest) == (last & ~rest));
	}
}

static void first_is_the_lowest_slot(void)
{
	for (unsigned int slot = 0; slot < 8; slot++)
		CHECK_EQ(gomap_tophash_first(TOPHASH_HIGHS << 8 * slot), slot);
}

static void set_changes_one_byte(void)
{
	u64 word = 0x1122334455667788ULL;

	for (unsigned int slot = 0; slot < 8; slot++) {
		u64 changed = gomap_tophash_set(word, slot, 0xab);

		CHECK_EQ(gomap_tophash_get(changed, slot), 0xab);
		CHECK((changed ^ word) >> 8 * slot < 256);
		CHECK(((changed ^ word) & ((1ULL << 8 * slot) - 1)) == 0);
	}
}

static void no_hash_looks_like_a_code(void)
{
	for (u64 top = 0; top < 256; top++) {
		u8 seen = gomap_tophash(top << 56 | 0xffffff);

		CHECK_EQ(seen, top < TOPHASH_MIN ? top + TOPHASH_MIN : top);
	}
}

static const struct test_case cases[] = {
	CASE(awkward_bytes_are_told_apart),
	CASE(random_words_are_told_apart),
	CASE(trim_ends_with_the_last_entry),
	CASE(first_is_the_lowest_slot),
	CASE(set_changes_one_byte),
	CASE(no_hash_looks_like_a_code),
};

TEST_MAIN(cases)
