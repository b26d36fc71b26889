// SPDX-License-Identifier: GPL-2.0-only
/*
 * A map whose memory is the caller's: all of it comes through his operations and
 * goes back through them with the size it had, and where they refuse the map
 * says so and stays as it was.
 */
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "test.h"

/**
 * struct ledger - what was taken and is not back yet.
 * @sizes: By address: the bytes asked for.
 * @live: How many.
 * @bytes: Bytes, as gomap_info counts them: whole pages from one on.
 * @allocs: Calls that were answered with memory.
 * @calls: Calls.
 * @refuse_every: Each call whose number can be divided by that is refused;
 *	0: none.
 * @refuse_from: So is each call from that number on; 0: none.
 * @wrong: What was given back and is not known, or had another size.
 */
struct ledger {
	struct xarray sizes;
	atomic64_t live;
	atomic64_t bytes;
	atomic64_t allocs;
	atomic64_t calls;
	u64 refuse_every;
	u64 refuse_from;
	atomic_t wrong;
};

static u64 counted(size_t size)
{
	return size < PAGE_SIZE ? size : ALIGN(size, PAGE_SIZE);
}

static bool is_refused(struct ledger *ledger)
{
	u64 nr = atomic64_inc_return(&ledger->calls);

	return (ledger->refuse_from && nr >= ledger->refuse_from) ||
	       (ledger->refuse_every && nr % ledger->refuse_every == 0);
}

/* With bottom halves off: memory is given back from softirqs. */
static bool enter(struct ledger *ledger, void *p, size_t size)
{
	void *was = xa_store_bh(&ledger->sizes, (unsigned long)p >> 3,
				xa_mk_value(size), GFP_ATOMIC);

	if (xa_is_err(was))
		return false;
	if (was)
		atomic_inc(&ledger->wrong);
	return true;
}

static void *ledger_alloc(void *ctx, size_t size, gfp_t gfp)
{
	struct ledger *ledger = ctx;
	void *p;

	if (is_refused(ledger))
		return NULL;
	might_sleep_if(gfpflags_allow_blocking(gfp));
	if (gfpflags_allow_blocking(gfp))
		p = kvzalloc(size, GFP_KERNEL);
	else
		p = kzalloc(size, gfp);
	if (p && !enter(ledger, p, size)) {
		kvfree(p);
		return NULL;
	}
	if (p) {
		atomic64_inc(&ledger->allocs);
		atomic64_inc(&ledger->live);
		atomic64_add(counted(size), &ledger->bytes);
	}
	return p;
}

static void ledger_free(void *ctx, void *p, size_t size)
{
	struct ledger *ledger = ctx;
	void *was = xa_erase_bh(&ledger->sizes, (unsigned long)p >> 3);

	if (!was || xa_to_value(was) != size)
		atomic_inc(&ledger->wrong);
	atomic64_dec(&ledger->live);
	atomic64_sub(counted(size), &ledger->bytes);
	kvfree(p);
}

static const struct gomap_alloc_ops ledger_ops = {
	.alloc = ledger_alloc,
	.free = ledger_free,
};

static void ledger_open(struct ledger *ledger)
{
	memset(ledger, 0, sizeof(*ledger));
	xa_init(&ledger->sizes);
}

/* All maps of it have been put. */
static void ledger_close(struct ledger *ledger)
{
	gomap_barrier();
	EXPECT_EQ(0, atomic64_read(&ledger->live));
	EXPECT_EQ(0, atomic64_read(&ledger->bytes));
	EXPECT_EQ(0, atomic_read(&ledger->wrong));
	EXPECT(xa_empty(&ledger->sizes));
	xa_destroy(&ledger->sizes);
}

static const struct kind {
	u32 key_size;
	u32 value_size;
	u32 flags;
} kinds[] = {
	{ 8, 8, 0 },
	{ 8, 200, 0 },
	{ 200, 32, 0 },
	{ 8, 32, GOMAP_F_STABLE },
	{ 8, 200, GOMAP_F_KMALLOC },
	{ 8, 64, GOMAP_F_KMALLOC | GOMAP_F_STABLE },
};

