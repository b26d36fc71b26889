/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * no_system_calls.h - names for what libgomap asks of the kernel, where the core is
 * linked in and has functions of the same names.
 */
#define gomap_lookup		no_lookup_by_system_call
#define gomap_iter_begin	no_iter_begin_by_system_call
#define gomap_iter_next		no_iter_next_by_system_call
#define gomap_iter_save		no_iter_save_by_system_call
#define gomap_iter_end		no_iter_end_by_system_call
