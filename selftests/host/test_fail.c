// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_fail.c - memory is refused: each allocation in turn, all from one on,
 * and some at random.
 *
 * Whatever is refused, a call fails with -ENOMEM and has changed nothing, or
 * succeeds because it can do without.  That is verified against the model after
 * each refusal.  Afterwards memory is to be had again, and everything must
 * succeed; and when the map has gone, nothing may be left.
 */
#include "model.h"
#include "test.h"

/* Longer than any growth is put off. */
#define LONG_TIME	(100 * HZ)

/**
 * struct fail_run - a map that is short of memory.
 * @map: The map.
 * @model: What it should be.
 * @random: Decides over values and contexts.
 * @enomem: Calls that failed.
 */
struct fail_run {
	struct gomap *map;
	struct model *model;
	u64 random;
	u64 enomem;
};

static void verify(struct fail_run *run)
{
	const char *wrong = model_compare(run->model, run->map);

	if (wrong)
		test_fail(__FILE__, __LINE__, "%s, after %lu refusals", wrong,
			  shim_faults.injected);
}

/* @ret is what a call returned.  Did it succeed? */
static bool succeeded(struct fail_run *run, int ret, int wanted,
		      unsigned long injected_before)
{
	if (ret == -ENOMEM) {
		CHECK(shim_faults.injected > injected_before);
		run->enomem++;
	} else {
		CHECK_EQ(ret, wanted);
	}
	return ret == wanted;
}

static void verify_if_refused(struct fail_run *run,
			      unsigned long injected_before)
{
	if (shim_faults.injected != injected_before)
		verify(run);
}

typedef int write_fn(struct gomap *map, const void *key, u32 key_len,
		     const void *value, u32 value_len, gfp_t gfp);

static void try_write(struct fail_run *run, struct model_entry *e,
		      write_fn *write, int wanted, u32 value_len, gfp_t gfp)
{
	static u8 value[GOMAP_VALUE_SIZE_MAX];
	u64 seed = test_random(&run->random);
	unsigned long injected = shim_faults.injected;
	int ret;

	value_fill(value, value_len, seed);
	ret = write(run->map, e->key, e->key_len, value, value_len, gfp);
	if (succeeded(run, ret, wanted, injected))
		model_set(run->model, e, seed, value_len);
	verify_if_refused(run, injected);
}

/* Short values at first where they may be longer later. */
static u32 short_value_len(const struct fail_run *run)
{
	const struct gomap_params *p = &run->model->params;

	return p->flags & GOMAP_F_VAR_VALUE ? p->value_size / 8 : p->value_size;
}

static struct model_entry *entry(struct fail_run *run, u32 i)
{
	return &run->model->entries[i];
}

static void insert_absent(struct fail_run *run, gfp_t gfp)
{
	u32 i;

	for (i = 0; i < run->model->nr; i++)
		if (!entry(run, i)->present)
			try_write(run, entry(run, i), gomap_insert, 0,
				  short_value_len(run), gfp);
}

static void replace_by_longer(struct fail_run *run)
{
	u32 i;

	for (i = 0; i < run->model->nr; i++)
		try_write(run, entry(run, i), gomap_store,
			  entry(run, i)->present, run->model->params.value_size,
			  i % 3 ? GFP_KERNEL : GFP_ATOMIC);
}

/* Deletes need no memory: none of them may fail. */
static void delete_some(struct fail_run *run, u32 one_in)
{
	struct model_entry *e;
	u32 i;

	for (i = 0; i < run->model->nr; i++) {
		e = entry(run, i);
		if (random_below(&run->random, one_in))
			continue;
		CHECK_EQ(gomap_delete(run->map, e->key, e->key_len),
			 e->present);
		model_remove(run->model, e);
	}
}

static void try_clear(struct fail_run *run)
{
	unsigned long injected = shim_faults.injected;

	if (succeeded(run, gomap_clear(run->map), 0, injected))
		model_clear(run->model);
	verify_if_refused(run, injected);
}

static void try_finish_growth(struct fail_run *run)
{
	unsigned long injected = shim_faults.injected;

	succeeded(run, gomap_finish_resize(run->map), 0, injected);
	verify_if_refused(run, injected);
}

/* The worker puts itself off without memory: it would run for ever here. */
static void run_worker(struct fail_run *run)
{
	unsigned long injected = shim_faults.injected;

	if (!shim_faults.persistent)
		shim_run_work();
	verify_if_refused(run, injected);
	shim_rcu_poll();
}

