/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be asked of the device, each as something that a test can prepare,
 * run with faults around it, and judge.
 */
#ifndef GOMAP_SELFTEST_OPERATION_H
#define GOMAP_SELFTEST_OPERATION_H

#include "world.h"

union attempt_arg {
	struct gomap_ioc_version version;
	struct gomap_ioc_create create;
	struct gomap_ioc_open open;
	struct gomap_ioc_list list;
	struct gomap_ioc_info info;
	struct gomap_ioc_op op;
	struct gomap_ioc_batch batch;
	struct gomap_ioc_iter iter;
	struct gomap_ioc_plain plain;
};

/* One run of an operation. */
struct attempt {
	struct world *w;
	const struct operation *operation;
	int ret;			/* 0 or -errno */
	union attempt_arg arg;		/* as it went in, and came back */
	union attempt_arg before;	/* as it went in */
	__u32 item;			/* that it is about */
	__u32 version;			/* of the value that it writes */
	unsigned int nr_faults;		/* that there were */
	int status;			/* of a batch's operation that one hit */
};

/**
 * struct operation - a row of the table.
 * @name: Its name.
 * @command: The ioctl; 0: @run does without.
 * @on_control: It belongs to the control device.
 * @prepare: Fill in the argument.
 * @run: Where it is no ioctl.  Return: 0 or -errno.
 * @needs_entry: It fails in an empty map.
 * @in_any_state: What the map is doing makes no difference to it.
 * @takes_memory: May it answer -ENOMEM for this map?  NULL: never.
 * @done: After success: was the answer right?  Takes it over into the world.
 * @refused: After a failure: is what it left behind right?  NULL: the argument
 *	must be as it was.
 * @answers_last: Its answer is copied out when the map has been changed already,
 *	after a trial before.  If that copy fails after all, -EFAULT comes with
 *	the change made.
 */
struct operation {
	const char *name;
	unsigned int command;
	bool on_control;
	bool needs_entry;
	bool in_any_state;
	void (*prepare)(struct attempt *a);
	int (*run)(struct attempt *a);
	bool (*takes_memory)(const struct world *w);
	bool (*done)(struct attempt *a);
	bool (*refused)(struct attempt *a);
	bool answers_last;
};

extern const struct operation operations[];
extern const unsigned int nr_operations;

const struct operation *operation_find(const char *name);
/* Is there anything to be found out from running it in this state? */
bool operation_suits(const struct operation *operation, enum world_state state);

void attempt_prepare(struct attempt *a, struct world *w,
		     const struct operation *operation);
void attempt_run(struct attempt *a);
/* A command that fails leaves its argument alone. */
bool attempt_left_argument(const struct attempt *a);

/* batch.c: many operations in one command. */
void prepare_mixed_batch(struct attempt *a);
void prepare_long_batch(struct attempt *a);
void prepare_insert_batch(struct attempt *a);
bool batch_done(struct attempt *a);
bool batch_refused(struct attempt *a);

/* content.c: an iteration, compared with the world. */
void prepare_iteration(struct attempt *a);
void prepare_counting(struct attempt *a);
bool iteration_done(struct attempt *a);
bool counting_done(struct attempt *a);

#endif /* GOMAP_SELFTEST_OPERATION_H */
