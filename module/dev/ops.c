// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops.c - operations on one key: LOOKUP, INSERT, REPLACE, STORE, DELETE.
 *
 * A single command is a batch of one: both come here as a struct
 * gomap_batch_op, so that a status in a batch is what the command would give.
 * Lengths are checked against the map before any memory is taken or read.
 */
#include <linux/align.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "dev.h"

/**
 * struct op_kind - what there is to know of an opcode.
 * @needs: FMODE_* bits that the descriptor must have.
 * @known_flags: GOMAP_OP_* bits that it takes.
 * @run: Does it, with the key in the bounce buffer and room for the value of a
 *	write behind it, and sets existed.  Return: 0 or a negative errno.
 * @put: For writes: the function of the map, returning 1 when the key existed.
 */
struct op_kind {
	fmode_t needs;
	u32 known_flags;
	int (*run)(const struct op_kind *kind, struct gomap_devmap *dm,
		   struct gomap_bounce *bounce, struct gomap_batch_op *op);
	int (*put)(struct gomap *map, const void *key, u32 key_len,
		   const void *value, u32 value_len, gfp_t gfp);
};

static bool length_fits(u32 len, u32 size, bool variable)
{
	return variable ? len <= size : len == size;
}

/* Bring the key in, and leave @more bytes of room behind it. */
static void *fetch_key(struct gomap_bounce *bounce,
		       const struct gomap_batch_op *op, u32 more)
{
	void *key = gomap_bounce_room(bounce, (size_t)op->key_len + more, 0);

	if (!key)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(key, u64_to_user_ptr(op->key), op->key_len))
		return ERR_PTR(-EFAULT);
	return key;
}

/*
 * Find the value of the key that lies in @bounce and put it behind it, making
 * room as it turns out to be needed: most values are much shorter than the
 * longest that the map allows.  A writer may lengthen the value between the
 * question for its length and the next try, but the room never shrinks, so
 * that ends.
 *
 * Return: bytes of the value, which were copied if they are not more than the
 * caller's buffer takes, or a negative errno.
 */
static int find_value(struct gomap_devmap *dm, struct gomap_bounce *bounce,
		      const struct gomap_batch_op *op)
{
	for (;;) {
		u8 *key = bounce->base;
		size_t room = bounce->size - op->key_len;
		int len;

		len = gomap_lookup(dm->map, key, op->key_len, key + op->key_len,
				   min_t(size_t, room, dm->value_size));
		if (len != -EMSGSIZE)
			return len;

		len = gomap_lookup(dm->map, key, op->key_len, NULL, 0);
		if (len < 0 || len > op->value_len)
			return len;

		if (!gomap_bounce_room(bounce, (size_t)op->key_len + len,
				       op->key_len))
			return -ENOMEM;
	}
}

/*
 * Tell of a value that was found: @len bytes of it at @value, if they are not
 * more than the caller's buffer takes.
 */
static int give_value(struct gomap_batch_op *op, const void *value, u32 len)
{
	u32 user_room = op->value_len;

	op->existed = 1;
	if (op->value) {
		if (len > user_room) {
			op->value_len = len;
			return -EMSGSIZE;
		}
		if (copy_to_user(u64_to_user_ptr(op->value), value, len))
			return -EFAULT;
	}
	op->value_len = len;
	return 0;
}

static int run_lookup(const struct op_kind *kind, struct gomap_devmap *dm,
		      struct gomap_bounce *bounce, struct gomap_batch_op *op)
{
	u8 *key = fetch_key(bounce, op, 0);
	int len;

	if (IS_ERR(key))
		return PTR_ERR(key);

	if (op->value)
		len = find_value(dm, bounce, op);
	else
		len = gomap_lookup(dm->map, key, op->key_len, NULL, 0);
	if (len < 0)
		return len;
	return give_value(op, (u8 *)bounce->base + op->key_len, len);
}

static int run_write(const struct op_kind *kind, struct gomap_devmap *dm,
		     struct gomap_bounce *bounce, struct gomap_batch_op *op)
{
	u8 *key, *value;
	int ret;

	if (!length_fits(op->value_len, dm->value_size,
			 dm->flags & GOMAP_MAP_VAR_VALUE))
		return -EMSGSIZE;

	key = fetch_key(bounce, op, op->value_len);
	if (IS_ERR(key))
		return PTR_ERR(key);

	value = key + op->key_len;
	if (copy_from_user(value, u64_to_user_ptr(op->value), op->value_len))
		return -EFAULT;

	ret = kind->put(dm->map, key, op->key_len, value, op->value_len,
			GFP_KERNEL);
	op->existed = ret == 1 || ret == -EEXIST;
	return min(ret, 0);
}

static int run_delete(const struct op_kind *kind, struct gomap_devmap *dm,
		      struct gomap_bounce *bounce, struct gomap_batch_op *op)
{
	void *key;
	int ret;

	if (op->value)
		return -EINVAL;

	key = fetch_key(bounce, op, 0);
	if (IS_ERR(key))
		return PTR_ERR(key);

	ret = gomap_delete(dm->map, key, op->key_len);
	op->existed = ret == 1;
	if (!ret && (op->flags & GOMAP_OP_MUST_EXIST))
		return -ENOENT;
	return min(ret, 0);
}

/* A replace that succeeds has found its key. */
static int replace(struct gomap *map, const void *key, u32 key_len,
		   const void *value, u32 value_len, gfp_t gfp)
{
	return gomap_replace(map, key, key_len, value, value_len, gfp) ?: 1;
}

