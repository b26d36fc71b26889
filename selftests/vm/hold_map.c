// SPDX-License-Identifier: GPL-2.0-only
/*
 * hold_map.c - make a map with 1000 entries, say "ready", and hold it open, and
 * nothing else of gomap, until standard input ends.
 *
 *	hold_map	a map without a name: gone with its descriptor
 *	hold_map NAME	a named map: left behind
 */
#include <fcntl.h>
#include <linux/gomap.h>
#include <stdio.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ENTRIES		1000

static int fill(int map)
{
	__u64 key;

	for (key = 0; key < ENTRIES; key++) {
		struct gomap_ioc_op op = {
			.size = sizeof(op),
			.key = (uintptr_t)&key, .key_len = sizeof(key),
			.value = (uintptr_t)&key, .value_len = sizeof(key),
		};

		if (ioctl(map, GOMAP_IOC_INSERT, &op))
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct gomap_ioc_create create = {
		.size = sizeof(create), .key_size = 8, .value_size = 8,
	};
	int control = open("/dev/gomap", O_RDWR | O_CLOEXEC);
	char c;

	if (argc > 1) {
		snprintf(create.name, sizeof(create.name), "%s", argv[1]);
		create.mode = 0600;
	}
	if (control < 0 || ioctl(control, GOMAP_IOC_CREATE, &create) ||
	    fill(create.fd)) {
		perror("hold_map: cannot make a map with /dev/gomap");
		return 1;
	}
	close(control);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
