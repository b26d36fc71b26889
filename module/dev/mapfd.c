// SPDX-License-Identifier: GPL-2.0-only
/*
 * mapfd.c - the descriptor that is a map.
 *
 * What it may do was said when it was opened and is in its f_mode; who owns the
 * map does not matter any more, as with any file.  A descriptor is made in two
 * steps because its number has to be in the caller's structure before anybody
 * can use it: writing there may fail, installing may not be undone.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/module.h>

#include "dev.h"

static int clear_command(struct gomap_call *call)
{
	return gomap_clear(gomap_call_map(call)->map);
}

static int destroy_command(struct gomap_call *call)
{
	return gomap_registry_unlink(gomap_call_map(call));
}

static int compact_command(struct gomap_call *call)
{
	return gomap_compact(gomap_call_map(call)->map);
}

static int rekey_command(struct gomap_call *call)
{
	return gomap_rekey(gomap_call_map(call)->map);
}

#define ROW(cmd) ((cmd) - GOMAP_IOC_INFO)

/* A change of one key. */
#define CHANGE(_opcode)							\
	GOMAP_COMMAND_ARG(gomap_ioc_op, reserved),			\
	.reserved = offsetof(struct gomap_ioc_op, reserved),		\
	.opcode = _opcode,						\
	.needs = FMODE_WRITE,						\
	.reply = GOMAP_REPLY_TRIED,					\
	.run = gomap_op_command

/* A change of the map as a whole, which asks nothing and answers nothing. */
#define CHANGE_ALL(_run)						\
	GOMAP_COMMAND_ARG(gomap_ioc_plain, flags),			\
	.needs = FMODE_WRITE,						\
	.reply = GOMAP_REPLY_NONE,					\
	.run = _run

static const struct gomap_command map_rows[] = {
	[ROW(GOMAP_IOC_INFO)] = {
		GOMAP_COMMAND_ARG(gomap_ioc_info, schema),
		.known_flags = GOMAP_INFO_FLAGS,
		.needs = FMODE_READ,
		.reply = GOMAP_REPLY_AFTER,
		.run = gomap_info_command,
	},
	[ROW(GOMAP_IOC_LOOKUP)] = {
		GOMAP_COMMAND_ARG(gomap_ioc_op, reserved),
		.reserved = offsetof(struct gomap_ioc_op, reserved),
		.opcode = GOMAP_OP_LOOKUP,
		.needs = FMODE_READ,
		.reply = GOMAP_REPLY_AFTER,
		.run = gomap_op_command,
	},
	[ROW(GOMAP_IOC_INSERT)] = { CHANGE(GOMAP_OP_INSERT) },
	[ROW(GOMAP_IOC_REPLACE)] = { CHANGE(GOMAP_OP_REPLACE) },
	[ROW(GOMAP_IOC_STORE)] = { CHANGE(GOMAP_OP_STORE) },
	[ROW(GOMAP_IOC_DELETE)] = {
		CHANGE(GOMAP_OP_DELETE),
		.known_flags = GOMAP_OP_MUST_EXIST,
	},
	[ROW(GOMAP_IOC_BATCH)] = {
		GOMAP_COMMAND_ARG(gomap_ioc_batch, reserved),
		.reserved = offsetof(struct gomap_ioc_batch, reserved),
		.reply = GOMAP_REPLY_TRIED,
		.run = gomap_batch_command,
	},
	[ROW(GOMAP_IOC_ITER)] = {
		GOMAP_COMMAND_ARG(gomap_ioc_iter, reserved),
		.known_flags = GOMAP_ITER_FLAGS,
		.reserved = offsetof(struct gomap_ioc_iter, reserved),
		.needs = FMODE_READ,
		.reply = GOMAP_REPLY_AFTER,
		.run = gomap_iter_command,
	},
	[ROW(GOMAP_IOC_CLEAR)] = { CHANGE_ALL(clear_command) },
	[ROW(GOMAP_IOC_DESTROY)] = { CHANGE_ALL(destroy_command) },
	[ROW(GOMAP_IOC_COMPACT)] = { CHANGE_ALL(compact_command) },
	[ROW(GOMAP_IOC_REKEY)] = { CHANGE_ALL(rekey_command) },
	[ROW(GOMAP_IOC_LIMITS)] = {
		GOMAP_COMMAND_ARG(gomap_ioc_limits, max_bytes),
		.needs = FMODE_WRITE,
		.reply = GOMAP_REPLY_NONE,
		.run = gomap_limits_command,
	},
	[ROW(GOMAP_IOC_MEMORY)] = {
		GOMAP_COMMAND_ARG(gomap_ioc_memory, free),
		.needs = FMODE_READ,
		.reply = GOMAP_REPLY_AFTER,
		.run = gomap_memory_command,
	},
};

static const struct gomap_commands map_commands = {
	.first = GOMAP_IOC_INFO,
	.count = ARRAY_SIZE(map_rows),
	.rows = map_rows,
};

static long map_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return gomap_dispatch(&map_commands, file, cmd, arg);
}

static int map_release(struct inode *inode, struct file *file)
{
	gomap_devmap_put(file->private_data);
	return 0;
}

static const struct file_operations map_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = map_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = gomap_view_mmap,
	.release = map_release,
#ifdef CONFIG_PROC_FS
	.show_fdinfo = gomap_show_fdinfo,
#endif
};

static int access_mode(u32 open_flags)
{
	switch (open_flags) {
	case GOMAP_OPEN_READ:
		return O_RDONLY;
	case GOMAP_OPEN_WRITE:
		return O_WRONLY;
	default:
		return O_RDWR;
	}
}

/* The file takes a reference of its own. */
int gomap_newfd_prepare(struct gomap_newfd *newfd, struct gomap_devmap *dm,
			u32 open_flags)
{
	newfd->fd = get_unused_fd_flags(O_CLOEXEC);
	if (newfd->fd < 0)
		return newfd->fd;

	newfd->file = anon_inode_getfile("[gomap]", &map_fops, dm,
					 access_mode(open_flags));
	if (IS_ERR(newfd->file)) {
		put_unused_fd(newfd->fd);
		return PTR_ERR(newfd->file);
	}

	gomap_view_prepare(newfd->file, dm);
	kref_get(&dm->ref);
	return 0;
}

/* From here on the descriptor is the caller's, who may have closed it already. */
void gomap_newfd_install(struct gomap_newfd *newfd)
{
	fd_install(newfd->fd, newfd->file);
}

void gomap_newfd_abandon(struct gomap_newfd *newfd)
{
	put_unused_fd(newfd->fd);
	fput(newfd->file);
}
