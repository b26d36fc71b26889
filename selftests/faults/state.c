// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps in every state, see world.h.
 *
 * A growth is under way after one more insert.  The other resizes are done by
 * the caller who asks for them, all at once: here faults are the tool that stops
 * them half-way, as the memory of the first bucket is refused.  From then on only
 * the worker would go on, which a thread of higher priority keeps off the one
 * CPU that it may use.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "inject.h"
#include "world.h"

/* In 2^4 buckets there is room for 13 / 2 times as many, as in Go. */
#define FULL_B		4
#define FULL_ITEMS	104
#define SETTLED_ITEMS	80
#define SPARSE_B	2
#define SPARSE_ITEMS	26	/* room in so many, no shrink by itself */

/*
 * A rekey wants more memory half-way if there are no overflow buckets yet: in
 * two buckets that have just been enough.
 */
#define FEW_B		1
#define FEW_ITEMS	10

/* Fewer than the first bucket to be refused has; steps to go back by. */
#define BYTES_STEP	64
#define STEPS_BACK	16

/* Chance decides over overflow buckets, and so over what can be reached. */
#define TRIES		200

const char *const world_state_names[WORLD_STATES] = {
	[STATE_EMPTY] = "empty",
	[STATE_SETTLED] = "settled",
	[STATE_FULL] = "full",
	[STATE_GROWING] = "growing",
	[STATE_SHEDDING] = "shedding",
	[STATE_SHRINKING] = "shrinking",
	[STATE_REKEYING] = "rekeying",
};

int world_hold_still(void)
{
	static const char cpus[] = "/sys/devices/virtual/workqueue/cpumask";
	struct sched_param priority = { .sched_priority = 1 };
	cpu_set_t here;
	int fd = open(cpus, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) < 0)
		return -errno;
	close(fd);
	CPU_ZERO(&here);
	CPU_SET(0, &here);
	if (sched_setaffinity(0, sizeof(here), &here) ||
	    sched_setscheduler(0, SCHED_FIFO, &priority))
		return -errno;
	return 0;
}

static int fill_full(struct world *w)
{
	return world_insert(w, 0, FULL_ITEMS);
}

static bool is_under_way(const struct world *w, enum gomap_resize_kind kind)
{
	struct gomap_ioc_info info;

	return !gm_info(w->map, 0, &info) && info.growing == kind;
}

static int run_plain(const struct world *w, unsigned int command)
{
	struct gomap_ioc_plain plain = { .size = sizeof(plain) };

	return gm_ioctl(w->map, command, &plain);
}

/*
 * The memory of the new buckets is to be refused, and nothing before.  Where it
 * comes as pages all of these are refused, as one would be made good for by
 * another way; what is needed before does with objects.  False: not this time.
 */
static bool stop_by_pages(struct world *w, unsigned int command,
			  enum gomap_resize_kind kind)
{
	inject_from(FAULT_PAGE, 0);
	run_plain(w, command);
	inject_end();
	return is_under_way(w, kind);
}

/*
 * Where it comes as objects, all of them are refused but those before, so many
 * bytes of which it is found out; the memory that a rekey wants half-way comes
 * as pages, and there may be others before.  (The first fault alone could be
 * borne: there may be another way, and the kernel has objects of its own to
 * allocate, not always the same.)  False: they were too many, and so all is
 * done; with another map the search goes on below that.
 */
static bool stop_by_steps(struct world *w, unsigned int command,
			  enum gomap_resize_kind kind)
{
	static unsigned int steps[GOMAP_RESIZE_REKEY + 1];
	bool pages = kind == GOMAP_RESIZE_REKEY;
	int ret;

	do {
		inject_from(pages ? FAULT_PAGE : FAULT_SLAB,
			    (pages ? 1 : BYTES_STEP) * steps[kind]++);
		ret = run_plain(w, command);
		inject_end();
	} while (ret && !is_under_way(w, kind));

