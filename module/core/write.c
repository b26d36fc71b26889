// SPDX-License-Identifier: GPL-2.0-only
/*
 * write.c - insert, replace, store and delete: section 4 of core.h.
 *
 * A write is tried under its stripe lock with what memory the map has at hand.
 * If something lacks, the try changes nothing and says what; that is provided
 * with the lock released, as the caller's context allows, and the write is
 * tried again.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "core.h"
#include "count.h"
#include "search.h"
#include "strict.h"

/**
 * enum write_mode - what a write may find.
 * @WRITE_INSERT: The key must be absent.
 * @WRITE_REPLACE: The key must be there.
 * @WRITE_STORE: Either.
 */
enum write_mode {
	WRITE_INSERT,
	WRITE_REPLACE,
	WRITE_STORE,
};

/**
 * enum write_lack - what a try lacked.
 * @LACKS_NOTHING: Nothing.
 * @LACKS_GROWTH: The map is over its load: growth is to be started.
 * @LACKS_DESTINATION: What the old bucket is to be evacuated to has no memory.
 * @LACKS_BUCKET: The bucket has no memory.
 * @LACKS_OBJECT: The arena has no free object of the class lacking_class.
 */
enum write_lack {
	LACKS_NOTHING,
	LACKS_GROWTH,
	LACKS_DESTINATION,
	LACKS_BUCKET,
	LACKS_OBJECT,
};

/*
 * An entry takes up to three objects, a key, a value and a bucket, and they can
 * be of one class: one free object would be taken, given back, and found again
 * for ever.
 */
#define ENTRY_OBJECTS_MAX	3

/**
 * struct gomap_write - a write in progress.
 * @m: The map.
 * @key: The key.
 * @value: The value; NULL where @value_len is 0.
 * @value_len: Bytes of it.
 * @mode: What may be found.
 * @gfp: Whether the caller may sleep.
 * @growth_tried: Growth was tried for this write: it goes on without.
 * @destination_tried: The same of memory for evacuating its bucket.
 * @lacks: What the last try lacked.
 * @lacking_class: Of the object that it lacked.
 */
struct gomap_write {
	struct gomap *m;
	struct gomap_key key;
	const void *value;
	u32 value_len;
	enum write_mode mode;
	gfp_t gfp;
	bool growth_tried;
	bool destination_tried;
	enum write_lack lacks;
	u32 lacking_class;
};

/**
 * struct entry_objects - arena objects for an entry; 0 where none is needed.
 * @key: Content of the key.
 * @value: Content of the value.
 * @bucket: A new overflow bucket.
 */
struct entry_objects {
	u32 key;
	u32 value;
	u32 bucket;
};

static int lack(struct gomap_write *w, enum write_lack what)
{
	w->lacks = what;
	return -EAGAIN;
}

static bool may_sleep(const struct gomap_write *w)
{
	return gfpflags_allow_blocking(w->gfp);
}

static u32 take_object(struct gomap_write *w, struct gomap_arena *arena,
		       u32 class)
{
	u32 handle = arena_alloc(arena, class);

	if (!handle) {
		w->lacking_class = class;
		lack(w, LACKS_OBJECT);
	}
	return handle;
}

/* An object with the content of a field that is not inline. */
static u32 take_content(struct gomap_write *w, struct gomap_arena *arena,
			const struct gomap_field *f, const void *content,
			u32 len)
{
	u32 class = arena_class_of(field_object_size(f, len));
	u32 handle = take_object(w, arena, class);

	if (handle)
		object_fill(f, arena_object(arena, handle, NULL), content, len);
	return handle;
}

static void give_back(struct gomap_arena *arena,
		      const struct entry_objects *objects)
{
	arena_free(arena, objects->bucket);
	arena_free(arena, objects->value);
	arena_free(arena, objects->key);
}

