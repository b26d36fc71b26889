// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Views of libgomap: what is found in one, over views made by hand. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gomap_view.h>

#include "fake_kernel.h"
#include "ktap.h"
#include "view_world.h"

#define VAR_BOTH	(GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE)

/* One of each way to lie in a bucket, and to be hashed. */
static const struct {
	uint32_t key, value, flags;
} kinds[] = {
	{ 8, 8, 0 }, { 4, 4, 0 }, { 4, 8, 0 }, { 16, 8, 0 }, { 8, 64, 0 },
	{ 8, 0, 0 }, { 7, 3, 0 }, { 8, 8, GOMAP_MAP_TRUSTED_KEYS },
	{ 16, 4, GOMAP_MAP_TRUSTED_KEYS }, { 24, 24, 0 }, { 128, 128, 0 },
	{ 129, 8, 0 }, { 8, 129, 0 }, { 8, 3000, 0 }, { 200, 200, VAR_BOTH },
	{ 32, 32, VAR_BOTH }, { 8, 60, GOMAP_MAP_VAR_VALUE },
	{ 40, 8, GOMAP_MAP_VAR_KEY }, { 8, 16, GOMAP_MAP_STABLE },
	{ 8, 16, GOMAP_MAP_STABLE | GOMAP_MAP_VAR_VALUE },
	{ 8, 8, GOMAP_MAP_STABLE },
};

#define NR_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static struct world world_of_kind(size_t i, uint32_t bits, uint32_t entries)
{
	struct world w = world_make(kinds[i].key, kinds[i].value,
				    kinds[i].flags);

	world_array(&w, bits, bits / 2);
	world_fill(&w, &w.v.array, 0, entries);
	world_open(&w);
	return w;
}

/* -- lookups -------------------------------------------------------------- */

static void all_kinds(void)
{
	size_t i;

	for (i = 0; i < NR_KINDS; i++) {
		struct world w = world_of_kind(i, 3, 200);

		if (!world_finds(&w, 0, 200))
			printf("# with keys of %u, values of %u, flags %x\n",
			       kinds[i].key, kinds[i].value, kinds[i].flags);
		CHECK(!asked(&w) && !retried(&w));
		world_close(&w);
	}
}

static void other_answers(void)
{
	static struct field_bytes key, got;
	size_t i;

	for (i = 0; i < NR_KINDS; i++) {
		struct world w = world_of_kind(i, 1, 30);
		struct field_bytes value;
		uint32_t n = 7;

		key_of(&w, n, &key);
		value_of(&w, n, &value);
		CHECK(gomap_view_lookup(w.view, key.at, key.len, NULL, 0) ==
		      (int)value.len);
		if (value.len)
			CHECK(gomap_view_lookup(w.view, key.at, key.len, got.at,
						value.len - 1) == -EMSGSIZE);
		CHECK(gomap_view_lookup(w.view, key.at, w.key_size + 1, got.at,
					9) == -EMSGSIZE);
		if (sizeof(size_t) > sizeof(uint32_t))
			CHECK(gomap_view_lookup(w.view, key.at,
						(size_t)(key.len + (1ULL << 32)),
						got.at, 9) == -EMSGSIZE);
		if (!(w.flags & GOMAP_MAP_VAR_KEY))
			CHECK(gomap_view_lookup(w.view, key.at, key.len - 1,
						got.at, 9) == -EMSGSIZE);
		CHECK(!asked(&w));
		world_close(&w);
	}
}

/* The part that is compiled into programs, and what it leaves to the library. */
static void compiled_in(void)
{
	struct world w = world_of_kind(0, 3, 200);
	uint64_t key[2], value[2] = { 0, 1 };
	static struct field_bytes k, v;
	uint32_t n;

	for (n = 0; n < 220; n++) {
		key_of(&w, n, &k);
		value_of(&w, n, &v);
		memcpy(key, k.at, 8);
		CHECK(gomap_view_lookup(w.view, key, sizeof(key[0]), value,
					sizeof(value[0])) ==
		      (n < 200 ? 8 : -ENOENT));
		CHECK(n >= 200 || !memcmp(value, v.at, 8));
		CHECK(value[1] == 1);
	}
	key_of(&w, 3, &k);
	memcpy(key, k.at, 8);
	CHECK(gomap_view_lookup(w.view, key, 8, value, 7) == -EMSGSIZE);
	CHECK(gomap_view_lookup(w.view, key, 8, NULL, 0) == 8);
	CHECK(gomap_view_lookup(NULL, key, 8, value, 8) == -ENOENT);
	CHECK(gomap_view_lookup(w.view, key, 4, value, 8) == -EMSGSIZE);
	CHECK(!asked(&w));
	world_close(&w);
}

