// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys and values of every kind of length: fixed and variable, in their slots
 * and out of line, the shortest and the longest, and none at all.
 */
#include "harness.h"
#include "common.h"

/* One variant: one shape of map, filled with entries of all its lengths. */
FIXTURE(shape) {
	int control;
	int map;
	unsigned char *key;
	unsigned char *value;
	unsigned char *seen;
};

FIXTURE_VARIANT(shape) {
	__u32 key_size;
	__u32 value_size;
	__u32 flags;
};

FIXTURE_VARIANT_ADD(shape, u8_u8) { 1, 1, 0 };
FIXTURE_VARIANT_ADD(shape, u32_u32) { 4, 4, 0 };
FIXTURE_VARIANT_ADD(shape, sixteen_sixteen) { 16, 16, 0 };
FIXTURE_VARIANT_ADD(shape, trusted) { 8, 8, GOMAP_MAP_TRUSTED_KEYS };
FIXTURE_VARIANT_ADD(shape, trusted_var_both) { 64, 300, GOMAP_MAP_VAR_KEY |
							GOMAP_MAP_VAR_VALUE |
							GOMAP_MAP_TRUSTED_KEYS };
FIXTURE_VARIANT_ADD(shape, three_five) { 3, 5, 0 };
FIXTURE_VARIANT_ADD(shape, u8_set) { 1, 0, 0 };
FIXTURE_VARIANT_ADD(shape, u32_set) { 4, 0, 0 };
FIXTURE_VARIANT_ADD(shape, inline_128_128) { 128, 128, 0 };
FIXTURE_VARIANT_ADD(shape, key_129) { 129, 128, 0 };
FIXTURE_VARIANT_ADD(shape, value_129) { 128, 129, 0 };
FIXTURE_VARIANT_ADD(shape, both_129) { 129, 129, 0 };
FIXTURE_VARIANT_ADD(shape, key_4096) { 4096, 16, 0 };
FIXTURE_VARIANT_ADD(shape, value_65536) { 16, 65536, 0 };
FIXTURE_VARIANT_ADD(shape, largest) { 4096, 65536, 0 };
FIXTURE_VARIANT_ADD(shape, var_key) { 128, 8, GOMAP_MAP_VAR_KEY };
FIXTURE_VARIANT_ADD(shape, var_key_129) { 129, 8, GOMAP_MAP_VAR_KEY };
FIXTURE_VARIANT_ADD(shape, var_key_long) { 4096, 8, GOMAP_MAP_VAR_KEY };
FIXTURE_VARIANT_ADD(shape, var_key_set) { 64, 0, GOMAP_MAP_VAR_KEY };
FIXTURE_VARIANT_ADD(shape, var_value) { 8, 128, GOMAP_MAP_VAR_VALUE };
FIXTURE_VARIANT_ADD(shape, var_value_long) { 8, 65536, GOMAP_MAP_VAR_VALUE };
FIXTURE_VARIANT_ADD(shape, var_both) { 64, 300, GOMAP_MAP_VAR_KEY |
						GOMAP_MAP_VAR_VALUE };
FIXTURE_VARIANT_ADD(shape, var_both_long) { 4096, 65536, GOMAP_MAP_VAR_KEY |
							 GOMAP_MAP_VAR_VALUE };

FIXTURE_SETUP(shape)
{
	struct gm_shape shape = { variant->key_size, variant->value_size,
				  variant->flags, 0 };

	GM_NEED_CONTROL(self->control);
	self->map = gm_create(self->control, shape);
	ASSERT_LE(0, self->map);
	self->key = calloc(1, variant->key_size);
	self->value = calloc(1, variant->value_size + 1);
	self->seen = calloc(1, variant->value_size + 1);
	ASSERT_NE(NULL, self->key);
	ASSERT_NE(NULL, self->value);
	ASSERT_NE(NULL, self->seen);
}

FIXTURE_TEARDOWN(shape)
{
	EXPECT_EQ(0, gm_check(self->map));
	close(self->map);
	close(self->control);
}

enum { SHAPE_ENTRIES = 100 };

/* A length for entry @i: 0 for the first, then all from 1 up to the longest. */
static __u32 spread(__u32 i, __u32 size, bool variable)
{
	if (!variable)
		return size;
	return i ? 1 + (__u64)(size - 1) * i / (SHAPE_ENTRIES - 1) : 0;
}

/*
 * Entry @i in its @version, in self->key and self->value; returns the length
 * of its key and sets that of its value.  Variable keys differ in their length
 * where they can, and are nothing but zeros: the length has to be part of them.
 */
