// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_many.c - gomap_lookup_many(): in whatever number and company a key is
 * looked up, and whatever state the map is in, it gets the answer that it gets
 * alone.
 *
 * What the answers are is also a matter of test_model.c, and what becomes of
 * them while another thread writes, of test_interleave.c.
 */
#include "model.h"
#include "numbers.h"

#define KEYS		400U	/* half of them in the map */
#define MANY		1000U
#define GROUP		16U	/* as many go together */
#define NOT_TOUCHED	0x5a

/* Shapes: a copy of the search for some, one for all others, and objects. */
static const struct gomap_params shapes[] = {
	{ .key_size = 1, .value_size = 3 },
	{ .key_size = 4, .value_size = 4 },
	{ .key_size = 8, .value_size = 8 },
	{ .key_size = 16, .value_size = 1 },
	{ .key_size = 20, .value_size = 64 },
	{ .key_size = 200, .value_size = 8 },
	{ .key_size = 8, .value_size = 300 },
	{ .key_size = 8, .value_size = 0 },
	{ .key_size = 8, .value_size = 24, .flags = GOMAP_F_STABLE },
	{ .key_size = 16, .value_size = 40, .flags = GOMAP_F_VAR_KEY },
	{ .key_size = 200, .value_size = 300,
	  .flags = GOMAP_F_VAR_KEY | GOMAP_F_VAR_VALUE },
	{ .key_size = 4, .value_size = 8, .flags = GOMAP_F_TRUSTED_KEYS },
	{ .key_size = 40, .value_size = 8,
	  .flags = GOMAP_F_VAR_KEY | GOMAP_F_TRUSTED_KEYS },
};

static const u32 numbers[] = { 0, 1, 15, 16, 17, 31, 32, 33, MANY };

/**
 * struct scene - a map, and what should be in it.
 * @model: What should be.
 * @map: The map.
 * @random: Decides what is asked.
 * @room: Bytes of room for a value, one more than any value has.
 * @values: Room for the values of as many queries as there may be.
 * @queries: The queries; one beyond the last is never made.
 * @asked: The key of each.
 */
struct scene {
	struct model *model;
	struct gomap *map;
	u64 random;
	u32 room;
	u8 *values;
	struct gomap_query queries[MANY + 1];
	const struct model_entry *asked[MANY];
};

static struct scene scene;

static void store_entry(struct model_entry *e)
{
	static u8 value[GOMAP_VALUE_SIZE_MAX];
	u64 seed = test_random(&scene.random);
	u32 len = value_len_draw(scene.model, &scene.random);

	value_fill(value, len, seed);
	CHECK_EQ(gomap_insert(scene.map, e->key, e->key_len, value, len,
			      GFP_KERNEL), 0);
	model_set(scene.model, e, seed, len);
}

static void open_scene(const struct gomap_params *params)
{
	scene.random = test_seed;
	scene.model = model_create(params, KEYS, &scene.random);
	scene.map = test_map(params->key_size, params->value_size,
			     params->flags, 0);
	scene.room = params->value_size + 1;
	scene.values = malloc((size_t)MANY * scene.room);
	for (u32 i = 0; i < scene.model->nr; i += 2)
		store_entry(&scene.model->entries[i]);
	CHECK_EQ(gomap_finish_resize(scene.map), 0);
}

static void close_scene(void)
{
	CHECK_EQ(gomap_check(scene.map), 0);
	gomap_put(scene.map);
	model_destroy(scene.model);
	free(scene.values);
}

/* A key, and a way to ask for it, most often the right one. */
static void draw_query(u32 i)
{
	u32 n = random_below(&scene.random, scene.model->nr);
	const struct model_entry *e = &scene.model->entries[n];
	struct gomap_query *query = &scene.queries[i];

	scene.asked[i] = e;
	*query = (struct gomap_query){
		.key = e->key,
		.value = scene.values + (size_t)i * scene.room,
		.key_len = e->key_len,
		.value_cap = scene.room - 1,
		.result = -EILSEQ,
	};
	memset(query->value, NOT_TOUCHED, scene.room);
	switch (random_below(&scene.random, 12)) {
	case 0:
		query->value = NULL;
		break;
	case 1:
		query->value_cap = random_below(&scene.random, scene.room);
		break;
	case 2:
		query->key_len = scene.model->params.key_size + 1;
		break;
	case 3:
		query->key_len = ~0U;
		break;
	}
}

