// SPDX-License-Identifier: GPL-2.0-only
/*
 * registry.c - the names of maps, and who may open them.
 *
 * A name is taken in two steps: reserved before the map is built, so that of two
 * creators one fails early, and published when nothing can fail any more.  In
 * between it is taken but leads nowhere.  Ids are given at publication and only
 * ever grow: a listing, which goes by id, cannot pass by one in the making.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/lockdep.h>
#include <linux/rwsem.h>
#include <linux/string.h>

#include "dev.h"

static DECLARE_RWSEM(registry_lock);
static struct rb_root maps_by_name = RB_ROOT; /* registry_lock */
static struct rb_root maps_by_id = RB_ROOT; /* registry_lock; published only */
static u64 last_id; /* registry_lock */

static struct gomap_devmap *from_name_node(const struct rb_node *node)
{
	return rb_entry(node, struct gomap_devmap, by_name);
}

static struct gomap_devmap *from_id_node(const struct rb_node *node)
{
	return rb_entry(node, struct gomap_devmap, by_id);
}

static int compare_name(const void *name, const struct rb_node *node)
{
	return strncmp(name, from_name_node(node)->name, GOMAP_NAME_LEN);
}

static int compare_names(struct rb_node *a, const struct rb_node *b)
{
	return compare_name(from_name_node(a)->name, b);
}

static bool has_lower_id(struct rb_node *a, const struct rb_node *b)
{
	return from_id_node(a)->id < from_id_node(b)->id;
}

/* As for a file: one class of bits decides, and the capability overrides. */
static bool may_open(const struct gomap_devmap *dm, u32 open_flags)
{
	unsigned int bits = dm->mode & 07;
	unsigned int wanted = 0;

	if (uid_eq(current_fsuid(), dm->uid))
		bits = (dm->mode >> 6) & 07;
	else if (in_group_p(dm->gid))
		bits = (dm->mode >> 3) & 07;

	if (open_flags & GOMAP_OPEN_READ)
		wanted |= 04;
	if (open_flags & GOMAP_OPEN_WRITE)
		wanted |= 02;

	return !(wanted & ~bits) || capable(CAP_DAC_OVERRIDE);
}

/* Take the name of @dm if it has one.  Return: 0 or -EEXIST. */
int gomap_registry_reserve(struct gomap_devmap *dm)
{
	struct rb_node *taken;

	if (!dm->name[0])
		return 0;

	down_write(&registry_lock);
	taken = rb_find_add(&dm->by_name, &maps_by_name, compare_names);
	if (!taken)
		kref_get(&dm->ref);
	up_write(&registry_lock);

	return taken ? -EEXIST : 0;
}

/* Give @dm its id, and if it has a name, let it be found.  Cannot fail. */
void gomap_registry_publish(struct gomap_devmap *dm)
{
	down_write(&registry_lock);
	dm->id = ++last_id;
	if (dm->name[0]) {
		rb_add(&dm->by_id, &maps_by_id, has_lower_id);
		WRITE_ONCE(dm->named, true);
	}
	up_write(&registry_lock);
}

/* Give back a name that was reserved and not published. */
void gomap_registry_abandon(struct gomap_devmap *dm)
{
	if (!dm->name[0])
		return;

	down_write(&registry_lock);
	rb_erase(&dm->by_name, &maps_by_name);
	up_write(&registry_lock);

	gomap_devmap_put(dm);
}

static void remove_published(struct gomap_devmap *dm)
{
	lockdep_assert_held_write(&registry_lock);

	WRITE_ONCE(dm->named, false);
	rb_erase(&dm->by_name, &maps_by_name);
	rb_erase(&dm->by_id, &maps_by_id);
}

/* Take the name of @dm away.  Return: 0, or -ENOENT it has none. */
int gomap_registry_unlink(struct gomap_devmap *dm)
{
	bool named;

	down_write(&registry_lock);
	named = dm->named;
	if (named)
		remove_published(dm);
	up_write(&registry_lock);

	if (!named)
		return -ENOENT;
	gomap_devmap_put(dm);
	return 0;
}

/* Return: the map with a reference for the caller, -ENOENT or -EACCES. */
struct gomap_devmap *gomap_registry_open(const char *name, u32 open_flags)
{
	struct gomap_devmap *dm = ERR_PTR(-ENOENT);
	struct rb_node *node;

	down_read(&registry_lock);
	node = rb_find(name, &maps_by_name, compare_name);
	if (node && from_name_node(node)->named) {
		dm = from_name_node(node);
		if (may_open(dm, open_flags))
			kref_get(&dm->ref);
		else
			dm = ERR_PTR(-EACCES);
	}
	up_read(&registry_lock);

	return dm;
}

static struct rb_node *first_after(u64 id)
{
	struct rb_node *node = maps_by_id.rb_node;
	struct rb_node *first = NULL;

	lockdep_assert_held(&registry_lock);

	while (node) {
		if (from_id_node(node)->id > id) {
			first = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return first;
}

/*
 * Return: the first map after @id that the caller may read, with a reference for
 * the caller; NULL when there is none.
 */
struct gomap_devmap *gomap_registry_next(u64 id)
{
	struct gomap_devmap *dm = NULL;
	struct rb_node *node;

	down_read(&registry_lock);
	node = first_after(id);
	while (node && !may_open(from_id_node(node), GOMAP_OPEN_READ))
		node = rb_next(node);
	if (node) {
		dm = from_id_node(node);
		kref_get(&dm->ref);
	}
	up_read(&registry_lock);

	return dm;
}

/* Take all names away; for when the module goes and nobody else is left. */
void gomap_registry_clear(void)
{
	struct gomap_devmap *dm, *next;

	rbtree_postorder_for_each_entry_safe(dm, next, &maps_by_name, by_name)
		gomap_devmap_put(dm);

	maps_by_name = RB_ROOT;
	maps_by_id = RB_ROOT;
}
