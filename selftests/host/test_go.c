// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_go.c - grow when Go's map does.
 *
 * Against the runtime: go/bhist.go prints operations and the B of a map of Go
 * after each; the core does the same ones and must have the same B.  Against
 * the rule, as runtime/map.go of Go 1.19 has it: with the hashes known, B,
 * overflow buckets and same-size growths can be told for every step.
 */
#include "../../module/core/core.h"
#include "model.h"
#include "test.h"

/* The last Go whose maps have a B. */
#define GO_MINOR_MAX	23

#define STEPS_MIN	500000

/* Sequences that end early with a same-size growth: at most one in so many. */
#define SAME_SIZE_RARITY	20

#define GO_PROGRAM	"go/bhist.go"

static u64 map_same_size_grows(struct gomap *m)
{
	struct gomap_info info;

	CHECK_EQ(gomap_info(m, &info, false), 0);
	return info.same_size_grows;
}

static void need_go_with_B(void)
{
	FILE *go = popen("go env GOVERSION 2>/dev/null", "r");
	char line[100] = "";
	unsigned int minor = 0;
	bool said;

	CHECK(go);
	said = fgets(line, sizeof(line), go) != NULL;
	pclose(go);
	line[strcspn(line, "\n")] = '\0';
	if (!said)
		test_skip("there is no go command");
	if (sscanf(line, "go1.%u", &minor) != 1 || minor > GO_MINOR_MAX)
		test_skip("maps have no B in %s, only up to go1.%u", line,
			  GO_MINOR_MAX);
}

/**
 * struct replay - what was done of the steps that Go has printed.
 * @m: The map of the sequence; NULL: none, or it has come to its early end.
 * @steps: Steps that were compared.
 * @sequences: How many there were.
 * @ended_early: Those that ended with a same-size growth, here or there.
 * @B_max: The highest B that was reached.
 */
struct replay {
	struct gomap *m;
	u64 steps;
	u64 sequences;
	u64 ended_early;
	u32 B_max;
};

static void end_early(struct replay *r)
{
	gomap_put(r->m);
	r->m = NULL;
	r->ended_early++;
}

static void begin_sequence(struct replay *r, u64 hint)
{
	gomap_put(r->m);
	r->m = test_map(sizeof(u64), sizeof(u64), GOMAP_F_NO_SHRINK,
			hint);
	r->sequences++;
}

static void do_step(struct replay *r, const char *operation, u64 operand)
{
	if (!strcmp(operation, "put"))
		CHECK(gomap_store(r->m, &operand, sizeof(operand), &operand,
				  sizeof(operand), GFP_KERNEL) >= 0);
	else if (!strcmp(operation, "del"))
		CHECK(gomap_delete(r->m, &operand, sizeof(operand)) >= 0);
	else
		CHECK_EQ(gomap_clear(r->m), 0);
}

static void replay_step(struct replay *r, const char *operation, u64 operand,
			u32 B)
{
	if (!strcmp(operation, "hint"))
		begin_sequence(r, operand);
	else if (!r->m)
		return;
	else
		do_step(r, operation, operand);

	r->steps++;
	r->B_max = max(r->B_max, B);
	if (map_B(r->m) != B)
		test_fail(__FILE__, __LINE__,
			  "B is %u where Go has %u, after step %llu (%s %llu)",
			  map_B(r->m), B, r->steps, operation, operand);
	if (map_same_size_grows(r->m))
		end_early(r);
}

static void replay_line(struct replay *r, const char *line)
{
	unsigned long long operand;
	char operation[8];
	unsigned int B;

	if (sscanf(line, "clear %u", &B) == 1)
		replay_step(r, "clear", 0, B);
	else if (sscanf(line, "%7s %llu %u", operation, &operand, &B) == 3)
		replay_step(r, operation, operand, B);
	else if (strcmp(line, "same\n"))
		test_fail(__FILE__, __LINE__, "%s printed: %s", GO_PROGRAM,
			  line);
	else if (r->m)
		end_early(r);
}

static void same_B_as_go_at_every_step(void)
{
	struct replay r = {};
	char line[100];
	FILE *go;

	need_go_with_B();
	snprintf(line, sizeof(line), "go run %s -seed %u", GO_PROGRAM,
		 (u32)test_seed >> 1);
	go = popen(line, "r");
	CHECK(go);
	while (fgets(line, sizeof(line), go)) {
		replay_line(&r, line);
		if (r.steps % 4096 == 0)
			shim_rcu_poll();
	}
	CHECK_EQ(pclose(go), 0);
	gomap_put(r.m);

	test_note("%llu steps of %llu sequences, B up to %u, %llu ended early",
		  r.steps, r.sequences, r.B_max, r.ended_early);
	CHECK(r.steps >= STEPS_MIN);
	CHECK(r.B_max >= 16);
	CHECK(r.ended_early * SAME_SIZE_RARITY < r.sequences);
}

