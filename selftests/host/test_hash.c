// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_hash.c - the keyed hashes: the right function, and fit for three uses.
 *
 * The reference here is written straight from the paper and takes the numbers
 * of rounds as arguments.  The paper's own test vector, which is SipHash-2-4,
 * says that it is right; then it says what SipHash-1-3 has to be, with the word
 * that has nothing but the length in it and without.
 */
#include <math.h>
#include <stdlib.h>

#include "../../module/core/hash.h"
#include "../../module/core/tophash.h"
#include "test.h"

static u64 rotate(u64 x, int n)
{
	return x << n | x >> (64 - n);
}

static void reference_rounds(u64 v[4], int n)
{
	while (n-- > 0) {
		v[0] += v[1]; v[2] += v[3];
		v[1] = rotate(v[1], 13); v[3] = rotate(v[3], 16);
		v[1] ^= v[0]; v[3] ^= v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1]; v[0] += v[3];
		v[1] = rotate(v[1], 17); v[3] = rotate(v[3], 21);
		v[1] ^= v[2]; v[3] ^= v[0];
		v[2] = rotate(v[2], 32);
	}
}

/**
 * struct reference - what to compute.
 * @c: Rounds for each word.
 * @d: Rounds at the end.
 * @words: Words of the message: all, or all that have a byte of the key.
 */
struct reference {
	int c, d;
	enum { ALL_WORDS, WORDS_OF_KEY } words;
};

/* One message word after the other, the bytes taken singly. */
static u64 reference(const u64 k[2], const u8 *m, u32 len, struct reference r)
{
	u64 v[4] = {
		k[0] ^ 0x736f6d6570736575ULL, k[1] ^ 0x646f72616e646f6dULL,
		k[0] ^ 0x6c7967656e657261ULL, k[1] ^ 0x7465646279746573ULL,
	};
	u32 nr_words = len / 8 + 1, word, byte, i;

	if (r.words == WORDS_OF_KEY && len && len % 8 == 0)
		nr_words--;
	for (word = 0; word < nr_words; word++) {
		u64 x = 0;

		for (byte = 0; byte < 8; byte++) {
			i = 8 * word + byte;
			if (i < len)
				x |= (u64)m[i] << (8 * byte);
			else if (byte == 7)
				x |= (u64)(len & 0xff) << 56;
		}
		v[3] ^= x;
		reference_rounds(v, r.c);
		v[0] ^= x;
	}
	v[2] ^= 0xff;
	reference_rounds(v, r.d);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* As the core draws them; small numbers would make weak ones of the second. */
static struct gomap_seed draw_seed(enum gomap_hash_function function, u64 *random)
{
	u64 k0 = test_random(random);

	return gomap_seed_make(k0, test_random(random), function);
}

static struct gomap_seed seed_of(enum gomap_hash_function function)
{
	u64 random = test_seed;

	return draw_seed(function, &random);
}

/* Key 00 01 .. 0f, message 00 01 .. 0e: appendix A of the paper. */
static const u64 paper_key[2] = { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL };

static void reference_gives_the_vector_of_the_paper(void)
{
	u8 m[15];

	for (int i = 0; i < 15; i++)
		m[i] = i;
	CHECK(reference(paper_key, m, 15, (struct reference){ 2, 4, ALL_WORDS }) ==
	      0xa129ca6149be45e5ULL);
}

static void hash_is_siphash_1_3_of(enum gomap_hash_function function,
				   struct reference r)
{
	u64 state = test_seed;
	u8 m[300];
	u32 len;

	for (len = 0; len <= sizeof(m); len++) {
		u64 k[2] = { test_random(&state), test_random(&state) };
		struct gomap_seed seed = gomap_seed_make(k[0], k[1], function);

		for (u32 i = 0; i < len; i++)
			m[i] = (u8)test_random(&state);
		CHECK(gomap_hash(&seed, m, len) == reference(k, m, len, r));
	}
}

static void hash_is_siphash_1_3_for_every_length(void)
{
	hash_is_siphash_1_3_of(GOMAP_HASH_SIP_VAR,
			       (struct reference){ 1, 3, ALL_WORDS });
}

static void length_is_left_out_where_it_is_the_same(void)
{
	hash_is_siphash_1_3_of(GOMAP_HASH_SIP,
			       (struct reference){ 1, 3, WORDS_OF_KEY });
}

/* Zeroes at the end: of keys of different lengths none has another's hash. */
static void length_counts_where_it_differs(void)
{
	struct gomap_seed seed = seed_of(GOMAP_HASH_SIP_VAR);
	u64 hash, before = 0;
	u8 key[80] = { 0 };

	for (u32 len = 0; len < sizeof(key); len++) {
		hash = gomap_hash(&seed, key, len);
		CHECK(hash != before);
		before = hash;
	}
}

static void place_does_not_matter_to(enum gomap_hash_function function, u32 len)
{
	struct gomap_seed seed = seed_of(function);
	u8 buf[64], key[] = "an unaligned key of 31 bytes ..";
	u64 wanted = gomap_hash(&seed, key, len);

	for (int i = 0; i < 16; i++) {
		memset(buf, i, sizeof(buf));
		memcpy(buf + i, key, len);
		CHECK(gomap_hash(&seed, buf + i, len) == wanted);
	}
}

/* Nor does what lies around it. */
static void hash_does_not_care_where_the_key_lies(void)
{
	for (u32 len = 0; len <= 32; len++) {
		place_does_not_matter_to(GOMAP_HASH_SIP, len);
		place_does_not_matter_to(GOMAP_HASH_FOLD, len);
		place_does_not_matter_to(GOMAP_HASH_SIP_VAR, len);
	}
}

#define AVALANCHE_BYTES	24

/* Each input bit flips each output bit half of the time. */
static void avalanche_of(enum gomap_hash_function function, u32 len)
{
	enum { SAMPLES = 2500 };
	static u32 flips[8 * AVALANCHE_BYTES][64];
	u64 state = test_seed, diff, hash;
	u8 key[AVALANCHE_BYTES];

	memset(flips, 0, sizeof(flips));
	for (int n = 0; n < SAMPLES; n++) {
		struct gomap_seed seed = draw_seed(function, &state);

		for (u32 i = 0; i < len; i++)
			key[i] = (u8)test_random(&state);
		hash = gomap_hash(&seed, key, len);
		for (u32 in = 0; in < 8 * len; in++) {
			key[in / 8] ^= 1 << in % 8;
			diff = hash ^ gomap_hash(&seed, key, len);
			key[in / 8] ^= 1 << in % 8;
			for (int out = 0; out < 64; out++)
				flips[in][out] += diff >> out & 1;
		}
	}
	/* Six standard deviations around a half; 12288 looks. */
	for (u32 in = 0; in < 8 * len; in++)
		for (int out = 0; out < 64; out++)
			CHECK(fabs(flips[in][out] - SAMPLES / 2.0) <
			      6 * sqrt(SAMPLES) / 2);
}

static void avalanche(void)
{
	static const u32 lens[] = { 1, 3, 4, 7, 8, 13, 16, AVALANCHE_BYTES };

	avalanche_of(GOMAP_HASH_SIP_VAR, 16);
	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		avalanche_of(GOMAP_HASH_SIP, lens[i]);
		avalanche_of(GOMAP_HASH_FOLD, lens[i]);
	}
}

