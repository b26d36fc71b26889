// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_threads.c - writers, readers, iterations, growth, the worker and grace
 * periods at the same time.
 *
 * Every value says which key it belongs to and which write it is from, and all
 * its bytes follow from these two: a torn or foreign value is seen.  Permanent
 * keys are there before the threads start and are only overwritten: each must
 * always be found, and returned by each iteration exactly once.
 */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "model.h"
#include "test.h"

#define NR_PERMANENT	500
#define THREADS_MAX	12

/* Keys: permanent ones from 0, those that come and go above. */
#define FIRST_PASSING	NR_PERMANENT

/**
 * struct value_head - how a value begins; the bytes behind follow from it.
 * @key: The key that it was stored for.
 * @write: Which write it is from.
 */
struct value_head {
	u64 key;
	u64 write;
};

#define VALUE_SIZE_MIN	((u32)sizeof(struct value_head))

/**
 * struct thread_case - what runs against what.
 * @key_size: Bytes of a key; a number and then bytes that follow from it.
 * @value_size: Bytes of a value, at least VALUE_SIZE_MIN.
 * @flags: Of the map.
 * @nr_passing: Keys that come and go.
 * @writers: Threads that write and may sleep.
 * @atomic_writers: Threads that write and may not.
 * @readers: Threads that look up.
 * @iterators: Threads that iterate.
 * @resizing: A thread empties, compacts and rekeys the map; then iterations
 *	can end early.
 * @clearing: A thread clears the map; then there are no permanent keys.
 * @milliseconds: How long.
 */
struct thread_case {
	u32 key_size;
	u32 value_size;
	u32 flags;
	u32 nr_passing;
	u32 writers;
	u32 atomic_writers;
	u32 readers;
	u32 iterators;
	bool resizing;
	bool clearing;
	u32 milliseconds;
};

/* What all threads share; written before they start, or atomic. */
static struct thread_case the_case;
static struct gomap *map;
static bool stop;
static const char *failure;	/* the first thing that went wrong, in words */
static u64 nr_writes, nr_reads, nr_iterations, nr_clears;

static bool keep_going(void)
{
	return !READ_ONCE(stop) && !__atomic_load_n(&failure, __ATOMIC_ACQUIRE);
}

