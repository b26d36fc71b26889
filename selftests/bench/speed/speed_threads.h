/* SPDX-License-Identifier: GPL-2.0-only */
/* speed_threads.h - threads that use one table at once, each on its own CPU. */
#ifndef SPEED_THREADS_H
#define SPEED_THREADS_H

/* Most of them. */
#define SPEED_THREADS	2

/* speed_rcu.c: a thread is part of grace periods from here to there. */
void speed_thread_online(int thread);
void speed_thread_offline(void);

#endif /* SPEED_THREADS_H */
