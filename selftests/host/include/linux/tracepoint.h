/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of a program: calls that do nothing.
 */
#ifndef SHIM_TRACEPOINT_H
#define SHIM_TRACEPOINT_H

#define TP_PROTO(...)	__VA_ARGS__
#define TRACE_EVENT(name, proto, ...) \
	static inline void trace_##name(proto) { }

#endif /* SHIM_TRACEPOINT_H */
