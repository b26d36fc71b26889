// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Verbs about the inside: info of a map, version of tool and module. */
#include <string.h>

#include "target.h"

/* -- info ---------------------------------------------------------------- */

static bool check;

static const struct option_row info_options[] = {
	{ "check", 'c', OPTION_FLAG, NULL, &check,
	  "verify every invariant of the map as well" },
	{ 0 }
};

struct figure {
	const char *name;
	size_t offset;		/* of a __u64 in struct gomap_ioc_info */
};

#define FIGURE(member) { #member, offsetof(struct gomap_ioc_info, member) }

/* What info -j reports under the names of the ABI. */
static const struct figure figures[] = {
	FIGURE(id), FIGURE(nr_buckets), FIGURE(nr_overflow),
	FIGURE(nr_evacuated), FIGURE(nr_old_buckets), FIGURE(grows),
	FIGURE(same_size_grows), FIGURE(grow_failures), FIGURE(shrinks),
	FIGURE(rekeys), FIGURE(attacks), FIGURE(clears),
	FIGURE(bytes_live), FIGURE(bytes_held), FIGURE(bytes_peak),
	FIGURE(objects_live), FIGURE(object_allocs), FIGURE(kernel_allocs),
	FIGURE(read_retries), FIGURE(max_entries), FIGURE(max_bytes),
	FIGURE(write_allocs), FIGURE(nr_chunks), FIGURE(bytes_chunks),
	FIGURE(bytes_idle),
};

/* What is under way, as GOMAP_RESIZE_* says it; a newer module may know more. */
static const char *growing(const struct gomap_ioc_info *info)
{
	static const char *const words[] = {
		[GOMAP_RESIZE_NONE] = "no",
		[GOMAP_RESIZE_DOUBLE] = "doubling",
		[GOMAP_RESIZE_SAME_SIZE] = "same size",
		[GOMAP_RESIZE_SHRINK] = "shrinking",
		[GOMAP_RESIZE_REKEY] = "rekeying",
	};

	return info->growing < sizeof(words) / sizeof(words[0]) ?
	       words[info->growing] : "otherwise";
}

static double load(const struct gomap_ioc_info *info)
{
	return info->nr_buckets ? (double)info->len / (double)info->nr_buckets
				: 0;
}

static double per_entry(const struct gomap_ioc_info *info)
{
	return info->len ? (double)info->bytes_held / (double)info->len : 0;
}

/* How many writes each limit has refused, by the limit's name. */
static json_t *refused_json(const struct gomap_ioc_info *info)
{
	static const char *const limits[] = {
		[GOMAP_REASON_ENTRIES] = "max_entries",
		[GOMAP_REASON_BYTES] = "max_bytes",
		[GOMAP_REASON_TOTAL_BYTES] = "module_max_bytes",
		[GOMAP_REASON_MEMORY] = "memory",
	};
	json_t *refused = json_object();
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i])
			json_object_set_new(refused, limits[i],
				json_integer((json_int_t)info->refused[i]));
	return refused;
}

static json_t *info_json(const struct target *t,
			 const struct gomap_ioc_info *info)
{
	json_t *map = map_json(t->name, &t->schema, info->len, info->map_flags);
	json_t *fill = json_array();
	size_t i;

	json_object_update_new(map,
		json_pack("{s:i,s:i,s:i,s:i,s:i,s:b,s:b,s:i,s:s,s:f,s:f}",
			  "key_size", info->key_size,
			  "value_size", info->value_size,
			  "bucket_size", info->bucket_size,
			  "B", info->b, "old_B", info->old_b,
			  "key_inline", info->key_inline,
			  "value_inline", info->value_inline,
			  "seed_generation", info->seed_generation,
			  "growing", growing(info), "load", load(info),
			  "bytes_per_entry", per_entry(info)));
	for (i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		__u64 n;

		memcpy(&n, (const char *)info + figures[i].offset, sizeof(n));
		json_object_set_new(map, figures[i].name,
				    json_integer((json_int_t)n));
	}
	for (i = 0; i < GOMAP_FILL_BINS; i++)
		json_array_append_new(fill,
				      json_integer((json_int_t)info->fill[i]));
	json_object_set_new(map, "fill", fill);
	json_object_set_new(map, "refused", refused_json(info));
	if (check)
		json_object_set_new(map, "broken_invariant",
				    json_integer(info->check));
	return map;
}