/* Everything that a new entry needs, or nothing. */
static int take_objects(struct gomap_write *w, struct gomap_arena *arena,
			bool new_bucket, struct entry_objects *objects)
{
	const struct gomap_layout *l = &w->m->layout;

	*objects = (struct entry_objects){};
	if (!l->key.is_inline) {
		objects->key = take_content(w, arena, &l->key, w->key.data,
					    w->key.len);
		if (!objects->key)
			goto err_give_back;
	}
	if (!l->value.is_inline) {
		objects->value = take_content(w, arena, &l->value, w->value,
					      w->value_len);
		if (!objects->value)
			goto err_give_back;
	}
	if (new_bucket) {
		objects->bucket = take_object(w, arena, ARENA_CLASS_BUCKET);
		if (!objects->bucket)
			goto err_give_back;
	}
	return 0;

err_give_back:
	give_back(arena, objects);
	return -EAGAIN;
}

static bool is_full(const struct gomap *m)
{
	u64 max = READ_ONCE(m->max_entries);

	return max && atomic64_read(&m->count) >= max;
}

static int add_entry(struct gomap_write *w, const struct gomap_table *t,
		     const struct gomap_home *home)
{
	const struct gomap_layout *l = &w->m->layout;
	struct gomap_bucket *head = home->head, *last = NULL;
	struct entry_objects objects;
	struct gomap_slot_ref ref;
	int err;

	if (!chain_find_empty(t->arena, head, &ref))
		last = ref.bucket;
	err = take_objects(w, t->arena, last, &objects);
	if (err)
		return err;
	if (!count_entry(w->m, t, stripe_of(w->m, t, home->hash))) {
		give_back(t->arena, &objects);
		return -ENOSPC;
	}
	if (last)
		ref = (struct gomap_slot_ref){
			.bucket = bucket_clean(t->arena, objects.bucket),
		};

	chain_write_begin(head);
	field_put(&l->key, ref.bucket, ref.slot, w->key.data, w->key.len,
		  objects.key);
	field_put(&l->value, ref.bucket, ref.slot, w->value, w->value_len,
		  objects.value);
	bucket_set_tophash(ref.bucket, ref.slot, gomap_tophash(home->hash));
	if (last)
		bucket_link(last, objects.bucket);
	chain_write_end(head);

	if (last) {
		if (home->array == t->array)
			atomic64_inc(&w->m->nr_overflow);
		rekey_if_attacked(w->m, t, home);
	}
	return 0;
}

/* Write a value that has its place already: in the slot, or in an object. */
static void overwrite_in_place(struct gomap_write *w,
			       struct gomap_bucket *head,
			       const struct gomap_slot_ref *ref, void *object)
{
	const struct gomap_field *f = &w->m->layout.value;

	chain_write_begin(head);
	if (object)
		object_fill(f, object, w->value, w->value_len);
	else
		field_put(f, ref->bucket, ref->slot, w->value, w->value_len, 0);
	chain_write_end(head);
}

/*
 * Where readers get copies a value changes in its place, if there is room; a
 * stable one never does: readers look at the object itself.
 */
static bool may_change_in_place(const struct gomap_write *w, u32 object_size)
{
	const struct gomap_field *f = &w->m->layout.value;

	if (w->m->params.flags & GOMAP_F_STABLE)
		return false;
	return f->is_inline ||
	       object_size >= field_object_size(f, w->value_len);
}

static int overwrite_entry(struct gomap_write *w, const struct gomap_table *t,
			   struct gomap_bucket *head,
			   const struct gomap_slot_ref *ref)
{
	const struct gomap_field *f = &w->m->layout.value;
	u32 handle, old, size = 0;
	void *object;

	old = field_handle(f, ref->bucket, ref->slot);
	object = arena_object(t->arena, old, &size);
	if (may_change_in_place(w, size)) {
		overwrite_in_place(w, head, ref, object);
		return 0;
	}

	handle = take_content(w, t->arena, f, w->value, w->value_len);
	if (!handle)
		return -EAGAIN;
	chain_write_begin(head);
	field_put(f, ref->bucket, ref->slot, NULL, 0, handle);
	chain_write_end(head);
	arena_retire(t->arena, old);
	return 0;
}

/*
 * A new entry makes growth due.  Who may sleep starts it; others leave that to
 * the worker and go on, into overflow buckets if need be.
 */
