/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * speed_flat_map.h - a C++ map as a peer; flat_map<KEY, VALUE> is that of the file
 * that includes this, and so is NAME.
 */
#ifndef SPEED_FLAT_MAP_H
#define SPEED_FLAT_MAP_H

#include <array>
#include <type_traits>

#include "speed.h"

namespace {

/* A number where that is enough, so that the map may use what it knows of numbers. */
using map_key = std::conditional_t<SPEED_KEY == 8, speed_u64,
				   std::array<speed_u64, SPEED_KEY / 8>>;
/*
 * Of this file alone: the linker takes templates of types with one name for one, and
 * a value has another size in each shape.
 */
struct map_value : speed_value {
};

using table = flat_map<map_key, map_value>;

map_key map_key_of(speed_u64 name)
{
	speed_key key = speed_key_of(name);
	map_key words;

	memcpy(&words, &key, sizeof(words));
	return words;
}

void *create(size_t entries)
{
	auto *t = new table;

	if (entries)
		t->reserve(entries);
	return t;
}

void destroy(void *t)
{
	delete static_cast<table *>(t);
}

void insert_one(void *t, speed_u64 name)
{
	map_value value;

	speed_set(&value, name);
	speed_expect(static_cast<table *>(t)->emplace(map_key_of(name),
						      value).second);
}

bool find_one(void *t, speed_u64 name, speed_value *value)
{
	auto it = static_cast<table *>(t)->find(map_key_of(name));

	if (it == static_cast<table *>(t)->end())
		return false;
	*value = it->second;
	return true;
}

bool remove_one(void *t, speed_u64 name)
{
	return static_cast<table *>(t)->erase(map_key_of(name)) == 1;
}

speed_u64 iterate(void *t, const speed_u64 *, size_t)
{
	speed_u64 sum = 0;

	for (const auto &entry : *static_cast<table *>(t))
		sum += speed_sum(&entry.second);
	return sum;
}

#include "speed_loops.h"

struct speed_peer flat_map_peer(const char *name)
{
	struct speed_peer peer = { SPEED_LOOPS };

	peer.name = name;
	peer.create = create;
	peer.destroy = destroy;
	peer.iterate = iterate;
	return peer;
}

}

#endif /* SPEED_FLAT_MAP_H */
