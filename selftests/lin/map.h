/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * map.h - <linux/gomap.h> as a target, for kernel code and what poses as such.
 */
#ifndef LIN_MAP_H
#define LIN_MAP_H

#include <linux/gomap.h>

#include "stage.h"

extern const struct lin_target lin_target_map;

/* An empty map, or ERR_PTR(). */
struct gomap *lin_map_create(const struct lin_shape *shape);

#endif /* LIN_MAP_H */
