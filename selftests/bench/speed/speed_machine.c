// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_machine.c - what the machine itself can do: how long a load takes, alone
 * and beside others, and a system call that does nothing.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "speed_bench.h"

#define CHAIN	(1U << 22)	/* 32 MB of numbers: beyond the caches */
#define LOADS	200000
#define CALLS	100000

static speed_u64 *chain;

void speed_make_chain(void)
{
	speed_u64 i, j, swapped, state = 1442695040888963407ULL;

	chain = malloc(CHAIN * sizeof(*chain));
	speed_expect(!!chain);
	for (i = 0; i < CHAIN; i++)
		chain[i] = i;
	for (i = CHAIN - 1; i; i--) {	/* one cycle through all of it */
		j = speed_draw(&state) % i;
		swapped = chain[i];
		chain[i] = chain[j];
		chain[j] = swapped;
	}
}

/* Nanoseconds of a load whose address another one brings. */
double speed_canary(void)
{
	double began = speed_now();
	speed_u64 at = 0;
	int i;

	for (i = 0; i < LOADS; i++)
		at = chain[at];
	speed_expect(at < CHAIN);
	return (speed_now() - began) / LOADS;
}

/* So many at a time, then those that follow from what they brought. */
static double time_batches(unsigned int at_once)
{
	speed_u64 state = 88172645463325252ULL, first = 0;
	double began = speed_now();
	unsigned int i, j;

	for (i = 0; i < LOADS; i += at_once) {
		speed_u64 brought = 0;

		for (j = 0; j < at_once; j++)
			brought ^= chain[(speed_draw(&state) + first) % CHAIN];
		first = brought;
	}
	speed_expect(first < CHAIN);
	return (speed_now() - began) / LOADS;
}

static double batches_of_1(void)
{
	return time_batches(1);
}

static double batches_of_8(void)
{
	return time_batches(8);
}

static double batches_of_32(void)
{
	return time_batches(32);
}

static double empty_ioctl(void)
{
	int fd = open("/dev/null", O_RDWR), i;
	double began = speed_now(), ns;

	for (i = 0; i < CALLS; i++)
		speed_expect(ioctl(fd, 0x4701) == -1);
	ns = (speed_now() - began) / CALLS;
	close(fd);
	return ns;
}

static double get_parent(void)
{
	double began = speed_now();
	int i;

	for (i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	return (speed_now() - began) / CALLS;
}

static double read_clock(void)
{
	double began = speed_now();
	int i;

	for (i = 0; i < CALLS; i++)
		speed_now();
	return (speed_now() - began) / CALLS;
}

void speed_limits(const struct setting *s)
{
	static const struct {
		const char *name;
		double (*measure)(void);
	} limits[] = {
		{ "a load, dependent", speed_canary },
		{ "a load, 1 at a time", batches_of_1 },
		{ "a load, 8 at a time", batches_of_8 },
		{ "a load, 32 at a time", batches_of_32 },
		{ "ioctl() that fails", empty_ioctl },
		{ "getppid()", get_parent },
		{ "reading the clock", read_clock },
	};
	struct setting machine = *s;
	double ns[SPEED_ROUNDS_MAX];
	unsigned int round;
	size_t i;

	machine.name = "32 MB";
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		for (round = 0; round < s->rounds; round++)
			ns[round] = limits[i].measure();
		speed_record_rounds(&machine, limits[i].name, "the machine", ns);
	}
}
