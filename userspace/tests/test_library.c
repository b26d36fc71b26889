// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* libgomap, function by function, over the stand-in for the device. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <gomap.h>

#include "fake_kernel.h"
#include "ktap.h"

/* A map of u32 to u32 without a name, with keys 0 to n - 1 and their squares. */
static struct gomap *squares(uint32_t n)
{
	struct gomap *m;
	uint32_t i, square;

	if (gomap_create(&m, sizeof(i), sizeof(square), NULL))
		abort();
	for (i = 0; i < n; i++) {
		square = i * i;
		CHECK(gomap_insert(m, &i, sizeof(i), &square, sizeof(square)) == 0);
	}
	return m;
}

static void nil_map(void)
{
	struct gomap_batch_op op = { .op = GOMAP_OP_LOOKUP };
	struct gomap_ioc_info info;
	struct gomap_cursor cursor;
	struct gomap_iter *it;
	struct gomap_entry e;
	uint32_t done = 7, failed = 7;
	char c = 'x';

	CHECK(gomap_lookup(NULL, &c, 1, &c, 1) == -ENOENT);
	CHECK(gomap_contains(NULL, &c, 1) == 0);
	CHECK(gomap_insert(NULL, &c, 1, &c, 1) == -EINVAL);
	CHECK(gomap_replace(NULL, &c, 1, &c, 1) == -EINVAL);
	CHECK(gomap_store(NULL, &c, 1, &c, 1) == -EINVAL);
	CHECK(gomap_delete(NULL, &c, 1) == 0);
	CHECK(gomap_len(NULL) == 0);
	CHECK(gomap_count(NULL) == 0);
	CHECK(gomap_clear(NULL) == -EINVAL);
	CHECK(gomap_destroy(NULL) == -EINVAL);
	CHECK(gomap_compact(NULL) == -EINVAL);
	CHECK(gomap_rekey(NULL) == -EINVAL);
	CHECK(gomap_fd(NULL) == -EBADF);
	CHECK(gomap_submit(NULL, &op, 1, &done, &failed) == -EINVAL);
	CHECK(!done && !failed);
	info.len = 5;
	CHECK(!gomap_info(NULL, 0, &info) && !info.len);
	CHECK(!gomap_iter_begin(&it, NULL, NULL));
	CHECK(!gomap_iter_next(it, &e) && !gomap_iter_save(it, &cursor));
	gomap_iter_end(it);
	gomap_close(NULL);
	gomap_iter_end(NULL);
	gomap_batch_free(NULL);
}

static void single_operations(void)
{
	struct gomap *m = squares(0);
	uint32_t key = 5, value = 25, got = 0;

	CHECK(gomap_lookup(m, &key, 4, &got, 4) == -ENOENT);
	CHECK(gomap_replace(m, &key, 4, &value, 4) == -ENOENT);
	CHECK(gomap_insert(m, &key, 4, &value, 4) == 0);
	CHECK(gomap_insert(m, &key, 4, &value, 4) == -EEXIST);
	CHECK(gomap_lookup(m, &key, 4, &got, 4) == 4 && got == 25);
	CHECK(gomap_lookup(m, &key, 4, &got, 3) == -EMSGSIZE);
	CHECK(gomap_lookup(m, &key, 4, NULL, 0) == 4);
	CHECK(gomap_lookup(m, &key, 3, &got, 4) == -EMSGSIZE);
	CHECK(gomap_lookup(m, &key, (size_t)4 + (1ULL << 32), &got, 4) ==
	      -EMSGSIZE);
	value = 26;
	CHECK(gomap_replace(m, &key, 4, &value, 4) == 0);
	CHECK(gomap_store(m, &key, 4, &value, 4) == 1);
	CHECK(gomap_contains(m, &key, 4) == 1);
	CHECK(gomap_len(m) == 1);
	CHECK(gomap_delete(m, &key, 4) == 1);
	CHECK(gomap_delete(m, &key, 4) == 0);
	CHECK(gomap_contains(m, &key, 4) == 0);
	CHECK(gomap_store(m, &key, 4, &value, 4) == 0);
	CHECK(!gomap_clear(m) && !gomap_len(m));
	gomap_close(m);
}

