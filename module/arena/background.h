/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * background.h - what is done later: the module's one workqueue.
 */
#ifndef GOMAP_BACKGROUND_H
#define GOMAP_BACKGROUND_H

#include <linux/workqueue.h>

int background_init(void);
void background_exit(void);
void background_settle(void);

bool background_run(struct work_struct *work);
void background_run_later(struct delayed_work *work, unsigned long delay);
void background_run_after_grace_period(struct rcu_work *work);

#endif /* GOMAP_BACKGROUND_H */
