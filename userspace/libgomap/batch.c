// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Many operations in one call: a caller's own array as it is, or a batch that
 * keeps copies of what is added to it.
 *
 * Keys and values of a batch lie in one buffer that moves as it grows.  So an
 * operation holds offsets while the batch is filled, and addresses from
 * gomap_batch_run() on; gomap_batch_at() shows it in either state.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct gomap_batch {
	struct gomap_batch_op *ops;
	size_t *places;		/* where the bytes of each operation begin */
	uint32_t count;
	uint32_t room;		/* elements of ops and places */
	unsigned char *bytes;
	size_t used;
	size_t size;		/* of bytes */
};

int gomap_submit(struct gomap *map, struct gomap_batch_op *ops, uint32_t count,
		 uint32_t *done, uint32_t *failed)
{
	struct gomap_ioc_batch arg = {
		.size = sizeof(arg), .ops = gomap__address(ops), .count = count,
	};
	int ret;

	ret = map ? gomap__call(map->fd, GOMAP_IOC_BATCH, &arg) : -EINVAL;
	if (ret || arg.failed)
		gomap__keep_reason(arg.reason);
	if (done)
		*done = arg.done;
	if (failed)
		*failed = arg.failed;
	return ret;
}

int gomap_batch_new(struct gomap_batch **batch)
{
	*batch = calloc(1, sizeof(**batch));
	return *batch ? 0 : -ENOMEM;
}

static int make_room_for_op(struct gomap_batch *b)
{
	uint32_t room = b->room ? b->room * 2 : 64;
	void *ops, *places;

	if (b->count == GOMAP_MAX_BATCH)
		return -ENOSPC;
	if (b->count < b->room)
		return 0;
	ops = realloc(b->ops, room * sizeof(*b->ops));
	if (!ops)
		return -ENOMEM;
	b->ops = ops;
	places = realloc(b->places, room * sizeof(*b->places));
	if (!places)
		return -ENOMEM;
	b->places = places;
	b->room = room;
	return 0;
}

static int make_room_for_bytes(struct gomap_batch *b, size_t wanted)
{
	size_t size = b->size ? b->size : 4096;
	void *bytes;

	while (size - b->used < wanted)
		size *= 2;
	if (size == b->size)
		return 0;
	bytes = realloc(b->bytes, size);
	if (!bytes)
		return -ENOMEM;
	b->bytes = bytes;
	b->size = size;
	return 0;
}

/* Bytes into the buffer; a NULL source leaves zeroes for an answer. */
static void append(struct gomap_batch *b, const void *from, size_t len)
{
	if (from && len)
		memcpy(b->bytes + b->used, from, len);
	else
		memset(b->bytes + b->used, 0, len);
	b->used += len;
}

int gomap_batch_add(struct gomap_batch *batch, enum gomap_batch_opcode op,
		    const void *key, size_t key_len,
		    const void *value, size_t value_len)
{
	int ret;

	if (op == GOMAP_OP_DELETE)
		value_len = 0;
	if (key_len > GOMAP_MAX_KEY_SIZE || value_len > GOMAP_MAX_VALUE_SIZE)
		return -EMSGSIZE;
	ret = make_room_for_op(batch);
	if (!ret)
		ret = make_room_for_bytes(batch, key_len + value_len);
	if (ret)
		return ret;
	batch->places[batch->count] = batch->used;
	batch->ops[batch->count] = (struct gomap_batch_op) {
		.op = op,
		.key_len = (__u32)key_len,
		.value_len = (__u32)value_len,
	};
	append(batch, key, key_len);
	append(batch, op == GOMAP_OP_LOOKUP ? NULL : value, value_len);
	batch->count++;
	return 0;
}

static void fix_addresses(struct gomap_batch *b)
{
	struct gomap_batch_op *op = b->ops;
	uint32_t i;

	for (i = 0; i < b->count; i++, op++) {
		unsigned char *key = b->bytes + b->places[i];

		op->key = gomap__address(key);
		op->value = op->value_len ?
			    gomap__address(key + op->key_len) : 0;
	}
}

int gomap_batch_run(struct gomap_batch *batch, struct gomap *map,
		    uint32_t *done, uint32_t *failed)
{
	fix_addresses(batch);
	return gomap_submit(map, batch->ops, batch->count, done, failed);
}

uint32_t gomap_batch_count(const struct gomap_batch *batch)
{
	return batch->count;
}

size_t gomap_batch_bytes(const struct gomap_batch *batch)
{
	return batch->used;
}

const struct gomap_batch_op *gomap_batch_at(const struct gomap_batch *batch,
					    uint32_t index)
{
	return index < batch->count ? &batch->ops[index] : NULL;
}

const void *gomap_batch_key(const struct gomap_batch *batch, uint32_t index)
{
	return index < batch->count ? batch->bytes + batch->places[index]
				    : NULL;
}

const void *gomap_batch_value(const struct gomap_batch *batch, uint32_t index)
{
	const unsigned char *key = gomap_batch_key(batch, index);

	return key ? key + batch->ops[index].key_len : NULL;
}

void gomap_batch_reset(struct gomap_batch *batch)
{
	batch->count = 0;
	batch->used = 0;
}

void gomap_batch_free(struct gomap_batch *batch)
{
	if (!batch)
		return;
	free(batch->ops);
	free(batch->places);
	free(batch->bytes);
	free(batch);
}
