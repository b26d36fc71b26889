// SPDX-License-Identifier: GPL-2.0-only
/*
 * gomap_lookup_many(): what each key gets is what it gets alone, in every
 * context that the header allows, and while others write.
 */
#include <linux/bottom_half.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "test.h"

#define CROWD	40U	/* more than go together, and no multiple of that */
#define WORDS	8
#define KEYS	1000ULL

/**
 * struct crowd - keys that are looked up together, and what came of it.
 * @map: Where.
 * @next: The key to begin with next time.
 * @queries: The lookups.
 * @keys: Their keys.
 * @values: Room for their values.
 * @asked: Lookups made in all.
 * @hits: How many found their key, and a whole value.
 * @gave_up: How many were -EAGAIN.
 * @wrong: How many had another result.
 * @irq: For who asks in interrupts.
 * @tasklet: For who asks in softirqs.
 * @ended: Nobody needs more.
 */
struct crowd {
	struct gomap *map;
	u64 next;
	struct gomap_query queries[CROWD];
	u64 keys[CROWD];
	u64 values[CROWD][WORDS];
	u64 asked;
	u64 hits;
	u64 gave_up;
	u64 wrong;
	struct irq_work irq;
	struct tasklet_struct tasklet;
	bool *ended;
};

/* All words of a value are the same, and say whose it is. */
static int store_version(struct gomap *map, u64 key, u64 version, gfp_t gfp)
{
	u64 value[WORDS];
	int i;

	for (i = 0; i < WORDS; i++)
		value[i] = version << 32 | key;
	return gomap_store(map, &key, sizeof(key), value, sizeof(value), gfp);
}

static bool value_is_whole(u64 key, const u64 *value)
{
	int i;

	for (i = 1; i < WORDS; i++)
		if (value[i] != value[0])
			return false;
	return (u32)value[0] == key;
}

/* KEYS keys are in the map, those behind them are not, all the time. */
static void note_result(struct crowd *crowd, u32 i)
{
	int result = crowd->queries[i].result;
	bool there = crowd->keys[i] < KEYS;

	crowd->asked++;
	if (result == -EAGAIN)
		crowd->gave_up++;
	else if (!there)
		crowd->wrong += result != -ENOENT;
	else if (result == sizeof(crowd->values[i]) &&
		 value_is_whole(crowd->keys[i], crowd->values[i]))
		crowd->hits++;
	else
		crowd->wrong++;
}

static void ask(struct crowd *crowd)
{
	u32 i, found = 0, said;

	for (i = 0; i < CROWD; i++) {
		crowd->keys[i] = crowd->next++ % (2 * KEYS);
		crowd->queries[i] = (struct gomap_query){
			.key = &crowd->keys[i],
			.value = crowd->values[i],
			.key_len = sizeof(crowd->keys[i]),
			.value_cap = sizeof(crowd->values[i]),
		};
	}
	said = gomap_lookup_many(crowd->map, crowd->queries, CROWD);
	for (i = 0; i < CROWD; i++) {
		note_result(crowd, i);
		found += crowd->queries[i].result >= 0;
	}
	crowd->wrong += said != found;
}

static struct gomap *create_versions(u32 flags)
{
	struct gomap *map = test_create(8, 8 * WORDS, 0, flags);
	u64 key;

	for (key = 0; key < KEYS; key++)
		EXPECT_EQ(0, store_version(map, key, 0, GFP_KERNEL));
	return map;
}

/* NULL, which the test has failed for then, where there is no memory. */
static struct crowd *create_crowds(u32 nr, u32 flags)
{
	struct crowd *crowds = kcalloc(nr, sizeof(*crowds), GFP_KERNEL);
	u32 i;

	if (!EXPECT(crowds))
		return NULL;
	crowds[0].map = create_versions(flags);
	for (i = 1; i < nr; i++) {
		crowds[i].map = crowds[0].map;
		crowds[i].next = i * 123;
	}
	return crowds;
}

static void put_crowds(struct crowd *crowds)
{
	test_put(crowds->map);
	kfree(crowds);
}

static void of_many_the_nil_map_has_none(void)
{
	u64 key = 1, value = 5;
	struct gomap_query queries[] = {
		{ .key = &key, .key_len = 8, .value = &value, .value_cap = 8 },
		{ .key = &key, .key_len = 9 },
	};

	EXPECT_EQ(0, gomap_lookup_many(NULL, queries, 2));
	EXPECT_EQ(-ENOENT, queries[0].result);
	EXPECT_EQ(-ENOENT, queries[1].result);
	EXPECT_EQ(5, value);
	EXPECT_EQ(0, gomap_lookup_many(NULL, NULL, 0));
}

/* Hits, misses, wrong lengths, too little room and none, in turn. */
static void ask_in_turn(struct crowd *crowd, u32 turn, u32 nr)
{
	u64 alone[WORDS];
	u32 i, n, found;

	for (i = 0, n = turn; i < nr; i++, n++) {
		crowd->keys[i] = n % 4 ? n : KEYS + n;
		crowd->queries[i] = (struct gomap_query){
			.key = &crowd->keys[i],
			.value = n % 5 ? crowd->values[i] : NULL,
			.key_len = n % 7 ? 8 : 7,
			.value_cap = 8 * WORDS - !(n % 6),
		};
	}
	found = gomap_lookup_many(crowd->map, crowd->queries, nr);
	for (i = 0; i < nr; i++) {
		struct gomap_query *q = &crowd->queries[i];

		found -= q->result >= 0;
		EXPECT_EQ(gomap_lookup(crowd->map, q->key, q->key_len,
				       q->value ? alone : NULL, q->value_cap),
			  q->result);
		if (q->value && q->result >= 0)
			EXPECT(value_is_whole(crowd->keys[i], q->value));
	}
	EXPECT_EQ(0, found);
}

