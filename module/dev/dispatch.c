// SPDX-License-Identifier: GPL-2.0-only
/*
 * dispatch.c - from an ioctl to its handler: all that commands have in common.
 *
 * The rules at the top of the ABI header are kept here and nowhere else: what
 * is an unknown command, which sizes are good, what must be zero, and when
 * something is written back.  A handler is left with what its command means.
 */
#include <linux/nospec.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "dev.h"

/*
 * The published layouts.  Equal sizes for 32- and 64-bit callers follow from
 * there being no padding: the sums of the members are what is asserted.
 */
static_assert(sizeof(struct gomap_ioc_version) == 64);
static_assert(sizeof(struct gomap_ioc_create) == 152);
static_assert(sizeof(struct gomap_ioc_open) == 48);
static_assert(sizeof(struct gomap_ioc_list) == 144);
static_assert(sizeof(struct gomap_ioc_info) == 584);
static_assert(sizeof(struct gomap_ioc_op) == 48);
static_assert(sizeof(struct gomap_batch_op) == 40);
static_assert(sizeof(struct gomap_ioc_batch) == 40);
static_assert(sizeof(struct gomap_cursor) == 40);
static_assert(sizeof(struct gomap_ioc_iter) == 88);
static_assert(sizeof(struct gomap_ioc_plain) == 8);
static_assert(sizeof(struct gomap_ioc_limits) == 24);
static_assert(sizeof(struct gomap_ioc_memory) == 64);
static_assert(sizeof(union gomap_arg) <= PAGE_SIZE);

/* NULL: there is no such command on this kind of descriptor. */
static const struct gomap_command *
find_command(const struct gomap_commands *commands, unsigned int cmd)
{
	unsigned int index = cmd - commands->first;
	const struct gomap_command *command;

	if (index >= commands->count)
		return NULL;

	command = &commands->rows[array_index_nospec(index, commands->count)];
	return command->run ? command : NULL;
}

/*
 * The size comes first and is read on its own; what the structure says of its
 * size when it is read as a whole is not believed a second time.
 */
static int fetch(struct gomap_call *call)
{
	const struct gomap_command *command = call->command;
	u32 usize;
	int err;

	if (get_user(usize, (u32 __user *)call->uarg))
		return -EFAULT;
	if (usize < command->min_size)
		return -EINVAL;
	if (usize > PAGE_SIZE)
		return -E2BIG;

	err = copy_struct_from_user(&call->arg, command->size, call->uarg,
				    usize);
	if (err)
		return err;

	call->arg.plain.size = usize;
	call->usize = min_t(u32, usize, command->size);
	return 0;
}

/* Does the structure ask for nothing that this kernel does not know? */
static bool asks_for_known_things(const struct gomap_call *call)
{
	const struct gomap_command *command = call->command;
	u32 reserved = 0;

	if (command->reserved)
		memcpy(&reserved, (u8 *)&call->arg + command->reserved,
		       sizeof(reserved));

	return !reserved && !(call->arg.plain.flags & ~command->known_flags);
}

/* Write the structure back, as much of it as the caller knows. */
int gomap_call_reply(const struct gomap_call *call)
{
	return copy_to_user(call->uarg, &call->arg, call->usize) ? -EFAULT : 0;
}

static int carry_out(struct gomap_call *call)
{
	enum gomap_reply reply = call->command->reply;
	int err;

	if (reply == GOMAP_REPLY_TRIED && gomap_call_reply(call))
		return -EFAULT;

	err = call->command->run(call);
	if (reply == GOMAP_REPLY_NONE || (err && !call->reply_on_error))
		return err;

	return gomap_call_reply(call) ?: err;
}

long gomap_dispatch(const struct gomap_commands *commands, struct file *file,
		    unsigned int cmd, unsigned long arg)
{
	struct gomap_call call;
	int err;

	call.command = find_command(commands, cmd);
	if (!call.command)
		return -ENOTTY;
	if (call.command->needs & ~file->f_mode)
		return -EBADF;

	call.file = file;
	call.uarg = (void __user *)arg;
	call.reply_on_error = false;
	err = fetch(&call);
	if (err)
		return err;
	if (!asks_for_known_things(&call))
		return -EINVAL;

	return carry_out(&call);
}
