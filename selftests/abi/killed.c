// SPDX-License-Identifier: GPL-2.0-only
/*
 * A call that goes through all buckets of a huge map takes its time; a fatal
 * signal ends it at once.
 *
 * How long such a call takes depends on the machine, so that is measured, and a
 * process that is killed early in it has to be gone long before it would have
 * been through.
 */
#include <sys/mman.h>

#include "harness.h"
#include "common.h"

#define LONG_CALL	0.5		/* seconds: then the map is large enough */
#define HINT_FIRST	(1ULL << 14)
#define HINT_LAST	(1ULL << 24)	/* some 100 MB */
#define SOON		1.0		/* seconds */
#define TRIES		3		/* the machine may be busy elsewhere */

/* A process that is to be killed says here that its call is next. */
static volatile bool *calling;

FIXTURE(killed) {
	int control;
	int map;
	double takes;		/* seconds, if nobody interferes */
};

FIXTURE_VARIANT(killed) {
	int (*call)(int map);
};

static int count_entries(int map)
{
	struct gomap_ioc_iter iter = { 0 };

	return gm_iter(map, &iter, 0, NULL, 0, 0);
}

static int make_histogram(int map)
{
	struct gomap_ioc_info info;

	return gm_info(map, GOMAP_INFO_FILL, &info);
}

FIXTURE_VARIANT_ADD(killed, iter) { count_entries };
FIXTURE_VARIANT_ADD(killed, info_fill) { make_histogram };
FIXTURE_VARIANT_ADD(killed, info_check) { gm_check };
FIXTURE_VARIANT_ADD(killed, rekey) { gm_rekey };

/* The shortest of some calls, or -1: one failed. */
static double seconds_of(int (*call)(int map), int map)
{
	double shortest = 1e9;

	for (int i = 0; i < TRIES; i++) {
		double begin = gm_now();

		if (call(map))
			return -1;
		if (gm_now() - begin < shortest)
			shortest = gm_now() - begin;
	}
	return shortest;
}

/* A map of a few entries with room for so many that a call takes long. */
FIXTURE_SETUP(killed)
{
	struct gm_shape shape = { 4, 0, 0, HINT_FIRST };
	__u32 key = 1;

	GM_NEED_CONTROL(self->control);
	calling = mmap(NULL, sizeof(*calling), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)calling);
	for (;;) {
		self->map = gm_create(self->control, shape);
		ASSERT_LE(0, self->map);
		ASSERT_EQ(0, gm_insert(self->map, &key, 4, NULL, 0));
		self->takes = seconds_of(variant->call, self->map);
		ASSERT_LE(0, self->takes);
		if (self->takes >= LONG_CALL || shape.hint == HINT_LAST)
			return;
		close(self->map);
		shape.hint *= 4;
	}
}

FIXTURE_TEARDOWN(killed)
{
	close(self->map);
	close(self->control);
}

/* Seconds from the signal to the end of a process that was in the call. */
static double seconds_to_die(int (*call)(int map), int map, double delay)
{
	double begin;
	pid_t child;

	*calling = false;
	child = fork();
	if (child == 0) {
		*calling = true;
		for (;;)
			call(map);
	}
	while (!*calling)
		usleep(100);
	usleep(1000000 * delay);
	begin = gm_now();
	gm_kill(child);
	return gm_now() - begin;
}

TEST_F(killed, soon)
{
	double limit = self->takes / 2 < SOON ? self->takes / 2 : SOON;
	double took = 0;

	for (int i = 0; i < TRIES; i++) {
		took = seconds_to_die(variant->call, self->map,
				      self->takes / 8);
		if (took < limit)
			break;
	}
	EXPECT_TRUE(took < limit) {
		TH_LOG("%.3f s, of a call of %.3f s", took, self->takes);
	}
	EXPECT_EQ(0, gm_check(self->map));
}

TEST_HARNESS_MAIN
