// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* A stand-in for /dev/gomap; see fake_kernel.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/gomap.h>

#include "fake_kernel.h"
#include "fake_map.h"
#include "fake_show.h"

#define FILES_MAX	4096

/* An open file is known by the inode of the memfd that stands for it. */
struct file {
	ino_t inode;
	struct map *map;		/* NULL: the control device */
	uint32_t flags;
	void *view;			/* as it is seen; NULL: not yet */
};

static struct file files[FILES_MAX];
static int nr_files;
unsigned long fake_calls;
size_t fake_mmap_max = SIZE_MAX;

int __real_open(const char *path, int flags, ...);
int __real_ioctl(int fd, unsigned long command, void *arg);
int __wrap_open(const char *path, int flags, ...);
void *__real_mmap(void *at, size_t len, int prot, int flags, int fd,
		  off_t offset);
void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd,
		  off_t offset);
int __wrap_ioctl(int fd, unsigned long command, ...);

/* -- operations ---------------------------------------------------------- */

static bool wrong_length(uint32_t len, uint32_t size, bool variable)
{
	return variable ? len > size : len != size;
}

/* Whether the environment wants this write of a batch to fail. */
static int injected_failure(void)
{
	static unsigned long writes;
	const char *wish = getenv("GOMAP_FAKE_FAIL");
	char *colon;

	writes++;
	if (!wish || strtoul(wish, &colon, 10) != writes)
		return 0;
	return -atoi(colon + 1);
}

static int look_up(struct item *item, struct gomap_batch_op *op)
{
	uint32_t room = op->value_len;

	op->existed = !!item;
	if (!item)
		return -ENOENT;
	op->value_len = item->value_len;
	if (op->value && room < item->value_len)
		return -EMSGSIZE;
	if (op->value && item->value_len)
		memcpy((void *)(uintptr_t)op->value, item->value,
		       item->value_len);
	return 0;
}

/* Which limit it was: that of the map where it has one. */
static __u64 reason_of(const struct gomap_ioc_create *made, int err)
{
	switch (-err) {
	case ENOSPC:
		return made->max_entries ? GOMAP_REASON_ENTRIES :
					   GOMAP_REASON_MAPS;
	case EDQUOT:
		return made->max_bytes ? GOMAP_REASON_BYTES :
					 GOMAP_REASON_TOTAL_BYTES;
	case ENOMEM:
		return GOMAP_REASON_MEMORY;
	}
	return GOMAP_REASON_NONE;
}

/* The reason of what came of an operation on @m, counted. */
static __u64 count_reason(struct map *m, int err)
{
	__u64 reason = reason_of(&m->made, err);

	m->now.refused[reason]++;
	return reason;
}

static int write_op(struct map *m, struct item *item, struct gomap_batch_op *op)
{
	const void *value = (const void *)(uintptr_t)op->value;

	if (wrong_length(op->value_len, m->made.value_size,
			 m->made.flags & GOMAP_MAP_VAR_VALUE))
		return -EMSGSIZE;
	if (item && op->op == GOMAP_OP_INSERT)
		return -EEXIST;
	if (!item && op->op == GOMAP_OP_REPLACE)
		return -ENOENT;
	if (item) {
		map_set_value(item, value, op->value_len);
	} else if (m->made.max_entries && m->now.len >= m->made.max_entries) {
		return -ENOSPC;
	} else {
		map_add(m, (const void *)(uintptr_t)op->key, op->key_len,
			value, op->value_len);
	}
	return 0;
}

static int operate(struct file *f, struct gomap_batch_op *op)
{
	struct map *m = f->map;
	struct item *item;

	if (wrong_length(op->key_len, m->made.key_size,
			 m->made.flags & GOMAP_MAP_VAR_KEY))
		return -EMSGSIZE;
	item = map_find(m, (const void *)(uintptr_t)op->key, op->key_len);
	op->existed = !!item;
	if (op->op == GOMAP_OP_LOOKUP)
		return look_up(item, op);
	if (!(f->flags & GOMAP_OPEN_WRITE))
		return -EBADF;
	if (op->op != GOMAP_OP_DELETE)
		return write_op(m, item, op);
	if (item)
		map_remove(m, item);
	return 0;
}

static int single(struct file *f, uint32_t opcode, struct gomap_ioc_op *arg)
{
	struct gomap_batch_op op = {
		.op = opcode, .key = arg->key, .key_len = arg->key_len,
		.value = arg->value, .value_len = arg->value_len,
	};
	int ret = operate(f, &op);

	arg->value_len = op.value_len;
	arg->existed = op.existed;
	arg->reason = count_reason(f->map, ret);
	return ret;
}