static void many(void)
{
	static struct field_bytes keys[100], values[100], wanted;
	struct gomap_view_query q[100];
	size_t i, count;
	uint32_t n;

	for (i = 0; i < NR_KINDS; i++) {
		struct world w = world_of_kind(i, 3, 90);

		/* Up to 100 with every tenth absent and one of a wrong length. */
		for (count = 0; count <= 100; count += 20) {
			for (n = 0; n < count; n++) {
				key_of(&w, n % 10 ? n % 90 : 1000 + n, &keys[n]);
				q[n] = (struct gomap_view_query) {
					.key = keys[n].at,
					.value = values[n].at,
					.key_len = keys[n].len,
					.value_cap = sizeof(values[n].at),
				};
			}
			if (count)
				q[13].key_len = w.key_size + 1;
			CHECK(gomap_view_lookup_many(w.view, q, count) ==
			      count - count / 10 - !!count);
			for (n = 0; n < count; n++) {
				value_of(&w, n % 90, &wanted);
				if (n == 13)
					CHECK(q[n].result == -EMSGSIZE);
				else if (n % 10 == 0)
					CHECK(q[n].result == -ENOENT);
				else
					CHECK(q[n].result == (int)wanted.len &&
					      !memcmp(values[n].at, wanted.at,
						      wanted.len));
			}
		}
		q[1].value = NULL;
		q[2].value_cap = 0;
		gomap_view_lookup_many(w.view, q, 3);
		CHECK(q[1].result >= 0);
		value_of(&w, 2, &wanted);
		CHECK(q[2].result == (wanted.len ? -EMSGSIZE : 0));
		CHECK(!asked(&w));
		world_close(&w);
	}
	CHECK(!gomap_view_lookup_many(NULL, q, 40) && q[39].result == -ENOENT);
}

static void borrow(void)
{
	static struct field_bytes key, wanted;
	struct gomap_view_value v;
	size_t i;
	uint32_t n;

	for (i = 0; i < NR_KINDS; i++) {
		struct world w = world_of_kind(i, 2, 90);

		for (n = 0; n < 100; n++) {
			key_of(&w, n, &key);
			value_of(&w, n, &wanted);
			if (n >= 90) {
				CHECK(gomap_view_borrow(w.view, key.at, key.len,
							&v) == -ENOENT);
				CHECK(!v.data && !gomap_view_retry(w.view, &v));
				continue;
			}
			CHECK(gomap_view_borrow(w.view, key.at, key.len, &v) ==
			      (int)wanted.len && v.len == wanted.len);
			CHECK(!memcmp(v.data, wanted.at, v.len));
			CHECK(!gomap_view_retry(w.view, &v));
		}
		CHECK(gomap_view_borrow(w.view, key.at, w.key_size + 1, &v) ==
		      -EMSGSIZE);
		world_close(&w);
	}
	CHECK(gomap_view_borrow(NULL, "x", 1, &v) == -ENOENT);
	CHECK(!gomap_view_retry(NULL, &v));
}

static void borrowed_value_changes(void)
{
	struct world w = world_of_kind(13, 2, 9);
	static struct field_bytes key;
	struct gomap_view_value v;
	uint32_t i;

	key_of(&w, 5, &key);
	CHECK(gomap_view_borrow(w.view, key.at, key.len, &v) == 3000);
	w.v.super->sequence += 2;
	CHECK(gomap_view_retry(w.view, &v));
	CHECK(gomap_view_borrow(w.view, key.at, key.len, &v) == 3000);
	CHECK(!gomap_view_retry(w.view, &v));
	for (i = 0; i < 4; i++)
		*(uint32_t *)(void *)fake_view_bucket(&w.v, &w.v.array, i) += 2;
	CHECK(gomap_view_retry(w.view, &v));
	w.v.super->sequence |= 1;
	CHECK(gomap_view_borrow(w.view, key.at, key.len, &v) == -EAGAIN);
	CHECK(!asked(&w) && retried(&w) == 8);
	world_close(&w);
}

/* -- resizes -------------------------------------------------------------- */

/*
 * An array of 2^old_bits buckets on the way to one of 2^bits, the number of
 * buckets that have gone being @gone; with a new seed if it is a rekey.
 */
static struct world resized(size_t kind, uint32_t old_bits, uint32_t bits,
			    uint32_t gone, uint32_t resizing)
{
	struct world w = world_make(kinds[kind].key, kinds[kind].value,
				    kinds[kind].flags);
	struct gomap_seed next = fake_view_seed(w.flags, 2);
	static struct field_bytes key;
	uint32_t n, i;

	if (resizing != GOMAP_RESIZE_REKEY)
		next = w.seed;
	fake_view_array(&w.v, &w.v.old, old_bits, 1, &w.seed);
	fake_view_array(&w.v, &w.v.array, bits, 1, &next);
	w.v.super->resizing = resizing;
	for (n = 0; n < 100; n++) {
		key_of(&w, n, &key);
		i = (uint32_t)gomap_hash(&w.seed, key.at, key.len) &
		    ((1U << old_bits) - 1);
		i &= bits < old_bits ? (1U << bits) - 1 : ~0U;
		world_fill(&w, i < gone ? &w.v.array : &w.v.old, n, n + 1);
	}
	for (i = 0; i < 1U << old_bits; i++)
		if ((bits < old_bits ? i & ((1U << bits) - 1) : i) < gone)
			fake_view_mark(&w.v, i);
	world_open(&w);
	return w;
}

