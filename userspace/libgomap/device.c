// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The commands of /dev/gomap, which make, find and list maps.  Each call opens
 * the device for itself, so the library keeps no descriptor between calls.
 *
 * A device that cannot be opened must not look like a map that is not there or
 * is not ours, so -ENOENT and -EACCES of the device itself come back as -ENODEV
 * and -EPERM.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

static int open_device(void)
{
	int fd = open(GOMAP_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ENXIO:
		return -ENODEV;
	case EACCES:
		return -EPERM;
	default:
		return -errno;
	}
}

static int ask_device(unsigned long command, void *arg)
{
	int fd = open_device();
	int ret;

	if (fd < 0)
		return fd;
	ret = gomap__call(fd, command, arg);
	close(fd);
	return ret;
}

/* Text into a zeroed field of the ABI, closing NUL included. */
static int put_text(char *field, size_t room, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len >= room)
		return -EINVAL;
	if (len)
		memcpy(field, text, len);
	return 0;
}

/* A handle for a fresh descriptor, which is closed if there is no memory. */
static int adopt(struct gomap **map, int fd)
{
	int ret = gomap_from_fd(map, fd);

	if (ret < 0)
		close(fd);
	return ret;
}

int gomap_create(struct gomap **map, uint32_t key_size, uint32_t value_size,
		 const struct gomap_create_opts *opts)
{
	struct gomap_ioc_create arg = {
		.size = sizeof(arg), .key_size = key_size,
		.value_size = value_size,
	};
	struct gomap_create_opts o;
	int ret;

	*map = NULL;
	ret = gomap__opts(&o, sizeof(o), opts);
	if (!ret)
		ret = put_text(arg.name, sizeof(arg.name), o.name);
	if (!ret)
		ret = put_text(arg.schema, sizeof(arg.schema), o.schema);
	if (ret)
		return ret;
	arg.flags = o.flags;
	arg.hint = o.hint;
	arg.mode = o.mode;
	arg.max_entries = o.max_entries;
	arg.max_bytes = o.max_bytes;
	if (arg.name[0] && !arg.mode)
		arg.mode = 0600;
	ret = ask_device(GOMAP_IOC_CREATE, &arg);
	if (ret)
		gomap__keep_reason(arg.reason);
	return ret ? ret : adopt(map, arg.fd);
}

int gomap_open(struct gomap **map, const char *name, uint32_t flags)
{
	struct gomap_ioc_open arg = { .size = sizeof(arg), .flags = flags };
	int ret;

	*map = NULL;
	ret = put_text(arg.name, sizeof(arg.name), name);
	if (!ret)
		ret = ask_device(GOMAP_IOC_OPEN, &arg);
	return ret ? ret : adopt(map, arg.fd);
}

int gomap_unlink(const char *name)
{
	struct gomap *map;
	int ret = gomap_open(&map, name, GOMAP_OPEN_WRITE);

	if (!ret)
		ret = gomap_destroy(map);
	gomap_close(map);
	return ret;
}

int gomap_list(gomap_list_fn each, void *arg)
{
	struct gomap_ioc_list map;
	__u64 last = 0;
	int fd = open_device();
	int ret;

	if (fd < 0)
		return fd;
	do {
		memset(&map, 0, sizeof(map));
		map.size = sizeof(map);
		map.id = last;
		ret = gomap__call(fd, GOMAP_IOC_LIST, &map);
		last = map.id;
	} while (!ret && !(ret = each(&map, arg)));
	close(fd);
	return ret == -ENOENT ? 0 : ret;
}

int gomap_version(struct gomap_ioc_version *version)
{
	memset(version, 0, sizeof(*version));
	version->size = sizeof(*version);
	return ask_device(GOMAP_IOC_VERSION, version);
}
