// SPDX-License-Identifier: GPL-2.0-only
/*
 * map.c - the life of a map: create, share, clear, reseed, destroy.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/random.h>

#include "../arena/quota.h"
#include "core.h"
#include "../arena/background.h"
#include "count.h"
#include "strict.h"
#include "view.h"

static int check_params(const struct gomap_params *p)
{
	if (p->flags & ~GOMAP_F_ALL)
		return -EINVAL;
	if (!p->key_size || p->key_size > GOMAP_KEY_SIZE_MAX)
		return -EINVAL;
	if (p->value_size > GOMAP_VALUE_SIZE_MAX)
		return -EINVAL;
	if (!p->value_size && p->flags & GOMAP_F_VAR_VALUE)
		return -EINVAL;
	if (p->hint > GOMAP_HINT_MAX)
		return -EINVAL;
	if (!p->value_size && p->flags & GOMAP_F_STABLE)
		return -EINVAL;
	if (p->alloc_ops && (!p->alloc_ops->alloc || !p->alloc_ops->free))
		return -EINVAL;
	if (p->window && p->flags & (GOMAP_F_KMALLOC | GOMAP_F_POINTERS))
		return -EINVAL;
	if (p->limits.max_entries && p->hint > p->limits.max_entries)
		return -ENOSPC;
	return 0;
}

static enum gomap_hash_function hash_function_for(const struct gomap *m)
{
	if (m->params.flags & GOMAP_F_TRUSTED_KEYS)
		return GOMAP_HASH_FOLD;
	return m->layout.key.is_var ? GOMAP_HASH_SIP_VAR : GOMAP_HASH_SIP;
}

/**
 * table_draw_seed() - Give a table a seed at random.
 * @m: The map, whose flags say what it is a seed of.
 * @t: The table, not published yet.
 *
 * Context: Process context, may sleep.
 */
void table_draw_seed(const struct gomap *m, struct gomap_table *t)
{
	t->seed = gomap_seed_make(get_random_u64(), get_random_u64(),
				  hash_function_for(m));
}

/* A table of 2^B buckets with nothing in it, under a seed of its own. */
static struct gomap_table *empty_table(struct gomap *m, u32 B, size_t span_max)
{
	struct gomap_arena *arena;
	struct gomap_array *array;
	struct gomap_table *t;

	arena = arena_create(m->account, m->layout.bucket_size,
			     m->params.flags & GOMAP_F_KMALLOC, GFP_KERNEL);
	if (IS_ERR(arena))
		return ERR_CAST(arena);
	array = array_create(arena, B, span_max, GFP_KERNEL);
	if (IS_ERR(array)) {
		t = ERR_CAST(array);
		goto out_put_arena;
	}
	t = table_create(arena, array, NULL, GFP_KERNEL);
	if (IS_ERR(t))
		goto out_put_array;
	t->stripe_mask = stripe_mask_for(m, B);
	t->count_portion = count_portion_for(m, B);
	table_draw_seed(m, t);

out_put_array:
	array_put(array);
out_put_arena:
	arena_put(arena);
	return t;
}

/*
 * The first table.  Memory comes now where there is a hint for more than one
 * bucket, and with the first insert otherwise, as in Go.
 */
static struct gomap_table *first_table(struct gomap *m)
{
	struct gomap_table *t;
	int err;

	if (!presize_is_possible(m))
		return ERR_PTR(-ENOMEM);
	t = empty_table(m, m->B_min, SPAN_BYTES_PRESIZED);
	if (IS_ERR(t))
		return t;
	err = presize_table(m, t);
	if (err) {
		table_destroy(t);
		return ERR_PTR(err);
	}
	t->generation = get_random_u32();
	t->seed_generation = 1;
	return t;
}

static void map_init(struct gomap *m, const struct gomap_params *params,
		     struct gomap_account *acct)
{
	m->params = *params;
	m->max_entries = params->limits.max_entries;
	m->account = acct;
	m->B_min = B_for_entries(params->hint);
	m->layout = layout_of(params->key_size, params->value_size,
			      params->flags);
	m->shape = shape_of(&m->layout);
	atomic64_set(&m->iter_sequence, get_random_u64());
	refcount_set(&m->refs, 1);
	mutex_init(&m->resize_mutex);
	mutex_init(&m->leaks_mutex);
	spin_lock_init(&m->table_lock);
	INIT_DELAYED_WORK(&m->work, worker_run);
}

