// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Iteration over a view: every key that stays is returned exactly once, over any
 * number of grows and shrinks.
 *
 * The order is the kernel's own, see module/core/iter.c: that of the *position*
 * of a key, which is its hash with the bits reversed.  The keys of a bucket are
 * those of one interval of positions, at any size.  One step copies the entries
 * of a chain out, from the position on to the end of the interval; when the copy
 * counts, the iteration stands behind that interval, whatever becomes of the
 * bucket.
 *
 * As the order is the same, so is the cursor.  Where a chain is not in the view,
 * or never at rest, or a change of seed is under way before the first step, the
 * kernel goes on from there, for one buffer, and hands the cursor back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "view_internal.h"

/* gomap_cursor.flags, as in module/core/iter.c. */
#define POS_BEGUN	(1U << 0)	/* all zero: not yet */
#define POS_INCLUSIVE	(1U << 1)	/* @position itself is still to come */
#define POS_WRAPPED	(1U << 2)	/* past the last position, before @start */
#define POS_HAS_TIE	(1U << 3)	/* some of @position have been returned */
#define POS_DONE	(1U << 4)	/* there are no more */

#define ASK_BUF_LEN	(64U << 10)	/* bytes that the kernel is asked for */

/**
 * struct gomap_view_iter - an iteration.
 * @view: The view, NULL: of the nil map.
 * @at: Where the next step begins.
 * @copy: Entries of a chain: struct copied, key, value.
 * @size: Bytes of @copy.
 * @used: Bytes of it that are filled.
 * @next: The one that is to be returned next.
 * @kernel: What the kernel was asked for, until all of it is returned.
 */
struct gomap_view_iter {
	struct gomap_view *view;
	struct gomap_cursor at;
	unsigned char *copy;
	size_t size;
	size_t used;
	size_t next;
	struct gomap_iter *kernel;
};

struct copied {
	uint32_t key_len;
	uint32_t value_len;
};

/* -- positions ------------------------------------------------------------ */

static uint64_t reverse_bits(uint64_t x)
{
	x = __builtin_bswap64(x);
	x = (x & 0x0f0f0f0f0f0f0f0fULL) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0fULL);
	x = (x & 0x3333333333333333ULL) << 2 | (x >> 2 & 0x3333333333333333ULL);
	return (x & 0x5555555555555555ULL) << 1 |
	       (x >> 1 & 0x5555555555555555ULL);
}

/* The last position of the interval of a bucket that this one is in. */
static uint64_t last_of_interval(uint64_t position, uint32_t home_bits)
{
	return home_bits ? position | ~0ULL >> home_bits : ~0ULL;
}

/* All up to @last is done. */
static void go_behind(struct gomap_cursor *at, uint64_t last)
{
	at->flags |= POS_INCLUSIVE;
	at->position = last + 1;
	if (!at->position && at->flags & POS_WRAPPED)
		at->flags |= POS_DONE;
	else if (!at->position)
		at->flags |= POS_WRAPPED;
	if (at->flags & POS_WRAPPED && at->position >= at->start)
		at->flags |= POS_DONE;
}

static bool is_ahead(const struct gomap_cursor *at, uint64_t position)
{
	if (at->flags & POS_WRAPPED && position >= at->start)
		return false;
	return position >= at->position;
}

/* -- one chain ------------------------------------------------------------ */

/*
 * Room for one more entry.  More memory is only taken for what still counts: a
 * chain that is being written may have any lengths.
 */
static int make_room(struct gomap_view_iter *it, const struct attempt *a,
		     size_t wanted)
{
	size_t size = it->size ? it->size : 4096;
	unsigned char *copy;

	if (it->size - it->used >= wanted)
		return 0;
	if (attempt_end(a))
		return TRY_AGAIN;
	while (size - it->used < wanted)
		size *= 2;
	copy = realloc(it->copy, size);
	if (!copy)
		return -ENOMEM;
	it->copy = copy;
	it->size = size;
	return 0;
}

static int copy_entry(struct gomap_view_iter *it, struct attempt *a,
		      struct gomap_bucket *b, unsigned long slot)
{
	const struct gomap_layout *layout = &whole(it->view)->layout;
	const void *key, *value;
	struct copied entry;
	unsigned char *to;
	uint64_t hash;
	int ret;

	key = gomap_field_get(&layout->key, attempt_object, a, b, slot,
			      &entry.key_len);
	if (!key)
		return 0;	/* and so this attempt does not count */
	hash = gomap_hash(&a->array.seed, key, entry.key_len);
	if (!is_ahead(&it->at, reverse_bits(hash)))
		return 0;
	value = gomap_field_get(&layout->value, attempt_object, a, b, slot,
				&entry.value_len);
	if (!value)
		return 0;
	ret = make_room(it, a, sizeof(entry) + entry.key_len + entry.value_len);
	if (ret)
		return ret;
	to = it->copy + it->used;
	memcpy(to, &entry, sizeof(entry));
	to += sizeof(entry);
	memcpy(to, key, entry.key_len);
	memcpy(to + entry.key_len, value, entry.value_len);
	it->used += sizeof(entry) + entry.key_len + entry.value_len;
	return 0;
}

static int copy_bucket(struct gomap_view_iter *it, struct attempt *a,
		       struct gomap_bucket *b)
{
	uint64_t word = GOMAP_READ_ONCE(b->tophash), taken;
	int ret = 0;

