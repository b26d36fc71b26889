// SPDX-License-Identifier: GPL-2.0-only
/*
 * kspeed_calls.c - what an operation costs a program: through the device, one by
 * one and in batches, beside the system call of BPF maps, and beside calls that
 * do nothing.  Keys of 8 random bytes, values of 8 bytes; an answer that is
 * wrong ends it all.
 *
 *	kspeed_calls ENTRIES ROUNDS
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "../abi/common.h"
#include "record.h"

/* As kernels since 7.2 number it, whatever the headers of this machine know. */
#define MAP_TYPE_RHASH	35

#define BATCH		256U

/* Calls of a sample: with batches, and one by one. */
#define BATCHES		64U
#define SINGLE		2048U

#define ROUNDS_MAX	64U

/* What stays there, what is put and taken away again, and what never is. */
#define LASTING		0ULL
#define PASSING		(1ULL << 39)
#define ABSENT		(1ULL << 40)

static __u64 entries;

/* Another key for each index, and without order. */
static __u64 key_of(__u64 index)
{
	return gm_mix(index);
}

static __u64 random_index(__u64 seed)
{
	return (gm_mix(seed) >> 32) * entries >> 32;
}

/* Of a batch, for either kind of map. */
static __u64 keys[BATCH], values[BATCH];

/**
 * struct map - where the operations go to.
 * @name: For a person.
 * @type: BPF_MAP_TYPE_*; 0: it is a gomap.
 * @flags: That it is made with.
 * @fd: Its descriptor.
 * @walking: An iteration has begun, and goes on at:
 * @cursor: In a gomap.
 * @position: In a BPF map.
 */
struct map {
	const char *name;
	__u32 type;
	__u32 flags;
	int fd;
	bool walking;
	struct gomap_cursor cursor;
	__u64 position[8];
};

static struct map maps[] = {
	{ .name = "gomap" },
	{ .name = "gomap, trusted keys", .flags = GOMAP_MAP_TRUSTED_KEYS },
	{ .name = "BPF HASH", .type = BPF_MAP_TYPE_HASH },
	{ .name = "BPF RHASH", .type = MAP_TYPE_RHASH,
	  .flags = BPF_F_NO_PREALLOC },
};

static int control;

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

/* See kspeed_bpf.c: one call for some 50 insertions. */
static bool refill(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/sys/module/gomap_kspeed/parameters/refill",
			  O_WRONLY | O_CLOEXEC);
	return write(fd, "1", 1) == 1;
}

static int element(const struct map *map, enum bpf_cmd cmd, const __u64 *key,
		   const __u64 *value, __u64 flags)
{
	union bpf_attr attr = {
		.map_fd = map->fd,
		.key = gm_addr(key),
		.value = cmd == BPF_MAP_DELETE_ELEM ? 0 : gm_addr(value),
		.flags = flags,
	};
	int err = bpf(cmd, &attr);

	return err && errno == ENOMEM && refill() ? bpf(cmd, &attr) : err;
}

/*
 * The operations.  Each is given a number that differs from call to call, and
 * answers how many entries it was for; 0: something was wrong.
 */

static __u32 call_getppid(struct map *map, __u64 nr)
{
	(void)map;
	(void)nr;
	return syscall(__NR_getppid) > 0;
}

/* A command that is none: as far as a call comes before it means anything. */
static __u32 call_nothing(struct map *map, __u64 nr)
{
	(void)map;
	(void)nr;
	return ioctl(control, _IO(GOMAP_IOC_TYPE, 0xff), NULL) < 0 &&
	       errno == ENOTTY;
}

static __u32 call_lookup(struct map *map, __u64 nr)
{
	__u64 key = key_of(LASTING + random_index(nr)), value = 0;

	if (map->type ? element(map, BPF_MAP_LOOKUP_ELEM, &key, &value, 0) :
			gm_lookup(map->fd, &key, 8, &value, 8) != 8)
		return 0;
	return value == ~key;
}

