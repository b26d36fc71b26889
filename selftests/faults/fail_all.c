// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each operation with everything failing from some point on: first all copies
 * but the first ones, then all memory but the first bytes, until there is enough
 * of either.  What a single fault would be made good for by another way, here
 * has no other way.
 */
#include "harness.h"
#include "fixture.h"

/* Steps until there is enough for any operation. */
#define STEPS_MAX	30

/* So many copies one by one, and from there on twice as many each time. */
#define COPIES_EACH	8

static void refuse_copies(unsigned int n)
{
	inject_from(FAULT_USERCOPY, n <= COPIES_EACH ?
		    n : COPIES_EACH << (n - COPIES_EACH));
}

static void refuse_objects(unsigned int n)
{
	inject_from(FAULT_SLAB, 1U << n);
}

/* No pages at all, not even for what would make do with those. */
static void refuse_memory(unsigned int n)
{
	inject_from(FAULT_PAGE, 0);
	refuse_objects(n);
}

/* From refusing everything to refusing nothing any more. */
static bool refuse_less_and_less(const struct operation *operation, int control,
				 const struct sweep_shape *shape,
				 enum world_state state,
				 void (*arm)(unsigned int n),
				 struct sweep_counts *counts)
{
	struct fault_counts faults;

	for (unsigned int n = 0; n <= STEPS_MAX; n++) {
		if (!try_with_faults(operation, control, shape, state, arm, n,
				     counts, &faults))
			return false;
		counts->injected += inject_sum(&faults);
		if (!faults.of[FAULT_SLAB] && !faults.of[FAULT_USERCOPY])
			return true;
	}
	printf("# there is no end to the faults\n");
	return false;
}

/* In a short run, the states that most memory is needed in. */
static bool is_due(const struct operation *operation, enum world_state state)
{
	return operation_suits(operation, state) &&
	       (sweep_all() || operation->in_any_state ||
		state == STATE_FULL || state == STATE_SHRINKING ||
		state == STATE_REKEYING);
}

static bool refuse_operation(const struct operation *operation, int control,
			     const struct sweep_shape *shape,
			     void (*arm)(unsigned int n),
			     struct sweep_counts *counts)
{
	bool good = true;

	for (int state = 0; state < WORLD_STATES; state++)
		if (is_due(operation, state) &&
		    !refuse_less_and_less(operation, control, shape, state, arm,
					  counts))
			good = false;
	return good;
}

static void refuse_everywhere(struct __test_metadata *_metadata,
			      FIXTURE_DATA(faults) *self,
			      void (*arm)(unsigned int n))
{
	const struct sweep_shape *shape = NULL;

	while ((shape = sweep_next_shape(shape)))
		for (unsigned int i = 0; i < nr_operations; i++) {
			EXPECT_TRUE(refuse_operation(&operations[i],
						     self->control, shape, arm,
						     &self->counts));
		}
	TH_LOG("%u operations, %u faults: %u refused memory, %u a copy",
	       self->counts.runs, self->counts.injected, self->counts.enomem,
	       self->counts.efault);
	EXPECT_LT(100, self->counts.injected);
}

TEST_F_TIMEOUT(faults, copies, 600)
{
	refuse_everywhere(_metadata, self, refuse_copies);
	EXPECT_LT(0, self->counts.efault);
}

/* With pages to fall back on: less than the test below asks for. */
TEST_F_TIMEOUT(faults, objects, 600)
{
	if (!sweep_all())
		SKIP(return, "GOMAP_FAULTS=all is not in the environment");
	refuse_everywhere(_metadata, self, refuse_objects);
	EXPECT_LT(0, self->counts.enomem);
}

TEST_F_TIMEOUT(faults, memory, 600)
{
	refuse_everywhere(_metadata, self, refuse_memory);
	EXPECT_LT(0, self->counts.enomem);
}

TEST_HARNESS_MAIN
