// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals in the middle of operations.  One that is not fatal cuts nothing
 * short, however often it comes.  One that is leaves a map that is sound, with
 * what was done until then and no more, and that nobody has locked.
 */
#include "harness.h"

#include <sched.h>
#include <sys/mman.h>

#include "common.h"

#define ENTRIES		8000
#define BATCH		4000
#define SAMPLE		100
#define SECONDS		2
#define ROUNDS_MIN	12	/* on a machine that has other things to do, too */

/* Stands for the key itself, as a value. */
#define THE_KEY		~0ULL

/* A map of one value in all keys, and what an operation on it shares. */
FIXTURE(signals) {
	int control;
	int map;
	struct shared *shared;
};

struct shared {
	struct gomap_ioc_batch batch;
	struct gomap_batch_op ops[BATCH];
	__u64 keys[BATCH];
	__u64 values[BATCH];
	struct gomap_ioc_iter iter;
	__u64 entries[2 * ENTRIES];
	struct gomap_ioc_plain plain;
	volatile __u32 started;
	volatile __u32 finished;
	volatile __u32 sent;
};

static volatile sig_atomic_t nr_signals;

/* Is it not enough yet, neither in time nor in rounds? */
static bool goes_on(double begin, __u32 rounds)
{
	return rounds < ROUNDS_MIN || gm_now() - begin < SECONDS;
}

static void count_signal(int signal)
{
	(void)signal;
	nr_signals++;
}

/* Store a value in all keys from @first on, as far as the batch gets. */
static void prepare_batch(struct shared *s, __u64 first, __u64 value)
{
	for (__u32 i = 0; i < BATCH; i++) {
		s->keys[i] = first + i;
		s->values[i] = value == THE_KEY ? first + i : value;
		s->ops[i] = gm_batch_op(GOMAP_OP_STORE, &s->keys[i],
					sizeof(__u64), &s->values[i],
					sizeof(__u64));
	}
	s->batch = (struct gomap_ioc_batch){
		.size = sizeof(s->batch),
		.ops = gm_addr(s->ops),
		.count = BATCH,
		.done = ~0U,
	};
}

static int store_batch(int map, struct shared *s)
{
	return gm_ioctl(map, GOMAP_IOC_BATCH, &s->batch);
}

static int iterate(int map, struct shared *s)
{
	memset(&s->iter, 0, sizeof(s->iter));
	return gm_iter(map, &s->iter, GOMAP_ITER_FLAGS, s->entries,
		       sizeof(s->entries), 0);
}

static int plain(int map, struct shared *s, unsigned int command)
{
	s->plain.size = sizeof(s->plain);
	return gm_ioctl(map, command, &s->plain);
}

static int compact(int map, struct shared *s)
{
	return plain(map, s, GOMAP_IOC_COMPACT);
}

static int rekey(int map, struct shared *s)
{
	return plain(map, s, GOMAP_IOC_REKEY);
}

static int check(int map, struct shared *s)
{
	(void)s;
	return gm_check(map);
}

static int clear(int map, struct shared *s)
{
	return plain(map, s, GOMAP_IOC_CLEAR);
}

FIXTURE_SETUP(signals)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
	self->shared = mmap(NULL, sizeof(*self->shared),
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->shared);
	for (__u64 first = 0; first < ENTRIES; first += BATCH) {
		prepare_batch(self->shared, first, THE_KEY);
		ASSERT_EQ(0, store_batch(self->map, self->shared));
		ASSERT_EQ(0, self->shared->batch.failed);
	}
}

FIXTURE_TEARDOWN(signals)
{
	close(self->map);
	close(self->control);
}

/* Send a signal to the parent, again and again, until somebody ends this. */
static pid_t bombard(struct shared *s, int signal, unsigned int every_us)
{
	pid_t victim = getpid(), child = fork();

	if (child)
		return child;
	for (;;) {
		kill(victim, signal);
		s->sent++;
		usleep(every_us);
	}
}

