// SPDX-License-Identifier: GPL-2.0-only
/* speed_absl.cpp - abseil's flat_hash_map: the same class of table as boost's. */
#include <absl/container/flat_hash_map.h>

template <class Key, class Value>
using flat_map = absl::flat_hash_map<Key, Value>;

#include "speed_flat_map.h"

extern "C" const struct speed_peer SPEED_PEER(absl) =
	flat_map_peer("absl flat map");
