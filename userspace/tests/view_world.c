// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* What the tests of views look at; see view_world.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <gomap_view.h>

#include "ktap.h"
#include "view_world.h"

#define UNITS	1024
#define GUARD	((size_t)64 << 10)

struct world world_make(uint32_t key_size, uint32_t value_size, uint32_t flags)
{
	GOMAP_OPTS(gomap_create_opts, opts, .flags = flags | GOMAP_MAP_VIEW);
	struct world w = {
		.key_size = key_size, .value_size = value_size, .flags = flags,
		.bytes = (size_t)UNITS * GOMAP_VIEW_UNIT,
		.seed = fake_view_seed(flags, 1),
	};

	w.around = mmap(NULL, w.bytes + 2 * GUARD, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w.around == MAP_FAILED ||
	    mprotect(w.around + GUARD, w.bytes, PROT_READ | PROT_WRITE) ||
	    gomap_create(&w.map, key_size, value_size, &opts))
		abort();
	fake_view_make(&w.v, w.around + GUARD, w.bytes, key_size, value_size,
		       flags);
	return w;
}

void world_array(struct world *w, uint32_t bits, uint32_t span_shift)
{
	fake_view_array(&w->v, &w->v.array, bits, span_shift, &w->seed);
}

static void fill(struct field_bytes *f, uint32_t n, uint32_t size,
		 uint32_t shortest, bool variable)
{
	uint32_t i;

	f->len = variable ? shortest + n % (size - shortest + 1) : size;
	for (i = 0; i < f->len; i++)
		f->at[i] = (unsigned char)(n * 37 + i * 11);
	memcpy(f->at, &n, f->len < 4 ? f->len : 4);
}

void key_of(const struct world *w, uint32_t n, struct field_bytes *key)
{
	fill(key, n, w->key_size, 4, w->flags & GOMAP_MAP_VAR_KEY);
}

void value_of(const struct world *w, uint32_t n, struct field_bytes *value)
{
	fill(value, n + 1000, w->value_size, 0,
	     w->flags & GOMAP_MAP_VAR_VALUE);
}

void world_fill(struct world *w, struct fake_array *array, uint32_t from,
		uint32_t to)
{
	static struct field_bytes key, value;
	uint32_t n;

	for (n = from; n < to; n++) {
		key_of(w, n, &key);
		value_of(w, n, &value);
		fake_view_put(&w->v, array, key.at, key.len, value.at,
			      value.len);
		gomap_store(w->map, key.at, key.len, value.at, value.len);
	}
}

void world_open(struct world *w)
{
	if (gomap__view_on(&w->view, w->v.base, w->bytes, gomap_fd(w->map)))
		abort();
}

void world_close(struct world *w)
{
	gomap_view_close(w->view);
	gomap_close(w->map);
	munmap(w->around, w->bytes + 2 * GUARD);
}

static bool finds(struct world *w, uint32_t n, bool present)
{
	static struct field_bytes key, value, got;
	int ret;

	key_of(w, n, &key);
	value_of(w, n, &value);
	memset(got.at, 0xee, value.len + 1);
	ret = gomap_view_lookup(w->view, key.at, key.len, got.at,
				sizeof(got.at));
	if (!present)
		return CHECK(ret == -ENOENT);
	return CHECK(ret == (int)value.len) &&
	       CHECK(!memcmp(got.at, value.at, value.len)) &&
	       CHECK(got.at[value.len] == 0xee);
}

bool world_finds(struct world *w, uint32_t from, uint32_t to)
{
	uint32_t n;

	for (n = from; n < to; n++)
		if (!finds(w, n, true))
			return false;
	for (n = to; n < to + 50; n++)
		if (!finds(w, n, false))
			return false;
	return true;
}

static struct gomap_view_stats stats_of(const struct world *w)
{
	GOMAP_OPTS(gomap_view_stats, stats);

	CHECK(!gomap_view_stats(w->view, &stats));
	return stats;
}

uint64_t asked(const struct world *w)
{
	return stats_of(w).asked;
}

uint64_t retried(const struct world *w)
{
	return stats_of(w).retried;
}
