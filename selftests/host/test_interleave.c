// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_interleave.c - an operation stands still, another thread acts, and the
 * operation goes on: at every point where it holds no spinlock, one after the
 * other.
 *
 * What the operation then returns, and what it leaves, must be as if it had
 * taken place at one moment: before, between or after the other's operations.
 * Threads that run freely meet in these places once in a million times, or
 * never on a machine with few CPUs.
 */
#include <semaphore.h>

#include "model.h"
#include "numbers.h"

/* The key that everything is about, and one that is stored to start growth. */
#define THE_KEY		1000000ULL
#define OTHER_KEY	2000000ULL

/* Numbers that lie around it, see struct setting. */
#define SURROUNDINGS_MAX	64

/* Values of THE_KEY are numbers, whose bytes follow from them. */
#define VALUE_BEFORE	100
#define VALUE_MINE	200
#define VALUE_THEIRS	300

#define VALUE_SIZE_LONG	200

/* Operations that the other thread does in one go, at most. */
#define ACTS_MAX	3

/**
 * struct shape - what a map is of.
 * @key_size: Bytes of a key: a number, and zeroes.
 * @value_size: Bytes of a value.
 */
struct shape {
	u32 key_size;
	u32 value_size;
};

static const struct shape shapes[] = {
	{ 8, 8 }, { 8, VALUE_SIZE_LONG }, { 160, 8 },
};

/**
 * struct state - what there is to know of a map.
 * @value: Of THE_KEY; 0: it is absent.
 * @cleared: The surroundings are gone.
 */
struct state {
	int value;
	bool cleared;
};

static struct gomap *map;
static struct shape shape;
static u64 surroundings[SURROUNDINGS_MAX];
static u32 nr_surroundings;

static const void *key_of(u64 number)
{
	static __thread u8 key[GOMAP_KEY_SIZE_MAX];

	memcpy(key, &number, sizeof(number));
	return key;
}

static const void *value_of(int number)
{
	static __thread u8 value[VALUE_SIZE_LONG];

	value_fill(value, shape.value_size, number);
	return value;
}

/**
 * struct operation - something to do in two forms.
 * @name: For people.
 * @needs_mutex: It waits for who starts a growth, or clears.
 * @on_map: On the map.  Returns what the call returns; a lookup, the number of
 *	the value.
 * @on_state: On what should become of the map.  Returns what is right.
 */
struct operation {
	const char *name;
	bool needs_mutex;
	int (*on_map)(int value, gfp_t gfp);
	int (*on_state)(struct state *s, int value);
};

static int map_lookup(int value, gfp_t gfp)
{
	u8 got[VALUE_SIZE_LONG];
	int ret = gomap_lookup(map, key_of(THE_KEY), shape.key_size, got,
			       sizeof(got));

	(void)value;
	(void)gfp;
	if (ret < 0)
		return ret;
	for (ret = VALUE_BEFORE; ret < VALUE_THEIRS + ACTS_MAX; ret++)
		if (!memcmp(got, value_of(ret), shape.value_size))
			return ret;
	return -EILSEQ;		/* no value that anybody stored: torn */
}

static int state_lookup(struct state *s, int value)
{
	(void)value;
	return s->value ? s->value : -ENOENT;
}

static int map_insert(int value, gfp_t gfp)
{
	return gomap_insert(map, key_of(THE_KEY), shape.key_size,
			    value_of(value), shape.value_size, gfp);
}

static int state_insert(struct state *s, int value)
{
	if (s->value)
		return -EEXIST;
	s->value = value;
	return 0;
}

static int map_replace(int value, gfp_t gfp)
{
	return gomap_replace(map, key_of(THE_KEY), shape.key_size,
			     value_of(value), shape.value_size, gfp);
}

static int state_replace(struct state *s, int value)
{
	if (!s->value)
		return -ENOENT;
	s->value = value;
	return 0;
}

static int map_store(int value, gfp_t gfp)
{
	return gomap_store(map, key_of(THE_KEY), shape.key_size,
			   value_of(value), shape.value_size, gfp);
}

