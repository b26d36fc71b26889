// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The handle: a descriptor that is a map, and what is asked of a whole map. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

int gomap_from_fd(struct gomap **map, int fd)
{
	*map = NULL;
	if (fd < 0)
		return -EBADF;
	*map = malloc(sizeof(**map));
	if (!*map)
		return -ENOMEM;
	(*map)->fd = fd;
	return 0;
}

int gomap_fd(const struct gomap *map)
{
	return map ? map->fd : -EBADF;
}

void gomap_close(struct gomap *map)
{
	if (!map)
		return;
	close(map->fd);
	free(map);
}

/* The commands that take nothing but the map. */
static int plain(struct gomap *map, unsigned long command)
{
	struct gomap_ioc_plain arg = { .size = sizeof(arg) };

	return map ? gomap__call(map->fd, command, &arg) : -EINVAL;
}

int gomap_clear(struct gomap *map)
{
	return plain(map, GOMAP_IOC_CLEAR);
}

int gomap_destroy(struct gomap *map)
{
	return plain(map, GOMAP_IOC_DESTROY);
}

int gomap_compact(struct gomap *map)
{
	return plain(map, GOMAP_IOC_COMPACT);
}

int gomap_rekey(struct gomap *map)
{
	return plain(map, GOMAP_IOC_REKEY);
}

int gomap_info(struct gomap *map, uint32_t flags, struct gomap_ioc_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->flags = flags;
	return map ? gomap__call(map->fd, GOMAP_IOC_INFO, info) : 0;
}

int64_t gomap_len(struct gomap *map)
{
	struct gomap_ioc_info info;
	int ret = gomap_info(map, 0, &info);

	return ret < 0 ? ret : (int64_t)info.len;
}

int gomap_set_limits(struct gomap *map, uint64_t max_entries,
		     uint64_t max_bytes)
{
	struct gomap_ioc_limits arg = {
		.size = sizeof(arg),
		.max_entries = max_entries,
		.max_bytes = max_bytes,
	};

	return map ? gomap__call(map->fd, GOMAP_IOC_LIMITS, &arg) : -EINVAL;
}

int gomap_memory(struct gomap *map, gomap_memory_fn each, void *arg)
{
	struct gomap_ioc_memory objects;
	__u32 index = 0;
	int ret;

	if (!map)
		return 0;
	do {
		memset(&objects, 0, sizeof(objects));
		objects.size = sizeof(objects);
		objects.index = index++;
		ret = gomap__call(map->fd, GOMAP_IOC_MEMORY, &objects);
	} while (!ret && !(ret = each(&objects, arg)));
	return ret == -ENOENT ? 0 : ret;
}
