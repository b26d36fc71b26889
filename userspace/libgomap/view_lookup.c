// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Lookups in a view.  As in the kernel's lookup.c there is one look at the first
 * bucket of a chain, compiled for each shape of maps; what that does not answer
 * gets attempts of the general kind, and in the end the kernel is asked.
 */
#include <errno.h>
#include <limits.h>

#include "view_internal.h"

/* -- the general way ------------------------------------------------------ */

/* A key, and what is wanted of its value. */
struct wanted {
	const void *key;
	uint32_t key_len;
	void *value;			/* where to, or NULL */
	uint32_t value_cap;
	struct gomap_view_value found;	/* where it lies */
};

static uint32_t narrow(size_t len)
{
	return len > UINT32_MAX ? UINT32_MAX : (uint32_t)len;
}

/* The value was found, in a chain that may be being written. */
static int take_value(struct attempt *a, const struct gomap_slot_ref *ref,
		      struct wanted *w)
{
	const struct gomap_layout *layout = &whole(a->view)->layout;
	struct gomap_view_value *found = &w->found;

	found->data = gomap_field_get(&layout->value, attempt_object, a,
				      ref->bucket, ref->slot, &found->len);
	if (!found->data)
		return -ENOENT;
	if (w->value && found->len > w->value_cap)
		return -EMSGSIZE;
	if (w->value)
		gomap_copy_bytes(w->value, found->data, found->len);
	return (int)found->len;
}

static int search(struct attempt *a, struct wanted *w)
{
	const struct gomap_layout *layout = &whole(a->view)->layout;
	struct gomap_slot_ref ref;

	if (!a->head)
		return -ENOENT;
	if (gomap_chain_search(layout, attempt_object, a, a->head, a->hash,
			       w->key, w->key_len, &ref))
		return take_value(a, &ref, w);
	/* Its entries have gone, since its home was looked for. */
	if (gomap_tophash_is_evacuated(GOMAP_READ_ONCE(a->head->tophash)))
		return TRY_AGAIN;
	return -ENOENT;
}

/* One attempt: as gomap_lookup(), or TRY_AGAIN, or TRY_ASK. */
static int try_read(struct gomap_view *view, struct wanted *w)
{
	struct attempt a;
	uint64_t hash, old_hash;
	int ret, err;

	ret = attempt_begin(&a, view);
	if (ret)
		return ret;
	hash = gomap_hash(&a.array.seed, w->key, w->key_len);
	old_hash = hash;
	if (a.resizing == GOMAP_RESIZE_REKEY)
		old_hash = gomap_hash(&a.old.seed, w->key, w->key_len);
	ret = attempt_home(&a, hash, old_hash);
	if (ret)
		return ret;
	ret = search(&a, w);
	err = attempt_end(&a);
	if (err)
		return err;
	w->found.head = a.head;
	w->found.version = a.version;
	w->found.sequence = a.sequence;
	return ret < 0 && a.missing ? TRY_ASK : ret;
}

/* Attempts: as gomap_lookup(), or, it has to be asked for, TRY_ASK. */
static int read_in_view(struct gomap_view *view, struct wanted *w)
{
	int i, ret;

	for (i = 0; i < READ_TRIES; i++) {
		ret = try_read(view, w);
		if (ret != TRY_AGAIN)
			return ret;
		count(&whole(view)->retried);
	}
	return TRY_ASK;
}

static __attribute__((noinline)) int
read_again(struct gomap_view *view, const void *key, uint32_t key_len,
	   void *value, uint32_t value_cap)
{
	struct wanted w = {
		.key = key, .key_len = key_len,
		.value = value, .value_cap = value_cap,
	};
	int ret = read_in_view(view, &w);

	if (ret != TRY_ASK)
		return ret;
	count(&whole(view)->asked);
	return gomap_lookup(&whole(view)->map, key, key_len, value, value_cap);
}

/* -- shapes --------------------------------------------------------------- */

static __always_inline struct gomap_layout
layout_of_shape(const struct gomap_view *view, const uint32_t shape)
{
	struct gomap_layout layout;

	switch (shape) {
	case GOMAP_VIEW_SHAPE_4_4:
		return gomap_layout_of(4, 4, false, false, false);
	case GOMAP_VIEW_SHAPE_4_8:
		return gomap_layout_of(4, 8, false, false, false);
	case GOMAP_VIEW_SHAPE_8_8:
		return gomap_layout_of(8, 8, false, false, false);
	case GOMAP_VIEW_SHAPE_16_8:
		return gomap_layout_of(16, 8, false, false, false);
	default:
		layout = whole_const(view)->layout;
		if (shape == GOMAP_VIEW_SHAPE_8)
			gomap_field_init(&layout.key, 8, false, false);
		return layout;
	}
}

