// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_counts.c - one operation on each of 10,000 entries, for callgrind to count
 * the instructions of, which no other program disturbs.
 *
 *	speed_counts TABLE OPERATION
 *
 * Only what counted() does is to be counted.
 */
#include <stdio.h>

#include "../../../module/init.h"
#include "speed_bench.h"

#define ENTRIES		10000

void counted(const struct speed_peer *p, void *table, const char *operation);

/* Each needs the table as the ones before it leave it. */
__attribute__((noinline))
void counted(const struct speed_peer *p, void *table, const char *operation)
{
	if (!strcmp(operation, "insert"))
		speed_write_all(p, table, names.all, ENTRIES, p->insert);
	else if (!strcmp(operation, "hit"))
		p->hit(table, names.present, ENTRIES);
	else if (!strcmp(operation, "miss"))
		p->miss(table, names.absent, ENTRIES);
	else if (!strcmp(operation, "delete"))
		speed_write_all(p, table, names.removal, ENTRIES, p->remove);
	else
		speed_expect(false);
}

int main(int argc, char **argv)
{
	static const struct speed_peer *const peers[] = {
		&SPEED_PEER_OF(gomap, 8_8), &SPEED_PEER_OF(gomap_trusted, 8_8),
		&SPEED_PEER_OF(rhashtable, 8_8), &SPEED_PEER_OF(boost, 8_8),
		&SPEED_PEER_OF(absl, 8_8),
	};
	const struct setting s = { .entries = ENTRIES, .lookups = ENTRIES };
	const struct speed_peer *p = NULL;
	void *table;
	size_t i;

	for (i = 0; argc == 3 && i < sizeof(peers) / sizeof(peers[0]); i++)
		if (!strcmp(argv[1], peers[i]->name))
			p = peers[i];
	if (!p) {
		fprintf(stderr, "usage: speed_counts TABLE OPERATION\n");
		return 2;
	}
	speed_make_room_for_names(ENTRIES, ENTRIES);
	speed_choose_names(&s);
	speed_expect(!gomap_core_init());
	table = p->create(0);
	if (strcmp(argv[2], "insert"))
		speed_write_all(p, table, names.all, ENTRIES, p->insert);
	if (p->settle)
		p->settle(table, ENTRIES);
	counted(p, table, argv[2]);
	p->destroy(table);
	gomap_core_exit();
	return 0;
}