static __u32 call_miss(struct map *map, __u64 nr)
{
	__u64 key = key_of(ABSENT + random_index(nr)), value = 0;

	if (!map->type)
		return gm_lookup(map->fd, &key, 8, &value, 8) == -ENOENT;
	return element(map, BPF_MAP_LOOKUP_ELEM, &key, &value, 0) &&
	       errno == ENOENT;
}

static __u32 call_store(struct map *map, __u64 nr)
{
	__u64 key = key_of(LASTING + random_index(nr)), value = ~key;

	if (!map->type)
		return gm_store(map->fd, &key, 8, &value, 8) == 1;
	return !element(map, BPF_MAP_UPDATE_ELEM, &key, &value, BPF_ANY);
}

/* SINGLE of them, which call_delete() then takes away. */
static __u32 call_insert(struct map *map, __u64 nr)
{
	__u64 key = key_of(PASSING + nr % SINGLE), value = ~key;

	if (!map->type)
		return !gm_insert(map->fd, &key, 8, &value, 8);
	return !element(map, BPF_MAP_UPDATE_ELEM, &key, &value, BPF_NOEXIST);
}

static __u32 call_delete(struct map *map, __u64 nr)
{
	__u64 key = key_of(PASSING + nr % SINGLE);

	if (!map->type)
		return gm_delete(map->fd, &key, 8) == 1;
	return !element(map, BPF_MAP_DELETE_ELEM, &key, NULL, 0);
}

static void choose_keys(__u64 nr)
{
	__u32 i;

	for (i = 0; i < BATCH; i++) {
		keys[i] = key_of(LASTING + random_index(nr * BATCH + i));
		values[i] = ~keys[i];
	}
}

static bool values_are_right(__u32 count)
{
	__u32 i, right = 0;

	for (i = 0; i < count; i++)
		right += values[i] == ~keys[i];
	return right == count;
}

/* A program that has many batches prepares the array once. */
static __u32 run_ops(struct map *map, struct gomap_batch_op *ops, __u32 opcode)
{
	struct gomap_ioc_batch batch;
	__u32 i;

	for (i = 0; i < BATCH && !ops[i].op; i++)
		ops[i] = gm_batch_op(opcode, &keys[i], 8, &values[i], 8);
	if (gm_batch(map->fd, ops, BATCH, &batch) || batch.done != BATCH ||
	    batch.failed)
		return 0;
	return BATCH;
}

/* The keys that the program has chosen: only a gomap can do that. */
static __u32 call_lookup_batch(struct map *map, __u64 nr)
{
	static struct gomap_batch_op ops[BATCH];

	if (map->type)
		return 0;
	choose_keys(nr);
	memset(values, 0, sizeof(values));
	return run_ops(map, ops, GOMAP_OP_LOOKUP) && values_are_right(BATCH) ?
		       BATCH : 0;
}

static __u32 call_store_batch(struct map *map, __u64 nr)
{
	static struct gomap_batch_op ops[BATCH];
	union bpf_attr attr = {
		.batch = {
			.keys = gm_addr(keys),
			.values = gm_addr(values),
			.count = BATCH,
			.map_fd = map->fd,
		},
	};

	choose_keys(nr);
	if (!map->type)
		return run_ops(map, ops, GOMAP_OP_STORE);
	return bpf(BPF_MAP_UPDATE_BATCH, &attr) ? 0 : attr.batch.count;
}

/* The next entries of the map, 256 or as many as whole buckets have. */
static __u32 walk_bpf(struct map *map)
{
	union bpf_attr attr = {
		.batch = {
			.in_batch = map->walking ? gm_addr(map->position) : 0,
			.out_batch = gm_addr(map->position),
			.keys = gm_addr(keys),
			.values = gm_addr(values),
			.count = BATCH,
			.map_fd = map->fd,
		},
	};
	int err = bpf(BPF_MAP_LOOKUP_BATCH, &attr);

	map->walking = !err;
	if (err && errno != ENOENT)
		return 0;
	return values_are_right(attr.batch.count) ? attr.batch.count : 0;
}