static int run_all(int map, struct shared *s, __u64 round)
{
	int err = gm_fill(map, BATCH, SAMPLE);

	if (err)
		return err;
	prepare_batch(s, 0, round);
	err = store_batch(map, s);
	if (!err && s->batch.done != BATCH)
		err = -EIO;
	if (!err)
		err = iterate(map, s);
	if (!err && (!s->iter.done || s->iter.count != ENTRIES))
		err = -EIO;
	if (!err)
		err = compact(map, s);
	if (!err)
		err = rekey(map, s);
	return err ? err : check(map, s);
}

TEST_F_TIMEOUT(signals, others_cut_nothing_short, 60)
{
	struct sigaction action = { .sa_handler = count_signal };
	double begin = gm_now();
	__u32 rounds = 0;
	pid_t sender;

	/* No SA_RESTART: what is cut short says so. */
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	sender = bombard(self->shared, SIGUSR1, 20);
	ASSERT_LE(0, sender);
	do {
		ASSERT_EQ(0, run_all(self->map, self->shared, ++rounds));
	} while (goes_on(begin, rounds));
	kill(sender, SIGKILL);
	gm_wait(sender);
	TH_LOG("%u signals sent, %d of them waited for by themselves, %u rounds",
	       self->shared->sent, nr_signals, rounds);
	/* Those that come while one is waiting are one. */
	EXPECT_LT(2 * rounds, nr_signals);
}

/* A child that does this once and is killed some time after.  True: within it. */
static bool kill_in_the_middle(int map, struct shared *s,
			       int (*run)(int map, struct shared *s),
			       unsigned int delay_us)
{
	pid_t child;

	s->started = 0;
	s->finished = 0;
	child = fork();
	if (child == 0) {
		s->started = 1;
		run(map, s);
		s->finished = 1;
		for (;;)
			pause();
	}
	while (!s->started)
		sched_yield();
	usleep(delay_us);
	kill(child, SIGKILL);
	gm_wait(child);
	return !s->finished;
}

/* How many of the first keys have the value; only these may. */
static __u32 stored_until(int map, struct shared *s, __u64 value, bool *sound)
{
	__u32 nr = 0, i;

	if (iterate(map, s) || s->iter.count != ENTRIES)
		*sound = false;
	for (i = 0; i < ENTRIES; i++)
		if (s->entries[2 * i] < BATCH && s->entries[2 * i + 1] == value)
			nr++;
	for (i = 0; i < ENTRIES; i++)
		if ((s->entries[2 * i] < nr) !=
		    (s->entries[2 * i] < BATCH && s->entries[2 * i + 1] == value))
			*sound = false;
	return nr;
}

/* Delays that spread over an operation of so many microseconds. */
static unsigned int some_delay(__u64 *random, unsigned int us)
{
	return gm_random(random) % (us + us / 4 + 1);
}

static unsigned int duration_us(int map, struct shared *s,
				int (*run)(int map, struct shared *s))
{
	double begin = gm_now();

	run(map, s);
	return (gm_now() - begin) * 1e6;
}

/* A killed batch says how many it has done, and these are the first ones. */
TEST_F_TIMEOUT(signals, a_killed_batch_is_done_up_to_a_point, 100)
{
	__u32 in_the_middle = 0, rounds = 0, us, done;
	struct shared *s = self->shared;
	double begin = gm_now();
	__u64 random = getpid();
	bool sound = true;

	prepare_batch(s, 0, 1ULL << 40);
	us = duration_us(self->map, s, store_batch);
	do {
		__u64 value = (1ULL << 40) + ++rounds;

		prepare_batch(s, 0, value);
		kill_in_the_middle(self->map, s, store_batch,
				   some_delay(&random, us));
		done = stored_until(self->map, s, value, &sound);
		ASSERT_TRUE(sound) {
			TH_LOG("after %u of %u", done, BATCH);
		}
		/* Killed before it had begun, it says nothing. */
		if (s->batch.done != ~0U)
			ASSERT_EQ(s->batch.done, done);
		else
			ASSERT_EQ(0, done);
		ASSERT_EQ(0, gm_check(self->map));
		in_the_middle += done > 0 && done < BATCH;
	} while (goes_on(begin, in_the_middle) && rounds < 20 * ROUNDS_MIN);
	TH_LOG("%u kills, %u of them in the middle of %u us", rounds,
	       in_the_middle, us);
	EXPECT_LE(ROUNDS_MIN, in_the_middle);
}

