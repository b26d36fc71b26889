// SPDX-License-Identifier: GPL-2.0-only
/*
 * cgroup.c - a memory cgroup for a test; see cgroup.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"

static int open_file(const struct cgroup *cg, const char *file, int flags)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", cg->path, file);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int write_file(const struct cgroup *cg, const char *file,
		      const char *text)
{
	int fd = open_file(cg, file, O_WRONLY);
	int err = 0;

	if (fd < 0)
		return fd;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

int cgroup_make(struct cgroup *cg, const char *name, const char *max)
{
	snprintf(cg->path, sizeof(cg->path), CGROUP_ROOT "/%s", name);
	if (mkdir(cg->path, 0755) && errno != EEXIST)
		return -errno;
	return write_file(cg, "memory.max", max);
}

void cgroup_remove(const struct cgroup *cg)
{
	rmdir(cg->path);
}

int cgroup_enter(const struct cgroup *cg)
{
	return write_file(cg, "cgroup.procs", "0");
}

long long cgroup_number(const struct cgroup *cg, const char *file,
			const char *word)
{
	char text[4096];
	const char *at = text;
	int fd = open_file(cg, file, O_RDONLY);
	ssize_t len;

	if (fd < 0)
		return fd;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len < 0)
		return -EIO;
	text[len] = '\0';
	if (word) {
		at = strstr(text, word);
		if (!at)
			return -ENOENT;
		at += strlen(word);
	}
	return strtoll(at, NULL, 10);
}

/* A limit that is exceeded makes the kernel collect before it reclaims. */
long long cgroup_settled_bytes(const struct cgroup *cg)
{
	int err = write_file(cg, "memory.high", "0") ?:
		  write_file(cg, "memory.high", "max");

	return err ?: cgroup_number(cg, "memory.current", NULL);
}