static __u32 make_entry(FIXTURE_DATA(shape) *self,
			const FIXTURE_VARIANT(shape) *variant, __u32 i,
			__u32 version, __u32 *value_len)
{
	bool var_key = variant->flags & GOMAP_MAP_VAR_KEY;
	bool var_value = variant->flags & GOMAP_MAP_VAR_VALUE;
	__u32 key_len = spread(i, variant->key_size, var_key);

	memset(self->key, 0, variant->key_size);
	if (!var_key)
		self->key[variant->key_size - 1] = i + 1;
	else if (variant->key_size < SHAPE_ENTRIES && key_len)
		self->key[key_len - 1] = i + 1;
	*value_len = spread((i + version * 37) % SHAPE_ENTRIES,
			    variant->value_size, var_value);
	memset(self->value, i + version, *value_len);
	return key_len;
}

static bool has_entry(FIXTURE_DATA(shape) *self,
		      const FIXTURE_VARIANT(shape) *variant, __u32 i,
		      __u32 version)
{
	__u32 value_len, key_len;

	key_len = make_entry(self, variant, i, version, &value_len);
	memset(self->seen, 0xa5, variant->value_size + 1);
	return gm_lookup(self->map, self->key, key_len, self->seen,
			 variant->value_size) == (int)value_len &&
	       !memcmp(self->seen, self->value, value_len) &&
	       self->seen[variant->value_size] == 0xa5;
}

TEST_F(shape, round_trip)
{
	__u32 value_len, key_len;

	for (__u32 version = 0; version < 3; version++) {
		for (__u32 i = 0; i < SHAPE_ENTRIES; i++) {
			key_len = make_entry(self, variant, i, version,
					     &value_len);
			ASSERT_EQ(version > 0,
				  gm_store(self->map, self->key, key_len,
					   self->value, value_len)) {
				TH_LOG("entry %u, version %u", i, version);
			}
		}
		for (__u32 i = 0; i < SHAPE_ENTRIES; i++) {
			ASSERT_TRUE(has_entry(self, variant, i, version)) {
				TH_LOG("entry %u, version %u", i, version);
			}
		}
		EXPECT_EQ(SHAPE_ENTRIES, gm_len(self->map));
	}
}

TEST_F(shape, delete_half)
{
	__u32 value_len, key_len;

	for (__u32 i = 0; i < SHAPE_ENTRIES; i++) {
		key_len = make_entry(self, variant, i, 1, &value_len);
		ASSERT_EQ(0, gm_insert(self->map, self->key, key_len,
				       self->value, value_len));
	}
	for (__u32 i = 0; i < SHAPE_ENTRIES; i += 2) {
		key_len = make_entry(self, variant, i, 1, &value_len);
		ASSERT_EQ(1, gm_delete(self->map, self->key, key_len));
	}
	for (__u32 i = 0; i < SHAPE_ENTRIES; i++)
		ASSERT_EQ(i % 2, has_entry(self, variant, i, 1));
	EXPECT_EQ(SHAPE_ENTRIES / 2, gm_len(self->map));
}

TEST_F(shape, nothing_stays_behind)
{
	struct gomap_ioc_info info;
	__u32 value_len, key_len;

	for (__u32 i = 0; i < SHAPE_ENTRIES; i++) {
		key_len = make_entry(self, variant, i, 0, &value_len);
		ASSERT_EQ(0, gm_insert(self->map, self->key, key_len,
				       self->value, value_len));
	}
	for (__u32 i = 0; i < SHAPE_ENTRIES; i++) {
		key_len = make_entry(self, variant, i, 0, &value_len);
		ASSERT_EQ(1, gm_delete(self->map, self->key, key_len));
	}
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(0, info.len);
	EXPECT_EQ(info.nr_overflow, info.objects_live);
}

TEST_F(shape, info_tells_what_is_inline)
{
	struct gomap_ioc_info info;

	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(variant->key_size <= 128, info.key_inline);
	EXPECT_EQ(variant->value_size <= 128, info.value_inline);
}

TEST_F(shape, longest_is_enough)
{
	__u32 key_len = variant->key_size, value_len = variant->value_size;
	unsigned char *key = calloc(1, key_len + 1);

	ASSERT_NE(NULL, key);
	EXPECT_EQ(-EMSGSIZE, gm_insert(self->map, key, key_len + 1,
				       value_len ? self->value : NULL,
				       value_len));
	EXPECT_EQ(-EMSGSIZE, gm_insert(self->map, key, key_len, self->value,
				       value_len + 1));
	EXPECT_EQ(0, gm_len(self->map));
	EXPECT_EQ(0, gm_insert(self->map, key, key_len,
			       value_len ? self->value : NULL, value_len));
	EXPECT_EQ(1, gm_len(self->map));
}