#define BYTES_MAX	200

static struct gomap *create(const struct kind *kind, u64 hint,
			    struct ledger *ledger)
{
	struct gomap_params params = {
		.key_size = kind->key_size,
		.value_size = kind->value_size,
		.hint = hint,
		.flags = kind->flags,
		.alloc_ops = &ledger_ops,
		.alloc_ctx = ledger,
	};

	return gomap_create(&params);
}

static void make_key(const struct kind *kind, u64 nr, u8 *key)
{
	memset(key, 0, kind->key_size);
	memcpy(key, &nr, sizeof(nr));
}

static int insert(struct gomap *map, const struct kind *kind, u64 nr)
{
	u8 key[BYTES_MAX], value[BYTES_MAX];

	make_key(kind, nr, key);
	memset(value, nr, kind->value_size);
	return gomap_insert(map, key, kind->key_size, value, kind->value_size,
			    GFP_KERNEL);
}

static int lookup(struct gomap *map, const struct kind *kind, u64 nr, u8 *value)
{
	u8 key[BYTES_MAX];

	make_key(kind, nr, key);
	return gomap_lookup(map, key, kind->key_size, value, BYTES_MAX);
}

static u64 count_wrong(struct gomap *map, const struct kind *kind, u64 count)
{
	u64 nr, wrong = 0;
	u8 value[BYTES_MAX];

	for (nr = 0; nr < count; nr++)
		wrong += lookup(map, kind, nr, value) != kind->value_size ||
			 memchr_inv(value, (u8)nr, kind->value_size);
	return wrong;
}

static void erase(struct gomap *map, const struct kind *kind, u64 nr)
{
	u8 key[BYTES_MAX];

	make_key(kind, nr, key);
	EXPECT_EQ(1, gomap_delete(map, key, kind->key_size));
}

/* Growth, deletes, a shrink, a rekey, a clear, and entries at the end. */
static void live_a_life(struct gomap *map, const struct kind *kind)
{
	u64 nr;

	for (nr = 0; nr < 3000; nr++)
		EXPECT_EQ(0, insert(map, kind, nr));
	for (nr = 0; nr < 2900; nr++)
		erase(map, kind, nr);
	EXPECT_EQ(0, gomap_compact(map));
	EXPECT_EQ(0, gomap_rekey(map));
	EXPECT_EQ(0, gomap_clear(map));
	for (nr = 0; nr < 500; nr++)
		EXPECT_EQ(0, insert(map, kind, nr));
	EXPECT_EQ(0, gomap_finish_resize(map));
	EXPECT_EQ(0, count_wrong(map, kind, 500));
}

static void expect_all_accounted(struct gomap *map, struct ledger *ledger)
{
	struct gomap_info info;

	gomap_barrier();
	EXPECT_EQ(0, gomap_info(map, &info, false));
	EXPECT_EQ(info.bytes_held, atomic64_read(&ledger->bytes));
	EXPECT_EQ(info.kernel_allocs, atomic64_read(&ledger->allocs));
}

static void what_is_taken_is_given_back(void)
{
	struct ledger ledger;
	struct gomap *map;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		ledger_open(&ledger);
		map = create(&kinds[i], 100 * (i % 2), &ledger);
		if (!EXPECT_EQ(0, PTR_ERR_OR_ZERO(map)))
			return;
		live_a_life(map, &kinds[i]);
		expect_all_accounted(map, &ledger);
		test_no_leaks(map);
		test_put(map);
		EXPECT_AT_LEAST(10, atomic64_read(&ledger.allocs));
		ledger_close(&ledger);
	}
}

