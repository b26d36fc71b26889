// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Views of libgomap while they change: at a chosen moment of a lookup, and by
 * threads.
 *
 * The moment is the first touch of a page: that cannot be read until a handler
 * has changed what the test wants changed.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gomap_view.h>

#include "ktap.h"
#include "view_world.h"

/* A unit that the kernel never named; whoever touches it dies. */
#define FORBIDDEN	1000U

/* -- traps ---------------------------------------------------------------- */

static struct {
	unsigned char *page;
	void (*act)(struct world *w);
	struct world *w;
	int sprung;
} trap;

static void spring(int signal, siginfo_t *info, void *context)
{
	unsigned char *at = info->si_addr;

	(void)context;
	if (!trap.page || at < trap.page || at >= trap.page + GOMAP_VIEW_UNIT) {
		printf("# touched %p, which is not to be touched\n",
		       info->si_addr);
		fflush(stdout);
		_exit(signal);
	}
	mprotect(trap.page, GOMAP_VIEW_UNIT, PROT_READ | PROT_WRITE);
	trap.page = NULL;
	trap.sprung++;
	trap.act(trap.w);
}

static void set_trap_at(struct world *w, unsigned char *page,
			void (*act)(struct world *))
{
	trap.page = page;
	trap.act = act;
	trap.w = w;
	trap.sprung = 0;
	mprotect(trap.page, GOMAP_VIEW_UNIT, PROT_NONE);
}

static void set_trap(struct world *w, uint32_t unit, void (*act)(struct world *))
{
	mprotect(fake_view_unit(&w->v, FORBIDDEN), GOMAP_VIEW_UNIT, PROT_NONE);
	set_trap_at(w, fake_view_unit(&w->v, unit), act);
}

static struct world world_with(uint32_t key_size, uint32_t value_size,
			       uint32_t bits, uint32_t entries)
{
	struct world w = world_make(key_size, value_size, 0);

	world_array(&w, bits, 0);
	world_fill(&w, &w.v.array, 0, entries);
	world_open(&w);
	return w;
}

/* A lookup that steps into the trap still gets the value of entry @n. */
static void step_in(struct world *w, uint32_t n, uint64_t may_ask)
{
	static struct field_bytes key, value, got;

	key_of(w, 0, &key);
	value_of(w, n, &value);
	CHECK(gomap_view_lookup(w->view, key.at, key.len, got.at,
				sizeof(got.at)) == (int)value.len);
	CHECK(!memcmp(got.at, value.at, value.len));
	CHECK(trap.sprung == 1);
	CHECK(asked(w) <= may_ask);
}

static void fill_unit(struct world *w, uint32_t unit, uint64_t word)
{
	uint64_t *words = fake_view_unit(&w->v, unit);
	size_t i;

	for (i = 0; i < GOMAP_VIEW_UNIT / sizeof(word); i++)
		words[i] = word;
}

/* A resize has ended, and the table of spans is somebody's memory. */
static void move_array(struct world *w)
{
	uint32_t table = w->v.array.shown->spans;

	w->v.super->sequence |= 1;
	fake_view_array(&w->v, &w->v.array, 3, 1, &w->seed);
	world_fill(w, &w->v.array, 0, 9);
	fill_unit(w, table, (uint64_t)FORBIDDEN << 32 | FORBIDDEN);
	w->v.super->sequence++;
}

static void table_of_spans_goes(void)
{
	static const uint32_t values[] = { 8, 64, 300 };
	struct gomap_view_query q;
	uint64_t key, value;
	size_t i;

	for (i = 0; i < 3; i++) {
		struct world w = world_with(8, values[i], 2, 9);

		set_trap(&w, w.v.array.shown->spans, move_array);
		step_in(&w, 0, 0);
		world_close(&w);
	}

	struct world w = world_with(8, 8, 2, 9);
	static struct field_bytes k, v;

	key_of(&w, 0, &k);
	value_of(&w, 0, &v);
	memcpy(&key, k.at, 8);
	set_trap(&w, w.v.array.shown->spans, move_array);
	CHECK(gomap_view_lookup(w.view, &key, 8, &value, 8) == 8);
	CHECK(trap.sprung == 1 && !memcmp(&value, v.at, 8) && !asked(&w));
	set_trap(&w, w.v.array.shown->spans, move_array);
	value = 0;
	q = (struct gomap_view_query) { &key, &value, 8, 8, 0 };
	CHECK(gomap_view_lookup_many(w.view, &q, 1) == 1);
	CHECK(trap.sprung == 1 && !memcmp(&value, v.at, 8) && !asked(&w));
	world_close(&w);
}

