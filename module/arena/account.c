// SPDX-License-Identifier: GPL-2.0-only
/*
 * account.c - take, count and give back memory; see account.h.
 */
#include <linux/align.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kmemleak.h>
#include <linux/log2.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "account.h"
#include "quota.h"

/*
 * Below a page the slab allocator serves well; above, it would round up to a
 * power of two, where whole pages waste less than one page.
 */
static bool is_for_slab(size_t size)
{
	return size < PAGE_SIZE;
}

/* What an allocation of this size costs. */
static size_t bytes_taken(size_t size)
{
	return is_for_slab(size) ? size : ALIGN(size, PAGE_SIZE);
}

/**
 * account_create() - Open an account.
 * @params: What it is to be like.
 *
 * Context: Process context, may sleep.
 * Return: The account with one reference, or NULL.
 */
struct gomap_account *account_create(const struct account_params *params)
{
	struct gomap_account *acct;

	acct = kzalloc(sizeof(*acct),
		       GFP_KERNEL | (params->charged ? __GFP_ACCOUNT : 0));
	if (!acct)
		return NULL;
	refcount_set(&acct->refs, 1);
	acct->ops = params->ops;
	acct->ctx = params->ctx;
	acct->max = params->max_bytes;
	acct->contents_point = params->contents_point;
	acct->charged = params->charged;
	acct->window = params->window;
	if (acct->window)
		acct->window->ops->get(acct->window);
	if (acct->charged)
		acct->memcg = get_mem_cgroup_from_mm(current->mm);
	return acct;
}

/**
 * account_get() - Take a reference.
 * @acct: The account, which the caller has a reference on.
 *
 * Context: Any context.
 * Return: @acct.
 */
struct gomap_account *account_get(struct gomap_account *acct)
{
	refcount_inc(&acct->refs);
	return acct;
}

/**
 * account_put() - Give back a reference; the last one closes the account.
 * @acct: The account.
 *
 * Context: Any context but NMI.
 */
void account_put(struct gomap_account *acct)
{
	if (!refcount_dec_and_test(&acct->refs))
		return;
	WARN_ON_ONCE(atomic64_read(&acct->held));
	if (acct->memcg)
		mem_cgroup_put(acct->memcg);
	if (acct->window)
		acct->window->ops->put(acct->window);
	kfree(acct);
}

static void raise_peak(struct gomap_account *acct)
{
	s64 held = atomic64_read(&acct->held);
	s64 peak = atomic64_read(&acct->peak);

	while (held > peak &&
	       !atomic64_try_cmpxchg(&acct->peak, &peak, held))
		;
}

static int refuse(struct gomap_account *acct, enum gomap_refusal reason)
{
	WRITE_ONCE(acct->quota_reason, reason);
	return -EDQUOT;
}

/* Count before, so that no limit is ever passed, not even for a moment. */
static int take_from_limits(struct gomap_account *acct, size_t bytes)
{
	if (!quota_take_bytes(bytes))
		return refuse(acct, GOMAP_REFUSED_TOTAL);
	if (!add_within(&acct->held, bytes, READ_ONCE(acct->max))) {
		quota_give_bytes(bytes);
		return refuse(acct, GOMAP_REFUSED_BYTES);
	}
	return 0;
}

static void give_to_limits(struct gomap_account *acct, size_t bytes)
{
	atomic64_sub(bytes, &acct->held);
	quota_give_bytes(bytes);
}

/* A power of two is one block of the page allocator, given back in one call. */
static void *alloc_contiguous_pages(size_t size, gfp_t gfp)
{
	if (is_power_of_2(size))
		return (void *)__get_free_pages(gfp | __GFP_COMP,
						get_order(size));
	return alloc_pages_exact(size, gfp);
}

/*
 * Physically contiguous pages where they come without effort, for the large
 * mappings behind them; else any pages, if the caller can wait for a vmalloc.
 */
static void *alloc_whole_pages(size_t size, gfp_t gfp)
{
	gfp_t no_effort = (gfp & ~__GFP_RETRY_MAYFAIL) | __GFP_NORETRY;
	void *p = alloc_contiguous_pages(size, no_effort);

	if (!p && gfpflags_allow_blocking(gfp))
		p = __vmalloc(size, gfp);
	return p;
}

