// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_names.c - which keys a table has, and in what order it is asked for them.
 *
 * They lie in memory that programs of other languages map, too: all get the same.
 */
#define _GNU_SOURCE
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "speed_bench.h"

/* How uneven: the exponent of the distribution. */
#define ZIPF	0.99

struct names names;

/* One to one, and its results look like chance. */
static speed_u64 mix(speed_u64 x)
{
	x = (x ^ x >> 31) * 0x7fb5d329728ea185ULL;
	x = (x ^ x >> 27) * 0x81dadef4bc2dd44dULL;
	return x ^ x >> 33;
}

speed_u64 speed_draw(speed_u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* One to one below any number of entries that this prime does not divide. */
static size_t scatter(size_t i, size_t entries)
{
	return (size_t)((__uint128_t)i * 2654435761U % entries);
}

/*
 * Ranks by rejection from an envelope whose inverse is known (Hoermann and
 * Derflinger): exact, and without a sum over all entries.
 */
static double envelope(double x)
{
	return (pow(x, 1 - ZIPF) - 1) / (1 - ZIPF);
}

static double inverse(double y)
{
	return pow(1 + y * (1 - ZIPF), 1 / (1 - ZIPF));
}

static size_t draw_rank(size_t entries, speed_u64 *state)
{
	double low = envelope(1.5) - 1, high = envelope((double)entries + 0.5);

	for (;;) {
		double y = low + (high - low) * (double)(speed_draw(state) >> 11) /
			   (double)(1ULL << 53);
		double rank = floor(inverse(y) + 0.5);

		if (rank < 1)
			rank = 1;
		if (rank > (double)entries)
			rank = (double)entries;
		if (y >= envelope(rank + 0.5) - pow(rank, -ZIPF))
			return (size_t)rank - 1;
	}
}

/* Returns a descriptor of them, in the order of struct names. */
int speed_make_room_for_names(size_t entries, size_t lookups)
{
	size_t size = (2 * entries + 3 * lookups) * sizeof(speed_u64);
	int fd = memfd_create("names", 0);
	speed_u64 *room;

	speed_expect(fd >= 0 && !ftruncate(fd, (off_t)size));
	room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	speed_expect(room != MAP_FAILED);
	names.all = room;
	names.removal = names.all + entries;
	names.present = names.removal + entries;
	names.absent = names.present + lookups;
	names.zipf = names.absent + lookups;
	return fd;
}

void speed_choose_names(const struct setting *s)
{
	speed_u64 state = 88172645463325252ULL;
	size_t i;

	for (i = 0; i < s->entries; i++)
		names.all[i] = mix(i);
	for (i = 0; i < s->entries; i++)
		names.removal[i] = names.all[scatter(i, s->entries)];
	for (i = 0; i < s->lookups; i++) {
		names.present[i] = names.all[speed_draw(&state) % s->entries];
		names.absent[i] = mix(s->entries +
				      speed_draw(&state) % s->entries);
		names.zipf[i] = names.all[scatter(draw_rank(s->entries, &state),
						  s->entries)];
	}
}
