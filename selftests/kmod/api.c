// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each function of <linux/gomap.h>: what it returns, and what it leaves
 * alone when it fails.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "test.h"

static const u64 one = 1, two = 2;

static int lookup(struct gomap *map, u64 key, u64 *value)
{
	return gomap_lookup(map, &key, sizeof(key), value, sizeof(*value));
}

static void expect_value(struct gomap *map, u64 key, u64 value)
{
	u64 seen = ~value;

	EXPECT_EQ(sizeof(seen), lookup(map, key, &seen));
	EXPECT_EQ(value, seen);
}

static void nil_lookup_finds_nothing(void)
{
	u64 seen = 5;

	EXPECT_EQ(-ENOENT, lookup(NULL, 1, &seen));
	EXPECT_EQ(-ENOENT, gomap_lookup(NULL, &one, 8, NULL, 0));
	EXPECT_EQ(5, seen);
}

static void nil_length_is_0(void)
{
	EXPECT_EQ(0, gomap_len(NULL));
}

static void nil_delete_does_nothing(void)
{
	EXPECT_EQ(0, gomap_delete(NULL, &one, 8));
}

static void nil_iteration_is_empty(void)
{
	struct gomap_entry entry = {};
	struct gomap_iter iter;

	gomap_iter_begin(&iter, NULL);
	EXPECT_EQ(0, gomap_iter_next(&iter, &entry));
	EXPECT_EQ(0, gomap_iter_next(&iter, &entry));
	gomap_iter_end(&iter);
}

static void nil_store_is_an_error(void)
{
	EXPECT_EQ(-EINVAL, gomap_insert(NULL, &one, 8, &one, 8, GFP_KERNEL));
	EXPECT_EQ(-EINVAL, gomap_replace(NULL, &one, 8, &one, 8, GFP_KERNEL));
	EXPECT_EQ(-EINVAL, gomap_store(NULL, &one, 8, &one, 8, GFP_KERNEL));
}

static void nil_map_has_no_figures(void)
{
	struct gomap_info info, nothing = {};

	memset(&info, 0xff, sizeof(info));
	EXPECT_EQ(0, gomap_info(NULL, &info, true));
	EXPECT_EQ(0, memcmp(&info, &nothing, sizeof(info)));
	EXPECT_EQ(0, gomap_check(NULL));
	EXPECT_EQ(0, gomap_finish_resize(NULL));
	EXPECT_EQ(-EINVAL, gomap_clear(NULL));
	EXPECT_EQ(0, (long)gomap_get(NULL));
	gomap_put(NULL);
}

static void create_checks_what_it_is_given(void)
{
	static const struct {
		struct gomap_params params;
		int error;
	} cases[] = {
		{ { 0, 8, 0, 0 }, -EINVAL },
		{ { 1, 0, 0, 0 }, 0 },
		{ { 4096, 65536, 0, 0 }, 0 },
		{ { 4097, 8, 0, 0 }, -EINVAL },
		{ { ~0U, 8, 0, 0 }, -EINVAL },
		{ { 8, 65537, 0, 0 }, -EINVAL },
		{ { 8, ~0U, 0, 0 }, -EINVAL },
		{ { 8, 0, 0, GOMAP_F_VAR_VALUE }, -EINVAL },
		{ { 8, 0, 0, GOMAP_F_VAR_KEY }, 0 },
		{ { 8, 1, 0, GOMAP_F_ALL }, 0 },
		{ { 8, 8, 0, GOMAP_F_ALL + 1 }, -EINVAL },
		{ { 8, 8, 0, 1U << 31 }, -EINVAL },
		{ { 8, 8, GOMAP_HINT_MAX + 1, 0 }, -EINVAL },
		{ { 8, 8, ~0ULL, 0 }, -EINVAL },
		{ { 128, 128, GOMAP_HINT_MAX, 0 }, -ENOMEM },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct gomap *map = gomap_create(&cases[i].params);

		if (!EXPECT_EQ(cases[i].error, PTR_ERR_OR_ZERO(map)))
			pr_err("gomap_test: # case %zu\n", i);
		if (!IS_ERR(map))
			gomap_put(map);
	}
}

