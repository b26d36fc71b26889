// SPDX-License-Identifier: GPL-2.0-only
/*
 * worker.c - what a map does in the background.
 *
 * Starts the resizes that callers who may not sleep found due, evacuates what
 * writers have left, and draws a new seed for a map that became empty.
 */
#include "../arena/background.h"
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
	background_run_later(&m->work, delay);
}

/*
 * A map that was filled by callers who may not sleep can be over its load by
 * far: once is not enough.
 */
static int grow_until_it_fits(struct gomap *m)
{
	int err;

	do {
		err = growth_start(m) ?: gomap_finish_resize(m);
	} while (!err && growth_has_to_double(m));
	return err;
}

/* Do what has fallen due; what lacks memory stays due. */
static int do_what_is_due(struct gomap *m, bool *due,
			  int (*what)(struct gomap *m))
{
	int err;

	if (!xchg(due, false))
		return 0;
	err = what(m);
	if (err)
		WRITE_ONCE(*due, true);
	return err;
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

	err = do_what_is_due(m, &m->grow_due, grow_until_it_fits) ?:
	      gomap_finish_resize(m) ?:
	      do_what_is_due(m, &m->rekey_due, gomap_rekey) ?:
	      do_what_is_due(m, &m->shrink_due, shrink_while_sparse) ?:
	      do_what_is_due(m, &m->reseed_due, map_reseed_if_empty);
	if (err)
		worker_kick(m, RETRY_DELAY);
}