static const struct {
	uint32_t from, to, gone, why;
} resizes[] = {
	{ 3, 4, 0, GOMAP_RESIZE_DOUBLE }, { 3, 4, 5, GOMAP_RESIZE_DOUBLE },
	{ 3, 4, 8, GOMAP_RESIZE_DOUBLE }, { 3, 3, 3, GOMAP_RESIZE_SAME_SIZE },
	{ 5, 2, 2, GOMAP_RESIZE_SHRINK }, { 4, 3, 5, GOMAP_RESIZE_SHRINK },
	{ 3, 3, 0, GOMAP_RESIZE_REKEY }, { 3, 3, 4, GOMAP_RESIZE_REKEY },
	{ 3, 3, 8, GOMAP_RESIZE_REKEY },
};

#define NR_RESIZES	(sizeof(resizes) / sizeof(resizes[0]))

static void lookups_in_resizes(void)
{
	static const size_t some[] = { 0, 4, 11, 14 };
	struct gomap_view_query q;
	static struct field_bytes key, value;
	size_t i, k;

	for (i = 0; i < NR_RESIZES; i++) {
		for (k = 0; k < 4; k++) {
			struct world w = resized(some[k], resizes[i].from,
						 resizes[i].to, resizes[i].gone,
						 resizes[i].why);

			if (!world_finds(&w, 0, 100))
				printf("# in resize %zu\n", i);
			key_of(&w, 42, &key);
			q = (struct gomap_view_query) {
				key.at, value.at, key.len, sizeof(value.at), 0
			};
			CHECK(gomap_view_lookup_many(w.view, &q, 1) == 1);
			CHECK(!asked(&w) && !retried(&w));
			world_close(&w);
		}
	}
}

/* -- what is not in the view ---------------------------------------------- */

static void spans_that_are_not_there(void)
{
	struct world w = world_of_kind(0, 4, 0);
	uint64_t key = 5, value = 0;

	/* Nothing was ever stored there. */
	for (uint32_t i = 0; i < 16; i++)
		*fake_view_span(&w.v, &w.v.array, i) = 0;
	CHECK(world_finds(&w, 0, 0) && !asked(&w) && !retried(&w));
	/* It is, but not to be seen. */
	for (uint32_t i = 0; i < 16; i++)
		*fake_view_span(&w.v, &w.v.array, i) = GOMAP_VIEW_ASK;
	gomap_store(w.map, &key, 8, &key, 8);
	CHECK(gomap_view_lookup(w.view, &key, 8, &value, 8) == 8 && value == 5);
	CHECK(asked(&w) == 1 && !retried(&w));
	/* Neither is the table of spans; there is none; it is behind the end. */
	w.v.super->array.spans = GOMAP_VIEW_ASK;
	CHECK(gomap_view_lookup(w.view, &key, 8, &value, 8) == 8);
	CHECK(asked(&w) == 2);
	w.v.super->array.spans = 0;
	CHECK(gomap_view_lookup(w.view, &key, 8, &value, 8) == 8);
	CHECK(asked(&w) == 3);
	w.v.super->array.spans = (uint32_t)(w.bytes / GOMAP_VIEW_UNIT);
	CHECK(gomap_view_lookup(w.view, &key, 8, &value, 8) == 8);
	CHECK(asked(&w) == 4 && !retried(&w));
	world_close(&w);
}

static void old_array_without_a_span(void)
{
	struct world w = resized(0, 3, 4, 0, GOMAP_RESIZE_DOUBLE);

	for (uint32_t i = 0; i < 8; i++)
		*fake_view_span(&w.v, &w.v.old, i) = 0;
	CHECK(world_finds(&w, 0, 100) && asked(&w) == 150);
	world_close(&w);
}

