/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later OR MIT */
/*
 * hash.h - the keyed hash of gomap: SipHash-1-3 with a 64-bit result.
 *
 * One implementation for the module, the host build and the user library, so
 * it uses nothing but fixed-size types and memcpy().  The kernel's hsiphash()
 * is the same function cut to 32 bits, too few for a tophash, a bucket index
 * and an iteration order at once; siphash() is SipHash-2-4, half as fast.
 *
 * Source: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF",
 * INDOCRYPT 2012.
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
 * struct gomap_seed - the secret that a hash depends on, 128 bits.
 * @k: Both halves.
 */
struct gomap_seed {
	__u64 k[2];
};

struct gomap_sip_state {
	__u64 v0, v1, v2, v3;
};

static inline __u64 gomap_rotl64(__u64 x, unsigned int n)
{
	return x << n | x >> (64 - n);
}

static inline __u64 gomap_load_le64(const void *p)
{
	__u64 x;

	memcpy(&x, p, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

static inline void gomap_sip_round(struct gomap_sip_state *s)
{
	s->v0 += s->v1;
	s->v1 = gomap_rotl64(s->v1, 13) ^ s->v0;
	s->v0 = gomap_rotl64(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = gomap_rotl64(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = gomap_rotl64(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = gomap_rotl64(s->v1, 17) ^ s->v2;
	s->v2 = gomap_rotl64(s->v2, 32);
}

static inline void gomap_sip_word(struct gomap_sip_state *s, __u64 word)
{
	s->v3 ^= word;
	gomap_sip_round(s);
	s->v0 ^= word;
}

/* The last word: up to seven bytes that are left, and the length on top. */
static inline __u64 gomap_sip_tail(const __u8 *p, __u32 len)
{
	__u64 word = (__u64)len << 56;
	__u32 i;

	for (i = 0; i < (len & 7); i++)
		word |= (__u64)p[i] << (8 * i);
	return word;
}

/**
 * gomap_hash() - Hash of a key.
 * @seed: The secret.
 * @key: The key.
 * @len: Bytes of @key.
 *
 * Context: Any context.
 * Return: 64 bits, all of them fit to be used.
 */
static inline __u64 gomap_hash(const struct gomap_seed *seed, const void *key,
			       __u32 len)
{
	struct gomap_sip_state s = {
		.v0 = seed->k[0] ^ 0x736f6d6570736575ULL,
		.v1 = seed->k[1] ^ 0x646f72616e646f6dULL,
		.v2 = seed->k[0] ^ 0x6c7967656e657261ULL,
		.v3 = seed->k[1] ^ 0x7465646279746573ULL,
	};
	const __u8 *p = key;
	const __u8 *end = p + (len & ~7U);

	for (; p != end; p += 8)
		gomap_sip_word(&s, gomap_load_le64(p));
	gomap_sip_word(&s, gomap_sip_tail(p, len));

	s.v2 ^= 0xff;
	gomap_sip_round(&s);
	gomap_sip_round(&s);
	gomap_sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
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
	struct gomap_seed other = { { ~seed->k[0], ~seed->k[1] } };

	return gomap_hash(&other, key, len);
}

#endif /* GOMAP_HASH_H */
