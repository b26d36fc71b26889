// SPDX-License-Identifier: GPL-2.0-only
/*
 * gomap_test: the in-kernel API of gomap, tried by a module that knows
 * nothing of it but <linux/gomap.h>.
 *
 * All tests run while the module is loaded.  Each writes a KTAP line to the
 * kernel log ("gomap_test: ok 1 - name"), and what was not as expected before
 * it.  If a test fails, so does loading, with -EINVAL.
 */
#define pr_fmt(fmt) "gomap_test: " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "test.h"

/* More is noise: one broken thing tends to break all that follows. */
#define MAX_REPORTS	10

static const struct test * const tables[] = {
	api_tests, growth_tests, resize_tests, memory_tests, iter_tests,
	context_tests, stress_tests, arena_tests, limits_tests,
	allocator_tests, many_tests,
};

static atomic_t unmet; /* expectations of the test that is running */
static const char *skipped; /* why the running test was skipped */

bool test_expect(bool good, const char *file, int line, const char *what,
		 s64 expected, s64 seen)
{
	if (good)
		return true;
	if (atomic_inc_return(&unmet) <= MAX_REPORTS)
		pr_err("# %s:%d: %s: expected %lld, saw %lld\n",
		       kbasename(file), line, what, expected, seen);
	return false;
}

void test_skip(const char *reason)
{
	skipped = reason;
}

struct gomap *test_create(u32 key_size, u32 value_size, u64 hint, u32 flags)
{
	struct gomap_params params = {
		.key_size = key_size,
		.value_size = value_size,
		.hint = hint,
		.flags = flags,
	};
	struct gomap *map = gomap_create(&params);

	if (!EXPECT_EQ(0, PTR_ERR_OR_ZERO(map)))
		return NULL;
	EXPECT(map);
	return map;
}

void test_put(struct gomap *map)
{
	EXPECT_EQ(0, gomap_check(map));
	gomap_put(map);
}

struct gomap *test_create_u64(void)
{
	return test_create(sizeof(u64), sizeof(u64), 0, 0);
}

int test_store(struct gomap *map, u64 key)
{
	return gomap_store(map, &key, sizeof(key), &key, sizeof(key),
			   GFP_KERNEL);
}

void test_fill(struct gomap *map, u64 first, u64 count)
{
	u64 i;

	for (i = 0; i < count; i++)
		if (!EXPECT_EQ(0, test_store(map, first + i)))
			return;
}

u64 test_count_wrong(struct gomap *map, u64 first, u64 count)
{
	u64 wrong = 0;
	u64 i;

	for (i = 0; i < count; i++) {
		u64 key = first + i, value = ~key;
		int len = gomap_lookup(map, &key, sizeof(key), &value,
				       sizeof(value));

		wrong += len != sizeof(value) || value != key;
	}
	return wrong;
}

u32 test_b(struct gomap *map)
{
	struct gomap_info info;

	EXPECT_EQ(0, gomap_info(map, &info, false));
	return info.B;
}

bool test_wait_for(struct gomap *map,
		   bool (*done)(const struct gomap_info *info))
{
	unsigned long end = jiffies + 60 * HZ;
	struct gomap_info info;

	do {
		EXPECT_EQ(0, gomap_info(map, &info, false));
		if (done(&info))
			return true;
		msleep(20);
	} while (time_before(jiffies, end));
	return false;
}

u64 test_mix(u64 x)
{
	x = (x ^ x >> 32) * 0x9e6c63d0876a9a47ULL;
	x = (x ^ x >> 29) * 0xd1342543de82ef95ULL;
	return x ^ x >> 32;
}

static int count_tests(void)
{
	const struct test *test;
	int count = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (test = tables[i]; test->name; test++)
			count++;
	return count;
}

/* True: it passed, or was skipped. */
static bool run_test(const struct test *test, int nr)
{
	atomic_set(&unmet, 0);
	skipped = NULL;
	test->run();
	cond_resched();

	if (atomic_read(&unmet)) {
		pr_err("not ok %d - %s\n", nr, test->name);
		return false;
	}
	if (skipped)
		pr_info("ok %d - %s # SKIP %s\n", nr, test->name, skipped);
	else
		pr_info("ok %d - %s\n", nr, test->name);
	return true;
}

static int __init gomap_test_init(void)
{
	const struct test *test;
	int failed = 0;
	int nr = 0;
	size_t i;

	pr_info("KTAP version 1\n");
	pr_info("1..%d\n", count_tests());
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (test = tables[i]; test->name; test++)
			failed += !run_test(test, ++nr);
	return failed ? -EINVAL : 0;
}

static void __exit gomap_test_exit(void)
{
}

module_init(gomap_test_init);
module_exit(gomap_test_exit);

MODULE_DESCRIPTION("Tests of the in-kernel API of gomap");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