/* Every way in which a handle leads nowhere: the kernel is asked. */
static void objects_that_are_not_there(void)
{
	static struct field_bytes key, value, got;
	uint64_t entry, root;
	unsigned int way;

	for (way = 0; way < 9; way++) {
		struct world w = world_of_kind(12, 0, 1);

		entry = w.v.directory[0];
		root = *w.v.root;
		key_of(&w, 0, &key);
		value_of(&w, 0, &value);
		switch (way) {
		case 0:	/* no entry */
			entry = 0;
			break;
		case 1:	/* as many places as the handle's */
			entry -= 1ULL << 46;
			break;
		case 2:	/* behind the end */
			entry += w.bytes / GOMAP_VIEW_UNIT;
			break;
		case 3:	/* too small */
			entry -= 1ULL << 32;
			break;
		case 4:	/* no unit */
			entry &= ~0xffffffffULL;
			break;
		case 5:	/* no entries */
			root &= 0xffffffffULL;
			break;
		case 6:	/* no directory */
			root &= ~0xffffffffULL;
			break;
		case 7:
			w.v.super->root = GOMAP_VIEW_ASK;
			break;
		case 8:
			w.v.super->root = 0;
			break;
		}
		w.v.directory[0] = entry;
		*w.v.root = root;
		CHECK(gomap_view_lookup(w.view, key.at, key.len, got.at,
					sizeof(got.at)) == (int)value.len &&
		      !memcmp(got.at, value.at, value.len));
		if (!CHECK(asked(&w) == 1 && !retried(&w)))
			printf("# in way %u\n", way);
		world_close(&w);
	}
}

static void overflow_bucket_that_is_not_there(void)
{
	struct world w = world_of_kind(0, 0, 20);

	w.v.directory[0] = 0;
	CHECK(world_finds(&w, 0, 20));
	CHECK(asked(&w) == 12 + 50);
	world_close(&w);
}

static void chain_in_a_circle(void)
{
	struct world w = world_of_kind(0, 0, 20);
	unsigned char *head = fake_view_bucket(&w.v, &w.v.array, 0);
	unsigned char *first, *second;
	uint64_t key = 5;

	first = fake_view_unit(&w.v, (uint32_t)w.v.directory[0]);
	first += 7 * w.v.bucket_size;
	second = fake_view_unit(&w.v, (uint32_t)w.v.directory[1]);
	second += 7 * w.v.bucket_size;
	memset(second + 8, 77, 8);
	memcpy(second + 4, head + 4, 4);
	CHECK(gomap_view_lookup(w.view, &key, 8, NULL, 0) == -ENOENT);
	CHECK(asked(&w) == 1);
	world_close(&w);
}

/* -- never at rest -------------------------------------------------------- */

static void never_at_rest(void)
{
	struct world w = world_of_kind(0, 3, 60);
	static struct field_bytes key, value;
	struct gomap_view_query q = { .key = key.at, .value = value.at,
				      .key_len = 8, .value_cap = 8 };
	unsigned long calls;
	uint32_t i;

	key_of(&w, 3, &key);
	w.v.super->sequence |= 1;
	calls = fake_calls;
	CHECK(world_finds(&w, 0, 60));
	CHECK(fake_calls == calls + 110);
	CHECK(asked(&w) == 110 && retried(&w) == 110 * 8);
	CHECK(gomap_view_lookup_many(w.view, &q, 1) == 1 && asked(&w) == 111);
	w.v.super->sequence++;
	CHECK(world_finds(&w, 0, 60) && asked(&w) == 111);
	for (i = 0; i < 8; i++)
		*(uint32_t *)(void *)fake_view_bucket(&w.v, &w.v.array, i) |= 1;
	CHECK(world_finds(&w, 0, 60) && asked(&w) == 221);
	CHECK(gomap_view_lookup_many(w.view, &q, 1) == 1 && asked(&w) == 222);
	world_close(&w);
}

/* A bucket that was evacuated is no proof that the key is not there. */
static void mark_in_the_current_array(void)
{
	struct world w = world_of_kind(0, 0, 5);
	unsigned char *b = fake_view_bucket(&w.v, &w.v.array, 0);

	memset(b + 8, 2, 8);
	CHECK(world_finds(&w, 0, 5));
	CHECK(asked(&w) == 55);
	world_close(&w);
}

static const struct ktap_case cases[] = {
	{ "keys and values of all kinds are found", all_kinds },
	{ "lengths that do not fit", other_answers },
	{ "the lookup that is compiled into programs", compiled_in },
	{ "many at once", many },
	{ "a value where it lies", borrow },
	{ "a value that changes where it lies", borrowed_value_changes },
	{ "resizes of all kinds", lookups_in_resizes },
	{ "spans that were never needed, or are not shown",
	  spans_that_are_not_there },
	{ "an old array has all its spans", old_array_without_a_span },
	{ "objects that are not shown", objects_that_are_not_there },
	{ "overflow buckets that are not shown",
	  overflow_bucket_that_is_not_there },
	{ "a chain that leads in a circle", chain_in_a_circle },
	{ "what is never at rest is asked for", never_at_rest },
	{ "an evacuated bucket proves nothing", mark_in_the_current_array },
};

int main(void)
{
	unsetenv("GOMAP_FAKE");
	return ktap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
