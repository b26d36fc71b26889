// SPDX-License-Identifier: GPL-2.0-only
/*
 * An operation with faults around it, see sweep.h.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sweep.h"

static bool may_lack_memory(const struct attempt *a)
{
	const struct operation *operation = a->operation;

	return operation->takes_memory && operation->takes_memory(a->w);
}

/*
 * A wide entry does not fit into what the device has on its stack; the buckets
 * of inline_large come from the page allocator.
 */
static const struct sweep_shape shapes[] = {
	{ "inline_fixed", { 8, 8, 0, 0 }, false },
	{ "inline_large", { 128, 128, 0, 0 }, true },
	{ "value_outside", { 8, 300, 0, 0 }, false },
	{ "key_outside", { 200, 8, 0, 0 }, false },
	{ "variable_key", { 64, 8, GOMAP_MAP_VAR_KEY, 0 }, false },
	{ "variable_value", { 8, 1000, GOMAP_MAP_VAR_VALUE, 0 }, false },
	{ "variable_both", { 300, 3000, GOMAP_MAP_VAR_KEY |
					GOMAP_MAP_VAR_VALUE, 0 }, true },
	{ "strict", { 8, 8, GOMAP_MAP_STRICT, 0 }, true },
	{ "no_shrink", { 16, 32, GOMAP_MAP_NO_SHRINK, 0 }, false },
	{ "trusted", { 20, 8, GOMAP_MAP_TRUSTED_KEYS, 0 }, false },
};

bool sweep_all(void)
{
	const char *how_many = getenv("GOMAP_FAULTS");

	return how_many && !strcmp(how_many, "all");
}

const struct sweep_shape *sweep_next_shape(const struct sweep_shape *shape)
{
	const struct sweep_shape *end = shapes + ARRAY_LEN(shapes);

	shape = shape ? shape + 1 : shapes;
	while (shape < end && !shape->always && !sweep_all())
		shape++;
	return shape < end ? shape : NULL;
}

/* Could these faults lead to that errno? */
static bool errno_follows(const struct attempt *a, int err,
			  const struct fault_counts *faults)
{
	bool good = !err;

	if (err == -EFAULT)
		good = faults->of[FAULT_USERCOPY];
	else if (err == -ENOMEM)
		good = may_lack_memory(a) && (faults->of[FAULT_SLAB] ||
					      faults->of[FAULT_PAGE]);
	if (!good)
		printf("# errno %d is not one for this fault\n", -err);
	return good;
}

static void count(const struct attempt *a, struct sweep_counts *counts)
{
	if (a->ret == -ENOMEM)
		counts->enomem++;
	else if (a->ret == -EFAULT)
		counts->efault++;
	else
		counts->borne++;
}

/*
 * The change was made, and only the answer could not be copied out.  No fault
 * but of that kind comes to this.
 */
static bool only_answer_is_lost(struct attempt *a)
{
	return a->operation->answers_last && a->ret == -EFAULT &&
	       !world_matches(a->w, false) && a->operation->done(a);
}

static bool outcome_is_right(struct attempt *a, struct sweep_counts *counts)
{
	const struct operation *operation = a->operation;

	if (!a->ret)
		return operation->done(a);
	if (only_answer_is_lost(a)) {
		counts->answer_lost++;
		return true;
	}
	if (operation->refused)
		return operation->refused(a);
	return attempt_left_argument(a);
}

bool attempt_is_right(struct attempt *a, const struct fault_counts *faults,
		      struct sweep_counts *counts)
{
	counts->runs++;
	a->nr_faults = inject_sum(faults);
	if (a->nr_faults)
		count(a, counts);
	if (!errno_follows(a, a->ret, faults))
		return false;
	if (!outcome_is_right(a, counts)) {
		printf("# the answer is wrong (%d)\n", a->ret);
		return false;
	}
	return errno_follows(a, a->status, faults);
}

/* What failed works as soon as there is memory. */
static bool works_without_faults(struct world *w,
				 const struct operation *operation)
{
	struct attempt a;

	attempt_prepare(&a, w, operation);
	attempt_run(&a);
	if (a.ret || !operation->done(&a)) {
		printf("# without a fault then: %d\n", a.ret);
		return false;
	}
	return world_is_sound(w);
}

/* A descriptor that is left open changes it, and a number that is left taken. */
static int lowest_free_number(const struct world *w)
{
	int fd = dup(w->control);

	close(fd);
	return fd;
}

static bool try_in_world(struct world *w, const struct operation *operation,
			 void (*arm)(unsigned int n), unsigned int n,
			 struct sweep_counts *counts,
			 struct fault_counts *faults)
{
	unsigned int lost = counts->answer_lost;
	int number = lowest_free_number(w);
	struct attempt a;

	attempt_prepare(&a, w, operation);
	arm(n);
	attempt_run(&a);
	*faults = inject_end();
	if (!attempt_is_right(&a, faults, counts) || !world_is_sound(w))
		return false;
	/* An insert whose answer is lost cannot be made once more. */
	if (a.ret && lost == counts->answer_lost &&
	    !works_without_faults(w, operation))
		return false;
	if (lowest_free_number(w) == number)
		return true;
	printf("# a descriptor is left taken\n");
	return false;
}

bool try_with_faults(const struct operation *operation, int control,
		     const struct sweep_shape *shape, enum world_state state,
		     void (*arm)(unsigned int n), unsigned int n,
		     struct sweep_counts *counts, struct fault_counts *faults)
{
	struct world w;
	bool good;

	*faults = (struct fault_counts){ 0 };
	if (world_build(&w, control, shape->shape, state))
		return false;
	good = try_in_world(&w, operation, arm, n, counts, faults);
	if (!good)
		printf("# %s, map %s, %s, fault %u: %u slab, %u page, %u copy\n",
		       operation->name, shape->name, world_state_names[state], n,
		       faults->of[FAULT_SLAB], faults->of[FAULT_PAGE],
		       faults->of[FAULT_USERCOPY]);
	world_close(&w);
	/* Let those run who are kept off: they free memory. */
	usleep(500);
	return good;
}