static void insert_wants_an_absent_key(void)
{
	struct gomap *map = test_create_u64();

	EXPECT_EQ(0, gomap_insert(map, &one, 8, &one, 8, GFP_KERNEL));
	EXPECT_EQ(-EEXIST, gomap_insert(map, &one, 8, &two, 8, GFP_KERNEL));
	expect_value(map, 1, 1);
	EXPECT_EQ(1, gomap_len(map));
	test_put(map);
}

static void replace_wants_a_key_that_is_there(void)
{
	struct gomap *map = test_create_u64();

	EXPECT_EQ(-ENOENT, gomap_replace(map, &one, 8, &two, 8, GFP_KERNEL));
	EXPECT_EQ(0, gomap_len(map));
	EXPECT_EQ(0, test_store(map, 1));
	EXPECT_EQ(0, gomap_replace(map, &one, 8, &two, 8, GFP_KERNEL));
	expect_value(map, 1, 2);
	EXPECT_EQ(1, gomap_len(map));
	test_put(map);
}

static void store_takes_either(void)
{
	struct gomap *map = test_create_u64();

	EXPECT_EQ(0, gomap_store(map, &one, 8, &one, 8, GFP_KERNEL));
	EXPECT_EQ(1, gomap_store(map, &one, 8, &two, 8, GFP_KERNEL));
	expect_value(map, 1, 2);
	EXPECT_EQ(1, gomap_len(map));
	test_put(map);
}

static void delete_says_whether_it_did(void)
{
	struct gomap *map = test_create_u64();
	u64 seen = 5;

	EXPECT_EQ(0, gomap_delete(map, &one, 8));
	test_fill(map, 1, 20);
	EXPECT_EQ(1, gomap_delete(map, &one, 8));
	EXPECT_EQ(0, gomap_delete(map, &one, 8));
	EXPECT_EQ(-ENOENT, lookup(map, 1, &seen));
	EXPECT_EQ(5, seen);
	EXPECT_EQ(19, gomap_len(map));
	EXPECT_EQ(0, test_count_wrong(map, 2, 19));
	test_put(map);
}

static void lookup_minds_the_room(void)
{
	struct gomap *map = test_create_u64();
	u64 room[2] = { 5, 5 };
	u32 cap;

	EXPECT_EQ(0, test_store(map, 1));
	EXPECT_EQ(8, gomap_lookup(map, &one, 8, NULL, 0));
	EXPECT_EQ(8, gomap_lookup(map, &one, 8, NULL, 77));
	for (cap = 0; cap < 8; cap++)
		EXPECT_EQ(-EMSGSIZE, gomap_lookup(map, &one, 8, room, cap));
	EXPECT_EQ(5, room[0]);
	EXPECT_EQ(8, gomap_lookup(map, &one, 8, room, 16));
	EXPECT_EQ(1, room[0]);
	EXPECT_EQ(5, room[1]);
	test_put(map);
}

static void wrong_lengths_change_nothing(void)
{
	static const u32 lengths[] = { 0, 1, 7, 9, 4096, ~0U };
	struct gomap *map = test_create_u64();
	u8 bytes[16] = { 1 };
	size_t i;

	EXPECT_EQ(0, test_store(map, 1));
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		u32 len = lengths[i];

		EXPECT_EQ(-EMSGSIZE, gomap_lookup(map, bytes, len, NULL, 0));
		EXPECT_EQ(-EMSGSIZE, gomap_delete(map, bytes, len));
		EXPECT_EQ(-EMSGSIZE, gomap_store(map, bytes, len, &two, 8,
						 GFP_KERNEL));
		EXPECT_EQ(-EMSGSIZE, gomap_store(map, &one, 8, bytes, len,
						 GFP_KERNEL));
		EXPECT_EQ(-EMSGSIZE, gomap_insert(map, &two, 8, bytes, len,
						  GFP_KERNEL));
		EXPECT_EQ(-EMSGSIZE, gomap_replace(map, &one, 8, bytes, len,
						   GFP_KERNEL));
	}
	EXPECT_EQ(1, gomap_len(map));
	expect_value(map, 1, 1);
	test_put(map);
}