/* The quick look copies without asking how much: there has to be the room. */
static __always_inline bool can_look(const struct gomap_view *view,
				     const struct gomap_layout *layout,
				     const void *value, uint32_t value_cap)
{
	return whole_const(view)->plain && value &&
	       value_cap >= layout->value.max;
}

static __always_inline int
look_up(struct gomap_view *view, const uint32_t shape, const void *key,
	uint32_t key_len, void *value, uint32_t value_cap)
{
	const struct gomap_layout layout = layout_of_shape(view, shape);
	int ret = -EAGAIN;

	if (!gomap_field_accepts(&layout.key, key_len))
		return -EMSGSIZE;
	if (can_look(view, &layout, value, value_cap))
		ret = gomap_view__look(view, &layout, key, value);
	if (gomap_likely(ret != -EAGAIN))
		return ret;
	return read_again(view, key, key_len, value, value_cap);
}

/* The copies of a function, and the one that a view has. */
#define DEFINE_FOR_SHAPES(define)					\
	define(any, GOMAP_VIEW_SHAPE_ANY)				\
	define(4_4, GOMAP_VIEW_SHAPE_4_4)				\
	define(4_8, GOMAP_VIEW_SHAPE_4_8)				\
	define(8, GOMAP_VIEW_SHAPE_8)					\
	define(8_8, GOMAP_VIEW_SHAPE_8_8)				\
	define(16_8, GOMAP_VIEW_SHAPE_16_8)

#define CALL_BY_SHAPE(view, function, ...)				\
	((view)->shape == GOMAP_VIEW_SHAPE_8_8 ? function##_8_8(__VA_ARGS__) : \
	 (view)->shape == GOMAP_VIEW_SHAPE_4_4 ? function##_4_4(__VA_ARGS__) : \
	 (view)->shape == GOMAP_VIEW_SHAPE_4_8 ? function##_4_8(__VA_ARGS__) : \
	 (view)->shape == GOMAP_VIEW_SHAPE_16_8 ? function##_16_8(__VA_ARGS__) : \
	 (view)->shape == GOMAP_VIEW_SHAPE_8 ? function##_8(__VA_ARGS__) : \
	 function##_any(__VA_ARGS__))

#define DEFINE_LOOK_UP(name, shape)					\
static int look_up_##name(struct gomap_view *view, const void *key,	\
			  uint32_t key_len, void *value,		\
			  uint32_t value_cap)				\
{									\
	return look_up(view, shape, key, key_len, value, value_cap);	\
}
DEFINE_FOR_SHAPES(DEFINE_LOOK_UP)

int gomap_view_lookup_any(struct gomap_view *view, const void *key,
			  size_t key_len, void *value, size_t value_cap)
{
	if (!view)
		return -ENOENT;
	return CALL_BY_SHAPE(view, look_up, view, key, narrow(key_len), value,
			     narrow(value_cap));
}

/* What is compiled into programs in C, for all others. */
int gomap_view_lookup(struct gomap_view *view, const void *key, size_t key_len,
		      void *value, size_t value_cap)
{
	return gomap_view_lookup_any(view, key, key_len, value, value_cap);
}

/* -- many keys ------------------------------------------------------------ */

/* Keys that are hashed before the first of them is looked for, as in the kernel. */
#define READ_GROUP	32U

/**
 * struct group - the keys that are looked for together.
 * @now: When.
 * @hashes: Of the keys.
 * @heads: Their chains, NULL where there is none.
 * @empty: Bits of those for which nothing was ever stored.
 */
struct group {
	struct gomap_view_now now;
	uint64_t hashes[READ_GROUP];
	struct gomap_bucket *heads[READ_GROUP];
	uint32_t empty;
};

/* Have the chain of a key fetched. */
static __always_inline void
fetch_home(const struct gomap_view *view, const struct gomap_layout *layout,
	   struct group *g, uint32_t n, const struct gomap_view_query *query)
{
	const struct gomap_view_now *now = &g->now;
	uint64_t hash = gomap_hash(&now->seed, query->key,
				   gomap_field_len(&layout->key,
						   query->key_len));
	uint32_t i = (uint32_t)hash & now->mask;
	uint32_t span = gomap_view__span(view, now->spans, i, now->span_shift);

