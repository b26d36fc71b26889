// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_view.c - what a map shows: where everything is.  That nothing is shown which
 * was removed, test_view_gone.c.
 */
#include <uapi/linux/gomap.h>

#include "../../module/arena/chunk.h"
#include "view.h"

/* Of everything that there are objects for, some of it presized. */
static const struct gomap_params kinds[] = {
	{ .key_size = 8, .value_size = 8 },
	{ .key_size = 8, .value_size = 8, .hint = 700 },
	{ .key_size = 30, .value_size = 50,
	  .flags = GOMAP_F_VAR_KEY | GOMAP_F_VAR_VALUE },
	{ .key_size = 300, .value_size = 500 },
	{ .key_size = 8, .value_size = 3000, .flags = GOMAP_F_VAR_VALUE },
	{ .key_size = 8, .value_size = 24, .flags = GOMAP_F_STABLE,
	  .hint = 500 },
	{ .key_size = 16, .value_size = 200, .limits.max_entries = 1400,
	  .flags = GOMAP_F_TRUSTED_KEYS },
};

static void clear_all(struct life *life)
{
	CHECK_EQ(gomap_clear(life->map), 0);
	model_clear(life->model);
}

/* An entry changes, or now and then more than that. */
static void do_something(struct life *life)
{
	change_entry(life);
	if (random_below(&life->random, 100) == 0)
		shim_rcu_poll();
	if (random_below(&life->random, 400) == 0)
		shim_run_work();
	if (random_below(&life->random, 700) == 0)
		CHECK_EQ(gomap_compact(life->map), 0);
	if (random_below(&life->random, 1000) == 0)
		CHECK_EQ(gomap_rekey(life->map), 0);
	if (random_below(&life->random, 2000) == 0)
		clear_all(life);
}

/* An array is seen where it is. */
static void check_array(const struct life *life,
			const struct gomap_view_array *seen,
			const struct gomap_array *array,
			const struct gomap_seed *seed)
{
	const u32 *units;
	u32 i;

	if (!array) {
		CHECK(is_zero(seen, sizeof(*seen)));
		return;
	}
	CHECK_EQ(seen->mask, array_mask(array));
	CHECK_EQ(seen->span_shift, array->span_shift);
	CHECK(!memcmp(seen->seed, seed->state, sizeof(seen->seed)));
	units = at_unit(life->w, seen->spans);
	for (i = 0; i < array->nr_spans; i++) {
		if (array->span[i])
			CHECK(at_unit(life->w, units[i]) == array->span[i]);
		else
			CHECK_EQ(units[i], 0);
	}
}

/* Where the contract leads a reader who has this handle. */
static const void *seen_object(const struct life *life, u32 handle, u32 *size)
{
	u64 root = *(const u64 *)at_unit(life->w, super_of(life)->root);
	const u64 *directory = at_unit(life->w, (u32)root);
	u32 number = (handle >> GOMAP_VIEW_PLACE_BITS) - 1;
	u32 place = handle & ((1U << GOMAP_VIEW_PLACE_BITS) - 1);
	u64 entry;

	CHECK(number < root >> 32);
	entry = directory[number];
	*size = 8 * (entry >> GOMAP_VIEW_UNIT_BITS &
		     ((1U << GOMAP_VIEW_SIZE_BITS) - 1));
	CHECK(place < entry >> (GOMAP_VIEW_UNIT_BITS + GOMAP_VIEW_SIZE_BITS));
	return at_unit(life->w, (u32)entry) + (size_t)place * *size;
}

static void check_handle(const struct life *life, const struct gomap_arena *arena,
			 u32 handle)
{
	const void *seen;
	u32 size, seen_size;

	if (!handle)
		return;
	seen = seen_object(life, handle, &seen_size);
	CHECK(seen == arena_object(arena, handle, &size));
	CHECK_EQ(seen_size, size);
}

static void check_objects(const struct life *life, const struct gomap_table *t,
			  struct gomap_bucket *head)
{
	const struct gomap_layout *l = &life->map->layout;
	struct gomap_slot_ref ref;

	if (!head || bucket_is_evacuated(head))
		return;
	for (ref.bucket = head; ref.bucket;
	     ref.bucket = bucket_next(t->arena, ref.bucket))
		check_handle(life, t->arena, ref.bucket->overflow);
	chain_for_each_entry(ref, t->arena, head) {
		check_handle(life, t->arena,
			     field_handle(&l->key, ref.bucket, ref.slot));
		check_handle(life, t->arena,
			     field_handle(&l->value, ref.bucket, ref.slot));
	}
}