static void set_has_keys_alone(void)
{
	struct gomap *map = test_create(4, 0, 0, 0);
	u32 key;

	for (key = 0; key < 100; key++)
		EXPECT_EQ(0, gomap_insert(map, &key, 4, NULL, 0, GFP_KERNEL));
	EXPECT_EQ(100, gomap_len(map));
	for (key = 0; key < 200; key++)
		EXPECT_EQ(key < 100 ? 0 : -ENOENT,
			  gomap_lookup(map, &key, 4, NULL, 0));
	test_put(map);
}

static void variable_lengths_are_part_of_a_key(void)
{
	struct gomap *map = test_create(32, 32, 0, GOMAP_F_VAR_KEY |
					GOMAP_F_VAR_VALUE);
	u8 zeros[33] = {}, seen[32];
	u32 len;

	for (len = 0; len <= 32; len++)
		EXPECT_EQ(0, gomap_insert(map, zeros, len, zeros, 32 - len,
					  GFP_KERNEL));
	EXPECT_EQ(33, gomap_len(map));
	for (len = 0; len <= 32; len++)
		EXPECT_EQ(32 - len, gomap_lookup(map, zeros, len, seen,
						 sizeof(seen)));
	EXPECT_EQ(-EMSGSIZE, gomap_lookup(map, zeros, 33, NULL, 0));
	test_put(map);
}

/* One byte beyond GOMAP_INLINE_MAX, and the largest that there are. */
static void round_trip(u32 key_size, u32 value_size)
{
	struct gomap *map = test_create(key_size, value_size, 0, 0);
	u8 *key = kzalloc(key_size, GFP_KERNEL);
	u8 *value = kmalloc(value_size, GFP_KERNEL);
	u8 *seen = kzalloc(value_size, GFP_KERNEL);
	int i;

	if (!EXPECT(map && key && value && seen))
		goto out;
	for (i = 0; i < 30; i++) {
		key[key_size - 1] = i;
		memset(value, i, value_size);
		EXPECT_EQ(0, gomap_insert(map, key, key_size, value,
					  value_size, GFP_KERNEL));
	}
	for (i = 0; i < 30; i++) {
		key[key_size - 1] = i;
		memset(value, i, value_size);
		EXPECT_EQ(value_size, gomap_lookup(map, key, key_size, seen,
						   value_size));
		EXPECT_EQ(0, memcmp(value, seen, value_size));
		EXPECT_EQ(1, gomap_delete(map, key, key_size));
	}
	EXPECT_EQ(0, gomap_len(map));
	test_put(map);
out:
	kfree(seen);
	kfree(value);
	kfree(key);
}

static void keys_and_values_of_all_sizes(void)
{
	round_trip(1, 1);
	round_trip(GOMAP_INLINE_MAX, GOMAP_INLINE_MAX);
	round_trip(GOMAP_INLINE_MAX + 1, 8);
	round_trip(8, GOMAP_INLINE_MAX + 1);
	round_trip(GOMAP_INLINE_MAX + 1, GOMAP_INLINE_MAX + 1);
	round_trip(GOMAP_KEY_SIZE_MAX, GOMAP_VALUE_SIZE_MAX);
}

static void clear_keeps_b(void)
{
	struct gomap *map = test_create_u64();
	struct gomap_info before, after;

	test_fill(map, 0, 209);
	EXPECT_EQ(0, gomap_info(map, &before, false));
	EXPECT_EQ(0, gomap_clear(map));
	EXPECT_EQ(0, gomap_info(map, &after, false));
	EXPECT_EQ(0, gomap_len(map));
	EXPECT_EQ(before.B, after.B);
	EXPECT_EQ(before.clears + 1, after.clears);
	EXPECT_AT_LEAST(before.seed_generation + 1, after.seed_generation);
	EXPECT_EQ(209, test_count_wrong(map, 0, 209));
	test_fill(map, 0, 209);
	EXPECT_EQ(0, test_count_wrong(map, 0, 209));
	test_put(map);
}

