/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * load.h - what a load costs: Go's table of load factors, counted in our buckets.
 *
 * The comment before loadFactor in Go's runtime/map.go has the table for keys and
 * values of 8 bytes: how many buckets have overflow buckets, and how many entries
 * a search looks at.  These figures follow from eight slots to a bucket and a hash
 * that looks like chance; they are the same on any machine.  A map of ours that
 * has others has another hash, loses entries from its slots, or chains too soon.
 */
#ifndef HOST_LOAD_H
#define HOST_LOAD_H

#include <linux/gomap.h>

/**
 * struct load_figures - what there is to say of a load, as Go defines it.
 * @overflow: Buckets that have an overflow bucket, percent.
 * @bytes: Of all buckets, less keys and values, by entry.
 * @hit: Entries to look at for a key that is there.
 * @miss: Entries to look at for one that is not.
 */
struct load_figures {
	double overflow;
	double bytes;
	double hit;
	double miss;
};

/**
 * struct load_row - a row of Go's table.
 * @load: Entries by bucket, on average.
 * @go: What Go's comment says.
 */
struct load_row {
	double load;
	struct load_figures go;
};

#define LOAD_ROWS	9
extern const struct load_row load_rows[LOAD_ROWS];

/**
 * struct load_map - a map that is filled load by load, and stays as large as it is.
 * @map: The map.  Its keys are the numbers below @nr.
 * @nr: Entries.
 * @refuses: It gets no more memory.
 */
struct load_map {
	struct gomap *map;
	u64 nr;
	bool refuses;
};

int load_begin(struct load_map *l);
int load_fill(struct load_map *l, double load);
void load_measure(const struct load_map *l, struct load_figures *f);
bool load_is_as_in_go(const struct load_figures *f, const struct load_row *row);
void load_end(struct load_map *l);

#endif /* HOST_LOAD_H */