/* A number of the directory leads somewhere only if there is a chunk. */
static void check_directory(const struct life *life,
			    const struct gomap_arena *arena)
{
	u64 root = *(const u64 *)at_unit(life->w, super_of(life)->root);
	const struct arena_directory *dir = arena->directory;
	const u64 *entries = at_unit(life->w, (u32)root);

	CHECK_EQ(root >> 32, dir->size);
	for (u32 i = 0; i < dir->size; i++)
		CHECK_EQ(!entries[i], !dir->chunk[i]);
}

static void check_view(const struct life *life)
{
	const struct gomap_view_super *super = super_of(life);
	const struct gomap_table *t = life->map->table;
	u64 i;

	CHECK_EQ(super->magic, GOMAP_VIEW_MAGIC);
	CHECK_EQ(super->sequence & 1, 0);
	CHECK_EQ(super->len, life->model->len);
	CHECK_EQ(super->hash, t->seed.function);
	CHECK_EQ(super->resizing, t->resizing);
	CHECK_EQ(super->generation, t->generation);
	CHECK_EQ(super->seed_generation, t->seed_generation);
	check_array(life, &super->array, t->array, &t->seed);
	check_array(life, &super->old, t->old,
		    table_is_rekeying(t) ? &t->old_seed : &t->seed);
	check_directory(life, t->arena);
	rcu_read_lock();
	for (i = 0; i < array_nr_buckets(t->array); i++)
		check_objects(life, t, array_bucket(t->array, i));
	for (i = 0; t->old && i < array_nr_buckets(t->old); i++)
		check_objects(life, t, array_bucket(t->old, i));
	rcu_read_unlock();
}

static void a_view_says_where_everything_is(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct life life = begin(&kinds[i]);

		for (int step = 0; step < 12000; step++) {
			do_something(&life);
			if (step % 97 == 0)
				check_view(&life);
		}
		end(&life);
	}
}

static void the_first_page_tells_the_layout(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct life life = begin(&kinds[i]);
		const struct gomap_view_super *super = super_of(&life);
		const struct gomap_layout *l = &life.map->layout;

		CHECK_EQ(super->abi, GOMAP_VIEW_ABI);
		CHECK_EQ(super->size, 256);
		CHECK_EQ(super->window, REGION_BYTES);
		CHECK_EQ(super->key_size, kinds[i].key_size);
		CHECK_EQ(super->value_size, kinds[i].value_size);
		CHECK_EQ(super->bucket_size, l->bucket_size);
		CHECK_EQ(super->key_offset, l->key.offset);
		CHECK_EQ(super->key_stride, l->key.stride);
		CHECK_EQ(super->value_offset, l->value.offset);
		CHECK_EQ(super->value_stride, l->value.stride);
		CHECK(super->map_flags & GOMAP_MAP_VIEW);
		end(&life);
	}
}

static void flags_are_told_in_the_words_of_readers(void)
{
	static const u32 words[][2] = {
		{ GOMAP_F_VAR_KEY, GOMAP_MAP_VAR_KEY },
		{ GOMAP_F_VAR_VALUE, GOMAP_MAP_VAR_VALUE },
		{ GOMAP_F_STRICT, GOMAP_MAP_STRICT },
		{ GOMAP_F_NO_SHRINK, GOMAP_MAP_NO_SHRINK },
		{ GOMAP_F_STABLE, GOMAP_MAP_STABLE },
		{ GOMAP_F_TRUSTED_KEYS, GOMAP_MAP_TRUSTED_KEYS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct gomap_params params = { .key_size = 8, .value_size = 8,
					       .flags = words[i][0] };
		struct life life = begin(&params);

		CHECK_EQ(super_of(&life)->map_flags,
			 words[i][1] | GOMAP_MAP_VIEW);
		end(&life);
	}
}

/* Who finds a span in the map must not be told by the view that it is empty. */
static void check_spans_are_announced(void *arg)
{
	const struct life *life = arg;
	const struct gomap_array *array;

	if (!life->map)
		return;
	array = life->map->table->array;
	for (u32 i = 0; array->units.p && i < array->nr_spans; i++)
		if (array->span[i])
			CHECK(((u32 *)array->units.p)[i]);
}

static void a_span_is_announced_before_it_is_there(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct life life = begin(&kinds[i]);

		life.w->on_show = check_spans_are_announced;
		life.w->on_show_arg = &life;
		for (int step = 0; step < 5000; step++)
			do_something(&life);
		end(&life);
	}
}

