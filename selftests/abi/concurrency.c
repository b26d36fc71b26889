// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads and processes at one map at the same time.  Values prove themselves:
 * each is computed from its key and a version, so that one made of two stores,
 * or of a store to another key, gives itself away.
 *
 * Threads keep counts of what they saw that must not be; the test looks at the
 * counts when they are through.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include "harness.h"
#include "common.h"

#define MAX_WORDS	256

/* Words of a value: its key, its version, and words computed from both. */
static void make_value(__u64 *words, __u32 nr, __u64 key, __u64 version)
{
	words[0] = key;
	words[1] = version;
	for (__u32 i = 2; i < nr; i++)
		words[i] = gm_mix(key * 31 + version * 17 + i);
}

static bool value_is_whole(const __u64 *words, __u32 nr, __u64 key)
{
	__u64 expected[MAX_WORDS];

	make_value(expected, nr, key, words[1]);
	return !memcmp(words, expected, 8 * nr);
}

/* What all threads of a test share, and each thread's share of the work. */
struct scene {
	int map;
	__u32 words;		/* of a value */
	__u64 keys;
	bool delete;		/* some of the writes are deletes */
};

struct worker {
	struct scene *scene;
	__u64 seed;
	__u64 rounds;
	__u64 torn;		/* values that are not whole */
	__u64 wrong;		/* results that must not be */
	__u64 busy;		/* -EBUSY */
	__u64 hits;
	pthread_t thread;
};

static void write_one(struct worker *worker, __u64 *state, __u64 version)
{
	struct scene *scene = worker->scene;
	__u64 words[MAX_WORDS], key = gm_random(state) % scene->keys;
	int ret;

	if (scene->delete && gm_random(state) % 4 == 0) {
		ret = gm_delete(scene->map, &key, 8);
	} else {
		make_value(words, scene->words, key, version);
		ret = gm_store(scene->map, &key, 8, words, 8 * scene->words);
	}
	if (ret == -EBUSY)
		worker->busy++;
	else
		worker->wrong += ret < 0;
}

static void *writer(void *argument)
{
	struct worker *worker = argument;
	__u64 state = worker->seed;

	for (__u64 i = 0; i < worker->rounds; i++)
		write_one(worker, &state, worker->seed * 1000003 + i);
	return NULL;
}

static void read_one(struct worker *worker, __u64 *state)
{
	struct scene *scene = worker->scene;
	__u64 words[MAX_WORDS], key = gm_random(state) % scene->keys;
	int ret = gm_lookup(scene->map, &key, 8, words, 8 * scene->words);

	if (ret == -ENOENT)
		return;
	worker->hits++;
	if (ret != (int)(8 * scene->words))
		worker->wrong++;
	else if (!value_is_whole(words, scene->words, key))
		worker->torn++;
}

static void *reader(void *argument)
{
	struct worker *worker = argument;
	__u64 state = worker->seed;

	for (__u64 i = 0; i < worker->rounds; i++)
		read_one(worker, &state);
	return NULL;
}

static void check_entries(struct worker *worker, const __u64 *at, __u64 count)
{
	__u32 words = worker->scene->words;

	for (; count; count--, at += 1 + words) {
		worker->hits++;
		if (at[0] >= worker->scene->keys)
			worker->wrong++;
		else if (!value_is_whole(at + 1, words, at[0]))
			worker->torn++;
	}
}

static void *walker(void *argument)
{
	struct worker *worker = argument;
	struct gomap_ioc_iter iter = { 0 };
	__u64 *buf = malloc(65536);

	for (__u64 i = 0; i < worker->rounds; i++) {
		if (gm_iter(worker->scene->map, &iter, GOMAP_ITER_FLAGS, buf,
			    65536, 0)) {
			worker->wrong++;
			break;
		}
		check_entries(worker, buf, iter.count);
		if (iter.done)
			memset(&iter, 0, sizeof(iter));
	}
	free(buf);
	return NULL;
}

static void start_all(struct scene *scene, struct worker *workers,
		      void *(**functions)(void *), size_t nr, __u64 rounds)
{
	for (size_t i = 0; i < nr; i++) {
		workers[i] = (struct worker){
			.scene = scene, .seed = i + 1, .rounds = rounds,
		};
		if (functions[i] == walker)
			workers[i].rounds = rounds / 100;
		pthread_create(&workers[i].thread, NULL, functions[i],
			       &workers[i]);
	}
}

static void join_all(struct worker *workers, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		pthread_join(workers[i].thread, NULL);
}

/* One variant: one kind of map, under everything at once. */
FIXTURE(torn) {
	int control;
	struct scene scene;
};

FIXTURE_VARIANT(torn) {
	__u32 words;
	__u64 keys;
	__u64 rounds;
	bool delete;
};