static int state_store(struct state *s, int value)
{
	int ret = s->value != 0;

	s->value = value;
	return ret;
}

static int map_delete(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return gomap_delete(map, key_of(THE_KEY), shape.key_size);
}

static int state_delete(struct state *s, int value)
{
	int ret = s->value != 0;

	(void)value;
	s->value = 0;
	return ret;
}

static int map_clear(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return gomap_clear(map);
}

static int state_clear(struct state *s, int value)
{
	(void)value;
	*s = (struct state){ .cleared = true };
	return 0;
}

/* A key comes and goes: starts a growth that is due, evacuates two buckets. */
static int map_nudge(int value, gfp_t gfp)
{
	int ret = gomap_store(map, key_of(OTHER_KEY), shape.key_size,
			      value_of(value), shape.value_size, gfp);

	return ret ?: gomap_delete(map, key_of(OTHER_KEY), shape.key_size);
}

static int state_nudge(struct state *s, int value)
{
	(void)s;
	(void)value;
	return 1;
}

static int map_finish(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return gomap_finish_growth(map);
}

static int map_work(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	shim_run_work();
	return 0;
}

/* The last one has it emptied: what the worker does about that comes at once. */
static int map_delete_and_work(int value, gfp_t gfp)
{
	int ret = map_delete(value, gfp);

	worker_run(&map->work.work);
	return ret;
}

static int map_grow(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	return growth_start(map);
}

/* End a growth that is under way, and start one that no write has helped with. */
static int map_start(int value, gfp_t gfp)
{
	(void)value;
	(void)gfp;
	gomap_finish_growth(map);
	atomic64_set(&map->nr_overflow, 1 << 15);
	return growth_start(map);
}

static int state_same(struct state *s, int value)
{
	(void)s;
	(void)value;
	return 0;
}

static const struct operation op_lookup = {
	"lookup", false, map_lookup, state_lookup
};
static const struct operation op_insert = {
	"insert", false, map_insert, state_insert
};
static const struct operation op_replace = {
	"replace", false, map_replace, state_replace
};
static const struct operation op_store = {
	"store", false, map_store, state_store
};
static const struct operation op_delete = {
	"delete", false, map_delete, state_delete
};
static const struct operation op_delete_and_work = {
	"delete and work", true, map_delete_and_work, state_delete
};
static const struct operation op_clear = {
	"clear", true, map_clear, state_clear
};
static const struct operation op_nudge = {
	"nudge", false, map_nudge, state_nudge
};
static const struct operation op_finish = {
	"finish", false, map_finish, state_same
};
static const struct operation op_work = {
	"work", true, map_work, state_same
};
static const struct operation op_grow = {
	"grow", true, map_grow, state_same
};
static const struct operation op_start = {
	"start", true, map_start, state_same
};

/* What the other thread does while the operation stands still. */
static const struct operation *const acts[][ACTS_MAX] = {
	{ &op_store },
	{ &op_delete },
	{ &op_insert, &op_delete },
	{ &op_delete, &op_store },
	{ &op_delete, &op_work, &op_store },
	{ &op_clear },
	{ &op_clear, &op_store },
	{ &op_nudge },
	{ &op_nudge, &op_store },
	{ &op_nudge, &op_delete },
	{ &op_nudge, &op_finish },
	{ &op_finish, &op_store },
	{ &op_finish, &op_nudge, &op_finish },
	{ &op_nudge, &op_clear, &op_store },
	{ &op_start },
	{ &op_start, &op_store },
	{ &op_start, &op_delete, &op_finish },
};

#define NR_ACTS		(sizeof(acts) / sizeof(acts[0]))

/**
 * struct setting - how a map looks before.
 * @name: For people.
 * @make: Put the surroundings there; THE_KEY comes behind them.
 */
struct setting {
	const char *name;
	void (*make)(void);
};

static void surround(u64 number)
{
	CHECK(nr_surroundings < SURROUNDINGS_MAX);
	CHECK_EQ(gomap_insert(map, key_of(number), shape.key_size,
			      value_of(VALUE_BEFORE), shape.value_size,
			      GFP_KERNEL), 0);
	surroundings[nr_surroundings++] = number;
}

