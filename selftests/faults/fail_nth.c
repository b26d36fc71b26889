// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each operation that succeeds is run again with its first, second, third...
 * allocation or copy failing, until none fails any more: on maps of every shape
 * in every state.  Whatever failed, the errno is the documented one, the map
 * holds what it held, no invariant is broken, no descriptor is left, and the
 * operation works when it is tried again.  (That no memory is lost, the kernel
 * is asked at the end: pass-rules.sh.)
 */
#include "harness.h"
#include "fixture.h"

/* Faults that no operation has. */
#define FAULTS_MAX	1000

/* How many faults there have to be for all this to be believed. */
#define FAULTS_MIN	1000

/* Shared by the processes that the tests are. */
static struct sweep_counts *total;

static void __attribute__((constructor)) share_total(void)
{
	total = mmap(NULL, sizeof(*total), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (total == MAP_FAILED)
		exit(1);
}

static void add_up(const struct sweep_counts *counts)
{
	total->runs += counts->runs;
	total->injected += counts->injected;
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		total->of[kind] += counts->of[kind];
	total->enomem += counts->enomem;
	total->efault += counts->efault;
	total->borne += counts->borne;
	total->answer_lost += counts->answer_lost;
}

/* From the first fault to the last one there is.  False: one was not taken well. */
static bool sweep(const struct operation *operation, int control,
		  const struct sweep_shape *shape, enum world_state state,
		  struct sweep_counts *counts)
{
	struct fault_counts faults;
	unsigned int n;

	for (n = 1; n <= FAULTS_MAX; n++) {
		if (!try_with_faults(operation, control, shape, state,
				     inject_nth, n, counts, &faults))
			return false;
		if (inject_kind(&faults) == FAULT_NONE)
			return true;
		counts->injected++;
		counts->of[inject_kind(&faults)]++;
	}
	printf("# there is no end to the faults\n");
	return false;
}

static void sweep_states(struct __test_metadata *_metadata,
			 FIXTURE_DATA(faults) *self,
			 const struct sweep_shape *shape,
			 const struct operation *operation)
{
	for (int state = 0; state < WORLD_STATES; state++) {
		if (operation_suits(operation, state))
			EXPECT_TRUE(sweep(operation, self->control, shape,
					  state, &self->counts));
	}
}

static void sweep_shapes(struct __test_metadata *_metadata,
			 FIXTURE_DATA(faults) *self, const char *name)
{
	const struct operation *operation = operation_find(name);
	const struct sweep_shape *shape = NULL;

	ASSERT_NE(NULL, operation);
	while ((shape = sweep_next_shape(shape)))
		sweep_states(_metadata, self, shape, operation);
	add_up(&self->counts);
	TH_LOG("%u faults: %u refused memory, %u a copy, %u were borne",
	       self->counts.injected, self->counts.enomem,
	       self->counts.efault, self->counts.borne);
}

/* A test for each row of the table of operations. */
#define SWEEP(name)						\
	TEST_F_TIMEOUT(faults, name, 600)			\
	{							\
		sweep_shapes(_metadata, self, #name);		\
	}

SWEEP(open_device)
SWEEP(version)
SWEEP(create)
SWEEP(create_named)
SWEEP(create_hint)
SWEEP(open)
SWEEP(list)
SWEEP(info)
SWEEP(info_all)
SWEEP(iterate)
SWEEP(count)
SWEEP(clear)
SWEEP(destroy)
SWEEP(compact)
SWEEP(rekey)
SWEEP(close)
SWEEP(lookup)
SWEEP(insert)
SWEEP(store_new)
SWEEP(store_same_length)
SWEEP(store_longer)
SWEEP(replace_same_length)
SWEEP(replace_longer)
SWEEP(delete)
SWEEP(batch_mixed)
SWEEP(batch_long)
SWEEP(batch_insert)

/* The tests above have run, if there is something to add up. */
TEST(faults_are_many_and_of_every_kind)
{
	if (!total->runs)
		SKIP(return, "no operation has been tried");
	TH_LOG("%u operations run, %u distinct faults injected", total->runs,
	       total->injected);
	TH_LOG("%u objects, %u pages and %u copies were refused",
	       total->of[FAULT_SLAB], total->of[FAULT_PAGE],
	       total->of[FAULT_USERCOPY]);
	TH_LOG("-ENOMEM %u, -EFAULT %u (%u of them after the change), borne %u",
	       total->enomem, total->efault, total->answer_lost, total->borne);
	EXPECT_LE(FAULTS_MIN, total->injected);
	EXPECT_LE(FAULTS_MIN, total->enomem + total->efault);
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		EXPECT_LT(0, total->of[kind]);
}

TEST_HARNESS_MAIN
