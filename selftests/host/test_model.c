// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_model.c - random operations on maps of many shapes, compared with the
 * naive map of model.h: every result at once, all contents regularly.
 *
 * A run is decided by its seed.
 */
#include "model.h"
#include "test.h"

/* Operations of all shapes together that a run has to reach. */
#define OPERATIONS_MIN	10000000ULL

/* Shapes that make up a run. */
#define NR_SHAPES	16

/* A phase is that many operations per key: enough to fill or empty the map. */
#define PHASE_PER_KEY	2

/* What an iteration under way knows of a key. */
#define MARK_ALL_THE_TIME	1	/* there since the iteration began */
#define MARK_RETURNED		2

/**
 * struct run - one shape being tested.
 * @model: What the map should be.
 * @map: What it is.
 * @random: Decides everything.
 * @pos: An iteration under way; kept as a position between its steps.
 * @iterating: There is one.
 * @stale: The map was cleared since it began.
 * @marks: MARK_* bits of each key.
 */
struct run {
	struct model *model;
	struct gomap *map;
	u64 random;
	struct gomap_iter_pos pos;
	bool iterating;
	bool stale;
	u8 *marks;
};

static u8 value_given[GOMAP_VALUE_SIZE_MAX];
static u8 value_got[GOMAP_VALUE_SIZE_MAX];
static u8 key_got[GOMAP_KEY_SIZE_MAX];

/* Each operation returns NULL, or what was wrong with the core, in words. */
typedef const char *operation_fn(struct run *run);

static struct model_entry *any_entry(struct run *run)
{
	return &run->model->entries[random_below(&run->random,
						 run->model->nr)];
}

static gfp_t any_gfp(struct run *run)
{
	return random_below(&run->random, 4) ? GFP_KERNEL : GFP_ATOMIC;
}

typedef int write_fn(struct gomap *map, const void *key, u32 key_len,
		     const void *value, u32 value_len, gfp_t gfp);

/* A write with a new value, and into the model if it succeeded. */
static int write_entry(struct run *run, struct model_entry *e, write_fn *write)
{
	u64 seed = test_random(&run->random);
	u32 len = value_len_draw(run->model, &run->random);
	int ret;

	value_fill(value_given, len, seed);
	ret = write(run->map, e->key, e->key_len, value_given, len,
		    any_gfp(run));
	if (ret >= 0)
		model_set(run->model, e, seed, len);
	return ret;
}

static const char *op_insert(struct run *run)
{
	struct model_entry *e = any_entry(run);
	int expected = e->present ? -EEXIST : 0;

	return write_entry(run, e, gomap_insert) == expected ?
		NULL : "insert returned something else than it should";
}

static const char *op_replace(struct run *run)
{
	struct model_entry *e = any_entry(run);
	int expected = e->present ? 0 : -ENOENT;

	return write_entry(run, e, gomap_replace) == expected ?
		NULL : "replace returned something else than it should";
}

static const char *op_store(struct run *run)
{
	struct model_entry *e = any_entry(run);
	int expected = e->present;

	return write_entry(run, e, gomap_store) == expected ?
		NULL : "store returned something else than it should";
}

static const char *op_delete(struct run *run)
{
	struct model_entry *e = any_entry(run);
	int expected = e->present;

	if (gomap_delete(run->map, e->key, e->key_len) != expected)
		return "delete returned something else than it should";
	model_remove(run->model, e);
	run->marks[e - run->model->entries] &= ~MARK_ALL_THE_TIME;
	return NULL;
}

static const char *op_lookup(struct run *run)
{
	struct model_entry *e = any_entry(run);
	int ret = gomap_lookup(run->map, e->key, e->key_len, value_got,
			       sizeof(value_got));

	if (!e->present)
		return ret == -ENOENT ? NULL : "lookup found an absent key";
	if (ret != (int)e->value_len)
		return "lookup returned a wrong length";
	value_fill(value_given, ret, e->value_seed);
	return memcmp(value_given, value_got, ret) ?
		"lookup returned a wrong value" : NULL;
}

#define MANY_MAX	40U	/* more than go together */

/* What one query of many should have as its result, wrong lengths included. */
static const char *check_query(struct run *run, const struct model_entry *e,
			       const struct gomap_query *query)
{
	if (query->key_len != e->key_len)
		return query->result == -EMSGSIZE ? NULL :
			"a lookup of many took a wrong length";
	if (!e->present)
		return query->result == -ENOENT ? NULL :
			"a lookup of many found an absent key";
	if (query->value && query->value_cap < e->value_len)
		return query->result == -EMSGSIZE ? NULL :
			"a lookup of many copied into too little room";
	if (query->result != (int)e->value_len)
		return "a lookup of many returned a wrong length";
	value_fill(value_given, e->value_len, e->value_seed);
	return query->value && memcmp(value_given, query->value, e->value_len) ?
		"a lookup of many returned a wrong value" : NULL;
}

