/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later OR MIT */
/*
 * hash.h - the two keyed hashes of gomap, both with a 64-bit result.
 *
 * SipHash-1-3 is the one of every map that does not ask for the other: who does
 * not know the seed cannot tell its results from chance, and so cannot choose
 * keys that collide.  The kernel's hsiphash() is the same function cut to 32
 * bits, too few for a tophash, a bucket index and an iteration order at once;
 * siphash() is SipHash-2-4, half as fast.
 *
 * Where all keys have the same length, that need not go into the hash: it is the
 * last byte of a message's last word to tell apart messages of which one
 * continues with what the other is padded with, and there are none.  Keys of
 * whole words are hashed without that word, which would hold nothing else; other
 * keys have room for it in theirs.  What
 * is done to the last word of theirs is what is done to the seven bytes of a
 * message that long: one round and three.  Keys of 8 bytes take four rounds of
 * five, and half as many lookups more wait for memory at the same time.
 *
 * Folded multiplication is for keys that nobody hostile chooses.  It takes a
 * third of the time, and its seed only makes one map's order differ from that
 * of another.
 *
 * One implementation for the module, the host build and the user library, so
 * it uses nothing but fixed-size types and memcpy(), and is C++, too.  Where @len is a constant
 * the compiler leaves straight code.
 *
 * Sources: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF",
 * INDOCRYPT 2012; Wang Yi's wyhash, 2019, for folding a product, which Go's
 * runtime/hash64.go does, too.
 */
#ifndef GOMAP_HASH_H
#define GOMAP_HASH_H

#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

/**
 * enum gomap_hash_function - what a hash is made with.
 * @GOMAP_HASH_SIP: SipHash-1-3, for keys of one length.
 * @GOMAP_HASH_FOLD: Folded multiplication.
 * @GOMAP_HASH_SIP_VAR: SipHash-1-3, for keys of different lengths.
 */
enum gomap_hash_function {
	GOMAP_HASH_SIP,
	GOMAP_HASH_FOLD,
	GOMAP_HASH_SIP_VAR,
};

/**
 * struct gomap_seed - what a hash depends on besides the key.
 * @state: What the function starts from, made of the secret by gomap_seed_make().
 * @function: An enum gomap_hash_function.
 */
struct gomap_seed {
	__u64 state[4];
	__u32 function;
};

struct gomap_sip_state {
	__u64 v0, v1, v2, v3;
};

static __always_inline __u64 gomap_rotl64(__u64 x, unsigned int n)
{
	return x << n | x >> (64 - n);
}

