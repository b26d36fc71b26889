// SPDX-License-Identifier: GPL-2.0-only
/* world.c - the map, its writers, and what changes it; see world.h. */
#include <errno.h>
#include <string.h>

#include "world.h"

#define NR_WRITERS	2U
#define FIRST_FILLER	(1ULL << 32)	/* keys that come and go, for growth */
#define NR_FILLERS	60000U
#define GROWTH_BYTES	(200ULL << 20)	/* of fillers in a map that only grows */

uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

void world_fail(struct world *w, const char *what)
{
	const char *none = NULL;

	__atomic_compare_exchange_n(&w->failed, &none, what, false,
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

bool world_has_failed(const struct world *w)
{
	return __atomic_load_n(&w->failed, __ATOMIC_RELAXED);
}

static bool is_over(const struct world *w)
{
	return __atomic_load_n(&w->stop, __ATOMIC_RELAXED) ||
	       world_has_failed(w);
}

void world_key(const struct world *w, uint64_t number, void *key)
{
	memset(key, 0x5a, w->kind->key_size);
	memcpy(key, &number, sizeof(number));
}

/* With variable values, their length follows from the number, too. */
static uint32_t value_len(const struct world *w, uint64_t number)
{
	if (!(w->kind->flags & GOMAP_MAP_VAR_VALUE))
		return w->kind->value_size;
	return 16 + number % (w->kind->value_size - 15);
}

/*
 * The first 4 bytes are the number, all others follow from it and from the key; in
 * 8 bytes half of them do.
 */
static void fill_value(const struct world *w, uint64_t key, uint64_t number,
		       void *value)
{
	uint64_t state = (key + 1) * 0x9e3779b97f4a7c15ULL ^ number << 7;
	uint32_t low = (uint32_t)number, i, len = value_len(w, number);
	uint8_t *bytes = value;

	for (i = sizeof(low); i < len; i += sizeof(uint32_t)) {
		uint32_t word = (uint32_t)(next_random(&state) >> 16);
		uint32_t part = len - i < sizeof(word) ? len - i : sizeof(word);

		memcpy(bytes + i, &word, part);
	}
	memcpy(bytes, &low, sizeof(low));
}

uint64_t world_noted(const struct world *w, uint64_t number)
{
	return __atomic_load_n(&w->noted[number], __ATOMIC_ACQUIRE);
}

static void note(struct world *w, uint64_t key, uint64_t number)
{
	__atomic_store_n(&w->noted[key], number, __ATOMIC_RELEASE);
}

const char *world_wrong(const struct world *w, uint64_t number, uint64_t noted,
			const void *value, int ret)
{
	uint8_t right[VALUE_MAX];
	uint32_t stored;

	if (ret == -ENOENT)
		return number < NR_STEADY && w->change != CHANGE_CLEAR ?
		       "a steady key was not found" : NULL;
	if (ret < 0)
		return "a lookup failed";
	memcpy(&stored, value, sizeof(stored));
	if ((uint32_t)ret != value_len(w, stored))
		return "a value has the wrong length";
	fill_value(w, number, stored, right);
	if (memcmp(value, right, (size_t)ret))
		return "a value is torn, or that of another key";
	if (stored < noted)
		return "a value was outdated when the lookup began";
	return NULL;
}

static void expect(struct world *w, int ret, const char *what)
{
	if (ret < 0)
		world_fail(w, what);
}

static void store(struct world *w, uint64_t key, uint64_t number)
{
	uint8_t bytes[VALUE_MAX], name[64];

	fill_value(w, key, number, bytes);
	world_key(w, key, name);
	expect(w, gomap_store(w->map, name, w->kind->key_size, bytes,
			      value_len(w, number)), "a store failed");
	__atomic_fetch_add(&w->writes, 1, __ATOMIC_RELAXED);
}

static void drop(struct world *w, uint64_t key)
{
	uint8_t name[64];

	world_key(w, key, name);
	expect(w, gomap_delete(w->map, name, w->kind->key_size),
	       "a delete failed");
	__atomic_fetch_add(&w->writes, 1, __ATOMIC_RELAXED);
}

/* A key that was deleted has a higher number when it comes back. */
static void write_keys(struct world *w, uint64_t first)
{
	uint64_t state = 88172645463325252ULL + first, number = 1, key;

	while (!is_over(w)) {
		key = next_random(&state) % (NR_KEYS / NR_WRITERS) * NR_WRITERS +
		      first;
		number++;
		if (key >= NR_STEADY && state % 3 == 0) {
			drop(w, key);
			note(w, key, number);
		} else {
			store(w, key, number);
			note(w, key, number);
		}
	}
}

static void *first_writer(void *world)
{
	write_keys(world, 0);
	return NULL;
}

static void *second_writer(void *world)
{
	write_keys(world, 1);
	return NULL;
}

static void grow(struct world *w)
{
	uint64_t i, nr = GROWTH_BYTES / (w->kind->key_size +
					w->kind->value_size);

	for (i = 0; i < nr && !is_over(w); i++)
		store(w, FIRST_FILLER + i, 1);
}

static void grow_and_shrink(struct world *w)
{
	uint64_t i;

	for (i = 0; i < NR_FILLERS && !is_over(w); i++)
		store(w, FIRST_FILLER + i, 1);
	for (i = 0; i < NR_FILLERS && !is_over(w); i++)
		drop(w, FIRST_FILLER + i);
	expect(w, gomap_compact(w->map), "it could not be compacted");
}

static void *change(void *world)
{
	struct world *w = world;

	while (!is_over(w)) {
		switch (w->change) {
		case CHANGE_GROW:
			grow(w);
			return NULL;
		case CHANGE_SIZE:
			grow_and_shrink(w);
			break;
		case CHANGE_SEED:
			expect(w, gomap_rekey(w->map), "a rekey failed");
			break;
		case CHANGE_CLEAR:
			expect(w, gomap_clear(w->map), "a clear failed");
			break;
		default:
			return NULL;
		}
		__atomic_fetch_add(&w->changes, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

int world_begin(struct world *w, const struct kind *kind, enum change which)
{
	GOMAP_OPTS(gomap_create_opts, opts,
		   .flags = kind->flags | GOMAP_MAP_VIEW);
	int ret;

	memset(w, 0, sizeof(*w));
	w->kind = kind;
	w->change = which;
	ret = gomap_create(&w->map, kind->key_size, kind->value_size, &opts);
	if (ret < 0)
		return ret;
	ret = gomap_view_open(&w->view, w->map);
	if (ret < 0) {
		gomap_close(w->map);
		return ret;
	}
	for (uint64_t key = 0; key < NR_STEADY; key++)
		store(w, key, 1);
	pthread_create(&w->threads[0], NULL, first_writer, w);
	pthread_create(&w->threads[1], NULL, second_writer, w);
	pthread_create(&w->threads[2], NULL, change, w);
	return 0;
}

void world_end(struct world *w)
{
	__atomic_store_n(&w->stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 3; i++)
		pthread_join(w->threads[i], NULL);
	gomap_view_close(w->view);
	gomap_close(w->map);
}
