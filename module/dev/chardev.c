// SPDX-License-Identifier: GPL-2.0-only
/*
 * chardev.c - /dev/gomap, the device that makes, finds and lists maps.
 *
 * It keeps nothing for those who open it: whoever may open the node may use its
 * commands, and what comes of them is a descriptor of its own (mapfd.c).
 */
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "../init.h"
#include "dev.h"

#define ROW(cmd) ((cmd) - GOMAP_IOC_VERSION)

static const struct gomap_command control_rows[] = {
	[ROW(GOMAP_IOC_VERSION)] = {
		GOMAP_COMMAND_ARG(gomap_ioc_version, version),
		.known_flags = ~0U, /* it has none: abi, an answer, lies there */
		.reply = GOMAP_REPLY_AFTER,
		.run = gomap_version_command,
	},
	[ROW(GOMAP_IOC_CREATE)] = {
		GOMAP_COMMAND_ARG(gomap_ioc_create, schema),
		.known_flags = GOMAP_MAP_FLAGS,
		.reply = GOMAP_REPLY_NONE,
		.run = gomap_create_command,
	},
	[ROW(GOMAP_IOC_OPEN)] = {
		GOMAP_COMMAND_ARG(gomap_ioc_open, name),
		.known_flags = GOMAP_OPEN_FLAGS,
		.reserved = offsetof(struct gomap_ioc_open, reserved),
		.reply = GOMAP_REPLY_NONE,
		.run = gomap_open_command,
	},
	[ROW(GOMAP_IOC_LIST)] = {
		GOMAP_COMMAND_ARG(gomap_ioc_list, schema),
		.reply = GOMAP_REPLY_AFTER,
		.run = gomap_list_command,
	},
};

static const struct gomap_commands control_commands = {
	.first = GOMAP_IOC_VERSION,
	.count = ARRAY_SIZE(control_rows),
	.rows = control_rows,
};

static long control_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	return gomap_dispatch(&control_commands, file, cmd, arg);
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice control_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "gomap",
	.mode = 0660,
	.fops = &control_fops,
};

int __init gomap_dev_init(void)
{
	return misc_register(&control_device);
}

/*
 * No descriptor is open any more, they pin the module; and with the device gone
 * nobody comes by a new one.  What is left is maps that have only a name.
 */
void gomap_dev_exit(void)
{
	misc_deregister(&control_device);
	gomap_registry_clear();
}
