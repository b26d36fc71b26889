/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/workqueue.h - work that is run when a test says so; see shim_work.c. */
#ifndef HOST_WORKQUEUE_H
#define HOST_WORKQUEUE_H

#include <linux/rcupdate.h>

struct work_struct {
	struct work_struct *next;
	void (*func)(struct work_struct *work);
	bool pending;
};

struct delayed_work {
	struct work_struct work;
};

struct rcu_work {
	struct work_struct work;
	struct rcu_head rcu;
};

struct workqueue_struct;

#define WQ_UNBOUND	0
#define INIT_DELAYED_WORK(w, fn) \
	((w)->work = (struct work_struct){ .func = (fn) })
#define INIT_WORK(w, fn)	(*(w) = (struct work_struct){ .func = (fn) })
#define INIT_RCU_WORK(w, fn) ((w)->work = (struct work_struct){ .func = (fn) })
#define to_delayed_work(w)	container_of(w, struct delayed_work, work)
#define to_rcu_work(w)		container_of(w, struct rcu_work, work)

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags,
					 int max_active);
void flush_workqueue(struct workqueue_struct *wq);
void destroy_workqueue(struct workqueue_struct *wq);
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *work,
			unsigned long delay);
bool cancel_delayed_work_sync(struct delayed_work *work);
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *work);

/* Run all work that is queued, delayed or not, until there is none. */
void shim_run_work(void);

#endif
