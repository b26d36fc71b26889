// SPDX-License-Identifier: GPL-2.0-only
/*
 * batch.c - BATCH: many operations in one call.
 *
 * The array of operations passes through a block of kernel memory, keys and
 * values through one bounce buffer: a batch allocates a few times at most,
 * whatever its length.  What is wrong with one operation is its own status; the
 * call fails only where there is no telling any more.
 */
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "dev.h"

/* 2.5 KB: beyond, the cost of a block is lost in that of its operations. */
#define BLOCK_OPS	64U

static void count_outcomes(struct gomap_call *call,
			   const struct gomap_batch_op *ops, u32 count)
{
	struct gomap_ioc_batch *arg = &call->arg.batch;
	u32 i;

	for (i = 0; i < count; i++) {
		arg->failed += !!ops[i].status;
		if (gomap_is_refusal(ops[i].status))
			arg->reason = gomap_reason_of(gomap_call_map(call),
						      ops[i].status);
	}
}

/* Carry out @count operations.  Return: how many a fatal signal let through. */
static u32 run_ops(struct gomap_call *call, struct gomap_bounce *bounce,
		   struct gomap_batch_op *ops, u32 count)
{
	u32 i = 0, ran;

	while (i < count && !fatal_signal_pending(current)) {
		ran = gomap_op_run_lookups(call->file, bounce, ops + i,
					   count - i);
		if (!ran) {
			gomap_op_run(call->file, bounce, &ops[i]);
			ran = 1;
		}
		count_outcomes(call, ops + i, ran);
		i += ran;
		cond_resched();
	}

	call->arg.batch.done += i;
	return i;
}

/*
 * The block is written back once before anything is carried out, so that an
 * array which takes no answers is found out before the map is changed.
 */
static int run_block(struct gomap_call *call, struct gomap_bounce *bounce,
		     struct gomap_batch_op *ops, u32 count)
{
	struct gomap_ioc_batch *arg = &call->arg.batch;
	struct gomap_batch_op __user *user_ops = u64_to_user_ptr(arg->ops);
	u32 ran;

	user_ops += arg->done;
	if (copy_from_user(ops, user_ops, count * sizeof(*ops)) ||
	    copy_to_user(user_ops, ops, count * sizeof(*ops)))
		return -EFAULT;

	ran = run_ops(call, bounce, ops, count);
	if (copy_to_user(user_ops, ops, ran * sizeof(*ops)))
		return -EFAULT;

	return ran < count ? -EINTR : 0;
}

static int run_blocks(struct gomap_call *call, struct gomap_batch_op *ops)
{
	struct gomap_ioc_batch *arg = &call->arg.batch;
	struct gomap_bounce bounce;
	int err = 0;

	gomap_bounce_init(&bounce);
	while (!err && arg->done < arg->count)
		err = run_block(call, &bounce, ops,
				min(arg->count - arg->done, BLOCK_OPS));
	gomap_bounce_free(&bounce);
	return err;
}

int gomap_batch_command(struct gomap_call *call)
{
	struct gomap_ioc_batch *arg = &call->arg.batch;
	struct gomap_batch_op *ops;
	int err;

	if (arg->count > GOMAP_MAX_BATCH)
		return -EINVAL;

	arg->done = 0;
	arg->failed = 0;
	arg->reason = GOMAP_REASON_NONE;
	call->reply_on_error = true;

	ops = kmalloc_array(min(arg->count, BLOCK_OPS), sizeof(*ops),
			    GOMAP_GFP_CALL);
	if (!ops) {
		arg->reason = GOMAP_REASON_MEMORY;
		return -ENOMEM;
	}

	err = run_blocks(call, ops);
	kfree(ops);
	return err;
}