/* Spans that a reader has to ask for. */
static u32 spans_to_ask_for(const struct life *life)
{
	const struct gomap_array *array = life->map->table->array;
	const struct gomap_view_super *super = super_of(life);
	const u32 *units;
	u32 i, nr = 0;

	if (super->array.spans == GOMAP_VIEW_ASK)
		return array->nr_spans;
	units = at_unit(life->w, super->array.spans);
	for (i = 0; i < array->nr_spans; i++) {
		CHECK_EQ(!units[i], !array->span[i]);
		nr += units[i] == GOMAP_VIEW_ASK;
	}
	return nr;
}

static void what_cannot_be_shown_is_to_be_asked_for(void)
{
	u32 asked = 0;

	for (unsigned long nth = 2; nth < 30; nth++) {
		struct life life = begin(&kinds[3]);

		life.w->refuse_nth = nth;
		for (int i = 0; i < 600; i++) {
			do_something(&life);
			asked += !!spans_to_ask_for(&life);
		}
		end(&life);
	}
	CHECK(asked > 100);
}

static void a_view_is_refused_where_it_cannot_be(void)
{
	static const u32 flags[] = { GOMAP_F_KMALLOC, GOMAP_F_POINTERS };
	struct test_window *w = window_open();

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		struct gomap_params params = {
			.key_size = 8, .value_size = 8, .flags = flags[i],
			.window = &w->window, .alloc_ops = &region_ops,
			.alloc_ctx = w,
		};

		CHECK_EQ(PTR_ERR(gomap_create(&params)), -EINVAL);
	}
	window_close(w);
}

static void a_map_without_a_window_shows_nothing(void)
{
	struct gomap *m = test_map(8, 8, 0, 1000);

	CHECK(!m->view.super);
	CHECK(!m->table->array->units.p);
	CHECK(!m->table->arena->root.p);
	put_range(m, 0, 2000);
	gomap_put(m);
}

/* Where a chunk has many objects, by several numbers, each leads to its own. */
static void all_numbers_of_a_chunk_are_seen(void)
{
	struct gomap_params params = {
		.key_size = 8, .value_size = 24, .flags = GOMAP_F_STABLE,
		.hint = 9500,
	};
	struct life life = begin(&params);
	const struct gomap_table *t = life.map->table;
	const struct arena_directory *dir = t->arena->directory;
	u64 root = *(const u64 *)at_unit(life.w, super_of(&life)->root);
	const u64 *entries = at_unit(life.w, (u32)root);
	u32 largest = 0;

	surround(&life, 0, 9500);
	rcu_read_lock();
	for (u64 i = 0; i < array_nr_buckets(t->array); i++)
		check_objects(&life, t, array_bucket(t->array, i));
	rcu_read_unlock();
	for (u32 i = 0; i < dir->nr; i++) {
		const struct arena_chunk *chunk = dir->chunk[i];
		u32 place = ((i + 1) << PLACE_BITS) - chunk->first;

		CHECK_EQ(entries[i] >> (GOMAP_VIEW_UNIT_BITS +
					GOMAP_VIEW_SIZE_BITS),
			 min(chunk->nr - place, PLACES_PER_NUMBER));
		largest = max(largest, chunk->nr);
	}
	CHECK(largest > 2 * PLACES_PER_NUMBER);
	CHECK(largest % PLACES_PER_NUMBER);
	end(&life);
}

/* Objects without a place in the view are not said to have one. */
static void a_chunk_that_is_not_shown_has_no_entry(void)
{
	struct gomap_params params = { .key_size = 8, .value_size = 500 };
	u32 missing = 0;

	for (unsigned long nth = 2; nth < 12; nth++) {
		struct life life = begin(&params);
		const struct arena_directory *dir;
		const u64 *entries;
		u64 root;

		life.w->refuse_nth = life.w->calls + nth;
		surround(&life, 0, 60);
		dir = life.map->table->arena->directory;
		root = *(const u64 *)at_unit(life.w, super_of(&life)->root);
		entries = (u32)root == GOMAP_VIEW_ASK ?
			  NULL : at_unit(life.w, (u32)root);
		for (u32 i = 0; entries && i < dir->nr; i++) {
			if (dir->chunk[i]->pane.unit != GOMAP_VIEW_ASK)
				continue;
			CHECK_EQ(entries[i], 0);
			missing++;
		}
		end(&life);
	}
	CHECK(missing);
}

/* Nobody may hide anything now. */
static bool may_not_sleep;

static void hide_asleep(struct gomap_window *window, u32 unit, size_t size)
{
	CHECK(!may_not_sleep);
	region_hide(window, unit, size);
}

static const struct gomap_window_ops ops_that_sleep = {
	.show = region_show,
	.hide = hide_asleep,
	.get = region_get,
	.put = region_put,
};

