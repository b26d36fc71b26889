// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_layout.c - where keys and values lie in a bucket.
 */
#include "../../module/core/core.h"
#include "../../module/core/shape.h"
#include "test.h"

static const u32 sizes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 33, 64, 100,
			     127, 128, 129, 4096 };

static void lay_out(struct gomap_layout *l, u32 key, u32 value, u32 flags)
{
	*l = layout_of(key, value, flags);
}

static u32 natural(const struct gomap_field *f)
{
	if (f->is_inline && f->is_var)
		return 2;
	return f->size ? min(f->size & -f->size, 8U) : 1;
}

/* No two fields share a byte, none is outside, all are aligned. */
static void check_layout(u32 key, u32 value, u32 flags)
{
	static u8 used[40000];
	struct gomap_layout l;
	u32 bytes = 0;

	lay_out(&l, key, value, flags);
	memset(used, 0, sizeof(used));
	for (u32 slot = 0; slot < GOMAP_SLOTS; slot++) {
		const struct gomap_field *fields[] = { &l.key, &l.value };

		for (int n = 0; n < 2; n++) {
			const struct gomap_field *f = fields[n];
			u32 at = f->offset + slot * f->stride;

			CHECK_EQ(at % natural(f), 0);
			CHECK(at >= sizeof(struct gomap_bucket));
			CHECK(at + f->size <= l.bucket_size);
			for (u32 i = 0; i < f->size; i++, bytes++)
				CHECK_EQ(used[at + i]++, 0);
		}
	}
	/* Grouping alone may need a gap before the values; the end rounds. */
	CHECK(l.bucket_size - sizeof(struct gomap_bucket) - bytes < 8);
	CHECK_EQ(l.bucket_size % 8, 0);
}

static void fields_share_no_byte_and_waste_none(void)
{
	for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++)
		for (size_t v = 0; v < sizeof(sizes) / sizeof(*sizes); v++)
			for (u32 flags = 0; flags < 4; flags++)
				check_layout(sizes[k], sizes[v], flags);
}

static void sets_have_no_values(void)
{
	struct gomap_layout l;

	check_layout(8, 0, 0);
	lay_out(&l, 8, 0, 0);
	CHECK_EQ(l.bucket_size, 16 + 8 * 8);
}

/* Two bytes a slot, where eight-byte alignment of each would take sixteen. */
static void small_things_take_little(void)
{
	struct gomap_layout l;

	lay_out(&l, 1, 1, 0);
	CHECK_EQ(l.bucket_size, 32);
	lay_out(&l, 8, 8, 0);
	CHECK_EQ(l.bucket_size, 144);
	lay_out(&l, 8, 1, 0);
	CHECK_EQ(l.bucket_size, 16 + 64 + 8);
}

static void pairs_where_they_cost_nothing(void)
{
	struct gomap_layout l;

	lay_out(&l, 8, 8, 0);
	CHECK_EQ(l.value.offset - l.key.offset, 8);
	CHECK_EQ(l.key.stride, 16);
	lay_out(&l, 8, 4, 0);	/* a pair of 12 would not align the next key */
	CHECK_EQ(l.key.stride, 8);
	CHECK_EQ(l.value.stride, 4);
}

static void inline_ends_at_128_bytes(void)
{
	struct gomap_layout l;

	lay_out(&l, 128, 128, 0);
	CHECK(l.key.is_inline && l.value.is_inline);
	lay_out(&l, 129, 129, 0);
	CHECK(!l.key.is_inline && !l.value.is_inline);
	CHECK_EQ(l.bucket_size, 16 + 8 * 8);
	lay_out(&l, 128, 129, GOMAP_F_VAR_KEY | GOMAP_F_VAR_VALUE);
	CHECK(l.key.is_inline && !l.value.is_inline);
	CHECK_EQ(l.key.size, 130);
}

static void lengths_are_judged(void)
{
	struct gomap_layout l;

	lay_out(&l, 10, 20, GOMAP_F_VAR_VALUE);
	CHECK(field_accepts(&l.key, 10));
	CHECK(!field_accepts(&l.key, 9) && !field_accepts(&l.key, 11));
	CHECK(field_accepts(&l.value, 0) && field_accepts(&l.value, 20));
	CHECK(!field_accepts(&l.value, 21));
}

static bool fields_are_equal(const struct gomap_field *a,
			     const struct gomap_field *b)
{
	return a->max == b->max && a->size == b->size &&
	       a->offset == b->offset && a->stride == b->stride &&
	       a->prefix == b->prefix && a->is_var == b->is_var &&
	       a->is_inline == b->is_inline;
}

/* The constants of a shape are what every map of that shape has. */
static void check_shape(const struct gomap_layout *own,
			const struct gomap_layout *constant)
{
	CHECK(fields_are_equal(&own->key, &constant->key));
	CHECK(fields_are_equal(&own->value, &constant->value));
	CHECK_EQ(own->pair_size, constant->pair_size);
	CHECK_EQ(own->bucket_size, constant->bucket_size);
}

#define CHECK_SHAPE(name, shape)					\
	case shape:							\
		constant = shape_layout(shape, &own);			\
		break;

