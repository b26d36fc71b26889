// SPDX-License-Identifier: GPL-2.0-only
/*
 * actors.c - the threads: made, paused and resumed all together, moved between
 * CPUs, stopped.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "torture.h"

static const struct role * const roles[] = {
	&reader_role, &writer_role, &iterator_role, &grower_role,
	&compactor_role, &rekeyer_role, &clearer_role, &checker_role,
	&destroyer_role, &guest_role,
};

static struct actor **actors;
static unsigned int nr_actors;

void actor_init(struct actor *actor, enum context context, u32 seed)
{
	actor->context = context;
	prandom_seed_state(&actor->random, mix(seed));
}

/* Sleep for a random time; 0: only let others run. */
void actor_rest(struct actor *actor, u32 jiffies_max)
{
	u32 rest = random_below(actor, jiffies_max + 1);

	if (rest)
		schedule_timeout_interruptible(rest);
	else
		cond_resched();
}

/* For those whose round is a long one. */
bool actor_should_end(void)
{
	return kthread_should_stop() || kthread_should_park();
}

static int actor_run(void *data)
{
	struct actor *actor = data;

	while (!kthread_should_stop()) {
		if (kthread_should_park()) {
			kthread_parkme();
			continue;
		}
		actor->role->once(actor);
		WRITE_ONCE(actor->rounds, actor->rounds + 1);
		cond_resched();
	}
	return 0;
}

static struct actor *actor_create(const struct role *role, unsigned int nr,
				  u32 seed)
{
	size_t private_size = role->private_size ? role->private_size() : 0;
	struct actor *actor;

	actor = kzalloc(sizeof(*actor) + private_size, GFP_KERNEL);
	if (!actor)
		return ERR_PTR(-ENOMEM);
	actor->role = role;
	actor->nr = nr;
	actor->private = actor + 1;
	actor_init(actor, IN_PROCESS, seed);
	actor->task = kthread_run(actor_run, actor, "torture/%s%u", role->name,
				  nr);
	if (IS_ERR(actor->task)) {
		struct task_struct *err = actor->task;

		kfree(actor);
		return ERR_CAST(err);
	}
	return actor;
}

static unsigned int actors_wanted(void)
{
	unsigned int i, wanted = 0;

	for (i = 0; i < ARRAY_SIZE(roles); i++)
		wanted += *roles[i]->count;
	return wanted;
}

static int role_start(const struct role *role, u32 seed)
{
	struct actor *actor;
	unsigned int nr;

	for (nr = 0; nr < *role->count; nr++) {
		actor = actor_create(role, nr, seed + nr_actors);
		if (IS_ERR(actor))
			return PTR_ERR(actor);
		actors[nr_actors++] = actor;
	}
	return 0;
}

/*
 * Returns 0 or a negative errno; actors_stop() and actors_destroy() are called in
 * any case.
 */
int actors_start(u32 seed)
{
	unsigned int i;
	int err = 0;

	actors = kcalloc(actors_wanted() + 1, sizeof(*actors), GFP_KERNEL);
	if (!actors)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(roles) && !err; i++)
		err = role_start(roles[i], seed);
	return err;
}

/* When it returns, no thread is inside any map. */
void actors_pause(void)
{
	unsigned int i;

	for (i = 0; i < nr_actors; i++)
		kthread_park(actors[i]->task);
}

void actors_resume(void)
{
	unsigned int i;

	for (i = 0; i < nr_actors; i++)
		kthread_unpark(actors[i]->task);
}

void actors_stop(void)
{
	unsigned int i;

	for (i = 0; i < nr_actors; i++)
		kthread_stop(actors[i]->task);
}

void actors_destroy(void)
{
	unsigned int i;

	for (i = 0; i < nr_actors; i++)
		kfree(actors[i]);
	kfree(actors);
}

/* Each thread to some CPU of its own, or to wherever there is room. */
void actors_shuffle(struct actor *director)
{
	unsigned int i, cpu;

	for (i = 0; i < nr_actors; i++) {
		cpu = random_below(director, nr_cpu_ids + 1);
		if (cpu < nr_cpu_ids && cpu_online(cpu))
			set_cpus_allowed_ptr(actors[i]->task, cpumask_of(cpu));
		else
			set_cpus_allowed_ptr(actors[i]->task,
					     cpu_online_mask);
	}
}

/* What all of them did; they may be at it. */
void actors_total(struct tally *total)
{
	unsigned int i;

	for (i = 0; i < nr_actors; i++)
		tally_add(total, &actors[i]->tally);
}

/* How many never got round to anything. */
unsigned int actors_idle(void)
{
	unsigned int i, idle = 0;

	for (i = 0; i < nr_actors; i++) {
		if (READ_ONCE(actors[i]->rounds))
			continue;
		pr_err("# %s%u has not done anything\n",
		       actors[i]->role->name, actors[i]->nr);
		idle++;
	}
	return idle;
}
