/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A memory cgroup (version 2) for a test: made below the root, entered by
 * writing to it, and asked what it holds.
 */
#ifndef GOMAP_SELFTEST_CGROUP_H
#define GOMAP_SELFTEST_CGROUP_H

#define CGROUP_ROOT	"/sys/fs/cgroup"

struct cgroup {
	char path[96];
};

/* 0, or -errno: -ENOENT where the kernel, or who mounted it, offers none. */
int cgroup_make(struct cgroup *cg, const char *name, const char *max);
/* Who was in it has to be gone, and been waited for. */
void cgroup_remove(const struct cgroup *cg);

/* The calling process moves into it; 0 or -errno. */
int cgroup_enter(const struct cgroup *cg);

/* The number in a file; where @word is given, that behind it. */
long long cgroup_number(const struct cgroup *cg, const char *file,
			const char *word);

/*
 * Bytes that are charged, without those that CPUs keep for their next charge
 * and without what can be had back by asking for it.
 */
long long cgroup_settled_bytes(const struct cgroup *cg);

#endif /* GOMAP_SELFTEST_CGROUP_H */