static const struct op_kind op_kinds[] = {
	[GOMAP_OP_LOOKUP] = {
		.needs = FMODE_READ,
		.run = run_lookup,
	},
	[GOMAP_OP_INSERT] = {
		.needs = FMODE_WRITE,
		.run = run_write,
		.put = gomap_insert,
	},
	[GOMAP_OP_REPLACE] = {
		.needs = FMODE_WRITE,
		.run = run_write,
		.put = replace,
	},
	[GOMAP_OP_STORE] = {
		.needs = FMODE_WRITE,
		.run = run_write,
		.put = gomap_store,
	},
	[GOMAP_OP_DELETE] = {
		.needs = FMODE_WRITE,
		.known_flags = GOMAP_OP_MUST_EXIST,
		.run = run_delete,
	},
};

/* NULL: no operation has this number. */
static const struct op_kind *find_kind(u32 opcode)
{
	const struct op_kind *kind;

	if (opcode >= ARRAY_SIZE(op_kinds))
		return NULL;

	kind = &op_kinds[array_index_nospec(opcode, ARRAY_SIZE(op_kinds))];
	return kind->run ? kind : NULL;
}

/* What is wrong with an operation before any memory is looked at; 0: nothing. */
static int validate(struct file *file, const struct op_kind *kind,
		    const struct gomap_batch_op *op)
{
	struct gomap_devmap *dm = file->private_data;

	if (!kind || (op->flags & ~kind->known_flags))
		return -EINVAL;
	if (kind->needs & ~file->f_mode)
		return -EBADF;
	if (!op->value && op->value_len)
		return -EINVAL;
	if (!length_fits(op->key_len, dm->key_size,
			 dm->flags & GOMAP_MAP_VAR_KEY))
		return -EMSGSIZE;
	return 0;
}

static int run(struct file *file, struct gomap_bounce *bounce,
	       struct gomap_batch_op *op)
{
	const struct op_kind *kind = find_kind(op->op);

	return validate(file, kind, op) ?:
	       kind->run(kind, file->private_data, bounce, op);
}

/* Carry out @op on the map of @file; its status tells how it went. */
void gomap_op_run(struct file *file, struct gomap_bounce *bounce,
		  struct gomap_batch_op *op)
{
	op->existed = 0;
	op->status = run(file, bounce, op);
}

/*
 * Lookups that are carried out together, by gomap_lookup_many(): half of what that
 * does at a time, for their descriptions are on this stack.  Values beyond the size cost more to copy than their buckets do to find.
 */
#define GROUP_OPS	16U
#define GROUP_VALUE_MAX	1024U

/* How many of the first operations are lookups that nothing is wrong with. */
static u32 count_lookups(struct file *file, const struct gomap_batch_op *ops,
			 u32 count)
{
	u32 nr = 0;

	while (nr < min(count, GROUP_OPS) && ops[nr].op == GOMAP_OP_LOOKUP &&
	       !validate(file, &op_kinds[GOMAP_OP_LOOKUP], &ops[nr]))
		nr++;
	return nr;
}

/* Bring in the keys, each with room for a value behind it.  Return: how many. */
static u32 fetch_queries(struct gomap_devmap *dm, u8 *room, size_t stride,
			 const struct gomap_batch_op *ops, u32 nr,
			 struct gomap_query *queries)
{
	u32 i;

	for (i = 0; i < nr; i++, room += stride) {
		if (copy_from_user(room, u64_to_user_ptr(ops[i].key),
				   ops[i].key_len))
			break;
		queries[i] = (struct gomap_query){
			.key = room,
			.key_len = ops[i].key_len,
			.value = ops[i].value ? room + dm->key_size : NULL,
			.value_cap = dm->value_size,
		};
	}
	return i;
}

/*
 * Carry out the lookups that @ops begins with, several at a time, as one after
 * the other would: their buckets come from memory together.
 *
 * Return: how many were carried out; 0: the first operation is another one, or
 * is to fail, and is for gomap_op_run() to do.
 */
u32 gomap_op_run_lookups(struct file *file, struct gomap_bounce *bounce,
			 struct gomap_batch_op *ops, u32 count)
{
	struct gomap_devmap *dm = file->private_data;
	size_t stride = ALIGN((size_t)dm->key_size + dm->value_size, 8);
	struct gomap_query queries[GROUP_OPS];
	u32 i, nr = count_lookups(file, ops, count);
	void *room;

	if (nr < 2 || dm->value_size > GROUP_VALUE_MAX)
		return 0;
	room = gomap_bounce_room(bounce, nr * stride, 0);
	if (!room)
		return 0;
	nr = fetch_queries(dm, room, stride, ops, nr, queries);
	gomap_lookup_many(dm->map, queries, nr);
	for (i = 0; i < nr; i++) {
		ops[i].existed = 0;
		ops[i].status = queries[i].result;
		if (queries[i].result >= 0)
			ops[i].status = give_value(&ops[i], queries[i].value,
						   queries[i].result);
	}
	return nr;
}

int gomap_op_command(struct gomap_call *call)
{
	struct gomap_ioc_op *arg = &call->arg.op;
	struct gomap_batch_op op = {
		.op = call->command->opcode,
		.flags = arg->flags,
		.key = arg->key,
		.value = arg->value,
		.key_len = arg->key_len,
		.value_len = arg->value_len,
	};
	struct gomap_bounce bounce;

	gomap_bounce_init(&bounce);
	gomap_op_run(call->file, &bounce, &op);
	gomap_bounce_free(&bounce);

	/*
	 * A lookup that lacks room fails and has something to say, and so does
	 * what is refused.
	 */
	call->reply_on_error = op.value_len != arg->value_len ||
			       gomap_is_refusal(op.status);
	arg->value_len = op.value_len;
	arg->reason = gomap_reason_of(gomap_call_map(call), op.status);
	if (!op.status)
		arg->existed = op.existed;
	return op.status;
}