	if (b == a->head && gomap_tophash_is_evacuated(word))
		return TRY_AGAIN;
	for (taken = gomap_tophash_taken(word); taken && !ret;
	     taken &= taken - 1)
		ret = copy_entry(it, a, b, gomap_tophash_first(taken));
	return ret;
}

static int copy_chain(struct gomap_view_iter *it, struct attempt *a)
{
	uint32_t size = whole(it->view)->layout.bucket_size;
	struct gomap_bucket *b;
	int ret = 0;

	it->used = it->next = 0;
	for (b = a->head; b && !ret;
	     b = gomap_bucket_next(attempt_object, a, b, size))
		ret = copy_bucket(it, a, b);
	return ret;
}

/* -- one step ------------------------------------------------------------- */

/* Is this still what the iteration began with?  As in the kernel. */
static int check_position(struct gomap_view_iter *it, const struct attempt *a)
{
	struct gomap_cursor *at = &it->at;

	if (!at->flags) {
		if (a->resizing == GOMAP_RESIZE_REKEY)
			return TRY_ASK;
		at->flags = POS_BEGUN | POS_INCLUSIVE;
		at->generation = a->generation;
		at->seed_generation = a->seed_generation;
	}
	if (at->generation != a->generation)
		return -ESTALE;
	/* It was empty meanwhile, so no key was there all the time. */
	if (at->seed_generation != a->seed_generation)
		at->flags |= POS_DONE;
	return 0;
}

static int try_step(struct gomap_view_iter *it)
{
	struct attempt a;
	uint64_t hash, last;
	int ret, err;

	ret = attempt_begin(&a, it->view);
	if (!ret)
		ret = check_position(it, &a);
	if (ret || it->at.flags & POS_DONE)
		return ret;
	if (it->at.flags & POS_HAS_TIE)
		return TRY_ASK;
	hash = reverse_bits(it->at.position);
	ret = attempt_home(&a, hash, hash);
	if (ret)
		return ret;
	last = last_of_interval(it->at.position, a.home_bits);
	ret = copy_chain(it, &a);
	err = attempt_end(&a);
	if (err || ret)
		return err ? err : ret;
	if (a.missing)
		return TRY_ASK;
	go_behind(&it->at, last);
	return 0;
}

/* The kernel goes on. */
static int ask(struct gomap_view_iter *it)
{
	GOMAP_OPTS(gomap_iter_opts, opts, .cursor = &it->at,
		   .buf_len = ASK_BUF_LEN);

	count(&whole(it->view)->asked);
	return gomap_iter_begin(&it->kernel, &whole(it->view)->map, &opts);
}

static int step(struct gomap_view_iter *it)
{
	int i, ret;

	for (i = 0; i < READ_TRIES; i++) {
		ret = try_step(it);
		if (!ret)
			return 0;
		it->used = it->next = 0;	/* nothing of it counts */
		if (ret == TRY_ASK)
			break;
		if (ret != TRY_AGAIN)
			return ret;
		count(&whole(it->view)->retried);
	}
	return ask(it);
}

/* -- entries -------------------------------------------------------------- */

static int return_copied(struct gomap_view_iter *it, struct gomap_entry *entry)
{
	const unsigned char *at = it->copy + it->next;
	struct copied lens;

	memcpy(&lens, at, sizeof(lens));
	entry->key = at + sizeof(lens);
	entry->key_len = lens.key_len;
	entry->value = at + sizeof(lens) + lens.key_len;
	entry->value_len = lens.value_len;
	it->next += sizeof(lens) + lens.key_len + lens.value_len;
	return 1;
}

/* The kernel's last buffer is used up: the view goes on behind it. */
static void take_over(struct gomap_view_iter *it)
{
	gomap_iter_save(it->kernel, &it->at);
	gomap_iter_end(it->kernel);
	it->kernel = NULL;
	if (!(it->at.flags & (POS_INCLUSIVE | POS_HAS_TIE | POS_DONE)))
		go_behind(&it->at, it->at.position);
}

/* An entry of those that the kernel was asked for; 0: there are no more. */
static int return_asked(struct gomap_view_iter *it, struct gomap_entry *entry)
{
	int ret = gomap_iter_next(it->kernel, entry);

	if (ret > 0)
		return ret;
	gomap_iter_end(it->kernel);
	it->kernel = NULL;
	if (!ret)
		it->at.flags |= POS_DONE;
	return ret;
}

static bool kernel_has_no_more(const struct gomap_view_iter *it)
{
	struct gomap_cursor cursor;

	return gomap_iter_save(it->kernel, &cursor) == 0;
}

int gomap_view_iter_begin(struct gomap_view_iter **iter,
			  struct gomap_view *view)
{
	*iter = calloc(1, sizeof(**iter));
	if (!*iter)
		return -ENOMEM;
	(*iter)->view = view;
	return 0;
}

int gomap_view_iter_next(struct gomap_view_iter *iter,
			 struct gomap_entry *entry)
{
	int ret;

	memset(entry, 0, sizeof(*entry));
	if (iter->kernel && kernel_has_no_more(iter))
		take_over(iter);
	while (!iter->kernel) {
		if (iter->next < iter->used)
			return return_copied(iter, entry);
		if (!iter->view || iter->at.flags & POS_DONE)
			return 0;
		ret = step(iter);
		if (ret)
			return ret;
	}
	return return_asked(iter, entry);
}

void gomap_view_iter_end(struct gomap_view_iter *iter)
{
	if (!iter)
		return;
	gomap_iter_end(iter->kernel);
	free(iter->copy);
	free(iter);
}
