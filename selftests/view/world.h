/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * world.h - a map whose values tell by themselves whether they are right, and those
 * who change it all the time.
 *
 * Each key has one writer, who stores ever higher numbers for it and takes note of
 * each when the call has returned.  All bytes of a value follow from key and number.
 * So who reads knows of a value whether it is whole, whether it is that of the key,
 * and whether it was outdated before he began.  Steady keys are never deleted: who
 * does not find one has been told wrong.
 */
#ifndef VIEW_WORLD_H
#define VIEW_WORLD_H

#include <gomap_view.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define NR_KEYS		4096U	/* the first half of them steady */
#define NR_STEADY	(NR_KEYS / 2)
#define VALUE_MAX	2048U

/**
 * struct kind - what a map is of.
 * @name: For a person.
 * @key_size: Bytes of a key.
 * @value_size: Bytes of a value, at least 8.
 * @flags: GOMAP_MAP_* bits besides that of the view.
 */
struct kind {
	const char *name;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t flags;
};

/**
 * enum change - what happens to a map besides writes.
 * @CHANGE_NONE: Nothing.
 * @CHANGE_GROW: It grows, for as long as there are reads, and is cleared never.
 * @CHANGE_SIZE: It grows and shrinks, is compacted.
 * @CHANGE_SEED: It gets new seeds.
 * @CHANGE_CLEAR: It is cleared: no key is steady.
 */
enum change {
	CHANGE_NONE,
	CHANGE_GROW,
	CHANGE_SIZE,
	CHANGE_SEED,
	CHANGE_CLEAR,
	NR_CHANGES,
};

/**
 * struct world - a map, and who writes to it.
 * @kind: What it is of.
 * @change: What else happens to it.
 * @map: The map.
 * @view: Its view.
 * @noted: By key, the number that was stored last; 0: none, or it was deleted.
 * @stop: The end.
 * @failed: What went wrong first; NULL: nothing.
 * @writes: Of entries.
 * @changes: Of another kind.
 * @threads: Who writes, and who changes.
 */
struct world {
	const struct kind *kind;
	enum change change;
	struct gomap *map;
	struct gomap_view *view;
	uint64_t noted[NR_KEYS];
	bool stop;
	const char *failed;
	uint64_t writes;
	uint64_t changes;
	pthread_t threads[3];
};

int world_begin(struct world *w, const struct kind *kind, enum change change);
void world_end(struct world *w);

void world_fail(struct world *w, const char *what);
bool world_has_failed(const struct world *w);

/* Bytes of a key, at @key. */
void world_key(const struct world *w, uint64_t number, void *key);

/* What was noted of a key, before a lookup of it. */
uint64_t world_noted(const struct world *w, uint64_t number);

/*
 * Is this what a lookup of a key may find, who was told @noted before?  NULL: yes;
 * else, what is wrong with it.
 */
const char *world_wrong(const struct world *w, uint64_t number, uint64_t noted,
			const void *value, int ret);

uint64_t next_random(uint64_t *state);

#endif /* VIEW_WORLD_H */