/* Another hash, in growth and under another seed: nobody else sees it. */
static void trusted_keys_are_keys(void)
{
	struct gomap *map = test_create(8, 8, 0, GOMAP_F_TRUSTED_KEYS);
	struct gomap_info info;

	test_fill(map, 0, 5000);
	EXPECT_EQ(0, test_count_wrong(map, 0, 5000));
	EXPECT_EQ(0, gomap_rekey(map));
	EXPECT_EQ(0, test_count_wrong(map, 0, 5000));
	EXPECT_EQ(5000, test_count_wrong(map, 5000, 5000));
	EXPECT_EQ(0, gomap_info(map, &info, false));
	EXPECT_EQ(GOMAP_F_TRUSTED_KEYS, info.params.flags);
	EXPECT_EQ(0, info.attacks);
	test_put(map);
}

static void references_keep_the_map(void)
{
	struct gomap *map = test_create_u64();

	test_fill(map, 0, 100);
	EXPECT_EQ((long)map, (long)gomap_get(map));
	EXPECT_EQ((long)map, (long)gomap_get(map));
	gomap_put(map);
	gomap_put(map);
	EXPECT_EQ(0, test_count_wrong(map, 0, 100));
	test_put(map);
}

static void many_maps_are_apart(void)
{
	enum { MAPS = 200 };
	struct gomap **maps = kcalloc(MAPS, sizeof(*maps), GFP_KERNEL);
	u64 i;

	if (!EXPECT(maps))
		return;
	for (i = 0; i < MAPS; i++) {
		maps[i] = test_create_u64();
		test_fill(maps[i], 1000 * i, i);
	}
	for (i = 0; i < MAPS; i++) {
		EXPECT_EQ(i, gomap_len(maps[i]));
		EXPECT_EQ(0, test_count_wrong(maps[i], 1000 * i, i));
		test_put(maps[i]);
	}
	kfree(maps);
}

static void info_tells_the_shape(void)
{
	struct gomap *map = test_create(128, 129, 100, 0);
	struct gomap_info info;

	EXPECT_EQ(0, gomap_info(map, &info, true));
	EXPECT_EQ(128, info.params.key_size);
	EXPECT_EQ(129, info.params.value_size);
	EXPECT_EQ(100, info.params.hint);
	EXPECT(info.key_inline);
	EXPECT(!info.value_inline);
	EXPECT_EQ(1, info.seed_generation);
	EXPECT_EQ(4, info.B);
	EXPECT_EQ(16, info.nr_buckets);
	EXPECT_EQ(16, info.fill[0]);
	EXPECT_EQ(GOMAP_RESIZING_NO, info.resizing);
	test_put(map);
}

const struct test api_tests[] = {
	TEST(nil_lookup_finds_nothing),
	TEST(nil_length_is_0),
	TEST(nil_delete_does_nothing),
	TEST(nil_iteration_is_empty),
	TEST(nil_store_is_an_error),
	TEST(nil_map_has_no_figures),
	TEST(create_checks_what_it_is_given),
	TEST(insert_wants_an_absent_key),
	TEST(replace_wants_a_key_that_is_there),
	TEST(store_takes_either),
	TEST(delete_says_whether_it_did),
	TEST(lookup_minds_the_room),
	TEST(wrong_lengths_change_nothing),
	TEST(set_has_keys_alone),
	TEST(variable_lengths_are_part_of_a_key),
	TEST(keys_and_values_of_all_sizes),
	TEST(clear_keeps_b),
	TEST(trusted_keys_are_keys),
	TEST(references_keep_the_map),
	TEST(many_maps_are_apart),
	TEST(info_tells_the_shape),
	{}
};