static bool must_grow_first(struct gomap_write *w, const struct gomap_table *t)
{
	struct gomap *m = w->m;

	if (!growth_is_due(m, t) || !growth_may_be_tried(m))
		return false;
	if (may_sleep(w))
		return !w->growth_tried;
	WRITE_ONCE(m->grow_due, true);
	worker_kick(m, 0);
	return false;
}

static int write_locked(struct gomap_write *w, const struct gomap_table *t,
			const struct gomap_home *home)
{
	struct gomap_slot_ref ref;

	stripe_assert_held(w->m, t, home->hash);
	if (home->head &&
	    chain_find(&w->m->layout, t->arena, home, &w->key, &ref)) {
		if (w->mode == WRITE_INSERT)
			return -EEXIST;
		return overwrite_entry(w, t, home->head, &ref) ?: 1;
	}
	if (w->mode == WRITE_REPLACE)
		return -ENOENT;
	if (is_full(w->m))
		return -ENOSPC;
	if (must_grow_first(w, t))
		return lack(w, LACKS_GROWTH);
	if (!home->head)
		return lack(w, LACKS_BUCKET);
	return add_entry(w, t, home);
}

static bool may_wait_for_destination(const struct gomap_write *w)
{
	return !w->destination_tried && may_sleep(w) &&
	       evacuation_may_be_tried(w->m);
}

/* One try.  -EAGAIN: it lacked something, nothing was changed. */
static int try_write(struct gomap_write *w)
{
	struct gomap_stripe *stripe;
	struct gomap_home home;
	struct gomap_table *t;
	int ret;

	t = stripe_lock_key(w->m, &w->key, &stripe, &home);
	if (unlikely(writers_evacuate(t))) {
		if (may_wait_for_destination(w) &&
		    resize_lacks_destination(t, w->key.hash)) {
			stripe_unlock(stripe);
			return lack(w, LACKS_DESTINATION);
		}
		evacuate_own_bucket(w->m, t, &w->key, &home);
	}
	ret = write_locked(w, t, &home);
	/* Also where it failed: it had objects for a moment, see leaks.c. */
	stripe->writes++;
	stripe_unlock(stripe);
	return ret;
}

static int provide(struct gomap_write *w, struct gomap_array *array)
{
	if (w->lacks == LACKS_OBJECT)
		return arena_reserve(array->arena, w->lacking_class,
				     ENTRY_OBJECTS_MAX, w->gfp);
	return array_populate_halves(array, w->key.hash, w->gfp);
}

static int provide_sleeping(struct gomap_write *w)
{
	struct gomap_array *array = map_hold_array(w->m);
	int err = provide(w, array);

	array_put(array);
	return err;
}

/* The RCU section keeps the array, where dropping a reference might sleep. */
static int provide_atomic(struct gomap_write *w)
{
	int err;

	rcu_read_lock();
	err = provide(w, rcu_dereference(w->m->table)->array);
	rcu_read_unlock();
	return err;
}

/*
 * Get what the last try lacked.  0: try again.  Without growth, and with an
 * old bucket that cannot be evacuated now, the write goes well, too.
 */
static int make_room(struct gomap_write *w)
{
	atomic64_inc(&w->m->write_allocs);
	switch (w->lacks) {
	case LACKS_GROWTH:
		w->growth_tried = true;
		growth_start(w->m);
		return 0;
	case LACKS_DESTINATION:
		w->destination_tried = true;
		evacuation_was_tried(w->m, provide_sleeping(w));
		return 0;
	default:
		return may_sleep(w) ? provide_sleeping(w) : provide_atomic(w);
	}
}

/* Was there no room, which is something to know of? */
static bool is_refusal(int ret)
{
	return ret == -ENOSPC || ret == -EDQUOT || ret == -ENOMEM;
}

