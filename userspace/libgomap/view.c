// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Views: opened, closed, and what there is to say of one. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "view_internal.h"

/* -- is it what we read? -------------------------------------------------- */

/*
 * Fields and buckets lie where the code that this is compiled with looks for
 * them.
 */
static bool is_as_we_read_it(const struct gomap_view_super *super,
			     struct gomap_layout *layout)
{
	if (super->magic != GOMAP_VIEW_MAGIC ||
	    super->abi != GOMAP_VIEW_ABI || super->size < sizeof(*super))
		return false;
	if (super->key_size > GOMAP_MAX_KEY_SIZE ||
	    super->value_size > GOMAP_MAX_VALUE_SIZE)
		return false;
	*layout = gomap_layout_of(super->key_size, super->value_size,
				  super->map_flags & GOMAP_MAP_VAR_KEY,
				  super->map_flags & GOMAP_MAP_VAR_VALUE,
				  super->map_flags & GOMAP_MAP_STABLE);
	return layout->bucket_size == super->bucket_size &&
	       layout->key.offset == super->key_offset &&
	       layout->key.stride == super->key_stride &&
	       layout->value.offset == super->value_offset &&
	       layout->value.stride == super->value_stride;
}

static bool is_plain(const struct gomap_field *f)
{
	return f->is_inline && !f->is_var;
}

static uint32_t shape_of(const struct gomap_layout *layout)
{
	static const struct {
		uint32_t key, value, shape;
	} shapes[] = {
		{ 4, 4, GOMAP_VIEW_SHAPE_4_4 },
		{ 4, 8, GOMAP_VIEW_SHAPE_4_8 },
		{ 8, 8, GOMAP_VIEW_SHAPE_8_8 },
		{ 16, 8, GOMAP_VIEW_SHAPE_16_8 },
	};
	const struct gomap_field *key = &layout->key, *value = &layout->value;
	size_t i;

	if (!is_plain(key))
		return GOMAP_VIEW_SHAPE_ANY;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (is_plain(value) && key->max == shapes[i].key &&
		    value->max == shapes[i].value)
			return shapes[i].shape;
	return key->max == 8 ? GOMAP_VIEW_SHAPE_8 : GOMAP_VIEW_SHAPE_ANY;
}

int gomap__view_on(struct gomap_view **view, const void *base, uint64_t bytes,
		   int fd)
{
	const struct gomap_view_super *super = base;
	struct gomap_layout layout;
	struct whole_view *v;

	*view = NULL;
	if (bytes < sizeof(*super) || !is_as_we_read_it(super, &layout))
		return -EPROTOTYPE;
	if (posix_memalign((void **)&v, 64, sizeof(*v)))
		return -ENOMEM;
	memset(v, 0, sizeof(*v));
	v->open.base = base;
	v->open.bytes = bytes;
	v->open.shape = shape_of(&layout);
	v->map.fd = fd;
	v->layout = layout;
	v->plain = is_plain(&layout.key) && is_plain(&layout.value);
	v->window = super->window;
	*view = &v->open;
	return 0;
}

/* -- mapping -------------------------------------------------------------- */

static const void *map_shared(int fd, size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd,
			0);

	return at == MAP_FAILED ? NULL : at;
}

static int learn_window(int fd, uint64_t *window)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const struct gomap_view_super *super = map_shared(fd, page);

	if (!super)
		return -errno;
	*window = super->magic == GOMAP_VIEW_MAGIC ? super->window : 0;
	munmap((void *)super, page);
	return *window < sizeof(*super) ? -EPROTOTYPE : 0;
}

/*
 * All of it, or where the address space is short as large a part as there is
 * room for: what lies behind that is asked for.
 */
static int map_window(int fd, uint64_t window, const void **base,
		      uint64_t *bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), size = window;

	while (size > SIZE_MAX / 2)
		size /= 2;
	for (; size >= page; size /= 2) {
		size &= ~(page - 1);
		*base = map_shared(fd, (size_t)size);
		*bytes = size;
		if (*base || errno != ENOMEM)
			return *base ? 0 : -errno;
	}
	return -ENOMEM;
}

static int view_on_map(struct gomap_view **view, int fd)
{
	const void *base;
	uint64_t window = 0, bytes;
	int ret = learn_window(fd, &window);

	if (!ret)
		ret = map_window(fd, window, &base, &bytes);
	if (ret)
		return ret;
	ret = gomap__view_on(view, base, bytes, fd);
	if (ret)
		munmap((void *)base, (size_t)bytes);
	else
		whole(*view)->owns_mapping = true;
	return ret;
}

int gomap_view_open(struct gomap_view **view, struct gomap *map)
{
	int fd, ret;

	*view = NULL;
	if (!map)
		return -EINVAL;
	fd = fcntl(map->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	ret = view_on_map(view, fd);
	if (ret)
		close(fd);
	return ret;
}

void gomap_view_close(struct gomap_view *view)
{
	if (!view)
		return;
	if (whole(view)->owns_mapping) {
		munmap((void *)view->base, (size_t)view->bytes);
		close(whole(view)->map.fd);
	}
	free(view);
}

/* -- figures -------------------------------------------------------------- */

int64_t gomap_view_len(const struct gomap_view *view)
{
	if (!view)
		return 0;
	return (int64_t)view_load64(&gomap_view__super(view)->len);
}

int gomap_view_stats(const struct gomap_view *view,
		     struct gomap_view_stats *stats)
{
	struct gomap_view_stats now = { .sz = stats->sz };
	const struct whole_view *v = whole_const(view);

	if (stats->sz < sizeof(stats->sz))
		return -EINVAL;
	if (view) {
		now.mapped = view->bytes;
		now.window = v->window;
		now.retried = __atomic_load_n(&v->retried, __ATOMIC_RELAXED);
		now.asked = __atomic_load_n(&v->asked, __ATOMIC_RELAXED);
	}
	if (stats->sz > sizeof(now))
		memset((char *)stats + sizeof(now), 0, stats->sz - sizeof(now));
	memcpy(stats, &now, stats->sz < sizeof(now) ? stats->sz : sizeof(now));
	return 0;
}
