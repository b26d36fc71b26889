// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Views of libgomap while they change: at a chosen moment of a lookup, by threads,
 * and by nobody who knows what he does.
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

static void set_trap(struct world *w, uint32_t unit, void (*act)(struct world *))
{
	trap.page = fake_view_unit(&w->v, unit);
	trap.act = act;
	trap.w = w;
	trap.sprung = 0;
	mprotect(trap.page, GOMAP_VIEW_UNIT, PROT_NONE);
	mprotect(fake_view_unit(&w->v, FORBIDDEN), GOMAP_VIEW_UNIT, PROT_NONE);
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

/* -- who does not know what he does ---------------------------------------- */

static uint64_t dice;

static uint64_t roll(void)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return dice;
}

/* A word that may hurt: near a bound, or anything. */
static uint32_t nasty(const struct world *w)
{
	static const uint32_t words[] = {
		0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffff, 0x1000,
		0x1fff, 31, 32, 1024, 1023,
	};
	uint64_t n = roll();

	switch (n >> 60) {
	case 0 ... 7:
		return words[n % (sizeof(words) / sizeof(words[0]))];
	case 8 ... 11:
		return (uint32_t)(n % (w->v.next_unit + 2));
	default:
		return (uint32_t)n;
	}
}

static void use(struct world *w)
{
	static struct field_bytes key, values[3];
	struct gomap_view_query q[3];
	struct gomap_view_value v;
	struct gomap_view_iter *it;
	struct gomap_entry e;
	uint32_t i;

	for (i = 0; i < 3; i++) {
		key_of(w, (uint32_t)roll() % 80, &key);
		q[i] = (struct gomap_view_query) {
			key.at, values[i].at, key.len, sizeof(values[i].at), 0
		};
		gomap_view_lookup(w->view, key.at, key.len, values[i].at,
				  sizeof(values[i].at));
	}
	gomap_view_lookup_many(w->view, q, 3);
	if (gomap_view_borrow(w->view, key.at, key.len, &v) > 0)
		for (i = 0; i < v.len; i++)
			values[0].at[0] += ((const unsigned char *)v.data)[i];
	/* Not through billions of buckets in which there is nothing. */
	if (roll() % 16 || w->v.super->array.mask > 63 ||
	    w->v.super->old.mask > 63 || gomap_view_iter_begin(&it, w->view))
		return;
	for (i = 0; i < 30 && gomap_view_iter_next(it, &e) > 0; i++)
		memmove(values[0].at, e.value, e.value_len);
	gomap_view_iter_end(it);
}

/* Words of the first page, the tables and the chains, one after the other. */
static void corrupt(struct world *w, int rounds)
{
	size_t words = (size_t)w->v.next_unit * GOMAP_VIEW_UNIT / 4, at[3];
	uint32_t *memory = (uint32_t *)(void *)w->v.base, was[3];
	int i, n;

	for (i = 0; i < rounds; i++) {
		for (n = 0; n < 3; n++) {
			at[n] = roll() % 3 ? 32 + roll() % 32 :
			       roll() % 2 ? (1 + roll() % (w->v.next_unit - 1)) *
					    (GOMAP_VIEW_UNIT / 4) + roll() % 64 :
					    roll() % words;
			was[n] = memory[at[n]];
			memory[at[n]] = nasty(w);
		}
		memory[32] &= ~1U;	/* or nothing would be read */
		use(w);
		for (n = 2; n >= 0; n--)
			memory[at[n]] = was[n];
	}
}

static void garbage(void)
{
	static const struct {
		uint32_t key, value, flags;
	} kinds[] = {
		{ 8, 8, 0 }, { 8, 300, 0 }, { 16, 8, 0 }, { 4, 64, 0 },
		{ 200, 200, GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE },
		{ 32, 32, GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE },
		{ 8, 60, GOMAP_MAP_STABLE | GOMAP_MAP_VAR_VALUE },
	};
	size_t i;

	dice = 88172645463325252ULL;
	for (i = 0; i < 14; i++) {
		struct world w = world_make(kinds[i / 2].key,
					    kinds[i / 2].value,
					    kinds[i / 2].flags);

		world_array(&w, 2, 1);
		if (i % 2) {
			fake_view_array(&w.v, &w.v.old, 1, 0, &w.seed);
			w.v.super->resizing = GOMAP_RESIZE_DOUBLE;
		}
		world_fill(&w, i % 2 ? &w.v.old : &w.v.array, 0, 40);
		world_open(&w);
		corrupt(&w, 7200);
		CHECK(world_finds(&w, 0, 40));
		world_close(&w);
	}
}

static const struct ktap_case cases[] = {
	{ "the table of spans goes while it is read", table_of_spans_goes },
	{ "a bucket goes while it is read", bucket_goes },
	{ "a value is written while it is read", value_is_written },
	{ "a value is written in its slot", value_is_written_in_its_slot },
	{ "the directory goes while it is read", directory_goes },
	{ "the root goes while it is read", root_goes },
	{ "words that are read by halves", words_by_halves },
	{ "threads that write and resize", threads },
	{ "100,800 views full of garbage", garbage },
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
