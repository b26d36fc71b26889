// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_arena_threads.c - an arena that is used from all CPUs at the same time:
 * objects taken, published, read, retired and given back, chunks trimmed.
 *
 * There are places where handles are published.  Every word of an object says
 * at which place it was published: who finds another one in the object of a
 * handle, or no object, looks at memory that was given to somebody else.
 */
#include <pthread.h>
#include <unistd.h>

#include <linux/shrinker.h>

#include "objects.h"

#define NR_PLACES	400
#define WRITERS		4
#define HOLD_MAX	80

static u32 places[NR_PLACES];
static bool is_short;	/* there is no more memory than at the start */
static bool stop;
static const char *failure;
static u64 nr_writes, nr_reads, nr_trims;

/* What writers mostly use: two of them the same. */
static const u32 many_classes[WRITERS] = { 0, 3, ARENA_CLASS_BUCKET, 0 };
static const u32 one_class[WRITERS];
static const u32 *classes;

/* And now and then any of these, which nobody has used before. */
#define NR_OTHER_CLASSES	24

static bool keep_going(void)
{
	return !READ_ONCE(stop) && !__atomic_load_n(&failure, __ATOMIC_ACQUIRE);
}

static void fail(const char *what)
{
	__atomic_store_n(&failure, what, __ATOMIC_RELEASE);
}

/* An object of a class, filled; 0: no memory. */
static u32 make_object(u32 class, u32 mark)
{
	u32 handle, size, *p, i;

	while (!(handle = arena_alloc(arena, class)))
		if (arena_reserve(arena, class, 1, GFP_ATOMIC))
			return 0;
	p = object(handle, &size);
	for (i = 0; i < size / sizeof(*p); i++)
		p[i] = mark;
	return handle;
}

/* Publish an object at a place, and retire the one that was there. */
static void replace_at(u32 place, u32 class)
{
	u32 handle = make_object(class, place), old;

	if (!handle) {
		if (!is_short)
			fail("there is no memory");
		return;
	}
	old = __atomic_exchange_n(&places[place], handle, __ATOMIC_ACQ_REL);
	arena_retire(arena, old);
}

/* Take many and give them back unused: magazines run empty and full. */
static void hold_some(u32 class, u32 mark, u64 *random)
{
	u32 most = test_random(random) % HOLD_MAX, handles[HOLD_MAX];
	u32 nr = 0, *p;

	while (nr < most && (handles[nr] = make_object(class, mark)))
		nr++;
	while (nr--) {
		p = object(handles[nr], NULL);
		if (*p != mark)
			fail("an object is handed out twice");
		arena_free(arena, handles[nr]);
	}
}

