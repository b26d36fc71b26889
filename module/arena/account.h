/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * account.h - where all memory of a map is taken, counted and given back.
 *
 * Every byte that a map holds comes through account_alloc(): bucket spans,
 * arena chunks, descriptors.  So the figures of a map are exact, and one place
 * can be told to fail.  An account outlives its map until the last piece of
 * memory has been given back after its grace period.
 */
#ifndef GOMAP_ACCOUNT_H
#define GOMAP_ACCOUNT_H

#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/refcount.h>
#include <linux/types.h>

/**
 * struct gomap_account - the memory of one map.
 * @refs: One of the map and one of each arena.
 * @gfp: Added to the flags of each allocation; constant.
 * @held: Bytes held now.
 * @peak: Highest value of @held.
 * @allocs: Calls of the kernel's allocators that were answered.
 */
struct gomap_account {
	refcount_t refs;
	gfp_t gfp;
	atomic_long_t held;
	atomic_long_t peak;
	atomic64_t allocs;
};

struct gomap_account *account_create(gfp_t extra);
struct gomap_account *account_get(struct gomap_account *acct);
void account_put(struct gomap_account *acct);

void *account_alloc(struct gomap_account *acct, size_t size, gfp_t gfp);
bool account_could_hold(u64 size);
void account_free(struct gomap_account *acct, void *p, size_t size);

#endif /* GOMAP_ACCOUNT_H */