static int right_result(const struct gomap_query *query,
			const struct model_entry *e)
{
	if (query->key_len != e->key_len)
		return -EMSGSIZE;
	if (!e->present)
		return -ENOENT;
	if (query->value && query->value_cap < e->value_len)
		return -EMSGSIZE;
	return e->value_len;
}

/* The result is right, all of the value is there, and nothing besides it. */
static void check_query(const struct gomap_query *query,
			const struct model_entry *e)
{
	static u8 expected[GOMAP_VALUE_SIZE_MAX + 1];
	static u8 alone[GOMAP_VALUE_SIZE_MAX];
	u32 len = query->result > 0 ? query->result : 0;

	CHECK_EQ(query->result, right_result(query, e));
	CHECK_EQ(query->result,
		 gomap_lookup(scene.map, query->key, query->key_len,
			      query->value ? alone : NULL, query->value_cap));
	if (!query->value)
		return;
	value_fill(expected, len, e->value_seed);
	memset(expected + len, NOT_TOUCHED, scene.room - len);
	CHECK(!memcmp(query->value, expected, scene.room));
}

static void ask(u32 nr)
{
	struct gomap_query *beyond = &scene.queries[nr];
	u32 i, found = 0, said;

	for (i = 0; i < nr; i++)
		draw_query(i);
	memset(beyond, NOT_TOUCHED, sizeof(*beyond));
	said = gomap_lookup_many(scene.map, scene.queries, nr);
	for (i = 0; i < nr; i++) {
		check_query(&scene.queries[i], scene.asked[i]);
		found += scene.queries[i].result >= 0;
	}
	CHECK_EQ(said, found);
	for (i = 0; i < sizeof(*beyond); i++)
		CHECK_EQ(((u8 *)beyond)[i], NOT_TOUCHED);
}

static void ask_in_all_numbers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		ask(numbers[i]);
}

static void each_gets_the_answer_it_gets_alone(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		open_scene(&shapes[i]);
		ask_in_all_numbers();
		close_scene();
	}
}

static void in_a_map_without_buckets(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		open_scene(&shapes[i]);
		CHECK_EQ(gomap_clear(scene.map), 0);
		model_clear(scene.model);
		ask_in_all_numbers();
		close_scene();
	}
}

/* At its begin, after each bucket that is moved, and at its end. */
static u32 ask_while_resizing(enum gomap_resize kind, u32 B)
{
	u32 steps = 0;

	CHECK_EQ(try_start_resize(scene.map, kind, B), 0);
	CHECK_EQ(scene.map->table->resizing, kind);
	for (; is_growing(scene.map) && steps < 1000; steps++) {
		ask(1 + random_below(&scene.random, 3 * GROUP));
		if (kind != GOMAP_RESIZING_REKEY) {
			resize_help(scene.map, true);
			continue;
		}
		shim_fatal_signal = true;
		gomap_finish_resize(scene.map);
		shim_fatal_signal = false;
	}
	ask(MANY);
	return steps;
}

static void half_way_in_every_resize(void)
{
	u32 steps = 0;

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		open_scene(&shapes[i]);
		steps += ask_while_resizing(GOMAP_RESIZING_DOUBLE,
					    B_of(scene.map) + 1);
		steps += ask_while_resizing(GOMAP_RESIZING_SAME_SIZE,
					    B_of(scene.map));
		steps += ask_while_resizing(GOMAP_RESIZING_REKEY,
					    B_of(scene.map));
		steps += ask_while_resizing(GOMAP_RESIZING_SHRINK,
					    B_of(scene.map) - 1);
		close_scene();
	}
	test_note("asked %u times in the midst of a resize", steps);
	CHECK(steps > 500);
}

/* For a number, as numbers.h stores them. */
static struct gomap_query query_of(const u64 *number, u64 *value)
{
	return (struct gomap_query){
		.key = number, .key_len = 8, .value = value, .value_cap = 8,
	};
}