/* Refuse everything from the first, the second ... call on, until none is vital. */
static void refuse_from_each_call_on(const struct kind *kind, struct ledger *ledger)
{
	struct gomap *map;
	u64 from = 0;

	do {
		ledger->refuse_from = ++from;
		atomic64_set(&ledger->calls, 0);
		map = create(kind, 100, ledger);
		if (IS_ERR(map))
			EXPECT_EQ(-ENOMEM, PTR_ERR(map));
	} while (IS_ERR(map) && from < 1000);
	EXPECT_AT_LEAST(3, from);
	if (!EXPECT_EQ(0, PTR_ERR_OR_ZERO(map)))
		return;
	ledger->refuse_from = 0;
	EXPECT_EQ(0, insert(map, kind, 0));
	test_put(map);
}

/* A piece that is refused may come in two. */
static void refuse_now_and_then(const struct kind *kind, struct ledger *ledger)
{
	struct gomap *map;

	for (ledger->refuse_every = 2; ledger->refuse_every < 20;
	     ledger->refuse_every++) {
		map = create(kind, 100, ledger);
		if (!IS_ERR(map))
			test_put(map);
		else
			EXPECT_EQ(-ENOMEM, PTR_ERR(map));
	}
}

static void a_create_that_is_refused_leaves_nothing(void)
{
	struct ledger ledger;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		ledger_open(&ledger);
		refuse_from_each_call_on(&kinds[i], &ledger);
		refuse_now_and_then(&kinds[i], &ledger);
		ledger_close(&ledger);
	}
}

/* Insert one; where that is refused, see that nothing has changed. */
static bool insert_or_not(struct gomap *map, const struct kind *kind, u64 nr)
{
	int err = insert(map, kind, nr);
	u8 value[BYTES_MAX];

	if (!err)
		return true;
	EXPECT_EQ(-ENOMEM, err);
	EXPECT_EQ(nr, gomap_len(map));
	EXPECT_EQ(-ENOENT, lookup(map, kind, nr, value));
	EXPECT_EQ(GOMAP_REFUSED_MEMORY, gomap_refusal(map, -ENOMEM));
	return false;
}

/* Each n-th is refused: so the next try may do. */
static u64 fill_in_spite(const struct kind *kind, u64 every)
{
	u64 nr = 0, refused = 0;
	struct ledger ledger;
	struct gomap *map;

	ledger_open(&ledger);
	map = create(kind, 0, &ledger);
	if (!EXPECT_EQ(0, PTR_ERR_OR_ZERO(map)))
		return 0;
	ledger.refuse_every = every;
	while (nr < 600 && refused < 5000) {
		if (insert_or_not(map, kind, nr)) {
			nr++;
			continue;
		}
		refused++;
		if (refused % 16 == 1)
			EXPECT_EQ(0, gomap_check(map));
	}
	EXPECT_EQ(every == 1, nr < 600);
	EXPECT_EQ(0, count_wrong(map, kind, nr));
	test_no_leaks(map);
	ledger.refuse_every = 0;
	EXPECT_EQ(0, insert(map, kind, nr));
	test_put(map);
	ledger_close(&ledger);
	return refused;
}

static void an_insert_that_is_refused_changes_nothing(void)
{
	u64 every, refused = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		for (every = 1; every <= 4; every++)
			refused += fill_in_spite(&kinds[i], every);
	EXPECT_AT_LEAST(100, refused);
}

static void operations_come_in_pairs(void)
{
	static const struct gomap_alloc_ops no_alloc = { .free = ledger_free };
	static const struct gomap_alloc_ops no_free = { .alloc = ledger_alloc };
	struct gomap_params params = { .key_size = 8, .value_size = 8 };

	params.alloc_ops = &no_alloc;
	EXPECT_EQ(-EINVAL, PTR_ERR_OR_ZERO(gomap_create(&params)));
	params.alloc_ops = &no_free;
	EXPECT_EQ(-EINVAL, PTR_ERR_OR_ZERO(gomap_create(&params)));
}

const struct test allocator_tests[] = {
	TEST(what_is_taken_is_given_back),
	TEST(a_create_that_is_refused_leaves_nothing),
	TEST(an_insert_that_is_refused_changes_nothing),
	TEST(operations_come_in_pairs),
	{}
};
