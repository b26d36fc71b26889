// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of operations, see operation.h.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "operation.h"

/* Keys and values up to so many bytes pass through the device without memory. */
#define BOUNCE_SMALL	256

static unsigned char key_bytes[WORLD_KEY_MAX];
static unsigned char value_bytes[WORLD_VALUE_MAX];

static bool always(const struct world *w)
{
	(void)w;
	return true;
}

static bool for_long_keys(const struct world *w)
{
	return w->shape.key_size > BOUNCE_SMALL;
}

static bool for_long_entries(const struct world *w)
{
	return w->shape.key_size + w->shape.value_size > BOUNCE_SMALL;
}

static int name_refers(const struct world *w, const char *name)
{
	int fd = gm_open(w->control, name, GOMAP_OPEN_READ);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static bool is_on_a_key(unsigned int command)
{
	return command >= GOMAP_IOC_LOOKUP && command <= GOMAP_IOC_DELETE;
}

/* Who is refused memory is told so, and nothing else changes. */
static union attempt_arg argument_of_failure(const struct attempt *a)
{
	union attempt_arg arg = a->before;

	if (a->ret == -ENOMEM && a->operation->command == GOMAP_IOC_CREATE)
		arg.create.reason = GOMAP_REASON_MEMORY;
	else if (a->ret == -ENOMEM && is_on_a_key(a->operation->command))
		arg.op.reason = GOMAP_REASON_MEMORY;
	return arg;
}

bool attempt_left_argument(const struct attempt *a)
{
	union attempt_arg expected = argument_of_failure(a);

	if (!memcmp(&expected, &a->arg, sizeof(expected)))
		return true;
	printf("# the argument has changed\n");
	return false;
}

static bool fine(struct attempt *a)
{
	(void)a;
	return true;
}

/* The control device */

static int run_open_device(struct attempt *a)
{
	int fd = gm_control();

	(void)a;
	return fd < 0 ? fd : close(fd);
}

static void prepare_version(struct attempt *a)
{
	a->arg.version.size = sizeof(a->arg.version);
}

static bool version_done(struct attempt *a)
{
	return a->arg.version.abi == GOMAP_ABI_VERSION;
}

static void prepare_create(struct attempt *a)
{
	const struct gm_shape *shape = &a->w->shape;

	a->arg.create = (struct gomap_ioc_create){
		.size = sizeof(a->arg.create),
		.flags = shape->flags,
		.key_size = shape->key_size,
		.value_size = shape->value_size,
		.fd = -1,
	};
}

static void prepare_create_named(struct attempt *a)
{
	prepare_create(a);
	a->arg.create.mode = 0600;
	strcpy(a->arg.create.name, gm_unique_name("another"));
	strcpy(a->arg.create.schema, "of no use");
}

static void prepare_create_hint(struct attempt *a)
{
	prepare_create(a);
	a->arg.create.hint = 1000;
}

static bool create_done(struct attempt *a)
{
	int map = a->arg.create.fd;
	bool good = gm_len(map) == 0 && gm_check(map) == 0;

	if (a->arg.create.name[0] && gm_destroy(map))
		good = false;
	return close(map) == 0 && good;
}

/* What failed leaves no name behind. */
static bool create_refused(struct attempt *a)
{
	const char *name = a->arg.create.name;

	if (name[0] && name_refers(a->w, name) != -ENOENT) {
		printf("# the name is taken\n");
		return false;
	}
	return attempt_left_argument(a);
}

static void prepare_open(struct attempt *a)
{
	a->arg.open = (struct gomap_ioc_open){
		.size = sizeof(a->arg.open),
		.flags = GOMAP_OPEN_READ,
		.fd = -1,
	};
	strcpy(a->arg.open.name, a->w->name);
}

static bool open_done(struct attempt *a)
{
	int map = a->arg.open.fd;

	return gm_len(map) == world_len(a->w) && close(map) == 0;
}

static void prepare_list(struct attempt *a)
{
	a->arg.list.size = sizeof(a->arg.list);
}

static bool list_done(struct attempt *a)
{
	return a->arg.list.id && a->arg.list.name[0];
}

/* The map as a whole */

static void prepare_info(struct attempt *a)
{
	a->arg.info.size = sizeof(a->arg.info);
}

static void prepare_info_all(struct attempt *a)
{
	prepare_info(a);
	a->arg.info.flags = GOMAP_INFO_FILL | GOMAP_INFO_CHECK;
}

static bool info_done(struct attempt *a)
{
	return a->arg.info.len == world_len(a->w) && !a->arg.info.check;
}

static void prepare_plain(struct attempt *a)
{
	a->arg.plain.size = sizeof(a->arg.plain);
}

static bool clear_done(struct attempt *a)
{
	memset(a->w->items, 0, sizeof(a->w->items));
	return true;
}

static bool destroy_done(struct attempt *a)
{
	return name_refers(a->w, a->w->name) == -ENOENT;
}

static bool destroy_refused(struct attempt *a)
{
	return name_refers(a->w, a->w->name) == 0 && attempt_left_argument(a);
}

static bool resize_done(struct attempt *a)
{
	struct gomap_ioc_info info;

	return !gm_info(a->w->map, 0, &info) && !info.growing;
}

/* The name keeps the map, which comes back by it. */
static int run_close(struct attempt *a)
{
	return close(a->w->map) ? -errno : 0;
}

static bool close_done(struct attempt *a)
{
	a->w->map = gm_open(a->w->control, a->w->name, GOMAP_OPEN_FLAGS);
	return a->w->map >= 0;
}

/* One key */

static void prepare_op(struct attempt *a, bool present, __u32 version)
{
	struct world *w = a->w;

	a->item = world_nth(w, present, w->pick);
	a->version = version;
	a->arg.op = gm_op(key_bytes, world_key(w, a->item, key_bytes),
			  value_bytes,
			  world_value(w, a->item, version, value_bytes));
}

static void prepare_new(struct attempt *a)
{
	prepare_op(a, false, VERSION_LONG);
}

static void prepare_same_length(struct attempt *a)
{
	prepare_op(a, true, VERSION_SHORT + VERSIONS);
}

static void prepare_longer(struct attempt *a)
{
	prepare_op(a, true, VERSION_LONG);
}

static void prepare_delete(struct attempt *a)
{
	prepare_op(a, true, 0);
	a->arg.op.value = 0;
	a->arg.op.value_len = 0;
}

static void prepare_lookup(struct attempt *a)
{
	prepare_op(a, true, 0);
	memset(value_bytes, 0xa5, sizeof(value_bytes));
	a->arg.op.value_len = a->w->shape.value_size;
}

static bool lookup_done(struct attempt *a)
{
	const struct world *w = a->w;
	unsigned char expected[WORLD_VALUE_MAX];
	__u32 len = world_value(w, a->item, w->items[a->item].version,
				expected);

	return a->arg.op.existed && a->arg.op.value_len == len &&
	       !memcmp(value_bytes, expected, len);
}

/* The answer is missing where it was its copy that failed. */
static bool existed_is_right(const struct attempt *a)
{
	return a->ret || a->arg.op.existed == a->w->items[a->item].present;
}

static bool put_done(struct attempt *a)
{
	bool good = existed_is_right(a);

	a->w->items[a->item] = (struct world_item){ true, a->version };
	return good;
}

static bool delete_done(struct attempt *a)
{
	bool good = existed_is_right(a);

	a->w->items[a->item] = (struct world_item){ 0 };
	return good;
}

const struct operation operations[] = {
	{ .name = "open_device", .run = run_open_device,
	  .on_control = true, .in_any_state = true,
	  .takes_memory = always, .done = fine },
	{ .name = "version", .command = GOMAP_IOC_VERSION,
	  .on_control = true, .in_any_state = true,
	  .prepare = prepare_version, .done = version_done },
	{ .name = "create", .command = GOMAP_IOC_CREATE,
	  .on_control = true, .in_any_state = true,
	  .prepare = prepare_create, .takes_memory = always,
	  .done = create_done, .refused = create_refused },
	{ .name = "create_named", .command = GOMAP_IOC_CREATE,
	  .on_control = true, .in_any_state = true,
	  .prepare = prepare_create_named,
	  .takes_memory = always, .done = create_done,
	  .refused = create_refused },
	{ .name = "create_hint", .command = GOMAP_IOC_CREATE,
	  .on_control = true, .in_any_state = true,
	  .prepare = prepare_create_hint,
	  .takes_memory = always, .done = create_done,
	  .refused = create_refused },
	{ .name = "open", .command = GOMAP_IOC_OPEN,
	  .on_control = true, .in_any_state = true,
	  .prepare = prepare_open, .takes_memory = always,
	  .done = open_done },
	{ .name = "list", .command = GOMAP_IOC_LIST,
	  .on_control = true, .in_any_state = true,
	  .prepare = prepare_list, .done = list_done },

	{ .name = "info", .command = GOMAP_IOC_INFO,
	  .prepare = prepare_info, .done = info_done },
	{ .name = "info_all", .command = GOMAP_IOC_INFO,
	  .prepare = prepare_info_all, .done = info_done },
	{ .name = "iterate", .command = GOMAP_IOC_ITER,
	  .prepare = prepare_iteration, .takes_memory = always,
	  .done = iteration_done },
	{ .name = "count", .command = GOMAP_IOC_ITER,
	  .prepare = prepare_counting, .takes_memory = always,
	  .done = counting_done },
	{ .name = "clear", .command = GOMAP_IOC_CLEAR,
	  .prepare = prepare_plain, .takes_memory = always,
	  .done = clear_done },
	{ .name = "destroy", .command = GOMAP_IOC_DESTROY,
	  .prepare = prepare_plain, .done = destroy_done,
	  .refused = destroy_refused },
	{ .name = "compact", .command = GOMAP_IOC_COMPACT,
	  .prepare = prepare_plain, .takes_memory = always,
	  .done = resize_done },
	{ .name = "rekey", .command = GOMAP_IOC_REKEY,
	  .prepare = prepare_plain, .takes_memory = always,
	  .done = resize_done },
	{ .name = "close", .run = run_close,
	  .done = close_done },

	{ .name = "lookup", .command = GOMAP_IOC_LOOKUP,
	  .needs_entry = true,
	  .prepare = prepare_lookup, .takes_memory = for_long_entries,
	  .done = lookup_done },
	{ .name = "insert", .command = GOMAP_IOC_INSERT,
	  .prepare = prepare_new, .takes_memory = always, .done = put_done,
	  .answers_last = true },
	{ .name = "store_new", .command = GOMAP_IOC_STORE,
	  .prepare = prepare_new, .takes_memory = always, .done = put_done,
	  .answers_last = true },
	{ .name = "store_same_length", .command = GOMAP_IOC_STORE,
	  .prepare = prepare_same_length, .takes_memory = always,
	  .done = put_done, .answers_last = true },
	{ .name = "store_longer", .command = GOMAP_IOC_STORE,
	  .prepare = prepare_longer, .takes_memory = always,
	  .done = put_done, .answers_last = true },
	{ .name = "replace_same_length", .command = GOMAP_IOC_REPLACE,
	  .needs_entry = true,
	  .prepare = prepare_same_length, .takes_memory = always,
	  .done = put_done, .answers_last = true },
	{ .name = "replace_longer", .command = GOMAP_IOC_REPLACE,
	  .needs_entry = true,
	  .prepare = prepare_longer, .takes_memory = always,
	  .done = put_done, .answers_last = true },
	{ .name = "delete", .command = GOMAP_IOC_DELETE,
	  .prepare = prepare_delete, .takes_memory = for_long_keys,
	  .done = delete_done, .answers_last = true },

	{ .name = "batch_mixed", .command = GOMAP_IOC_BATCH,
	  .prepare = prepare_mixed_batch, .takes_memory = always,
	  .done = batch_done, .refused = batch_refused },
	{ .name = "batch_long", .command = GOMAP_IOC_BATCH,
	  .in_any_state = true,
	  .prepare = prepare_long_batch, .takes_memory = always,
	  .done = batch_done, .refused = batch_refused },
	{ .name = "batch_insert", .command = GOMAP_IOC_BATCH,
	  .prepare = prepare_insert_batch, .takes_memory = always,
	  .done = batch_done, .refused = batch_refused },
};

const unsigned int nr_operations = ARRAY_LEN(operations);

void attempt_prepare(struct attempt *a, struct world *w,
		     const struct operation *operation)
{
	memset(a, 0, sizeof(*a));
	a->w = w;
	a->operation = operation;
	if (operation->prepare)
		operation->prepare(a);
	a->before = a->arg;
}

void attempt_run(struct attempt *a)
{
	const struct operation *operation = a->operation;
	int fd = operation->on_control ? a->w->control : a->w->map;

	if (operation->run)
		a->ret = operation->run(a);
	else
		a->ret = gm_ioctl(fd, operation->command, &a->arg);
}

const struct operation *operation_find(const char *name)
{
	for (unsigned int i = 0; i < nr_operations; i++)
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	return NULL;
}

bool operation_suits(const struct operation *operation, enum world_state state)
{
	if (operation->in_any_state)
		return state == STATE_SETTLED;
	return !operation->needs_entry || state != STATE_EMPTY;
}
