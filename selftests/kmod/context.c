// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls from where one may not sleep: what the header promises for
 * hard interrupts, softirqs, and sections with preemption, interrupts or bottom
 * halves off.
 */
#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/hardirq.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "test.h"

#define KEYS	1000ULL
/* All of them in one bucket. */
#define STORM_KEYS	8

static int lookup(struct gomap *map, u64 key)
{
	u64 value = ~key;
	int ret = gomap_lookup(map, &key, sizeof(key), &value, sizeof(value));

	return ret == sizeof(value) && value != key ? -EIO : ret;
}

static int store_atomic(struct gomap *map, u64 key)
{
	return gomap_store(map, &key, sizeof(key), &key, sizeof(key),
			   GFP_ATOMIC);
}

/* Nobody writes, so no lookup has a reason to give up. */
static void lookup_with_interrupts_off(void)
{
	struct gomap *map = test_create_u64();
	unsigned long flags;
	int wrong = 0;
	u64 key;

	test_fill(map, 0, KEYS);
	EXPECT_EQ(0, gomap_finish_resize(map));
	local_irq_save(flags);
	for (key = 0; key < KEYS; key++) {
		wrong += lookup(map, key) != 8;
		wrong += lookup(map, key + KEYS) != -ENOENT;
	}
	wrong += gomap_len(map) != KEYS;
	local_irq_restore(flags);
	EXPECT_EQ(0, wrong);
	test_put(map);
}

static void lookup_in_an_rcu_section_without_preemption(void)
{
	struct gomap *map = test_create_u64();
	int wrong = 0;
	u64 key;

	test_fill(map, 0, KEYS);
	rcu_read_lock();
	preempt_disable();
	for (key = 0; key < KEYS; key++)
		wrong += lookup(map, key) != 8;
	preempt_enable();
	rcu_read_unlock();
	EXPECT_EQ(0, wrong);
	test_put(map);
}

/**
 * struct storm - a thread that writes without a pause.
 * @map: The map.
 * @ready: It has begun.
 */
struct storm {
	struct gomap *map;
	struct completion ready;
};

static int storm(void *data)
{
	struct storm *s = data;
	u64 key = 0;

	complete(&s->ready);
	while (!kthread_should_stop()) {
		test_store(s->map, key++ % STORM_KEYS);
		cond_resched();
	}
	return 0;
}

/*
 * On PREEMPT_RT, a reader in the way of writers who have a stripe could only
 * sleep; with preemption off it has to give up.  The kernel says "scheduling
 * while atomic" of one that does not.
 */
static void lookup_without_preemption_beside_a_writer(void)
{
	struct storm s = { .map = test_create_u64() };
	struct task_struct *thread;
	u64 hits = 0, wrong = 0;
	int i, ret;

	test_fill(s.map, 0, STORM_KEYS);
	init_completion(&s.ready);
	thread = kthread_run(storm, &s, "gomap_storm");
	if (!EXPECT(!IS_ERR(thread))) {
		test_put(s.map);
		return;
	}
	wait_for_completion(&s.ready);
	for (i = 0; i < 200000; i++) {
		preempt_disable();
		ret = lookup(s.map, i % STORM_KEYS);
		preempt_enable();
		hits += ret == 8;
		wrong += ret != 8 && ret != -EAGAIN;
		cond_resched();
	}
	kthread_stop(thread);
	EXPECT_AT_LEAST(1, hits);
	EXPECT_EQ(0, wrong);
	test_put(s.map);
}

/**
 * struct interrupt - lookups in hard interrupts.
 * @work: Runs them.
 * @map: The map.
 * @lookups: How many were made.
 * @hits: How many found their key.
 * @gave_up: How many were -EAGAIN.
 * @wrong: How many had another result.
 * @elsewhere: How many were not made in a hard interrupt.
 */
struct interrupt {
	struct irq_work work;
	struct gomap *map;
	u64 lookups;
	u64 hits;
	u64 gave_up;
	u64 wrong;
	u64 elsewhere;
};

static void on_interrupt(struct irq_work *work)
{
	struct interrupt *irq = container_of(work, struct interrupt, work);
	int i;

	for (i = 0; i < 20; i++) {
		int ret = lookup(irq->map, irq->lookups++ % KEYS);

		irq->hits += ret == 8;
		irq->gave_up += ret == -EAGAIN;
		irq->wrong += ret != 8 && ret != -EAGAIN;
		irq->elsewhere += !in_hardirq();
	}
}

static void interrupt_init(struct interrupt *irq, struct gomap *map)
{
	*irq = (struct interrupt){
		.work = IRQ_WORK_INIT_HARD(on_interrupt),
		.map = map,
	};
}

static void lookup_in_a_hard_interrupt(void)
{
	struct gomap *map = test_create_u64();
	struct interrupt irq;
	int i;

	test_fill(map, 0, KEYS);
	EXPECT_EQ(0, gomap_finish_resize(map));
	interrupt_init(&irq, map);
	for (i = 0; i < 100; i++) {
		irq_work_queue(&irq.work);
		irq_work_sync(&irq.work);
	}
	EXPECT_EQ(2000, irq.lookups);
	EXPECT_EQ(2000, irq.hits);
	EXPECT_EQ(0, irq.elsewhere);
	test_put(map);
}