/* Something of everything, through several growths. */
static void live(struct fail_run *run)
{
	insert_absent(run, GFP_KERNEL);
	delete_some(run, 3);
	replace_by_longer(run);
	run_worker(run);
	delete_some(run, 1);
	run_worker(run);
	insert_absent(run, GFP_ATOMIC);
	run_worker(run);
	try_finish_growth(run);
	try_clear(run);
	insert_absent(run, GFP_ATOMIC);
	insert_absent(run, GFP_KERNEL);
	try_finish_growth(run);
	delete_some(run, 2);
	verify(run);
}

/* Memory is there again, and so is everything that a map can do. */
static void recover(struct fail_run *run)
{
	u64 enomem = run->enomem;

	memset(&shim_faults, 0, sizeof(shim_faults));
	shim_jiffies += LONG_TIME;
	shim_run_work();
	live(run);
	CHECK_EQ(run->enomem - enomem, 0);
}

static void let_memory_go(void)
{
	do {
		shim_run_work();
	} while (shim_rcu_poll());
}

/* One life with the faults that are set.  How many were injected? */
static unsigned long live_once(struct model *model, u64 *enomem)
{
	struct fail_run run = { .model = model, .random = test_seed };
	long blocks = shim_live_blocks();
	unsigned long injected;

	model_clear(model);
	run.map = gomap_create(&model->params);
	if (IS_ERR(run.map)) {
		CHECK_EQ(PTR_ERR(run.map), -ENOMEM);
		CHECK(shim_faults.injected);
		*enomem += 1;
		injected = shim_faults.injected;
	} else {
		live(&run);
		*enomem += run.enomem;
		injected = shim_faults.injected;
		recover(&run);
		gomap_put(run.map);
	}
	let_memory_go();
	CHECK_EQ(shim_live_blocks() - blocks, 0);
	return injected;
}

static struct model *make_model(const struct gomap_params *params, u32 nr_keys)
{
	u64 random = test_seed;

	return model_create(params, nr_keys, &random);
}

/*
 * The first, the second, ... allocation is refused, or all from there on, until
 * none is left to be refused.
 */
static void refuse_each(u32 nr_keys, bool persistent, unsigned long faults_min,
			struct gomap_params params)
{
	struct model *model = make_model(&params, nr_keys);
	unsigned long n, injected = 1, faults = 0;
	u64 enomem = 0;

	for (n = 1; injected; n++) {
		shim_faults = (struct shim_faults){
			.nth = n,
			.persistent = persistent,
		};
		injected = live_once(model, &enomem);
		faults += injected;
	}
	test_note("%lu refusals in %lu runs, %llu calls failed", faults, n - 1,
		  enomem);
	CHECK(faults >= faults_min);
	CHECK(enomem > 5);
	model_destroy(model);
}

static void refuse_at_random(u32 nr_keys, struct gomap_params params)
{
	struct model *model = make_model(&params, nr_keys);
	unsigned long faults = 0;
	u64 enomem = 0;
	u32 one_in, i;

	for (one_in = 4; one_in <= 128; one_in *= 2) {
		for (i = 0; i < 80; i++) {
			shim_faults = (struct shim_faults){ .one_in = one_in };
			faults += live_once(model, &enomem);
		}
	}
	test_note("%lu refusals, %llu calls failed", faults, enomem);
	CHECK(faults > 100);
	CHECK(enomem > 80);
	model_destroy(model);
}

#define INLINE_MAP	.key_size = 8, .value_size = 8
#define HINTED_MAP	.key_size = 8, .value_size = 8, .hint = 500
#define LONG_VALUES	.key_size = 4, .value_size = 500
#define VAR_KEYS	.key_size = 300, .value_size = 4,		\
			.flags = GOMAP_F_VAR_KEY
#define VAR_BOTH	.key_size = 200, .value_size = 6000,		\
			.flags = GOMAP_F_VAR_KEY | GOMAP_F_VAR_VALUE
#define WIDE_INLINE	.key_size = 128, .value_size = 128

#define FAIL_CASES(shape, nr_keys, faults_min, ...)			\
static void each_refused_##shape(void)					\
{									\
	refuse_each(nr_keys, false, faults_min,				\
		    (struct gomap_params){ __VA_ARGS__ });		\
}									\
									\
