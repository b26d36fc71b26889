// SPDX-License-Identifier: GPL-2.0-only
/*
 * Histories of threads that use a map through /dev/gomap, checked for
 * linearizability: all by system calls, and with lookups through the map's view.
 *
 * GOMAP_LIN_HISTORIES says how many there are to be, GOMAP_LIN_SEED what the
 * threads do.
 */
#include <gomap_view.h>
#include <sched.h>

#include "../abi/harness.h"
#include "../abi/common.h"

#include "threads.h"

#define HISTORIES	2000
#define CONTROLS	100
#define THREADS		4

/*
 * One in so many operations stands still on its way to the kernel, as any thread
 * may, or they would hardly overlap on processors that others keep busy, too.
 */
#define STUMBLES	8

/* Seconds; as many histories as anybody may ask for, in software emulation. */
#define TIME_LIMIT	7200

static struct lin_crowd crowd;

/**
 * struct subject - a map that is played with.
 * @map: Its descriptor.
 * @view: Where lookups look; NULL: they are system calls, too.
 */
struct subject {
	int map;
	struct gomap_view *view;
};

static int look_up(const struct subject *subject, struct lin_actor *actor,
		   __u64 key)
{
	if (subject->view)
		return gomap_view_lookup(subject->view, &key, sizeof(key),
					 actor->words, sizeof(actor->words));
	return gm_lookup(subject->map, &key, sizeof(key), actor->words,
			 sizeof(actor->words));
}

static int call_device(struct lin_actor *actor, enum lin_kind kind, __u64 key)
{
	const struct subject *subject = actor->map;
	int map = subject->map;
	__u32 len = lin_value_bytes(actor);

	if (lin_random(actor) % STUMBLES == 0)
		sched_yield();
	switch (kind) {
	case LIN_LOOKUP:
		return look_up(subject, actor, key);
	case LIN_INSERT:
		return gm_insert(map, &key, sizeof(key), actor->words, len);
	case LIN_REPLACE:
		return gm_replace(map, &key, sizeof(key), actor->words, len);
	case LIN_STORE:
		return gm_store(map, &key, sizeof(key), actor->words, len);
	case LIN_DELETE:
		return gm_delete(map, &key, sizeof(key));
	default:
		return gm_clear(map);
	}
}

static int rebuild_device(struct lin_actor *actor, enum lin_rebuild what)
{
	int map = ((const struct subject *)actor->map)->map;

	return what == LIN_COMPACT ? gm_compact(map) : gm_rekey(map);
}

static void count_device(struct lin_actor *actor, struct lin_resizes *resizes)
{
	struct gomap_ioc_info info;

	if (gm_info(((const struct subject *)actor->map)->map, 0, &info))
		return;
	resizes->grows = info.grows + info.same_size_grows;
	resizes->shrinks = info.shrinks;
	resizes->rekeys = info.rekeys;
}

static const struct lin_target lin_target_device = {
	.call = call_device,
	.rebuild = rebuild_device,
	.count = count_device,
};

static __u64 number_from(const char *variable, __u64 otherwise)
{
	const char *text = getenv(variable);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void say(const char *line)
{
	printf("# %s\n", line);
}

/* False: there are no threads to be had. */
static bool play(const struct lin_target *target, void *map,
		 const struct lin_shape *shape, __u64 rounds)
{
	__u64 seed = number_from("GOMAP_LIN_SEED", getpid());

	lin_stage_init(&crowd.stage, target, map, shape, seed);
	crowd.stage.say = say;
	printf("# seed %llu\n", seed);
	if (lin_crowd_start(&crowd, THREADS))
		return false;
	lin_stage_play(&crowd.stage, rounds);
	lin_crowd_stop(&crowd);
	return true;
}

TEST(a_map_that_is_right_passes)
{
	__u64 cells[LIN_KEYS] = { 0 };

	ASSERT_TRUE(play(&lin_target_right, cells, &lin_right, CONTROLS));
	EXPECT_TRUE(lin_stage_passes(&crowd.stage));
}

TEST(a_map_that_is_wrong_is_caught)
{
	__u64 cells[LIN_KEYS] = { 0 };

	ASSERT_TRUE(play(&lin_target_wrong, cells, &lin_wrong, CONTROLS));
	EXPECT_TRUE(lin_stage_is_caught(&crowd.stage));
}

FIXTURE(device) {
	int control;
	struct gomap *map;
	struct subject subject;
};

FIXTURE_VARIANT(device) {
	__u32 shape;
	bool view;
};

FIXTURE_VARIANT_ADD(device, short_values) { .shape = 0 };
FIXTURE_VARIANT_ADD(device, long_values) { .shape = 1 };
FIXTURE_VARIANT_ADD(device, values_of_many_lengths) { .shape = 2 };
FIXTURE_VARIANT_ADD(device, short_values_by_view) { .shape = 0, .view = true };
FIXTURE_VARIANT_ADD(device, long_values_by_view) { .shape = 1, .view = true };
FIXTURE_VARIANT_ADD(device, many_lengths_by_view) { .shape = 2, .view = true };

FIXTURE_SETUP(device)
{
	const struct lin_shape *shape = &lin_shapes[variant->shape];
	struct gm_shape map = {
		.key_size = sizeof(__u64),
		.value_size = shape->words_max * sizeof(__u64),
		.flags = shape->words_vary ? GOMAP_MAP_VAR_VALUE : 0,
	};
	int fd;

	if (variant->view)
		map.flags |= GOMAP_MAP_VIEW;
	GM_NEED_CONTROL(self->control);
	fd = gm_create(self->control, map);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, gomap_from_fd(&self->map, fd));
	self->subject = (struct subject){ .map = fd };
	if (variant->view)
		ASSERT_EQ(0, gomap_view_open(&self->subject.view, self->map));
}

FIXTURE_TEARDOWN(device)
{
	EXPECT_EQ(0, gm_check(self->subject.map));
	gomap_view_close(self->subject.view);
	gomap_close(self->map);
	close(self->control);
}

TEST_F_TIMEOUT(device, is_linearizable, TIME_LIMIT)
{
	__u64 histories = number_from("GOMAP_LIN_HISTORIES", HISTORIES);

	ASSERT_TRUE(play(&lin_target_device, &self->subject,
			 &lin_shapes[variant->shape],
			 (histories + LIN_SHAPES - 1) / LIN_SHAPES));
	EXPECT_TRUE(lin_stage_passes(&crowd.stage));
}

TEST_HARNESS_MAIN