static void options_of_other_sizes(void)
{
	struct { struct gomap_create_opts o; uint64_t unknown; } newer = {
		.o = { .sz = sizeof(newer), .name = "newer" }
	};
	GOMAP_OPTS(gomap_create_opts, older, .name = "older", .mode = 0644);
	struct gomap *m;

	older.sz = offsetof(struct gomap_create_opts, mode);
	CHECK(!gomap_create(&m, 4, 4, &older));
	gomap_close(m);
	CHECK(!gomap_create(&m, 4, 4, &newer.o));
	gomap_close(m);
	newer.o.name = "newest";
	newer.unknown = 1;
	CHECK(gomap_create(&m, 4, 4, &newer.o) == -E2BIG && !m);
	older.sz = 3;
	CHECK(gomap_create(&m, 4, 4, &older) == -EINVAL && !m);
	CHECK(!gomap_unlink("older") && !gomap_unlink("newer"));
}

static void texts_that_are_too_long(void)
{
	char text[GOMAP_SCHEMA_LEN + 1];
	GOMAP_OPTS(gomap_create_opts, opts, .schema = text);
	unsigned long calls = fake_calls;
	struct gomap *m;

	memset(text, 'x', sizeof(text));
	text[GOMAP_SCHEMA_LEN] = '\0';
	CHECK(gomap_create(&m, 4, 4, &opts) == -EINVAL && !m);
	CHECK(gomap_open(&m, text, GOMAP_OPEN_READ) == -EINVAL && !m);
	CHECK(fake_calls == calls);
	text[GOMAP_SCHEMA_LEN - 1] = '\0';
	CHECK(!gomap_create(&m, 4, 4, &opts));
	gomap_close(m);
}

static int note_name(const struct gomap_ioc_list *map, void *arg)
{
	strcat(arg, map->name);
	strcat(arg, " ");
	return map->len == 99 ? -99 : 0;
}

static void names(void)
{
	GOMAP_OPTS(gomap_create_opts, opts, .name = "one");
	struct gomap *a, *b;
	char list[64] = "";

	CHECK(!gomap_create(&a, 1, 1, &opts));
	CHECK(gomap_create(&b, 1, 1, &opts) == -EEXIST && !b);
	CHECK(gomap_open(&b, "two", GOMAP_OPEN_READ) == -ENOENT && !b);
	CHECK(!gomap_open(&b, "one", GOMAP_OPEN_READ));
	CHECK(gomap_store(b, "k", 1, "v", 1) == -EBADF);
	CHECK(gomap_store(a, "k", 1, "v", 1) == 0);
	CHECK(gomap_contains(b, "k", 1) == 1);
	gomap_close(b);
	opts.name = "two";
	CHECK(!gomap_create(&b, 1, 1, &opts));
	CHECK(!gomap_list(note_name, list));
	CHECK_TEXT(list, "one two ");
	CHECK(!gomap_destroy(b) && gomap_destroy(b) == -ENOENT);
	CHECK(!gomap_unlink("one") && gomap_unlink("one") == -ENOENT);
	list[0] = '\0';
	CHECK(!gomap_list(note_name, list));
	CHECK_TEXT(list, "");
	gomap_close(a);
	gomap_close(b);
}

static int stop_at_first(const struct gomap_ioc_list *map, void *arg)
{
	(void)map;
	++*(int *)arg;
	return -ENOENT + 1000;
}

static void list_ends_when_told(void)
{
	GOMAP_OPTS(gomap_create_opts, opts, .name = "p");
	struct gomap *a, *b;
	int count = 0;

	CHECK(!gomap_create(&a, 1, 1, &opts));
	opts.name = "q";
	CHECK(!gomap_create(&b, 1, 1, &opts));
	CHECK(gomap_list(stop_at_first, &count) == -ENOENT + 1000);
	CHECK(count == 1);
	gomap_destroy(a);
	gomap_destroy(b);
	gomap_close(a);
	gomap_close(b);
}

