// SPDX-License-Identifier: GPL-2.0-only
/*
 * account.c - take, count and give back memory; see account.h.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "account.h"

/*
 * Up to this size the slab allocator serves well; above, it would round up to
 * a power of two, where whole pages waste less than one page.
 */
#define ACCOUNT_SLAB_MAX	PAGE_SIZE

/**
 * account_create() - Open an account.
 * @extra: Flags to add to every allocation, __GFP_ACCOUNT or 0.
 *
 * Context: Process context, may sleep.
 * Return: The account with one reference, or NULL.
 */
struct gomap_account *account_create(gfp_t extra)
{
	struct gomap_account *acct = kzalloc(sizeof(*acct), GFP_KERNEL | extra);

	if (!acct)
		return NULL;
	refcount_set(&acct->refs, 1);
	acct->gfp = extra;
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
	WARN_ON_ONCE(atomic_long_read(&acct->held));
	kfree(acct);
}

static void raise_peak(struct gomap_account *acct, long held)
{
	long peak = atomic_long_read(&acct->peak);

	while (held > peak &&
	       !atomic_long_try_cmpxchg(&acct->peak, &peak, held))
		;
}

/*
 * Physically contiguous pages where they come without effort, for the large
 * mappings behind them; else any pages, if the caller can wait for a vmalloc.
 */
static void *alloc_whole_pages(size_t size, gfp_t gfp)
{
	gfp_t no_effort = (gfp & ~__GFP_RETRY_MAYFAIL) | __GFP_NORETRY;
	void *p = alloc_pages_exact(size, no_effort);

	if (!p && gfpflags_allow_blocking(gfp))
		p = __vmalloc(size, gfp);
	return p;
}

/**
 * account_alloc() - Take zeroed memory.
 * @acct: Who holds it.
 * @size: Bytes.
 * @gfp: Whether the call may sleep.
 *
 * Where memory is short this fails and does not get other processes killed: a
 * map always has something else to do than to grow.
 *
 * Context: Process or softirq context; sleeps only if @gfp allows it.
 * Return: The memory, or NULL; nothing is logged then.
 */
void *account_alloc(struct gomap_account *acct, size_t size, gfp_t gfp)
{
	void *p;

	gfp |= acct->gfp | __GFP_ZERO | __GFP_NOWARN;
	if (gfpflags_allow_blocking(gfp))
		gfp |= __GFP_RETRY_MAYFAIL;
	if (size <= ACCOUNT_SLAB_MAX)
		p = kmalloc(size, gfp);
	else
		p = alloc_whole_pages(size, gfp);
	if (!p)
		return NULL;

	atomic64_inc(&acct->allocs);
	raise_peak(acct, atomic_long_add_return(size, &acct->held));
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
 *
 * Context: Process or softirq context; does not sleep.
 */
void account_free(struct gomap_account *acct, void *p, size_t size)
{
	if (!p)
		return;
	atomic_long_sub(size, &acct->held);
	if (size <= ACCOUNT_SLAB_MAX)
		kfree(p);
	else if (is_vmalloc_addr(p))
		vfree(p);
	else
		free_pages_exact(p, size);
}
