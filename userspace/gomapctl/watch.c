// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* What a person sees while a load runs; see watch.h. */
#include <time.h>
#include <unistd.h>

#include "watch.h"

#define PATIENCE	2.0	/* seconds before a progress line is worth it */
#define REDRAW		0.2	/* seconds between two of them */
#define WHILE_GROWING	64	/* entries: no next growth before this one ends */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void remember(struct watch *w, const struct gomap_ioc_info *info)
{
	w->b = info->b;
	w->len = info->len;
}

void watch_open(struct watch *watch, const struct target *target, uint64_t size)
{
	watch->map = target->map;
	watch->size = size;
	watch->bar = is_terminal(STDERR_FILENO) && !json_mode;
	watch->begun = watch->drawn = watch->grown = now();
	remember(watch, &target->info);
	if (json_mode && watch->growth)
		watch->growths = json_array();
}

/* Go's rule: more than 8 entries and more than 6.5 a bucket. */
static uint64_t entries_before_growth(const struct watch *w)
{
	uint64_t most = w->b ? 13 * (1ULL << w->b) / 2 : 8;

	return w->len > most ? WHILE_GROWING : most + 1 - w->len;
}

uint32_t watch_room(const struct watch *w, uint32_t most)
{
	uint64_t room = most;

	if (w->growth && entries_before_growth(w) < room)
		room = entries_before_growth(w);
	if (w->step && w->step - w->entries % w->step < room)
		room = w->step - w->entries % w->step;
	return (uint32_t)room;
}

static double load(uint64_t len, uint32_t b)
{
	return (double)len / (double)(1ULL << b);
}

static void say_growth(struct watch *w, const struct gomap_ioc_info *info)
{
	double ms = (now() - w->grown) * 1e3;
	char n[NUMBER_MAX];

	w->grown = now();
	if (w->growths) {
		json_array_append_new(w->growths,
			json_pack("{s:i,s:i,s:I,s:f,s:f}", "from", w->b,
				  "to", info->b, "len", (json_int_t)info->len,
				  "load", load(info->len, info->b), "ms", ms));
		return;
	}
	wipe_line();
	printf("  B %2u -> %2u  at %13s entries  load %5.2f -> %4.2f  %10.1f ms\n",
	       w->b, info->b, grouped(info->len, n), load(info->len, w->b),
	       load(info->len, info->b), ms);
	fflush(stdout);	/* somebody is watching */
}

static const char *rate(const struct watch *w, char out[NUMBER_MAX])
{
	double seconds = watch_seconds(w);

	return grouped(seconds > 0 ? (uint64_t)((double)w->entries / seconds)
				   : 0, out);
}

static void say_step(const struct watch *w, const struct gomap_ioc_info *info)
{
	char n[NUMBER_MAX], r[NUMBER_MAX], m[NUMBER_MAX];

	wipe_line();
	printf("  %13s entries  %8.2f s  %9s a second  B %2u  load %4.2f  %s\n",
	       grouped(w->entries, n), watch_seconds(w), rate(w, r), info->b,
	       load(info->len, info->b), in_bytes(info->bytes_held, m));
	fflush(stdout);
}

static void draw(struct watch *w, const struct gomap_ioc_info *info,
		 uint64_t bytes)
{
	char n[NUMBER_MAX], r[NUMBER_MAX], m[NUMBER_MAX], left[48] = "";
	double share = w->size ? (double)bytes / (double)w->size : 0;

	w->drawn = now();
	if (share > 0 && share <= 1)
		snprintf(left, sizeof(left), "%3.0f %%  %.0f s left  ",
			 share * 100, watch_seconds(w) * (1 - share) / share);
	draw_line("%s%s entries  %s a second  B %u  load %.2f  %s", left,
		  grouped(w->entries, n), rate(w, r), info->b,
		  load(info->len, info->b), in_bytes(info->bytes_held, m));
}

static bool draw_is_due(const struct watch *w)
{
	double t = now();

	return w->bar && t - w->begun >= PATIENCE && t - w->drawn >= REDRAW;
}

void watch_reading(struct watch *w, uint64_t entries, uint64_t bytes)
{
	char n[NUMBER_MAX], m[NUMBER_MAX];

	if (entries % 1024 || !draw_is_due(w))
		return;
	w->drawn = now();
	draw_line("%s entries read, %s", grouped(entries, n),
		  in_bytes(bytes, m));
}

void watch_look(struct watch *w, uint64_t entries, uint64_t bytes)
{
	bool step = w->step && entries / w->step > w->entries / w->step;
	bool due = draw_is_due(w);
	struct gomap_ioc_info info;

	w->entries = entries;
	if ((!w->growth && !step && !due) || gomap_info(w->map, 0, &info))
		return;
	if (w->growth && info.b != w->b)
		say_growth(w, &info);
	if (step && !json_mode)
		say_step(w, &info);
	if (due)
		draw(w, &info, bytes);
	remember(w, &info);
}

double watch_seconds(const struct watch *watch)
{
	return now() - watch->begun;
}

void watch_close(struct watch *w)
{
	wipe_line();
	json_decref(w->growths);
}
