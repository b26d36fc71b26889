// SPDX-License-Identifier: GPL-2.0-only
/*
 * kspeed_write.c - inserts into tables that grow and into tables that are made
 * for their size, and deletions of all that was inserted, in another order.
 */
#include <linux/err.h>
#include <linux/gcd.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kspeed.h"

/* Operations that a sample has at least: small tables are made several times. */
#define OPERATIONS	8000U

/* Large tables take their time, and their samples are long: fewer will do. */
#define LARGE		100000U
#define LARGE_ROUNDS	3U

/**
 * struct writing - of one kind of table, growing or presized.
 * @inserts: What the rounds gave.
 * @deletes: The same.
 */
struct writing {
	struct kspeed_samples inserts;
	struct kspeed_samples deletes;
};

/**
 * struct times - nanoseconds of a sample.
 * @inserts: Of all insertions.
 * @deletes: Of all deletions.
 */
struct times {
	u64 inserts;
	u64 deletes;
};

/*
 * The step from one index to the next: near the golden ratio of all, so that
 * neighbours in memory do not follow each other, and with no divisor in common
 * with their number, so that each has its turn.
 */
static u32 stride_of(u32 entries)
{
	u32 stride = (u32)div_u64(618034ULL * entries, 1000000) | 1;

	while (gcd(stride, entries) != 1)
		stride++;
	return stride;
}

static int delete_all(const struct kspeed_kind *kind, void *table, u32 entries)
{
	static u32 indices[KSPEED_BREATH];
	u32 stride = stride_of(entries), index = 0, left, nr, i;
	int err = 0;

	for (left = entries; left && !err; left -= nr) {
		nr = min(left, KSPEED_BREATH);
		for (i = 0; i < nr; i++) {
			indices[i] = index;
			index += stride;
			if (index >= entries)
				index -= entries;
		}
		err = kind->remove(table, indices, nr);
		cond_resched();
	}
	return err;
}

/* One table from beginning to end. */
static int one_table(const struct kspeed_kind *kind, u32 entries, bool presized,
		     struct times *times)
{
	void *table = kind->create(entries, presized);
	u64 began, inserted;
	int err;

	if (IS_ERR(table))
		return PTR_ERR(table);
	began = ktime_get_ns();
	err = kspeed_fill(kind, table, entries);
	inserted = ktime_get_ns();
	times->inserts += inserted - began;
	if (!err && kind->settle)
		kind->settle(table);
	began = ktime_get_ns();
	if (!err)
		err = delete_all(kind, table, entries);
	times->deletes += ktime_get_ns() - began;
	kind->destroy(table);
	return err;
}

static int sample(const struct kspeed_kind *kind, u32 entries, bool presized,
		  struct writing *writing)
{
	u32 i, tables = max(OPERATIONS / entries, 1U);
	struct times times = { };
	int err = 0;

	for (i = 0; i < tables && !err; i++)
		err = one_table(kind, entries, presized, &times);
	kspeed_add(&writing->inserts, times.inserts, (u64)tables * entries);
	kspeed_add(&writing->deletes, times.deletes, (u64)tables * entries);
	if (err)
		pr_err("gomap_bench: %s: error %d while writing %u entries\n",
		       kind->name, err, entries);
	return err;
}

static int one_round(struct writing (*writings)[2], u32 entries)
{
	const struct kspeed_kind *kind;
	int err = 0;
	size_t i;

	for (i = 0; i < KSPEED_NR_KINDS && !err; i++) {
		kind = kspeed_kinds[i];
		if (!kind->fixed)
			err = sample(kind, entries, false, &writings[i][0]);
		if (!err)
			err = sample(kind, entries, true, &writings[i][1]);
	}
	return err;
}

static void record(struct writing (*writings)[2], u32 entries)
{
	static const char *const names[] = { "growing", "presized" };
	char row[64];
	size_t i, j;

	for (j = 0; j < ARRAY_SIZE(names); j++) {
		snprintf(row, sizeof(row), "insert %s, %u entries", names[j],
			 entries);
		for (i = 0; i < KSPEED_NR_KINDS; i++)
			kspeed_record(row, kspeed_kinds[i]->name,
				      &writings[i][j].inserts);
	}
	snprintf(row, sizeof(row), "delete, %u entries", entries);
	for (i = 0; i < KSPEED_NR_KINDS; i++)
		kspeed_record(row, kspeed_kinds[i]->name,
			      &writings[i][kspeed_kinds[i]->fixed].deletes);
}

int kspeed_write(u32 entries, u32 rounds)
{
	struct writing (*writings)[2] =
		kcalloc(KSPEED_NR_KINDS, sizeof(*writings), GFP_KERNEL);
	u32 round;
	int err;

	if (!writings)
		return -ENOMEM;
	if (entries > LARGE)
		rounds = min(rounds, LARGE_ROUNDS);
	/* The first is to warm up. */
	err = one_round(writings, entries);
	memset(writings, 0, KSPEED_NR_KINDS * sizeof(*writings));
	for (round = 0; round < rounds && !err; round++)
		err = one_round(writings, entries);
	if (!err)
		record(writings, entries);
	kfree(writings);
	return err;
}