/* The load factor of Go in its own words: 13 * (2^B / 2), from 9 entries on. */
static bool go_is_over_load_factor(u64 count, u32 B)
{
	u64 buckets = 1ULL << B;

	return count > 8 && count > 13 * (buckets / 2);
}

/*
 * In Go's words: as many as there are buckets, of which 2^15 at most count.  It
 * counts in 16 bits: of 2^16 buckets and more one overflow bucket in 2^(B - 15),
 * at random; here the average of that.
 */
static bool go_has_too_many_overflow_buckets(u64 nr, u32 B)
{
	u64 noverflow = B < 16 ? nr : nr >> (B - 15);

	if (B > 15)
		B = 15;
	return noverflow >= 1ULL << B;
}

/* One before, at and after each threshold, and where none is. */
static void load_factor_is_the_rule(void)
{
	static const u64 first_over[] = { 9, 14, 27, 53, 105, 209 };
	u64 n, threshold;
	u32 B;

	for (B = 0; B < sizeof(first_over) / sizeof(first_over[0]); B++) {
		CHECK(!over_load_factor(first_over[B] - 1, B));
		CHECK(over_load_factor(first_over[B], B));
	}
	for (B = 0; B < 40; B++) {
		threshold = 13 * ((1ULL << B) / 2);
		for (n = threshold > 3 ? threshold - 3 : 0; n < threshold + 12; n++)
			CHECK_EQ(over_load_factor(n, B),
				 go_is_over_load_factor(n, B));
	}
}

static void overflow_rule_is_the_rule(void)
{
	u64 n;
	u32 B;

	for (B = 0; B < 40; B++)
		for (n = 0; n < 70000; n++)
			CHECK_EQ(too_many_overflow_buckets(n, B),
				 go_has_too_many_overflow_buckets(n, B));
}

static void hints_choose_the_smallest_B(void)
{
	struct gomap *m;
	u64 hint;
	u32 B;

	for (hint = 0; hint < 20000; hint += 1 + hint / 40) {
		m = test_map(8, 8, 0, hint);
		for (B = 0; go_is_over_load_factor(hint, B); B++)
			;
		CHECK_EQ(map_B(m), B);
		gomap_put(m);
		shim_rcu_poll();
		shim_run_work();
	}
}

#define CRAFTED_KEYS	4000
#define CRAFTED_BUCKETS	64
#define CRAFTED_B_MAX	12

/**
 * struct chain_sim - a bucket of Go with its overflow buckets.
 * @used: Entries.
 * @slots: Room for entries; deletes do not give it back.
 */
struct chain_sim {
	u32 used;
	u32 slots;
};

/**
 * struct map_sim - Go's map reduced to what decides over growth.
 * @hash: Of each key, as the core computes it.
 * @present: Keys that are in the map.
 * @chains: 2^B of them.
 * @B: Log2 of the buckets.
 * @count: Entries.
 * @noverflow: Overflow buckets.
 * @doublings: Growths to twice the size.
 * @same_size: Growths to the same size.
 */
struct map_sim {
	u64 hash[CRAFTED_KEYS];
	bool present[CRAFTED_KEYS];
	struct chain_sim chains[1 << CRAFTED_B_MAX];
	u32 B;
	u64 count;
	u64 noverflow;
	u64 doublings;
	u64 same_size;
};

static struct chain_sim *sim_chain(struct map_sim *sim, u32 key)
{
	return &sim->chains[sim->hash[key] & ((1ULL << sim->B) - 1)];
}

static void sim_append(struct map_sim *sim, u32 key)
{
	struct chain_sim *chain = sim_chain(sim, key);

	if (chain->used == chain->slots) {
		chain->slots += 8;
		sim->noverflow++;
	}
	chain->used++;
}

/* Growth that is finished at once: all entries move up close. */
static void sim_rebuild(struct map_sim *sim)
{
	u32 i;

	CHECK(sim->B <= CRAFTED_B_MAX);
	sim->noverflow = 0;
	for (i = 0; i < 1U << sim->B; i++)
		sim->chains[i] = (struct chain_sim){ .slots = 8 };
	for (i = 0; i < CRAFTED_KEYS; i++)
		if (sim->present[i])
			sim_append(sim, i);
}

