// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The maps behind the stand-in for the device; see fake_map.h. */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_map.h"

struct map *fake_maps[FAKE_MAPS_MAX];
int fake_nr_maps;

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->key_len != y->key_len)
		return x->key_len < y->key_len ? -1 : 1;
	return memcmp(x->key, y->key, x->key_len);
}

struct item *map_find(struct map *m, const void *key, uint32_t len)
{
	struct item wanted = { .key = (unsigned char *)key, .key_len = len };
	struct item **hit = tfind(&wanted, &m->index, compare);

	return hit ? *hit : NULL;
}

static unsigned char *copy(const void *bytes, uint32_t len)
{
	unsigned char *p = malloc(len + 1);

	if (len)
		memcpy(p, bytes, len);
	return p;
}

void map_set_value(struct item *item, const void *value, uint32_t value_len)
{
	free(item->value);
	item->value = copy(value, value_len);
	item->value_len = value_len;
}

static bool over_load(uint64_t n, uint32_t b)
{
	return n > 8 && n > 13 * ((1ULL << b) / 2);
}

static uint32_t b_for(uint64_t n)
{
	uint32_t b = 0;

	while (over_load(n, b))
		b++;
	return b;
}

void map_add(struct map *m, const void *key, uint32_t key_len,
	     const void *value, uint32_t value_len)
{
	struct item *item = calloc(1, sizeof(*item));

	if (over_load(m->now.len + 1, m->now.b)) {
		m->now.b++;
		m->now.grows++;
	}
	item->key = copy(key, key_len);
	item->key_len = key_len;
	map_set_value(item, value, value_len);
	item->live = true;
	if (m->count == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		m->items = realloc(m->items, m->room * sizeof(*m->items));
	}
	m->items[m->count++] = item;
	tsearch(item, &m->index, compare);
	m->now.len++;
}

void map_remove(struct map *m, struct item *item)
{
	tdelete(item, &m->index, compare);
	item->live = false;
	m->now.len--;
}

void map_clear(struct map *m)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (m->items[i]->live)
			map_remove(m, m->items[i]);
		free(m->items[i]->key);
		free(m->items[i]->value);
		free(m->items[i]);
	}
	m->count = 0;
	m->now.clears++;
	m->now.seed_generation++;
}

void map_compact(struct map *m)
{
	uint32_t b = b_for(m->now.len);

	if (b < m->least_b)
		b = m->least_b;
	m->now.shrinks += b < m->now.b;
	m->now.b = b;
}

void map_rekey(struct map *m)
{
	m->now.rekeys++;
	m->now.seed_generation++;
}

struct map *map_new(const struct gomap_ioc_create *made)
{
	struct map *m = calloc(1, sizeof(*m));

	m->made = *made;
	m->id = (uint64_t)fake_nr_maps + 1;
	m->least_b = b_for(made->hint);
	m->now.b = m->least_b;
	m->now.seed_generation = 1;
	fake_maps[fake_nr_maps++] = m;
	return m;
}

/* -- between processes ---------------------------------------------------- */

static void save_map(FILE *out, const struct map *m)
{
	size_t i;

	fwrite(&m->made, sizeof(m->made), 1, out);
	fwrite(&m->now, sizeof(m->now), 1, out);
	for (i = 0; i < m->count; i++) {
		const struct item *item = m->items[i];

		if (!item->live)
			continue;
		fwrite(&item->key_len, 4, 1, out);
		fwrite(&item->value_len, 4, 1, out);
		fwrite(item->key, 1, item->key_len, out);
		fwrite(item->value, 1, item->value_len, out);
	}
}

static void load_map(FILE *in, const struct gomap_ioc_create *made)
{
	static unsigned char key[GOMAP_MAX_KEY_SIZE];
	static unsigned char value[GOMAP_MAX_VALUE_SIZE];
	struct map *m = map_new(made);
	uint32_t key_len, value_len;
	struct figures then;

	if (fread(&then, sizeof(then), 1, in) != 1)
		abort();
	while (m->now.len < then.len) {
		if (fread(&key_len, 4, 1, in) != 1 ||
		    fread(&value_len, 4, 1, in) != 1 ||
		    fread(key, 1, key_len, in) != key_len ||
		    fread(value, 1, value_len, in) != value_len)
			abort();
		map_add(m, key, key_len, value, value_len);
	}
	m->now = then;
}

static void __attribute__((constructor)) wake_up(void)
{
	const char *path = getenv("GOMAP_FAKE");
	FILE *in = path ? fopen(path, "rb") : NULL;
	struct gomap_ioc_create made;

	if (!in)
		return;
	while (fread(&made, sizeof(made), 1, in) == 1)
		load_map(in, &made);
	fclose(in);
}

static void __attribute__((destructor)) lie_down(void)
{
	const char *path = getenv("GOMAP_FAKE");
	FILE *out = path ? fopen(path, "wb") : NULL;
	int i;

	for (i = 0; i < fake_nr_maps; i++) {
		if (out && fake_maps[i]->made.name[0])
			save_map(out, fake_maps[i]);
		map_clear(fake_maps[i]);
		free(fake_maps[i]->items);
		free(fake_maps[i]);
	}
	if (out)
		fclose(out);
}