static void all_refused_from_each_##shape(void)				\
{									\
	refuse_each(nr_keys, true, 10 * (faults_min),			\
		    (struct gomap_params){ __VA_ARGS__ });		\
}									\
									\
static void refused_at_random_##shape(void)				\
{									\
	refuse_at_random(nr_keys, (struct gomap_params){ __VA_ARGS__ });\
}

FAIL_CASES(inline_map, 250, 30, INLINE_MAP)
FAIL_CASES(hinted_map, 600, 15, HINTED_MAP)
FAIL_CASES(long_values, 150, 30, LONG_VALUES)
FAIL_CASES(var_keys, 150, 30, VAR_KEYS)
FAIL_CASES(var_both, 120, 30, VAR_BOTH)
FAIL_CASES(wide_inline, 200, 30, WIDE_INLINE)

static void store_number(struct gomap *m, u64 key)
{
	CHECK_EQ(gomap_insert(m, &key, sizeof(key), &key, sizeof(key),
			      GFP_KERNEL), 0);
}

static void look_up_numbers(struct gomap *m, u64 nr)
{
	u64 key, value;

	for (key = 0; key < nr; key++) {
		CHECK_EQ(gomap_lookup(m, &key, sizeof(key), &value,
				      sizeof(value)), sizeof(value));
		CHECK_EQ(value, key);
	}
}

/* Memory for the hint is there from the start: nothing else is asked for. */
static void a_hint_is_kept_without_memory(void)
{
	struct gomap *m = test_map(sizeof(u64), sizeof(u64), 0, 1000);
	unsigned long calls = shim_alloc_calls();
	u64 key;

	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	for (key = 0; key < 1000; key++)
		store_number(m, key);
	look_up_numbers(m, 1000);
	CHECK_EQ(shim_alloc_calls() - calls, 0);
	CHECK_EQ(shim_faults.injected, 0);
	gomap_put(m);
}

/*
 * Growth is refused, and entries go on going where there is room; later it is
 * tried again, not at once and not for each insert.
 */
static void inserts_go_on_where_growth_is_refused(void)
{
	struct gomap *m = test_map(sizeof(u64), sizeof(u64), 0, 0);
	const u64 full = 13 * 128;	/* the load of 2^8 buckets */
	struct gomap_info info;
	u64 key;

	for (key = 0; key < full; key++)
		store_number(m, key);
	CHECK_EQ(gomap_info(m, &info, false), 0);
	CHECK_EQ(info.B, 8);

	shim_faults = (struct shim_faults){ .nth = 1, .persistent = true };
	for (; key < full + 20; key++)
		store_number(m, key);
	CHECK_EQ(gomap_info(m, &info, false), 0);
	CHECK_EQ(info.B, 8);
	CHECK_EQ(info.grow_failures, 1);
	CHECK_EQ(gomap_check(m), 0);

	memset(&shim_faults, 0, sizeof(shim_faults));
	store_number(m, key++);
	CHECK_EQ(gomap_info(m, &info, false), 0);
	CHECK_EQ(info.B, 8);

	shim_jiffies += LONG_TIME;
	store_number(m, key++);
	CHECK_EQ(gomap_info(m, &info, false), 0);
	CHECK_EQ(info.B, 9);
	look_up_numbers(m, key);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/* Without contiguous pages memory comes from vmalloc, where one may sleep. */
static void vmalloc_serves_where_pages_lack(void)
{
	struct gomap_params params = { INLINE_MAP };
	struct model *model = make_model(&params, 3000);
	u64 enomem = 0;

	shim_faults = (struct shim_faults){ .vmalloc_only = true };
	CHECK(live_once(model, &enomem) > 3);
	model_destroy(model);
}

#define CASES(shape)							\
	CASE(each_refused_##shape),					\
	CASE(all_refused_from_each_##shape),				\
	CASE(refused_at_random_##shape)

static const struct test_case cases[] = {
	CASES(inline_map),
	CASES(hinted_map),
	CASES(long_values),
	CASES(var_keys),
	CASES(var_both),
	CASES(wide_inline),
	CASE(a_hint_is_kept_without_memory),
	CASE(inserts_go_on_where_growth_is_refused),
	CASE(vmalloc_serves_where_pages_lack),
};

TEST_MAIN(cases)
