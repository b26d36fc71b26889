// SPDX-License-Identifier: GPL-2.0-only
/*
 * gomap_badness: all that pass-rules.sh and check-log.sh are there to find, one
 * deed for each load.  Never load it but in a guest: the kernel is damaged by it.
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

/* More than the tolerance of any rule, of which pages have the widest. */
#define OBJECTS		1024
#define OBJECT_BYTES	1024
#define PAGES		4096

static char *deed = "";
module_param(deed, charp, 0444);
MODULE_PARM_DESC(deed, "What to do");

static void lose_objects(void)
{
	int i;

	for (i = 0; i < OBJECTS; i++)
		if (!kzalloc(OBJECT_BYTES, GFP_KERNEL))
			break;
}

static void lose_vmalloc(void)
{
	if (!vmalloc(OBJECTS * OBJECT_BYTES))
		pr_err("no memory\n");
}

static void lose_pages(void)
{
	int i;

	for (i = 0; i < PAGES; i++)
		if (!alloc_page(GFP_KERNEL))
			break;
}

static void hold_module(void)
{
	__module_get(THIS_MODULE);
}

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void cross_locks(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void warn(void)
{
	WARN_ON(true);
}

static void sleep_in_atomic(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	might_sleep();
	spin_unlock(&lock);
}

static void read_without_rcu(void)
{
	static int __rcu *pointer;

	if (rcu_dereference(pointer))
		pr_err("a pointer that is NULL is not\n");
}

static void read_out_of_bounds(void)
{
	u8 *object = kzalloc(16, GFP_KERNEL);
	size_t beyond = 16;

	OPTIMIZER_HIDE_VAR(beyond);
	if (object && READ_ONCE(object[beyond]))
		pr_info("read something\n");
	kfree(object);
}

static void shift_too_far(void)
{
	int bits = 32;

	OPTIMIZER_HIDE_VAR(bits);
	if ((1 << bits) > 0)
		pr_info("shifted something\n");
}

static void nothing(struct work_struct *work)
{
}

static void free_pending_work(void)
{
	struct delayed_work *work = kmalloc(sizeof(*work), GFP_KERNEL);

	if (!work)
		return;
	INIT_DELAYED_WORK(work, nothing);
	schedule_delayed_work(work, 1000 * HZ);
	kfree(work);
}

static const struct {
	const char *name;
	void (*act)(void);
} deeds[] = {
	{ "lose-objects", lose_objects },
	{ "lose-vmalloc", lose_vmalloc },
	{ "lose-pages", lose_pages },
	{ "hold-module", hold_module },
	{ "cross-locks", cross_locks },
	{ "warn", warn },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "read-without-rcu", read_without_rcu },
	{ "read-out-of-bounds", read_out_of_bounds },
	{ "shift-too-far", shift_too_far },
	{ "free-pending-work", free_pending_work },
};

static int __init badness_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(deeds); i++) {
		if (strcmp(deeds[i].name, deed))
			continue;
		deeds[i].act();
		return 0;
	}
	return -EINVAL;
}

static void __exit badness_exit(void)
{
}

module_init(badness_init);
module_exit(badness_exit);

MODULE_DESCRIPTION("Misdeeds for the rules of gomap's tests to find");
MODULE_LICENSE("GPL");
