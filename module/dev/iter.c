// SPDX-License-Identifier: GPL-2.0-only
/*
 * iter.c - ITER: the next entries of an iteration.
 *
 * Entries are packed in kernel memory and go out in pieces.  Each is first laid
 * out with room for the longest key and value, which the map can fill in one
 * go, and then drawn together; so the memory always has room for one entry of
 * that kind beyond what is packed already.
 *
 * Whether an entry is the caller's is decided after it was fetched: if it does
 * not fit any more the cursor goes back before it.  That way the end of the
 * iteration is known in the same call, and done never has to be guessed.
 */
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "dev.h"

/* Many entries to a copy, and still no more memory than a few pages. */
#define PIECE_BYTES	16384U

/* Entries between two looks at signals; a power of two. */
#define ENTRIES_PER_CHECK	64U

static_assert(sizeof(struct gomap_cursor) == sizeof(struct gomap_iter_pos));

/**
 * struct part - what of an entry a key or a value takes up.
 * @wanted: Anything at all.
 * @prefix: Bytes of the length that goes before it.
 * @size: Most bytes of it.
 */
struct part {
	bool wanted;
	u32 prefix;
	u32 size;
};

/**
 * struct packer - entries on their way to the caller.
 * @key: What is taken of a key.
 * @value: What is taken of a value.
 * @bounce: Where entries are packed.
 * @packed: Bytes of it that are.
 * @out: Where the caller's buffer goes on.
 * @used: Bytes of that buffer that were written.
 * @limit: Its length.
 * @max: Most entries.
 * @count: Entries packed so far.
 * @needed: Bytes of the first entry that was not wanted any more.
 * @done: There are no more.
 */
struct packer {
	struct part key;
	struct part value;
	struct gomap_bounce bounce;
	u32 packed;
	u8 __user *out;
	u32 used;
	u32 limit;
	u64 max;
	u64 count;
	u32 needed;
	bool done;
};

static struct part part_init(bool wanted, bool variable, u32 size)
{
	return (struct part){
		.wanted = wanted,
		.prefix = wanted && variable ? sizeof(u32) : 0,
		.size = wanted ? size : 0,
	};
}

static u32 part_room(const struct part *part)
{
	return part->prefix + part->size;
}

static u32 entry_room(const struct packer *packer)
{
	return part_room(&packer->key) + part_room(&packer->value);
}

static void *entry_place(const struct packer *packer)
{
	return (u8 *)packer->bounce.base + packer->packed;
}

static int packer_init(struct packer *packer, const struct gomap_devmap *dm,
		       const struct gomap_ioc_iter *arg)
{
	u32 piece = min(arg->buf_len, PIECE_BYTES);

	*packer = (struct packer){
		.key = part_init(arg->flags & GOMAP_ITER_KEYS,
				 dm->flags & GOMAP_MAP_VAR_KEY, dm->key_size),
		.value = part_init(arg->flags & GOMAP_ITER_VALUES,
				   dm->flags & GOMAP_MAP_VAR_VALUE,
				   dm->value_size),
		.out = u64_to_user_ptr(arg->buf),
		.limit = arg->buf_len,
		.max = arg->max ?: U64_MAX,
	};

	gomap_bounce_init(&packer->bounce);
	if (!gomap_bounce_room(&packer->bounce, entry_room(packer) + piece, 0))
		return -ENOMEM;
	return 0;
}

static int flush(struct packer *packer)
{
	if (copy_to_user(packer->out, packer->bounce.base, packer->packed))
		return -EFAULT;

	packer->out += packer->packed;
	packer->used += packer->packed;
	packer->packed = 0;
	return 0;
}

/* Have the map copy its next entry to where it is to be packed. */
static int fetch_entry(struct packer *packer, struct gomap_iter *iter,
		       struct gomap_entry *entry)
{
	u8 *key = (u8 *)entry_place(packer) + packer->key.prefix;
	u8 *value = key + packer->key.size + packer->value.prefix;

	entry->key = packer->key.wanted ? key : NULL;
	entry->value = packer->value.wanted ? value : NULL;
	entry->key_cap = packer->key.size;
	entry->value_cap = packer->value.size;
	return gomap_iter_next(iter, entry);
}

static u32 packed_bytes(const struct part *part, u32 len)
{
	return part->wanted ? part->prefix + len : 0;
}