static void descriptors(void)
{
	struct gomap *m = squares(3), *twin;
	int fd = dup(gomap_fd(m));

	CHECK(!gomap_from_fd(&twin, fd));
	CHECK(gomap_fd(twin) == fd && gomap_len(twin) == 3);
	gomap_close(m);
	CHECK(gomap_len(twin) == 3);
	gomap_close(twin);
	CHECK(dup(fd) < 0);
	CHECK(gomap_from_fd(&twin, -1) == -EBADF && !twin);
}

static void device_that_is_not_there(void)
{
	struct gomap_ioc_version v;
	struct gomap *m;

	setenv("GOMAP_FAKE_OPEN", "2", 1);	/* ENOENT */
	CHECK(gomap_version(&v) == -ENODEV);
	CHECK(gomap_open(&m, "x", GOMAP_OPEN_READ) == -ENODEV);
	setenv("GOMAP_FAKE_OPEN", "13", 1);	/* EACCES */
	CHECK(gomap_create(&m, 4, 4, NULL) == -EPERM);
	setenv("GOMAP_FAKE_OPEN", "24", 1);	/* EMFILE */
	CHECK(gomap_list(note_name, NULL) == -EMFILE);
	unsetenv("GOMAP_FAKE_OPEN");
	CHECK(!gomap_version(&v) && v.abi == GOMAP_ABI_VERSION);
}

static void submit_goes_on_past_failures(void)
{
	struct gomap *m = squares(2);
	uint32_t absent = 9, there = 1, value = 0, done, failed;
	struct gomap_batch_op ops[] = {
		{ .op = GOMAP_OP_LOOKUP, .key = (uintptr_t)&absent,
		  .key_len = 4, .value = (uintptr_t)&value, .value_len = 4 },
		{ .op = GOMAP_OP_LOOKUP, .key = (uintptr_t)&there,
		  .key_len = 4, .value = (uintptr_t)&value, .value_len = 4 },
	};

	CHECK(!gomap_submit(m, ops, 2, &done, &failed));
	CHECK(done == 2 && failed == 1 && value == 1);
	CHECK(ops[0].status == -ENOENT && !ops[1].status);
	CHECK(!gomap_submit(m, ops, 2, NULL, NULL));
	gomap_close(m);
}

/* More than one growth of each of the batch's arrays. */
static void batch_of_many(void)
{
	const uint32_t count = 5000;
	struct gomap *m = squares(0);
	struct gomap_batch *b;
	uint32_t i, done, failed;

	CHECK(!gomap_batch_new(&b));
	for (i = 0; i < count; i++)
		CHECK(!gomap_batch_add(b, GOMAP_OP_INSERT, &i, 4, &i, 4));
	CHECK(gomap_batch_count(b) == count);
	CHECK(gomap_batch_bytes(b) == 8 * (size_t)count);
	CHECK(!gomap_batch_run(b, m, &done, &failed));
	CHECK(done == count && !failed && gomap_len(m) == count);
	gomap_batch_reset(b);
	for (i = 0; i < count; i++)
		CHECK(!gomap_batch_add(b, GOMAP_OP_LOOKUP, &i, 4, NULL, 4));
	CHECK(!gomap_batch_run(b, m, NULL, &failed) && !failed);
	for (i = 0; i < count; i++)
		if (memcmp(gomap_batch_value(b, i), &i, 4) ||
		    memcmp(gomap_batch_key(b, i), &i, 4) ||
		    gomap_batch_at(b, i)->value_len != 4)
			break;
	CHECK(i == count);
	CHECK(!gomap_batch_at(b, count) && !gomap_batch_value(b, count));
	CHECK(!gomap_batch_key(b, count));
	gomap_batch_free(b);
	gomap_close(m);
}