static void of_many_each_gets_what_it_gets_alone(void)
{
	static const u32 numbers[] = { 0, 1, 15, 16, 17, 31, 32, 33, CROWD };
	struct crowd *crowd = create_crowds(1, 0);
	u32 turn;

	if (!crowd)
		return;
	for (turn = 0; turn < 5 * ARRAY_SIZE(numbers); turn++)
		ask_in_turn(crowd, turn, numbers[turn % ARRAY_SIZE(numbers)]);
	put_crowds(crowd);
}

static void many_with_interrupts_off(void)
{
	struct crowd *crowd = create_crowds(1, 0);
	unsigned long flags;
	int i;

	if (!crowd)
		return;
	EXPECT_EQ(0, gomap_finish_resize(crowd->map));
	local_irq_save(flags);
	for (i = 0; i < 100; i++)
		ask(crowd);
	local_irq_restore(flags);
	EXPECT_EQ(0, crowd->wrong);
	EXPECT_EQ(0, crowd->gave_up);
	EXPECT_EQ(100 * CROWD / 2, crowd->hits);
	put_crowds(crowd);
}

static void on_interrupt(struct irq_work *irq)
{
	ask(container_of(irq, struct crowd, irq));
}

/* Who would wait for the writer below it would wait for ever. */
static void many_in_interrupts_of_a_writer(void)
{
	struct crowd *crowd = create_crowds(1, 0);
	int i;

	if (!crowd)
		return;
	crowd->irq = IRQ_WORK_INIT_HARD(on_interrupt);
	for (i = 0; i < 10000; i++) {
		irq_work_queue(&crowd->irq);
		EXPECT_EQ(1, store_version(crowd->map, i % KEYS, i,
					   GFP_KERNEL));
	}
	irq_work_sync(&crowd->irq);
	EXPECT_AT_LEAST(1, crowd->hits);
	EXPECT_EQ(0, crowd->wrong);
	put_crowds(crowd);
}

/* Between two questions it writes, too, as softirqs may. */
static void on_softirq(struct tasklet_struct *tasklet)
{
	struct crowd *crowd = container_of(tasklet, struct crowd, tasklet);

	ask(crowd);
	crowd->wrong += store_version(crowd->map, crowd->asked % KEYS,
				      crowd->asked, GFP_ATOMIC) != 1;
}

static void many_in_softirqs_of_a_writer(void)
{
	struct crowd *crowd = create_crowds(1, 0);
	int i;

	if (!crowd)
		return;
	tasklet_setup(&crowd->tasklet, on_softirq);
	for (i = 0; i < 2000; i++) {
		tasklet_schedule(&crowd->tasklet);
		EXPECT_EQ(1, store_version(crowd->map, i % KEYS, i,
					   GFP_KERNEL));
	}
	tasklet_kill(&crowd->tasklet);
	EXPECT_AT_LEAST(1, crowd->hits);
	EXPECT_EQ(0, crowd->gave_up);
	EXPECT_EQ(0, crowd->wrong);
	put_crowds(crowd);
}

static void ask_until_ended(void *arg)
{
	struct crowd *crowd = arg;

	while (!READ_ONCE(*crowd->ended)) {
		ask(crowd);
		cond_resched();
	}
}

/* Others come and go, so that it grows and shrinks; those asked for stay. */
static void write_and_resize(void *args)
{
	struct crowd *crowds = args;
	struct gomap *map = crowds[0].map;
	u64 round, key;

	for (round = 1; round <= 4; round++) {
		for (key = 0; key < KEYS; key++)
			EXPECT_EQ(1, store_version(map, key, round,
						   GFP_KERNEL));
		for (key = 2 * KEYS; key < 12 * KEYS; key++)
			EXPECT_EQ(0, store_version(map, key, round,
						   GFP_KERNEL));
		EXPECT_EQ(0, gomap_rekey(map));
		for (key = 2 * KEYS; key < 12 * KEYS; key++)
			EXPECT_EQ(1, gomap_delete(map, &key, sizeof(key)));
		EXPECT_EQ(0, gomap_compact(map));
		cond_resched();
	}
	WRITE_ONCE(*crowds[0].ended, true);
}

static void many_while_it_is_resized(u32 flags)
{
	struct crowd *crowds = create_crowds(TEST_THREADS, flags);
	bool ended = false;
	int i;

	if (!crowds)
		return;
	for (i = 0; i < TEST_THREADS; i++)
		crowds[i].ended = &ended;
	test_run_threads(ask_until_ended, crowds, sizeof(*crowds),
			 write_and_resize);
	for (i = 0; i < TEST_THREADS; i++) {
		EXPECT_AT_LEAST(1, crowds[i].hits);
		EXPECT_EQ(0, crowds[i].gave_up);
		EXPECT_EQ(0, crowds[i].wrong);
	}
	put_crowds(crowds);
}

static void many_while_writers_resize(void)
{
	many_while_it_is_resized(0);
}

static void many_trusted_ones_while_writers_resize(void)
{
	many_while_it_is_resized(GOMAP_F_TRUSTED_KEYS);
}

static void many_stable_ones_while_writers_resize(void)
{
	many_while_it_is_resized(GOMAP_F_STABLE);
}

const struct test many_tests[] = {
	TEST(of_many_the_nil_map_has_none),
	TEST(of_many_each_gets_what_it_gets_alone),
	TEST(many_with_interrupts_off),
	TEST(many_in_interrupts_of_a_writer),
	TEST(many_in_softirqs_of_a_writer),
	TEST(many_while_writers_resize),
	TEST(many_trusted_ones_while_writers_resize),
	TEST(many_stable_ones_while_writers_resize),
	{}
};