static void set_table(struct gomap *m, struct gomap_table *t)
{
	t->serial = ++m->tables;
	rcu_assign_pointer(m->table, t);
	view_show_table(m, t);
}

static struct gomap_account *open_account(const struct gomap_params *params)
{
	return account_create(&(struct account_params){
		.ops = params->alloc_ops,
		.ctx = params->alloc_ctx,
		.max_bytes = params->limits.max_bytes,
		.charged = params->flags & GOMAP_F_ACCOUNT,
		.contents_point = params->flags & GOMAP_F_POINTERS,
		.window = params->window,
	});
}

/* A map of which all is there but a place in the limits for all maps. */
static struct gomap *build_map(const struct gomap_params *params,
			       struct gomap_account *acct)
{
	struct gomap_table *t;
	struct gomap *m;
	int err;

	m = account_alloc(acct, sizeof(*m), ACCOUNT_DESCRIPTOR, GFP_KERNEL);
	if (IS_ERR(m))
		return m;
	map_init(m, params, acct);
	err = view_create(m);
	if (err)
		goto err_free_map;
	err = stripes_create(m);
	if (err)
		goto err_destroy_view;
	t = first_table(m);
	if (IS_ERR(t)) {
		err = PTR_ERR(t);
		goto err_destroy_stripes;
	}
	set_table(m, t);
	return m;

err_destroy_stripes:
	stripes_destroy(m);
err_destroy_view:
	view_destroy(m);
err_free_map:
	account_free(acct, m, sizeof(*m), ACCOUNT_DESCRIPTOR);
	return ERR_PTR(err);
}

struct gomap *gomap_create(const struct gomap_params *params)
{
	struct gomap_account *acct;
	struct gomap *m;
	int err;

	err = check_params(params);
	if (err)
		return ERR_PTR(err);
	if (!quota_take_map())
		return ERR_PTR(-ENOSPC);

	m = ERR_PTR(-ENOMEM);
	acct = open_account(params);
	if (!acct)
		goto err_give_map;
	m = build_map(params, acct);
	if (IS_ERR(m))
		goto err_put_account;
	return m;

err_put_account:
	account_put(acct);
err_give_map:
	quota_give_map();
	return m;
}
EXPORT_SYMBOL_GPL(gomap_create);

struct gomap *gomap_get(struct gomap *map)
{
	if (map)
		refcount_inc(&map->refs);
	return map;
}
EXPORT_SYMBOL_GPL(gomap_get);

static void map_free(struct work_struct *work)
{
	struct gomap *m = container_of(to_rcu_work(work), struct gomap, retire);
	struct gomap_account *acct = m->account;

	stripes_destroy(m);
	view_destroy(m);
	account_free(acct, m, sizeof(*m), ACCOUNT_DESCRIPTOR);
	account_put(acct);
}

void gomap_put(struct gomap *map)
{
	if (!map || !refcount_dec_and_test(&map->refs))
		return;

	quota_give_map();
	/* Nobody can start anything any more but readers in RCU sections. */
	cancel_delayed_work_sync(&map->work);
	table_destroy(map->finish);
	table_retire(rcu_dereference_protected(map->table, true));
	INIT_RCU_WORK(&map->retire, map_free);
	background_run_after_grace_period(&map->retire);
}
EXPORT_SYMBOL_GPL(gomap_put);

/**
 * table_successor() - Make a table that is to follow another one.
 * @m: The map.
 * @t: The other one: seed and generations are taken from there.
 * @array: Its current array, whose arena it takes, too.
 * @old: The array to evacuate, or NULL.
 *
 * Context: Process context, may sleep.
 * Return: The table, or ERR_PTR() as account_alloc().
 */
struct gomap_table *table_successor(struct gomap *m,
				    const struct gomap_table *t,
				    struct gomap_array *array,
				    struct gomap_array *old)
{
	struct gomap_table *next;