static void batch_of_all_kinds(void)
{
	struct gomap *m = squares(2);
	struct gomap_batch *b;
	uint32_t k[] = { 0, 1, 2 }, v = 7, failed, i;
	static const int wanted[] = { 0, -EEXIST, 0, 0, -ENOENT, 0, 0 };

	CHECK(!gomap_batch_new(&b));
	CHECK(!gomap_batch_add(b, GOMAP_OP_LOOKUP, &k[0], 4, NULL, 4));
	CHECK(!gomap_batch_add(b, GOMAP_OP_INSERT, &k[0], 4, &v, 4));
	CHECK(!gomap_batch_add(b, GOMAP_OP_REPLACE, &k[0], 4, &v, 4));
	CHECK(!gomap_batch_add(b, GOMAP_OP_DELETE, &k[1], 4, &v, 4));
	CHECK(!gomap_batch_add(b, GOMAP_OP_LOOKUP, &k[1], 4, NULL, 0));
	CHECK(!gomap_batch_add(b, GOMAP_OP_DELETE, &k[1], 4, NULL, 0));
	CHECK(!gomap_batch_add(b, GOMAP_OP_STORE, &k[2], 4, &v, 4));
	CHECK(!gomap_batch_run(b, m, NULL, &failed) && failed == 2);
	for (i = 0; i < 7; i++)
		CHECK(gomap_batch_at(b, i)->status == wanted[i]);
	CHECK(gomap_batch_at(b, 3)->existed && !gomap_batch_at(b, 5)->existed);
	CHECK(!gomap_batch_at(b, 3)->value && gomap_len(m) == 2);
	gomap_batch_free(b);
	gomap_close(m);
}

static void batch_limits(void)
{
	static char big[GOMAP_MAX_VALUE_SIZE + 1];
	struct gomap_batch *b;
	uint32_t i;
	int ret = 0;

	CHECK(!gomap_batch_new(&b));
	CHECK(gomap_batch_add(b, GOMAP_OP_STORE, big, GOMAP_MAX_KEY_SIZE + 1,
			      big, 1) == -EMSGSIZE);
	CHECK(gomap_batch_add(b, GOMAP_OP_STORE, big, 1, big, sizeof(big)) ==
	      -EMSGSIZE);
	CHECK(!gomap_batch_count(b) && !gomap_batch_bytes(b));
	for (i = 0; i < GOMAP_MAX_BATCH && !ret; i++)
		ret = gomap_batch_add(b, GOMAP_OP_DELETE, "", 0, NULL, 0);
	CHECK(!ret && gomap_batch_count(b) == GOMAP_MAX_BATCH);
	CHECK(gomap_batch_add(b, GOMAP_OP_DELETE, "", 0, NULL, 0) == -ENOSPC);
	gomap_batch_free(b);
}

static void iteration(void)
{
	const uint32_t count = 1000;
	struct gomap *m = squares(count);
	bool seen[1000] = { false };
	struct gomap_iter *it;
	struct gomap_entry e;
	uint32_t n = 0, k, v;

	CHECK(!gomap_iter_begin(&it, m, NULL));
	while (gomap_iter_next(it, &e) == 1) {
		memcpy(&k, e.key, 4);
		memcpy(&v, e.value, 4);
		CHECK(e.key_len == 4 && e.value_len == 4 && k < count);
		CHECK(v == k * k && !seen[k]);
		seen[k] = true;
		n++;
	}
	CHECK(n == count && gomap_iter_next(it, &e) == 0 && !e.key);
	CHECK(gomap_count(m) == count);
	gomap_iter_end(it);
	gomap_close(m);
}

