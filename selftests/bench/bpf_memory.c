// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_memory.c - bytes that an entry of a BPF hash map takes, keys and values of 8
 * bytes, by the kernel's own account: the line "memlock" of the descriptor.
 *
 *	bpf_memory WHERE
 *
 * Such a map does not grow.  Its buckets are a power of two, so it is at its best
 * where it is made for one of entries and full, and at its worst with one more.
 * A kernel that does not permit it is told of, and that is all.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "record.h"

#define BEST	(1U << 20)

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static int create_map(uint32_t max_entries, uint32_t flags)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_HASH,
		.key_size = sizeof(uint64_t),
		.value_size = sizeof(uint64_t),
		.max_entries = max_entries,
		.map_flags = flags,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

static int store(int fd, uint64_t key)
{
	union bpf_attr attr = {
		.map_fd = fd,
		.key = (uintptr_t)&key,
		.value = (uintptr_t)&key,
	};

	return bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

static int fill(int fd, uint64_t nr)
{
	uint64_t key;

	for (key = 0; key < nr; key++)
		if (store(fd, key))
			return -1;
	return 0;
}

/* Bytes that the kernel charges for it, 0: it does not say. */
static unsigned long long charged(int fd)
{
	unsigned long long bytes = 0;
	char line[128];
	FILE *info;

	snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", fd);
	info = fopen(line, "r");
	while (info && fgets(line, sizeof(line), info))
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			break;
	if (info)
		fclose(info);
	return bytes;
}

/**
 * struct sort - a kind of hash map.
 * @name: For a person.
 * @flags: Of the map.
 */
struct sort {
	const char *name;
	uint32_t flags;
};

static const struct sort sorts[] = {
	{ "BPF HASH", 0 },
	{ "BPF HASH, not preallocated", BPF_F_NO_PREALLOC },
};

static int measure(const char *where, const struct sort *sort,
		   const char *what, uint32_t nr)
{
	int fd = create_map(nr, sort->flags), rc = -1;

	if (fd >= 0 && !fill(fd, nr)) {
		printf(RECORD_FORMAT "\n", "memory", where, sort->name, what,
		       RECORD_VALUE(1000 * charged(fd) / nr));
		rc = 0;
	}
	if (rc)
		fprintf(stderr, "bench: no figure for %s: %s\n", sort->name,
			strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

int main(int argc, char **argv)
{
	const char *where = argc > 1 ? argv[1] : "host";
	size_t i;

	for (i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++)
		if (!measure(where, &sorts[i], "full", BEST))
			measure(where, &sorts[i], "after a doubling", BEST + 1);
	return 0;
}