	next = table_create(array->arena, array, old, GFP_KERNEL);
	if (IS_ERR(next))
		return next;
	next->seed = t->seed;
	next->seed_generation = t->seed_generation;
	next->generation = t->generation;
	next->stripe_mask = stripe_mask_for(m, old ? min(old->B, array->B) :
						     array->B);
	next->count_portion = count_portion_for(m, array->B);
	return next;
}

/**
 * publish_table() - Make a table the current one.
 * @m: The map.
 * @next: The table.
 *
 * The one that was current is for the caller to retire.
 *
 * Context: Caller holds all stripe locks.
 */
void publish_table(struct gomap *m, struct gomap_table *next)
{
	lockdep_assert_held(&m->table_lock);
	stripes_assert_held(m);

	count_tell(m);
	m->stripes[0].writes++;
	set_table(m, next);
}

/*
 * The content of a map goes with its table, arrays and arena, whatever its
 * size; a resize that is under way has become pointless.  The spans of the new
 * array come with the entries.
 */
static void publish_empty_table(struct gomap *m, struct gomap_table *next)
{
	struct gomap_table *t, *finish;
	struct arena_totals totals;

	stripes_lock_all(m);
	t = stripes_table(m);
	next->generation = t->generation + 1;
	next->seed_generation = t->seed_generation + 1;
	arena_totals(t->arena, &totals);
	arena_count_on(next->arena, totals.object_allocs);
	publish_table(m, next);
	finish = m->finish;
	WRITE_ONCE(m->finish, NULL);
	atomic64_set(&m->count, 0);
	view_count_nothing(m);
	atomic64_set(&m->nr_overflow, 0);
	atomic64_set(&m->nr_evacuated, 0);
	m->clears++;
	stripes_unlock_all(m);

	table_destroy(finish);
	table_retire(t);
}

/**
 * map_B() - B of the current array.
 * @m: The map.
 *
 * Context: Any context.
 * Return: It.
 */
u32 map_B(const struct gomap *m)
{
	u32 B;

	rcu_read_lock();
	B = rcu_dereference(m->table)->array->B;
	rcu_read_unlock();
	return B;
}

static int clear_locked(struct gomap *m)
{
	struct gomap_table *next;

	lockdep_assert_held(&m->resize_mutex);

	next = empty_table(m, map_B(m), SPAN_BYTES_MAX);
	if (IS_ERR(next))
		return PTR_ERR(next);
	publish_empty_table(m, next);
	return 0;
}

int gomap_clear(struct gomap *map)
{
	int err;

	if (!map)
		return -EINVAL;
	err = strict_enter(map);
	if (err)
		return err;
	mutex_lock(&map->resize_mutex);
	err = clear_locked(map);
	mutex_unlock(&map->resize_mutex);
	strict_leave(map);
	return err;
}
EXPORT_SYMBOL_GPL(gomap_clear);

/**
 * map_reseed_if_empty() - Draw a new seed if the map holds nothing.
 * @m: The map.
 *
 * Go does this when the last entry is deleted: whoever found keys that collide
 * has to start over.  No entry moves, for there is none; a reader under the
 * old seed began while the map was empty or earlier, and may miss what is
 * stored under the new one.
 *
 * Context: Process context, may sleep.
 * Return: 0, also if there was no reason to; or -ENOMEM.
 */
int map_reseed_if_empty(struct gomap *m)
{
	struct gomap_table *t, *next;
	int err = 0;

	mutex_lock(&m->resize_mutex);
	/* A resize would publish its end without the mutex: let it end first. */
	t = settled_table(m);
	if (!t || gomap_len(m))
		goto out_unlock;
	next = table_successor(m, t, t->array, NULL);
	if (IS_ERR(next)) {
		err = PTR_ERR(next);
		goto out_unlock;
	}
	next->seed_generation++;
	table_draw_seed(m, next);

	stripes_lock_all(m);
	if (!gomap_len(m)) {
		publish_table(m, next);
		swap(t, next);
	}
	stripes_unlock_all(m);
	table_retire(next);

out_unlock:
	mutex_unlock(&m->resize_mutex);
	return err;
}