static void surround_by(u32 nr)
{
	while (nr--)
		surround(nr);
}

static u64 bucket_of(u64 number)
{
	return gomap_hash(&map->table->seed, key_of(number), shape.key_size) &
	       array_mask(map->table->array);
}

static void make_lonely(void)
{
}

static void make_one_bucket_full(void)
{
	surround_by(7);
}

/* Four buckets, and the growth to eight is due. */
static void make_full(void)
{
	surround_by(26);
}

/* All in one bucket: THE_KEY lies in an overflow bucket. */
static void make_chained(void)
{
	u64 number;

	surround_by(6);
	for (number = 100; nr_surroundings < 18; number++)
		if (bucket_of(number) == bucket_of(THE_KEY))
			surround(number);
}

static const struct setting settings[] = {
	{ "lonely", make_lonely },
	{ "one bucket full", make_one_bucket_full },
	{ "full", make_full },
	{ "chained", make_chained },
};

/**
 * enum growth - what growth is under way when the operation begins.
 * @AT_REST: None.
 * @DOUBLING: To twice the size.
 * @SAME_SIZE: To the same size.
 */
enum growth {
	AT_REST,
	DOUBLING,
	SAME_SIZE,
	NR_GROWTHS,
};

/* That the map is over its load is a lie, until the growth has started. */
static void start_doubling(void)
{
	CHECK_EQ(gomap_finish_growth(map), 0);
	atomic64_add(1 << 15, &map->count);
	CHECK_EQ(growth_start(map), 0);
	atomic64_add(-(1 << 15), &map->count);
}

static void make_map(const struct setting *setting, enum growth growth,
		     bool present)
{
	map = test_map(shape.key_size, shape.value_size, 0,
		       setting->make == make_full ||
		       setting->make == make_chained ? 26 : 0);
	nr_surroundings = 0;
	setting->make();
	if (present)
		CHECK_EQ(map_insert(VALUE_BEFORE, GFP_KERNEL), 0);
	if (growth == DOUBLING)
		start_doubling();
	if (growth == SAME_SIZE)
		CHECK_EQ(map_start(0, 0), 0);
	CHECK(growth == AT_REST || map->table->old);
}

/**
 * struct other_thread - the thread that acts.  There is one for all cases.
 * @started: It is there.
 * @go: It is to act.
 * @done: It has acted.
 * @acts: What it does; NULL ends the list.
 * @gfp: For its writes.
 * @returned: What each returned.
 */
static struct other_thread {
	bool started;
	sem_t go;
	sem_t done;
	const struct operation *const *acts;
	gfp_t gfp;
	int returned[ACTS_MAX];
} other;

static void *act_when_told(void *unused)
{
	int i;

	(void)unused;
	for (;;) {
		sem_wait(&other.go);
		for (i = 0; i < ACTS_MAX && other.acts[i]; i++)
			other.returned[i] = other.acts[i]->on_map(
					VALUE_THEIRS + i, other.gfp);
		sem_post(&other.done);
	}
	return NULL;
}

static void need_other_thread(void)
{
	pthread_t thread;

	if (other.started)
		return;
	sem_init(&other.go, 0, 0);
	sem_init(&other.done, 0, 0);
	CHECK_EQ(pthread_create(&thread, NULL, act_when_told, NULL), 0);
	other.started = true;
}

/* Points to pass before the other thread acts; 0: it has. */
static u32 points_left;

static bool others_need_mutex(void)
{
	int i;

	for (i = 0; i < ACTS_MAX && other.acts[i]; i++)
		if (other.acts[i]->needs_mutex)
			return true;
	return false;
}

/* Who may not sleep starts no growth, and so needs no mutex for a write. */
static void pass_point(void)
{
	if (shim_mutexes_held && others_need_mutex())
		return;
	if (!points_left || --points_left)
		return;
	other.gfp = shim_mutexes_held ? GFP_ATOMIC : GFP_KERNEL;
	shim_at_point = NULL;
	sem_post(&other.go);
	sem_wait(&other.done);
	shim_at_point = pass_point;
}