/* Chi-square of 2^bits bins, as deviations of its normal approximation. */
static double unevenness(const u32 *bins, int nr, double expected)
{
	double chi = 0;

	for (int i = 0; i < nr; i++)
		chi += (bins[i] - expected) * (bins[i] - expected) / expected;
	return (chi - (nr - 1)) / sqrt(2.0 * (nr - 1));
}

static void fill_evenly(enum gomap_hash_function function, u32 len, u64 step)
{
	enum { BINS = 256, PER_BIN = 500 };
	u32 low[BINS] = { 0 }, high[BINS] = { 0 };
	struct gomap_seed seed = seed_of(function);

	for (u64 n = 0; n < BINS * PER_BIN; n++) {
		u64 key[4] = { n * step, 0, 0, n };
		u64 hash = gomap_hash(&seed, key, len);

		low[hash % BINS]++;
		high[hash >> 56]++;
	}
	CHECK(unevenness(low, BINS, PER_BIN) < 6);
	CHECK(unevenness(high, BINS, PER_BIN) < 6);
}

/* Counting numbers are what keys often are, and addresses in steps. */
static void buckets_and_tophashes_fill_evenly(void)
{
	static const u32 lens[] = { 4, 7, 8, 11, 16, 20, 32 };

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		fill_evenly(GOMAP_HASH_SIP, lens[i], 1);
		fill_evenly(GOMAP_HASH_FOLD, lens[i], 1);
		fill_evenly(GOMAP_HASH_FOLD, lens[i], 64);
	}
	fill_evenly(GOMAP_HASH_FOLD, 8, 1ULL << 40);
}