static int batch(struct file *f, struct gomap_ioc_batch *arg)
{
	struct gomap_batch_op *op = (void *)(uintptr_t)arg->ops;
	uint64_t reason;
	uint32_t i;

	for (i = 0; i < arg->count; i++, op++) {
		int fail = op->op == GOMAP_OP_LOOKUP ? 0 : injected_failure();

		op->status = fail ? fail : operate(f, op);
		arg->done++;
		arg->failed += !!op->status;
		reason = count_reason(f->map, op->status);
		if (reason)
			arg->reason = reason;
	}
	return 0;
}

/* -- iteration: the cursor's position is a place in items ----------------- */

static size_t field_size(const void *bytes, uint32_t len, bool variable,
			 unsigned char *to)
{
	size_t at = 0;

	if (variable) {
		if (to)
			memcpy(to, &len, sizeof(len));
		at = sizeof(len);
	}
	if (to && len)
		memcpy(to + at, bytes, len);
	return at + len;
}

/* Bytes of an entry as it is delivered, and into @to unless that is NULL. */
static size_t deliver(const struct map *m, const struct item *item,
		      uint32_t flags, unsigned char *to)
{
	size_t at = 0;

	if (flags & GOMAP_ITER_KEYS)
		at += field_size(item->key, item->key_len,
				 m->made.flags & GOMAP_MAP_VAR_KEY, to);
	if (flags & GOMAP_ITER_VALUES)
		at += field_size(item->value, item->value_len,
				 m->made.flags & GOMAP_MAP_VAR_VALUE,
				 to ? to + at : NULL);
	return at;
}

/* The same for maps with a view, where it is in the order of the view. */
static int iterate_in_order(struct map *m, struct gomap_ioc_iter *arg)
{
	unsigned char *to = (unsigned char *)(uintptr_t)arg->buf;
	struct gomap_cursor before = arg->cursor;
	struct item *item;
	size_t len;
	int ret = show_check_cursor(m, &arg->cursor);

	arg->count = arg->used = arg->needed = 0;
	while (!ret) {
		before = arg->cursor;
		item = show_next(m, &arg->cursor);
		if (!item) {
			arg->done = 1;
			break;
		}
		len = deliver(m, item, arg->flags, NULL);
		if (arg->used + len > arg->buf_len ||
		    (arg->max && arg->count == arg->max)) {
			arg->cursor = before;
			arg->needed = (uint32_t)len;
			return arg->count ? 0 : -EMSGSIZE;
		}
		deliver(m, item, arg->flags, to ? to + arg->used : NULL);
		arg->used += (uint32_t)len;
		arg->count++;
	}
	return ret;
}

static int iterate(struct file *f, struct gomap_ioc_iter *arg)
{
	unsigned char *to = (unsigned char *)(uintptr_t)arg->buf;
	struct gomap_cursor *c = &arg->cursor;
	struct map *m = f->map;

	if (m->made.flags & GOMAP_MAP_VIEW)
		return iterate_in_order(m, arg);
	if (c->flags && c->seed_generation != m->now.seed_generation)
		return -ESTALE;
	c->flags = 1;
	c->seed_generation = m->now.seed_generation;
	arg->count = arg->used = arg->needed = 0;
	for (; c->position < m->count; c->position++) {
		struct item *item = m->items[c->position];
		size_t len = deliver(m, item, arg->flags, NULL);

		if (!item->live)
			continue;
		if (arg->used + len > arg->buf_len) {
			arg->needed = (uint32_t)len;
			return arg->count ? 0 : -EMSGSIZE;
		}
		if (arg->max && arg->count == arg->max)
			return 0;
		deliver(m, item, arg->flags, to ? to + arg->used : NULL);
		arg->used += (uint32_t)len;
		arg->count++;
	}
	arg->done = 1;
	return 0;
}

/* -- whole maps ---------------------------------------------------------- */

static int open_file(struct map *map, uint32_t flags)
{
	int fd = memfd_create("gomap", MFD_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || nr_files == FILES_MAX)
		return -ENFILE;
	files[nr_files++] = (struct file) { st.st_ino, map, flags, NULL };
	return fd;
}

static struct file *file_of(int fd)
{
	struct stat st;
	int i;

	if (fstat(fd, &st))
		return NULL;
	for (i = nr_files - 1; i >= 0; i--)
		if (files[i].inode == st.st_ino)
			return &files[i];
	return NULL;
}

static struct map *named(const char *name)
{
	int i;

	for (i = 0; i < fake_nr_maps; i++)
		if (name[0] && !strcmp(fake_maps[i]->made.name, name))
			return fake_maps[i];
	return NULL;
}

