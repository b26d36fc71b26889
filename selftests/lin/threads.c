// SPDX-License-Identifier: GPL-2.0-only
/*
 * threads.c - threads that wait for a round, play it, and wait again.
 */
#include <sched.h>
#include <time.h>

#include "threads.h"

/* The time is in memory before anything behind it takes place. */
void lin_stamp(__u64 *time)
{
	struct timespec now;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	__atomic_store_n(time, now.tv_sec * 1000000000ULL + now.tv_nsec,
			 __ATOMIC_SEQ_CST);
}

void lin_give_way(void)
{
	sched_yield();
}

/* Threads meet by themselves. */
void lin_provoke(struct lin_actor *actor)
{
	(void)actor;
}

/* One is let through the gate sooner than another, but nobody begins alone. */
static void wait_for_the_others(struct lin_crowd *crowd)
{
	__atomic_add_fetch(&crowd->arrived, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&crowd->arrived, __ATOMIC_SEQ_CST) <
	       crowd->nr_seats)
		sched_yield();
}

static void *act(void *argument)
{
	struct lin_seat *seat = argument;
	struct lin_crowd *crowd = seat->crowd;

	if (crowd->on_start)
		crowd->on_start();
	for (;;) {
		pthread_barrier_wait(&crowd->gate);
		if (crowd->over)
			return NULL;
		wait_for_the_others(crowd);
		lin_play(seat->actor, &crowd->stage.round);
		pthread_barrier_wait(&crowd->gate);
	}
}

static void open_gate(struct lin_stage *stage)
{
	struct lin_crowd *crowd = (struct lin_crowd *)stage;

	crowd->arrived = 0;
	pthread_barrier_wait(&crowd->gate);
}

static void close_gate(struct lin_stage *stage)
{
	struct lin_crowd *crowd = (struct lin_crowd *)stage;

	pthread_barrier_wait(&crowd->gate);
}

/**
 * lin_crowd_start() - Start the threads of a stage that is ready.
 * @crowd: The crowd.
 * @nr_threads: How many threads, below LIN_LOGS.
 *
 * Return: 0 or a positive errno; then the program is of no use any more.
 */
int lin_crowd_start(struct lin_crowd *crowd, __u32 nr_threads)
{
	int err = pthread_barrier_init(&crowd->gate, NULL, nr_threads + 1);
	__u32 i;

	crowd->nr_seats = nr_threads;
	crowd->over = false;
	crowd->stage.nr_actors = nr_threads + 1;
	crowd->stage.begin = open_gate;
	crowd->stage.end = close_gate;
	for (i = 0; !err && i < nr_threads; i++) {
		struct lin_seat *seat = &crowd->seats[i];

		seat->crowd = crowd;
		seat->actor = &crowd->stage.actors[i + 1];
		err = pthread_create(&seat->thread, NULL, act, seat);
	}
	return err;
}

/**
 * lin_crowd_stop() - Send the threads home.
 * @crowd: The crowd, between two rounds.
 */
void lin_crowd_stop(struct lin_crowd *crowd)
{
	__u32 i;

	crowd->over = true;
	pthread_barrier_wait(&crowd->gate);
	for (i = 0; i < crowd->nr_seats; i++)
		pthread_join(crowd->seats[i].thread, NULL);
	pthread_barrier_destroy(&crowd->gate);
}