static void pack_part(const struct part *part, u8 *place, const void *from,
		      u32 len)
{
	if (!part->wanted)
		return;
	memmove(place + part->prefix, from, len);
	memcpy(place, &len, part->prefix);
}

/* Draw the fetched entry together.  The key lies where it belongs already. */
static void pack_entry(struct packer *packer, const struct gomap_entry *entry)
{
	u8 *place = entry_place(packer);
	u32 key_bytes = packed_bytes(&packer->key, entry->key_len);

	pack_part(&packer->key, place, entry->key, entry->key_len);
	pack_part(&packer->value, place + key_bytes, entry->value,
		  entry->value_len);
	packer->packed += key_bytes +
			  packed_bytes(&packer->value, entry->value_len);
}

static bool time_to_stop(const struct packer *packer)
{
	if (packer->count % ENTRIES_PER_CHECK)
		return false;
	cond_resched();
	return fatal_signal_pending(current);
}

/* Is the entry within what the caller asked for? */
static bool is_wanted(const struct packer *packer, u32 bytes)
{
	return packer->count < packer->max &&
	       bytes <= packer->limit - packer->used - packer->packed;
}

/*
 * Pack entries until there are no more, the caller's limits are reached, or
 * somebody kills it.  Return: 0; -EMSGSIZE and needed is set; -EINTR and what
 * came so far is good; or another errno and nothing is.
 */
static int pack_entries(struct packer *packer, struct gomap_iter *iter)
{
	for (;;) {
		struct gomap_iter_pos before = iter->pos;
		struct gomap_entry entry;
		u32 bytes;
		int ret;

		if (time_to_stop(packer))
			return -EINTR;
		if (packer->bounce.size - packer->packed < entry_room(packer)) {
			ret = flush(packer);
			if (ret)
				return ret;
		}

		ret = fetch_entry(packer, iter, &entry);
		packer->done = !ret;
		if (ret <= 0)
			return ret;

		bytes = packed_bytes(&packer->key, entry.key_len) +
			packed_bytes(&packer->value, entry.value_len);
		if (!is_wanted(packer, bytes)) {
			iter->pos = before;
			packer->needed = bytes;
			return packer->count ? 0 : -EMSGSIZE;
		}

		pack_entry(packer, &entry);
		packer->count++;
	}
}

static struct gomap_iter_pos from_cursor(const struct gomap_cursor *cursor)
{
	return (struct gomap_iter_pos){
		.generation = cursor->generation,
		.seed_generation = cursor->seed_generation,
		.flags = cursor->flags,
		.start = cursor->start,
		.position = cursor->position,
		.tie = cursor->tie,
	};
}

static struct gomap_cursor to_cursor(const struct gomap_iter_pos *pos)
{
	return (struct gomap_cursor){
		.generation = pos->generation,
		.seed_generation = pos->seed_generation,
		.flags = pos->flags,
		.start = pos->start,
		.position = pos->position,
		.tie = pos->tie,
	};
}

/* Pack from where the cursor stands; what is good of it goes into @arg. */
static int advance(struct gomap_call *call, struct packer *packer)
{
	struct gomap_ioc_iter *arg = &call->arg.iter;
	struct gomap_iter_pos pos = from_cursor(&arg->cursor);
	struct gomap_iter iter;
	int err;

	gomap_iter_resume(&iter, gomap_call_map(call)->map, &pos);
	err = pack_entries(packer, &iter);
	gomap_iter_end(&iter);

	call->reply_on_error = err == -EMSGSIZE || err == -EINTR;
	if (err == -EMSGSIZE) {
		arg->needed = packer->needed;
		arg->cursor = to_cursor(&iter.pos);
	}
	if (err && err != -EINTR)
		return err;
	if (flush(packer)) {
		call->reply_on_error = false;
		return -EFAULT;
	}

	arg->cursor = to_cursor(&iter.pos);
	arg->count = packer->count;
	arg->used = packer->used;
	arg->needed = 0;
	arg->done = packer->done;
	return err;
}

int gomap_iter_command(struct gomap_call *call)
{
	struct gomap_ioc_iter *arg = &call->arg.iter;
	struct packer packer;
	int err;

	if (arg->flags ? !arg->buf_len : arg->buf || arg->buf_len)
		return -EINVAL;

	err = packer_init(&packer, gomap_call_map(call), arg);
	if (!err)
		err = advance(call, &packer);
	gomap_bounce_free(&packer.bounce);
	return err;
}