/* The few keys are fought over, the many make the map grow meanwhile. */
FIXTURE_VARIANT_ADD(torn, inline_few_keys) { 16, 4, 15000, false };
FIXTURE_VARIANT_ADD(torn, inline_growing) { 8, 20000, 15000, false };
FIXTURE_VARIANT_ADD(torn, inline_deleting) { 16, 300, 15000, true };
FIXTURE_VARIANT_ADD(torn, objects_few_keys) { 256, 4, 8000, false };
FIXTURE_VARIANT_ADD(torn, objects_growing) { 32, 20000, 10000, false };
FIXTURE_VARIANT_ADD(torn, objects_deleting) { 64, 300, 10000, true };

FIXTURE_SETUP(torn)
{
	struct gm_shape shape = { 8, 8 * variant->words, 0, 0 };

	GM_NEED_CONTROL(self->control);
	self->scene = (struct scene){
		.map = gm_create(self->control, shape),
		.words = variant->words,
		.keys = variant->keys,
		.delete = variant->delete,
	};
	ASSERT_LE(0, self->scene.map);
}

FIXTURE_TEARDOWN(torn)
{
	EXPECT_EQ(0, gm_check(self->scene.map));
	close(self->scene.map);
	close(self->control);
}

TEST_F(torn, writers_readers_and_an_iteration)
{
	void *(*functions[])(void *) = { writer, writer, reader, reader,
					 walker };
	struct worker workers[ARRAY_LEN(functions)];
	__u64 hits = 0;

	start_all(&self->scene, workers, functions, ARRAY_LEN(functions),
		  variant->rounds);
	join_all(workers, ARRAY_LEN(functions));
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		EXPECT_EQ(0, workers[i].torn);
		EXPECT_EQ(0, workers[i].wrong);
		EXPECT_EQ(0, workers[i].busy);
		hits += workers[i].hits;
	}
	EXPECT_LT(0, hits);
}

FIXTURE(shared) {
	int control;
	int map;
};

FIXTURE_SETUP(shared)
{
	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(shared)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

/* Processes that insert into ranges of their own: nothing is lost. */
TEST_F(shared, processes_insert_ranges)
{
	enum { CHILDREN = 4, RANGE = 5000 };
	pid_t children[CHILDREN];

	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(gm_fill(self->map, i * RANGE, RANGE) != 0);
	}
	for (int i = 0; i < CHILDREN; i++)
		EXPECT_EQ(0, gm_wait(children[i]));
	EXPECT_EQ(CHILDREN * RANGE, gm_len(self->map));
	EXPECT_EQ(0, gm_count_wrong(self->map, 0, CHILDREN * RANGE));
}

/* For each key exactly one of those who insert it wins. */
TEST_F(shared, inserts_have_one_winner)
{
	enum { CHILDREN = 3, KEYS = 4000 };
	__u64 *winners = mmap(NULL, KEYS * sizeof(*winners),
			      PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t children[CHILDREN];
	__u64 not_one = 0;

	ASSERT_NE(MAP_FAILED, (void *)winners);
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		if (children[i])
			continue;
		for (__u64 key = 0; key < KEYS; key++) {
			int err = gm_insert(self->map, &key, 8, &key, 8);

			if (!err)
				__atomic_add_fetch(&winners[key], 1,
						   __ATOMIC_RELAXED);
			else if (err != -EEXIST)
				_exit(1);
		}
		_exit(0);
	}
	for (int i = 0; i < CHILDREN; i++)
		EXPECT_EQ(0, gm_wait(children[i]));
	for (int key = 0; key < KEYS; key++)
		not_one += winners[key] != 1;
	EXPECT_EQ(0, not_one);
	EXPECT_EQ(KEYS, gm_len(self->map));
}

/* For each key exactly one of those who delete it has "existed". */
TEST_F(shared, deletes_have_one_winner)
{
	enum { CHILDREN = 3, KEYS = 4000 };
	pid_t children[CHILDREN];
	__u64 *removed = mmap(NULL, sizeof(*removed), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, (void *)removed);
	ASSERT_EQ(0, gm_fill(self->map, 0, KEYS));
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		if (children[i])
			continue;
		for (__u64 key = 0; key < KEYS; key++) {
			int ret = gm_del(self->map, key);

			if (ret < 0)
				_exit(1);
			__atomic_add_fetch(removed, ret, __ATOMIC_RELAXED);
		}
		_exit(0);
	}
	for (int i = 0; i < CHILDREN; i++)
		EXPECT_EQ(0, gm_wait(children[i]));
	EXPECT_EQ(KEYS, *removed);
	EXPECT_EQ(0, gm_len(self->map));
}

