// SPDX-License-Identifier: GPL-2.0-only
/*
 * info.c - VERSION, INFO, LIST and fdinfo: what is told about maps.
 *
 * Answers start as zeros, so that no byte of the kernel's stack gets out and
 * what was not asked for is 0.  Nothing here shows an address or a seed.
 */
#include <linux/cred.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "dev.h"

/* What gomap_info counts, the ABI reports as it is. */
static_assert(GOMAP_FILL_BINS == GOMAP_INFO_FILL_BINS);
static_assert(sizeof_field(struct gomap_ioc_info, fill) ==
	      sizeof_field(struct gomap_info, fill));
static_assert((int)GOMAP_RESIZE_NONE == (int)GOMAP_RESIZING_NO);
static_assert((int)GOMAP_RESIZE_DOUBLE == (int)GOMAP_RESIZING_DOUBLE);
static_assert((int)GOMAP_RESIZE_SAME_SIZE == (int)GOMAP_RESIZING_SAME_SIZE);
static_assert((int)GOMAP_RESIZE_SHRINK == (int)GOMAP_RESIZING_SHRINK);
static_assert((int)GOMAP_RESIZE_REKEY == (int)GOMAP_RESIZING_REKEY);

int gomap_version_command(struct gomap_call *call)
{
	struct gomap_ioc_version *arg = &call->arg.version;

	*arg = (struct gomap_ioc_version){
		.size = arg->size,
		.abi = GOMAP_ABI_VERSION,
		.max_key_size = GOMAP_MAX_KEY_SIZE,
		.max_value_size = GOMAP_MAX_VALUE_SIZE,
		.max_hint = GOMAP_MAX_HINT,
		.version = GOMAP_VERSION,
	};
	return 0;
}

/* A name that was taken away is not the map's any more. */
static void copy_name(char *to, const struct gomap_devmap *dm)
{
	if (READ_ONCE(dm->named))
		memcpy(to, dm->name, GOMAP_NAME_LEN);
	else
		memset(to, 0, GOMAP_NAME_LEN);
}

int gomap_list_command(struct gomap_call *call)
{
	struct gomap_ioc_list *arg = &call->arg.list;
	struct user_namespace *reader = current_user_ns();
	struct gomap_devmap *dm = gomap_registry_next(arg->id);

	if (!dm)
		return -ENOENT;

	*arg = (struct gomap_ioc_list){
		.size = arg->size,
		.id = dm->id,
		.len = gomap_len(dm->map),
		.map_flags = dm->flags,
		.key_size = dm->key_size,
		.value_size = dm->value_size,
		.mode = dm->mode,
		.uid = from_kuid_munged(reader, dm->uid),
		.gid = from_kgid_munged(reader, dm->gid),
	};
	memcpy(arg->name, dm->name, sizeof(arg->name));
	memcpy(arg->schema, dm->schema, sizeof(arg->schema));

	gomap_devmap_put(dm);
	return 0;
}

