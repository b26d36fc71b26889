// SPDX-License-Identifier: GPL-2.0-only
/*
 * gomap_kmemleak.c - objects that only values of maps point to, for guest.sh to
 * see which of them kmemleak finds lost.
 *
 * Loading it makes a map of each kind, with and without GOMAP_F_POINTERS, and
 * stores pointers to NR_OBJECTS objects in each; guest.sh knows how many.  The
 * size of the objects tells the maps apart in kmemleak's report: FIRST_SIZE for
 * the first one, SIZE_STEP more for each that follows.  Unloading frees all.
 */
#include <linux/err.h>
#include <linux/gomap.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define NR_OBJECTS	32
#define SIZE_STEP	8

/*
 * Too large for the slab allocator, which keeps pointers to small objects where
 * kmemleak sees them, and would report the size of the cache.
 */
#define FIRST_SIZE	20000

/* Values in slots of small buckets, of whole pages, in objects of an arena. */
static const struct {
	u32 value_size;
	u64 hint;
	u32 flags;
} kinds[] = {
	{ sizeof(void *), 0, 0 },
	{ sizeof(void *), 10000, 0 },
	{ sizeof(void *), 0, GOMAP_F_STABLE },
	{ 200, 0, 0 },
	{ 200, 10000, 0 },
};

#define NR_MAPS	(2 * ARRAY_SIZE(kinds))

static struct gomap *maps[NR_MAPS];

/* Not to be taken for pointers. */
static unsigned long hidden[NR_MAPS][NR_OBJECTS];

static bool has_pointers(unsigned int nr)
{
	return nr % 2 == 0;
}

static struct gomap *make_map(unsigned int nr)
{
	struct gomap_params params = {
		.key_size = sizeof(u64),
		.value_size = kinds[nr / 2].value_size,
		.hint = kinds[nr / 2].hint,
		.flags = kinds[nr / 2].flags |
			 (has_pointers(nr) ? GOMAP_F_POINTERS : 0),
	};

	return gomap_create(&params);
}

static noinline int store_object(unsigned int nr, u64 key)
{
	void *object = kzalloc(FIRST_SIZE + SIZE_STEP * nr, GFP_KERNEL);
	u8 value[200] = {};

	if (!object)
		return -ENOMEM;
	hidden[nr][key] = ~(unsigned long)object;
	memcpy(value, &object, sizeof(object));
	return gomap_insert(maps[nr], &key, sizeof(key), value,
			    kinds[nr / 2].value_size, GFP_KERNEL);
}

static int fill_map(unsigned int nr)
{
	u64 key;
	int err = 0;

	maps[nr] = make_map(nr);
	if (IS_ERR(maps[nr])) {
		err = PTR_ERR(maps[nr]);
		maps[nr] = NULL;
		return err;
	}
	for (key = 0; !err && key < NR_OBJECTS; key++)
		err = store_object(nr, key);
	return err;
}

static void free_all(void)
{
	unsigned int nr, i;

	for (nr = 0; nr < NR_MAPS; nr++) {
		gomap_put(maps[nr]);
		for (i = 0; i < NR_OBJECTS; i++)
			if (hidden[nr][i])
				kfree((void *)~hidden[nr][i]);
	}
}

static int __init kmemleak_init(void)
{
	unsigned int nr;
	int err = 0;

	for (nr = 0; !err && nr < NR_MAPS; nr++)
		err = fill_map(nr);
	if (err)
		free_all();
	return err;
}
module_init(kmemleak_init);

static void __exit kmemleak_exit(void)
{
	free_all();
}
module_exit(kmemleak_exit);

MODULE_DESCRIPTION("objects that only values of maps point to");
MODULE_LICENSE("GPL");