static const char *op_lookup_many(struct run *run)
{
	u32 i, nr = random_below(&run->random, MANY_MAX + 1), found = 0;
	u32 size = run->model->params.value_size;
	u8 *values = malloc((size_t)MANY_MAX * size + 1);
	struct gomap_query queries[MANY_MAX];
	struct model_entry *e[MANY_MAX];
	const char *wrong = NULL;

	for (i = 0; i < nr; i++) {
		e[i] = any_entry(run);
		queries[i] = (struct gomap_query){
			.key = e[i]->key,
			.key_len = e[i]->key_len,
			.value = values + (size_t)i * size,
			.value_cap = size,
		};
		if (!random_below(&run->random, 16))
			queries[i].value = NULL;
		if (!random_below(&run->random, 16) && size)
			queries[i].value_cap = random_below(&run->random, size);
		if (!random_below(&run->random, 32))
			queries[i].key_len = run->model->params.key_size + 1;
	}
	found = gomap_lookup_many(run->map, queries, nr);
	for (i = 0; i < nr && !wrong; i++) {
		wrong = check_query(run, e[i], &queries[i]);
		found -= queries[i].result >= 0;
	}
	free(values);
	return wrong || !found ? wrong : "a lookup of many counted wrongly";
}

static const char *op_test(struct run *run)
{
	struct model_entry *e = any_entry(run);
	int expected = e->present ? (int)e->value_len : -ENOENT;

	return gomap_lookup(run->map, e->key, e->key_len, NULL, 0) == expected ?
		NULL : "asking for a key returned something else than it should";
}

/* Lengths that the map does not take change nothing. */
static const char *op_wrong_length(struct run *run)
{
	const struct gomap_params *p = &run->model->params;
	struct model_entry *e = any_entry(run);

	if (gomap_store(run->map, e->key, p->key_size + 1, value_given,
			p->value_size, GFP_KERNEL) != -EMSGSIZE ||
	    gomap_store(run->map, e->key, e->key_len, value_given,
			p->value_size + 1, GFP_KERNEL) != -EMSGSIZE ||
	    gomap_delete(run->map, e->key, p->key_size + 1) != -EMSGSIZE ||
	    gomap_lookup(run->map, e->key, p->key_size + 1, NULL, 0) !=
	    -EMSGSIZE)
		return "a wrong length was taken";
	if (e->present && e->value_len &&
	    gomap_lookup(run->map, e->key, e->key_len, value_got,
			 e->value_len - 1) != -EMSGSIZE)
		return "lookup copied into too little room";
	return NULL;
}

static const char *op_clear(struct run *run)
{
	if (gomap_clear(run->map))
		return "clear failed";
	model_clear(run->model);
	run->stale = true;
	return NULL;
}

static void begin_iteration(struct run *run)
{
	u32 i;

	for (i = 0; i < run->model->nr; i++)
		run->marks[i] = run->model->entries[i].present ?
				MARK_ALL_THE_TIME : 0;
	memset(&run->pos, 0, sizeof(run->pos));
	run->iterating = true;
	run->stale = false;
}

static const char *take_returned(struct run *run,
				 const struct gomap_entry *entry)
{
	struct model_entry *e = model_find(run->model, key_got, entry->key_len);
	u8 *mark;

	if (!e || !e->present)
		return "a long iteration returned an absent key";
	mark = &run->marks[e - run->model->entries];
	if (*mark & MARK_RETURNED)
		return "a long iteration returned a key twice";
	*mark |= MARK_RETURNED;
	value_fill(value_given, e->value_len, e->value_seed);
	if (entry->value_len != e->value_len ||
	    memcmp(value_given, value_got, e->value_len))
		return "a long iteration returned a wrong value";
	return NULL;
}

static const char *end_iteration(struct run *run, int ret)
{
	u32 i;

	run->iterating = false;
	if (run->stale)
		return ret == -ESTALE ? NULL : "an iteration survived a clear or a rekey";
	if (ret)
		return "a long iteration ended with an error";
	for (i = 0; i < run->model->nr; i++)
		if (run->marks[i] == MARK_ALL_THE_TIME)
			return "a long iteration left out a key";
	return NULL;
}

