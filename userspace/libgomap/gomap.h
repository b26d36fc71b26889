/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libgomap: the maps behind /dev/gomap, for C and C++ programs.
 *
 * A thin library: one function for each command of <linux/gomap.h>, whose
 * structures are used as they are.  See libgomap(3).
 *
 *	struct gomap *m;
 *	uint32_t port = 443, hits = 1;
 *	int ret = gomap_create(&m, sizeof(port), sizeof(hits), NULL);
 *
 *	if (ret < 0)
 *		return ret;
 *	gomap_store(m, &port, sizeof(port), &hits, sizeof(hits));
 *	gomap_lookup(m, &port, sizeof(port), &hits, sizeof(hits));
 *	gomap_close(m);
 *
 * - What can fail returns a negative errno; errno itself means nothing.
 * - Nothing is printed, no signal is touched, the process is never ended.
 * - A NULL map is Go's nil map: it reads as empty, storing into it is -EINVAL.
 * - A map may be used by many threads at once.  A batch or an iterator belongs
 *   to one thread at a time.
 * - After fork() both sides share the map.  It does not survive exec().
 */
#ifndef LIBGOMAP_H
#define LIBGOMAP_H

#include <stddef.h>
#include <stdint.h>

#include <linux/gomap.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GOMAP_DEVICE "/dev/gomap"

/**
 * GOMAP_OPTS() - Define an option structure that knows its size.
 *
 *	GOMAP_OPTS(gomap_create_opts, opts, .hint = 100000);
 *
 * Whatever is not named is zero.  The size lets a program work with a library
 * that knows more options than the program's header did, and with one that
 * knows fewer: -E2BIG then, if an option was set that it cannot honour.
 */
#define GOMAP_OPTS(type, var, ...) \
	struct type var = { .sz = sizeof(struct type), ##__VA_ARGS__ }

struct gomap;
struct gomap_batch;
struct gomap_iter;

/* -- maps: gomap_create(3) ---------------------------------------------- */

/**
 * struct gomap_create_opts - What gomap_create() may be told beyond sizes.
 * @sz: Set by GOMAP_OPTS().
 * @name: Name under which others can open the map; NULL: none.
 * @schema: Words about the types of keys and values, kept with the map.
 * @hint: Entries to make room for at once.
 * @flags: GOMAP_MAP_* bits.
 * @mode: Permission bits of a named map; 0 stands for 0600.
 * @max_entries: Most entries; 0: no limit.
 * @max_bytes: Most bytes of memory; 0: no limit.
 */
struct gomap_create_opts {
	size_t sz;
	const char *name;
	const char *schema;
	uint64_t hint;
	uint32_t flags;
	uint32_t mode;
	uint64_t max_entries;
	uint64_t max_bytes;
};

int gomap_create(struct gomap **map, uint32_t key_size, uint32_t value_size,
		 const struct gomap_create_opts *opts);
int gomap_open(struct gomap **map, const char *name, uint32_t flags);
int gomap_from_fd(struct gomap **map, int fd);
int gomap_fd(const struct gomap *map);
void gomap_close(struct gomap *map);

int gomap_destroy(struct gomap *map);
int gomap_unlink(const char *name);

typedef int (*gomap_list_fn)(const struct gomap_ioc_list *map, void *arg);

int gomap_list(gomap_list_fn each, void *arg);
int gomap_version(struct gomap_ioc_version *version);

/* -- figures: gomap_info(3) --------------------------------------------- */

int gomap_info(struct gomap *map, uint32_t flags, struct gomap_ioc_info *info);
int64_t gomap_len(struct gomap *map);
int64_t gomap_count(struct gomap *map);

/* -- limits and memory: gomap_set_limits(3), gomap_memory(3) ------------- */

int gomap_set_limits(struct gomap *map, uint64_t max_entries,
		     uint64_t max_bytes);

enum gomap_reason gomap_reason(void);

typedef int (*gomap_memory_fn)(const struct gomap_ioc_memory *objects,
			       void *arg);

int gomap_memory(struct gomap *map, gomap_memory_fn each, void *arg);

/* -- where the entries lie: gomap_compact(3) ----------------------------- */

int gomap_compact(struct gomap *map);
int gomap_rekey(struct gomap *map);

/* -- one entry: gomap_lookup(3) ----------------------------------------- */

int gomap_lookup(struct gomap *map, const void *key, size_t key_len,
		 void *value, size_t value_cap);
int gomap_contains(struct gomap *map, const void *key, size_t key_len);
int gomap_insert(struct gomap *map, const void *key, size_t key_len,
		 const void *value, size_t value_len);
int gomap_replace(struct gomap *map, const void *key, size_t key_len,
		  const void *value, size_t value_len);
int gomap_store(struct gomap *map, const void *key, size_t key_len,
		const void *value, size_t value_len);
int gomap_delete(struct gomap *map, const void *key, size_t key_len);
int gomap_clear(struct gomap *map);

/* -- many operations in one call: gomap_batch(3) ------------------------ */

int gomap_submit(struct gomap *map, struct gomap_batch_op *ops, uint32_t count,
		 uint32_t *done, uint32_t *failed);

int gomap_batch_new(struct gomap_batch **batch);
int gomap_batch_add(struct gomap_batch *batch, enum gomap_batch_opcode op,
		    const void *key, size_t key_len,
		    const void *value, size_t value_len);
int gomap_batch_run(struct gomap_batch *batch, struct gomap *map,
		    uint32_t *done, uint32_t *failed);
uint32_t gomap_batch_count(const struct gomap_batch *batch);
size_t gomap_batch_bytes(const struct gomap_batch *batch);
const struct gomap_batch_op *gomap_batch_at(const struct gomap_batch *batch,
					    uint32_t index);
const void *gomap_batch_key(const struct gomap_batch *batch, uint32_t index);
const void *gomap_batch_value(const struct gomap_batch *batch, uint32_t index);
void gomap_batch_reset(struct gomap_batch *batch);
void gomap_batch_free(struct gomap_batch *batch);

/* -- every entry: gomap_iter(3) ----------------------------------------- */

/**
 * struct gomap_iter_opts - What gomap_iter_begin() may be told.
 * @sz: Set by GOMAP_OPTS().
 * @cursor: Where to go on, as gomap_iter_save() left it; NULL: at a beginning.
 * @buf_len: Bytes to fetch at a time; 0 stands for 256 KiB.
 * @max: Most entries to fetch at a time; 0: as many as fit.
 * @flags: GOMAP_ITER_* bits; 0 stands for keys and values.
 */
struct gomap_iter_opts {
	size_t sz;
	const struct gomap_cursor *cursor;
	uint32_t buf_len;
	uint32_t max;
	uint32_t flags;
	uint32_t reserved;
};

/* One entry; valid until the next call with the same iterator. */
struct gomap_entry {
	const void *key;
	const void *value;
	uint32_t key_len;
	uint32_t value_len;
};

int gomap_iter_begin(struct gomap_iter **iter, struct gomap *map,
		     const struct gomap_iter_opts *opts);
int gomap_iter_next(struct gomap_iter *iter, struct gomap_entry *entry);
int gomap_iter_save(const struct gomap_iter *iter, struct gomap_cursor *cursor);
void gomap_iter_end(struct gomap_iter *iter);

#ifdef __cplusplus
}
#endif

#endif /* LIBGOMAP_H */
