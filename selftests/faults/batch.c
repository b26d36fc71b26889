// SPDX-License-Identifier: GPL-2.0-only
/*
 * Batches with faults in them.
 *
 * A fault that hits one operation is that one's status, and the others go on; a
 * fault that hits the array ends the batch, with all that came before in effect.
 * What is expected of each operation, this file finds out for itself, on the
 * world.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "operation.h"

#define OPS_MAX		128

/* The value of done before the kernel has said anything. */
#define NOTHING_SAID	0xdddddddd

static struct planned_op {
	__u32 opcode;
	__u32 item;
	__u32 version;
} plan[OPS_MAX];

static __u32 nr_planned;
static struct gomap_batch_op ops[OPS_MAX];
static unsigned char keys[OPS_MAX][WORLD_KEY_MAX];
static unsigned char values[OPS_MAX][WORLD_VALUE_MAX];

static void plan_op(__u32 opcode, __u32 item, __u32 version)
{
	plan[nr_planned++] = (struct planned_op){ opcode, item, version };
}

static struct gomap_batch_op op_of(const struct world *w, __u32 i)
{
	const struct planned_op *p = &plan[i];
	__u32 key_len = world_key(w, p->item, keys[i]);
	__u32 value_len = world_value(w, p->item, p->version, values[i]);

	if (p->opcode == GOMAP_OP_DELETE)
		return gm_batch_op(p->opcode, keys[i], key_len, NULL, 0);
	if (p->opcode == GOMAP_OP_LOOKUP)
		value_len = w->shape.value_size;
	return gm_batch_op(p->opcode, keys[i], key_len, values[i], value_len);
}

static void finish_plan(struct attempt *a)
{
	for (__u32 i = 0; i < nr_planned; i++)
		ops[i] = op_of(a->w, i);
	a->arg.batch = (struct gomap_ioc_batch){
		.size = sizeof(a->arg.batch),
		.ops = gm_addr(ops),
		.count = nr_planned,
		.done = NOTHING_SAID,
		.failed = NOTHING_SAID,
	};
}

void prepare_mixed_batch(struct attempt *a)
{
	const struct world *w = a->w;

	nr_planned = 0;
	plan_op(GOMAP_OP_LOOKUP, world_nth(w, true, 0), 0);
	plan_op(GOMAP_OP_INSERT, world_nth(w, false, 0), VERSION_SHORT);
	plan_op(GOMAP_OP_STORE, world_nth(w, false, 1), VERSION_LONG);
	plan_op(GOMAP_OP_REPLACE, world_nth(w, true, 1), VERSIONS);
	plan_op(GOMAP_OP_STORE, world_nth(w, true, 2), VERSION_LONG);
	plan_op(GOMAP_OP_DELETE, world_nth(w, true, 3), 0);
	plan_op(GOMAP_OP_LOOKUP, world_nth(w, false, 2), 0);
	plan_op(GOMAP_OP_INSERT, world_nth(w, true, 4), VERSION_LONG);
	finish_plan(a);
}

/* More than the kernel takes in at a time. */
void prepare_long_batch(struct attempt *a)
{
	nr_planned = 0;
	for (__u32 i = 0; i < 72; i++)
		plan_op(GOMAP_OP_STORE, i, VERSION_LONG);
	finish_plan(a);
}

/* So many that overflow buckets are needed, and a growth in most states. */
void prepare_insert_batch(struct attempt *a)
{
	nr_planned = 0;
	for (__u32 i = 0; i < 16; i++)
		plan_op(GOMAP_OP_INSERT, world_nth(a->w, false, i),
			VERSION_SHORT + i % VERSIONS);
	finish_plan(a);
}

/* What operation @i has to answer; its effect comes about. */
static int carry_out(struct world *w, __u32 i)
{
	const struct planned_op *p = &plan[i];
	struct world_item *item = &w->items[p->item];

	switch (p->opcode) {
	case GOMAP_OP_LOOKUP:
		return item->present ? 0 : -ENOENT;
	case GOMAP_OP_DELETE:
		*item = (struct world_item){ 0 };
		return 0;
	case GOMAP_OP_INSERT:
		if (item->present)
			return -EEXIST;
		break;
	case GOMAP_OP_REPLACE:
		if (!item->present)
			return -ENOENT;
		break;
	}
	*item = (struct world_item){ true, p->version };
	return 0;
}

static bool wrong_status(__u32 i, int expected)
{
	printf("# operation %u of the batch: status %d, expected %d\n", i,
	       ops[i].status, expected);
	return false;
}

static bool found_right_value(const struct world *w, __u32 i)
{
	unsigned char expected[WORLD_VALUE_MAX];
	__u32 item = plan[i].item;
	__u32 len = world_value(w, item, w->items[item].version, expected);

	return ops[i].value_len == len && !memcmp(values[i], expected, len);
}

/* An operation that a fault hit has done nothing, and no errno but these two. */
static bool op_was_hit(struct attempt *a, __u32 i)
{
	int status = ops[i].status;

	if (!a->nr_faults || (status != -ENOMEM && status != -EFAULT))
		return false;
	a->nr_faults--;
	a->status = status;
	return true;
}

static bool op_done(struct attempt *a, __u32 i)
{
	struct world_item before = a->w->items[plan[i].item];
	int expected = carry_out(a->w, i);

	if (ops[i].status != expected) {
		a->w->items[plan[i].item] = before;
		return op_was_hit(a, i) || wrong_status(i, expected);
	}
	return plan[i].opcode != GOMAP_OP_LOOKUP || expected ||
	       found_right_value(a->w, i);
}

bool batch_done(struct attempt *a)
{
	__u32 failed = 0;

	if (a->arg.batch.done != nr_planned) {
		printf("# %u of %u are done\n", a->arg.batch.done, nr_planned);
		return false;
	}
	for (__u32 i = 0; i < nr_planned; i++) {
		if (!op_done(a, i))
			return false;
		failed += ops[i].status != 0;
	}
	return a->arg.batch.failed == failed;
}

/*
 * A batch that ends early has done its first operations, as many as it says.  If
 * not even that could be copied out, the fault was at the very beginning, or all
 * are done; but more than one fault can have been at any of them.
 */
static bool may_have_done(const struct attempt *a, __u32 nr)
{
	__u32 said = a->arg.batch.done;

	if (a->nr_faults > 1)
		return nr <= said;
	if (said != NOTHING_SAID)
		return nr == said;
	return nr == 0 || nr == nr_planned;
}

bool batch_refused(struct attempt *a)
{
	for (__u32 nr = 0; nr <= nr_planned; nr++) {
		if (may_have_done(a, nr) && world_matches(a->w, false))
			return true;
		if (nr < nr_planned)
			carry_out(a->w, nr);
	}
	printf("# %u of %u are said to be done\n", a->arg.batch.done,
	       nr_planned);
	return false;
}
