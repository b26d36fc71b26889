// SPDX-License-Identifier: GPL-2.0-only
/*
 * create.c - CREATE and OPEN: how a program comes by a descriptor of a map.
 *
 * Both end in the same order: prepare the descriptor, write its number to the
 * caller, and only then make visible what has been made.  Whatever fails before
 * leaves nothing behind, and after it nothing can fail.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dev.h"
#include "window.h"

/* The two headers of the map speak of the same things. */
static_assert(GOMAP_MAX_KEY_SIZE == GOMAP_KEY_SIZE_MAX);
static_assert(GOMAP_MAX_VALUE_SIZE == GOMAP_VALUE_SIZE_MAX);
static_assert(GOMAP_MAX_HINT == GOMAP_HINT_MAX);

static void devmap_release(struct kref *ref)
{
	struct gomap_devmap *dm = container_of(ref, struct gomap_devmap, ref);

	gomap_put(dm->map);
	dev_window_put(dm->window);
	kfree(dm);
}

void gomap_devmap_put(struct gomap_devmap *dm)
{
	kref_put(&dm->ref, devmap_release);
}

/* All of a struct gomap_devmap but the map itself. */
static struct gomap_devmap *new_devmap(const struct gomap_ioc_create *arg)
{
	struct gomap_devmap *dm = kzalloc(sizeof(*dm), GOMAP_GFP_CALL);

	if (!dm)
		return NULL;

	kref_init(&dm->ref);
	dm->flags = arg->flags;
	dm->key_size = arg->key_size;
	dm->value_size = arg->value_size;
	dm->mode = arg->mode;
	dm->uid = current_fsuid();
	dm->gid = current_fsgid();
	memcpy(dm->name, arg->name, sizeof(dm->name));
	memcpy(dm->schema, arg->schema, sizeof(dm->schema));
	return dm;
}

/* Sizes and hint are for gomap_create() to judge. */
static bool description_valid(const struct gomap_ioc_create *arg)
{
	u32 possible_mode = arg->name[0] ? 0666 : 0;

	return gomap_name_valid(arg->name) && gomap_schema_valid(arg->schema) &&
	       !(arg->mode & ~possible_mode);
}

/* The map's words for the GOMAP_MAP_* bits of its creator. */
static u32 flags_of_map(u32 flags)
{
	static const struct {
		u32 asked;
		u32 meant;
	} words[] = {
		{ GOMAP_MAP_VAR_KEY, GOMAP_F_VAR_KEY },
		{ GOMAP_MAP_VAR_VALUE, GOMAP_F_VAR_VALUE },
		{ GOMAP_MAP_STRICT, GOMAP_F_STRICT },
		{ GOMAP_MAP_NO_SHRINK, GOMAP_F_NO_SHRINK },
		{ GOMAP_MAP_STABLE, GOMAP_F_STABLE },
		{ GOMAP_MAP_TRUSTED_KEYS, GOMAP_F_TRUSTED_KEYS },
	};
	u32 meant = GOMAP_F_ACCOUNT;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (flags & words[i].asked)
			meant |= words[i].meant;
	return meant;
}

static int build_window(struct gomap_devmap *dm)
{
	if (!(dm->flags & GOMAP_MAP_VIEW))
		return 0;
	dm->window = dev_window_create();
	return dm->window ? 0 : -ENOMEM;
}

static int build_map(struct gomap_devmap *dm,
		     const struct gomap_ioc_create *arg)
{
	struct gomap_params params = {
		.key_size = dm->key_size,
		.value_size = dm->value_size,
		.hint = arg->hint,
		.flags = flags_of_map(dm->flags),
		.limits = {
			.max_entries = arg->max_entries,
			.max_bytes = arg->max_bytes,
		},
	};
	struct gomap *map;
	int err;

	err = build_window(dm);
	if (err)
		return err;
	if (dm->window)
		params.window = &dm->window->window;
	map = gomap_create(&params);
	if (IS_ERR(map))
		return PTR_ERR(map);
	dm->map = map;
	return 0;
}

/* Prepare a descriptor and tell the caller its number, which *@fd is. */
static int offer_fd(struct gomap_call *call, struct gomap_newfd *newfd,
		    struct gomap_devmap *dm, u32 open_flags, s32 *fd)
{
	int err = gomap_newfd_prepare(newfd, dm, open_flags);

	if (err)
		return err;

	*fd = newfd->fd;
	err = gomap_call_reply(call);
	if (err)
		gomap_newfd_abandon(newfd);
	return err;
}

static int build_and_publish(struct gomap_call *call, struct gomap_devmap *dm)
{
	struct gomap_ioc_create *arg = &call->arg.create;
	struct gomap_newfd newfd;
	int err;

	err = gomap_registry_reserve(dm);
	if (err)
		return err;

	err = build_map(dm, arg);
	if (err)
		goto err_abandon_name;

	err = offer_fd(call, &newfd, dm, GOMAP_OPEN_READ | GOMAP_OPEN_WRITE,
		       &arg->fd);
	if (err)
		goto err_abandon_name;

	gomap_registry_publish(dm);
	gomap_newfd_install(&newfd);
	return 0;

err_abandon_name:
	gomap_registry_abandon(dm);
	return err;
}

/*
 * There is no map to ask.  A hint above the limit on entries is refused before
 * anything else; of two limits on bytes the map's own is named, which its
 * creator can do something about.
 */
static enum gomap_reason reason_to_refuse(const struct gomap_ioc_create *arg,
					  int err)
{
	bool hint_is_above = arg->max_entries && arg->hint > arg->max_entries;

	switch (err) {
	case -ENOSPC:
		return hint_is_above ? GOMAP_REASON_ENTRIES : GOMAP_REASON_MAPS;
	case -EDQUOT:
		return arg->max_bytes ? GOMAP_REASON_BYTES :
					GOMAP_REASON_TOTAL_BYTES;
	case -ENOMEM:
		return GOMAP_REASON_MEMORY;
	default:
		return GOMAP_REASON_NONE;
	}
}

static int create_map(struct gomap_call *call)
{
	struct gomap_devmap *dm = new_devmap(&call->arg.create);
	int err;

	if (!dm)
		return -ENOMEM;

	err = build_and_publish(call, dm);
	gomap_devmap_put(dm);
	return err;
}

int gomap_create_command(struct gomap_call *call)
{
	struct gomap_ioc_create *arg = &call->arg.create;
	int err;

	arg->reason = GOMAP_REASON_NONE;

	if (!description_valid(arg))
		return -EINVAL;

	err = create_map(call);
	if (gomap_is_refusal(err)) {
		arg->reason = reason_to_refuse(arg, err);
		err = gomap_call_reply(call) ?: err;
	}
	return err;
}

int gomap_open_command(struct gomap_call *call)
{
	struct gomap_ioc_open *arg = &call->arg.open;
	struct gomap_newfd newfd;
	struct gomap_devmap *dm;
	int err;

	if (!arg->flags || !arg->name[0] || !gomap_name_valid(arg->name))
		return -EINVAL;

	dm = gomap_registry_open(arg->name, arg->flags);
	if (IS_ERR(dm))
		return PTR_ERR(dm);

	err = offer_fd(call, &newfd, dm, arg->flags, &arg->fd);
	if (!err)
		gomap_newfd_install(&newfd);
	gomap_devmap_put(dm);
	return err;
}