/*
 * An array in one span becomes one of a span for each bucket, after the place and
 * the mask of the first and before the shift of the other one is read.  The first
 * page lies so that a page of the machine ends there.
 */
#define BEFORE_SHIFT	offsetof(struct gomap_view_super, array.span_shift)

static void exchange_array(struct world *w)
{
	struct gomap_view_super *super = w->v.super;

	super->sequence += 2;
	super->array = super->old;
	memset(&super->old, 0, sizeof(super->old));
}

static void array_changes_as_it_is_read(void)
{
	static const uint32_t values[] = { 8, 300 };
	static struct field_bytes key, value, got;
	struct gomap_view_array small;
	unsigned char *page;
	uint32_t n, i, at;

	for (i = 0; i < 2; i++) {
		struct world w = world_make(8, values[i], 0);

		w.bytes -= GOMAP_VIEW_UNIT;
		page = w.v.base + GOMAP_VIEW_UNIT;
		memset(w.v.base, 0, 16 * GOMAP_VIEW_UNIT);
		fake_view_make(&w.v, page - BEFORE_SHIFT, w.bytes, 8,
			       values[i], 0);
		for (n = 0;; n++) {
			key_of(&w, n, &key);
			at = (uint32_t)gomap_hash(&w.seed, key.at, 8) & 2047;
			if (at > 1536)
				break;
		}
		value_of(&w, n, &value);
		/* The table of the small one, with what it ends at behind it. */
		world_array(&w, 4, 4);
		small = w.v.super->array;
		small.mask = 2047;
		small.span_shift = 11;
		small.spans = w.v.next_unit;
		w.v.next_unit += 3;
		*(uint32_t *)fake_view_unit(&w.v, small.spans) = 3;
		fake_view_array(&w.v, &w.v.array, 2, 0, &w.seed);
		world_fill(&w, &w.v.array, n, n + 1);
		world_open(&w);
		w.v.super->old = w.v.super->array;
		w.v.super->array = small;
		mprotect(page + (size_t)(small.spans + 1) * GOMAP_VIEW_UNIT,
			 GOMAP_VIEW_UNIT, PROT_NONE);
		set_trap_at(&w, page, exchange_array);
		CHECK(gomap_view_lookup(w.view, key.at, 8, got.at,
					sizeof(got.at)) == (int)value.len);
		CHECK(!memcmp(got.at, value.at, value.len));
		CHECK(trap.sprung == 1 && !asked(&w));
		CHECK(retried(&w) == i);
		w.bytes += GOMAP_VIEW_UNIT;
		world_close(&w);
	}
}

/* The bucket that was found is another one's memory before it is read. */
static void move_array_off_bucket(struct world *w)
{
	uint32_t span = *fake_view_span(&w->v, &w->v.array, 0);

	move_array(w);
	memset(fake_view_unit(&w->v, span), 0, GOMAP_VIEW_UNIT);
}

static void bucket_goes(void)
{
	static const uint32_t values[] = { 8, 64, 300 };
	struct gomap_view_query q;
	uint64_t key, value = 0;
	size_t i;

	for (i = 0; i < 3; i++) {
		struct world w = world_with(8, values[i], 0, 8);

		set_trap(&w, *fake_view_span(&w.v, &w.v.array, 0),
			 move_array_off_bucket);
		step_in(&w, 0, 0);
		CHECK(retried(&w) == (values[i] > 128));
		world_close(&w);
	}

	struct world w = world_with(8, 8, 0, 8);
	static struct field_bytes k;

	key_of(&w, 0, &k);
	memcpy(&key, k.at, 8);
	set_trap(&w, *fake_view_span(&w.v, &w.v.array, 0),
		 move_array_off_bucket);
	q = (struct gomap_view_query) { &key, &value, 8, 8, 0 };
	CHECK(gomap_view_lookup_many(w.view, &q, 1) == 1 && trap.sprung == 1);
	CHECK(!asked(&w));
	world_close(&w);
}

/* A value becomes that of entry 500, where it lies. */
static unsigned char *written_value, *written_head;

static void write_value(struct world *w)
{
	static struct field_bytes value;

	value_of(w, 500, &value);
	memcpy(written_value, value.at, value.len);
	*(uint32_t *)(void *)written_head += 2;
}

static void value_is_written(void)
{
	struct world w = world_with(8, 3000, 0, 1);

	written_head = fake_view_bucket(&w.v, &w.v.array, 0);
	written_value = fake_view_unit(&w.v, (uint32_t)w.v.directory[0]);
	set_trap(&w, (uint32_t)w.v.directory[0], write_value);
	step_in(&w, 500, 0);
	CHECK(retried(&w) == 1);
	world_close(&w);
}