static void report(struct gomap_ioc_info *arg, const struct gomap_devmap *dm,
		   const struct gomap_info *info)
{
	*arg = (struct gomap_ioc_info){
		.size = arg->size,
		.flags = arg->flags,
		.id = dm->id,
		.len = info->len,
		.map_flags = dm->flags,
		.key_size = dm->key_size,
		.value_size = dm->value_size,
		.bucket_size = info->bucket_size,
		.b = info->B,
		.old_b = info->old_B,
		.growing = info->resizing,
		.key_inline = info->key_inline,
		.value_inline = info->value_inline,
		.seed_generation = info->seed_generation,
		.nr_buckets = info->nr_buckets,
		.nr_overflow = info->nr_overflow,
		.nr_evacuated = info->nr_evacuated,
		.nr_old_buckets = info->nr_old_buckets,
		.grows = info->grows,
		.same_size_grows = info->same_size_grows,
		.grow_failures = info->grow_failures,
		.clears = info->clears,
		.bytes_live = info->bytes_live,
		.bytes_held = info->bytes_held,
		.bytes_peak = info->bytes_peak,
		.objects_live = info->objects_live,
		.object_allocs = info->object_allocs,
		.kernel_allocs = info->kernel_allocs,
		.read_retries = info->read_retries,
		.shrinks = info->shrinks,
		.rekeys = info->rekeys,
		.attacks = info->attacks,
		.max_entries = info->limits.max_entries,
		.max_bytes = info->limits.max_bytes,
		.write_allocs = info->write_allocs,
		.nr_chunks = info->nr_chunks,
		.bytes_chunks = info->bytes_chunks,
		.bytes_idle = info->bytes_idle,
		.refused = {
			[GOMAP_REASON_ENTRIES] =
				info->refused[GOMAP_REFUSED_ENTRIES],
			[GOMAP_REASON_BYTES] =
				info->refused[GOMAP_REFUSED_BYTES],
			[GOMAP_REASON_TOTAL_BYTES] =
				info->refused[GOMAP_REFUSED_TOTAL],
			[GOMAP_REASON_MEMORY] =
				info->refused[GOMAP_REFUSED_MEMORY],
		},
	};
	if (arg->flags & GOMAP_INFO_FILL)
		memcpy(arg->fill, info->fill, sizeof(arg->fill));
	copy_name(arg->name, dm);
	memcpy(arg->schema, dm->schema, sizeof(arg->schema));
}

static void report_leaks(struct gomap_ioc_info *arg,
			 const struct gomap_leaks *leaks)
{
	arg->leaked_objects = leaks->objects;
	arg->leaked_bytes = leaks->bytes;
	arg->dangling = leaks->dangling + leaks->shared;
	arg->empty_buckets = leaks->empty_buckets;
	arg->leaks_certain = leaks->certain;
}

int gomap_info_command(struct gomap_call *call)
{
	struct gomap_ioc_info *arg = &call->arg.info;
	struct gomap_devmap *dm = gomap_call_map(call);
	bool want_leaks = arg->flags & GOMAP_INFO_LEAKS;
	struct gomap_leaks leaks;
	struct gomap_info info;
	int broken = 0;
	int err;

	if (arg->flags & GOMAP_INFO_CHECK) {
		broken = gomap_check(dm->map);
		if (broken < 0)
			return broken;
	}

	if (want_leaks) {
		err = gomap_find_leaks(dm->map, &leaks);
		if (err)
			return err;
	}

	err = gomap_info(dm->map, &info, arg->flags & GOMAP_INFO_FILL);
	if (err)
		return err;

	report(arg, dm, &info);
	arg->check = broken;
	if (want_leaks)
		report_leaks(arg, &leaks);
	return 0;
}

/* One "gomap-NAME:" line for each fact, as other descriptors have them. */
void gomap_show_fdinfo(struct seq_file *seq, struct file *file)
{
	struct gomap_devmap *dm = file->private_data;
	char name[GOMAP_NAME_LEN];
	struct gomap_info info;

	if (gomap_info(dm->map, &info, false))
		return;

	copy_name(name, dm);
	seq_printf(seq, "gomap-id:\t%llu\n", dm->id);
	seq_printf(seq, "gomap-name:\t%s\n", name);
	seq_printf(seq, "gomap-key-size:\t%u\n", dm->key_size);
	seq_printf(seq, "gomap-value-size:\t%u\n", dm->value_size);
	seq_printf(seq, "gomap-flags:\t%#x\n", dm->flags);
	seq_printf(seq, "gomap-entries:\t%llu\n", info.len);
	seq_printf(seq, "gomap-b:\t%u\n", info.B);
	seq_printf(seq, "gomap-bytes:\t%llu\n", info.bytes_held);
	seq_printf(seq, "gomap-max-entries:\t%llu\n", info.limits.max_entries);
	seq_printf(seq, "gomap-max-bytes:\t%llu\n", info.limits.max_bytes);
}