static void iteration_of_keys_or_values(void)
{
	GOMAP_OPTS(gomap_iter_opts, opts, .flags = GOMAP_ITER_KEYS);
	struct gomap *m = squares(2);
	struct gomap_iter *it;
	struct gomap_entry e;

	CHECK(!gomap_iter_begin(&it, m, &opts));
	CHECK(gomap_iter_next(it, &e) == 1 && e.key && !e.value);
	CHECK(!e.value_len);
	gomap_iter_end(it);
	opts.flags = GOMAP_ITER_VALUES;
	CHECK(!gomap_iter_begin(&it, m, &opts));
	CHECK(gomap_iter_next(it, &e) == 1 && !e.key && e.value);
	gomap_iter_end(it);
	opts.flags = 1U << 31;
	CHECK(gomap_iter_begin(&it, m, &opts) == -EINVAL && !it);
	opts.flags = 0;
	opts.reserved = 1;
	CHECK(gomap_iter_begin(&it, m, &opts) == -EINVAL && !it);
	gomap_close(m);
}

/* Entries longer than the buffer, and of several lengths within it. */
static void iteration_of_variable_entries(void)
{
	GOMAP_OPTS(gomap_create_opts, opts,
		   .flags = GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE);
	GOMAP_OPTS(gomap_iter_opts, small, .buf_len = 16);
	char big[300], key[8];
	uint64_t bytes = 0;
	struct gomap_iter *it;
	struct gomap_entry e;
	struct gomap *m;
	uint32_t i;
	int ret;

	memset(big, 'v', sizeof(big));
	CHECK(!gomap_create(&m, 8, 300, &opts));
	for (i = 0; i < 300; i++) {
		snprintf(key, sizeof(key), "%u", i);
		CHECK(!gomap_insert(m, key, strlen(key), big, i));
	}
	CHECK(gomap_lookup(m, "0", 1, big, sizeof(big)) == 0);
	CHECK(!gomap_iter_begin(&it, m, &small));
	for (i = 0; (ret = gomap_iter_next(it, &e)) == 1; i++) {
		snprintf(key, sizeof(key), "%u", e.value_len);
		CHECK(e.key_len == strlen(key));
		CHECK(!memcmp(e.key, key, e.key_len));
		bytes += e.value_len;
	}
	CHECK(!ret && i == 300 && bytes == 299 * 300 / 2);
	gomap_iter_end(it);
	gomap_close(m);
}

static void cursor_goes_on_elsewhere(void)
{
	GOMAP_OPTS(gomap_iter_opts, opts, .max = 3);
	struct gomap *m = squares(10);
	struct gomap_cursor cursor;
	struct gomap_iter *it;
	struct gomap_entry e;
	uint32_t seen = 0, k, i;

	CHECK(!gomap_iter_begin(&it, m, &opts));
	for (i = 0; i < 3; i++) {
		CHECK(gomap_iter_next(it, &e) == 1);
		memcpy(&k, e.key, 4);
		seen |= 1U << k;
		CHECK(gomap_iter_save(it, &cursor) == (i < 2 ? -EAGAIN : 0));
	}
	gomap_iter_end(it);
	opts.cursor = &cursor;
	CHECK(!gomap_iter_begin(&it, m, &opts));
	while (gomap_iter_next(it, &e) == 1) {
		memcpy(&k, e.key, 4);
		CHECK(!(seen & 1U << k));
		seen |= 1U << k;
	}
	CHECK(seen == 1023);
	gomap_iter_end(it);
	CHECK(!gomap_clear(m));
	CHECK(!gomap_iter_begin(&it, m, &opts));
	CHECK(gomap_iter_next(it, &e) == -ESTALE);
	gomap_iter_end(it);
	gomap_close(m);
}

static void figures(void)
{
	struct gomap *m = squares(9);
	struct gomap_ioc_info info;

	CHECK(!gomap_info(m, GOMAP_INFO_FILL, &info));
	CHECK(info.len == 9 && info.b == 1 && info.key_size == 4);
	gomap_close(m);
}