/*
 * Four buckets of 1,104 bytes: the last one goes on in a second page, and its
 * sixth slot has the key in the first one.  So the version is read before the
 * trap, and the value behind it.
 */
static void value_is_written_in_its_slot(void)
{
	struct world w = world_make(8, 128, 0);
	static struct field_bytes key, value, got;
	uint32_t unit, n, taken = 0;

	world_array(&w, 2, 2);
	unit = *fake_view_span(&w.v, &w.v.array, 0);
	for (n = 0; taken < 6; n++) {
		key_of(&w, n, &key);
		if ((gomap_hash(&w.seed, key.at, 8) & 3) != 3)
			continue;
		world_fill(&w, &w.v.array, n, n + 1);
		taken++;
	}
	world_open(&w);
	written_head = fake_view_bucket(&w.v, &w.v.array, 3);
	written_value = written_head + w.v.value.offset + 5 * w.v.value.stride;
	value_of(&w, 500, &value);
	set_trap(&w, unit + 1, write_value);
	CHECK(gomap_view_lookup(w.view, key.at, 8, got.at, 128) == 128);
	CHECK(!memcmp(got.at, value.at, 128));
	CHECK(trap.sprung == 1 && !asked(&w));
	world_close(&w);
}

/* The same, while an iteration copies it. */
static void value_is_written_as_it_is_copied(void)
{
	struct world w = world_with(8, 3000, 0, 1);
	static struct field_bytes value;
	struct gomap_view_iter *it;
	struct gomap_entry e;

	written_head = fake_view_bucket(&w.v, &w.v.array, 0);
	written_value = fake_view_unit(&w.v, (uint32_t)w.v.directory[0]);
	set_trap(&w, (uint32_t)w.v.directory[0], write_value);
	value_of(&w, 500, &value);
	CHECK(!gomap_view_iter_begin(&it, w.view));
	CHECK(gomap_view_iter_next(it, &e) == 1 && e.value_len == 3000);
	CHECK(trap.sprung == 1 && retried(&w) == 1 && !asked(&w));
	CHECK(!memcmp(e.value, value.at, 3000));
	CHECK(gomap_view_iter_next(it, &e) == 0);
	gomap_view_iter_end(it);
	world_close(&w);
}

/* The directory is replaced, and what it was is somebody's memory. */
static void move_directory(struct world *w)
{
	uint32_t was = (uint32_t)*w->v.root, now = w->v.next_unit++;
	uint64_t *directory = fake_view_unit(&w->v, now);

	memcpy(directory, w->v.directory, 64);
	*w->v.root = (*w->v.root & ~0xffffffffULL) | now;
	fill_unit(w, was, FORBIDDEN | 1ULL << 46 | 375ULL << 32);
}

static void directory_goes(void)
{
	struct world w = world_with(8, 3000, 0, 1);

	set_trap(&w, (uint32_t)*w.v.root, move_directory);
	step_in(&w, 0, 1);
	world_close(&w);
}

/* The map is cleared: another root, and what it was is somebody's memory. */
static void move_root(struct world *w)
{
	uint32_t was = w->v.super->root, now = w->v.next_unit++;

	w->v.super->sequence |= 1;
	*(uint64_t *)fake_view_unit(&w->v, now) = *w->v.root;
	fill_unit(w, was, 9ULL << 32 | FORBIDDEN);
	w->v.super->root = now;
	w->v.super->sequence++;
}

static void root_goes(void)
{
	struct world w = world_with(8, 3000, 0, 1);

	set_trap(&w, w.v.super->root, move_root);
	step_in(&w, 0, 0);
	CHECK(retried(&w) == 1);
	world_close(&w);
}

/* -- words that come in halves --------------------------------------------- */

static uint64_t word;
static volatile bool stop;
static volatile uint64_t turns;

static void *write_words(void *arg)
{
	uint32_t n;

	(void)arg;
	for (n = 1; !stop; n++)
		__atomic_store_n(&word, (uint64_t)n << 32 | ~n,
				 __ATOMIC_RELAXED);
	return NULL;
}

static void words_by_halves(void)
{
	pthread_t thread;
	uint64_t got;
	int i, bad = 0;

	word = 0x1234567887654321ULL;
	CHECK(view_load64_by_halves(&word) == 0x1234567887654321ULL);
	CHECK(view_load64(&word) == 0x1234567887654321ULL);
	word = 0xffffffffULL;
	stop = false;
	pthread_create(&thread, NULL, write_words, NULL);
	for (i = 0; i < 1000000; i++) {
		got = view_load64_by_halves(&word);
		bad += got && (uint32_t)~(got >> 32) != (uint32_t)got;
	}
	stop = true;
	pthread_join(thread, NULL);
	CHECK(!bad);
}

