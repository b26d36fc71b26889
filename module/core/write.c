// SPDX-License-Identifier: GPL-2.0-only
/*
 * write.c - insert, replace and store: section 4 of core.h.
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
#include "shape.h"
#include "strict.h"
#include "stripe.h"

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

/* Does an entry need no objects, but maybe for an overflow bucket? */
static __always_inline bool entry_fits_slot(const struct gomap_layout *layout)
{
	return layout->key.is_inline && layout->value.is_inline;
}

static int lack(struct gomap_write *w, enum write_lack what)
{
	w->lacks = what;
	return -EAGAIN;
}

static __always_inline bool may_sleep(const struct gomap_write *w)
{
	return gfpflags_allow_blocking(w->gfp);
}

static noinline u32 take_object(struct gomap_write *w,
				struct gomap_arena *arena, u32 class)
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

static noinline void give_back(struct gomap_arena *arena,
			       const struct entry_objects *objects)
{
	arena_free(arena, objects->bucket);
	arena_free(arena, objects->value);
	arena_free(arena, objects->key);
}

/* Everything that a new entry needs, or nothing. */
static noinline int take_objects(struct gomap_write *w,
				 struct gomap_arena *arena, bool new_bucket,
				 struct entry_objects *objects)
{
	const struct gomap_layout *l = &w->m->layout;

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

static __always_inline void put_entry(const struct gomap_write *w,
				      const struct gomap_layout *layout,
				      const struct gomap_slot_ref *ref,
				      const struct entry_objects *objects,
				      u64 hash)
{
	field_put(&layout->key, ref->bucket, ref->slot, w->key.data,
		  field_len(&layout->key, w->key.len), objects->key);
	field_put(&layout->value, ref->bucket, ref->slot, w->value,
		  field_len(&layout->value, w->value_len), objects->value);
	bucket_set_tophash(ref->bucket, ref->slot, gomap_tophash(hash));
}

/* Add an entry for which there is a slot, and nothing else that it needs. */
static __always_inline int fill_slot(struct gomap_write *w,
				     const struct gomap_layout *layout,
				     const struct gomap_table *t,
				     struct gomap_stripe *stripe,
				     const struct gomap_home *home,
				     const struct gomap_slot_ref *ref, u64 max)
{
	static const struct entry_objects none;

	if (!count_entry(w->m, t, stripe, max))
		return -ENOSPC;
	chain_write_begin(home->head);
	put_entry(w, layout, ref, &none, home->hash);
	chain_write_end(home->head);
	return 0;
}

/*
 * Add an entry that needs objects: for its key, for its value, or, if there is
 * no slot, an overflow bucket behind the chain's last one.
 */
static noinline int add_with_objects(struct gomap_write *w,
				     const struct gomap_table *t,
				     struct gomap_stripe *stripe,
				     const struct gomap_home *home,
				     const struct gomap_slot_ref *empty,
				     u64 max)
{
	struct gomap_bucket *head = home->head, *last = NULL;
	struct gomap_slot_ref ref = *empty;
	struct entry_objects objects = {};
	int err;

	if (ref.slot == GOMAP_SLOTS)
		last = ref.bucket;
	err = take_objects(w, t->arena, last, &objects);
	if (err)
		return err;
	if (!count_entry(w->m, t, stripe, max)) {
		give_back(t->arena, &objects);
		return -ENOSPC;
	}
	if (last)
		ref = (struct gomap_slot_ref){
			.bucket = bucket_clean(t->arena, objects.bucket),
		};

	chain_write_begin(head);
	put_entry(w, &w->m->layout, &ref, &objects, home->hash);
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

static __always_inline int add_entry(struct gomap_write *w,
				     const struct gomap_layout *layout,
				     const struct gomap_table *t,
				     struct gomap_stripe *stripe,
				     const struct gomap_home *home, u64 max,
				     const bool quick)
{
	struct gomap_slot_ref ref;
	bool has_slot;

	has_slot = quick ? bucket_find_empty(home->head, &ref) :
			   chain_find_empty(t->arena, home->head, &ref);
	if (has_slot && entry_fits_slot(layout))
		return fill_slot(w, layout, t, stripe, home, &ref, max);
	return quick ? -EAGAIN :
		       add_with_objects(w, t, stripe, home, &ref, max);
}

/*
 * Where readers get copies a value changes in its place, if there is room; a
 * stable one never does: readers look at the object itself.
 */
static bool may_change_in_place(const struct gomap_write *w, u32 object_size)
{
	return !(w->m->params.flags & GOMAP_F_STABLE) &&
	       object_size >= field_object_size(&w->m->layout.value,
						w->value_len);
}

/* Write another content to an object; nothing is left of one that was longer. */
static void object_refill(const struct gomap_field *f, void *object,
			  const void *content, u32 len)
{
	u32 had = f->is_var ? *(u32 *)object : len;

	object_fill(f, object, content, len);
	if (had > len)
		memset(object + f->prefix + len, 0, had - len);
}

static noinline int overwrite_object(struct gomap_write *w,
				     const struct gomap_table *t,
				     struct gomap_bucket *head,
				     const struct gomap_slot_ref *ref)
{
	const struct gomap_field *f = &w->m->layout.value;
	u32 handle, old, size = 0;
	void *object;

	old = field_handle(f, ref->bucket, ref->slot);
	object = arena_object(t->arena, old, &size);
	if (object && may_change_in_place(w, size)) {
		chain_write_begin(head);
		object_refill(f, object, w->value, w->value_len);
		chain_write_end(head);
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

static __always_inline int overwrite_entry(struct gomap_write *w,
					   const struct gomap_layout *layout,
					   const struct gomap_table *t,
					   struct gomap_bucket *head,
					   const struct gomap_slot_ref *ref,
					   const bool quick)
{
	if (!layout->value.is_inline)
		return quick ? -EAGAIN : overwrite_object(w, t, head, ref);
	chain_write_begin(head);
	field_put(&layout->value, ref->bucket, ref->slot, w->value,
		  field_len(&layout->value, w->value_len), 0);
	chain_write_end(head);
	return 0;
}

/*
 * A new entry makes growth due.  Who may sleep starts it; others leave that to
 * the worker and go on, into overflow buckets if need be.
 */
static noinline bool must_grow_first(struct gomap_write *w,
				     const struct gomap_table *t)
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

static __always_inline int write_locked(struct gomap_write *w,
					const struct gomap_layout *layout,
					const struct gomap_table *t,
					struct gomap_stripe *stripe,
					const struct gomap_home *home,
					const bool quick)
{
	u64 max = READ_ONCE(w->m->max_entries);
	struct gomap_slot_ref ref;

	stripe_assert_held(w->m, t, home->hash);
	if (home->head &&
	    chain_search(layout, t->arena, home, &w->key, &ref)) {
		if (w->mode == WRITE_INSERT)
			return -EEXIST;
		return overwrite_entry(w, layout, t, home->head, &ref, quick) ?:
		       1;
	}
	if (w->mode == WRITE_REPLACE)
		return -ENOENT;
	if (max && atomic64_read(&w->m->count) >= max)
		return -ENOSPC;
	if (unlikely(count_is_high(w->m, t, max))) {
		if (quick)
			return -EAGAIN;
		if (must_grow_first(w, t))
			return lack(w, LACKS_GROWTH);
	}
	if (!home->head)
		return quick ? -EAGAIN : lack(w, LACKS_BUCKET);
	return add_entry(w, layout, t, stripe, home, max, quick);
}

static bool may_wait_for_destination(const struct gomap_write *w)
{
	return !w->destination_tried && may_sleep(w) &&
	       evacuation_may_be_tried(w->m);
}

/* The part in a resize of a write.  -EAGAIN: it lacks memory for that. */
static noinline int evacuate_for_write(struct gomap_write *w,
				       const struct gomap_table *t,
				       struct gomap_home *home)
{
	if (may_wait_for_destination(w) &&
	    resize_lacks_destination(t, w->key.hash))
		return lack(w, LACKS_DESTINATION);
	*home = evacuate_own_bucket(w->m, t, w->key.hash);
	return 0;
}

/*
 * One try.  -EAGAIN: it lacked something, nothing was changed.
 *
 * A quick one does what most writes come to, with no resize to take part in and
 * with an empty slot, or a value that is overwritten in its slot.  It leaves
 * anything else to the tries that follow.  So it shows its struct gomap_write to
 * no other function, and that is none in the end, but registers.
 */
static __always_inline int try_write(struct gomap_write *w,
				     const struct gomap_layout *layout,
				     const bool quick)
{
	struct gomap_stripe *stripe;
	struct gomap_home home;
	struct gomap_table *t;
	int ret = 0;

	t = stripe_lock_key(w->m, layout, &w->key, &stripe, &home);
	if (!quick && unlikely(writers_evacuate(t)))
		ret = evacuate_for_write(w, t, &home);
	if (likely(!ret)) {
		ret = write_locked(w, layout, t, stripe, &home, quick);
		/* Also where it fails: objects were taken, see leaks.c. */
		stripe->writes++;
	}
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

static __always_inline struct gomap_write
write_of(struct gomap *m, const void *key, u32 key_len, const void *value,
	 u32 value_len, gfp_t gfp, enum write_mode mode)
{
	return (struct gomap_write){
		.m = m,
		.key = { .data = key, .len = key_len },
		.value = value,
		.value_len = value_len,
		.mode = mode,
		.gfp = gfp & (GFP_KERNEL | GFP_ATOMIC | __GFP_NOWARN),
	};
}

/* A write that is tried until it is done, or refused. */
static noinline int write_slowly(struct gomap *m, const void *key, u32 key_len,
				 const void *value, u32 value_len, gfp_t gfp,
				 enum write_mode mode)
{
	struct gomap_write w = write_of(m, key, key_len, value, value_len, gfp,
					mode);
	int ret;

	do {
		ret = try_write(&w, &m->layout, false);
	} while (ret == -EAGAIN && !(ret = make_room(&w)));
	if (is_refusal(ret))
		atomic64_inc(&m->refused[gomap_refusal(m, ret)]);
	return ret;
}

/*
 * In a resize a write has more to do.  One that begins only now may be missed: an
 * old bucket takes entries as long as it is not evacuated.
 */
static __always_inline bool may_be_quick(const struct gomap *m,
					 const struct gomap_layout *layout)
{
	return entry_fits_slot(layout) && likely(!READ_ONCE(m->finish));
}

/* A write to a map with this layout. */
static __always_inline int write(struct gomap *m,
				 const struct gomap_layout *layout,
				 const void *key, u32 key_len,
				 const void *value, u32 value_len, gfp_t gfp,
				 enum write_mode mode)
{
	struct gomap_write w = write_of(m, key, key_len, value, value_len, gfp,
					mode);
	int ret;

	might_sleep_if(gfpflags_allow_blocking(gfp));
	if (!field_accepts(&layout->key, key_len) ||
	    !field_accepts(&layout->value, value_len))
		return -EMSGSIZE;
	ret = strict_enter(m);
	if (ret)
		return ret;

	ret = may_be_quick(m, layout) ? try_write(&w, layout, true) : -EAGAIN;
	/* Refusals, too: there they are counted. */
	if (unlikely(ret == -EAGAIN || ret == -ENOSPC))
		ret = write_slowly(m, key, key_len, value, value_len, gfp,
				   mode);
	resize_help(m, gfpflags_allow_blocking(gfp));

	strict_leave(m);
	return ret;
}

#define DEFINE_WRITE(name, shape)					\
static noinline int write_##name(struct gomap *m, const void *key,	\
				 u32 key_len, const void *value,	\
				 u32 value_len, gfp_t gfp,		\
				 enum write_mode mode)			\
{									\
	const struct gomap_layout layout =				\
		shape_layout(shape, &m->layout);			\
									\
	return write(m, &layout, key, key_len, value, value_len, gfp,	\
		     mode);						\
}
DEFINE_FOR_SHAPES(DEFINE_WRITE)

static __always_inline int write_value(struct gomap *m, const void *key,
				       u32 key_len, const void *value,
				       u32 value_len, gfp_t gfp,
				       enum write_mode mode)
{
	if (!m)
		return -EINVAL;
	return call_by_shape(m->shape, write, m, key, key_len, value, value_len,
			     gfp, mode);
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
