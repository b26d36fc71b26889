// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_map.c - every function of the in-kernel API: what it does, and each
 * errno that it can answer.
 */
#include "../../module/core/core.h"
#include "test.h"

static u8 big[65536 + 8], out[65536 + 8];

static struct gomap_table *table_of(struct gomap *m)
{
	return rcu_dereference_protected(m->table, true);
}

static struct gomap_info info_of(struct gomap *m)
{
	struct gomap_info info;

	CHECK_EQ(gomap_info(m, &info, false), 0);
	return info;
}

static long create_error(u32 key, u32 value, u32 flags, u64 hint)
{
	struct gomap_params p = {
		.key_size = key,
		.value_size = value,
		.flags = flags,
		.hint = hint,
	};
	struct gomap *m = gomap_create(&p);

	if (IS_ERR(m))
		return PTR_ERR(m);
	gomap_put(m);
	return 0;
}

static void create_refuses_what_is_out_of_range(void)
{
	CHECK_EQ(create_error(0, 8, 0, 0), -EINVAL);
	CHECK_EQ(create_error(4096, 65536, 0, 0), 0);
	CHECK_EQ(create_error(4097, 8, 0, 0), -EINVAL);
	CHECK_EQ(create_error(~0U, 8, 0, 0), -EINVAL);
	CHECK_EQ(create_error(8, 65537, 0, 0), -EINVAL);
	CHECK_EQ(create_error(8, ~0U, 0, 0), -EINVAL);
	CHECK_EQ(create_error(8, 0, GOMAP_F_VAR_VALUE, 0), -EINVAL);
	CHECK_EQ(create_error(8, 8, GOMAP_F_ALL + 1, 0), -EINVAL);
	CHECK_EQ(create_error(8, 8, 0, GOMAP_HINT_MAX + 1), -EINVAL);
	CHECK_EQ(create_error(8, 8, 0, ~0ULL), -EINVAL);
	CHECK_EQ(create_error(8, 8, GOMAP_F_ALL, 0), 0);
}

static void a_hint_beyond_memory_is_refused_at_once(void)
{
	unsigned long pages = shim_pages_available, calls = shim_alloc_calls();

	shim_pages_available = 1000;
	CHECK_EQ(create_error(8, 8, 0, 1 << 20), -ENOMEM);
	CHECK(shim_alloc_calls() - calls < 10);
	shim_pages_available = pages;
	CHECK_EQ(create_error(8, 8, 0, 1 << 16), 0);
}

static void insert_stores_once(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1, v = 10, seen = 0;

	CHECK_EQ(gomap_insert(m, &k, 8, &v, 8, GFP_KERNEL), 0);
	v = 20;
	CHECK_EQ(gomap_insert(m, &k, 8, &v, 8, GFP_KERNEL), -EEXIST);
	CHECK_EQ(gomap_lookup(m, &k, 8, &seen, 8), 8);
	CHECK_EQ(seen, 10);
	CHECK_EQ(gomap_len(m), 1);
	gomap_put(m);
}

static void replace_wants_the_key(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1, v = 10, seen = 0;

	CHECK_EQ(gomap_replace(m, &k, 8, &v, 8, GFP_KERNEL), -ENOENT);
	CHECK_EQ(gomap_len(m), 0);
	CHECK_EQ(gomap_insert(m, &k, 8, &v, 8, GFP_KERNEL), 0);
	v = 20;
	CHECK_EQ(gomap_replace(m, &k, 8, &v, 8, GFP_KERNEL), 0);
	CHECK_EQ(gomap_lookup(m, &k, 8, &seen, 8), 8);
	CHECK_EQ(seen, 20);
	gomap_put(m);
}

static void store_tells_whether_the_key_was_there(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1, v = 10;

	CHECK_EQ(gomap_store(m, &k, 8, &v, 8, GFP_KERNEL), 0);
	CHECK_EQ(gomap_store(m, &k, 8, &v, 8, GFP_KERNEL), 1);
	CHECK_EQ(gomap_len(m), 1);
	gomap_put(m);
}

