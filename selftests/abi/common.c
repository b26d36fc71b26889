// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ABI as functions, see common.h.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common.h"

int gm_ioctl(int fd, unsigned int command, void *argument)
{
	return ioctl(fd, command, argument) < 0 ? -errno : 0;
}

int gm_control(void)
{
	int fd = open(GM_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int gm_create(int control, struct gm_shape shape)
{
	return gm_create_named(control, shape, "", 0);
}

int gm_create_named(int control, struct gm_shape shape, const char *name,
		    __u32 mode)
{
	struct gomap_ioc_create create = {
		.size = sizeof(create),
		.flags = shape.flags,
		.key_size = shape.key_size,
		.value_size = shape.value_size,
		.hint = shape.hint,
		.mode = mode,
	};
	int err;

	memcpy(create.name, name, strnlen(name, sizeof(create.name)));
	err = gm_ioctl(control, GOMAP_IOC_CREATE, &create);
	return err ? err : create.fd;
}

int gm_open(int control, const char *name, __u32 flags)
{
	struct gomap_ioc_open open = { .size = sizeof(open), .flags = flags };
	int err;

	memcpy(open.name, name, strnlen(name, sizeof(open.name)));
	err = gm_ioctl(control, GOMAP_IOC_OPEN, &open);
	return err ? err : open.fd;
}

static int gm_plain(int map, unsigned int command)
{
	struct gomap_ioc_plain plain = { .size = sizeof(plain) };

	return gm_ioctl(map, command, &plain);
}

int gm_clear(int map)
{
	return gm_plain(map, GOMAP_IOC_CLEAR);
}

int gm_destroy(int map)
{
	return gm_plain(map, GOMAP_IOC_DESTROY);
}

int gm_compact(int map)
{
	return gm_plain(map, GOMAP_IOC_COMPACT);
}

int gm_rekey(int map)
{
	return gm_plain(map, GOMAP_IOC_REKEY);
}

const char *gm_unique_name(const char *stem)
{
	static char name[GOMAP_NAME_LEN];

	snprintf(name, sizeof(name), "%s.%d", stem, (int)getpid());
	return name;
}

struct gomap_ioc_op gm_op(const void *key, __u32 key_len, const void *value,
			  __u32 value_len)
{
	return (struct gomap_ioc_op){
		.size = sizeof(struct gomap_ioc_op),
		.key = gm_addr(key),
		.value = gm_addr(value),
		.key_len = key_len,
		.value_len = value_len,
	};
}

int gm_insert(int map, const void *key, __u32 key_len, const void *value,
	      __u32 value_len)
{
	struct gomap_ioc_op op = gm_op(key, key_len, value, value_len);

	return gm_ioctl(map, GOMAP_IOC_INSERT, &op);
}

int gm_replace(int map, const void *key, __u32 key_len, const void *value,
	       __u32 value_len)
{
	struct gomap_ioc_op op = gm_op(key, key_len, value, value_len);

	return gm_ioctl(map, GOMAP_IOC_REPLACE, &op);
}

int gm_store(int map, const void *key, __u32 key_len, const void *value,
	     __u32 value_len)
{
	struct gomap_ioc_op op = gm_op(key, key_len, value, value_len);
	int err = gm_ioctl(map, GOMAP_IOC_STORE, &op);

	return err ? err : (int)op.existed;
}

int gm_delete(int map, const void *key, __u32 key_len)
{
	struct gomap_ioc_op op = gm_op(key, key_len, NULL, 0);
	int err = gm_ioctl(map, GOMAP_IOC_DELETE, &op);

	return err ? err : (int)op.existed;
}

int gm_lookup(int map, const void *key, __u32 key_len, void *value,
	      __u32 value_cap)
{
	struct gomap_ioc_op op = gm_op(key, key_len, value, value_cap);
	int err = gm_ioctl(map, GOMAP_IOC_LOOKUP, &op);

	return err ? err : (int)op.value_len;
}

int gm_put(int map, __u64 key, __u64 value)
{
	return gm_store(map, &key, sizeof(key), &value, sizeof(value));
}

int gm_get(int map, __u64 key, __u64 *value)
{
	return gm_lookup(map, &key, sizeof(key), value, sizeof(*value));
}

int gm_del(int map, __u64 key)
{
	return gm_delete(map, &key, sizeof(key));
}

int gm_fill(int map, __u64 first, __u64 count)
{
	for (__u64 i = 0; i < count; i++) {
		int ret = gm_put(map, first + i, first + i);

		if (ret < 0)
			return ret;
	}
	return 0;
}

__u64 gm_count_wrong(int map, __u64 first, __u64 count)
{
	__u64 wrong = 0, value;

	for (__u64 i = 0; i < count; i++) {
		value = ~(first + i);
		if (gm_get(map, first + i, &value) != (int)sizeof(value) ||
		    value != first + i)
			wrong++;
	}
	return wrong;
}

int gm_info(int map, __u32 flags, struct gomap_ioc_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->flags = flags;
	return gm_ioctl(map, GOMAP_IOC_INFO, info);
}

long long gm_len(int map)
{
	struct gomap_ioc_info info;
	int err = gm_info(map, 0, &info);

	return err ? err : (long long)info.len;
}

int gm_check(int map)
{
	struct gomap_ioc_info info;
	int err = gm_info(map, GOMAP_INFO_CHECK, &info);

	return err ? err : (int)info.check;
}

bool gm_wait_until_grown(int map)
{
	double end = gm_now() + 5;
	struct gomap_ioc_info info;

	do {
		if (gm_info(map, 0, &info))
			return false;
		if (!info.growing)
			return true;
		usleep(10000);
	} while (gm_now() < end);
	return false;
}

__u32 gm_b_for(__u64 entries)
{
	__u32 b = 0;

	while (entries > 8 && entries > 13 * ((1ULL << b) / 2))
		b++;
	return b;
}

struct gomap_batch_op gm_batch_op(__u32 opcode, const void *key, __u32 key_len,
				  void *value, __u32 value_len)
{
	return (struct gomap_batch_op){
		.op = opcode,
		.key = gm_addr(key),
		.value = gm_addr(value),
		.key_len = key_len,
		.value_len = value_len,
		.status = 1,	/* no status there is: the kernel must say */
	};
}

int gm_batch(int map, struct gomap_batch_op *ops, __u32 count,
	     struct gomap_ioc_batch *batch)
{
	*batch = (struct gomap_ioc_batch){
		.size = sizeof(*batch),
		.ops = gm_addr(ops),
		.count = count,
	};
	return gm_ioctl(map, GOMAP_IOC_BATCH, batch);
}

int gm_iter(int map, struct gomap_ioc_iter *iter, __u32 flags, void *buf,
	    __u32 buf_len, __u32 max)
{
	struct gomap_cursor cursor = iter->cursor;

	*iter = (struct gomap_ioc_iter){
		.size = sizeof(*iter),
		.flags = flags,
		.cursor = cursor,
		.buf = gm_addr(buf),
		.buf_len = buf_len,
		.max = max,
	};
	return gm_ioctl(map, GOMAP_IOC_ITER, iter);
}

/* The bytes of one field of an entry; moves @at behind it. */
static __u64 gm_digest_field(const unsigned char **at, __u32 size, bool var)
{
	const unsigned char *bytes;

	if (var) {
		memcpy(&size, *at, sizeof(size));
		*at += sizeof(size);
	}
	bytes = *at;
	*at += size;
	return gm_mix_bytes(bytes, size);
}

static void gm_digest_entries(struct gm_digest *digest,
			      const struct gomap_ioc_info *info,
			      const unsigned char *at, __u64 count)
{
	__u64 key, value;

	while (count--) {
		key = gm_digest_field(&at, info->key_size,
				      info->map_flags & GOMAP_MAP_VAR_KEY);
		value = gm_digest_field(&at, info->value_size,
					info->map_flags & GOMAP_MAP_VAR_VALUE);
		digest->sum += gm_mix(key ^ gm_mix(value));
		digest->entries++;
	}
}

int gm_digest(int map, struct gm_digest *digest)
{
	static unsigned char buf[2 * (GOMAP_MAX_KEY_SIZE + GOMAP_MAX_VALUE_SIZE)];
	struct gomap_ioc_iter iter = { 0 };
	struct gomap_ioc_info info;
	int err = gm_info(map, 0, &info);

	if (err)
		return err;
	*digest = (struct gm_digest){
		.len = info.len,
		.b = info.b,
		.seed_generation = info.seed_generation,
	};
	do {
		err = gm_iter(map, &iter, GOMAP_ITER_FLAGS, buf, sizeof(buf), 0);
		if (err)
			return err;
		gm_digest_entries(digest, &info, buf, iter.count);
	} while (!iter.done);
	return 0;
}

bool gm_same(const struct gm_digest *a, const struct gm_digest *b)
{
	return a->len == b->len && a->entries == b->entries &&
	       a->sum == b->sum && a->b == b->b &&
	       a->seed_generation == b->seed_generation;
}

__u64 gm_mix(__u64 x)
{
	x = (x ^ x >> 32) * 0x9e6c63d0876a9a47ULL;
	x = (x ^ x >> 29) * 0xd1342543de82ef95ULL;
	return x ^ x >> 32;
}

__u64 gm_mix_bytes(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	__u64 sum = len;

	while (len--)
		sum = gm_mix(sum + *at++);
	return sum;
}

__u64 gm_random(__u64 *state)
{
	*state += 0xb5ad4eceda1ce2a9ULL;
	return gm_mix(*state);
}

int gm_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int nr = 0;

	if (!dir)
		return -errno;
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static size_t gm_page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

void *gm_before_hole(size_t len)
{
	size_t page = gm_page_size();
	size_t room = (len + page - 1) / page * page;
	char *at = mmap(NULL, room + page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	munmap(at + room, page);
	return at + room - len;
}

void *gm_read_only(const void *bytes, size_t len)
{
	size_t page = gm_page_size();
	size_t room = (len + page - 1) / page * page;
	char *at = mmap(NULL, room, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	memcpy(at, bytes, len);
	mprotect(at, room, PROT_READ);
	return at;
}

__u64 gm_kernel_addr(void)
{
	return 0xffff888000001000ULL;	/* x86: all of memory is mapped there */
}

__u64 gm_unmapped_addr(void)
{
	char *at = gm_before_hole(gm_page_size());

	return gm_addr(at + gm_page_size());
}

void gm_kill(pid_t child)
{
	kill(child, SIGKILL);
	gm_wait(child);
}

int gm_wait(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

double gm_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}