	if (ret)
		steps[kind]--;
	else
		steps[kind] -= steps[kind] < STEPS_BACK ? steps[kind] : STEPS_BACK;
	return ret;
}

/*
 * Stop a command half-way by faults that make it fail with a resize of @kind to
 * 2^@b buckets begun.  -EAGAIN: not with this map.
 */
static int stop_half_way(struct world *w, unsigned int command,
			 enum gomap_resize_kind kind, __u32 b)
{
	struct gomap_ioc_info info;
	int err = gm_info(w->map, 0, &info);
	bool done;

	if (err)
		return err;
	/* A rekey has the memory of its buckets before it begins. */
	if (kind != GOMAP_RESIZE_REKEY &&
	    (long)info.bucket_size << b > sysconf(_SC_PAGESIZE))
		done = stop_by_pages(w, command, kind);
	else
		done = stop_by_steps(w, command, kind);
	return done ? 0 : -EAGAIN;
}

static int build_empty(struct world *w)
{
	(void)w;
	return 0;
}

static int build_settled(struct world *w)
{
	return world_insert(w, 0, SETTLED_ITEMS);
}

static int build_growing(struct world *w)
{
	int err = fill_full(w);

	return err ? err : world_insert(w, FULL_ITEMS, 1);
}

static int build_shedding(struct world *w)
{
	int err = fill_full(w);

	return err ? err : stop_half_way(w, GOMAP_IOC_COMPACT,
					 GOMAP_RESIZE_SAME_SIZE, FULL_B);
}

static int build_shrinking(struct world *w)
{
	int err = fill_full(w);

	if (!err)
		err = world_delete(w, SPARSE_ITEMS, FULL_ITEMS - SPARSE_ITEMS);
	return err ? err : stop_half_way(w, GOMAP_IOC_COMPACT,
					 GOMAP_RESIZE_SHRINK, SPARSE_B);
}

static int build_rekeying(struct world *w)
{
	int err = world_insert(w, 0, FEW_ITEMS);

	return err ? err : stop_half_way(w, GOMAP_IOC_REKEY,
					 GOMAP_RESIZE_REKEY, FEW_B);
}

/* How each is built, and how to know it. */
static const struct state {
	int (*build)(struct world *w);
	enum gomap_resize_kind growing;
	__u32 b;
} states[WORLD_STATES] = {
	[STATE_EMPTY] = { build_empty, GOMAP_RESIZE_NONE, 0 },
	[STATE_SETTLED] = { build_settled, GOMAP_RESIZE_NONE, FULL_B },
	[STATE_FULL] = { fill_full, GOMAP_RESIZE_NONE, FULL_B },
	[STATE_GROWING] = { build_growing, GOMAP_RESIZE_DOUBLE, FULL_B + 1 },
	[STATE_SHEDDING] = { build_shedding, GOMAP_RESIZE_SAME_SIZE, FULL_B },
	[STATE_SHRINKING] = { build_shrinking, GOMAP_RESIZE_SHRINK, SPARSE_B },
	[STATE_REKEYING] = { build_rekeying, GOMAP_RESIZE_REKEY, FEW_B },
};

static bool is_reached(const struct world *w, const struct state *s)
{
	struct gomap_ioc_info info;

	return !gm_info(w->map, 0, &info) && info.growing == s->growing &&
	       info.b == s->b;
}

int world_build(struct world *w, int control, struct gm_shape shape,
		enum world_state state)
{
	int err;

	for (int i = 0; i < TRIES; i++) {
		err = world_open(w, control, shape);
		if (err)
			return err;
		err = states[state].build(w);
		if (!err && is_reached(w, &states[state]))
			return 0;
		world_close(w);
		/* Let those run who are kept off: they free memory. */
		usleep(500);
	}
	printf("# the map cannot be brought to be %s: %d\n",
	       world_state_names[state], err);
	return err ? err : -ELOOP;
}
