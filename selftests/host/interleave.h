/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interleave.h - maps in many settings, and a second thread that acts while the
 * first one stands still.
 */
#ifndef INTERLEAVE_H
#define INTERLEAVE_H

#include <semaphore.h>

#include "operations.h"

/* Numbers that lie around THE_KEY, see struct setting. */
#define SURROUNDINGS_MAX	64

/* Operations that the other thread does in one go, at most. */
#define ACTS_MAX	3

static_assert(VALUE_THEIRS + ACTS_MAX <= VALUE_END);

static u64 surroundings[SURROUNDINGS_MAX];
static u32 nr_surroundings;

/* What the other thread does while the operation stands still. */
static const struct operation *const acts[][ACTS_MAX] = {
	{ &op_store },
	{ &op_delete },
	{ &op_insert, &op_delete },
	{ &op_delete, &op_store },
	{ &op_delete, &op_work, &op_store },
	{ &op_clear },
	{ &op_clear, &op_store },
	{ &op_nudge },
	{ &op_nudge, &op_store },
	{ &op_nudge, &op_delete },
	{ &op_nudge, &op_finish },
	{ &op_finish, &op_store },
	{ &op_finish, &op_nudge, &op_finish },
	{ &op_nudge, &op_clear, &op_store },
	{ &op_start },
	{ &op_start, &op_store },
	{ &op_start, &op_delete, &op_finish },
	{ &op_compact },
	{ &op_start_shrink },
	{ &op_start_shrink, &op_store },
	{ &op_start_shrink, &op_delete, &op_finish },
	{ &op_rekey },
	{ &op_rekey, &op_store },
	{ &op_start_rekey },
	{ &op_start_rekey, &op_store },
	{ &op_start_rekey, &op_delete, &op_finish },
	{ &op_move_all },
};

#define NR_ACTS		(sizeof(acts) / sizeof(acts[0]))

/**
 * struct setting - how a map looks before.
 * @name: For people.
 * @hint: Of the map.
 * @make: Put the surroundings there; THE_KEY comes behind them.
 */
struct setting {
	const char *name;
	u64 hint;
	void (*make)(void);
};

static inline void surround(u64 number)
{
	CHECK(nr_surroundings < SURROUNDINGS_MAX);
	CHECK_EQ(gomap_insert(map, key_of(number), shape.key_size,
			      value_of(VALUE_BEFORE), shape.value_size,
			      GFP_KERNEL), 0);
	surroundings[nr_surroundings++] = number;
}

static inline void surround_by(u32 nr)
{
	while (nr--)
		surround(nr);
}

static inline u64 bucket_of(u64 number)
{
	return gomap_hash(&map->table->seed, key_of(number), shape.key_size) &
	       array_mask(map->table->array);
}

static inline void make_lonely(void)
{
}

static inline void make_one_bucket_full(void)
{
	surround_by(7);
}

/* Four buckets, and the growth to eight is due. */
static inline void make_full(void)
{
	surround_by(26);
}

/* All in one bucket: THE_KEY lies in an overflow bucket. */
static inline void make_chained(void)
{
	u64 number;

	surround_by(6);
	for (number = 100; nr_surroundings < 18; number++)
		if (bucket_of(number) == bucket_of(THE_KEY))
			surround(number);
}

static const struct setting settings[] = {
	{ "alone", 0, make_lonely },
	{ "one bucket full", 0, make_one_bucket_full },
	{ "four buckets full", 26, make_full },
	{ "in a chain", 26, make_chained },
};

/* Start a resize that is not due, after any other has ended. */
static inline void start(enum gomap_resize kind)
{
	u32 B = map_B(map);

	if (kind == GOMAP_RESIZING_SHRINK && B == 0)
		CHECK_EQ(finish_and_start(GOMAP_RESIZING_DOUBLE, 1), 0);
	CHECK_EQ(gomap_finish_resize(map), 0);
	B = map_B(map);
	B += kind == GOMAP_RESIZING_DOUBLE;
	B -= kind == GOMAP_RESIZING_SHRINK;
	CHECK_EQ(finish_and_start(kind, B), 0);
}

/**
 * struct scene - where an operation begins, and what comes in between.
 * @setting: How the map looks.
 * @resize: What resize is under way.
 * @present: THE_KEY is there.
 * @acts: What the other thread does.
 * @point: At which point it does that.
 */
struct scene {
	const struct setting *setting;
	enum gomap_resize resize;
	bool present;
	const struct operation *const *acts;
	u32 point;
};

