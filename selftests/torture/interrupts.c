// SPDX-License-Identifier: GPL-2.0-only
/*
 * interrupts.c - readers in hard interrupts, readers and writers in softirqs.
 *
 * On each CPU a timer goes off at random times, wherever that CPU is just then:
 * in a writer that holds a lock as well as anywhere else.  Its handler looks
 * keys up, schedules a tasklet that does so and writes, and sends an NMI to some
 * CPU, where there is such a thing.
 */
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "torture.h"

#define INTERRUPT_LOOKUPS	4
#define SOFTIRQ_WRITES		2
#define TIMERS_PER_NMI		8

/**
 * struct interrupter - what goes off on one CPU.
 * @timer: The timer.
 * @tasklet: The softirq.
 * @hard: Who acts in the timer's handler.
 * @soft: Who acts in the tasklet.
 */
struct interrupter {
	struct hrtimer timer;
	struct tasklet_struct tasklet;
	struct actor hard;
	struct actor soft;
};

static struct interrupter **interrupters; /* one for each CPU that was online */

static ktime_t random_period(struct actor *actor)
{
	return ns_to_ktime(NSEC_PER_USEC *
			   (1 + random_below(actor, 2 * interrupt_us)));
}

static enum hrtimer_restart on_timer(struct hrtimer *timer)
{
	struct interrupter *it = container_of(timer, struct interrupter, timer);

	read_at_random(&it->hard, INTERRUPT_LOOKUPS);
	tasklet_schedule(&it->tasklet);
	if (one_in(&it->hard, TIMERS_PER_NMI))
		nmi_send(random_below(&it->hard, nr_cpu_ids));
	hrtimer_forward_now(timer, random_period(&it->hard));
	return HRTIMER_RESTART;
}

static void on_softirq(struct tasklet_struct *tasklet)
{
	struct interrupter *it = container_of(tasklet, struct interrupter,
					      tasklet);
	int i;

	read_at_random(&it->soft, INTERRUPT_LOOKUPS);
	for (i = 0; i < SOFTIRQ_WRITES; i++)
		ground_write_wild(random_ground(&it->soft), &it->soft,
				  GFP_ATOMIC);
}

static void timer_init(struct hrtimer *timer)
{
#ifdef HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, on_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer->function = on_timer;
#endif
}

static struct interrupter *interrupter_create(u32 seed)
{
	struct interrupter *it = kzalloc(sizeof(*it), GFP_KERNEL);

	if (!it)
		return NULL;
	actor_init(&it->hard, IN_HARDIRQ, seed);
	actor_init(&it->soft, IN_SOFTIRQ, ~seed);
	tasklet_setup(&it->tasklet, on_softirq);
	timer_init(&it->timer);
	return it;
}

int interrupts_create(u32 seed)
{
	unsigned int cpu;

	interrupters = kcalloc(nr_cpu_ids, sizeof(*interrupters), GFP_KERNEL);
	if (!interrupters)
		return -ENOMEM;
	for_each_online_cpu(cpu) {
		interrupters[cpu] = interrupter_create(seed + cpu);
		if (!interrupters[cpu]) {
			interrupts_destroy();
			return -ENOMEM;
		}
	}
	return 0;
}

void interrupts_destroy(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		kfree(interrupters[cpu]);
	kfree(interrupters);
}

static void start_here(void *data)
{
	struct interrupter *it = data;

	hrtimer_start(&it->timer, random_period(&it->hard),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

void interrupts_start(void)
{
	unsigned int cpu;

	if (!interrupt_us)
		return;
	cpus_read_lock();
	for_each_online_cpu(cpu)
		if (interrupters[cpu])
			smp_call_function_single(cpu, start_here,
						 interrupters[cpu], true);
	cpus_read_unlock();
}

/* When it returns, no interrupt is inside any map. */
void interrupts_stop(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (!interrupters[cpu])
			continue;
		hrtimer_cancel(&interrupters[cpu]->timer);
		tasklet_kill(&interrupters[cpu]->tasklet);
	}
}

void interrupts_total(struct tally *total)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (!interrupters[cpu])
			continue;
		tally_add(total, &interrupters[cpu]->hard.tally);
		tally_add(total, &interrupters[cpu]->soft.tally);
	}
}