static void compaction(void)
{
	struct gomap *m = squares(60);
	struct gomap_ioc_info info;
	uint32_t key;

	for (key = 1; key < 60; key++)
		CHECK(gomap_delete(m, &key, sizeof(key)) == 1);
	CHECK(!gomap_info(m, 0, &info) && info.b == 4 && !info.shrinks);
	CHECK(!gomap_compact(m));
	CHECK(!gomap_info(m, 0, &info) && info.b == 0 && info.shrinks == 1);
	CHECK(info.len == 1);
	gomap_close(m);
}

static void new_seed(void)
{
	struct gomap *m = squares(10);
	struct gomap_ioc_info info;
	struct gomap_entry e;
	struct gomap_iter *it;
	GOMAP_OPTS(gomap_iter_opts, one_by_one, .max = 1);

	CHECK(!gomap_iter_begin(&it, m, &one_by_one));
	CHECK(gomap_iter_next(it, &e) == 1);
	CHECK(!gomap_info(m, 0, &info) && info.seed_generation == 1);
	CHECK(!gomap_rekey(m));
	CHECK(!gomap_info(m, 0, &info) && info.seed_generation == 2);
	CHECK(info.rekeys == 1 && !info.shrinks && info.len == 10);
	CHECK(gomap_iter_next(it, &e) == -ESTALE);
	gomap_iter_end(it);
	gomap_close(m);
}

static void readers_move_nothing(void)
{
	GOMAP_OPTS(gomap_create_opts, opts, .name = "moved");
	struct gomap *m, *reader;

	CHECK(!gomap_create(&m, 4, 4, &opts));
	CHECK(!gomap_open(&reader, "moved", GOMAP_OPEN_READ));
	CHECK(gomap_compact(reader) == -EBADF);
	CHECK(gomap_rekey(reader) == -EBADF);
	CHECK(!gomap_destroy(m));
	gomap_close(reader);
	gomap_close(m);
}

static int store(struct gomap *m, uint32_t key)
{
	return gomap_store(m, &key, sizeof(key), &key, sizeof(key));
}

static void limits(void)
{
	struct gomap *m, *reader;
	struct gomap_ioc_info info;
	GOMAP_OPTS(gomap_create_opts, opts, .name = "limited",
		   .max_entries = 1, .max_bytes = 1 << 20);

	CHECK(!gomap_create(&m, 4, 4, &opts));
	CHECK(!gomap_info(m, 0, &info));
	CHECK(info.max_entries == 1 && info.max_bytes == 1 << 20);
	CHECK(!store(m, 1));
	CHECK(store(m, 2) == -ENOSPC && store(m, 1) == 1);
	CHECK(!gomap_set_limits(m, 2, 0));
	CHECK(!store(m, 2) && store(m, 3) == -ENOSPC);
	CHECK(!gomap_info(m, 0, &info));
	CHECK(info.max_entries == 2 && !info.max_bytes);
	CHECK(!gomap_open(&reader, "limited", GOMAP_OPEN_READ));
	CHECK(gomap_set_limits(reader, 0, 0) == -EBADF);
	CHECK(gomap_set_limits(NULL, 0, 0) == -EINVAL);
	CHECK(!gomap_destroy(m));
	gomap_close(reader);
	gomap_close(m);
}