static void a_shape_is_the_layout_of_its_maps(void)
{
	static const u32 flags[] = {
		0, GOMAP_F_VAR_VALUE, GOMAP_F_STABLE, GOMAP_F_TRUSTED_KEYS,
		GOMAP_F_VAR_KEY, GOMAP_F_VAR_KEY | GOMAP_F_VAR_VALUE,
	};
	struct gomap_layout own, constant;
	u32 met = 0;

	for (u32 key = 1; key < 140; key++)
		for (u32 value = 0; value < 140; value++)
			for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
				lay_out(&own, key, value, flags[i]);
				met |= 1U << shape_of(&own);
				switch (shape_of(&own)) {
				DEFINE_FOR_SHAPES(CHECK_SHAPE)
				}
				check_shape(&own, &constant);
			}
	CHECK_EQ(met, (1U << (SHAPE_16_8 + 1)) - 1);
}

/* Only a key whose length never differs is one whose length is not looked at. */
static void shapes_are_for_keys_of_one_length(void)
{
	static const struct {
		u32 key, value, flags;
		enum gomap_shape shape;
	} maps[] = {
		{ 8, 8, 0, SHAPE_8_8 },
		{ 8, 8, GOMAP_F_TRUSTED_KEYS, SHAPE_8_8 },
		{ 8, 8, GOMAP_F_VAR_VALUE, SHAPE_8 },
		{ 8, 8, GOMAP_F_STABLE, SHAPE_8 },
		{ 8, 8, GOMAP_F_VAR_KEY, SHAPE_ANY },
		{ 8, 4, 0, SHAPE_8 },
		{ 8, 0, 0, SHAPE_8 },
		{ 8, 4096, 0, SHAPE_8 },
		{ 4, 4, 0, SHAPE_4_4 },
		{ 4, 8, 0, SHAPE_4_8 },
		{ 4, 16, 0, SHAPE_4 },
		{ 16, 8, 0, SHAPE_16_8 },
		{ 16, 16, 0, SHAPE_16 },
		{ 16, 8, GOMAP_F_VAR_KEY, SHAPE_ANY },
		{ 12, 8, 0, SHAPE_ANY },
		{ 256, 8, 0, SHAPE_ANY },
	};
	struct gomap_layout l;

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		lay_out(&l, maps[i].key, maps[i].value, maps[i].flags);
		CHECK_EQ(shape_of(&l), maps[i].shape);
	}
}

/* A reader may see any length while a slot is written: it must be harmless. */
static void a_wild_length_is_clamped(void)
{
	struct {
		struct gomap_bucket b;
		u8 data[8 * 24];
	} bucket = {};
	struct gomap_layout l;
	u32 len;

	lay_out(&l, 10, 10, GOMAP_F_VAR_KEY | GOMAP_F_VAR_VALUE);
	*(u16 *)field_at(&l.key, &bucket.b, 7) = 0xffff;
	CHECK(field_get(&l.key, NULL, &bucket.b, 7, &len));
	CHECK_EQ(len, 10);
}

/* Likewise of a content whose object is smaller than the longest one. */
static void a_wild_length_in_an_object_is_clamped(void)
{
	struct gomap *m = test_map(8, 1000, GOMAP_F_VAR_VALUE, 0);
	struct gomap_bucket *b;
	u64 key = 1;
	u32 len, size;

	CHECK_EQ(gomap_insert(m, &key, 8, "abc", 3, GFP_KERNEL), 0);
	b = array_bucket(m->table->array, 0);
	rcu_read_lock();
	*(u32 *)arena_object(m->table->arena, field_handle(&m->layout.value, b, 0),
			     &size) = 900;
	CHECK(field_get(&m->layout.value, m->table->arena, b, 0, &len));
	rcu_read_unlock();
	CHECK_EQ(len, size - sizeof(u32));
	gomap_put(m);
}

static void what_is_put_is_got(void)
{
	struct {
		struct gomap_bucket b;
		u8 data[8 * 24];
	} bucket = {};
	struct gomap_layout l;
	u32 len;

	lay_out(&l, 7, 9, GOMAP_F_VAR_VALUE);
	field_put(&l.key, &bucket.b, 3, "1234567", 7, 0);
	field_put(&l.value, &bucket.b, 3, "abc", 3, 0);
	CHECK(!memcmp(field_get(&l.key, NULL, &bucket.b, 3, &len), "1234567", 7));
	CHECK_EQ(len, 7);
	CHECK(!memcmp(field_get(&l.value, NULL, &bucket.b, 3, &len), "abc", 3));
	CHECK_EQ(len, 3);
}

static const struct test_case cases[] = {
	CASE(fields_share_no_byte_and_waste_none),
	CASE(sets_have_no_values),
	CASE(small_things_take_little),
	CASE(pairs_where_they_cost_nothing),
	CASE(inline_ends_at_128_bytes),
	CASE(lengths_are_judged),
	CASE(a_shape_is_the_layout_of_its_maps),
	CASE(shapes_are_for_keys_of_one_length),
	CASE(a_wild_length_is_clamped),
	CASE(a_wild_length_in_an_object_is_clamped),
	CASE(what_is_put_is_got),
};

TEST_MAIN(cases)