/* Versions of one key only go up for whoever reads it. */
TEST_F(shared, readers_see_no_older_value_again)
{
	__u64 last = 0, value = 0, backwards = 0, missing = 0;
	pid_t child;

	ASSERT_EQ(0, gm_put(self->map, 1, 0));
	child = fork();
	if (child == 0) {
		for (__u64 version = 1; version <= 20000; version++)
			gm_put(self->map, 1, version);
		_exit(0);
	}
	while (last < 20000 && waitpid(child, NULL, WNOHANG) == 0) {
		for (int i = 0; i < 100; i++) {
			missing += gm_get(self->map, 1, &value) != 8;
			backwards += value < last;
			last = value;
		}
	}
	EXPECT_EQ(0, missing);
	EXPECT_EQ(0, backwards);
}

/* A key that stays is there at any moment, however the map grows meanwhile. */
TEST_F(shared, keys_that_stay_are_always_found)
{
	enum { STAY = 8, MAPS = 30, COME = 1500 };
	__u64 missing = 0, lookups = 0;

	for (int i = 0; i < MAPS; i++) {
		int map = gm_create(self->control, GM_U64_MAP);
		pid_t child;

		ASSERT_LE(0, map);
		ASSERT_EQ(0, gm_fill(map, 0, STAY));
		child = fork();
		if (child == 0)
			_exit(gm_fill(map, STAY, COME) != 0);
		while (waitpid(child, NULL, WNOHANG) == 0) {
			missing += gm_count_wrong(map, 0, STAY);
			lookups += STAY;
		}
		EXPECT_EQ(COME + STAY, gm_len(map));
		close(map);
	}
	EXPECT_EQ(0, missing) {
		TH_LOG("in %llu lookups", (unsigned long long)lookups);
	}
}

/* What was stored before the iteration began is in it, whatever happens. */
TEST_F(shared, iteration_is_complete_while_others_insert)
{
	enum { STAY = 2000, COME = 20000 };
	static __u64 buf[512];
	static __u8 seen[STAY + COME];
	struct gomap_ioc_iter iter = { 0 };
	__u64 wrong = 0;
	pid_t child;

	ASSERT_EQ(0, gm_fill(self->map, 0, STAY));
	child = fork();
	if (child == 0)
		_exit(gm_fill(self->map, STAY, COME) != 0);
	do {
		ASSERT_EQ(0, gm_iter(self->map, &iter, GOMAP_ITER_KEYS, buf,
				     sizeof(buf), 0));
		for (__u64 i = 0; i < iter.count; i++) {
			ASSERT_GT(STAY + COME, buf[i]);
			seen[buf[i]]++;
		}
	} while (!iter.done);
	EXPECT_EQ(0, gm_wait(child));
	for (int key = 0; key < STAY + COME; key++)
		wrong += key < STAY ? seen[key] != 1 : seen[key] > 1;
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(STAY + COME, gm_len(self->map));
}

/* Clears between stores and lookups: every state is empty or consistent. */
TEST_F(shared, clear_under_readers_and_writers)
{
	void *(*functions[])(void *) = { writer, reader };
	struct worker workers[ARRAY_LEN(functions)];
	struct scene scene = { .words = 8, .keys = 1000 };
	struct gm_shape shape = { 8, 64, 0, 0 };

	scene.map = gm_create(self->control, shape);
	ASSERT_LE(0, scene.map);
	start_all(&scene, workers, functions, 2, 20000);
	for (int i = 0; i < 50; i++) {
		EXPECT_EQ(0, gm_clear(scene.map));
		usleep(2000);
	}
	join_all(workers, 2);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(0, workers[i].torn);
		EXPECT_EQ(0, workers[i].wrong);
	}
	EXPECT_EQ(0, gm_check(scene.map));
	close(scene.map);
}

/* Info and check go on meanwhile, and find nothing wrong. */
TEST_F(shared, check_while_others_write)
{
	void *(*functions[])(void *) = { writer, writer };
	struct worker workers[ARRAY_LEN(functions)];
	struct scene scene = { .words = 8, .keys = 3000, .delete = true };
	struct gm_shape shape = { 8, 64, 0, 0 };
	struct gomap_ioc_info info;

	scene.map = gm_create(self->control, shape);
	ASSERT_LE(0, scene.map);
	start_all(&scene, workers, functions, 2, 15000);
	for (int i = 0; i < 30; i++) {
		ASSERT_EQ(0, gm_info(scene.map, GOMAP_INFO_FLAGS, &info));
		EXPECT_EQ(0, info.check);
		EXPECT_GE(3000, info.len);
		sched_yield();
	}
	join_all(workers, 2);
	EXPECT_EQ(0, workers[0].wrong + workers[1].wrong);
	EXPECT_EQ(0, gm_check(scene.map));
	close(scene.map);
}

