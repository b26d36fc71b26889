/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later OR MIT */
/*
 * tophash.h - the eight tophash bytes of a bucket, as one 64-bit word.
 *
 * Byte i of the word (bits 8i to 8i + 7, whatever the byte order) belongs to
 * slot i: a code below TOPHASH_MIN, or the top byte of the hash of the key that
 * the slot holds.  Searching it takes a few instructions on the word instead
 * of a loop over bytes; kernel code has no vector registers for free.
 *
 * Shared by the module, the host build and the user library.  The codes and
 * their meaning are those of Go's runtime/map.go.
 */
#ifndef GOMAP_TOPHASH_H
#define GOMAP_TOPHASH_H

#include <linux/types.h>

#define GOMAP_SLOTS		8	/* slots of a bucket */

#define TOPHASH_EMPTY_REST	0	/* empty, and so is all after it, the */
					/* overflow buckets included */
#define TOPHASH_EMPTY_ONE	1	/* empty */
#define TOPHASH_EVACUATED	2	/* in slot 0: the bucket was evacuated */
#define TOPHASH_MIN		5	/* smallest tophash of a key */

#define TOPHASH_ONES		0x0101010101010101ULL
#define TOPHASH_HIGHS		0x8080808080808080ULL

/* The word of a bucket that was evacuated. */
#define TOPHASH_WORD_EVACUATED	(TOPHASH_ONES * TOPHASH_EVACUATED)

/* The tophash of a hash; those that would be codes move up, as in Go. */
static __always_inline __u8 gomap_tophash(__u64 hash)
{
	__u8 top = (__u8)(hash >> 56);

	return top < TOPHASH_MIN ? (__u8)(top + TOPHASH_MIN) : top;
}

static __always_inline __u8 gomap_tophash_get(__u64 word, unsigned int slot)
{
	return (__u8)(word >> (8 * slot));
}

static __always_inline __u64 gomap_tophash_set(__u64 word, unsigned int slot, __u8 top)
{
	unsigned int shift = 8 * slot;

	return (word & ~(0xffULL << shift)) | (__u64)top << shift;
}

/*
 * Bytes of a word that are zero, as the top bit of each, in four instructions.
 * The borrow of one that is may make a 1 above it look like zero, too: the lowest
 * of them is right, and whether there is one.
 */
static __always_inline __u64 gomap_tophash_zeroes(__u64 word)
{
	return (word - TOPHASH_ONES) & ~word & TOPHASH_HIGHS;
}

/*
 * Slots with the tophash of a key, as the top bit of each byte, and maybe, above
 * the first of them, some whose tophash differs in the lowest bit.  These hold
 * keys, too, for the tophash of a key and what stands for an empty slot differ in
 * more.
 */
static __always_inline __u64 gomap_tophash_match(__u64 word, __u8 top)
{
	return gomap_tophash_zeroes(word ^ TOPHASH_ONES * top);
}

/* Slots that hold nothing, all right: without its lowest bit no byte is 1. */
static __always_inline __u64 gomap_tophash_empties(__u64 word)
{
	return gomap_tophash_zeroes(word & ~TOPHASH_ONES);
}

/* Slots that hold an entry, likewise; of a bucket that was not evacuated. */
static __always_inline __u64 gomap_tophash_taken(__u64 word)
{
	return ~gomap_tophash_empties(word) & TOPHASH_HIGHS;
}

/*
 * A word with all that is empty behind its last entry turned into EMPTY_REST.
 * The bits of the entries are spread over all bytes below them, and each then over
 * its byte: what counts leading zeroes is slow on many processors.
 */
static __always_inline __u64 gomap_tophash_trim(__u64 word)
{
	__u64 kept = gomap_tophash_taken(word);

	kept |= kept >> 8;
	kept |= kept >> 16;
	kept |= kept >> 32;
	return word & ((kept << 1) - (kept >> 7));
}

/* The first slot of a non-zero match. */
static __always_inline unsigned long gomap_tophash_first(__u64 match)
{
	return (unsigned long)(unsigned int)__builtin_ctzll(match) / 8;
}

static __always_inline int gomap_tophash_is_evacuated(__u64 word)
{
	return gomap_tophash_get(word, 0) == TOPHASH_EVACUATED;
}

/* Is there an end of the chain in this bucket? */
static __always_inline int gomap_tophash_ends_chain(__u64 word)
{
	return gomap_tophash_zeroes(word) != 0;
}

#endif /* GOMAP_TOPHASH_H */
