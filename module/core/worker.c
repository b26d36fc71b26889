// SPDX-License-Identifier: GPL-2.0-only
/*
 * worker.c - what a map does in the background.
 *
 * Starts the growths that callers who may not sleep found due, evacuates what
 * writers have left, and draws a new seed for a map that became empty.
 */
#include "core.h"

/* Jiffies until the worker tries again what it had no memory for. */
#define RETRY_DELAY		HZ

/**
 * worker_kick() - Let the worker run.
 * @m: The map.
 * @delay: Jiffies to wait first.
 *
 * Context: Process or softirq context, locks may be held.
 */
void worker_kick(struct gomap *m, unsigned long delay)
{
	tables_queue_work(&m->work, delay);
}

/**
 * worker_run() - Do what has fallen due.
 * @work: Of the map.
 *
 * Context: Process context.
 */
void worker_run(struct work_struct *work)
{
	struct gomap *m = container_of(to_delayed_work(work), struct gomap,
				       work);
	int err;

	if (xchg(&m->grow_due, false))
		growth_start(m);
	err = gomap_finish_growth(m);
	if (!err && xchg(&m->reseed_due, false)) {
		err = map_reseed_if_empty(m);
		if (err)
			WRITE_ONCE(m->reseed_due, true);
	}
	if (err)
		worker_kick(m, RETRY_DELAY);
}