static void delete_can_be_repeated(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1;

	CHECK_EQ(gomap_delete(m, &k, 8), 0);
	CHECK_EQ(gomap_store(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	CHECK_EQ(gomap_delete(m, &k, 8), 1);
	CHECK_EQ(gomap_delete(m, &k, 8), 0);
	CHECK_EQ(gomap_lookup(m, &k, 8, NULL, 0), -ENOENT);
	CHECK_EQ(gomap_len(m), 0);
	gomap_put(m);
}

static void wrong_lengths_are_refused(void)
{
	struct gomap *m = test_map(8, 4, 0, 0);
	u64 k = 1, v = 0;

	CHECK_EQ(gomap_insert(m, &k, 7, &v, 4, GFP_KERNEL), -EMSGSIZE);
	CHECK_EQ(gomap_insert(m, &k, 8, &v, 5, GFP_KERNEL), -EMSGSIZE);
	CHECK_EQ(gomap_store(m, &k, 8, &v, 3, GFP_KERNEL), -EMSGSIZE);
	CHECK_EQ(gomap_replace(m, &k, 0, &v, 4, GFP_KERNEL), -EMSGSIZE);
	CHECK_EQ(gomap_delete(m, &k, 9), -EMSGSIZE);
	CHECK_EQ(gomap_lookup(m, &k, 4, &v, 4), -EMSGSIZE);
	CHECK_EQ(gomap_insert(m, &k, 8, &v, 4, GFP_KERNEL), 0);
	CHECK_EQ(gomap_lookup(m, &k, 8, &v, 3), -EMSGSIZE);
	CHECK_EQ(gomap_len(m), 1);
	gomap_put(m);
}

static void variable_lengths_are_kept(void)
{
	struct gomap *m = test_map(300, 500, GOMAP_F_VAR_KEY |
				   GOMAP_F_VAR_VALUE, 0);
	u32 len;

	memset(big, 'x', sizeof(big));
	for (len = 0; len <= 300; len++)
		CHECK_EQ(gomap_insert(m, big, len, big, len, GFP_KERNEL), 0);
	for (len = 0; len <= 300; len++)
		CHECK_EQ(gomap_lookup(m, big, len, out, 500), len);
	CHECK_EQ(gomap_insert(m, big, 301, big, 1, GFP_KERNEL), -EMSGSIZE);
	CHECK_EQ(gomap_insert(m, "k", 1, big, 501, GFP_KERNEL), -EMSGSIZE);
	CHECK_EQ(gomap_len(m), 301);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

/* A longer value moves to a larger object, a shorter one stays. */
static void a_value_may_change_its_length(void)
{
	struct gomap *m = test_map(4, 4000, GOMAP_F_VAR_VALUE, 0);
	static const u32 lengths[] = { 5, 3000, 10, 0, 4000, 1 };
	u32 k = 1;

	for (size_t i = 0; i < 6; i++) {
		memset(big, (int)i + 1, sizeof(big));
		CHECK(gomap_store(m, &k, 4, big, lengths[i], GFP_KERNEL) >= 0);
		CHECK_EQ(gomap_lookup(m, &k, 4, out, 4000), lengths[i]);
		CHECK(!memcmp(big, out, lengths[i]));
		CHECK_EQ(gomap_check(m), 0);
	}
	CHECK_EQ(info_of(m).objects_live, 1);
	gomap_put(m);
}

static void check_shape(u32 key_size, u32 value_size)
{
	struct gomap *m = test_map(key_size, value_size, 0, 0);
	u32 i, nr = key_size == 1 ? 200 : 300;

	for (i = 0; i < nr; i++) {
		memset(big, 0, sizeof(big));
		memcpy(big, &i, min(key_size, 4U));
		memset(out, (int)i, value_size);
		CHECK_EQ(gomap_insert(m, big, key_size, out, value_size,
				      GFP_KERNEL), 0);
	}
	for (i = 0; i < nr; i++) {
		memset(big, 0, sizeof(big));
		memcpy(big, &i, min(key_size, 4U));
		CHECK_EQ(gomap_lookup(m, big, key_size, out, value_size),
			 value_size);
		for (u32 b = 0; b < value_size; b++)
			CHECK_EQ(out[b], (u8)i);
	}
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

static void every_size_works(void)
{
	static const u32 keys[] = { 1, 2, 3, 8, 13, 128, 129, 4096 };
	static const u32 values[] = { 0, 1, 7, 8, 128, 129, 1000 };

	for (int k = 0; k < 8; k++)
		for (int v = 0; v < 7; v++)
			check_shape(keys[k], values[v]);
}

static void the_longest_value_works(void)
{
	struct gomap *m = test_map(4, 65536, 0, 0);

	for (u32 i = 0; i < 20; i++) {
		memset(big, (int)i, 65536);
		CHECK_EQ(gomap_store(m, &i, 4, big, 65536, GFP_KERNEL), 0);
	}
	for (u32 i = 0; i < 20; i++) {
		CHECK_EQ(gomap_lookup(m, &i, 4, out, 65536), 65536);
		CHECK_EQ(out[0], i);
		CHECK_EQ(out[65535], i);
	}
	gomap_put(m);
}

static void the_nil_map_reads_as_empty(void)
{
	struct gomap_entry entry = {};
	struct gomap_info info;
	struct gomap_iter it;
	u64 k = 1;

	CHECK_EQ(gomap_lookup(NULL, &k, 8, &k, 8), -ENOENT);
	CHECK_EQ(gomap_len(NULL), 0);
	CHECK_EQ(gomap_delete(NULL, &k, 8), 0);
	gomap_iter_begin(&it, NULL);
	CHECK_EQ(gomap_iter_next(&it, &entry), 0);
	gomap_iter_end(&it);
	CHECK_EQ(gomap_insert(NULL, &k, 8, &k, 8, GFP_KERNEL), -EINVAL);
	CHECK_EQ(gomap_store(NULL, &k, 8, &k, 8, GFP_KERNEL), -EINVAL);
	CHECK_EQ(gomap_replace(NULL, &k, 8, &k, 8, GFP_KERNEL), -EINVAL);
	CHECK_EQ(gomap_clear(NULL), -EINVAL);
	CHECK_EQ(gomap_info(NULL, &info, true), 0);
	CHECK_EQ(info.nr_buckets, 0);
	CHECK_EQ(gomap_check(NULL), 0);
	CHECK_EQ(gomap_finish_resize(NULL), 0);
	CHECK(!gomap_get(NULL));
	gomap_put(NULL);
}

static void a_strict_map_takes_one_writer(void)
{
	struct gomap *m = test_map(8, 8, GOMAP_F_STRICT, 0);
	u64 k = 1;

	CHECK_EQ(gomap_store(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	m->strict_writer.counter = 1;	/* as if another one were inside */
	CHECK_EQ(gomap_store(m, &k, 8, &k, 8, GFP_KERNEL), -EBUSY);
	CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), -EBUSY);
	CHECK_EQ(gomap_replace(m, &k, 8, &k, 8, GFP_KERNEL), -EBUSY);
	CHECK_EQ(gomap_delete(m, &k, 8), -EBUSY);
	CHECK_EQ(gomap_clear(m), -EBUSY);
	CHECK_EQ(gomap_lookup(m, &k, 8, &k, 8), 8);
	m->strict_writer.counter = 0;
	CHECK_EQ(gomap_delete(m, &k, 8), 1);
	CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	gomap_put(m);
}

static void other_maps_take_any_number(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1;

	m->strict_writer.counter = 1;
	CHECK_EQ(gomap_store(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	gomap_put(m);
}

static void a_reference_keeps_the_map(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1;

	CHECK(gomap_get(m) == m);
	gomap_put(m);
	CHECK_EQ(gomap_store(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	gomap_put(m);
}

/* Whoever is in an RCU section may still look, as the header says. */
static void a_reader_outlives_the_map(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1, v = 0;

	CHECK_EQ(gomap_store(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	gomap_put(m);
	CHECK_EQ(gomap_lookup(m, &k, 8, &v, 8), 8);
	CHECK_EQ(v, 1);
}

/* The version of the only bucket, for a test to play the writer. */
static u32 *only_version(struct gomap *m)
{
	return &array_bucket(table_of(m)->array, 0)->version;
}

/* Neither in an NMI nor in a hard interrupt, nor with interrupts off. */
static void a_reader_in_an_interrupt_does_not_wait(void)
{
	bool *const contexts[] = {
		&shim_in_nmi, &shim_in_hardirq, &shim_irqs_disabled,
	};
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1, v;

	CHECK_EQ(gomap_store(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	for (int i = 0; i < 3; i++) {
		*contexts[i] = true;
		CHECK_EQ(gomap_lookup(m, &k, 8, &v, 8), 8);
		++*only_version(m);
		CHECK_EQ(gomap_lookup(m, &k, 8, &v, 8), -EAGAIN);
		++*only_version(m);
		CHECK_EQ(gomap_lookup(m, &k, 8, &v, 8), 8);
		*contexts[i] = false;
	}
	CHECK_EQ(info_of(m).read_retries, 0);
	gomap_put(m);
}

static void a_reader_that_may_wait_takes_the_lock(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	u64 k = 1, v = 0;

	CHECK_EQ(gomap_store(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	++*only_version(m);
	CHECK_EQ(gomap_lookup(m, &k, 8, &v, 8), 8);
	CHECK_EQ(v, 1);
	k = 2;
	CHECK_EQ(gomap_lookup(m, &k, 8, &v, 8), -ENOENT);
	CHECK_EQ(info_of(m).read_retries, 2);
	++*only_version(m);
	gomap_put(m);
}

static void small_entries_take_no_object(void)
{
	struct gomap *m = test_map(128, 128, 0, 1000);
	struct gomap_info before = info_of(m), after;

	for (u32 i = 0; i < 1000; i++) {
		memcpy(big, &i, 4);
		CHECK_EQ(gomap_insert(m, big, 128, big, 128, GFP_KERNEL), 0);
	}
	after = info_of(m);
	CHECK_EQ(after.object_allocs - before.object_allocs,
		 after.nr_overflow);
	CHECK(before.key_inline && before.value_inline);
	gomap_put(m);
}

static void a_long_value_takes_one_object(void)
{
	struct gomap *m = test_map(8, 129, 0, 1000);
	struct gomap_info after;
	u64 k;

	for (k = 0; k < 1000; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, big, 129, GFP_KERNEL), 0);
	after = info_of(m);
	CHECK_EQ(after.object_allocs, 1000 + after.nr_overflow);
	CHECK(after.key_inline && !after.value_inline);
	for (k = 0; k < 1000; k++)
		CHECK_EQ(gomap_store(m, &k, 8, big, 129, GFP_KERNEL), 1);
	CHECK_EQ(info_of(m).object_allocs, after.object_allocs);
	gomap_put(m);
}

static void a_full_map_works_without_the_kernels_memory(void)
{
	struct gomap *m = test_map(8, 8, 0, 10000);
	unsigned long calls;
	u64 k, v;

	for (k = 0; k < 10000; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	calls = shim_alloc_calls();
	for (int round = 0; round < 20; round++) {
		for (k = 0; k < 5000; k++) {
			CHECK_EQ(gomap_store(m, &k, 8, &k, 8, GFP_KERNEL), 1);
			CHECK_EQ(gomap_lookup(m, &k, 8, &v, 8), 8);
			CHECK_EQ(gomap_delete(m, &k, 8), 1);
			CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
		}
	}
	CHECK_EQ(shim_alloc_calls(), calls);
	gomap_put(m);
}

static void atomic_callers_need_nothing_else(void)
{
	struct gomap *m = test_map(8, 200, 0, 0);
	u64 k;

	shim_atomic_depth++;
	for (k = 0; k < 3000; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, big, 200, GFP_ATOMIC), 0);
	for (k = 0; k < 3000; k += 2)
		CHECK_EQ(gomap_delete(m, &k, 8), 1);
	shim_atomic_depth--;
	CHECK_EQ(info_of(m).B, 0);	/* growth is for the worker */
	CHECK_EQ(gomap_check(m), 0);
	shim_run_work();
	CHECK(info_of(m).B > 0);
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
}

static void info_counts_the_fill(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_info info;
	u64 k, entries = 0, buckets = 0;

	for (k = 0; k < 500; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(gomap_info(m, &info, true), 0);
	for (k = 0; k < GOMAP_INFO_FILL_BINS - 1; k++) {
		entries += k * info.fill[k];
		buckets += info.fill[k];
	}
	CHECK_EQ(info.fill[GOMAP_INFO_FILL_BINS - 1], 0);
	CHECK_EQ(entries, 500);
	CHECK_EQ(buckets, info.nr_buckets);
	shim_fatal_signal = true;
	CHECK_EQ(gomap_info(m, &info, true), -EINTR);
	CHECK_EQ(gomap_check(m), -EINTR);
	shim_fatal_signal = false;
	gomap_put(m);
}

static void info_knows_what_the_map_holds(void)
{
	long before = shim_live_bytes();
	struct gomap *m = test_map(8, 300, 0, 100);
	struct gomap_info info;
	u64 k;

	for (k = 0; k < 100; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, big, 300, GFP_KERNEL), 0);
	info = info_of(m);
	CHECK_EQ(info.bytes_held + sizeof(struct gomap_account),
		 shim_live_bytes() - before);
	CHECK_EQ(info.objects_live, 100 + info.nr_overflow);
	CHECK(info.bytes_live >= 100 * 300);
	CHECK(info.bytes_peak >= info.bytes_held);
	gomap_put(m);
}

/* What was deleted is not left lying in the slot for others to see. */
static void a_deleted_slot_holds_no_bytes(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_bucket *b;
	u64 k = 0x1122334455667788ULL;

	CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	CHECK_EQ(gomap_delete(m, &k, 8), 1);
	b = array_bucket(table_of(m)->array, 0);
	CHECK_EQ(b->tophash, 0);
	for (u32 i = 0; i < m->layout.bucket_size - sizeof(*b); i++)
		CHECK_EQ(b->data[i], 0);
	gomap_put(m);
}

/* Misses stop at the first EMPTY_REST: deletes must not leave it far behind. */
static void deletes_shorten_the_search(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_bucket *b;

	for (u64 k = 0; k < 8; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_KERNEL), 0);
	b = array_bucket(table_of(m)->array, 0);
	for (u64 k = 1; k < 8; k++)
		CHECK_EQ(gomap_delete(m, &k, 8), 1);
	for (u32 slot = 1; slot < GOMAP_SLOTS; slot++)
		CHECK_EQ(bucket_tophash(b, slot), TOPHASH_EMPTY_REST);
	gomap_put(m);
}

/* The same over overflow buckets: who may not sleep does not start a growth. */
static void deletes_shorten_the_search_of_a_chain(void)
{
	struct gomap *m = test_map(8, 8, 0, 0);
	struct gomap_slot_ref ref = {};
	u32 buckets = 0;

	for (u64 k = 0; k < 20; k++)
		CHECK_EQ(gomap_insert(m, &k, 8, &k, 8, GFP_ATOMIC), 0);
	for (u64 k = 1; k < 20; k++)
		CHECK_EQ(gomap_delete(m, &k, 8), 1);
	ref.bucket = array_bucket(table_of(m)->array, 0);
	CHECK(bucket_tophash(ref.bucket, 0) >= TOPHASH_MIN);
	rcu_read_lock();
	for (ref.slot = 1; ref.bucket; ref.slot = 0, buckets++) {
		for (; ref.slot < GOMAP_SLOTS; ref.slot++)
			CHECK_EQ(bucket_tophash(ref.bucket, ref.slot),
				 TOPHASH_EMPTY_REST);
		ref.bucket = bucket_next(table_of(m)->arena, ref.bucket);
	}
	rcu_read_unlock();
	CHECK_EQ(buckets, 3);
	gomap_put(m);
}

static const struct test_case cases[] = {
	CASE(create_refuses_what_is_out_of_range),
	CASE(a_hint_beyond_memory_is_refused_at_once),
	CASE(insert_stores_once),
	CASE(replace_wants_the_key),
	CASE(store_tells_whether_the_key_was_there),
	CASE(delete_can_be_repeated),
	CASE(wrong_lengths_are_refused),
	CASE(variable_lengths_are_kept),
	CASE(a_value_may_change_its_length),
	CASE(every_size_works),
	CASE(the_longest_value_works),
	CASE(the_nil_map_reads_as_empty),
	CASE(a_strict_map_takes_one_writer),
	CASE(other_maps_take_any_number),
	CASE(a_reference_keeps_the_map),
	CASE(a_reader_outlives_the_map),
	CASE(a_reader_in_an_interrupt_does_not_wait),
	CASE(a_reader_that_may_wait_takes_the_lock),
	CASE(small_entries_take_no_object),
	CASE(a_long_value_takes_one_object),
	CASE(a_full_map_works_without_the_kernels_memory),
	CASE(atomic_callers_need_nothing_else),
	CASE(info_counts_the_fill),
	CASE(info_knows_what_the_map_holds),
	CASE(a_deleted_slot_holds_no_bytes),
	CASE(deletes_shorten_the_search),
	CASE(deletes_shorten_the_search_of_a_chain),
};

TEST_MAIN(cases)
