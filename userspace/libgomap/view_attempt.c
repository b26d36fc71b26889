// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * One attempt at a chain, in any map at any time: the general way of what
 * gomap/read.h does for settled maps.  Letters are those of <linux/gomap_view.h>
 * and module/core/slots.h.
 */
#include <errno.h>

#include "view_internal.h"

/*
 * Two halves that were there together, unless the lower one changed twice: the
 * high one is read before and after.  For machines that cannot read 64 bits at
 * once; what a torn one could do is noticed by who uses it.
 */
uint64_t view_load64_by_halves(const void *at)
{
	const uint32_t *half = at;
	const int low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	uint32_t high_before, high_after, low_between;
	int tries = READ_TRIES;

	do {
		high_before = gomap_smp_load_acquire(&half[!low]);
		low_between = gomap_smp_load_acquire(&half[low]);
		high_after = gomap_smp_load_acquire(&half[!low]);
	} while (high_before != high_after && --tries);
	return tries ? (uint64_t)high_after << 32 | low_between : 0;
}

/* A word of the kernel's that stands for itself, with acquire (Z). */
uint64_t view_load64(const void *at)
{
#if __GCC_ATOMIC_LLONG_LOCK_FREE == 2
	return __atomic_load_n((const uint64_t *)at, __ATOMIC_ACQUIRE);
#else
	return view_load64_by_halves(at);
#endif
}

/* X: is what was read up to here, in the order it was read, still so? */
bool attempt_is_current(const struct attempt *a)
{
	return gomap_view__unchanged(a->super, a->sequence);
}

static void read_array(struct array_now *now,
		       const struct gomap_view_array *array, uint32_t hash)
{
	now->seed.function = hash;
	gomap_view__read_array(array, &now->spans, &now->mask,
			       &now->span_shift, &now->seed);
}

/* Read what a lookup may need, all of one time. */
int attempt_begin(struct attempt *a, struct gomap_view *view)
{
	const struct gomap_view_super *super = gomap_view__super(view);
	uint32_t hash;

	a->view = view;
	a->super = super;
	a->steps = HANDLES_MAX;
	a->missing = false;
	if (!gomap_view__begin(super, &a->sequence))
		return TRY_AGAIN;
	hash = GOMAP_READ_ONCE(super->hash);
	a->root = GOMAP_READ_ONCE(super->root);
	a->resizing = GOMAP_READ_ONCE(super->resizing);
	read_array(&a->array, &super->array, hash);
	read_array(&a->old, &super->old, hash);
	a->generation = GOMAP_READ_ONCE(super->generation);
	a->seed_generation = GOMAP_READ_ONCE(super->seed_generation);
	return attempt_is_current(a) ? 0 : TRY_AGAIN;
}

static uint32_t bits_of(const struct array_now *array)
{
	return array->mask ? 32 - (uint32_t)__builtin_clz(array->mask) : 0;
}

/* Find a bucket; TRY_ASK: its span is not in the view. */
static int find_bucket(const struct attempt *a, const struct array_now *array,
		       uint64_t hash, struct gomap_bucket **bucket)
{
	uint32_t size = whole(a->view)->layout.bucket_size;
	uint32_t i = (uint32_t)hash & array->mask;
	uint32_t span;

	*bucket = NULL;
	span = gomap_view__span(a->view, array->spans, i, array->span_shift);
	if (!attempt_is_current(a))
		return TRY_AGAIN;
	if (!span)
		return 0;
	*bucket = gomap_view__bucket(a->view, span, i, array->span_shift, size);
	return *bucket ? 0 : TRY_ASK;
}

/* The home in the old array, if it was not evacuated; else, none. */
static int find_old_home(struct attempt *a, uint64_t old_hash)
{
	int ret = find_bucket(a, &a->old, old_hash, &a->head);

	if (ret)
		return ret;
	/* An array that is being left has all of its spans. */
	if (!a->head)
		return TRY_ASK;
	if (gomap_bucket_is_evacuated(a->head))	/* E */
		a->head = NULL;
	return 0;
}

