// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Entries in a temporary file, readable both ways; see spool.h. */
#include <errno.h>

#include "spool.h"

/* Before each entry; its length stands behind it again, for the way back. */
struct head {
	uint64_t line;
	uint32_t existed;
	uint32_t key_len;
	uint32_t value_len;
};

static int failed(void)
{
	return errno ? -errno : -EIO;
}

int spool_open(struct spool *spool)
{
	errno = 0;
	spool->file = tmpfile();
	return spool->file ? 0 : failed();
}

static bool put(struct spool *spool, const void *bytes, size_t len)
{
	return !len || fwrite(bytes, len, 1, spool->file) == 1;
}

static bool take(struct spool *spool, void *bytes, size_t len)
{
	return !len || fread(bytes, len, 1, spool->file) == 1;
}

int spool_add(struct spool *spool, uint64_t line, bool existed,
	      const void *key, uint32_t key_len,
	      const void *value, uint32_t value_len)
{
	struct head head = {
		.line = line, .existed = existed,
		.key_len = key_len, .value_len = value_len,
	};
	uint32_t whole = (uint32_t)(sizeof(head) + key_len + value_len);

	errno = 0;
	if (put(spool, &head, sizeof(head)) && put(spool, key, key_len) &&
	    put(spool, value, value_len) && put(spool, &whole, sizeof(whole)))
		return 0;
	return failed();
}

static int seek(struct spool *spool, long offset, int whence)
{
	errno = 0;
	return fseek(spool->file, offset, whence) ? failed() : 0;
}

int spool_to_start(struct spool *spool)
{
	return seek(spool, 0, SEEK_SET);
}

int spool_to_end(struct spool *spool)
{
	return seek(spool, 0, SEEK_END);
}

int spool_next(struct spool *spool, struct spooled *out)
{
	struct entry *e = out->entry;
	struct head head;
	uint32_t whole;

	errno = 0;
	if (!take(spool, &head, sizeof(head)))
		return feof(spool->file) ? 0 : failed();
	out->line = head.line;
	out->existed = head.existed;
	e->key_len = head.key_len;
	e->value_len = head.value_len;
	if (take(spool, e->key, e->key_len) &&
	    take(spool, e->value, e->value_len) &&
	    take(spool, &whole, sizeof(whole)))
		return 1;
	return failed();
}

int spool_previous(struct spool *spool, struct spooled *out)
{
	long behind = ftell(spool->file), start;
	uint32_t whole;
	int ret;

	if (!behind)
		return 0;
	ret = seek(spool, behind - (long)sizeof(whole), SEEK_SET);
	if (!ret && !take(spool, &whole, sizeof(whole)))
		ret = failed();
	if (ret)
		return ret;
	start = behind - (long)sizeof(whole) - (long)whole;
	ret = seek(spool, start, SEEK_SET);
	if (!ret)
		ret = spool_next(spool, out);
	if (ret == 1 && seek(spool, start, SEEK_SET))
		ret = failed();
	return ret;
}

void spool_close(struct spool *spool)
{
	if (spool->file)
		fclose(spool->file);
	spool->file = NULL;
}