static void sim_grow_if_due(struct map_sim *sim)
{
	if (go_is_over_load_factor(sim->count + 1, sim->B)) {
		sim->B++;
		sim->doublings++;
	} else if (go_has_too_many_overflow_buckets(sim->noverflow, sim->B)) {
		sim->same_size++;
	} else {
		return;
	}
	sim_rebuild(sim);
}

static void sim_put(struct map_sim *sim, u32 key)
{
	if (sim->present[key])
		return;
	sim_grow_if_due(sim);
	sim_append(sim, key);
	sim->present[key] = true;
	sim->count++;
}

static void sim_del(struct map_sim *sim, u32 key)
{
	if (!sim->present[key])
		return;
	sim_chain(sim, key)->used--;
	sim->present[key] = false;
	sim->count--;
}

static void compare_with_sim(struct gomap *m, const struct map_sim *sim)
{
	struct gomap_info info;

	CHECK_EQ(gomap_finish_resize(m), 0);
	CHECK_EQ(gomap_info(m, &info, false), 0);
	CHECK_EQ(info.len, sim->count);
	CHECK_EQ(info.B, sim->B);
	CHECK_EQ(info.grows, sim->doublings);
	CHECK_EQ(info.same_size_grows, sim->same_size);
	CHECK_EQ(info.nr_overflow, sim->noverflow);
}

/* The next key whose hash has these low bits. */
static u64 craft_key(const struct gomap_seed *seed, u64 *next, u64 low_bits)
{
	while (gomap_hash(seed, next, sizeof(*next)) % CRAFTED_BUCKETS !=
	       low_bits)
		++*next;
	return (*next)++;
}

/* Each group of keys goes to one bucket, in arrays up to CRAFTED_BUCKETS. */
static void craft_keys(struct gomap *m, struct map_sim *sim, u64 *keys,
		       u32 group)
{
	const struct gomap_table *t = rcu_dereference_protected(m->table, true);
	u64 next = test_seed;
	u32 i;

	for (i = 0; i < CRAFTED_KEYS; i++) {
		keys[i] = craft_key(&t->seed, &next,
				    i / group % CRAFTED_BUCKETS);
		sim->hash[i] = gomap_hash(&t->seed, &keys[i], sizeof(keys[i]));
	}
}

static void crafted_step(struct gomap *m, struct map_sim *sim, const u64 *keys,
			 u32 key, bool put)
{
	if (put) {
		CHECK(gomap_store(m, &keys[key], sizeof(u64), NULL, 0,
				  GFP_KERNEL) >= 0);
		sim_put(sim, key);
	} else {
		CHECK(gomap_delete(m, &keys[key], sizeof(u64)) >= 0);
		sim_del(sim, key);
	}
	compare_with_sim(m, sim);
}

/*
 * Fill one bucket after the other with many entries, and take most of them
 * away again: overflow buckets stay behind, and become too many.
 */
static void run_crafted(struct map_sim *sim, u64 *keys, u32 group)
{
	struct gomap *m = test_map(sizeof(u64), 0, GOMAP_F_NO_SHRINK, 0);
	u64 random = test_seed;
	u32 first, step, key;

	memset(sim, 0, sizeof(*sim));
	sim_rebuild(sim);
	craft_keys(m, sim, keys, group);
	for (first = 0; first + group <= CRAFTED_KEYS; first += group) {
		for (step = 0; step < 5 * group; step++) {
			key = first + random_below(&random, group);
			crafted_step(m, sim, keys, key, step < 2 * group);
		}
	}
	CHECK_EQ(gomap_check(m), 0);
	gomap_put(m);
	rcu_barrier();
	shim_run_work();
}

static void crafted_hashes_grow_by_the_rule(void)
{
	struct map_sim *sim = malloc(sizeof(*sim));
	u64 *keys = malloc(CRAFTED_KEYS * sizeof(*keys));
	u64 doublings = 0, same_size = 0;
	u32 group;

	for (group = 10; group < 600; group += group / 2) {
		run_crafted(sim, keys, group);
		doublings += sim->doublings;
		same_size += sim->same_size;
	}
	test_note("%llu doublings, %llu same-size growths", doublings,
		  same_size);
	CHECK(doublings > 30);
	CHECK(same_size > 30);
	free(keys);
	free(sim);
}

static const struct test_case cases[] = {
	CASE(load_factor_is_the_rule),
	CASE(overflow_rule_is_the_rule),
	CASE(hints_choose_the_smallest_B),
	CASE(crafted_hashes_grow_by_the_rule),
	CASE(same_B_as_go_at_every_step),
};

TEST_MAIN(cases)
