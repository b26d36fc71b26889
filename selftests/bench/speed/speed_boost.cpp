// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_boost.cpp - boost's unordered_flat_map: how fast a table can be that knows
 * of one thread, no version and no growth while others read.
 */
#include <boost/unordered/unordered_flat_map.hpp>

#include "speed.h"

namespace {


using table = boost::unordered_flat_map<speed_u64, speed_u64>;

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

void insert(void *p, const speed_u64 *keys, size_t nr)
{
	auto &t = *static_cast<table *>(p);

	for (size_t i = 0; i < nr; i++)
		speed_expect(t.emplace(keys[i], ~keys[i]).second);
}

speed_u64 hit(void *p, const speed_u64 *keys, size_t nr)
{
	auto &t = *static_cast<table *>(p);
	speed_u64 sum = 0;

	for (size_t i = 0; i < nr; i++) {
		auto it = t.find(keys[i]);

		speed_expect(it != t.end());
		sum += it->second;
	}
	return sum;
}

void miss(void *p, const speed_u64 *keys, size_t nr)
{
	auto &t = *static_cast<table *>(p);

	for (size_t i = 0; i < nr; i++)
		speed_expect(t.find(keys[i]) == t.end());
}

void remove_keys(void *p, const speed_u64 *keys, size_t nr)
{
	auto &t = *static_cast<table *>(p);

	for (size_t i = 0; i < nr; i++)
		speed_expect(t.erase(keys[i]) == 1);
}

}

extern "C" const struct speed_peer speed_boost = {
	"boost flat map", create, destroy, insert, hit, miss, nullptr,
	nullptr, remove_keys,
};