static int make(struct gomap_ioc_create *arg)
{
	if (!arg->key_size || arg->key_size > GOMAP_MAX_KEY_SIZE ||
	    arg->value_size > GOMAP_MAX_VALUE_SIZE ||
	    fake_nr_maps == FAKE_MAPS_MAX)
		return -EINVAL;
	if (arg->max_entries && arg->hint > arg->max_entries)
		return -ENOSPC;
	if (arg->max_bytes && arg->hint > arg->max_bytes / 16)
		return -EDQUOT;
	if (arg->hint > 1000000000)
		return -ENOMEM;
	if (named(arg->name))
		return -EEXIST;
	arg->fd = open_file(map_new(arg), GOMAP_OPEN_FLAGS);
	return 0;
}

static int create(struct gomap_ioc_create *arg)
{
	int ret = make(arg);

	arg->reason = reason_of(arg, ret);
	return ret;
}

static int open_map(struct gomap_ioc_open *arg)
{
	struct map *m = named(arg->name);

	if (!arg->flags)
		return -EINVAL;
	if (!m)
		return -ENOENT;
	if (!(m->made.mode & 0444))
		return -EACCES;
	arg->fd = open_file(m, arg->flags);
	return 0;
}

static int list(struct gomap_ioc_list *arg)
{
	int i;

	for (i = 0; i < fake_nr_maps; i++) {
		struct map *m = fake_maps[i];

		if (m->id <= arg->id || !m->made.name[0])
			continue;
		arg->id = m->id;
		arg->len = m->now.len;
		arg->map_flags = m->made.flags;
		arg->key_size = m->made.key_size;
		arg->value_size = m->made.value_size;
		arg->mode = m->made.mode;
		memcpy(arg->name, m->made.name, sizeof(arg->name));
		memcpy(arg->schema, m->made.schema, sizeof(arg->schema));
		return 0;
	}
	return -ENOENT;
}

static int version(struct gomap_ioc_version *arg)
{
	arg->abi = GOMAP_ABI_VERSION;
	arg->max_key_size = GOMAP_MAX_KEY_SIZE;
	arg->max_value_size = GOMAP_MAX_VALUE_SIZE;
	arg->max_hint = GOMAP_MAX_HINT;
	strcpy(arg->version, "fake");
	return 0;
}

/* As the environment says: uncertain, or so many objects. */
static void find_leaks(struct gomap_ioc_info *arg)
{
	const char *wish = getenv("GOMAP_FAKE_LEAK");

	arg->leaks_certain = !wish || strcmp(wish, "uncertain");
	if (!wish || !arg->leaks_certain)
		return;
	arg->leaked_objects = (__u64)atoi(wish);
	arg->leaked_bytes = 144 * arg->leaked_objects;
}

static int info(struct map *m, struct gomap_ioc_info *arg)
{
	arg->id = m->id;
	arg->len = m->now.len;
	arg->map_flags = m->made.flags;
	arg->key_size = m->made.key_size;
	arg->value_size = m->made.value_size;
	arg->b = m->now.b;
	arg->nr_buckets = 1ULL << m->now.b;
	arg->seed_generation = m->now.seed_generation;
	arg->grows = m->now.grows;
	arg->clears = m->now.clears;
	arg->bytes_held = 64 * arg->nr_buckets;
	arg->shrinks = m->now.shrinks;
	arg->rekeys = m->now.rekeys;
	if (arg->flags & GOMAP_INFO_FILL) {
		arg->fill[0] = 1;
		arg->fill[GOMAP_FILL_BINS - 1] = arg->nr_buckets - 1;
	}
	arg->max_entries = m->made.max_entries;
	arg->max_bytes = m->made.max_bytes;
	arg->nr_chunks = 2;
	arg->bytes_chunks = 131072;
	arg->bytes_idle = 65536;
	memcpy(arg->refused, m->now.refused, sizeof(arg->refused));
	arg->refused[GOMAP_REASON_NONE] = 0;
	if (arg->flags & GOMAP_INFO_LEAKS)
		find_leaks(arg);
	memcpy(arg->name, m->made.name, sizeof(arg->name));
	memcpy(arg->schema, m->made.schema, sizeof(arg->schema));
	return 0;
}

static int set_limits(struct file *f, const struct gomap_ioc_limits *arg)
{
	if (!(f->flags & GOMAP_OPEN_WRITE))
		return -EBADF;
	f->map->made.max_entries = arg->max_entries;
	f->map->made.max_bytes = arg->max_bytes;
	return 0;
}

/* Two classes of objects, of which one is in use. */
static int memory(struct map *m, struct gomap_ioc_memory *arg)
{
	if (arg->index > 1)
		return -ENOENT;
	arg->object_size = arg->index ? 144 : 256;
	arg->is_bucket = arg->index;
	arg->nr_chunks = 1;
	arg->bytes = 65536;
	arg->live = arg->index ? 0 : m->now.len;
	arg->free = 200;
	return 0;
}