/*
 * The interrupt comes into the writer's own stripe as often as not: a reader
 * that waited for the lock would wait for the writer below it for ever.
 */
static void lookup_in_interrupts_of_a_writer(void)
{
	struct gomap *map = test_create_u64();
	struct interrupt irq;
	int i;

	test_fill(map, 0, KEYS);
	interrupt_init(&irq, map);
	for (i = 0; i < 10000; i++) {
		irq_work_queue(&irq.work);
		EXPECT_EQ(1, test_store(map, i % KEYS));
	}
	irq_work_sync(&irq.work);
	EXPECT_AT_LEAST(1, irq.hits);
	EXPECT_EQ(0, irq.wrong);
	EXPECT_EQ(irq.lookups, irq.hits + irq.gave_up);
	EXPECT_EQ(0, irq.elsewhere);
	test_put(map);
}

static void write_with_bottom_halves_off(void)
{
	struct gomap *map = test_create_u64();
	int wrong = 0;
	u64 key;

	local_bh_disable();
	for (key = 0; key < KEYS; key++)
		wrong += store_atomic(map, key) != 0;
	for (key = 0; key < KEYS; key += 2)
		wrong += gomap_delete(map, &key, sizeof(key)) != 1;
	local_bh_enable();
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(KEYS / 2, gomap_len(map));
	EXPECT_EQ(KEYS / 2, test_count_wrong(map, 0, KEYS));
	test_put(map);
}

static void write_in_an_rcu_section(void)
{
	struct gomap *map = test_create_u64();
	int wrong = 0;
	u64 key;

	rcu_read_lock();
	for (key = 0; key < KEYS; key++)
		wrong += store_atomic(map, key) != 0;
	rcu_read_unlock();
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(0, test_count_wrong(map, 0, KEYS));
	test_put(map);
}

/**
 * struct softirq - writes in softirqs.
 * @tasklet: Runs them.
 * @map: The map.
 * @next: Next key to store.
 * @wrong: How many writes had an unexpected result.
 */
struct softirq {
	struct tasklet_struct tasklet;
	struct gomap *map;
	u64 next;
	u64 wrong;
};

/* Keys of its own: each is stored, and every other is deleted again. */
static void on_softirq(struct tasklet_struct *tasklet)
{
	struct softirq *soft = container_of(tasklet, struct softirq, tasklet);
	int i;

	for (i = 0; i < 10; i++) {
		u64 key = soft->next++;

		soft->wrong += store_atomic(soft->map, key) != 0;
		soft->wrong += lookup(soft->map, key) != 8;
		if (key % 2)
			soft->wrong += gomap_delete(soft->map, &key, 8) != 1;
	}
}

/* Softirqs come into process context that holds a stripe, or did not yet. */
static void write_in_softirqs_of_a_writer(void)
{
	struct softirq soft = { .map = test_create_u64(), .next = KEYS };
	u64 wrong = 0;
	int i;

	tasklet_setup(&soft.tasklet, on_softirq);
	for (i = 0; i < 2000; i++) {
		u64 key = i % KEYS;

		tasklet_schedule(&soft.tasklet);
		wrong += test_store(soft.map, key) < 0;
		wrong += lookup(soft.map, key) != 8;
	}
	tasklet_kill(&soft.tasklet);
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(0, soft.wrong);
	EXPECT_AT_LEAST(KEYS + 10, soft.next);
	EXPECT_EQ(0, test_count_wrong(soft.map, 0, KEYS));
	EXPECT_EQ(KEYS + (soft.next - KEYS) / 2, gomap_len(soft.map));
	test_put(soft.map);
}

/* Values out of line come from the arena, which has to be asked without sleep. */
static void long_values_without_sleep(void)
{
	static u8 value[4000];
	struct gomap *map = test_create(8, sizeof(value), 0, 0);
	int refused = 0;
	int wrong = 0;
	u64 key;

	local_bh_disable();
	for (key = 0; key < 200; key++) {
		int ret = gomap_insert(map, &key, 8, value, sizeof(value),
				       GFP_ATOMIC);

		refused += ret == -ENOMEM;
		wrong += ret && ret != -ENOMEM;
	}
	local_bh_enable();
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(200 - refused, gomap_len(map));
	EXPECT_AT_LEAST(1, gomap_len(map));
	test_put(map);
}

const struct test context_tests[] = {
	TEST(lookup_with_interrupts_off),
	TEST(lookup_in_an_rcu_section_without_preemption),
	TEST(lookup_without_preemption_beside_a_writer),
	TEST(lookup_in_a_hard_interrupt),
	TEST(lookup_in_interrupts_of_a_writer),
	TEST(write_with_bottom_halves_off),
	TEST(write_in_an_rcu_section),
	TEST(write_in_softirqs_of_a_writer),
	TEST(long_values_without_sleep),
	{}
};