/* Everything from here to stop_points() is interrupted at its nth point. */
static void interrupt_at(u32 nth, const struct operation *const *others)
{
	other.acts = others;
	points_left = nth;
	shim_at_point = pass_point;
}

/* Was the nth point reached? */
static bool stop_points(void)
{
	shim_at_point = NULL;
	return !points_left;
}

/* Would this be right if the operation had come after @before of the others? */
static bool is_explained_by(int before, struct state s,
			    const struct operation *op, int returned, int left,
			    bool *cleared)
{
	int i;

	for (i = 0; i <= ACTS_MAX; i++) {
		if (i == before && op->on_state(&s, VALUE_MINE) != returned)
			return false;
		if (i == ACTS_MAX || !other.acts[i])
			continue;
		if (other.acts[i]->on_state(&s, VALUE_THEIRS + i) !=
		    other.returned[i])
			return false;
	}
	*cleared = s.cleared;
	return state_lookup(&s, 0) == left;
}

static void check_surroundings(bool cleared)
{
	u8 got[VALUE_SIZE_LONG];
	u32 i;
	int ret;

	for (i = 0; i < nr_surroundings; i++) {
		ret = gomap_lookup(map, key_of(surroundings[i]),
				   shape.key_size, got, sizeof(got));
		CHECK_EQ(ret, cleared ? -ENOENT : (int)shape.value_size);
		CHECK(cleared || !memcmp(got, value_of(VALUE_BEFORE), ret));
	}
}

/* Whatever was done, growth starts and ends as ever. */
static void check_grows(void)
{
	CHECK_EQ(gomap_check(map), 0);
	CHECK_EQ(map_start(0, 0), 0);
	CHECK(map->table->old);
	CHECK_EQ(gomap_finish_growth(map), 0);
	CHECK(!map->table->old);
	CHECK_EQ(gomap_check(map), 0);
}

static void check_explained(const struct operation *op, bool present,
			    int returned)
{
	struct state before = { .value = present ? VALUE_BEFORE : 0 };
	int i, left = map_lookup(0, 0);
	bool cleared;

	for (i = 0; i <= ACTS_MAX; i++) {
		if (!is_explained_by(i, before, op, returned, left, &cleared))
			continue;
		check_grows();
		check_surroundings(cleared);
		return;
	}
	test_fail(__FILE__, __LINE__, "%s returned %d and left %d", op->name,
		  returned, left);
}

static void let_time_pass(void)
{
	rcu_barrier();
	shim_run_work();
	rcu_barrier();
}

static void put_map(void)
{
	gomap_put(map);
	let_time_pass();
}

/* The other thread acts at the nth point.  False: there are not so many. */
static bool run_once(const struct setting *setting, enum growth growth,
		     const struct operation *op, bool present, gfp_t gfp,
		     const struct operation *const *others, u32 nth)
{
	int returned;
	bool reached;

	make_map(setting, growth, present);
	interrupt_at(nth, others);
	returned = op->on_map(VALUE_MINE, gfp);
	reached = stop_points();
	if (reached)
		check_explained(op, present, returned);
	put_map();
	return reached;
}

static u32 run_at_every_point(const struct setting *setting,
			      enum growth growth, const struct operation *op,
			      bool present, gfp_t gfp,
			      const struct operation *const *others)
{
	u32 nth = 1;

	while (run_once(setting, growth, op, present, gfp, others, nth))
		nth++;
	return nth - 1;
}

static u32 run_setting(const struct setting *setting, enum growth growth,
		       const struct operation *op, gfp_t gfp)
{
	u32 points = 0, present;
	size_t i;

	for (present = 0; present < 2; present++)
		for (i = 0; i < NR_ACTS; i++)
			points += run_at_every_point(setting, growth, op,
						     present, gfp, acts[i]);
	return points;
}

