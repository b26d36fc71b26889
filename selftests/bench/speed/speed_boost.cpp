// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_boost.cpp - boost's unordered_flat_map: how fast a table can be that knows
 * of one thread, no version and no growth while others read.
 */
#include <boost/unordered/unordered_flat_map.hpp>

template <class Key, class Value>
using flat_map = boost::unordered_flat_map<Key, Value>;

#include "speed_flat_map.h"

extern "C" const struct speed_peer SPEED_PEER(boost) =
	flat_map_peer("boost flat map");
