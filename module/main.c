// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - the init ladder, and its exact reverse.
 *
 * Each layer may use those above it in the ladder and none below.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "init.h"

static int __init gomap_init(void)
{
	int err;

	err = gomap_core_init();
	if (err)
		return err;

	err = gomap_dev_init();
	if (err)
		goto err_exit_core;

	pr_info("version %s\n", GOMAP_VERSION);
	return 0;

err_exit_core:
	gomap_core_exit();
	return err;
}

static void __exit gomap_exit(void)
{
	gomap_dev_exit();
	gomap_core_exit();
}

module_init(gomap_init);
module_exit(gomap_exit);

MODULE_DESCRIPTION("Go's map: a concurrent hash map that grows by itself");
MODULE_AUTHOR("gomap developers");
MODULE_VERSION(GOMAP_VERSION);
MODULE_LICENSE("GPL");