static __always_inline __u64 gomap_load_le64(const void *p)
{
	__u64 x;

	__builtin_memcpy(&x, p, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

/* The third of a round that the word does not come into. */
static __always_inline void gomap_sip_begin_round(struct gomap_sip_state *s)
{
	s->v0 += s->v1;
	s->v1 = gomap_rotl64(s->v1, 13) ^ s->v0;
	s->v0 = gomap_rotl64(s->v0, 32);
}

static __always_inline void gomap_sip_end_round(struct gomap_sip_state *s)
{
	s->v2 += s->v3;
	s->v3 = gomap_rotl64(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = gomap_rotl64(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = gomap_rotl64(s->v1, 17) ^ s->v2;
	s->v2 = gomap_rotl64(s->v2, 32);
}

static __always_inline void gomap_sip_round(struct gomap_sip_state *s)
{
	gomap_sip_begin_round(s);
	gomap_sip_end_round(s);
}

/* One word, of a state whose round for it has begun. */
static __always_inline void gomap_sip_word(struct gomap_sip_state *s, __u64 word)
{
	s->v3 ^= word;
	gomap_sip_end_round(s);
	s->v0 ^= word;
}

/* The last word: up to seven bytes that are left, and the length on top. */
static __always_inline __u64 gomap_sip_tail(const __u8 *p, __u32 len)
{
	__u64 word = (__u64)len << 56;
	__u32 i;

	for (i = 0; i < (len & 7); i++)
		word |= (__u64)p[i] << (8 * i);
	return word;
}

/* All words are in: the last rounds. */
static __always_inline __u64 gomap_sip_end(struct gomap_sip_state *s)
{
	s->v2 ^= 0xff;
	gomap_sip_round(s);
	gomap_sip_round(s);
	gomap_sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static __always_inline __u64 gomap_hash_sip(const struct gomap_seed *seed,
					    const void *key, __u32 len,
					    const int with_length)
{
	struct gomap_sip_state s = {
		seed->state[0], seed->state[1], seed->state[2], seed->state[3],
	};
	const __u8 *p = (const __u8 *)key;
	__u32 left = len;

	for (; left > 8; left -= 8, p += 8) {
		gomap_sip_word(&s, gomap_load_le64(p));
		gomap_sip_begin_round(&s);
	}
	if (left == 8) {
		gomap_sip_word(&s, gomap_load_le64(p));
		if (!with_length)
			return gomap_sip_end(&s);
		gomap_sip_begin_round(&s);
		p += 8;
	}
	gomap_sip_word(&s, gomap_sip_tail(p, len));
	return gomap_sip_end(&s);
}

/* All 128 bits of the product, folded into 64. */
static inline __u64 gomap_fold_by_halves(__u64 a, __u64 b)
{
	__u64 a0 = (__u32)a, a1 = a >> 32, b0 = (__u32)b, b1 = b >> 32;
	__u64 low = a0 * b0, mid = a1 * b0 + (low >> 32);
	__u64 cross = a0 * b1 + (__u32)mid;
	__u64 high = a1 * b1 + (mid >> 32) + (cross >> 32);

	return (cross << 32 | (__u32)low) ^ high;
}

static __always_inline __u64 gomap_fold(__u64 a, __u64 b)
{
#ifdef __SIZEOF_INT128__
	__uint128_t product = (__uint128_t)a * b;

	return (__u64)product ^ (__u64)(product >> 64);
#else
	return gomap_fold_by_halves(a, b);
#endif
}

static __always_inline __u64 gomap_load_le32(const void *p)
{
	__u32 x;

	__builtin_memcpy(&x, p, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap32(x);
#endif
	return x;
}

/* Up to eight bytes as a word: in each length, different for different ones. */
static __always_inline __u64 gomap_fold_word(const __u8 *p, __u32 len)
{
	if (len == 8)
		return gomap_load_le64(p);
	if (len >= 4)
		return gomap_load_le32(p) << 32 | gomap_load_le32(p + len - 4);
	if (!len)
		return 0;
	return (__u64)p[0] << 16 | (__u64)p[len / 2] << 8 | p[len - 1];
}

static __always_inline __u64 gomap_hash_fold(const struct gomap_seed *seed,
					  const void *key, __u32 len)
{
	__u64 state = seed->state[1];
	const __u8 *p = (const __u8 *)key;
	__u32 left = len;

	for (; left > 16; p += 16, left -= 16)
		state = gomap_fold(gomap_load_le64(p) ^ seed->state[0],
				   gomap_load_le64(p + 8) ^ state);
	if (left > 8)
		state = gomap_fold(gomap_load_le64(p) ^ seed->state[0],
				   gomap_load_le64(p + left - 8) ^ state);
	else
		state = gomap_fold(gomap_fold_word(p, left) ^ seed->state[0],
				   state);
	return gomap_fold(state ^ len, seed->state[2]);
}

/**
 * gomap_seed_make() - Make a seed.
 * @k0: The secret, bits 0 to 63.
 * @k1: The secret, bits 64 to 127.
 * @function: What it is a seed of.
 *
 * Constants: those of the paper, "somepseudorandomlygeneratedbytes" in ASCII, and
 * the first fraction bits of pi, which are nobody's choice either.
 *
 * Context: Any context.
 * Return: The seed.
 */
static inline struct gomap_seed
gomap_seed_make(__u64 k0, __u64 k1, enum gomap_hash_function function)
{
	struct gomap_seed seed = { { 0, 0, 0, 0 }, (__u32)function };
	struct gomap_sip_state sip;

	if (function == GOMAP_HASH_FOLD) {
		seed.state[0] = k0;
		seed.state[1] = k1 ^ 0x243f6a8885a308d3ULL;
		seed.state[2] = k0 ^ 0x13198a2e03707344ULL;
		return seed;
	}
	sip.v0 = k0 ^ 0x736f6d6570736575ULL;
	sip.v1 = k1 ^ 0x646f72616e646f6dULL;
	sip.v2 = k0 ^ 0x6c7967656e657261ULL;
	sip.v3 = k1 ^ 0x7465646279746573ULL;
	gomap_sip_begin_round(&sip);
	seed.state[0] = sip.v0;
	seed.state[1] = sip.v1;
	seed.state[2] = sip.v2;
	seed.state[3] = sip.v3;
	return seed;
}

/**
 * gomap_hash() - Hash of a key.
 * @seed: The secret, and which of the functions.
 * @key: The key.
 * @len: Bytes of @key.
 *
 * Context: Any context.
 * Return: 64 bits, all of them fit to be used.
 */
static __always_inline __u64 gomap_hash(const struct gomap_seed *seed,
					const void *key, __u32 len)
{
	if (__builtin_expect(seed->function == GOMAP_HASH_SIP, 1))
		return gomap_hash_sip(seed, key, len, 0);
	if (seed->function == GOMAP_HASH_FOLD)
		return gomap_hash_fold(seed, key, len);
	return gomap_hash_sip(seed, key, len, 1);
}

/**
 * gomap_hash_tie() - A second hash, for keys that have the same first one.
 * @seed: The secret of the first one.
 * @key: The key.
 * @len: Bytes of @key.
 *
 * Context: Any context.
 * Return: 64 bits, independent of gomap_hash() as far as anyone can tell.
 */
static inline __u64 gomap_hash_tie(const struct gomap_seed *seed,
				   const void *key, __u32 len)
{
	const __u64 *state = seed->state;
	struct gomap_seed other = {
		{ ~state[0], ~state[1], ~state[2], ~state[3] }, seed->function,
	};

	return gomap_hash(&other, key, len);
}

#endif /* GOMAP_HASH_H */
