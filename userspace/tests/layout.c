/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Prints the layout of every structure of the ABI, so that what two compilers
 * make of it can be compared: C90, C++ and 32 bits must agree.
 */
#include <stddef.h>
#include <stdio.h>

#include <linux/gomap.h>
#include <linux/gomap_view.h>

#define SIZE(type) printf(#type " %lu\n", (unsigned long)sizeof(struct type))
#define AT(type, member) \
	printf(#type "." #member " %lu\n", \
	       (unsigned long)offsetof(struct type, member))

int main(void)
{
	SIZE(gomap_ioc_version);
	AT(gomap_ioc_version, features);
	AT(gomap_ioc_version, max_hint);
	AT(gomap_ioc_version, version);
	SIZE(gomap_ioc_create);
	AT(gomap_ioc_create, hint);
	AT(gomap_ioc_create, fd);
	AT(gomap_ioc_create, name);
	AT(gomap_ioc_create, schema);
	SIZE(gomap_ioc_open);
	AT(gomap_ioc_open, name);
	SIZE(gomap_ioc_list);
	AT(gomap_ioc_list, id);
	AT(gomap_ioc_list, gid);
	AT(gomap_ioc_list, name);
	AT(gomap_ioc_list, schema);
	SIZE(gomap_ioc_info);
	AT(gomap_ioc_info, id);
	AT(gomap_ioc_info, seed_generation);
	AT(gomap_ioc_info, nr_buckets);
	AT(gomap_ioc_info, read_retries);
	AT(gomap_ioc_info, fill);
	AT(gomap_ioc_info, check);
	AT(gomap_ioc_info, schema);
	AT(gomap_ioc_info, shrinks);
	AT(gomap_ioc_info, attacks);
	SIZE(gomap_ioc_op);
	AT(gomap_ioc_op, key);
	AT(gomap_ioc_op, value);
	AT(gomap_ioc_op, existed);
	SIZE(gomap_batch_op);
	AT(gomap_batch_op, key);
	AT(gomap_batch_op, value);
	AT(gomap_batch_op, status);
	SIZE(gomap_ioc_batch);
	AT(gomap_ioc_batch, ops);
	AT(gomap_ioc_batch, failed);
	SIZE(gomap_cursor);
	AT(gomap_cursor, flags);
	AT(gomap_cursor, tie);
	SIZE(gomap_ioc_iter);
	AT(gomap_ioc_iter, cursor);
	AT(gomap_ioc_iter, buf);
	AT(gomap_ioc_iter, count);
	AT(gomap_ioc_iter, done);
	SIZE(gomap_ioc_plain);
	SIZE(gomap_view_array);
	AT(gomap_view_array, seed);
	SIZE(gomap_view_super);
	AT(gomap_view_super, window);
	AT(gomap_view_super, len);
	AT(gomap_view_super, sequence);
	AT(gomap_view_super, old);
	AT(gomap_view_super, generation);
	return 0;
}