static int store_atomic(struct life *life, u64 number)
{
	bool before = may_not_sleep;
	int ret;

	fill_secret(secret_value, 2000, number);
	may_not_sleep = true;
	ret = gomap_store(life->map, &number, 8, secret_value, 2000,
			  GFP_ATOMIC);
	may_not_sleep = before;
	return ret;
}

static struct life begin_with_window_that_sleeps(void (*on_show)(void *arg),
						 void *arg)
{
	struct gomap_params params = { .key_size = 8, .value_size = 2000 };
	struct life life = begin(&params);

	life.w->window.ops = &ops_that_sleep;
	life.w->on_show = on_show;
	life.w->on_show_arg = arg ?: life.w;
	return life;
}

static void take_memory_away(void *arg)
{
	((struct test_window *)arg)->no_memory = true;
}

/* Chunks are made, and there is no memory for a larger directory. */
static void a_chunk_without_a_number_is_hidden_by_who_may_sleep(void)
{
	struct life life = begin_with_window_that_sleeps(take_memory_away,
							 NULL);
	const struct arena_directory *dir;
	u32 refused = 0;

	for (u64 i = 0; i < 400; i++) {
		life.w->no_memory = false;
		refused += store_atomic(&life, i) == -ENOMEM;
	}
	dir = life.map->table->arena->directory;
	CHECK_EQ(dir->nr, dir->size);
	CHECK(refused > 100);
	end(&life);
}

/**
 * struct race - a write that is slower than others.
 * @life: Of the map.
 * @shows: Times that something was shown since the directory was full.
 * @number: The next key of the others.
 */
struct race {
	struct life *life;
	u32 shows;
	u64 number;
};

/* A chunk comes first, then a directory: now others are faster with theirs. */
static void be_faster(void *arg)
{
	struct race *race = arg;
	const struct gomap_arena *arena = race->life->map->table->arena;
	u32 size = arena->directory->size;

	if (arena->directory->nr < size || ++race->shows != 2)
		return;
	while (arena->directory->size == size)
		CHECK(store_atomic(race->life, race->number++) >= 0);
}

static void the_slower_directory_is_hidden_by_who_may_sleep(void)
{
	struct race race = { .number = 1000000 };
	struct life life = begin_with_window_that_sleeps(be_faster, &race);
	const struct arena_directory *dir;
	u32 directories = 0;

	race.life = &life;
	for (u64 i = 0; race.shows < 2; i++)
		CHECK(store_atomic(&life, i) >= 0);
	for (dir = life.map->table->arena->directory; dir; dir = dir->previous)
		directories++;
	CHECK_EQ(directories, 3);
	check_directory(&life, life.map->table->arena);
	end(&life);
}

static void a_rekey_shows_both_seeds(void)
{
	struct life life = begin(&kinds[0]);
	const struct gomap_view_super *super = super_of(&life);
	const struct gomap_table *t;

	put_range(life.map, 0, 200);
	start_resize(life.map, GOMAP_RESIZING_REKEY, B_of(life.map));
	t = life.map->table;
	CHECK(table_is_rekeying(t));
	check_array(&life, &super->array, t->array, &t->seed);
	check_array(&life, &super->old, t->old, &t->old_seed);
	CHECK(memcmp(super->array.seed, super->old.seed,
		     sizeof(super->old.seed)));
	end(&life);
}

/* Of a large map, too, whose stripes would keep some to themselves. */
static void entries_are_counted_at_once(void)
{
	struct gomap_params params = {
		.key_size = 8, .value_size = 8, .hint = 200000,
	};
	struct life life = begin(&params);

	for (u64 i = 0; i < 500; i++) {
		put(life.map, i);
		CHECK_EQ(super_of(&life)->len, i + 1);
	}
	for (u64 i = 500; i--;) {
		drop(life.map, i);
		CHECK_EQ(super_of(&life)->len, i);
	}
	end(&life);
}

static const struct test_case cases[] = {
	CASE(a_view_says_where_everything_is),
	CASE(the_first_page_tells_the_layout),
	CASE(flags_are_told_in_the_words_of_readers),
	CASE(a_span_is_announced_before_it_is_there),
	CASE(what_cannot_be_shown_is_to_be_asked_for),
	CASE(a_view_is_refused_where_it_cannot_be),
	CASE(a_map_without_a_window_shows_nothing),
	CASE(all_numbers_of_a_chunk_are_seen),
	CASE(a_chunk_that_is_not_shown_has_no_entry),
	CASE(a_chunk_without_a_number_is_hidden_by_who_may_sleep),
	CASE(the_slower_directory_is_hidden_by_who_may_sleep),
	CASE(a_rekey_shows_both_seeds),
	CASE(entries_are_counted_at_once),
};

TEST_MAIN(cases)
