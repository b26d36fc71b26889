// SPDX-License-Identifier: GPL-2.0-only
/*
 * count.c - how many entries there are; see count.h.
 */
#include <linux/compiler.h>
#include <linux/export.h>

#include "../compat.h"
#include "count.h"

static u64 sum_up(const struct gomap *m)
{
	s64 n = atomic64_read(&m->count);
	u32 i;

	for (i = 0; i < 1U << m->stripe_bits_max; i++)
		n += READ_ONCE(m->stripes[i].kept);
	return max_t(s64, n, 0);
}

/* Who tells has this lock, too. */
static u64 sum_up_locked(struct gomap *m)
{
	u64 n;

	spin_lock_bh(&m->table_lock);
	n = sum_up(m);
	spin_unlock_bh(&m->table_lock);
	return n;
}

/*
 * Who holds a stripe lock, or table_lock, does not come upon anybody who tells,
 * and so takes no lock here.
 */
u64 gomap_len(const struct gomap *map)
{
	u32 told;
	u64 n;

	if (!map)
		return 0;
	told = smp_load_acquire(&map->told);	/* R */
	n = sum_up(map);
	smp_rmb();	/* T */
	if (likely(!(told & 1) && READ_ONCE(map->told) == told))
		return n;
	if (!gomap_may_wait_for_writers())
		return n;
	return sum_up_locked((struct gomap *)map);
}
EXPORT_SYMBOL_GPL(gomap_len);

/**
 * count_tell() - Add what the stripes keep to the map's count.
 * @m: The map.
 *
 * The number of entries stays the same, and so does what gomap_len() says:
 * @told is odd meanwhile, as a chain's version is.  Q pairs with R, S with T.
 *
 * Context: Caller holds all stripe locks.
 */
void count_tell(struct gomap *m)
{
	u32 i;

	lockdep_assert_held(&m->table_lock);
	stripes_assert_held(m);

	WRITE_ONCE(m->told, m->told + 1);
	smp_wmb();	/* S */
	for (i = 0; i < 1U << m->stripe_bits_max; i++) {
		atomic64_add(m->stripes[i].kept, &m->count);
		WRITE_ONCE(m->stripes[i].kept, 0);
	}
	smp_store_release(&m->told, m->told + 1);	/* Q */
}
