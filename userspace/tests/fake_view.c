// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* A view made by hand; see fake_view.h. */
#include <stdlib.h>
#include <string.h>

#include "fake_view.h"

#define SLOTS		8
#define HEADER		16	/* version, overflow, eight tophashes */
#define INLINE_MAX	128
#define DIRECTORY_MAX	4096

/* -- fields --------------------------------------------------------------- */

static uint32_t round_up(uint32_t n, uint32_t to)
{
	return (n + to - 1) / to * to;
}

static void field_init(struct fake_field *f, uint32_t max, bool variable,
		       bool stable)
{
	f->max = max;
	f->variable = variable;
	f->stable = stable;
	f->by_handle = max > INLINE_MAX || stable;
	f->size = f->by_handle ? 4 : variable ? round_up(2 + max, 2) : max;
}

static uint32_t alignment(const struct fake_field *f)
{
	uint32_t a = 8;

	if (!f->by_handle && f->variable)
		return 2;
	while (f->size % a)
		a /= 2;
	return f->size ? a : 1;
}

/* Would keys beside values need no padding anywhere? */
static bool pairs_fit(const struct fake_field *k, const struct fake_field *v)
{
	uint32_t at = HEADER, i;

	for (i = 0; i < SLOTS; i++) {
		if (at % alignment(k) || (at + k->size) % alignment(v))
			return false;
		at += k->size + v->size;
	}
	return true;
}

static void lay_out(struct fake_view *v)
{
	struct fake_field *key = &v->key, *value = &v->value;
	uint32_t slot = key->size + value->size;

	key->offset = HEADER;
	if (pairs_fit(key, value)) {
		key->stride = value->stride = slot;
		value->offset = HEADER + key->size;
	} else {
		key->stride = key->size;
		value->stride = value->size;
		value->offset = round_up(HEADER + SLOTS * key->size,
					 alignment(value));
	}
	v->bucket_size = round_up(HEADER + SLOTS * slot, 8);
}

/* -- memory --------------------------------------------------------------- */

void *fake_view_unit(struct fake_view *v, uint32_t unit)
{
	if (unit >= v->units)
		abort();
	return v->base + (size_t)unit * GOMAP_VIEW_UNIT;
}

static uint32_t take(struct fake_view *v, uint64_t bytes)
{
	uint32_t unit = v->next_unit;

	v->next_unit += (uint32_t)((bytes + GOMAP_VIEW_UNIT - 1) /
				   GOMAP_VIEW_UNIT);
	if (v->next_unit > v->units)
		abort();
	return unit;
}

/* An object in a chunk of its own, the last of eight places if it is small. */
static void *object_new(struct fake_view *v, uint32_t bytes, uint32_t *handle)
{
	uint64_t size = round_up(bytes < 16 ? 16 : bytes, 8), nr = 8, entry;
	uint32_t n = v->nr_entries, place;
	uint32_t unit;

	if (n == DIRECTORY_MAX)
		abort();
	if (size > 1024)
		nr = 1;
	place = (uint32_t)(nr - 1);
	unit = take(v, size * nr);
	entry = unit | (size / 8) << 32 | nr << 46;
	v->directory[n] = entry;
	v->nr_entries = n + 1;
	*v->root = (uint32_t)*v->root | (uint64_t)v->nr_entries << 32;
	*handle = (n + 1) << 12 | place;
	return (unsigned char *)fake_view_unit(v, unit) + place * size;
}

/* -- the first page ------------------------------------------------------- */

void fake_view_make(struct fake_view *v, void *base, size_t bytes,
		    uint32_t key_size, uint32_t value_size, uint32_t flags)
{
	struct gomap_view_super *super = base;
	uint32_t root, directory;

	memset(v, 0, sizeof(*v));
	v->base = base;
	v->super = super;
	v->units = (uint32_t)(bytes / GOMAP_VIEW_UNIT);
	v->next_unit = 1;
	field_init(&v->key, key_size, flags & GOMAP_MAP_VAR_KEY, false);
	field_init(&v->value, value_size, flags & GOMAP_MAP_VAR_VALUE,
		   flags & GOMAP_MAP_STABLE);
	lay_out(v);

	root = take(v, GOMAP_VIEW_UNIT);
	directory = take(v, DIRECTORY_MAX * sizeof(uint64_t));
	v->root = fake_view_unit(v, root);
	v->directory = fake_view_unit(v, directory);
	*v->root = directory;
	v->array.shown = &super->array;
	v->old.shown = &super->old;

	super->magic = GOMAP_VIEW_MAGIC;
	super->abi = GOMAP_VIEW_ABI;
	super->size = sizeof(*super);
	super->window = bytes;
	super->map_flags = flags | GOMAP_MAP_VIEW;
	super->key_size = key_size;
	super->value_size = value_size;
	super->bucket_size = v->bucket_size;
	super->key_offset = v->key.offset;
	super->key_stride = v->key.stride;
	super->value_offset = v->value.offset;
	super->value_stride = v->value.stride;
	super->root = root;
	super->generation = 7;
	super->seed_generation = 1;
	super->hash = fake_view_seed(flags, 0).function;
	super->sequence = 2;
}