/* Some steps of an iteration that lasts over many other operations. */
static const char *op_iterate(struct run *run)
{
	u32 steps = 1 + random_below(&run->random, 1 + run->model->nr / 8);
	struct gomap_entry entry = {
		.key = key_got,
		.value = value_got,
		.key_cap = sizeof(key_got),
		.value_cap = sizeof(value_got),
	};
	const char *wrong = NULL;
	struct gomap_iter it;
	int ret = 1;

	if (!run->iterating)
		begin_iteration(run);
	gomap_iter_resume(&it, run->map, &run->pos);
	while (!wrong && steps-- && (ret = gomap_iter_next(&it, &entry)) == 1)
		wrong = take_returned(run, &entry);
	run->pos = it.pos;
	gomap_iter_end(&it);
	return wrong || ret == 1 ? wrong : end_iteration(run, ret);
}

static const char *op_worker(struct run *run)
{
	(void)run;
	shim_run_work();
	return NULL;
}

static const char *op_grace_period(struct run *run)
{
	(void)run;
	shim_rcu_poll();
	return NULL;
}

static const char *op_time(struct run *run)
{
	shim_jiffies += random_below(&run->random, HZ);
	return NULL;
}

static const char *op_finish_growth(struct run *run)
{
	return gomap_finish_resize(run->map) ? "growth was not finished" : NULL;
}

static const char *op_compact(struct run *run)
{
	return gomap_compact(run->map) ? "compact failed" : NULL;
}

static const char *op_rekey(struct run *run)
{
	run->stale = true;
	return gomap_rekey(run->map) ? "rekey failed" : NULL;
}

static const char *op_check(struct run *run)
{
	return gomap_check(run->map) ?
		"gomap_check() found an invariant broken" : NULL;
}

/**
 * struct operation - how often something is done, of 10000 times.
 * @fn: What is done.
 * @filling: While the map is being filled.
 * @emptying: While it is being emptied.
 * @mixing: While neither.
 */
static const struct operation {
	operation_fn *fn;
	u32 filling;
	u32 emptying;
	u32 mixing;
} operations[] = {
	{ op_insert, 3000, 300, 1300 },
	{ op_store, 2600, 300, 1500 },
	{ op_replace, 300, 600, 800 },
	{ op_delete, 600, 5500, 2900 },
	{ op_lookup, 2800, 2630, 2800 },
	{ op_test, 400, 400, 400 },
	{ op_lookup_many, 100, 100, 100 },
	{ op_wrong_length, 10, 10, 10 },
	{ op_iterate, 20, 20, 20 },
	{ op_worker, 40, 40, 40 },
	{ op_grace_period, 80, 80, 80 },
	{ op_time, 100, 100, 100 },
	{ op_finish_growth, 4, 4, 4 },
	{ op_compact, 2, 4, 4 },
	{ op_rekey, 2, 2, 4 },
	{ op_check, 10, 10, 10 },
};

#define NR_OPERATIONS	(sizeof(operations) / sizeof(operations[0]))

enum phase {
	PHASE_FILLING,
	PHASE_MIXING,
	PHASE_EMPTYING,
	NR_PHASES,
};

static u32 weight(const struct operation *op, enum phase phase)
{
	switch (phase) {
	case PHASE_FILLING:
		return op->filling;
	case PHASE_EMPTYING:
		return op->emptying;
	default:
		return op->mixing;
	}
}

static operation_fn *draw_operation(struct run *run, enum phase phase)
{
	u32 i, at, sum = 0;

	for (i = 0; i < NR_OPERATIONS; i++)
		sum += weight(&operations[i], phase);
	at = random_below(&run->random, sum);
	for (i = 0; at >= weight(&operations[i], phase); i++)
		at -= weight(&operations[i], phase);
	return operations[i].fn;
}

/* A phase, all contents compared at its end.  Every sixth ends with a clear. */
static const char *run_phase(struct run *run, enum phase phase, u64 nr_ops)
{
	const char *wrong = NULL;

	while (!wrong && nr_ops--)
		wrong = draw_operation(run, phase)(run);
	if (!wrong && random_below(&run->random, 6) == 0)
		wrong = op_clear(run);
	return wrong ? wrong : model_compare(run->model, run->map);
}

static u64 operations_done;
static unsigned int shapes_done;

static void run_operations(struct run *run, u64 nr_ops)
{
	u64 phase_ops = 500 + PHASE_PER_KEY * run->model->nr;
	enum phase phase = PHASE_FILLING;
	const char *wrong;
	u64 done;

	for (done = 0; done < nr_ops; done += phase_ops) {
		wrong = run_phase(run, phase, phase_ops);
		if (wrong)
			test_fail(__FILE__, __LINE__, "%s, in operations %llu to %llu",
				  wrong, done, done + phase_ops);
		phase = (phase + 1) % NR_PHASES;
	}
	operations_done += done;
	shapes_done++;
}

