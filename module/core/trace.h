/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - the tracepoints of the core: what changes the shape of a map.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gomap

#if !defined(GOMAP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define GOMAP_TRACE_H

#include <linux/tracepoint.h>

/* Values of enum gomap_resize, for people. */
#define show_resize(kind)				\
	__print_symbolic(kind,				\
		{ GOMAP_RESIZING_DOUBLE, "double" },	\
		{ GOMAP_RESIZING_SAME_SIZE, "same_size" },	\
		{ GOMAP_RESIZING_SHRINK, "shrink" },	\
		{ GOMAP_RESIZING_REKEY, "rekey" })

/* A resize has started: the table with two arrays is the current one. */
TRACE_EVENT(gomap_resize_begin,

	TP_PROTO(const void *map, int kind, u32 old_B, u32 B, u64 len),

	TP_ARGS(map, kind, old_B, B, len),

	TP_STRUCT__entry(
		__field(const void *, map)
		__field(int, kind)
		__field(u32, old_B)
		__field(u32, B)
		__field(u64, len)
	),

	TP_fast_assign(
		__entry->map = map;
		__entry->kind = kind;
		__entry->old_B = old_B;
		__entry->B = B;
		__entry->len = len;
	),

	TP_printk("map=%p kind=%s old_B=%u B=%u len=%llu", __entry->map,
		  show_resize(__entry->kind), __entry->old_B, __entry->B,
		  __entry->len)
);

/* A resize has ended: the old array is retired. */
TRACE_EVENT(gomap_resize_end,

	TP_PROTO(const void *map, int kind, u32 B, u64 len),

	TP_ARGS(map, kind, B, len),

	TP_STRUCT__entry(
		__field(const void *, map)
		__field(int, kind)
		__field(u32, B)
		__field(u64, len)
	),

	TP_fast_assign(
		__entry->map = map;
		__entry->kind = kind;
		__entry->B = B;
		__entry->len = len;
	),

	TP_printk("map=%p kind=%s B=%u len=%llu", __entry->map,
		  show_resize(__entry->kind), __entry->B, __entry->len)
);

/* A chain is too long to be chance; a rekey follows. */
TRACE_EVENT(gomap_attack,

	TP_PROTO(const void *map, u32 buckets, u64 len),

	TP_ARGS(map, buckets, len),

	TP_STRUCT__entry(
		__field(const void *, map)
		__field(u32, buckets)
		__field(u64, len)
	),

	TP_fast_assign(
		__entry->map = map;
		__entry->buckets = buckets;
		__entry->len = len;
	),

	TP_printk("map=%p buckets=%u len=%llu", __entry->map,
		  __entry->buckets, __entry->len)
);

#endif /* GOMAP_TRACE_H */

/* Relative to include/, which is in the search path. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../module/core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
