/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What a person sees while a load runs: a line for each growth of the map, a
 * line every so many entries, and on a terminal a progress line for whatever
 * takes longer than two seconds.
 */
#ifndef GOMAPCTL_WATCH_H
#define GOMAPCTL_WATCH_H

#include "target.h"

struct watch {
	struct gomap *map;
	bool growth;		/* a line for each */
	uint64_t step;		/* a line every so many entries; 0: none */
	bool bar;		/* progress, on a terminal */
	uint64_t size;		/* bytes of the input; 0: unknown */
	double begun, drawn, grown;
	uint64_t entries;	/* so far */
	uint32_t b;		/* as it was last seen */
	uint64_t len;
	json_t *growths;	/* with -j, instead of printing them */
};

void watch_open(struct watch *watch, const struct target *target,
		uint64_t size);

/* Entries after which it should look again, at most @most. */
uint32_t watch_room(const struct watch *watch, uint32_t most);

/* It looks: @entries and @bytes of the input are done. */
void watch_look(struct watch *watch, uint64_t entries, uint64_t bytes);

/* Before anything is loaded: so much of the input is read. */
void watch_reading(struct watch *watch, uint64_t entries, uint64_t bytes);

double watch_seconds(const struct watch *watch);
void watch_close(struct watch *watch);

#endif /* GOMAPCTL_WATCH_H */