static void run_shape(u32 nr_keys, u64 nr_ops, struct gomap_params params)
{
	struct run run = { .random = test_seed };

	run.model = model_create(&params, nr_keys, &run.random);
	run.marks = calloc(run.model->nr, 1);
	run.map = gomap_create(&params);
	CHECK(!IS_ERR(run.map));
	run_operations(&run, nr_ops);
	gomap_put(run.map);
	model_destroy(run.model);
	free(run.marks);
}

#define SHAPE_CASE(name, nr_keys, nr_ops, ...)				\
static void name(void)							\
{									\
	run_shape(nr_keys, nr_ops, (struct gomap_params){ __VA_ARGS__ });	\
}

SHAPE_CASE(u64_to_u64_few_keys, 60, 1200000,
	   .key_size = 8, .value_size = 8)
SHAPE_CASE(u64_to_u64_many_keys, 50000, 1800000,
	   .key_size = 8, .value_size = 8)
SHAPE_CASE(u64_to_u64_trusted, 8000, 600000,
	   .key_size = 8, .value_size = 8, .flags = GOMAP_F_TRUSTED_KEYS)
SHAPE_CASE(keys_up_to_64_bytes_trusted, 3000, 400000,
	   .key_size = 64, .value_size = 8,
	   .flags = GOMAP_F_VAR_KEY | GOMAP_F_TRUSTED_KEYS)
SHAPE_CASE(sixteen_bytes_to_sixteen, 5000, 600000,
	   .key_size = 16, .value_size = 16)
SHAPE_CASE(u64_to_u64_with_a_hint, 6000, 1000000,
	   .key_size = 8, .value_size = 8, .hint = 5000)
SHAPE_CASE(u8_to_u8, 1000, 1200000,
	   .key_size = 1, .value_size = 1)
SHAPE_CASE(three_bytes_to_u32, 3000, 1000000,
	   .key_size = 3, .value_size = 4)
SHAPE_CASE(u32_to_200_bytes, 2000, 900000,
	   .key_size = 4, .value_size = 200)
SHAPE_CASE(largest_inline_key_to_smallest_object, 1000, 400000,
	   .key_size = GOMAP_INLINE_MAX, .value_size = GOMAP_INLINE_MAX + 1)
SHAPE_CASE(keys_of_200_bytes, 2000, 600000,
	   .key_size = 200, .value_size = 2)
SHAPE_CASE(keys_up_to_64_bytes, 3000, 800000,
	   .key_size = 64, .value_size = 8, .flags = GOMAP_F_VAR_KEY)
SHAPE_CASE(keys_up_to_4096_values_up_to_2000_bytes, 400, 150000,
	   .key_size = 4096, .value_size = 2000,
	   .flags = GOMAP_F_VAR_KEY | GOMAP_F_VAR_VALUE)
SHAPE_CASE(values_up_to_100_bytes, 1500, 700000,
	   .key_size = 4, .value_size = 100, .flags = GOMAP_F_VAR_VALUE)
SHAPE_CASE(set_of_u16, 20000, 1000000,
	   .key_size = 2, .value_size = 0)
SHAPE_CASE(strict, 500, 300000,
	   .key_size = 8, .value_size = 8, .flags = GOMAP_F_STRICT)

static void at_least_ten_million_operations(void)
{
	test_note("%llu random operations", operations_done);
	if (shapes_done < NR_SHAPES)
		test_skip("only %u of %u shapes were run", shapes_done,
			  NR_SHAPES);
	CHECK(operations_done >= OPERATIONS_MIN);
}

static const struct test_case cases[] = {
	CASE(u64_to_u64_few_keys),
	CASE(u64_to_u64_many_keys),
	CASE(u64_to_u64_trusted),
	CASE(keys_up_to_64_bytes_trusted),
	CASE(sixteen_bytes_to_sixteen),
	CASE(u64_to_u64_with_a_hint),
	CASE(u8_to_u8),
	CASE(three_bytes_to_u32),
	CASE(u32_to_200_bytes),
	CASE(largest_inline_key_to_smallest_object),
	CASE(keys_of_200_bytes),
	CASE(keys_up_to_64_bytes),
	CASE(keys_up_to_4096_values_up_to_2000_bytes),
	CASE(values_up_to_100_bytes),
	CASE(set_of_u16),
	CASE(strict),
	CASE(at_least_ten_million_operations),
};

TEST_MAIN(cases)
