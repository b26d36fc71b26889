/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kspeed.h - what the files of the module gomap_kspeed share: how fast a map is
 * inside a kernel, beside the tables that the kernel itself has.
 *
 * All tables hold keys and values of 8 bytes; the keys are random, the answers
 * known beforehand: an answer that is wrong ends it all.  What is compared is
 * measured in turn within one run, and the median of the rounds counts.
 */
#ifndef BENCH_KSPEED_H
#define BENCH_KSPEED_H

#include <linux/math64.h>
#include <linux/types.h>

/* Most rounds that are kept. */
#define KSPEED_ROUNDS_MAX	31

/* Operations from one breath to the next. */
#define KSPEED_BREATH		1024U

/* Distance of the indices of keys that are in no table. */
#define KSPEED_ABSENT		(1ULL << 40)

/* The key of an index: another one for each, and without order. */
static inline u64 kspeed_key(u64 index)
{
	index += 0x9e3779b97f4a7c15ULL;
	index = (index ^ (index >> 30)) * 0xbf58476d1ce4e5b9ULL;
	index = (index ^ (index >> 27)) * 0x94d049bb133111ebULL;
	return index ^ (index >> 31);
}

static inline u64 kspeed_value(u64 key)
{
	return ~key;
}

/**
 * struct kspeed_questions - keys to look up, in random order.
 * @seed: Decides which.
 * @nr: How many.
 * @entries: The keys are those of so many indices...
 * @first: ... from this one on.
 */
struct kspeed_questions {
	u64 seed;
	u32 nr;
	u32 entries;
	u64 first;
};

static inline u64 kspeed_question(const struct kspeed_questions *questions,
				  u32 i)
{
	u64 random = kspeed_key(questions->seed + i) >> 32;

	return kspeed_key(questions->first +
			  (random * questions->entries >> 32));
}

/**
 * struct kspeed_kind - a kind of table.
 * @name: For a person.
 * @fixed: Never grows: it has room for all from the beginning.
 * @create: Make an empty one, for so many entries from the beginning on if
 *	@presized.  Return: it, or ERR_PTR().
 * @settle: Wait until it no longer grows; may be NULL.
 * @destroy: The reverse of @create; memory may follow later.
 * @insert: Insert the keys of @nr indices from @first on.  Return: 0 or what
 *	went wrong.
 * @remove: Delete the keys of @nr @indices, which are there.  Return: 0 or what
 *	went wrong.
 */
struct kspeed_kind {
	const char *name;
	bool fixed;
	void *(*create)(u32 entries, bool presized);
	void (*settle)(void *table);
	void (*destroy)(void *table);
	int (*insert)(void *table, u64 first, u32 nr);
	int (*remove)(void *table, const u32 *indices, u32 nr);
};

/**
 * struct kspeed_reader - a way to look keys up.
 * @name: For a person.
 * @kind: In which tables.
 * @find: Do it.  Return: how many keys were found with the right value.
 */
struct kspeed_reader {
	const char *name;
	const struct kspeed_kind *kind;
	u32 (*find)(void *table, const struct kspeed_questions *questions);
};

/*
 * The loops, for each table to have its own: @find, @insert and @remove are
 * inlined into them, so that no table pays for a call that another has not.
 */
static __always_inline u32
kspeed_find_each(void *table, const struct kspeed_questions *questions,
		 bool (*find)(void *table, u64 key, u64 *value))
{
	u32 i, found = 0;
	u64 key, value;

	for (i = 0; i < questions->nr; i++) {
		key = kspeed_question(questions, i);
		if (find(table, key, &value))
			found += value == kspeed_value(key);
	}
	return found;
}

static __always_inline int
kspeed_insert_each(void *table, u64 first, u32 nr,
		   int (*insert)(void *table, u64 key))
{
	int err = 0;
	u32 i;

	for (i = 0; i < nr && !err; i++)
		err = insert(table, kspeed_key(first + i));
	return err;
}

static __always_inline int
kspeed_remove_each(void *table, const u32 *indices, u32 nr,
		   int (*remove)(void *table, u64 key))
{
	int err = 0;
	u32 i;

	for (i = 0; i < nr && !err; i++)
		err = remove(table, kspeed_key(indices[i]));
	return err;
}

/**
 * struct kspeed_samples - what the rounds of one measurement gave.
 * @ps: Picoseconds of an operation, in order.
 * @nr: Rounds so far.
 */
struct kspeed_samples {
	u64 ps[KSPEED_ROUNDS_MAX];
	u32 nr;
};

#define KSPEED_NR_KINDS		6

/* kspeed.c */
extern const struct kspeed_kind *const kspeed_kinds[KSPEED_NR_KINDS];
int kspeed_fill(const struct kspeed_kind *kind, void *table, u32 entries);
void kspeed_add(struct kspeed_samples *samples, u64 ns, u64 operations);
void kspeed_record(const char *row, const char *what,
		   struct kspeed_samples *samples);

/* kspeed_read.c, kspeed_write.c, kspeed_primitives.c: measure and record. */
int kspeed_read(u32 entries, u32 rounds);
int kspeed_write(u32 entries, u32 rounds);
int kspeed_primitives(u32 rounds);

/* kspeed_gomap.c, kspeed_rhashtable.c, kspeed_bpf.c */
extern const struct kspeed_kind kspeed_gomap, kspeed_gomap_trusted;
extern const struct kspeed_kind kspeed_rhashtable;
extern const struct kspeed_kind kspeed_bpf_hash, kspeed_bpf_unallocated;
extern const struct kspeed_kind kspeed_bpf_resizable;
u32 kspeed_gomap_find(void *table, const struct kspeed_questions *questions);
u32 kspeed_gomap_find_8(void *table, const struct kspeed_questions *questions);
u32 kspeed_gomap_find_32(void *table, const struct kspeed_questions *questions);
u32 kspeed_gomap_find_64(void *table, const struct kspeed_questions *questions);
u32 kspeed_rhashtable_find(void *table,
			   const struct kspeed_questions *questions);
u32 kspeed_bpf_find(void *table, const struct kspeed_questions *questions);
void kspeed_bpf_refill(void);

/* Exported for modules, but declared in no header that they have. */
union bpf_attr;
int kern_sys_bpf(int cmd, union bpf_attr *attr, unsigned int size);

#endif /* BENCH_KSPEED_H */