static void say_row(const char *name)
{
	printf("  %s%-12s%s ", bold(), name, plain());
}

static void say_type(const char *role, const struct type *type, bool is_inline)
{
	char name[TYPE_NAME_MAX];

	type_name(type, name);
	say_row(role);
	printf("%s", name);
	if (type->size)
		printf(", %s%u bytes, in the %s", type->variable ? "up to " : "",
		       type->size, is_inline ? "buckets" : "arena");
	putchar('\n');
}

static void say_load(const struct gomap_ioc_info *info)
{
	say_row("load");
	printf("%.2f entries a bucket (it grows above 6.5, and shrinks %s)\n",
	       load(info), info->map_flags & GOMAP_MAP_NO_SHRINK ?
	       "on request only" : "below 1");
}

static void say_resizes(const struct gomap_ioc_info *info)
{
	char a[NUMBER_MAX], b[NUMBER_MAX];

	say_row("resizing");
	printf("%s", growing(info));
	if (info->growing)
		printf(", %s of %s old buckets evacuated",
		       grouped(info->nr_evacuated, a),
		       grouped(info->nr_old_buckets, b));
	putchar('\n');
	say_row("so far");
	printf("doublings %s, growths at the same size %s",
	       grouped(info->grows, a), grouped(info->same_size_grows, b));
	printf(", shrinks %s, rekeys %s", grouped(info->shrinks, a),
	       grouped(info->rekeys, b));
	if (info->grow_failures)
		printf("; put off for want of memory %s",
		       grouped(info->grow_failures, a));
	putchar('\n');
}

static void say_seed(const struct gomap_ioc_info *info)
{
	char a[NUMBER_MAX];

	say_row("seed");
	printf("number %u; cleared %s times", info->seed_generation,
	       grouped(info->clears, a));
	if (info->attacks)
		printf(", attacked %s times with keys that collide",
		       grouped(info->attacks, a));
	if (info->map_flags & GOMAP_MAP_TRUSTED_KEYS)
		printf(", of a hash for trusted keys");
	if (info->map_flags & GOMAP_MAP_VIEW)
		printf(", with a view");
	putchar('\n');
	say_row("lookups");
	printf("%s had to take the lock\n", grouped(info->read_retries, a));
}

static void say_memory(const struct gomap_ioc_info *info)
{
	char a[NUMBER_MAX], b[NUMBER_MAX];

	say_row("memory");
	printf("%s held, %s at most", in_bytes(info->bytes_held, a),
	       in_bytes(info->bytes_peak, b));
	if (info->len)
		printf(", %.1f bytes an entry", per_entry(info));
	putchar('\n');
	say_row("chunks");
	printf("%s of %s in all", grouped(info->nr_chunks, a),
	       in_bytes(info->bytes_chunks, b));
	printf(", %s of it idle\n", in_bytes(info->bytes_idle, a));
	say_row("allocations");
	printf("%s of the kernel", grouped(info->kernel_allocs, a));
	printf(" (%s writes had to wait for one)", grouped(info->write_allocs, b));
	printf(", %s objects of the arena", grouped(info->object_allocs, a));
	printf(" (%s in use)\n", grouped(info->objects_live, a));
}

static void say_limits(const struct gomap_ioc_info *info)
{
	char a[NUMBER_MAX], b[NUMBER_MAX];
	uint64_t refused = 0;
	size_t i;

	for (i = 0; i < GOMAP_NR_REASONS; i++)
		refused += info->refused[i];
	say_row("limits");
	printf("%s entries, %s of memory; %s writes refused\n",
	       info->max_entries ? grouped(info->max_entries, a) : "any number of",
	       info->max_bytes ? in_bytes(info->max_bytes, b) : "any amount",
	       refused ? grouped(refused, (char[NUMBER_MAX]){ 0 }) : "no");
}

static void say_figures(const struct target *t,
			const struct gomap_ioc_info *info)
{
	char a[NUMBER_MAX];

	printf("%s%s%s\n", bold(), t->name, plain());
	say_type("keys", &t->schema.key, info->key_inline);
	say_type("values", &t->schema.value, info->value_inline);
	say_row("entries");
	printf("%s\n", grouped(info->len, a));
	say_row("B");
	printf("%u, %s buckets of 8 slots in %u bytes\n", info->b,
	       grouped(info->nr_buckets, a), info->bucket_size);
	say_row("overflow");
	printf("%s buckets\n", grouped(info->nr_overflow, a));
	say_load(info);
	say_resizes(info);
	say_memory(info);
	say_limits(info);
	say_seed(info);
}

