// SPDX-License-Identifier: GPL-2.0-only
/*
 * delete.c - delete: section 4 of core.h.  It needs no memory, and so no second
 * try.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <asm/barrier.h>

#include "core.h"
#include "count.h"
#include "search.h"
#include "shape.h"
#include "strict.h"
#include "stripe.h"

/* A map with few entries left may be empty now, or want to shrink. */
static noinline void notice_low_count(struct gomap *m,
				      const struct gomap_table *t, u64 max)
{
	/*
	 * Between what this delete changed and the looks at what others change.
	 * Of two that remove the last two entries one sees that there is none.
	 * And as the xchg() of do_what_is_due() is between shrink_due and a look
	 * at the count, too: who has taken up a request that is seen here has
	 * seen the delete.
	 */
	smp_mb();
	if (!count_lower_bound(m, t, max) && !gomap_len(m)) {
		WRITE_ONCE(m->reseed_due, true);
		worker_kick(m, WORKER_DELAY);
	}
	shrink_if_sparse(m, t);
}

static __always_inline void remove_entry(struct gomap *m,
					 const struct gomap_layout *layout,
					 const struct gomap_table *t,
					 struct gomap_stripe *stripe,
					 const struct gomap_home *home,
					 const struct gomap_slot_ref *ref)
{
	u32 key = field_handle(&layout->key, ref->bucket, ref->slot);
	u32 value = field_handle(&layout->value, ref->bucket, ref->slot);
	u64 max = READ_ONCE(m->max_entries);

	chain_write_begin(home->head);
	chain_vacate(layout, t->arena, home->head, ref);
	chain_write_end(home->head);

	if (!layout->key.is_inline)
		arena_retire(t->arena, key);
	if (!layout->value.is_inline)
		arena_retire(t->arena, value);
	if (unlikely(uncount_entry(m, t, stripe, max)))
		notice_low_count(m, t, max);
}

static __always_inline int delete_locked(struct gomap *m,
					 const struct gomap_layout *layout,
					 const struct gomap_table *t,
					 struct gomap_stripe *stripe,
					 const struct gomap_home *home,
					 const struct gomap_key *key)
{
	struct gomap_slot_ref ref;

	stripe_assert_held(m, t, home->hash);
	if (!home->head ||
	    !chain_search(layout, t->arena, home, key, &ref))
		return 0;
	remove_entry(m, layout, t, stripe, home, &ref);
	return 1;
}

static __always_inline int delete_key(struct gomap *m,
				      const struct gomap_layout *layout,
				      struct gomap_key *key)
{
	struct gomap_stripe *stripe;
	struct gomap_home home;
	struct gomap_table *t;
	int ret;

	t = stripe_lock_key(m, layout, key, &stripe, &home);
	if (unlikely(writers_evacuate(t)))
		home = evacuate_own_bucket(m, t, key->hash);
	ret = delete_locked(m, layout, t, stripe, &home, key);
	stripe->writes += ret;
	stripe_unlock(stripe);
	resize_help(m, false);
	return ret;
}

/* A delete from a map with this layout. */
static __always_inline int delete(struct gomap *m,
				  const struct gomap_layout *layout,
				  const void *data, u32 len)
{
	struct gomap_key key = { .data = data, .len = len };
	int ret;

	if (!field_accepts(&layout->key, len))
		return -EMSGSIZE;
	ret = strict_enter(m);
	if (ret)
		return ret;
	ret = delete_key(m, layout, &key);
	strict_leave(m);
	return ret;
}

#define DEFINE_DELETE(name, shape)					\
static noinline int delete_##name(struct gomap *m, const void *key,	\
				  u32 key_len)				\
{									\
	const struct gomap_layout layout =				\
		shape_layout(shape, &m->layout);			\
									\
	return delete(m, &layout, key, key_len);			\
}
DEFINE_FOR_SHAPES(DEFINE_DELETE)

int gomap_delete(struct gomap *map, const void *key, u32 key_len)
{
	if (!map)
		return 0;
	return call_by_shape(map->shape, delete, map, key, key_len);
}
EXPORT_SYMBOL_GPL(gomap_delete);
