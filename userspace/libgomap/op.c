// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The operations on one entry, and what each of them is on the nil map. */
#include <errno.h>

#include "internal.h"

/*
 * Longer than any key or value, and still one after it was narrowed to the
 * ABI's 32 bits: the kernel says -EMSGSIZE to it, as it does to all others.
 */
static __u32 narrow(size_t len)
{
	return len > UINT32_MAX ? UINT32_MAX : (__u32)len;
}

static struct gomap_ioc_op operation(const void *key, size_t key_len,
				     const void *value, size_t value_len)
{
	return (struct gomap_ioc_op) {
		.size = sizeof(struct gomap_ioc_op),
		.key = gomap__address(key),
		.key_len = narrow(key_len),
		.value = gomap__address(value),
		.value_len = narrow(value_len),
	};
}

/* 0, or a negative errno with its reason kept. */
static int operate(struct gomap *map, unsigned long command,
		   struct gomap_ioc_op *op)
{
	int ret = gomap__call(map->fd, command, op);

	if (ret)
		gomap__keep_reason(op->reason);
	return ret;
}

int gomap_lookup(struct gomap *map, const void *key, size_t key_len,
		 void *value, size_t value_cap)
{
	struct gomap_ioc_op op = operation(key, key_len, value,
					   value ? value_cap : 0);
	int ret;

	if (!map)
		return -ENOENT;
	ret = operate(map, GOMAP_IOC_LOOKUP, &op);
	return ret ? ret : (int)op.value_len;
}

int gomap_contains(struct gomap *map, const void *key, size_t key_len)
{
	int ret = gomap_lookup(map, key, key_len, NULL, 0);

	if (ret == -ENOENT)
		return 0;
	return ret < 0 ? ret : 1;
}

/* INSERT, REPLACE and STORE: negative errno, or whether the key was there. */
static int write_entry(struct gomap *map, unsigned long command,
		       const void *key, size_t key_len,
		       const void *value, size_t value_len)
{
	struct gomap_ioc_op op = operation(key, key_len,
					   value_len ? value : NULL, value_len);
	int ret;

	if (!map)
		return -EINVAL;
	ret = operate(map, command, &op);
	return ret ? ret : (int)op.existed;
}

int gomap_insert(struct gomap *map, const void *key, size_t key_len,
		 const void *value, size_t value_len)
{
	return write_entry(map, GOMAP_IOC_INSERT, key, key_len, value,
			   value_len);
}

int gomap_replace(struct gomap *map, const void *key, size_t key_len,
		  const void *value, size_t value_len)
{
	int ret = write_entry(map, GOMAP_IOC_REPLACE, key, key_len, value,
			      value_len);

	return ret < 0 ? ret : 0;
}

int gomap_store(struct gomap *map, const void *key, size_t key_len,
		const void *value, size_t value_len)
{
	return write_entry(map, GOMAP_IOC_STORE, key, key_len, value,
			   value_len);
}

int gomap_delete(struct gomap *map, const void *key, size_t key_len)
{
	struct gomap_ioc_op op = operation(key, key_len, NULL, 0);
	int ret;

	if (!map)
		return 0;
	ret = operate(map, GOMAP_IOC_DELETE, &op);
	return ret ? ret : (int)op.existed;
}
