// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that write, read and iterate at the same time.
 *
 * Values prove themselves: the words of one are computed from its key and its
 * version, so one made of two stores, or found under the wrong key, gives
 * itself away.  Each test runs for a short time and ends with a check of all
 * invariants.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "test.h"

#define RUN_MS		500
#define MAX_WORDS	150	/* 1200 bytes: out of line */
#define MAX_THREADS	6

/**
 * struct scene - what the threads of a test share.
 * @map: The map.
 * @words: Words of a value.
 * @keys: Keys are below that.
 * @deletes: One in so many writes is a delete; 0: none.
 */
struct scene {
	struct gomap *map;
	u32 words;
	u64 keys;
	u32 deletes;
};

/**
 * struct actor - one thread, and what it saw.
 * @scene: Where it plays.
 * @task: The thread.
 * @random: Its random state.
 * @rounds: What it did.
 * @hits: Entries that it saw.
 * @torn: Values that were not whole.
 * @wrong: Results that must not be.
 * @busy: -EBUSY.
 * @value: Room for a value.
 */
struct actor {
	const struct scene *scene;
	struct task_struct *task;
	u64 random;
	u64 rounds;
	u64 hits;
	u64 torn;
	u64 wrong;
	u64 busy;
	u64 value[MAX_WORDS];
};

static u64 next_random(struct actor *actor)
{
	actor->random += 0xb5ad4eceda1ce2a9ULL;
	return test_mix(actor->random);
}

static u64 word_of(u64 key, u64 version, u32 i)
{
	return test_mix(key * 31 + version * 17 + i);
}

static void make_value(u64 *value, u32 words, u64 key, u64 version)
{
	u32 i;

	value[0] = version;
	for (i = 1; i < words; i++)
		value[i] = word_of(key, version, i);
}

static bool value_is_whole(const u64 *value, u32 words, u64 key)
{
	u32 i;

	for (i = 1; i < words; i++)
		if (value[i] != word_of(key, value[0], i))
			return false;
	return true;
}

/* A write fails for one reason only: a strict map has another writer. */
static void note_write(struct actor *actor, int ret)
{
	if (ret == -EBUSY)
		actor->busy++;
	else
		actor->wrong += ret < 0;
}

static void write_once(struct actor *actor)
{
	const struct scene *scene = actor->scene;
	u64 key = next_random(actor) % scene->keys;

	if (scene->deletes && next_random(actor) % scene->deletes == 0) {
		note_write(actor, gomap_delete(scene->map, &key, sizeof(key)));
		return;
	}
	make_value(actor->value, scene->words, key, next_random(actor));
	note_write(actor, gomap_store(scene->map, &key, sizeof(key),
				      actor->value, 8 * scene->words,
				      GFP_KERNEL));
}

static void read_once(struct actor *actor)
{
	const struct scene *scene = actor->scene;
	u64 key = next_random(actor) % scene->keys;
	int ret = gomap_lookup(scene->map, &key, sizeof(key), actor->value,
			       sizeof(actor->value));

	if (ret == -ENOENT)
		return;
	actor->hits++;
	if (ret != 8 * scene->words)
		actor->wrong++;
	else
		actor->torn += !value_is_whole(actor->value, scene->words, key);
}

static void walk_once(struct actor *actor)
{
	const struct scene *scene = actor->scene;
	u64 key = ~0ULL;
	struct gomap_entry entry = {
		.key = &key,
		.key_cap = sizeof(key),
		.value = actor->value,
		.value_cap = sizeof(actor->value),
	};
	struct gomap_iter iter;
	int ret;

	gomap_iter_begin(&iter, scene->map);
	while ((ret = gomap_iter_next(&iter, &entry)) > 0) {
		actor->hits++;
		actor->wrong += key >= scene->keys;
		actor->torn += !value_is_whole(actor->value, scene->words, key);
		if (kthread_should_stop())
			break;
	}
	actor->wrong += ret < 0 && ret != -ESTALE;
	gomap_iter_end(&iter);
}

static int act(struct actor *actor, void (*once)(struct actor *actor))
{
	while (!kthread_should_stop()) {
		once(actor);
		actor->rounds++;
		cond_resched();
	}
	return 0;
}