/* -- threads -------------------------------------------------------------- */

/*
 * An array of one bucket and one of 4,096, taking turns, and an entry whose value
 * is written all the time.  The table of the small one ends at what nobody may
 * touch, so who takes one's table for that of the other gets there.
 */
struct stage {
	struct world w;
	struct gomap_view_array arrays[2];
	unsigned char *heads[2];
};

static void write_pair(unsigned char *b, struct world *w, uint64_t n)
{
	uint32_t *version = (void *)b;
	uint64_t pair[2] = { n, ~n };

	__atomic_store_n(version, *version + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy(b + w->v.value.offset, pair, sizeof(pair));
	__atomic_store_n(version, *version + 1, __ATOMIC_RELEASE);
}

static void *play(void *arg)
{
	struct stage *s = arg;
	struct gomap_view_super *super = s->w.v.super;
	uint64_t n;

	for (n = 0; !stop; turns = ++n) {
		write_pair(s->heads[0], &s->w, n);
		write_pair(s->heads[1], &s->w, n);
		__atomic_store_n(&super->sequence, super->sequence + 1,
				 __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_RELEASE);
		super->array = s->arrays[n & 1];
		__atomic_store_n(&super->sequence, super->sequence + 1,
				 __ATOMIC_RELEASE);
		if (n % 64 == 0)
			usleep(1);
	}
	return NULL;
}

static void set_stage(struct stage *s, uint64_t *k)
{
	struct gomap_seed other = fake_view_seed(0, 9);
	struct world *w = &s->w;
	uint64_t pair[2] = { 5, ~5ULL };
	uint32_t table;

	for (*k = 0;; ++*k)
		if ((gomap_hash(&w->seed, k, 8) & 4095) >= 1024 &&
		    (gomap_hash(&other, k, 8) & 4095) >= 1024)
			break;
	gomap_store(w->map, k, 8, pair, 16);
	world_array(w, 0, 0);
	fake_view_put(&w->v, &w->v.array, k, 8, pair, 16);
	s->heads[0] = fake_view_bucket(&w->v, &w->v.array, 0);
	table = w->v.next_unit;
	w->v.next_unit += 5;
	*(uint32_t *)fake_view_unit(&w->v, table) =
		*fake_view_span(&w->v, &w->v.array, 0);
	w->v.super->array.spans = table;
	mprotect(fake_view_unit(&w->v, table + 1), 4 * GOMAP_VIEW_UNIT,
		 PROT_NONE);
	s->arrays[0] = w->v.super->array;
	fake_view_array(&w->v, &w->v.array, 12, 8, &other);
	fake_view_put(&w->v, &w->v.array, k, 8, pair, 16);
	s->arrays[1] = w->v.super->array;
	s->heads[1] = fake_view_bucket(&w->v, &w->v.array, (uint32_t)
				       gomap_hash(&other, k, 8) & 4095);
}

static void threads(void)
{
	struct stage s = { .w = world_make(8, 16, 0) };
	uint64_t pair[2], k;
	pthread_t thread;
	int i, bad = 0;

	set_stage(&s, &k);
	world_open(&s.w);
	trap.page = NULL;
	stop = false;
	pthread_create(&thread, NULL, play, &s);
	for (i = 0; i < 100000 || turns < 20000; i++) {
		bad += gomap_view_lookup(s.w.view, &k, 8, pair, 16) != 16;
		bad += pair[0] != ~pair[1];
	}
	stop = true;
	pthread_join(thread, NULL);
	CHECK(!bad);
	world_close(&s.w);
}

static const struct ktap_case cases[] = {
	{ "an array changes while it is read", array_changes_as_it_is_read },
	{ "the table of spans goes while it is read", table_of_spans_goes },
	{ "a bucket goes while it is read", bucket_goes },
	{ "a value is written while it is read", value_is_written },
	{ "a value is written in its slot", value_is_written_in_its_slot },
	{ "a value is written as it is copied", value_is_written_as_it_is_copied },
	{ "the directory goes while it is read", directory_goes },
	{ "the root goes while it is read", root_goes },
	{ "words that are read by halves", words_by_halves },
	{ "threads that write and resize", threads },
};

int main(void)
{
	struct sigaction on_fault = {
		.sa_sigaction = spring, .sa_flags = SA_SIGINFO,
	};

	unsetenv("GOMAP_FAKE");
	sigaction(SIGSEGV, &on_fault, NULL);
	return ktap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