static __u32 walk_gomap(struct map *map)
{
	static __u64 pairs[2 * BATCH];
	struct gomap_ioc_iter iter = { 0 };
	__u32 i, right = 0;

	if (map->walking)
		iter.cursor = map->cursor;
	if (gm_iter(map->fd, &iter, GOMAP_ITER_FLAGS, pairs, sizeof(pairs), 0))
		return 0;
	map->cursor = iter.cursor;
	map->walking = !iter.done;
	for (i = 0; i < iter.count; i++)
		right += pairs[2 * i + 1] == ~pairs[2 * i];
	return right == iter.count ? right : 0;
}

/* At the end of a map there may be none left: then from the beginning. */
static __u32 call_walk(struct map *map, __u64 nr)
{
	__u32 (*walk)(struct map *map) = map->type ? walk_bpf : walk_gomap;
	bool walking = map->walking;
	__u32 got = walk(map);

	(void)nr;
	return got || !walking || map->walking ? got : walk(map);
}

/**
 * struct operation - what is measured.
 * @name: For a person.
 * @calls: Of a sample.
 * @run: A call.
 * @mapless: It has to do with no map, is therefore measured once.
 */
struct operation {
	const char *name;
	__u32 calls;
	__u32 (*run)(struct map *map, __u64 nr);
	bool mapless;
};

static const struct operation operations[] = {
	{ "getppid()", SINGLE, call_getppid, true },
	{ "empty ioctl", SINGLE, call_nothing, true },
	{ "lookup", SINGLE, call_lookup, false },
	{ "miss", SINGLE, call_miss, false },
	{ "store", SINGLE, call_store, false },
	{ "insert", SINGLE, call_insert, false },
	{ "delete", SINGLE, call_delete, false },
	{ "lookup, batch of 256", BATCHES, call_lookup_batch, false },
	{ "store, batch of 256", BATCHES, call_store_batch, false },
	{ "iterate, batch of 256", BATCHES, call_walk, false },
};

/**
 * struct samples - what the rounds of an operation on a map gave.
 * @ns: Nanoseconds of an entry, in order.
 * @nr: Rounds so far.
 * @never: It cannot be done: nothing of it was.
 */
struct samples {
	double ns[ROUNDS_MAX];
	__u32 nr;
	bool never;
};

static struct samples results[ARRAY_LEN(operations)][ARRAY_LEN(maps)];

static void add(struct samples *samples, double ns)
{
	__u32 at = samples->nr++;

	for (; at && samples->ns[at - 1] > ns; at--)
		samples->ns[at] = samples->ns[at - 1];
	samples->ns[at] = ns;
}

/* Where there is no such operation, its first call fails and is the last. */
static int sample(size_t operation, size_t map, __u32 round)
{
	const struct operation *op = &operations[operation];
	struct samples *samples = &results[operation][map];
	__u64 nr = (__u64)round * op->calls, done = 0;
	double began = gm_now();
	__u32 i, got;

	if (samples->never || maps[map].fd < 0 || (op->mapless && map))
		return 0;
	for (i = 0; i < op->calls; i++) {
		got = op->run(&maps[map], nr + i);
		if (!got)
			break;
		done += got;
	}
	samples->never = !round && !i;
	if (i == op->calls)
		add(samples, (gm_now() - began) * 1e9 / done);
	else if (!samples->never)
		fprintf(stderr, "bench: %s: wrong answer to %s\n",
			maps[map].name, op->name);
	return i == op->calls || samples->never ? 0 : -EIO;
}

/* The first is to warm up. */
static int measure(__u32 rounds)
{
	size_t i, j;
	__u32 round;
	int err = 0;

	for (round = 0; round <= rounds; round++)
		for (i = 0; i < ARRAY_LEN(operations); i++)
			for (j = 0; j < ARRAY_LEN(maps) && !err; j++) {
				if (round == 1)
					results[i][j].nr = 0;
				err = sample(i, j, round);
			}
	return err;
}