static int writer(void *actor)
{
	return act(actor, write_once);
}

static int reader(void *actor)
{
	return act(actor, read_once);
}

static int walker(void *actor)
{
	return act(actor, walk_once);
}

static void start_actor(struct actor *actor, const struct scene *scene, int nr,
			int (*function)(void *actor))
{
	actor->scene = scene;
	actor->random = nr + 1;
	actor->task = kthread_run(function, actor, "gomap_test/%d", nr);
	if (!EXPECT_EQ(0, PTR_ERR_OR_ZERO(actor->task)))
		actor->task = NULL;
}

static void stop_actor(struct actor *actor)
{
	if (!actor->task)
		return;
	kthread_stop(actor->task);
	EXPECT_EQ(0, actor->torn);
	EXPECT_EQ(0, actor->wrong);
}

/*
 * Have each of the functions (NULL closes them) play in the scene, and call
 * @meanwhile, if any, until the time is over.  Returns how often writers were
 * told -EBUSY.
 */
static u64 play(const struct scene *scene, int (* const *functions)(void *actor),
		void (*meanwhile)(const struct scene *scene))
{
	struct actor *actors = kcalloc(MAX_THREADS, sizeof(*actors),
				       GFP_KERNEL);
	unsigned long end = jiffies + msecs_to_jiffies(RUN_MS);
	u64 busy = 0;
	int nr = 0;

	if (!EXPECT(actors))
		return 0;
	for (; functions[nr]; nr++)
		start_actor(&actors[nr], scene, nr, functions[nr]);
	do {
		if (meanwhile)
			meanwhile(scene);
		msleep(20);
	} while (time_before(jiffies, end));
	while (nr--) {
		stop_actor(&actors[nr]);
		EXPECT_AT_LEAST(1, actors[nr].rounds);
		busy += actors[nr].busy;
	}
	kfree(actors);
	return busy;
}

#define STAYING		8	/* keys below that are never taken out */

/* A key that stays is there at any moment, whatever the map does meanwhile. */
static void read_staying(struct actor *actor)
{
	const struct scene *scene = actor->scene;
	u64 key = next_random(actor) % STAYING;
	int ret = gomap_lookup(scene->map, &key, sizeof(key), actor->value,
			       sizeof(actor->value));

	actor->wrong += ret != 8 * scene->words || actor->value[0] != key;
}

static int staying_reader(void *actor)
{
	return act(actor, read_staying);
}

/* The smaller the map, the more of its buckets move in each growth. */
static void keys_that_stay_are_found_through_growths(void)
{
	struct actor *actors = kcalloc(2, sizeof(*actors), GFP_KERNEL);
	struct scene scene = { .words = 1 };
	u64 rounds = 0;
	int round;

	if (!EXPECT(actors))
		return;
	for (round = 0; round < 40; round++) {
		scene.map = test_create_u64();
		test_fill(scene.map, 0, STAYING);
		start_actor(&actors[0], &scene, 0, staying_reader);
		start_actor(&actors[1], &scene, 1, staying_reader);
		test_fill(scene.map, STAYING, 1500);
		stop_actor(&actors[0]);
		stop_actor(&actors[1]);
		rounds += actors[0].rounds + actors[1].rounds;
		test_put(scene.map);
	}
	EXPECT_AT_LEAST(1, rounds);
	kfree(actors);
}

static int (* const all_kinds[])(void *actor) = {
	writer, writer, reader, reader, walker, NULL,
};

static void play_all_kinds(u32 words, u64 keys, u32 deletes)
{
	struct scene scene = {
		.map = test_create(8, 8 * words, 0, 0),
		.words = words,
		.keys = keys,
		.deletes = deletes,
	};

	if (!scene.map)
		return;
	EXPECT_EQ(0, play(&scene, all_kinds, NULL));
	test_put(scene.map);
}

static void a_few_keys_fought_over(void)
{
	play_all_kinds(16, 3, 0);
}

static void a_growing_map(void)
{
	play_all_kinds(8, 1ULL << 20, 0);
}

static void entries_that_come_and_go(void)
{
	play_all_kinds(16, 200, 2);
}

static void a_few_long_values_fought_over(void)
{
	play_all_kinds(MAX_WORDS, 3, 0);
}