#define BAR_WIDTH 48

static void say_bar(int bin, uint64_t n, uint64_t most)
{
	uint64_t width = (n * BAR_WIDTH + most - 1) / most, i;
	char number[NUMBER_MAX];

	printf("  %3d%s |%s", bin, bin == GOMAP_FILL_BINS - 1 ? "+" : " ",
	       bar_colour());
	for (i = 0; i < width; i++)
		putchar('#');
	printf("%s%s%s\n", plain(), n ? " " : "", n ? grouped(n, number) : "");
}

/* Bars up to the last bin with something in it; the rest says nothing. */
static void say_histogram(const struct gomap_ioc_info *info)
{
	uint64_t most = 0;
	int bin, last = 0;

	for (bin = 0; bin < GOMAP_FILL_BINS; bin++) {
		if (info->fill[bin])
			last = bin;
		if (info->fill[bin] > most)
			most = info->fill[bin];
	}
	if (!most)
		return;
	printf("\n  %sentries in a bucket, and how many buckets have them%s\n",
	       bold(), plain());
	for (bin = 0; bin <= last; bin++)
		say_bar(bin, info->fill[bin], most);
}

static int say_check(const struct target *t, const struct gomap_ioc_info *info)
{
	if (!check)
		return EXIT_OK;
	if (info->check)
		return complain(EXIT_NO, "Invariant %u of map %s does not hold. That is a bug of gomap; please report it with the output of this command.",
				info->check, t->name);
	say_row("check");
	printf("every invariant holds\n");
	return EXIT_OK;
}

static int info(const struct words *words)
{
	static struct gomap_ioc_info inside;
	struct target t;
	json_t *doc;
	int ret = target_open(&t, words->at[0], GOMAP_OPEN_READ);

	if (ret)
		return ret;
	ret = gomap_info(t.map, GOMAP_INFO_FILL |
			 (check ? GOMAP_INFO_CHECK : 0), &inside);
	if (ret) {
		ret = refused(ret, "ask about map %s", t.name);
	} else if (json_mode) {
		doc = document();
		json_object_set_new(doc, "map", info_json(&t, &inside));
		say_document(doc);
		ret = check && inside.check ? EXIT_NO : EXIT_OK;
	} else {
		say_figures(&t, &inside);
		ret = say_check(&t, &inside);
		say_histogram(&inside);
	}
	target_close(&t);
	return ret;
}

const struct verb verb_info = {
	.name = "info", .run = info, .min_words = 1, .max_words = 1,
	.options = info_options, .words = "MAP",
	.line = "print the inner figures of a map",
	.help =
	"Entries, B (the log2 of the number of buckets), overflow buckets, load,\n"
	"what resize is under way and how many there were, memory, allocations, the\n"
	"number of the seed, attacks, and how full the buckets are.\n"
	"\n"
	"  gomapctl info vendors\n"
	"  gomapctl info vendors --check\n",
};

/* -- version ------------------------------------------------------------- */

static int version(const struct words *words)
{
	struct gomap_ioc_version v;
	int ret = gomap_version(&v);
	json_t *doc;

	(void)words;
	if (json_mode && !ret) {
		doc = document();
		json_object_update_new(doc,
			json_pack("{s:s,s:s,s:i,s:i,s:i,s:I}",
				  "gomapctl", GOMAP_VERSION,
				  "module", v.version, "abi", v.abi,
				  "max_key_size", v.max_key_size,
				  "max_value_size", v.max_value_size,
				  "max_hint", (json_int_t)v.max_hint));
		return say_document(doc);
	}
	if (!json_mode)
		printf("gomapctl %s, ABI %d\n", GOMAP_VERSION,
		       GOMAP_ABI_VERSION);
	if (ret)
		return refused(ret, "ask the module for its version");
	printf("module   %s, ABI %u\n", v.version, v.abi);
	return EXIT_OK;
}

const struct verb verb_version = {
	.name = "version", .run = version, .words = "",
	.line = "print the versions of tool and module",
	.help =
	"Tool and module need not be of the same version: each is content with an\n"
	"older other as long as nothing new is asked of it.\n"
	"\n"
	"  gomapctl version\n",
};
