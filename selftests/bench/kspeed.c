// SPDX-License-Identifier: GPL-2.0-only
/*
 * kspeed.c - the module gomap_kspeed.  Loading it measures, and takes as long as
 * that does; the records go to the kernel log.
 */
#define pr_fmt(fmt) "gomap_bench: " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "kspeed.h"
#include "record.h"

static unsigned int sizes[4] = { 1000, 1000000 };
static int nr_sizes = 2;
module_param_array(sizes, uint, &nr_sizes, 0444);
MODULE_PARM_DESC(sizes, "Entries of the tables, up to four sizes");

static unsigned int rounds = 7;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "Rounds that count, after one that only warms up");

static int set_refill(const char *text, const struct kernel_param *param)
{
	kspeed_bpf_refill();
	return 0;
}

static const struct kernel_param_ops refill_ops = { .set = set_refill };
module_param_cb(refill, &refill_ops, NULL, 0200);
MODULE_PARM_DESC(refill, "Write to it: BPF's allocator has memory again");

const struct kspeed_kind *const kspeed_kinds[KSPEED_NR_KINDS] = {
	&kspeed_gomap, &kspeed_gomap_trusted, &kspeed_rhashtable,
	&kspeed_bpf_hash, &kspeed_bpf_unallocated, &kspeed_bpf_resizable,
};

/* Insert the keys of all indices below @entries. */
int kspeed_fill(const struct kspeed_kind *kind, void *table, u32 entries)
{
	u32 first, nr;
	int err = 0;

	for (first = 0; first < entries && !err; first += nr) {
		nr = min(entries - first, KSPEED_BREATH);
		err = kind->insert(table, first, nr);
		cond_resched();
	}
	return err;
}

/* Kept in order. */
void kspeed_add(struct kspeed_samples *samples, u64 ns, u64 operations)
{
	u64 ps = div64_u64(1000 * ns, operations);
	u32 at = samples->nr++;

	for (; at && samples->ps[at - 1] > ps; at--)
		samples->ps[at] = samples->ps[at - 1];
	samples->ps[at] = ps;
}

static void print_record(const char *figure, const char *row, const char *what,
			 u64 thousandths)
{
	pr_info(RECORD_FORMAT "\n", figure, "kernel", row, what,
		RECORD_VALUE(thousandths));
}

/*
 * The median in nanoseconds, and how far the middle half of the rounds spreads,
 * in percent of it.
 */
void kspeed_record(const char *row, const char *what,
		   struct kspeed_samples *samples)
{
	u32 nr = samples->nr;
	u64 median, spread;

	if (!nr)
		return;
	median = samples->ps[nr / 2];
	spread = samples->ps[nr - 1 - nr / 4] - samples->ps[nr / 4];
	print_record("kspeed", row, what, median);
	print_record("kspeed spread", row, what,
		     div64_u64(100000 * spread, max(median, 1ULL)));
}

static int measure(void)
{
	int i, err = kspeed_primitives(rounds);

	for (i = 0; i < nr_sizes && !err; i++) {
		err = kspeed_read(sizes[i], rounds);
		if (!err)
			err = kspeed_write(sizes[i], rounds);
	}
	return err;
}

static int __init kspeed_init(void)
{
	rounds = clamp(rounds, 1U, (unsigned int)KSPEED_ROUNDS_MAX);
	return measure();
}

static void __exit kspeed_exit(void)
{
}

module_init(kspeed_init);
module_exit(kspeed_exit);

/* Where BPF maps can be made and reached. */
MODULE_IMPORT_NS("BPF_INTERNAL");
MODULE_DESCRIPTION("Speed of gomap beside the kernel's own tables");
MODULE_AUTHOR("gomap developers");
MODULE_LICENSE("GPL");
