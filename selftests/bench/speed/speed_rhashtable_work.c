// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_rhashtable_work.c - the work of rhashtables of all shapes, which is to
 * resize them.  A table has one kind of work, and there is one table at a time.
 */
#include "shim_rhashtable.h"
#include "speed.h"

static struct work_struct *due;
static int running;

bool schedule_work(struct work_struct *work)
{
	__atomic_store_n(&due, work, __ATOMIC_RELEASE);
	return true;
}

/* By one thread at a time; the others go on. */
void speed_rhashtable_breathe(void *table)
{
	struct work_struct *work;

	speed_breathe(table);
	if (!READ_ONCE(due) || __atomic_exchange_n(&running, 1, __ATOMIC_ACQUIRE))
		return;
	while ((work = __atomic_exchange_n(&due, NULL, __ATOMIC_ACQUIRE)))
		work->func(work);
	__atomic_store_n(&running, 0, __ATOMIC_RELEASE);
}