TEST(empty_variable_key)
{
	struct gm_shape shape = { 16, 8, GOMAP_MAP_VAR_KEY, 0 };
	__u64 value = 7, seen = 0;
	int control, map;

	GM_NEED_CONTROL(control);
	map = gm_create(control, shape);
	ASSERT_LE(0, map);
	EXPECT_EQ(-ENOENT, gm_lookup(map, NULL, 0, &seen, 8));
	EXPECT_EQ(0, gm_insert(map, NULL, 0, &value, 8));
	EXPECT_EQ(-EEXIST, gm_insert(map, "", 0, &value, 8));
	EXPECT_EQ(8, gm_lookup(map, NULL, 0, &seen, 8));
	EXPECT_EQ(7, seen);
	EXPECT_EQ(-ENOENT, gm_lookup(map, "", 1, &seen, 8));
	EXPECT_EQ(1, gm_delete(map, NULL, 0));
	EXPECT_EQ(0, gm_len(map));
}

TEST(empty_variable_value)
{
	struct gm_shape shape = { 4, 16, GOMAP_MAP_VAR_VALUE, 0 };
	unsigned char seen[16] = { 5 };
	__u32 key = 1;
	int control, map;

	GM_NEED_CONTROL(control);
	map = gm_create(control, shape);
	ASSERT_LE(0, map);
	EXPECT_EQ(0, gm_insert(map, &key, 4, NULL, 0));
	EXPECT_EQ(0, gm_lookup(map, &key, 4, seen, sizeof(seen)));
	EXPECT_EQ(5, seen[0]);
	EXPECT_EQ(0, gm_replace(map, &key, 4, "abc", 3));
	EXPECT_EQ(3, gm_lookup(map, &key, 4, seen, sizeof(seen)));
	EXPECT_EQ(0, memcmp(seen, "abc", 3));
	EXPECT_EQ(0, gm_replace(map, &key, 4, NULL, 0));
	EXPECT_EQ(0, gm_lookup(map, &key, 4, seen, sizeof(seen)));
}

/* "a", "a\0" and "a\0\0" are three keys. */
TEST(variable_keys_differ_by_their_length)
{
	struct gm_shape shape = { 16, 4, GOMAP_MAP_VAR_KEY, 0 };
	char zeros[17] = "a";
	int control, map;
	__u32 seen;

	GM_NEED_CONTROL(control);
	map = gm_create(control, shape);
	ASSERT_LE(0, map);
	for (__u32 len = 0; len <= 16; len++)
		EXPECT_EQ(0, gm_insert(map, zeros, len, &len, 4));
	EXPECT_EQ(17, gm_len(map));
	for (__u32 len = 0; len <= 16; len++) {
		EXPECT_EQ(4, gm_lookup(map, zeros, len, &seen, 4));
		EXPECT_EQ(len, seen);
	}
}

/* Tophashes, version and overflow reference: at most a cache line a bucket. */
TEST(buckets_have_no_waste)
{
	static const struct gm_shape shapes[] = {
		{ 1, 1, 0, 0 }, { 1, 0, 0, 0 }, { 3, 5, 0, 0 }, { 4, 0, 0, 0 },
		{ 8, 8, 0, 0 }, { 7, 128, 0, 0 }, { 128, 128, 0, 0 },
	};
	struct gomap_ioc_info info;
	int control, map;

	GM_NEED_CONTROL(control);
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		__u32 slot = shapes[i].key_size + shapes[i].value_size;

		map = gm_create(control, shapes[i]);
		ASSERT_EQ(0, gm_info(map, 0, &info));
		EXPECT_LE(8 * slot, info.bucket_size);
		EXPECT_GE(8 * slot + 64, info.bucket_size);
		close(map);
	}
}

/* Go's bucket for int8 to int8: two bytes a slot, no rounding to eight. */
TEST(bytes_to_bytes_take_two_bytes_a_slot)
{
	struct gm_shape shape = { 1, 1, 0, 0 }, set = { 1, 0, 0, 0 };
	struct gomap_ioc_info with_value, without;
	int control, map;

	GM_NEED_CONTROL(control);
	map = gm_create(control, shape);
	ASSERT_EQ(0, gm_info(map, 0, &with_value));
	map = gm_create(control, set);
	ASSERT_EQ(0, gm_info(map, 0, &without));
	EXPECT_EQ(8, with_value.bucket_size - without.bucket_size);
}

TEST(every_key_of_one_byte)
{
	struct gm_shape shape = { 1, 1, 0, 0 };
	int control, map;

	GM_NEED_CONTROL(control);
	map = gm_create(control, shape);
	ASSERT_LE(0, map);
	for (int i = 0; i < 256; i++) {
		__u8 key = i, value = ~i;

		EXPECT_EQ(0, gm_insert(map, &key, 1, &value, 1));
	}
	EXPECT_EQ(256, gm_len(map));
	for (int i = 0; i < 256; i++) {
		__u8 key = i, value = 0;

		EXPECT_EQ(1, gm_lookup(map, &key, 1, &value, 1));
		EXPECT_EQ((__u8)~i, value);
	}
	EXPECT_EQ(0, gm_check(map));
}

TEST_HARNESS_MAIN