/* Strict: whoever comes second is told so, and the map is none the worse. */
TEST_F(shared, strict_map_reports_a_second_writer)
{
	void *(*functions[])(void *) = { writer, writer, reader };
	struct gm_shape shape = { 8, 128, GOMAP_MAP_STRICT, 0 };
	struct worker workers[ARRAY_LEN(functions)];
	struct scene scene = { .words = 16, .keys = 1000 };
	double end = gm_now() + 10;
	__u64 busy = 0;

	scene.map = gm_create(self->control, shape);
	ASSERT_LE(0, scene.map);
	do {
		start_all(&scene, workers, functions, 3, 20000);
		join_all(workers, 3);
		for (int i = 0; i < 3; i++) {
			EXPECT_EQ(0, workers[i].torn);
			EXPECT_EQ(0, workers[i].wrong);
			busy += workers[i].busy;
		}
		EXPECT_EQ(0, workers[2].busy);
	} while (!busy && gm_now() < end);
	EXPECT_LT(0, busy);
	EXPECT_EQ(0, gm_check(scene.map));
	close(scene.map);
}

TEST_F(shared, strict_map_with_one_writer)
{
	struct gm_shape shape = { 8, 8, GOMAP_MAP_STRICT, 0 };
	int map = gm_create(self->control, shape);

	ASSERT_LE(0, map);
	EXPECT_EQ(0, gm_fill(map, 0, 2000));
	EXPECT_EQ(0, gm_count_wrong(map, 0, 2000));
	for (__u64 key = 0; key < 2000; key++)
		ASSERT_EQ(1, gm_del(map, key));
	EXPECT_EQ(0, gm_clear(map));
	EXPECT_EQ(0, gm_check(map));
	close(map);
}

/*
 * The structure changes while the kernel reads it: any errno, no harm.  A
 * User-mode kernel lets the threads of a process have the processors one after
 * another, a tick each, so that a thread which makes no system calls keeps the
 * other from making many: what time there is bounds their number.
 */
static void *flipper(void *argument)
{
	struct gomap_ioc_op *op = argument;
	__u64 state = 5;

	while (!__atomic_load_n(&op->reserved, __ATOMIC_RELAXED)) {
		__u64 x = gm_random(&state);

		__atomic_store_n(&op->size, x % 64, __ATOMIC_RELAXED);
		__atomic_store_n(&op->key_len, (x >> 8) % 16,
				 __ATOMIC_RELAXED);
		__atomic_store_n(&op->value_len, (x >> 16) % 16,
				 __ATOMIC_RELAXED);
		__atomic_store_n(&op->flags, (x >> 24) % 2, __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST_F(shared, structure_changes_during_the_call)
{
	__u64 key = 1, value = 1;
	struct gomap_ioc_op op = gm_op(&key, 8, &value, 8);
	double end = gm_now() + 10;
	pthread_t thread;
	int worked = 0;

	ASSERT_EQ(0, pthread_create(&thread, NULL, flipper, &op));
	for (int i = 0; i < 30000 && gm_now() < end; i++) {
		int err = gm_ioctl(self->map, GOMAP_IOC_STORE, &op);

		worked += !err;
		EXPECT_TRUE(!err || err == -EINVAL || err == -E2BIG ||
			    err == -EMSGSIZE) {
			TH_LOG("error %d", err);
		}
	}
	__atomic_store_n(&op.reserved, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	EXPECT_GE(1, gm_len(self->map));
	EXPECT_EQ(worked > 0, gm_len(self->map));
}

/* Creating, naming, finding and destroying, all of it at once. */
TEST_F_TIMEOUT(shared, names_come_and_go, 120)
{
	enum { CHILDREN = 4, ROUNDS = 500 };
	pid_t children[CHILDREN];
	char name[GOMAP_NAME_LEN];

	strcpy(name, gm_unique_name("race"));
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		if (children[i])
			continue;
		for (int round = 0; round < ROUNDS; round++) {
			int map = gm_create_named(self->control, GM_U64_MAP,
						  name, 0600);

			if (map == -EEXIST)
				map = gm_open(self->control, name,
					      GOMAP_OPEN_FLAGS);
			if (map == -ENOENT)
				continue;
			if (map < 0 || gm_put(map, i, i) < 0)
				_exit(1);
			gm_destroy(map);
			close(map);
		}
		_exit(0);
	}
	for (int i = 0; i < CHILDREN; i++)
		EXPECT_EQ(0, gm_wait(children[i]));
	EXPECT_EQ(-ENOENT, gm_open(self->control, name, GOMAP_OPEN_READ));
}

TEST_HARNESS_MAIN