static int destroy(struct map *m)
{
	if (!m->made.name[0])
		return -ENOENT;
	m->made.name[0] = '\0';
	return 0;
}

static const struct {
	unsigned long command;
	void (*run)(struct map *m);
} changes[] = {
	{ GOMAP_IOC_CLEAR, map_clear },
	{ GOMAP_IOC_COMPACT, map_compact },
	{ GOMAP_IOC_REKEY, map_rekey },
};

/* CLEAR, COMPACT, REKEY; the environment may want one that moves to fail. */
static int change(struct file *f, unsigned long command)
{
	const char *wish = getenv("GOMAP_FAKE_MOVE");
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (changes[i].command != command)
			continue;
		if (!(f->flags & GOMAP_OPEN_WRITE))
			return -EBADF;
		if (wish && command != GOMAP_IOC_CLEAR)
			return -atoi(wish);
		changes[i].run(f->map);
		return 0;
	}
	return -ENOTTY;
}

/* -- the three doors ----------------------------------------------------- */

static void show_again(const struct map *m)
{
	int i;

	for (i = 0; i < nr_files; i++)
		if (files[i].map == m && files[i].view)
			show_map(m, files[i].view);
}

static int dispatch(struct file *f, unsigned long command, void *arg)
{
	fake_calls++;
	if (!f->map) {
		switch (command) {
		case GOMAP_IOC_VERSION:	return version(arg);
		case GOMAP_IOC_CREATE:	return create(arg);
		case GOMAP_IOC_OPEN:	return open_map(arg);
		case GOMAP_IOC_LIST:	return list(arg);
		}
		return -ENOTTY;
	}
	switch (command) {
	case GOMAP_IOC_INFO:	return info(f->map, arg);
	case GOMAP_IOC_LOOKUP:	return single(f, GOMAP_OP_LOOKUP, arg);
	case GOMAP_IOC_INSERT:	return single(f, GOMAP_OP_INSERT, arg);
	case GOMAP_IOC_REPLACE:	return single(f, GOMAP_OP_REPLACE, arg);
	case GOMAP_IOC_STORE:	return single(f, GOMAP_OP_STORE, arg);
	case GOMAP_IOC_DELETE:	return single(f, GOMAP_OP_DELETE, arg);
	case GOMAP_IOC_BATCH:	return batch(f, arg);
	case GOMAP_IOC_ITER:	return iterate(f, arg);
	case GOMAP_IOC_DESTROY:	return destroy(f->map);
	case GOMAP_IOC_LIMITS:	return set_limits(f, arg);
	case GOMAP_IOC_MEMORY:	return memory(f->map, arg);
	}
	return change(f, command);
}

int __wrap_ioctl(int fd, unsigned long command, ...)
{
	struct file *f = file_of(fd);
	va_list args;
	void *arg;
	int ret;

	va_start(args, command);
	arg = va_arg(args, void *);
	va_end(args);
	if (!f)
		return __real_ioctl(fd, command, arg);
	ret = dispatch(f, command, arg);
	if (f->map && command != GOMAP_IOC_LOOKUP &&
	    command != GOMAP_IOC_ITER && command != GOMAP_IOC_INFO)
		show_again(f->map);
	if (ret < 0)
		errno = -ret;
	return ret < 0 ? -1 : 0;
}

/* The window is the memory of the descriptor. */
static int open_window(struct file *f, int fd, size_t len)
{
	if (!f->map || !(f->map->made.flags & GOMAP_MAP_VIEW))
		return -ENODEV;
	if (!(f->flags & GOMAP_OPEN_READ))
		return -EACCES;
	if (len > SHOW_BYTES)
		return -EINVAL;
	if (len > fake_mmap_max)
		return -ENOMEM;
	if (f->view)
		return 0;
	if (ftruncate(fd, SHOW_BYTES))
		return -ENOMEM;
	f->view = __real_mmap(NULL, SHOW_BYTES, PROT_READ | PROT_WRITE,
			      MAP_SHARED, fd, 0);
	show_map(f->map, f->view);
	return 0;
}

void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd,
		  off_t offset)
{
	struct file *f = fd < 0 ? NULL : file_of(fd);

	int err = f ? open_window(f, fd, len) : 0;

	if (err) {
		errno = -err;
		return MAP_FAILED;
	}
	return __real_mmap(at, len, prot, flags, fd, offset);
}

int __wrap_open(const char *path, int flags, ...)
{
	const char *refuse = getenv("GOMAP_FAKE_OPEN");
	va_list args;
	int mode, fd;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	if (strcmp(path, "/dev/gomap"))
		return __real_open(path, flags, mode);
	fd = refuse ? -atoi(refuse) : open_file(NULL, 0);
	if (fd < 0)
		errno = -fd;
	return fd < 0 ? -1 : fd;
}