static void run_operation(const struct operation *op, gfp_t gfp)
{
	enum growth growth;
	u32 points = 0;
	size_t i, s;

	need_other_thread();
	for (s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		shape = shapes[s];
		for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
			for (growth = 0; growth < NR_GROWTHS; growth++)
				points += run_setting(&settings[i], growth, op,
						      gfp);
	}
	test_note("%u times the other thread acted", points);
	CHECK(points > 1000);
}

static void lookup(void)
{
	run_operation(&op_lookup, 0);
}

static void insert(void)
{
	run_operation(&op_insert, GFP_KERNEL);
}

static void insert_that_may_not_sleep(void)
{
	run_operation(&op_insert, GFP_ATOMIC);
}

static void replace(void)
{
	run_operation(&op_replace, GFP_KERNEL);
}

static void store(void)
{
	run_operation(&op_store, GFP_KERNEL);
}

static void store_that_may_not_sleep(void)
{
	run_operation(&op_store, GFP_ATOMIC);
}

static void delete(void)
{
	run_operation(&op_delete, 0);
}

static void delete_and_draw_a_seed(void)
{
	run_operation(&op_delete_and_work, 0);
}

static void clear(void)
{
	run_operation(&op_clear, 0);
}

static void finish_growth(void)
{
	run_operation(&op_finish, 0);
}

static void grow_where_it_is_due(void)
{
	run_operation(&op_grow, 0);
}

/* Iterate, and count how often each number came.  0 or -ESTALE. */
static int iterate(u8 *times, u8 *times_the_key)
{
	static u8 key[GOMAP_KEY_SIZE_MAX];
	struct gomap_entry e = { .key = key, .key_cap = sizeof(key) };
	struct gomap_iter it;
	u64 number;
	u32 i;
	int ret;

	gomap_iter_begin(&it, map);
	while ((ret = gomap_iter_next(&it, &e)) == 1) {
		memcpy(&number, key, sizeof(number));
		*times_the_key += number == THE_KEY;
		for (i = 0; i < nr_surroundings; i++)
			times[i] += number == surroundings[i];
	}
	gomap_iter_end(&it);
	return ret;
}

static bool has_act(const struct operation *const *others,
		    const struct operation *op)
{
	int i;

	for (i = 0; i < ACTS_MAX; i++)
		if (others[i] == op)
			return true;
	return false;
}

static bool iterate_once(const struct setting *setting, enum growth growth,
			 const struct operation *const *others, u32 nth)
{
	u8 times[SURROUNDINGS_MAX] = {}, times_the_key = 0;
	bool reached, stale;
	u32 i;

	make_map(setting, growth, true);
	interrupt_at(nth, others);
	stale = iterate(times, &times_the_key);
	reached = stop_points();
	CHECK(!stale || has_act(others, &op_clear));
	CHECK(times_the_key <= 1);
	if (!has_act(others, &op_clear) && !has_act(others, &op_delete))
		CHECK_EQ(times_the_key, 1);
	for (i = 0; i < nr_surroundings; i++)
		CHECK(times[i] == 1 || (has_act(others, &op_clear) && !times[i]));
	check_grows();
	put_map();
	return reached;
}

static void iteration(void)
{
	enum growth growth;
	u32 nth, points = 0;
	size_t i, act;

	shape = shapes[0];
	need_other_thread();
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		for (growth = 0; growth < NR_GROWTHS; growth++)
			for (act = 0; act < NR_ACTS; act++) {
				nth = 1;
				while (iterate_once(&settings[i], growth,
						    acts[act], nth))
					nth++;
				points += nth - 1;
			}
	test_note("%u times the other thread acted", points);
	CHECK(points > 1000);
}

static const struct test_case cases[] = {
	CASE(lookup),
	CASE(insert),
	CASE(insert_that_may_not_sleep),
	CASE(replace),
	CASE(store),
	CASE(store_that_may_not_sleep),
	CASE(delete),
	CASE(delete_and_draw_a_seed),
	CASE(clear),
	CASE(finish_growth),
	CASE(grow_where_it_is_due),
	CASE(iteration),
};

TEST_MAIN(cases)
