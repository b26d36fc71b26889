/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libgomap: lookups without a system call, in a map that was created with
 * GOMAP_MAP_VIEW.  See gomap_view(3).
 *
 *	struct gomap_view *v;
 *	uint64_t key = 443, value;
 *	int ret = gomap_view_open(&v, map);
 *
 *	if (ret < 0)
 *		return ret;
 *	if (gomap_view_lookup(v, &key, sizeof(key), &value, sizeof(value)) > 0)
 *		...
 *	gomap_view_close(v);
 *
 * - The kernel's memory is mapped read-only, and lookups read it while others
 *   write: an answer is one that gomap_lookup() could have given meanwhile.
 * - What cannot be read there, or not at rest, is asked for by a system call; no
 *   answer is missing, and gomap_view_stats() counts how often.
 * - A lookup takes no lock and allocates nothing: any number of threads may
 *   use one view, and signal handlers, too.
 * - A NULL view is that of Go's nil map: it reads as empty.
 */
#ifndef LIBGOMAP_VIEW_H
#define LIBGOMAP_VIEW_H

#include <gomap.h>
#include <gomap/read.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gomap_view_iter;

int gomap_view_open(struct gomap_view **view, struct gomap *map);
void gomap_view_close(struct gomap_view *view);
int64_t gomap_view_len(const struct gomap_view *view);

/**
 * struct gomap_view_stats - what a view has come to, since it was opened.
 * @sz: Set by GOMAP_OPTS().
 * @mapped: Bytes of it that are mapped.
 * @window: Bytes that it can grow to.
 * @retried: Attempts at a lookup, or a step of an iteration, that somebody wrote
 *	into.
 * @asked: Those of which the answer came by a system call.
 */
struct gomap_view_stats {
	size_t sz;
	uint64_t mapped;
	uint64_t window;
	uint64_t retried;
	uint64_t asked;
};

int gomap_view_stats(const struct gomap_view *view,
		     struct gomap_view_stats *stats);

/* -- one key -------------------------------------------------------------- */

#ifdef GOMAP_VIEW_NO_INLINE
int gomap_view_lookup(struct gomap_view *view, const void *key, size_t key_len,
		      void *value, size_t value_cap);
#else	/* the same, see below */
static __always_inline int
gomap_view_lookup(struct gomap_view *view, const void *key, size_t key_len,
		  void *value, size_t value_cap);
#endif

/* The same again, and never compiled in. */
int gomap_view_lookup_any(struct gomap_view *view, const void *key,
			  size_t key_len, void *value, size_t value_cap);

/* -- many keys ------------------------------------------------------------ */

/**
 * struct gomap_view_query - one lookup of gomap_view_lookup_many().
 * @key: The key.
 * @value: Where the value goes, or NULL.
 * @key_len: Bytes of @key.
 * @value_cap: Bytes of room at @value.
 * @result: Out: as from gomap_view_lookup().
 */
struct gomap_view_query {
	const void *key;
	void *value;
	uint32_t key_len;
	uint32_t value_cap;
	int result;
};

size_t gomap_view_lookup_many(struct gomap_view *view,
			      struct gomap_view_query *queries, size_t count);

/* -- a value where it lies ------------------------------------------------- */

/**
 * struct gomap_view_value - a value in the map's own memory.
 * @data: Its bytes.
 * @len: How many.
 * @version: For gomap_view_retry(), as the rest.
 * @sequence: When it was found.
 * @head: The chain that it is in.
 */
struct gomap_view_value {
	const void *data;
	uint32_t len;
	uint32_t version;
	uint32_t sequence;
	const void *head;
};

int gomap_view_borrow(struct gomap_view *view, const void *key, size_t key_len,
		      struct gomap_view_value *value);
int gomap_view_retry(const struct gomap_view *view,
		     const struct gomap_view_value *value);

/* -- every entry ---------------------------------------------------------- */

int gomap_view_iter_begin(struct gomap_view_iter **iter,
			  struct gomap_view *view);
int gomap_view_iter_next(struct gomap_view_iter *iter,
			 struct gomap_entry *entry);
void gomap_view_iter_end(struct gomap_view_iter *iter);

/* -- what is compiled into programs --------------------------------------- */

/*
 * A lookup of a key whose length the compiler knows to be 8, in a map of values
 * of 8 bytes: most of these need no call at all.  Other languages find a function
 * of the same name in the library.
 */
#ifndef GOMAP_VIEW_NO_INLINE
static __always_inline int
gomap_view_lookup(struct gomap_view *view, const void *key, size_t key_len,
		  void *value, size_t value_cap)
{
	if (__builtin_constant_p(key_len) && key_len == 8 &&
	    gomap_likely(view && view->shape == GOMAP_VIEW_SHAPE_8_8 &&
			 value && value_cap >= 8)) {
		const struct gomap_layout layout =
			gomap_layout_of(8, 8, false, false, false);
		int ret = gomap_view__look(view, &layout, key, value);

		if (gomap_likely(ret != -EAGAIN))
			return ret;
	}
	return gomap_view_lookup_any(view, key, key_len, value, value_cap);
}
#endif

#ifdef __cplusplus
}
#endif

#endif /* LIBGOMAP_VIEW_H */
