/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * speed_loops.h - the loops of a peer, made of what its file says of one key:
 * insert_one(), find_one(), remove_one().  Included behind them, by each peer: so
 * that all have the same loops, and each has them compiled in.
 */
#ifndef SPEED_LOOPS_H
#define SPEED_LOOPS_H

static void insert(void *table, const speed_u64 *names, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		insert_one(table, names[i]);
}

static speed_u64 hit(void *table, const speed_u64 *names, size_t nr)
{
	speed_u64 sum = 0;

	for (size_t i = 0; i < nr; i++) {
		speed_value value;

		speed_expect(find_one(table, names[i], &value));
		sum += speed_sum(&value);
	}
	return sum;
}

static speed_u64 dependent(void *table, const speed_u64 *names, size_t nr)
{
	speed_u64 sum = 0, nothing = 0;

	for (size_t i = 0; i < nr; i++) {
		speed_u64 name = names[i] ^ nothing;
		speed_value value;

		speed_expect(find_one(table, name, &value));
		nothing = speed_nothing(&value, name);
		sum += speed_sum(&value);
	}
	return sum;
}

static void miss(void *table, const speed_u64 *names, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		speed_value value;

		speed_expect(!find_one(table, names[i], &value));
	}
}

static void remove_all(void *table, const speed_u64 *names, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		speed_expect(remove_one(table, names[i]));
}

static size_t mixed(void *table, const struct speed_share *share)
{
	size_t i, writes = 0, absent = 0;
	speed_u64 name = 0;
	speed_value value;

	for (i = 0; i < share->nr; i++) {
		if (share->period && i % share->period == 0) {
			name = share->own[writes / 2 % share->nr_own];
			if (writes++ % 2)
				insert_one(table, name);
			else
				speed_expect(remove_one(table, name));
		} else if (find_one(table, share->reads[i], &value)) {
			speed_expect(!speed_nothing(&value, share->reads[i]));
		} else {
			absent++;
		}
		if (i % SPEED_BREATH == 0 && share->breathe)
			share->breathe(table);
	}
	if (writes % 2)
		insert_one(table, name);
	return absent;
}

#define SPEED_LOOPS							\
	.insert = insert,						\
	.hit = hit,							\
	.dependent = dependent,						\
	.miss = miss,							\
	.remove = remove_all,						\
	.mixed = mixed

#endif /* SPEED_LOOPS_H */
