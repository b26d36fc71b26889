/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * threads.h - a stage whose actors are threads of a program.
 */
#ifndef LIN_THREADS_H
#define LIN_THREADS_H

#include <pthread.h>

#include "stage.h"

struct lin_crowd;

/**
 * struct lin_seat - a thread, and the actor that it is.
 * @crowd: The crowd that it belongs to.
 * @actor: The actor.
 * @thread: The thread.
 */
struct lin_seat {
	struct lin_crowd *crowd;
	struct lin_actor *actor;
	pthread_t thread;
};

/**
 * struct lin_crowd - a stage, and a thread for each actor but the director.
 * @stage: The stage.
 * @on_start: Called in each new thread; may be NULL.
 * @seats: The threads.
 * @nr_seats: How many.
 * @gate: All meet here before a round and after it.
 * @arrived: Threads that have come through the gate for this round.
 * @over: There are no more rounds.
 */
struct lin_crowd {
	struct lin_stage stage;
	void (*on_start)(void);
	struct lin_seat seats[LIN_LOGS];
	__u32 nr_seats;
	pthread_barrier_t gate;
	__u32 arrived;
	bool over;
};

int lin_crowd_start(struct lin_crowd *crowd, __u32 nr_threads);
void lin_crowd_stop(struct lin_crowd *crowd);

#endif /* LIN_THREADS_H */