/*
 * Find the chain that is home to a hash, which in a rekey is another one in the
 * old array, and begin to read it.
 */
int attempt_home(struct attempt *a, uint64_t hash, uint64_t old_hash)
{
	int ret = 0;

	a->head = NULL;
	a->hash = old_hash;
	a->home_bits = bits_of(&a->old);
	if (a->old.spans)
		ret = find_old_home(a, old_hash);
	if (!ret && !a->head) {
		a->hash = hash;
		a->home_bits = bits_of(&a->array);
		ret = find_bucket(a, &a->array, hash, &a->head);
	}
	if (ret)
		return ret;
	if (a->head && !gomap_chain_read_begin(a->head, &a->version))
		return TRY_AGAIN;
	return 0;
}

/* Does what was seen since attempt_begin() count? */
int attempt_end(const struct attempt *a)
{
	/* In this order: the version is one only while the bucket is. */
	if (a->head && !gomap_chain_read_valid(a->head, a->version))
		return TRY_AGAIN;
	return attempt_is_current(a) ? 0 : TRY_AGAIN;
}

/*
 * The word of the root, or of the directory, at a place that was current before;
 * 0: it is not there, or no more.
 */
static uint64_t read_word(const struct attempt *a, uint32_t unit, uint32_t n)
{
	const void *at = gomap_view__at(a->view, unit,
					(uint64_t)n * sizeof(uint64_t),
					sizeof(uint64_t));
	uint64_t word;

	if (!unit || !at)
		return 0;
	word = view_load64(at);	/* Z */
	return attempt_is_current(a) ? word : 0;
}

/*
 * The entry of a handle in the directory.  The directory may be replaced without
 * the sequence, so the root is to say the same afterwards.
 */
static uint64_t read_entry(const struct attempt *a, uint32_t handle)
{
	uint32_t n = (handle >> GOMAP_VIEW_PLACE_BITS) - 1;
	uint64_t root = read_word(a, a->root, 0), entry;

	if (n >= root >> 32)
		return 0;
	entry = read_word(a, (uint32_t)root, n);
	gomap_smp_rmb();	/* X, of the root */
	return read_word(a, a->root, 0) == root ? entry : 0;
}

static uint32_t bits(uint64_t word, uint32_t from, uint32_t nr)
{
	return (uint32_t)(word >> from) & ((1U << nr) - 1);
}

static const void *find_object(const struct attempt *a, uint32_t handle,
			       uint32_t least, uint32_t *size)
{
	uint64_t entry = read_entry(a, handle);
	uint32_t place = bits(handle, 0, GOMAP_VIEW_PLACE_BITS);
	uint32_t bytes = bits(entry, GOMAP_VIEW_UNIT_BITS,
			      GOMAP_VIEW_SIZE_BITS) * 8;
	uint32_t nr = bits(entry, GOMAP_VIEW_UNIT_BITS + GOMAP_VIEW_SIZE_BITS,
			   GOMAP_VIEW_NR_BITS);

	if (!(uint32_t)entry || place >= nr || bytes < least)
		return NULL;
	if (size)
		*size = bytes;
	return gomap_view__at(a->view, (uint32_t)entry,
			      (uint64_t)place * bytes, bytes);
}

/*
 * The object of a handle, for slots.h.  Whether one that is not there is missing
 * in the view, or never was there, shows at the end of the attempt.
 */
const void *attempt_object(void *attempt, uint32_t handle, uint32_t least,
			   uint32_t *size)
{
	struct attempt *a = attempt;
	const void *object = NULL;

	if (!handle)
		return NULL;
	if (a->steps) {
		a->steps--;
		object = find_object(a, handle, least, size);
	}
	if (!object)
		a->missing = true;
	return object;
}