/* Of create, of one operation and of a batch; a failure without one ends it. */
static void reasons(void)
{
	uint32_t keys[] = { 1, 2 }, value;
	struct gomap_batch_op ops[2] = { 0 };
	struct gomap *m;
	int i;
	GOMAP_OPTS(gomap_create_opts, opts, .hint = 2, .max_entries = 1);

	CHECK(gomap_create(&m, 4, 4, &opts) == -ENOSPC && !m);
	CHECK(gomap_reason() == GOMAP_REASON_ENTRIES);
	opts.hint = 1 << 20;
	opts.max_entries = 0;
	opts.max_bytes = 4096;
	CHECK(gomap_create(&m, 4, 4, &opts) == -EDQUOT);
	CHECK(gomap_reason() == GOMAP_REASON_BYTES);
	opts.hint = UINT64_C(1) << 31;
	opts.max_bytes = 0;
	CHECK(gomap_create(&m, 4, 4, &opts) == -ENOMEM);
	CHECK(gomap_reason() == GOMAP_REASON_MEMORY);
	opts.hint = 0;
	opts.max_entries = 1;
	CHECK(!gomap_create(&m, 4, 4, &opts));
	CHECK(!store(m, 1));
	CHECK(gomap_reason() == GOMAP_REASON_MEMORY);
	CHECK(store(m, 2) == -ENOSPC);
	CHECK(gomap_reason() == GOMAP_REASON_ENTRIES);
	value = 2;
	CHECK(gomap_lookup(m, &value, 4, &value, 4) == -ENOENT);
	CHECK(gomap_reason() == GOMAP_REASON_NONE);
	for (i = 0; i < 2; i++)
		ops[i] = (struct gomap_batch_op) {
			.op = GOMAP_OP_STORE,
			.key = (uintptr_t)&keys[i], .key_len = 4,
			.value = (uintptr_t)&keys[i], .value_len = 4,
		};
	CHECK(!gomap_submit(m, ops, 2, NULL, NULL));
	CHECK(ops[1].status == -ENOSPC);
	CHECK(gomap_reason() == GOMAP_REASON_ENTRIES);
	gomap_close(m);
}

static int add_row(const struct gomap_ioc_memory *objects, void *arg)
{
	struct gomap_ioc_memory *sum = arg;

	CHECK(objects->index == sum->index);
	sum->index++;
	sum->live += objects->live;
	sum->bytes += objects->bytes;
	return 0;
}

static int stop_at_once(const struct gomap_ioc_memory *objects, void *arg)
{
	(void)objects;
	++*(int *)arg;
	return 77;
}

static void memory(void)
{
	struct gomap_ioc_memory sum = { 0 };
	struct gomap_ioc_info info;
	struct gomap *m = squares(10);
	int calls = 0;

	CHECK(!gomap_memory(m, add_row, &sum));
	CHECK(!gomap_info(m, 0, &info));
	CHECK(sum.index == 2 && sum.live == 10);
	CHECK(sum.bytes == info.bytes_chunks);
	CHECK(gomap_memory(m, stop_at_once, &calls) == 77 && calls == 1);
	CHECK(!gomap_memory(NULL, stop_at_once, &calls) && calls == 1);
	gomap_close(m);
}

static const struct ktap_case cases[] = {
	{ "the nil map reads as empty and takes nothing", nil_map },
	{ "lookup, insert, replace, store, delete, clear", single_operations },
	{ "options of older and newer programs", options_of_other_sizes },
	{ "a schema and a name that are too long", texts_that_are_too_long },
	{ "maps by name: create, open, list, unlink", names },
	{ "a list ends when its callback says so", list_ends_when_told },
	{ "a map is its descriptor", descriptors },
	{ "no device is not the same as no map", device_that_is_not_there },
	{ "an array of operations", submit_goes_on_past_failures },
	{ "a batch of 5,000", batch_of_many },
	{ "a batch of all kinds of operations", batch_of_all_kinds },
	{ "what a batch does not take", batch_limits },
	{ "iteration over 1,000 entries", iteration },
	{ "iteration over keys or values alone", iteration_of_keys_or_values },
	{ "iteration over entries above the buffer", iteration_of_variable_entries },
	{ "a cursor goes on in another iterator", cursor_goes_on_elsewhere },
	{ "figures of a map", figures },
	{ "compact: as few buckets as there need be", compaction },
	{ "rekey: a new seed ends iterations", new_seed },
	{ "compact and rekey are for writers", readers_move_nothing },
	{ "limits hold, and are for writers to change", limits },
	{ "why something was refused", reasons },
	{ "memory, one size of objects after the other", memory },
};

int main(void)
{
	unsetenv("GOMAP_FAKE");
	return ktap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