static void *write_on(void *number)
{
	u64 me = (u64)number, random = test_seed + me, i;
	u32 class;

	for (i = 0; keep_going(); i++) {
		shim_cpu = i % 100 ? me % nr_cpu_ids :
				     test_random(&random) % nr_cpu_ids;
		class = i % 64 || is_short ? classes[me] :
			test_random(&random) % NR_OTHER_CLASSES;
		if (i % 10)
			replace_at(test_random(&random) % NR_PLACES, class);
		else
			hold_some(classes[me], NR_PLACES + me, &random);
		__atomic_add_fetch(&nr_writes, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static bool is_of_place(const u32 *p, u32 size, u32 place)
{
	u32 i;

	for (i = 0; i < size / sizeof(*p); i++)
		if (p[i] != place)
			return false;
	return true;
}

static void read_place(u32 place)
{
	u32 handle, size;
	const u32 *p;

	rcu_read_lock();
	handle = __atomic_load_n(&places[place], __ATOMIC_ACQUIRE);
	p = handle ? arena_object(arena, handle, &size) : NULL;
	if (handle && !p)
		fail("a handle names no object");
	if (p && !is_of_place(p, size, place))
		fail("an object was given to somebody else");
	if (p)
		sched_yield();
	if (p && !is_of_place(p, size, place))
		fail("an object was given to somebody else, and read before");
	rcu_read_unlock();
}

static void *read_on(void *seed)
{
	u64 random = test_seed ^ (u64)seed;

	while (keep_going()) {
		read_place(test_random(&random) % NR_PLACES);
		__atomic_add_fetch(&nr_reads, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Figures and requests come at any time. */
static void look_around(void)
{
	struct gomap_memory memory;

	arena_memory(arena, &memory);
	shim_shrinker.count_objects(&shim_shrinker, NULL);
	if (!is_short)
		arena_unpin(arena);
	if (totals().bytes_chunks > 64 << 20)
		fail("memory is not used again");
}

/* All that is published goes, and then chunks do. */
static void *trim_on(void *unused)
{
	u32 place, old;

	(void)unused;
	while (keep_going()) {
		look_around();
		for (place = 0; place < NR_PLACES; place++) {
			old = __atomic_exchange_n(&places[place], 0,
						  __ATOMIC_ACQ_REL);
			arena_retire(arena, old);
		}
		arena_trim_after_grace_period(arena);
		usleep(2000);
		nr_trims += arena_trim(arena) != 0;
	}
	return NULL;
}

/* Grace periods and work. */
static void *be_the_kernel(void *done)
{
	while (!READ_ONCE(*(bool *)done)) {
		shim_rcu_poll();
		shim_run_work();
		usleep(200);
	}
	return NULL;
}

static void run_threads(u32 milliseconds)
{
	pthread_t thread[WRITERS + 3], kernel;
	bool done = false;
	u64 i, nr = 0;

	CHECK_EQ(pthread_create(&kernel, NULL, be_the_kernel, &done), 0);
	for (i = 0; i < WRITERS; i++)
		pthread_create(&thread[nr++], NULL, write_on, (void *)i);
	for (i = 0; i < 2; i++)
		pthread_create(&thread[nr++], NULL, read_on, (void *)i);
	pthread_create(&thread[nr++], NULL, trim_on, NULL);
	for (i = 0; i < milliseconds && keep_going(); i += 10)
		usleep(10000);
	WRITE_ONCE(stop, true);
	while (nr)
		pthread_join(thread[--nr], NULL);
	WRITE_ONCE(done, true);
	pthread_join(kernel, NULL);
}

static u64 count_places(void)
{
	u64 nr = 0;

	for (u32 place = 0; place < NR_PLACES; place++)
		nr += places[place] != 0;
	return nr;
}

static void check_at_rest(void)
{
	struct gomap_memory memory;

	gomap_barrier();
	CHECK_EQ(totals().objects_live, count_places());
	arena_memory(arena, &memory);
	for (u32 i = 0; i < memory.nr; i++)
		CHECK_EQ(memory.class[i].retired, 0);
	retire_many(places, NR_PLACES);
	gomap_barrier();
	arena_unpin(arena);
	arena_trim(arena);
	CHECK_EQ(totals().bytes_chunks, 0);
	CHECK_EQ(totals().objects_live, 0);
}

static void prepare(u32 flags, bool run_short)
{
	stop = false;
	failure = NULL;
	nr_writes = nr_reads = nr_trims = 0;
	memset(places, 0, sizeof(places));
	open_arena_as(&(struct gomap_params){ .flags = flags });
	/* With magazines from the start, for what is used most. */
	classes = run_short ? one_class : many_classes;
	CHECK_EQ(arena_presize(arena, 0, run_short ? 400 : 2000, GFP_KERNEL),
		 0);
	CHECK(has_magazines(0));
	is_short = run_short;
	if (is_short)
		account->max = held();
	else
		for (u32 i = 0; i < WRITERS; i++)
			reserve(classes[i], 2000);
}

static void run_case(void)
{
	run_threads(1200);
	if (failure)
		test_fail(__FILE__, __LINE__, "%s", failure);
	test_note("%llu writes, %llu reads, %llu trims", nr_writes, nr_reads,
		  nr_trims);
	CHECK(nr_writes > 1000);
	CHECK(nr_reads > 1000);
	CHECK(nr_trims > 0 || is_short);
	check_at_rest();
	close_arena();
}

static void objects_of_chunks(void)
{
	prepare(0, false);
	run_case();
}

static void objects_allocated_one_by_one(void)
{
	prepare(GOMAP_F_KMALLOC, false);
	run_case();
}

/* What is left lies in the magazines of others, and has to be found there. */
static void objects_that_run_short(void)
{
	prepare(0, true);
	run_case();
}

static const struct test_case cases[] = {
	CASE(objects_of_chunks),
	CASE(objects_allocated_one_by_one),
	CASE(objects_that_run_short),
};

TEST_MAIN(cases)
