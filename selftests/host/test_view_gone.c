// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_view_gone.c - nothing that was removed is to be seen in a view.
 */
#define _GNU_SOURCE
#include <string.h>

#include "view.h"

/* How often these bytes are to be seen. */
static u32 times_shown(const struct test_window *w, const void *wanted,
		       size_t len)
{
	const u8 *at = w->base, *end = w->base + w->end * PAGE_SIZE;
	u32 times = 0;

	while ((at = memmem(at, end - at, wanted, len))) {
		times += w->state[(at - w->base) / PAGE_SIZE] == PAGE_SHOWN;
		at++;
	}
	return times;
}

static bool is_shown(const struct test_window *w, const void *wanted, size_t len)
{
	return times_shown(w, wanted, len);
}

/* Keys and values long enough that no other bytes are the same by chance. */
static const struct gomap_params secret_kinds[] = {
	{ .key_size = 32, .value_size = 32 },
	{ .key_size = 32, .value_size = 100, .flags = GOMAP_F_VAR_VALUE },
	{ .key_size = 100, .value_size = 32, .flags = GOMAP_F_VAR_KEY },
	{ .key_size = 200, .value_size = 300 },
	{ .key_size = 32, .value_size = 700, .flags = GOMAP_F_VAR_VALUE },
	{ .key_size = 32, .value_size = 64, .flags = GOMAP_F_STABLE },
	{ .key_size = 32, .value_size = 64,
	  .flags = GOMAP_F_STABLE | GOMAP_F_VAR_VALUE },
};

static void check_is_gone(struct life *life, const char *how)
{
	gomap_barrier();
	if (is_shown(life->w, secret_key, SECRET_LEN))
		test_fail(__FILE__, __LINE__, "a key of %u bytes is seen after %s",
			  life->map->params.key_size, how);
	if (is_shown(life->w, secret_value + 8, SECRET_LEN))
		test_fail(__FILE__, __LINE__, "a value is seen after %s", how);
}

static void check_is_there(struct life *life)
{
	CHECK(is_shown(life->w, secret_key, SECRET_LEN));
	CHECK(is_shown(life->w, secret_value + 8, SECRET_LEN));
}

static void delete_secret(struct life *life)
{
	CHECK_EQ(gomap_delete(life->map, secret_key,
			      life->map->params.key_size), 1);
}

static void nothing_that_was_deleted_is_seen(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(secret_kinds); i++) {
		struct life life = begin(&secret_kinds[i]);
		u32 len = secret_kinds[i].value_size;

		surround(&life, 1000, 1100);
		store_secret(&life, 1, len);
		check_is_there(&life);
		delete_secret(&life);
		check_is_gone(&life, "a delete");

		/* It was moved before: its old bucket is still there. */
		store_secret(&life, 2, len);
		surround(&life, 2000, 2400);
		CHECK(life.map->resizes[GOMAP_RESIZING_DOUBLE] > 3);
		store_secret(&life, 2, len);
		start_resize(life.map, GOMAP_RESIZING_DOUBLE,
			     B_of(life.map) + 1);
		store_secret(&life, 2, len);
		CHECK(is_growing(life.map));
		delete_secret(&life);
		check_is_gone(&life, "a delete in a resize");

		store_secret(&life, 3, len);
		CHECK_EQ(gomap_rekey(life.map), 0);
		delete_secret(&life);
		check_is_gone(&life, "a rekey");

		store_secret(&life, 4, len);
		check_is_there(&life);
		CHECK_EQ(gomap_clear(life.map), 0);
		check_is_gone(&life, "a clear");
		end(&life);
	}
}

static void an_old_bucket_is_wiped_when_its_entries_have_gone(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(secret_kinds); i++) {
		struct gomap_params params = secret_kinds[i];
		struct life life;

		params.hint = 60;
		life = begin(&params);
		store_secret(&life, 1, params.value_size);
		start_resize(life.map, GOMAP_RESIZING_DOUBLE, 5);
		store_secret(&life, 1, params.value_size);
		CHECK(is_growing(life.map));
		CHECK_EQ(times_shown(life.w, secret_key, SECRET_LEN), 1);
		end(&life);
	}
}

static void nothing_is_left_of_what_became_shorter(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(secret_kinds); i++) {
		struct life life = begin(&secret_kinds[i]);
		u32 len = secret_kinds[i].value_size;
		u8 value[1000];

		if (!(secret_kinds[i].flags & GOMAP_F_VAR_VALUE)) {
			end(&life);
			continue;
		}
		store_secret(&life, 1, len);
		memcpy(value, secret_value, len);
		store_secret(&life, 1, 8);
		gomap_barrier();
		CHECK(!is_shown(life.w, value + 8, SECRET_LEN));
		CHECK(is_shown(life.w, value, 8));
		end(&life);
	}
}

/* The key got its object, and for the value there was none. */
static void nothing_is_left_of_what_was_refused(void)
{
	struct gomap_params params = {
		.key_size = 200, .value_size = 2000, .flags = GOMAP_F_VAR_VALUE,
	};
	struct life life = begin(&params);

	store_secret(&life, 1, 300);
	life.w->no_memory = true;
	fill_secret(secret_key, 200, 99);
	fill_secret(secret_value, 2000, 99);
	CHECK_EQ(gomap_insert(life.map, secret_key, 200, secret_value, 2000,
			      GFP_KERNEL), -ENOMEM);
	check_is_gone(&life, "a refusal");
	end(&life);
}

static const struct test_case cases[] = {
	CASE(nothing_that_was_deleted_is_seen),
	CASE(an_old_bucket_is_wiped_when_its_entries_have_gone),
	CASE(nothing_is_left_of_what_became_shorter),
	CASE(nothing_is_left_of_what_was_refused),
};

TEST_MAIN(cases)