/* No byte is left out, and none counts as one that is not there. */
static void each_byte_and_length_counts_when_folded(void)
{
	struct gomap_seed seed = seed_of(GOMAP_HASH_FOLD);
	u8 key[80] = { 0 };
	u64 hash, before = 0;

	for (u32 len = 0; len < sizeof(key); len++) {
		hash = gomap_hash(&seed, key, len);
		CHECK(hash != before);
		before = hash;
		for (u32 i = 0; i < len; i++) {
			key[i] = 1;
			CHECK(gomap_hash(&seed, key, len) != hash);
			key[i] = 0;
		}
	}
}

static int compare_hashes(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static u32 count_twins(u64 *hashes, u32 nr)
{
	u32 twins = 0;

	qsort(hashes, nr, sizeof(*hashes), compare_hashes);
	for (u32 i = 1; i < nr; i++)
		twins += hashes[i] == hashes[i - 1];
	return twins;
}

/* All keys of one byte that is not 0, wherever: chance has no twins in them. */
static void sparse_keys_do_not_collide_when_folded(void)
{
	static const u32 lens[] = { 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 64 };
	struct gomap_seed seed = seed_of(GOMAP_HASH_FOLD);
	static u64 hashes[64 * 255 + 1];
	u8 key[64] = { 0 };

	for (size_t n = 0; n < ARRAY_SIZE(lens); n++) {
		u32 nr = 0;

		hashes[nr++] = gomap_hash(&seed, key, lens[n]);
		for (u32 i = 0; i < lens[n]; i++) {
			for (u32 byte = 1; byte < 256; byte++) {
				key[i] = byte;
				hashes[nr++] = gomap_hash(&seed, key, lens[n]);
			}
			key[i] = 0;
		}
		CHECK_EQ(count_twins(hashes, nr), 0);
	}
}

static void folding_is_the_same_without_128_bits(void)
{
	u64 state = test_seed;

	for (int i = 0; i < 100000; i++) {
		u64 a = test_random(&state) >> i % 64;
		u64 b = test_random(&state) | (i & 1 ? ~0ULL << i % 64 : 0);

		CHECK(gomap_fold(a, b) == gomap_fold_by_halves(a, b));
	}
	CHECK(gomap_fold_by_halves(~0ULL, ~0ULL) == gomap_fold(~0ULL, ~0ULL));
	CHECK(gomap_fold_by_halves(3, 5) == 15);
}

static void two_seeds_of(enum gomap_hash_function function)
{
	struct gomap_seed a = gomap_seed_make(test_seed, ~test_seed, function);
	struct gomap_seed b = gomap_seed_make(test_seed, ~test_seed + 1,
					      function);
	int same = 0;

	for (u64 key = 0; key < 65536; key++)
		same += gomap_hash(&a, &key, 8) % 256 ==
			gomap_hash(&b, &key, 8) % 256;
	/* 256 are expected of chance; 16 is its deviation. */
	CHECK(same > 256 - 6 * 16 && same < 256 + 6 * 16);
}

static void two_seeds_give_two_layouts(void)
{
	two_seeds_of(GOMAP_HASH_SIP);
	two_seeds_of(GOMAP_HASH_FOLD);
}

/* Not even the low bits are the same more often than chance has it. */
static void tie_of(enum gomap_hash_function function)
{
	struct gomap_seed seed = seed_of(function);
	u64 same = 0, low = 0, diff;

	for (u64 key = 0; key < 65536; key++) {
		diff = gomap_hash(&seed, &key, 8) ^
		       gomap_hash_tie(&seed, &key, 8);
		same += !diff;
		low += !(diff % 256);
	}
	CHECK_EQ(same, 0);
	CHECK(low > 256 - 6 * 16 && low < 256 + 6 * 16);
}

static void tie_is_another_hash(void)
{
	tie_of(GOMAP_HASH_SIP);
	tie_of(GOMAP_HASH_FOLD);
}

static const struct test_case cases[] = {
	CASE(reference_gives_the_vector_of_the_paper),
	CASE(hash_is_siphash_1_3_for_every_length),
	CASE(length_is_left_out_where_it_is_the_same),
	CASE(length_counts_where_it_differs),
	CASE(hash_does_not_care_where_the_key_lies),
	CASE(avalanche),
	CASE(each_byte_and_length_counts_when_folded),
	CASE(sparse_keys_do_not_collide_when_folded),
	CASE(folding_is_the_same_without_128_bits),
	CASE(buckets_and_tophashes_fill_evenly),
	CASE(two_seeds_give_two_layouts),
	CASE(tie_is_another_hash),
};

TEST_MAIN(cases)