static void free_whole_pages(void *p, size_t size)
{
	if (is_vmalloc_addr(p))
		vfree(p);
	else if (is_power_of_2(size))
		free_pages((unsigned long)p, get_order(size));
	else
		free_pages_exact(p, size);
}

static bool is_to_be_scanned(const struct gomap_account *acct,
			     enum account_use use)
{
	return use == ACCOUNT_DESCRIPTOR || acct->contents_point;
}

/* Does kmemleak know of this memory by itself? */
static bool kmemleak_knows(const void *p, size_t size)
{
	return is_for_slab(size) || is_vmalloc_addr(p);
}

static void tell_kmemleak(const struct gomap_account *acct, const void *p,
			  size_t size, enum account_use use, gfp_t gfp)
{
	bool scan = is_to_be_scanned(acct, use);

	if (!kmemleak_knows(p, size)) {
		if (scan)
			kmemleak_alloc(p, size, 0, gfp);
	} else if (!scan) {
		kmemleak_no_scan(p);
	}
}

/*
 * The creator's memory cgroup pays, also for what other tasks, softirqs and
 * the worker take.
 */
static void *alloc_from_kernel(struct gomap_account *acct, size_t size,
			       enum account_use use, gfp_t gfp)
{
	struct mem_cgroup *payer = NULL;
	void *p;

	if (acct->charged) {
		gfp |= __GFP_ACCOUNT;
		payer = set_active_memcg(acct->memcg);
	}
	p = is_for_slab(size) ? kmalloc(size, gfp) :
				alloc_whole_pages(size, gfp);
	if (acct->charged)
		set_active_memcg(payer);
	if (p)
		tell_kmemleak(acct, p, size, use, gfp);
	return p;
}

static void free_to_kernel(struct gomap_account *acct, void *p, size_t size,
			   enum account_use use)
{
	if (!kmemleak_knows(p, size) && is_to_be_scanned(acct, use))
		kmemleak_free(p);
	if (is_for_slab(size))
		kfree(p);
	else
		free_whole_pages(p, size);
}

/**
 * account_alloc() - Take zeroed memory.
 * @acct: Who holds it.
 * @size: Bytes.
 * @use: What for.
 * @gfp: Whether the call may sleep.
 *
 * Where memory is short this fails and does not get other processes killed: a
 * map always has something else to do than to grow.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: The memory, or ERR_PTR(): -ENOMEM, or -EDQUOT a limit on bytes;
 *	nothing is logged then.
 */
void *account_alloc(struct gomap_account *acct, size_t size,
		    enum account_use use, gfp_t gfp)
{
	size_t bytes = bytes_taken(size);
	void *p;
	int err;

	err = take_from_limits(acct, bytes);
	if (err)
		return ERR_PTR(err);

	gfp |= __GFP_ZERO | __GFP_NOWARN;
	if (gfpflags_allow_blocking(gfp))
		gfp |= __GFP_RETRY_MAYFAIL;
	if (acct->ops)
		p = acct->ops->alloc(acct->ctx, size, gfp);
	else
		p = alloc_from_kernel(acct, size, use, gfp);
	if (!p) {
		give_to_limits(acct, bytes);
		return ERR_PTR(-ENOMEM);
	}

	atomic64_inc(&acct->allocs);
	raise_peak(acct);
	return p;
}

/**
 * account_could_hold() - Is there so much memory at all?
 * @size: Bytes.
 *
 * For sizes that a user has asked for: it is better to say no than to empty
 * the page cache first and then say no.
 *
 * Context: Process context.
 * Return: Whether that much is available now.
 */
bool account_could_hold(u64 size)
{
	return size >> PAGE_SHIFT < (u64)si_mem_available();
}

/**
 * account_free() - Give back what account_alloc() returned.
 * @acct: Who held it.
 * @p: The memory, or NULL.
 * @size: Bytes, as they were asked for.
 * @use: As it was said then.
 *
 * Context: Process or softirq context; does not sleep.
 */
void account_free(struct gomap_account *acct, void *p, size_t size,
		  enum account_use use)
{
	if (!p)
		return;
	if (acct->ops)
		acct->ops->free(acct->ctx, p, size);
	else
		free_to_kernel(acct, p, size, use);
	give_to_limits(acct, bytes_taken(size));
}