static void fail(const char *what)
{
	const char *none = NULL;

	__atomic_compare_exchange_n(&failure, &none, what, false,
				    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void count_up(u64 *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

/**
 * struct actor - a thread, and what only it uses.
 * @thread: The thread.
 * @random: Its random numbers.
 * @gfp: For its writes.
 * @key: A key being made.
 * @value: A value being stored or returned.
 * @expected: What a value should be.
 * @seen: For an iteration: how often each key was returned.
 */
struct actor {
	pthread_t thread;
	u64 random;
	gfp_t gfp;
	u8 key[GOMAP_KEY_SIZE_MAX];
	u8 value[GOMAP_VALUE_SIZE_MAX];
	u8 expected[GOMAP_VALUE_SIZE_MAX];
	u8 *seen;
};

static struct actor actors[THREADS_MAX];
static u32 nr_actors;

static const void *make_key(struct actor *a, u64 number)
{
	memcpy(a->key, &number, sizeof(number));
	value_fill(a->key + sizeof(number), the_case.key_size - sizeof(number),
		   number);
	return a->key;
}

/* Variable lengths follow from the write, too. */
static u32 length_of_write(u64 write)
{
	if (!(the_case.flags & GOMAP_F_VAR_VALUE))
		return the_case.value_size;
	return VALUE_SIZE_MIN +
	       write % (the_case.value_size - VALUE_SIZE_MIN + 1);
}

static u32 make_value(u8 *value, u64 key, u64 write)
{
	struct value_head head = { key, write };
	u32 len = length_of_write(write);

	memcpy(value, &head, sizeof(head));
	value_fill(value + sizeof(head), len - sizeof(head), key ^ ~write);
	return len;
}

static bool value_belongs_to(struct actor *a, u64 key, u32 len)
{
	struct value_head head;

	memcpy(&head, a->value, sizeof(head));
	return len >= VALUE_SIZE_MIN && head.key == key &&
	       len == make_value(a->expected, key, head.write) &&
	       !memcmp(a->expected, a->value, len);
}

static u64 any_permanent(struct actor *a)
{
	return random_below(&a->random, NR_PERMANENT);
}

static u64 any_passing(struct actor *a)
{
	return FIRST_PASSING + random_below(&a->random, the_case.nr_passing);
}

static int store(struct actor *a, u64 key, gfp_t gfp)
{
	u32 len = make_value(a->value, key, test_random(&a->random));

	count_up(&nr_writes);
	return gomap_store(map, make_key(a, key), the_case.key_size, a->value,
			   len, gfp);
}

static void write_something(struct actor *a)
{
	u64 key = any_passing(a);
	u32 len;
	int ret;

	switch (random_below(&a->random, 8)) {
	case 0:
		if (the_case.clearing)
			break;
		if (store(a, any_permanent(a), a->gfp) != 1)
			fail("storing a permanent key did not replace it");
		break;
	case 1:
		len = make_value(a->value, key, test_random(&a->random));
		ret = gomap_insert(map, make_key(a, key), the_case.key_size,
				   a->value, len, a->gfp);
		if (ret && ret != -EEXIST)
			fail("an insert failed");
		break;
	case 2:
	case 3:
	case 4:
		if (store(a, key, a->gfp) < 0)
			fail("a store failed");
		break;
	default:
		if (gomap_delete(map, make_key(a, key), the_case.key_size) < 0)
			fail("a delete failed");
	}
}

static void *write_on(void *actor)
{
	while (keep_going())
		write_something(actor);
	return NULL;
}

static void look_up(struct actor *a, u64 key, bool must_be_there)
{
	int ret = gomap_lookup(map, make_key(a, key), the_case.key_size,
			       a->value, sizeof(a->value));

	count_up(&nr_reads);
	if (ret < 0 && (must_be_there || ret != -ENOENT))
		fail("a lookup did not find a permanent key, or failed");
	if (ret >= 0 && !value_belongs_to(a, key, ret))
		fail("a lookup returned a torn or foreign value");
}

static void *read_on(void *actor)
{
	struct actor *a = actor;

	while (keep_going()) {
		look_up(a, any_passing(a), false);
		if (!the_case.clearing)
			look_up(a, any_permanent(a), true);
	}
	return NULL;
}

static void take_returned(struct actor *a, const struct gomap_entry *entry)
{
	u64 key;

	memcpy(&key, a->key, sizeof(key));
	if (key >= FIRST_PASSING + the_case.nr_passing)
		fail("an iteration returned a key that nobody stored");
	else if (a->seen[key]++)
		fail("an iteration returned a key twice");
	else if (!value_belongs_to(a, key, entry->value_len))
		fail("an iteration returned a torn or foreign value");
}

static void iterate_once(struct actor *a)
{
	struct gomap_entry entry = {
		.key = a->key,
		.value = a->value,
		.key_cap = sizeof(a->key),
		.value_cap = sizeof(a->value),
	};
	struct gomap_iter it;
	u64 key;
	int ret;

	memset(a->seen, 0, FIRST_PASSING + the_case.nr_passing);
	gomap_iter_begin(&it, map);
	while ((ret = gomap_iter_next(&it, &entry)) == 1)
		take_returned(a, &entry);
	gomap_iter_end(&it);

	if (ret && !(ret == -ESTALE && (the_case.clearing || the_case.resizing)))
		fail("an iteration failed");
	for (key = 0; !ret && !the_case.clearing && key < NR_PERMANENT; key++)
		if (a->seen[key] != 1)
			fail("an iteration left out a permanent key");
	count_up(&nr_iterations);
}

static void *iterate_on(void *actor)
{
	struct actor *a = actor;

	a->seen = malloc(FIRST_PASSING + the_case.nr_passing);
	while (keep_going())
		iterate_once(a);
	free(a->seen);
	return NULL;
}

static void *clear_on(void *actor)
{
	(void)actor;
	while (keep_going()) {
		if (gomap_clear(map))
			fail("a clear failed");
		count_up(&nr_clears);
		usleep(3000);
	}
	return NULL;
}

/* Delete what passes, so that there is something to shrink. */
static void drain(struct actor *a)
{
	u64 key;

	for (key = 0; key < the_case.nr_passing; key++)
		gomap_delete(map, make_key(a, FIRST_PASSING + key),
			     the_case.key_size);
}

static void *resize_on(void *actor)
{
	struct actor *a = actor;

	while (keep_going()) {
		drain(a);
		if (test_random(&a->random) % 3 ? gomap_compact(map) :
						  gomap_rekey(map))
			fail("a compact or rekey failed");
		usleep(1000);
	}
	return NULL;
}

/* Grace periods, work and time go on until the last of the others is back. */
static void *be_the_kernel(void *done)
{
	while (!READ_ONCE(*(bool *)done)) {
		shim_rcu_poll();
		shim_run_work();
		__atomic_add_fetch(&shim_jiffies, 1, __ATOMIC_RELAXED);
		usleep(300);
	}
	return NULL;
}

/* Also reads the figures, as anybody may at any time. */
static void *inspect_on(void *actor)
{
	struct gomap_info info;

	(void)actor;
	while (keep_going()) {
		if (gomap_info(map, &info, true))
			fail("gomap_info() failed");
		if (gomap_check(map))
			fail("gomap_check() found an invariant broken");
		usleep(2000);
	}
	return NULL;
}

static void start(void *(*run)(void *), gfp_t gfp)
{
	struct actor *a = &actors[nr_actors];

	a->random = test_seed * THREADS_MAX + nr_actors++;
	a->gfp = gfp;
	CHECK_EQ(pthread_create(&a->thread, NULL, run, a), 0);
}

static void start_many(u32 nr, void *(*run)(void *), gfp_t gfp)
{
	while (nr--)
		start(run, gfp);
}

static void run_threads(void)
{
	bool done = false;
	pthread_t kernel;
	u32 i;

	nr_actors = 0;
	CHECK_EQ(pthread_create(&kernel, NULL, be_the_kernel, &done), 0);
	start_many(the_case.writers, write_on, GFP_KERNEL);
	start_many(the_case.atomic_writers, write_on, GFP_ATOMIC);
	start_many(the_case.readers, read_on, 0);
	start_many(the_case.iterators, iterate_on, 0);
	start_many(the_case.resizing, resize_on, 0);
	start_many(the_case.clearing, clear_on, 0);
	start(inspect_on, 0);

	for (i = 0; i < the_case.milliseconds && keep_going(); i += 10)
		usleep(10000);
	WRITE_ONCE(stop, true);
	for (i = 0; i < nr_actors; i++)
		pthread_join(actors[i].thread, NULL);
	WRITE_ONCE(done, true);
	pthread_join(kernel, NULL);
}

/* All is quiet: what is there must be whole, and as many as the map says. */
static void verify_at_rest(void)
{
	struct actor *a = &actors[0];
	u64 key, found = 0;
	int ret;

	CHECK_EQ(gomap_finish_resize(map), 0);
	CHECK_EQ(gomap_check(map), 0);
	for (key = 0; key < FIRST_PASSING + the_case.nr_passing; key++) {
		ret = gomap_lookup(map, make_key(a, key), the_case.key_size,
				   a->value, sizeof(a->value));
		if (ret == -ENOENT)
			continue;
		CHECK(ret >= 0 && value_belongs_to(a, key, ret));
		found++;
	}
	CHECK_EQ(gomap_len(map), found);
}

static void run_case(struct thread_case c)
{
	struct gomap_info info;
	u64 key;

	the_case = c;
	stop = false;
	failure = NULL;
	nr_writes = nr_reads = nr_iterations = nr_clears = 0;
	map = test_map(c.key_size, c.value_size, c.flags, 0);
	for (key = 0; !c.clearing && key < NR_PERMANENT; key++)
		CHECK_EQ(store(&actors[0], key, GFP_KERNEL), 0);

	run_threads();
	if (failure)
		test_fail(__FILE__, __LINE__, "%s", failure);
	verify_at_rest();
	CHECK_EQ(gomap_info(map, &info, false), 0);
	test_note("%llu writes, %llu reads, %llu iterations, %llu clears, "
		  "B %u, %llu growths, %llu shrinks, %llu rekeys, %llu locked reads",
		  nr_writes, nr_reads, nr_iterations, nr_clears, info.B,
		  info.grows + info.same_size_grows, info.shrinks, info.rekeys,
		  info.read_retries);
	CHECK(!c.resizing || (info.shrinks > 0 && info.rekeys > 0));
	CHECK(!c.writers || nr_writes > 1000);
	CHECK(!c.readers || nr_reads > 1000);
	CHECK(!c.iterators || nr_iterations > 0);
	gomap_put(map);
}

static void few_keys_written_by_all(void)
{
	run_case((struct thread_case){
		.key_size = 8, .value_size = 24, .nr_passing = 20,
		.writers = 2, .atomic_writers = 1, .readers = 2,
		.iterators = 1, .milliseconds = 1200,
	});
}

static void growth_by_those_who_may_sleep(void)
{
	run_case((struct thread_case){
		.key_size = 8, .value_size = 16, .nr_passing = 60000,
		.writers = 3, .readers = 2, .iterators = 1,
		.milliseconds = 1500,
	});
}

static void growth_by_the_worker(void)
{
	run_case((struct thread_case){
		.key_size = 8, .value_size = 16, .nr_passing = 60000,
		.atomic_writers = 3, .readers = 2, .iterators = 1,
		.milliseconds = 1500,
	});
}

static void largest_inline_values(void)
{
	run_case((struct thread_case){
		.key_size = 16, .value_size = GOMAP_INLINE_MAX,
		.nr_passing = 3000,
		.writers = 2, .atomic_writers = 1, .readers = 2,
		.iterators = 1, .milliseconds = 1200,
	});
}

static void values_in_objects(void)
{
	run_case((struct thread_case){
		.key_size = 8, .value_size = 400, .nr_passing = 2000,
		.writers = 2, .atomic_writers = 1, .readers = 2,
		.iterators = 1, .milliseconds = 1500,
	});
}

static void values_that_change_their_length(void)
{
	run_case((struct thread_case){
		.key_size = 8, .value_size = 1500, .flags = GOMAP_F_VAR_VALUE,
		.nr_passing = 1000,
		.writers = 2, .atomic_writers = 1, .readers = 3,
		.iterators = 1, .milliseconds = 1500,
	});
}

static void keys_and_values_in_objects(void)
{
	run_case((struct thread_case){
		.key_size = 300, .value_size = 200, .nr_passing = 2000,
		.writers = 2, .atomic_writers = 1, .readers = 2,
		.iterators = 1, .milliseconds = 1500,
	});
}

static void clear_by_another_thread(void)
{
	run_case((struct thread_case){
		.key_size = 8, .value_size = 200, .nr_passing = 3000,
		.writers = 2, .atomic_writers = 1, .readers = 2,
		.iterators = 1, .clearing = true, .milliseconds = 1500,
	});
}

static void compact_and_rekey_by_another_thread(void)
{
	run_case((struct thread_case){
		.key_size = 8, .value_size = 24, .nr_passing = 3000,
		.writers = 2, .atomic_writers = 1, .readers = 2,
		.iterators = 1, .resizing = true, .milliseconds = 1500,
	});
}

static void objects_in_a_map_that_is_compacted_and_rekeyed(void)
{
	run_case((struct thread_case){
		.key_size = 300, .value_size = 200, .nr_passing = 1000,
		.writers = 2, .atomic_writers = 1, .readers = 2,
		.iterators = 1, .resizing = true, .clearing = true,
		.milliseconds = 1500,
	});
}

static const struct test_case cases[] = {
	CASE(few_keys_written_by_all),
	CASE(growth_by_those_who_may_sleep),
	CASE(growth_by_the_worker),
	CASE(largest_inline_values),
	CASE(values_in_objects),
	CASE(values_that_change_their_length),
	CASE(keys_and_values_in_objects),
	CASE(clear_by_another_thread),
	CASE(compact_and_rekey_by_another_thread),
	CASE(objects_in_a_map_that_is_compacted_and_rekeyed),
};

TEST_MAIN(cases)
