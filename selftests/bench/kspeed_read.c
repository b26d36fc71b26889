// SPDX-License-Identifier: GPL-2.0-only
/*
 * kspeed_read.c - hits and misses, in tables that have grown to their size: all
 * of them exist at once, and the readers take turns.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kspeed.h"

/* Lookups of one sample. */
#define QUESTIONS	65536U

static const struct kspeed_reader readers[] = {
	{ "gomap", &kspeed_gomap, kspeed_gomap_find },
	{ "gomap, trusted keys", &kspeed_gomap_trusted, kspeed_gomap_find },
	{ "gomap, 8 at once", &kspeed_gomap, kspeed_gomap_find_8 },
	{ "gomap, 32 at once", &kspeed_gomap, kspeed_gomap_find_32 },
	{ "gomap, 64 at once", &kspeed_gomap, kspeed_gomap_find_64 },
	{ "gomap, trusted, 32 at once", &kspeed_gomap_trusted,
	  kspeed_gomap_find_32 },
	{ "rhashtable", &kspeed_rhashtable, kspeed_rhashtable_find },
	{ "BPF HASH", &kspeed_bpf_hash, kspeed_bpf_find },
	{ "BPF HASH, not preallocated", &kspeed_bpf_unallocated,
	  kspeed_bpf_find },
	{ "BPF RHASH", &kspeed_bpf_resizable, kspeed_bpf_find },
};

/**
 * struct what_for - keys that are there, or not.
 * @name: For a person.
 * @first: Index of the first.
 * @found: Each of them is.
 */
struct what_for {
	const char *name;
	u64 first;
	bool found;
};

static const struct what_for what_fors[] = {
	{ "hit", 0, true },
	{ "miss", KSPEED_ABSENT, false },
};

/**
 * struct reading - the tables of one size, and what was measured in them.
 * @tables: By kind; NULL: not made.
 * @samples: By what for, and reader.
 * @entries: In each.
 */
struct reading {
	void *tables[KSPEED_NR_KINDS];
	struct kspeed_samples samples[ARRAY_SIZE(what_fors)]
				     [ARRAY_SIZE(readers)];
	u32 entries;
};

static int make(struct reading *reading, size_t i)
{
	const struct kspeed_kind *kind = kspeed_kinds[i];
	void *table = kind->create(reading->entries, false);
	int err;

	if (IS_ERR(table)) {
		err = PTR_ERR(table);
	} else {
		reading->tables[i] = table;
		err = kspeed_fill(kind, table, reading->entries);
	}
	if (!err && kind->settle)
		kind->settle(table);
	if (err)
		pr_err("gomap_bench: %s: error %d for %u entries\n",
		       kind->name, err, reading->entries);
	return err;
}

static void *table_of(const struct reading *reading,
		      const struct kspeed_kind *kind)
{
	size_t i;

	for (i = 0; i < KSPEED_NR_KINDS; i++)
		if (kspeed_kinds[i] == kind)
			return reading->tables[i];
	return NULL;
}

static int sample(struct reading *reading, const struct kspeed_reader *reader,
		  const struct what_for *what_for, u64 seed,
		  struct kspeed_samples *samples)
{
	struct kspeed_questions questions = {
		.seed = seed << 32,
		.nr = QUESTIONS,
		.entries = reading->entries,
		.first = what_for->first,
	};
	void *table = table_of(reading, reader->kind);
	u64 began = ktime_get_ns();
	u32 found = reader->find(table, &questions);

	kspeed_add(samples, ktime_get_ns() - began, QUESTIONS);
	if (found == (what_for->found ? QUESTIONS : 0))
		return 0;
	pr_err("gomap_bench: %s: %s found %u of %u\n", reader->name,
	       what_for->name, found, QUESTIONS);
	return -EIO;
}

static int one_round(struct reading *reading, u64 seed)
{
	size_t i, j;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(what_fors) && !err; i++) {
		for (j = 0; j < ARRAY_SIZE(readers) && !err; j++) {
			err = sample(reading, &readers[j], &what_fors[i], seed,
				     &reading->samples[i][j]);
			cond_resched();
		}
	}
	return err;
}

/* The first is to warm up. */
static int all_rounds(struct reading *reading, u32 rounds)
{
	int err = one_round(reading, 0);
	u32 round;

	memset(reading->samples, 0, sizeof(reading->samples));
	for (round = 1; round <= rounds && !err; round++)
		err = one_round(reading, round);
	return err;
}

static void record(struct reading *reading)
{
	char row[64];
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(what_fors); i++) {
		snprintf(row, sizeof(row), "%s, %u entries", what_fors[i].name,
			 reading->entries);
		for (j = 0; j < ARRAY_SIZE(readers); j++)
			kspeed_record(row, readers[j].name,
				      &reading->samples[i][j]);
	}
}

static void destroy_all(struct reading *reading)
{
	size_t i;

	for (i = 0; i < KSPEED_NR_KINDS; i++)
		if (reading->tables[i])
			kspeed_kinds[i]->destroy(reading->tables[i]);
}

int kspeed_read(u32 entries, u32 rounds)
{
	struct reading *reading = kzalloc(sizeof(*reading), GFP_KERNEL);
	int err = 0;
	size_t i;

	if (!reading)
		return -ENOMEM;
	reading->entries = entries;
	for (i = 0; i < KSPEED_NR_KINDS && !err; i++)
		err = make(reading, i);
	if (!err)
		err = all_rounds(reading, rounds);
	if (!err)
		record(reading);
	destroy_all(reading);
	kfree(reading);
	return err;
}