static int write_value(struct gomap *m, const void *key, u32 key_len,
		       const void *value, u32 value_len, gfp_t gfp,
		       enum write_mode mode)
{
	struct gomap_write w = {
		.m = m,
		.key = { .data = key, .len = key_len },
		.value = value,
		.value_len = value_len,
		.mode = mode,
		.gfp = gfp & (GFP_KERNEL | GFP_ATOMIC | __GFP_NOWARN),
	};
	int ret;

	might_sleep_if(gfpflags_allow_blocking(gfp));
	if (!m)
		return -EINVAL;
	if (!field_accepts(&m->layout.key, key_len) ||
	    !field_accepts(&m->layout.value, value_len))
		return -EMSGSIZE;
	ret = strict_enter(m);
	if (ret)
		return ret;

	do {
		ret = try_write(&w);
	} while (ret == -EAGAIN && !(ret = make_room(&w)));
	resize_help(m, may_sleep(&w));
	if (is_refusal(ret))
		atomic64_inc(&m->refused[gomap_refusal(m, ret)]);

	strict_leave(m);
	return ret;
}

int gomap_insert(struct gomap *map, const void *key, u32 key_len,
		 const void *value, u32 value_len, gfp_t gfp)
{
	return write_value(map, key, key_len, value, value_len, gfp,
			   WRITE_INSERT);
}
EXPORT_SYMBOL_GPL(gomap_insert);

int gomap_replace(struct gomap *map, const void *key, u32 key_len,
		  const void *value, u32 value_len, gfp_t gfp)
{
	int ret = write_value(map, key, key_len, value, value_len, gfp,
			      WRITE_REPLACE);

	return min(ret, 0);
}
EXPORT_SYMBOL_GPL(gomap_replace);

int gomap_store(struct gomap *map, const void *key, u32 key_len,
		const void *value, u32 value_len, gfp_t gfp)
{
	return write_value(map, key, key_len, value, value_len, gfp,
			   WRITE_STORE);
}
EXPORT_SYMBOL_GPL(gomap_store);

static void remove_entry(struct gomap *m, const struct gomap_table *t,
			 const struct gomap_home *home,
			 const struct gomap_slot_ref *ref)
{
	struct gomap_bucket *head = home->head;
	const struct gomap_layout *l = &m->layout;
	u32 key = field_handle(&l->key, ref->bucket, ref->slot);
	u32 value = field_handle(&l->value, ref->bucket, ref->slot);

	chain_write_begin(head);
	chain_vacate(l, t->arena, head, ref);
	chain_write_end(head);

	arena_retire(t->arena, key);
	arena_retire(t->arena, value);
	if (uncount_entry(m, t, stripe_of(m, t, home->hash))) {
		WRITE_ONCE(m->reseed_due, true);
		worker_kick(m, WORKER_DELAY);
	}
	shrink_if_sparse(m, t);
}

static int delete_locked(struct gomap *m, const struct gomap_table *t,
			 const struct gomap_home *home,
			 const struct gomap_key *key)
{
	struct gomap_slot_ref ref;

	stripe_assert_held(m, t, home->hash);
	if (!home->head || !chain_find(&m->layout, t->arena, home, key, &ref))
		return 0;
	remove_entry(m, t, home, &ref);
	return 1;
}

static int delete_key(struct gomap *m, struct gomap_key *key)
{
	struct gomap_stripe *stripe;
	struct gomap_home home;
	struct gomap_table *t;
	int ret;

	t = stripe_lock_key(m, key, &stripe, &home);
	if (unlikely(writers_evacuate(t)))
		evacuate_own_bucket(m, t, key, &home);
	ret = delete_locked(m, t, &home, key);
	stripe->writes += ret;
	stripe_unlock(stripe);
	resize_help(m, false);
	return ret;
}

int gomap_delete(struct gomap *map, const void *key, u32 key_len)
{
	struct gomap_key k = { .data = key, .len = key_len };
	int ret;

	if (!map)
		return 0;
	if (!field_accepts(&map->layout.key, key_len))
		return -EMSGSIZE;
	ret = strict_enter(map);
	if (ret)
		return ret;
	ret = delete_key(map, &k);
	strict_leave(map);
	return ret;
}
EXPORT_SYMBOL_GPL(gomap_delete);