static inline void describe(const struct scene *scene)
{
	static const char *const resizes[] = {
		"no resize", "growth to twice the size",
		"growth to the same size", "shrink", "rekey"
	};
	const struct operation *const *const a = scene->acts;

	test_note("%s, %s, the key is %s; at point %u: %s, %s, %s",
		  scene->setting->name, resizes[scene->resize],
		  scene->present ? "there" : "absent", scene->point,
		  a[0]->name, a[1] ? a[1]->name : "-", a[2] ? a[2]->name : "-");
}

static inline void make_map(const struct scene *scene)
{
	map = test_map(shape.key_size, shape.value_size, 0,
		       scene->setting->hint);
	nr_surroundings = 0;
	scene->setting->make();
	if (scene->present)
		CHECK_EQ(map_insert(VALUE_BEFORE, GFP_KERNEL), 0);
	if (scene->resize == GOMAP_RESIZING_NO)
		return;
	start(scene->resize);
	CHECK_EQ(map->table->resizing, scene->resize);
}

/**
 * struct other_thread - the thread that acts.  There is one for all cases.
 * @started: It is there.
 * @go: It is to act.
 * @done: It has acted.
 * @acts: What it does; NULL ends the list.
 * @gfp: For its writes.
 * @returned: What each returned.
 */
static struct other_thread {
	bool started;
	sem_t go;
	sem_t done;
	const struct operation *const *acts;
	gfp_t gfp;
	int returned[ACTS_MAX];
} other;

static inline void *act_when_told(void *unused)
{
	int i;

	(void)unused;
	for (;;) {
		sem_wait(&other.go);
		for (i = 0; i < ACTS_MAX && other.acts[i]; i++)
			other.returned[i] = other.acts[i]->on_map(
					VALUE_THEIRS + i, other.gfp);
		sem_post(&other.done);
	}
	return NULL;
}

static inline void need_other_thread(void)
{
	pthread_t thread;

	if (other.started)
		return;
	sem_init(&other.go, 0, 0);
	sem_init(&other.done, 0, 0);
	CHECK_EQ(pthread_create(&thread, NULL, act_when_told, NULL), 0);
	other.started = true;
}

/* Points to pass before the other thread acts; 0: it has. */
static u32 points_left;

static inline bool others_need_mutex(void)
{
	int i;

	for (i = 0; i < ACTS_MAX && other.acts[i]; i++)
		if (other.acts[i]->needs_mutex)
			return true;
	return false;
}

/* Who may not sleep starts no growth, and so needs no mutex for a write. */
static inline void pass_point(void)
{
	if (shim_mutexes_held && others_need_mutex())
		return;
	if (!points_left || --points_left)
		return;
	other.gfp = shim_mutexes_held ? GFP_ATOMIC : GFP_KERNEL;
	shim_at_point = NULL;
	sem_post(&other.go);
	sem_wait(&other.done);
	shim_at_point = pass_point;
}

/* What comes from here to stop_points() is interrupted at the scene's point. */
static inline void start_points(const struct scene *scene)
{
	other.acts = scene->acts;
	points_left = scene->point;
	shim_at_point = pass_point;
}

/* Was that point reached? */
static inline bool stop_points(void)
{
	shim_at_point = NULL;
	return !points_left;
}

/* Whatever was done, growth starts and ends as ever. */
static inline void check_grows(void)
{
	CHECK_EQ(gomap_check(map), 0);
	CHECK_EQ(map_start(0, 0), 0);
	CHECK(map->table->old);
	CHECK_EQ(gomap_finish_resize(map), 0);
	CHECK(!map->table->old);
	CHECK_EQ(gomap_check(map), 0);
}

static inline void let_time_pass(void)
{
	rcu_barrier();
	shim_run_work();
	rcu_barrier();
}

static inline void put_map(void)
{
	gomap_put(map);
	let_time_pass();
}

/* Play a scene.  False: what is played has not so many points. */
typedef bool play_fn(const struct scene *scene);

static inline u32 play_at_every_point(play_fn *play, struct scene *scene)
{
	scene->point = 1;
	while (play(scene))
		scene->point++;
	return scene->point - 1;
}

static inline u32 play_all_acts(play_fn *play, struct scene *scene)
{
	u32 points = 0, present;
	size_t i;

	for (present = 0; present < 2; present++)
		for (i = 0; i < NR_ACTS; i++) {
			scene->present = present;
			scene->acts = acts[i];
			points += play_at_every_point(play, scene);
		}
	return points;
}

/* In every setting.  How often the other thread acted is the answer. */
static inline u32 play_all(play_fn *play)
{
	struct scene scene;
	u32 points = 0;
	size_t i;

	need_other_thread();
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		scene.setting = &settings[i];
		for (scene.resize = GOMAP_RESIZING_NO;
		     scene.resize <= GOMAP_RESIZING_REKEY; scene.resize++)
			points += play_all_acts(play, &scene);
	}
	return points;
}

#endif /* INTERLEAVE_H */