	g->hashes[n] = hash;
	g->empty |= (uint32_t)!span << n;
	g->heads[n] = gomap_view__bucket(view, span, i, now->span_shift,
					 layout->bucket_size);
	if (!g->heads[n])
		return;
	gomap_prefetch(g->heads[n]);
	gomap_prefetch_slots(g->heads[n], layout);
}

/* Look for a key whose chain was fetched; -EAGAIN: that is not enough. */
static __always_inline int
look_in_home(const struct gomap_view *view, const struct gomap_layout *layout,
	     const struct group *g, uint32_t n,
	     const struct gomap_view_query *query)
{
	if (g->empty >> n & 1)
		return -ENOENT;
	if (!g->heads[n] ||
	    !can_look(view, layout, query->value, query->value_cap))
		return -EAGAIN;
	return gomap_view__try_head(gomap_view__super(view), layout,
				    g->heads[n], g->now.sequence, g->hashes[n],
				    query->key, query->value);
}

/* Answer the queries whose result is -EAGAIN, as far as one look does. */
static __always_inline void
look_for_group(const struct gomap_view *view, const uint32_t shape,
	       struct gomap_view_query *queries, uint32_t nr)
{
	const struct gomap_view_super *super = gomap_view__super(view);
	const struct gomap_layout layout = layout_of_shape(view, shape);
	struct group g;
	uint32_t n;

	g.empty = 0;
	if (!gomap_view__settled(super, &g.now))
		return;
	for (n = 0; n < nr; n++)
		if (queries[n].result == -EAGAIN)
			fetch_home(view, &layout, &g, n, &queries[n]);
	if (!gomap_view__unchanged(super, g.now.sequence))
		return;
	for (n = 0; n < nr; n++)
		if (queries[n].result == -EAGAIN)
			queries[n].result = look_in_home(view, &layout, &g, n,
							 &queries[n]);
}

#define DEFINE_LOOK_FOR_GROUP(name, shape)				\
static void look_for_group_##name(const struct gomap_view *view,	\
				  struct gomap_view_query *queries,	\
				  uint32_t nr)				\
{									\
	look_for_group(view, shape, queries, nr);			\
}
DEFINE_FOR_SHAPES(DEFINE_LOOK_FOR_GROUP)

static size_t read_group(struct gomap_view *view,
			 struct gomap_view_query *queries, uint32_t nr)
{
	const struct gomap_field *key = &whole(view)->layout.key;
	struct gomap_view_query *q;
	size_t found = 0;

	for (q = queries; q < queries + nr; q++)
		q->result = gomap_field_accepts(key, q->key_len) ? -EAGAIN :
								   -EMSGSIZE;
	CALL_BY_SHAPE(view, look_for_group, view, queries, nr);
	for (q = queries; q < queries + nr; q++) {
		if (q->result == -EAGAIN)
			q->result = read_again(view, q->key, q->key_len,
					       q->value, q->value_cap);
		found += q->result >= 0;
	}
	return found;
}

size_t gomap_view_lookup_many(struct gomap_view *view,
			      struct gomap_view_query *queries, size_t count)
{
	size_t i, found = 0;
	uint32_t nr;

	for (i = 0; i < count; i += nr) {
		nr = count - i < READ_GROUP ? (uint32_t)(count - i) : READ_GROUP;
		if (view)
			found += read_group(view, queries + i, nr);
		else
			for (uint32_t n = 0; n < nr; n++)
				queries[i + n].result = -ENOENT;
	}
	return found;
}

/* -- a value where it lies ------------------------------------------------- */

int gomap_view_borrow(struct gomap_view *view, const void *key, size_t key_len,
		      struct gomap_view_value *value)
{
	struct wanted w = { .key = key, .key_len = narrow(key_len) };
	int ret;

	memset(value, 0, sizeof(*value));
	if (!view)
		return -ENOENT;
	if (!gomap_field_accepts(&whole(view)->layout.key, w.key_len))
		return -EMSGSIZE;
	ret = read_in_view(view, &w);
	if (ret >= 0)
		*value = w.found;
	return ret == TRY_ASK ? -EAGAIN : ret;
}

int gomap_view_retry(const struct gomap_view *view,
		     const struct gomap_view_value *value)
{
	const struct gomap_bucket *head = value->head;

	if (!view || !head)
		return 0;
	return !gomap_chain_read_valid(head, value->version) ||
	       !gomap_view__unchanged(gomap_view__super(view), value->sequence);
}