struct gomap_seed fake_view_seed(uint32_t flags, uint64_t number)
{
	enum gomap_hash_function f = GOMAP_HASH_SIP;

	if (flags & GOMAP_MAP_TRUSTED_KEYS)
		f = GOMAP_HASH_FOLD;
	else if (flags & GOMAP_MAP_VAR_KEY)
		f = GOMAP_HASH_SIP_VAR;
	return gomap_seed_make(0x0123456789abcdefULL + number,
			       0xfedcba9876543210ULL, f);
}

void fake_view_array(struct fake_view *v, struct fake_array *array,
		     uint32_t bits, uint32_t span_shift,
		     const struct gomap_seed *seed)
{
	uint32_t nr = 1U << (bits - span_shift), table, i;
	uint32_t *spans;

	array->bits = bits;
	array->seed = *seed;
	table = take(v, nr * sizeof(uint32_t));
	spans = fake_view_unit(v, table);
	for (i = 0; i < nr; i++)
		spans[i] = take(v, (uint64_t)v->bucket_size << span_shift);
	array->shown->spans = table;
	array->shown->mask = (uint32_t)((1ULL << bits) - 1);
	array->shown->span_shift = span_shift;
	memcpy(array->shown->seed, seed->state, sizeof(array->shown->seed));
}

/* -- entries -------------------------------------------------------------- */

uint32_t *fake_view_span(struct fake_view *v, struct fake_array *array,
			 uint32_t i)
{
	uint32_t *spans = fake_view_unit(v, array->shown->spans);

	return &spans[i >> array->shown->span_shift];
}

unsigned char *fake_view_bucket(struct fake_view *v, struct fake_array *array,
				uint32_t i)
{
	uint32_t in_span = i % (1U << array->shown->span_shift);
	unsigned char *span = fake_view_unit(v, *fake_view_span(v, array, i));

	return span + (size_t)in_span * v->bucket_size;
}

/* The tophash of a slot is a byte of a word: the lowest is that of slot 0. */
static unsigned char *top_of(unsigned char *bucket, uint32_t slot)
{
	const uint16_t one = 1;
	bool little = *(const unsigned char *)&one;

	return bucket + 8 + (little ? slot : 7 - slot);
}

static void put32(void *at, uint32_t n)
{
	memcpy(at, &n, sizeof(n));
}

static uint32_t get32(const void *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof(n));
	return n;
}

/* The object that a handle names, as the directory has it. */
static unsigned char *object_of(struct fake_view *v, uint32_t handle)
{
	uint64_t entry = v->directory[(handle >> 12) - 1];
	uint64_t size = (entry >> 32 & 0x3fff) * 8;

	return (unsigned char *)fake_view_unit(v, (uint32_t)entry) +
	       (handle & 0xfff) * size;
}

static void put_field(struct fake_view *v, const struct fake_field *f,
		      unsigned char *bucket, uint32_t slot, const void *bytes,
		      uint32_t len)
{
	unsigned char *at = bucket + f->offset + slot * f->stride, *object;
	uint32_t prefix = !f->variable ? 0 : f->stable ? 8 : 4, handle;
	uint16_t len16 = (uint16_t)len;

	if (f->by_handle) {
		object = object_new(v, prefix + len, &handle);
		if (prefix)
			put32(object, len);
		if (len)
			memcpy(object + prefix, bytes, len);
		put32(at, handle);
		return;
	}
	if (f->variable) {
		memcpy(at, &len16, sizeof(len16));
		at += sizeof(len16);
	}
	if (len)
		memcpy(at, bytes, len);
}

void fake_view_put(struct fake_view *v, struct fake_array *array,
		   const void *key, uint32_t key_len, const void *value,
		   uint32_t value_len)
{
	uint64_t hash = gomap_hash(&array->seed, key, key_len);
	unsigned char *b, top = (unsigned char)(hash >> 56);
	uint32_t slot, handle;

	b = fake_view_bucket(v, array, (uint32_t)(hash % (1ULL << array->bits)));
	for (slot = 0; *top_of(b, slot) > 1;) {
		if (++slot < SLOTS)
			continue;
		if (!get32(b + 4)) {
			object_new(v, v->bucket_size, &handle);
			put32(b + 4, handle);
		}
		b = object_of(v, get32(b + 4));
		slot = 0;
	}
	*top_of(b, slot) = top < 5 ? top + 5 : top;
	put_field(v, &v->key, b, slot, key, key_len);
	put_field(v, &v->value, b, slot, value, value_len);
}

void fake_view_mark(struct fake_view *v, uint32_t i)
{
	unsigned char *b = fake_view_bucket(v, &v->old, i);
	uint32_t version = get32(b);

	memset(b, 0, v->bucket_size);
	memset(b + 8, 2, SLOTS);
	put32(b, version + 2);
}

uint64_t fake_view_position(const struct gomap_seed *seed, const void *key,
			    uint32_t len)
{
	uint64_t hash = gomap_hash(seed, key, len), position = 0;
	int i;

	for (i = 0; i < 64; i++)
		position |= (hash >> i & 1) << (63 - i);
	return position;
}