/* Whatever is killed that changes no entry: each is there, and nothing broken. */
static void kill_again_and_again(struct __test_metadata *_metadata,
				 FIXTURE_DATA(signals) *self,
				 int (*run)(int map, struct shared *s))
{
	__u32 rounds = 0, in_the_middle = 0, half_way = 0;
	unsigned int us = duration_us(self->map, self->shared, run);
	struct gomap_ioc_info info;
	__u64 random = getpid();
	double begin = gm_now();

	do {
		in_the_middle += kill_in_the_middle(self->map, self->shared,
						    run,
						    some_delay(&random, us));
		ASSERT_EQ(0, gm_info(self->map, GOMAP_INFO_CHECK, &info));
		ASSERT_EQ(0, info.check);
		ASSERT_EQ(ENTRIES, info.len);
		ASSERT_EQ(0, gm_count_wrong(self->map, 0, SAMPLE));
		half_way += info.growing != 0;
		rounds++;
	} while (goes_on(begin, in_the_middle) && rounds < 20 * ROUNDS_MIN);
	TH_LOG("%u kills, %u within the %u us, %u left a resize half-way",
	       rounds, in_the_middle, us, half_way);
	EXPECT_LE(ROUNDS_MIN, in_the_middle);
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, ENTRIES));
	EXPECT_TRUE(gm_wait_until_grown(self->map));
	EXPECT_EQ(0, gm_check(self->map));
}

TEST_F_TIMEOUT(signals, a_killed_rekey_is_finished_later, 100)
{
	kill_again_and_again(_metadata, self, rekey);
}

TEST_F_TIMEOUT(signals, a_killed_compact_is_finished_later, 100)
{
	kill_again_and_again(_metadata, self, compact);
}

TEST_F_TIMEOUT(signals, a_killed_iteration_changes_nothing, 100)
{
	kill_again_and_again(_metadata, self, iterate);
}

TEST_F_TIMEOUT(signals, a_killed_check_changes_nothing, 100)
{
	kill_again_and_again(_metadata, self, check);
}

TEST_F_TIMEOUT(signals, a_killed_clear_is_all_or_nothing, 100)
{
	__u32 cleared = 0, rounds = 0;
	__u64 random = getpid();
	unsigned int us = duration_us(self->map, self->shared, clear);
	long long len;

	for (rounds = 0; rounds < 100; rounds++) {
		ASSERT_EQ(0, gm_fill(self->map, 0, 100));
		kill_in_the_middle(self->map, self->shared, clear,
				   some_delay(&random, us));
		len = gm_len(self->map);
		ASSERT_TRUE(len == 0 || len == 100);
		ASSERT_EQ(0, gm_check(self->map));
		cleared += len == 0;
	}
	TH_LOG("%u kills, %u clears", rounds, cleared);
}

/* A writer that is killed in a strict map does not stay its writer. */
TEST_F_TIMEOUT(signals, a_killed_writer_leaves_a_strict_map, 100)
{
	struct gm_shape strict = { 8, 8, GOMAP_MAP_STRICT, 0 };
	int map = gm_create(self->control, strict);
	__u64 random = getpid();
	unsigned int us;

	ASSERT_LE(0, map);
	prepare_batch(self->shared, 0, 1);
	us = duration_us(map, self->shared, store_batch);
	for (__u64 round = 0; round < 100; round++) {
		prepare_batch(self->shared, 0, round);
		kill_in_the_middle(map, self->shared, store_batch,
				   some_delay(&random, us));
		ASSERT_LE(0, gm_put(map, 5, 5));
		ASSERT_EQ(0, gm_check(map));
	}
	close(map);
}

TEST_HARNESS_MAIN
