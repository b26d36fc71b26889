// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Iteration: the kernel fills a buffer with whole entries, and this hands them
 * out one by one.  The cursor stands after the buffer, not after the entry that
 * was handed out last; so it may be saved only when the buffer is empty, and a
 * resumed iteration still returns every key exactly once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define DEFAULT_BUF_LEN	(256U << 10)	/* some thousand entries a call */

struct gomap_iter {
	struct gomap *map;	/* NULL: the nil map, which has no entries */
	struct gomap_ioc_iter arg;
	unsigned char *buf;
	size_t at;		/* next byte of buf to hand out */
	uint64_t left;		/* entries of buf that are still to hand out */
	uint32_t key_size;	/* 0: keys vary, their length is in buf */
	uint32_t value_size;
	int var_value;
};

static int learn_layout(struct gomap_iter *it)
{
	struct gomap_ioc_info info;
	int ret = gomap_info(it->map, 0, &info);

	if (ret)
		return ret;
	it->key_size = info.map_flags & GOMAP_MAP_VAR_KEY ? 0 : info.key_size;
	it->value_size = info.value_size;
	it->var_value = !!(info.map_flags & GOMAP_MAP_VAR_VALUE);
	return 0;
}

static int set_up(struct gomap_iter *it, const struct gomap_iter_opts *o)
{
	if (o->flags & ~GOMAP_ITER_FLAGS || o->reserved)
		return -EINVAL;
	it->arg.size = sizeof(it->arg);
	it->arg.flags = o->flags ? o->flags : GOMAP_ITER_FLAGS;
	it->arg.buf_len = o->buf_len ? o->buf_len : DEFAULT_BUF_LEN;
	it->arg.max = o->max;
	if (o->cursor)
		it->arg.cursor = *o->cursor;
	it->buf = malloc(it->arg.buf_len);
	return it->buf ? learn_layout(it) : -ENOMEM;
}

int gomap_iter_begin(struct gomap_iter **iter, struct gomap *map,
		     const struct gomap_iter_opts *opts)
{
	struct gomap_iter_opts o;
	struct gomap_iter *it;
	int ret;

	*iter = NULL;
	ret = gomap__opts(&o, sizeof(o), opts);
	if (ret)
		return ret;
	it = calloc(1, sizeof(*it));
	if (!it)
		return -ENOMEM;
	it->map = map;
	ret = set_up(it, &o);
	if (ret) {
		gomap_iter_end(it);
		return ret;
	}
	*iter = it;
	return 0;
}

static int grow_buffer(struct gomap_iter *it)
{
	unsigned char *buf = realloc(it->buf, it->arg.needed);

	if (!buf)
		return -ENOMEM;
	it->buf = buf;
	it->arg.buf_len = it->arg.needed;
	return 0;
}

static int fetch(struct gomap_iter *it)
{
	int ret;

	do {
		it->arg.buf = gomap__address(it->buf);
		ret = gomap__call(it->map->fd, GOMAP_IOC_ITER, &it->arg);
	} while (ret == -EMSGSIZE && it->arg.needed > it->arg.buf_len &&
		 !(ret = grow_buffer(it)));
	if (ret)
		return ret;
	it->at = 0;
	it->left = it->arg.count;
	return 0;
}

/* The next field of the buffer: a length before it, unless that is fixed. */
static const void *take(struct gomap_iter *it, int variable, uint32_t size,
			uint32_t *len)
{
	const unsigned char *field;

	*len = size;
	if (variable) {
		memcpy(len, it->buf + it->at, sizeof(*len));
		it->at += sizeof(*len);
	}
	field = it->buf + it->at;
	it->at += *len;
	return field;
}

int gomap_iter_next(struct gomap_iter *iter, struct gomap_entry *entry)
{
	memset(entry, 0, sizeof(*entry));
	while (!iter->left) {
		int ret;

		if (!iter->map || iter->arg.done)
			return 0;
		ret = fetch(iter);
		if (ret)
			return ret;
	}
	if (iter->arg.flags & GOMAP_ITER_KEYS)
		entry->key = take(iter, !iter->key_size, iter->key_size,
				  &entry->key_len);
	if (iter->arg.flags & GOMAP_ITER_VALUES)
		entry->value = take(iter, iter->var_value, iter->value_size,
				    &entry->value_len);
	iter->left--;
	return 1;
}

int gomap_iter_save(const struct gomap_iter *iter, struct gomap_cursor *cursor)
{
	if (iter->left)
		return -EAGAIN;
	*cursor = iter->arg.cursor;
	return 0;
}

void gomap_iter_end(struct gomap_iter *iter)
{
	if (!iter)
		return;
	free(iter->buf);
	free(iter);
}

int64_t gomap_count(struct gomap *map)
{
	struct gomap_ioc_iter arg = { .size = sizeof(arg) };
	int64_t count = 0;
	int ret;

	while (map && !arg.done) {
		ret = gomap__call(map->fd, GOMAP_IOC_ITER, &arg);
		if (ret)
			return ret;
		count += (int64_t)arg.count;
	}
	return count;
}
