// SPDX-License-Identifier: GPL-2.0-only
/*
 * shim_work.c - one queue of work, run by whoever calls shim_run_work().
 */
#include <pthread.h>
#include <unistd.h>

#include <linux/workqueue.h>

struct workqueue_struct {
	const char *name;
};

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static struct work_struct *queue, **queue_end = &queue;
static struct work_struct *running;	/* one thread runs work at a time */
static pthread_mutex_t run_lock = PTHREAD_MUTEX_INITIALIZER;

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags,
					 int max_active)
{
	struct workqueue_struct *wq = malloc(sizeof(*wq));

	(void)flags;
	(void)max_active;
	if (wq)
		wq->name = name;
	return wq;
}

static bool enqueue(struct work_struct *work)
{
	bool was_pending;

	pthread_mutex_lock(&queue_lock);
	was_pending = work->pending;
	if (!was_pending) {
		work->pending = true;
		work->next = NULL;
		*queue_end = work;
		queue_end = &work->next;
	}
	pthread_mutex_unlock(&queue_lock);
	return !was_pending;
}

static void unlink_work(struct work_struct *work)
{
	struct work_struct **at = &queue;

	while (*at && *at != work)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = work->next;
	work->pending = false;
	for (queue_end = &queue; *queue_end; queue_end = &(*queue_end)->next)
		;
}

static struct work_struct *dequeue(void)
{
	struct work_struct *work;

	pthread_mutex_lock(&queue_lock);
	work = queue;
	if (work)
		unlink_work(work);
	running = work;
	pthread_mutex_unlock(&queue_lock);
	return work;
}

void shim_run_work(void)
{
	struct work_struct *work;

	pthread_mutex_lock(&run_lock);
	while ((work = dequeue()))
		work->func(work);
	pthread_mutex_unlock(&run_lock);
}

void flush_workqueue(struct workqueue_struct *wq)
{
	(void)wq;
	shim_run_work();
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	shim_run_work();
	free(wq);
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	(void)wq;
	return enqueue(work);
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *work,
			unsigned long delay)
{
	(void)wq;
	(void)delay;
	return enqueue(&work->work);
}

static bool is_running(const struct work_struct *work)
{
	bool is;

	pthread_mutex_lock(&queue_lock);
	is = running == work;
	pthread_mutex_unlock(&queue_lock);
	return is;
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
	bool was_pending;

	/* It may queue itself once more while it runs. */
	do {
		while (is_running(&work->work))
			usleep(1);
		pthread_mutex_lock(&queue_lock);
		was_pending = work->work.pending;
		unlink_work(&work->work);
		pthread_mutex_unlock(&queue_lock);
	} while (is_running(&work->work));
	return was_pending;
}

static void grace_period_over(struct rcu_head *rcu)
{
	enqueue(&container_of(rcu, struct rcu_work, rcu)->work);
}

bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *work)
{
	(void)wq;
	call_rcu(&work->rcu, grace_period_over);
	return true;
}