static void long_values_in_a_growing_map(void)
{
	play_all_kinds(20, 1ULL << 20, 0);
}

static void long_values_that_come_and_go(void)
{
	play_all_kinds(MAX_WORDS, 200, 2);
}

static void clear_meanwhile(const struct scene *scene)
{
	EXPECT_EQ(0, gomap_clear(scene->map));
}

static void clear_under_all_kinds(void)
{
	struct scene scene = {
		.map = test_create(8, 8 * 16, 0, 0), .words = 16, .keys = 2000,
		.deletes = 4,
	};

	EXPECT_EQ(0, play(&scene, all_kinds, clear_meanwhile));
	test_put(scene.map);
}

static void check_meanwhile(const struct scene *scene)
{
	struct gomap_info info;

	EXPECT_EQ(0, gomap_check(scene->map));
	EXPECT_EQ(0, gomap_info(scene->map, &info, true));
	EXPECT(info.len <= scene->keys);
}

static void check_under_all_kinds(void)
{
	struct scene scene = {
		.map = test_create(8, 8 * 16, 0, 0), .words = 16, .keys = 2000,
		.deletes = 4,
	};

	EXPECT_EQ(0, play(&scene, all_kinds, check_meanwhile));
	test_put(scene.map);
}

/* Readers and writers of references: the last one to leave frees the map. */
static void reference_meanwhile(const struct scene *scene)
{
	int i;

	for (i = 0; i < 1000; i++)
		gomap_put(gomap_get(scene->map));
}

static void references_under_all_kinds(void)
{
	struct scene scene = {
		.map = test_create(8, 8 * 16, 0, 0), .words = 16, .keys = 500,
	};

	EXPECT_EQ(0, play(&scene, all_kinds, reference_meanwhile));
	test_put(scene.map);
}

/* Two writers, one of which comes second sooner or later. */
static void strict_map_tells_the_second_writer(void)
{
	static int (* const two_writers[])(void *actor) = {
		writer, writer, reader, NULL,
	};
	struct scene scene = { .words = 16, .keys = 500, .deletes = 8 };
	u64 busy = 0;
	int tries;

	if (num_online_cpus() < 2) {
		test_skip("two writers never meet on one CPU");
		return;
	}
	scene.map = test_create(8, 8 * 16, 0, GOMAP_F_STRICT);
	for (tries = 0; tries < 10 && !busy; tries++)
		busy = play(&scene, two_writers, NULL);
	EXPECT_AT_LEAST(1, busy);
	test_put(scene.map);
}

static void strict_map_is_fine_with_one_writer(void)
{
	static int (* const one_writer[])(void *actor) = {
		writer, reader, walker, NULL,
	};
	struct scene scene = {
		.map = test_create(8, 8 * 16, 0, GOMAP_F_STRICT),
		.words = 16, .keys = 5000, .deletes = 8,
	};

	EXPECT_EQ(0, play(&scene, one_writer, NULL));
	test_put(scene.map);
}

/* Maps are put while their memory still waits for grace periods. */
static void destroy_after_a_lot_of_writes(void)
{
	static int (* const writers[])(void *actor) = { writer, writer, NULL };
	int i;

	for (i = 0; i < 3; i++) {
		struct scene scene = {
			.map = test_create(8, 8 * MAX_WORDS, 0, 0),
			.words = MAX_WORDS, .keys = 100, .deletes = 2,
		};

		EXPECT_EQ(0, play(&scene, writers, NULL));
		gomap_put(scene.map);
	}
}

const struct test stress_tests[] = {
	TEST(keys_that_stay_are_found_through_growths),
	TEST(a_few_keys_fought_over),
	TEST(a_growing_map),
	TEST(entries_that_come_and_go),
	TEST(a_few_long_values_fought_over),
	TEST(long_values_in_a_growing_map),
	TEST(long_values_that_come_and_go),
	TEST(clear_under_all_kinds),
	TEST(check_under_all_kinds),
	TEST(references_under_all_kinds),
	TEST(strict_map_tells_the_second_writer),
	TEST(strict_map_is_fine_with_one_writer),
	TEST(destroy_after_a_lot_of_writes),
	{}
};