/* Each has a room of its own, and gets the value into it. */
static void one_key_many_times(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_query queries[3 * GROUP];
	u64 values[3 * GROUP] = {}, key = 77;

	put_range(m, 0, 100);
	for (u32 i = 0; i < 3 * GROUP; i++)
		queries[i] = query_of(&key, i % 5 ? &values[i] : NULL);
	CHECK_EQ(gomap_lookup_many(m, queries, 3 * GROUP), 3 * GROUP);
	for (u32 i = 0; i < 3 * GROUP; i++) {
		CHECK_EQ(queries[i].result, 8);
		CHECK_EQ(values[i], i % 5 ? ~key : 0);
	}
	gomap_put(m);
}

/* As of one: nothing is in it, not even a length that is wrong for it. */
static void the_nil_map_has_nothing(void)
{
	u64 key = 1, value = 5;
	struct gomap_query queries[GROUP + 1];

	for (u32 i = 0; i <= GROUP; i++) {
		queries[i] = query_of(&key, &value);
		queries[i].key_len = i;
	}
	CHECK_EQ(gomap_lookup_many(NULL, queries, GROUP + 1), 0);
	for (u32 i = 0; i <= GROUP; i++)
		CHECK_EQ(queries[i].result, -ENOENT);
	CHECK_EQ(value, 5);
	CHECK_EQ(gomap_lookup_many(NULL, NULL, 0), 0);
}

static void nothing_is_asked(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);

	CHECK_EQ(gomap_lookup_many(m, NULL, 0), 0);
	put_range(m, 0, 10);
	CHECK_EQ(gomap_lookup_many(m, NULL, 0), 0);
	gomap_put(m);
}

static u64 bucket_of(struct gomap *m, u64 number)
{
	return gomap_hash(&m->table->seed, &number, 8) &
	       array_mask(m->table->array);
}

#define NUMBERS		(4 * GROUP)	/* every other one is in the map */

/* How many were refused: those whose bucket this is, hits and misses. */
static u32 ask_beside_a_writer_in(struct gomap *m, u64 bucket, bool waits)
{
	u64 keys[NUMBERS], values[NUMBERS], found = 0, refused = 0;
	struct gomap_query queries[NUMBERS];

	for (u32 i = 0; i < NUMBERS; i++) {
		keys[i] = i;
		queries[i] = query_of(&keys[i], &values[i]);
	}
	found = gomap_lookup_many(m, queries, NUMBERS);
	for (u32 i = 0; i < NUMBERS; i++) {
		bool in_way = !waits && bucket_of(m, i) == bucket;

		refused += in_way;
		found -= !(i % 2) && !in_way;
		CHECK_EQ(queries[i].result,
			 in_way ? -EAGAIN : i % 2 ? -ENOENT : 8);
		CHECK(queries[i].result < 0 || values[i] == ~keys[i]);
	}
	CHECK_EQ(found, 0);
	return refused;
}

/* Only who meets the writer is refused, and not at all where one may wait. */
static void who_may_not_wait_is_refused_alone(void)
{
	bool *set[] = { &shim_in_hardirq, &shim_in_nmi, &shim_irqs_disabled };
	struct gomap *m = test_map(8, 8, 0, NUMBERS);
	struct gomap_bucket *b = array_bucket(m->table->array, 1);
	u32 refused = 0;

	for (u64 i = 0; i < NUMBERS; i += 2)
		put(m, i);
	CHECK(B_of(m) >= 3);
	b->version++;
	for (size_t i = 0; i < ARRAY_SIZE(set); i++) {
		*set[i] = true;
		refused = ask_beside_a_writer_in(m, 1, false);
		*set[i] = false;
		CHECK(refused > 0 && refused < NUMBERS / 2);
	}
	CHECK_EQ(info_of(m).read_retries, 0);
	CHECK_EQ(ask_beside_a_writer_in(m, 1, true), 0);
	CHECK_EQ(info_of(m).read_retries, refused);
	b->version++;
	gomap_put(m);
}

static const struct test_case cases[] = {
	CASE(each_gets_the_answer_it_gets_alone),
	CASE(in_a_map_without_buckets),
	CASE(half_way_in_every_resize),
	CASE(one_key_many_times),
	CASE(the_nil_map_has_nothing),
	CASE(nothing_is_asked),
	CASE(who_may_not_wait_is_refused_alone),
};

TEST_MAIN(cases)
