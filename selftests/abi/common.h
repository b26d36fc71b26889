/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every program here needs: the commands of the ABI as functions that
 * answer like the kernel (a result, or a negative errno), a digest of all that
 * a map holds, and a few oddly placed pages.
 *
 * Nothing here uses libgomap: what is tested is the ABI that it is built on.
 */
#ifndef GOMAP_SELFTEST_COMMON_H
#define GOMAP_SELFTEST_COMMON_H

#include <linux/gomap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define GM_DEVICE	"/dev/gomap"

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))

/* An address as it travels in the structures. */
static inline __u64 gm_addr(const void *p)
{
	return (uintptr_t)p;
}

/* What a map is made for. */
struct gm_shape {
	__u32 key_size;
	__u32 value_size;
	__u32 flags;
	__u64 hint;
};

#define GM_U64_MAP	((struct gm_shape){ 8, 8, 0, 0 })

/* Open the control device, or skip the test where there is none. */
#define GM_NEED_CONTROL(fd) do {					\
	(fd) = gm_control();						\
	if ((fd) == -ENOENT || (fd) == -ENODEV || (fd) == -ENXIO ||	\
	    (fd) == -EACCES)						\
		SKIP(return, GM_DEVICE " cannot be opened: %s",		\
		     strerror(-(fd)));					\
	ASSERT_LE(0, (fd));						\
} while (0)

int gm_ioctl(int fd, unsigned int command, void *argument);
int gm_control(void);
int gm_create(int control, struct gm_shape shape);
int gm_create_named(int control, struct gm_shape shape, const char *name,
		    __u32 mode);
int gm_open(int control, const char *name, __u32 flags);
int gm_clear(int map);
int gm_destroy(int map);
int gm_compact(int map);
int gm_rekey(int map);

/* A name that no other run of the tests uses at the same time. */
const char *gm_unique_name(const char *stem);

struct gomap_ioc_op gm_op(const void *key, __u32 key_len, const void *value,
			  __u32 value_len);
int gm_insert(int map, const void *key, __u32 key_len, const void *value,
	      __u32 value_len);
int gm_replace(int map, const void *key, __u32 key_len, const void *value,
	       __u32 value_len);
/* 1 the key was there, 0 it is new, or -errno */
int gm_store(int map, const void *key, __u32 key_len, const void *value,
	     __u32 value_len);
/* 1 the key was there, 0 it was not, or -errno */
int gm_delete(int map, const void *key, __u32 key_len);
/* bytes of the value, or -errno */
int gm_lookup(int map, const void *key, __u32 key_len, void *value,
	      __u32 value_cap);

/* The same for maps of shape GM_U64_MAP. */
int gm_put(int map, __u64 key, __u64 value);
int gm_get(int map, __u64 key, __u64 *value);
int gm_del(int map, __u64 key);
/* Store first .. first + count - 1, each with itself as value. */
int gm_fill(int map, __u64 first, __u64 count);
/* How many of these keys do not have themselves as value. */
__u64 gm_count_wrong(int map, __u64 first, __u64 count);

int gm_info(int map, __u32 flags, struct gomap_ioc_info *info);
/* Entries, or -errno. */
long long gm_len(int map);
/* 0, the number of the invariant that is broken, or -errno */
int gm_check(int map);
/* Wait for the background to finish a resize; false: it does not. */
bool gm_wait_until_grown(int map);
/* B that Go has after @entries distinct inserts into an empty map. */
__u32 gm_b_for(__u64 entries);

struct gomap_batch_op gm_batch_op(__u32 opcode, const void *key, __u32 key_len,
				  void *value, __u32 value_len);
/* The reply goes to @batch, which is filled in here. */
int gm_batch(int map, struct gomap_batch_op *ops, __u32 count,
	     struct gomap_ioc_batch *batch);

/* The next call of an iteration; @iter->cursor says from where. */
int gm_iter(int map, struct gomap_ioc_iter *iter, __u32 flags, void *buf,
	    __u32 buf_len, __u32 max);

/* All that a map holds, in a few words: equal digests, equal contents. */
struct gm_digest {
	__u64 len;
	__u64 entries;
	__u64 sum;
	__u32 b;
	__u32 seed_generation;
};

int gm_digest(int map, struct gm_digest *digest);
bool gm_same(const struct gm_digest *a, const struct gm_digest *b);

/* A hash for digests and for values that prove themselves. */
__u64 gm_mix(__u64 x);
__u64 gm_mix_bytes(const void *bytes, size_t len);
/* The next number of a sequence that @state alone decides. */
__u64 gm_random(__u64 *state);

/* Descriptors that this process has open. */
int gm_open_fds(void);
/* Bytes of memory with nothing mapped behind them; NULL where none is left. */
void *gm_before_hole(size_t len);
/* A page that may be read, not written, with a copy of @len bytes. */
void *gm_read_only(const void *bytes, size_t len);
/* An address of the kernel, and one where nothing is mapped. */
__u64 gm_kernel_addr(void);
__u64 gm_unmapped_addr(void);

/* End a child that would not end by itself. */
void gm_kill(pid_t child);
/* Wait for a child; its exit code, or -1 when a signal ended it. */
int gm_wait(pid_t child);
/* Seconds of the monotonic clock. */
double gm_now(void);

#endif /* GOMAP_SELFTEST_COMMON_H */
