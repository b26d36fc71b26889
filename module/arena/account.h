/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * account.h - where all memory of a map is taken, counted and given back.
 *
 * Every byte that a map holds comes through account_alloc(): bucket spans,
 * arena chunks, descriptors.  So the figures of a map are exact, its limit on
 * bytes holds, its creator's memory cgroup pays, whoever asks, and one place
 * can be told to fail.  An account outlives its map until the last piece of
 * memory has been given back after its grace period.
 *
 * What kmemleak is told
 * ---------------------
 * It looks for pointers in memory that it knows of: that of kmalloc() and
 * vmalloc(), but not whole pages.
 *
 *			descriptors		contents
 *	kmalloc		scanned, as always	not scanned
 *	pages		announced		not known
 *	vmalloc		scanned, as always	not scanned
 *
 * Descriptors hold pointers to other memory of the map.  Contents, keys and
 * values and what they lie in, do not, unless the map says so: then they are
 * treated like descriptors.
 */
#ifndef GOMAP_ACCOUNT_H
#define GOMAP_ACCOUNT_H

#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/gomap_memory.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct mem_cgroup;

/**
 * enum account_use - what memory is for.
 * @ACCOUNT_DESCRIPTOR: It holds pointers to other memory of the map.
 * @ACCOUNT_CONTENT: It holds keys and values.
 */
enum account_use {
	ACCOUNT_DESCRIPTOR,
	ACCOUNT_CONTENT,
};

/**
 * struct gomap_account - the memory of one map.
 * @refs: One of the map and one of each arena.
 * @ops: Where memory comes from; constant, NULL: the kernel's allocators.
 * @ctx: First argument of @ops; constant.
 * @memcg: Who pays; constant, a reference is held, NULL: who runs.
 * @charged: Memory is charged to @memcg; constant.
 * @contents_point: Contents hold pointers, kmemleak is to scan them; constant.
 * @max: Limit on @held, 0: none; any time.
 * @held: Bytes held now.
 * @peak: Highest value of @held.
 * @allocs: Calls of the kernel's allocators that were answered.
 * @quota_reason: Which limit was the last one to refuse.
 * @window: Where contents are shown; constant, NULL: nowhere.
 */
struct gomap_account {
	refcount_t refs;
	const struct gomap_alloc_ops *ops;
	void *ctx;
	struct mem_cgroup *memcg;
	bool charged;
	bool contents_point;
	u64 max;
	atomic64_t held;
	atomic64_t peak;
	atomic64_t allocs;
	enum gomap_refusal quota_reason;
	struct gomap_window *window;
};

/**
 * struct account_params - what an account is to be like.
 * @ops: Where memory comes from; NULL: the kernel's allocators.
 * @ctx: First argument of @ops.
 * @max_bytes: Limit on what is held, 0: none.
 * @charged: The memory cgroup of the caller pays.
 * @contents_point: Contents hold pointers, kmemleak is to scan them.
 * @window: Where contents are shown; NULL: nowhere.
 */
struct account_params {
	const struct gomap_alloc_ops *ops;
	void *ctx;
	u64 max_bytes;
	bool charged;
	bool contents_point;
	struct gomap_window *window;
};

struct gomap_account *account_create(const struct account_params *params);
struct gomap_account *account_get(struct gomap_account *acct);
void account_put(struct gomap_account *acct);

void *account_alloc(struct gomap_account *acct, size_t size,
		    enum account_use use, gfp_t gfp);
void account_free(struct gomap_account *acct, void *p, size_t size,
		  enum account_use use);
bool account_could_hold(u64 size);

#endif /* GOMAP_ACCOUNT_H */