static void print_record(const char *figure, size_t operation, size_t map,
			 double value)
{
	unsigned long long thousandths = (unsigned long long)(1000 * value);
	char row[64];

	snprintf(row, sizeof(row), "%s, %llu entries",
		 operations[operation].name, (unsigned long long)entries);
	printf(RECORD_FORMAT "\n", figure, "kernel", row,
	       operations[operation].mapless ? "system call" : maps[map].name,
	       RECORD_VALUE(thousandths));
}

/* Like the module: the median, and the middle half of the rounds in percent. */
static void record(void)
{
	size_t i, j;

	for (i = 0; i < ARRAY_LEN(operations); i++)
		for (j = 0; j < ARRAY_LEN(maps); j++) {
			struct samples *samples = &results[i][j];
			__u32 nr = samples->nr;
			double median = samples->ns[nr / 2];

			if (!nr)
				continue;
			print_record("kcalls", i, j, median);
			print_record("kcalls spread", i, j,
				     100 / median *
				     (samples->ns[nr - 1 - nr / 4] -
				      samples->ns[nr / 4]));
		}
}

static int create(struct map *map)
{
	struct gm_shape shape = { 8, 8, map->flags, 0 };
	union bpf_attr attr = {
		.map_type = map->type,
		.key_size = 8,
		.value_size = 8,
		.max_entries = (__u32)entries + SINGLE,
		.map_flags = map->flags,
	};

	map->fd = map->type ? bpf(BPF_MAP_CREATE, &attr) :
			      gm_create(control, shape);
	return map->fd;
}

/* A batch, or what is left of one, into a gomap. */
static __u32 put_gomap(struct map *map, __u32 from, __u32 count)
{
	static struct gomap_batch_op ops[BATCH];
	struct gomap_ioc_batch batch;
	__u32 i;

	for (i = 0; i < count; i++)
		ops[i] = gm_batch_op(GOMAP_OP_INSERT, &keys[from + i], 8,
				     &values[from + i], 8);
	if (gm_batch(map->fd, ops, count, &batch) || batch.failed)
		return 0;
	return batch.done;
}

/* The same into a BPF map, as much as its allocator has memory for. */
static __u32 put_bpf(struct map *map, __u32 from, __u32 count)
{
	union bpf_attr attr = {
		.batch = {
			.keys = gm_addr(&keys[from]),
			.values = gm_addr(&values[from]),
			.count = count,
			.map_fd = map->fd,
		},
	};

	if (!bpf(BPF_MAP_UPDATE_BATCH, &attr))
		return count;
	if (errno != ENOMEM || !refill())
		return 0;
	if (attr.batch.count)
		return attr.batch.count;
	return element(map, BPF_MAP_UPDATE_ELEM, &keys[from], &values[from],
		       BPF_NOEXIST) ? 0 : 1;
}

static bool fill(struct map *map)
{
	__u32 i, put, count;
	__u64 first;

	for (first = 0; first < entries; first += count) {
		for (count = 0; count < BATCH && first + count < entries;
		     count++) {
			keys[count] = key_of(LASTING + first + count);
			values[count] = ~keys[count];
		}
		for (i = 0; i < count; i += put) {
			put = map->type ? put_bpf(map, i, count - i) :
					  put_gomap(map, i, count - i);
			if (!put)
				return false;
		}
	}
	return true;
}

/* A kernel may lack a kind of BPF map, but no gomap. */
static bool prepare(void)
{
	size_t i;

	control = gm_control();
	for (i = 0; i < ARRAY_LEN(maps); i++) {
		if (create(&maps[i]) >= 0 && fill(&maps[i]))
			continue;
		fprintf(stderr, "bench: %s: %s\n", maps[i].name,
			strerror(errno));
		if (!maps[i].type || maps[i].fd >= 0)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	__u32 rounds = argc > 2 ? (__u32)atoi(argv[2]) : 7;

	entries = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
	if (!entries || !rounds || rounds >= ROUNDS_MAX || !prepare())
		return 1;
	if (measure(rounds))
		return 1;
	record();
	return 0;
}
