// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Entries into a map, in batches, and back out again; see loader.h. */
#include <errno.h>
#include <stdlib.h>

#include "loader.h"

/* Bytes of keys and values in one batch, asked for or handed in. */
#define BATCH_BYTES	(8U << 20)

int loader_open(struct loader *l)
{
	uint32_t answer = l->target->info.value_size + 1;
	int ret = gomap_batch_new(&l->batch);

	if (!ret)
		ret = gomap_batch_new(&l->before);
	if (ret)
		return ret;
	if (l->journal && l->most > BATCH_BYTES / answer)
		l->most = BATCH_BYTES / answer;
	l->lines = calloc(l->most, sizeof(*l->lines));
	l->room = watch_room(l->watch, l->most);
	return l->lines ? 0 : -ENOMEM;
}

void loader_close(struct loader *l)
{
	gomap_batch_free(l->batch);
	gomap_batch_free(l->before);
	free(l->lines);
}

/* Everything of a batch must have been tried, or the rest has no status. */
static int run(struct loader *l, struct gomap_batch *batch)
{
	uint32_t done = 0;
	int ret = gomap_batch_run(batch, l->target->map, &done, NULL);

	if (!ret && done < gomap_batch_count(batch))
		ret = -EINTR;
	return ret;
}

/* -- the journal --------------------------------------------------------- */

static int note_answers(struct loader *l)
{
	uint32_t i, count = gomap_batch_count(l->before);
	int ret = 0;

	for (i = 0; i < count && !ret; i++) {
		const struct gomap_batch_op *op = gomap_batch_at(l->before, i);

		if (op->status && op->status != -ENOENT)
			return op->status;
		ret = spool_add(l->journal, l->lines[i], !op->status,
				gomap_batch_key(l->before, i), op->key_len,
				gomap_batch_value(l->before, i),
				op->status ? 0 : op->value_len);
	}
	return ret;
}

static int note_what_was_there(struct loader *l)
{
	uint32_t i, count = gomap_batch_count(l->batch);
	int ret;

	gomap_batch_reset(l->before);
	for (i = 0; i < count; i++) {
		const struct gomap_batch_op *op = gomap_batch_at(l->batch, i);

		ret = gomap_batch_add(l->before, GOMAP_OP_LOOKUP,
				      gomap_batch_key(l->batch, i),
				      op->key_len, NULL,
				      l->target->info.value_size);
		if (ret)
			return ret;
	}
	ret = run(l, l->before);
	return ret ? ret : note_answers(l);
}

/*
 * Backwards, so that of several entries with one key the oldest note wins.
 * Signals do not stop this: half an undo would be the worst of all.
 */
int loader_undo(struct loader *l)
{
	struct gomap *map = l->target->map;
	static struct entry entry;
	struct spooled note = { .entry = &entry };
	int ret = spool_to_end(l->journal), err = 0;

	while (!ret && (ret = spool_previous(l->journal, &note)) == 1) {
		ret = note.existed ?
			gomap_store(map, entry.key, entry.key_len,
				    entry.value, entry.value_len) :
			gomap_delete(map, entry.key, entry.key_len);
		if (ret < 0)
			err = ret;
		ret = 0;
	}
	return ret ? ret : err;
}

/* -- batches ------------------------------------------------------------- */

/* What one entry can have wrong; all else would befall the next one, too. */
static bool is_about_one_entry(int status)
{
	return status == -EEXIST || status == -ENOENT || status == -EMSGSIZE ||
	       status == -EBUSY;
}

static int settle(struct loader *l, const struct gomap_batch_op *op,
		  uint64_t line)
{
	if (!op->status) {
		l->replaced += op->existed;
		l->added += !op->existed;
		return 0;
	}
	if (!is_about_one_entry(op->status))
		return op->status;
	report_line(l->report, line, "the map did not take it: %s",
		    op->status == -ENOENT ? "there is no such key to replace"
					  : refusal(op->status));
	return l->all_or_nothing ? op->status : 0;
}

int loader_flush(struct loader *l)
{
	uint32_t i, count = gomap_batch_count(l->batch);
	int ret = 0, err;

	if (!count)
		return 0;
	if (l->journal)
		ret = note_what_was_there(l);
	if (!ret)
		ret = run(l, l->batch);
	for (i = 0; i < count && !ret; i++) {
		err = settle(l, gomap_batch_at(l->batch, i), l->lines[i]);
		if (err)
			ret = err;
	}
	gomap_batch_reset(l->batch);
	watch_look(l->watch, l->added + l->replaced, l->bytes);
	l->room = watch_room(l->watch, l->most);
	return ret;
}

int loader_add(struct loader *l, uint64_t line, const struct entry *entry)
{
	int ret;

	l->lines[gomap_batch_count(l->batch)] = line;
	ret = gomap_batch_add(l->batch, l->op, entry->key, entry->key_len,
			      entry->value, entry->value_len);
	if (ret)
		return ret;
	if (gomap_batch_count(l->batch) < l->room &&
	    gomap_batch_bytes(l->batch) < BATCH_BYTES)
		return 0;
	return loader_flush(l);
}
