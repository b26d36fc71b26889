// SPDX-License-Identifier: GPL-2.0-only
/*
 * gomap_lin: histories made and judged inside the kernel, through nothing but
 * <linux/gomap.h>.
 *
 * The actors are threads, a hard interrupt that reads, and a softirq that reads
 * and writes; both come on top of whatever a thread is just doing.  All takes
 * place while the module is loaded, and is reported to the kernel log in KTAP;
 * if a test fails, so does loading, with -EINVAL.
 */
#define pr_fmt(fmt) "gomap_lin: " fmt

#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/wait.h>

#include "map.h"

#define CONTROLS	100
#define THREADS		4

/* Numbers of actors: the director, the threads, and these. */
#define HARDIRQ		(THREADS + 1)
#define SOFTIRQ		(THREADS + 2)
#define ACTORS		(THREADS + 3)
#define CALLING		ACTORS

/* One in so many operations is interrupted by the softirq. */
#define PROVOCATIONS	8

static unsigned int histories = 2000;
module_param(histories, uint, 0444);
MODULE_PARM_DESC(histories, "how many histories of gomap are made (2000)");

static ulong seed;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "decides what the actors do (0: a random one)");

/**
 * struct cast - a stage, and what brings its actors to life.
 * @stage: The stage.
 * @threads: The threads; number i is actor i + 1.
 * @door: Where threads wait for a round, and the director for its end.
 * @rounds: Rounds begun.
 * @arrived: Threads that have come to this round.
 * @busy: Threads that have not finished it.
 * @call: Has the actor HARDIRQ act, on another CPU.
 * @softirq: Has the actor SOFTIRQ act.
 * @silent: Bits of actors in interrupts that must not act, or act already; and
 *	CALLING while @call is in use.
 */
struct cast {
	struct lin_stage stage;
	struct task_struct *threads[THREADS];
	wait_queue_head_t door;
	unsigned int rounds;
	atomic_t arrived;
	atomic_t busy;
	call_single_data_t call;
	struct tasklet_struct softirq;
	unsigned long silent;
};

static struct cast *the_cast;

/* The time is in memory before anything behind it takes place. */
void lin_stamp(__u64 *time)
{
	smp_mb(); /* What was done before has been done. */
	WRITE_ONCE(*time, ktime_get_raw_ns());
	smp_mb(); /* What is done after will be done. */
}

static void say(const char *line)
{
	pr_info("# %s\n", line);
}

/* Interrupts come at any time, but are for the time of a round only. */
static void act_in_interrupt(struct cast *cast, unsigned int nr)
{
	struct lin_stage *stage = &cast->stage;

	if (test_and_set_bit_lock(nr, &cast->silent))
		return;
	lin_call_any(&stage->actors[nr], &stage->round);
	clear_bit_unlock(nr, &cast->silent);
}

static void on_hardirq(void *argument)
{
	struct cast *cast = argument;

	act_in_interrupt(cast, HARDIRQ);
	/* PREEMPT_RT lets no call to an idle CPU raise one; see lin_provoke(). */
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		tasklet_schedule(&cast->softirq);
	clear_bit_unlock(CALLING, &cast->silent);
}

static void on_softirq(struct tasklet_struct *tasklet)
{
	act_in_interrupt(container_of(tasklet, struct cast, softirq), SOFTIRQ);
}

/*
 * A softirq that is raised now runs when the operation enables bottom halves,
 * which a write does with its lock behind it, and maybe more than once.
 */
void lin_provoke(struct lin_actor *actor)
{
	if (actor->may_sleep && lin_random(actor) % PROVOCATIONS == 0)
		tasklet_schedule(&the_cast->softirq);
}

static unsigned int another_cpu(void)
{
	unsigned int cpu = cpumask_next(raw_smp_processor_id(),
					cpu_online_mask);

	return cpu < nr_cpu_ids ? cpu : cpumask_first(cpu_online_mask);
}

/* Also interrupts another CPU, at whatever it does. */
void lin_give_way(void)
{
	if (!test_and_set_bit_lock(CALLING, &the_cast->silent) &&
	    smp_call_function_single_async(another_cpu(), &the_cast->call))
		clear_bit_unlock(CALLING, &the_cast->silent);
	schedule();
}

/* It may be acting at this moment. */
static void silence(struct cast *cast, unsigned int nr)
{
	while (test_and_set_bit_lock(nr, &cast->silent))
		schedule();
}

static void begin_round(struct lin_stage *stage)
{
	struct cast *cast = container_of(stage, struct cast, stage);

	atomic_set(&cast->arrived, 0);
	atomic_set(&cast->busy, THREADS);
	clear_bit_unlock(HARDIRQ, &cast->silent);
	clear_bit_unlock(SOFTIRQ, &cast->silent);
	/* Who sees the new number sees all that was prepared for it. */
	smp_store_release(&cast->rounds, cast->rounds + 1);
	wake_up_all(&cast->door);
}

static void end_round(struct lin_stage *stage)
{
	struct cast *cast = container_of(stage, struct cast, stage);

	wait_event_idle(cast->door, !atomic_read_acquire(&cast->busy));
	silence(cast, HARDIRQ);
	silence(cast, SOFTIRQ);
}

/* One is woken up sooner than another, but nobody begins alone. */
static void wait_for_the_others(struct cast *cast)
{
	atomic_inc(&cast->arrived);
	while (atomic_read(&cast->arrived) < THREADS && !kthread_should_stop())
		schedule();
}

static int act(void *argument)
{
	struct lin_actor *actor = argument;
	struct cast *cast = container_of(actor - actor->nr, struct cast,
					 stage.actors[0]);
	unsigned int seen = 0;

	for (;;) {
		wait_event_idle(cast->door, kthread_should_stop() ||
				/* Pairs with the release in begin_round(). */
				smp_load_acquire(&cast->rounds) != seen);
		if (kthread_should_stop())
			return 0;
		seen++;
		wait_for_the_others(cast);
		lin_play(actor, &cast->stage.round);
		if (atomic_dec_and_test(&cast->busy))
			wake_up_all(&cast->door);
	}
}

static int start_threads(struct cast *cast)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		struct task_struct *thread =
			kthread_run(act, &cast->stage.actors[i + 1],
				    "gomap_lin/%u", i);

		if (IS_ERR(thread))
			return PTR_ERR(thread);
		cast->threads[i] = thread;
	}
	return 0;
}

static void stop_all(struct cast *cast)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		if (cast->threads[i])
			kthread_stop(cast->threads[i]);
	silence(cast, CALLING);
	synchronize_rcu(); /* the interrupt has also returned */
	tasklet_kill(&cast->softirq);
}

static void cast_init(struct cast *cast, const struct lin_target *target,
		      void *map, const struct lin_shape *shape)
{
	struct lin_stage *stage = &cast->stage;

	memset(cast, 0, sizeof(*cast));
	lin_stage_init(stage, target, map, shape, seed);
	stage->nr_actors = ACTORS;
	stage->begin = begin_round;
	stage->end = end_round;
	stage->say = say;
	stage->actors[HARDIRQ].may_sleep = false;
	stage->actors[HARDIRQ].only_reads = true;
	stage->actors[SOFTIRQ].may_sleep = false;
	init_waitqueue_head(&cast->door);
	INIT_CSD(&cast->call, on_hardirq, cast);
	tasklet_setup(&cast->softirq, on_softirq);
	cast->silent = BIT(HARDIRQ) | BIT(SOFTIRQ);
}

/* False: there is no judgement. */
static bool play(const struct lin_target *target, void *map,
		 const struct lin_shape *shape, unsigned int rounds)
{
	int err;

	cast_init(the_cast, target, map, shape);
	err = start_threads(the_cast);
	if (!err)
		lin_stage_play(&the_cast->stage, rounds);
	stop_all(the_cast);
	return !err;
}

static bool right_map_passes(void)
{
	u64 cells[LIN_KEYS] = {};

	return play(&lin_target_right, cells, &lin_right, CONTROLS) &&
	       lin_stage_passes(&the_cast->stage);
}

static bool wrong_map_is_caught(void)
{
	u64 cells[LIN_KEYS] = {};

	return play(&lin_target_wrong, cells, &lin_wrong, CONTROLS) &&
	       lin_stage_is_caught(&the_cast->stage);
}

/* Interrupts do not come when they are called, but some have to. */
static bool interrupts_acted(const struct lin_actor *actors)
{
	pr_info("# %llu operations in hard interrupts, where %llu more gave up, %llu in softirqs\n",
		actors[HARDIRQ].logged, actors[HARDIRQ].refused,
		actors[SOFTIRQ].logged);
	return actors[HARDIRQ].logged && actors[SOFTIRQ].logged;
}

/* A share of the histories with values of this shape. */
static bool gomap_passes(const struct lin_shape *shape)
{
	struct gomap *map = lin_map_create(shape);
	bool passes;

	if (IS_ERR(map))
		return false;
	passes = play(&lin_target_map, map, shape,
		      DIV_ROUND_UP(histories, LIN_SHAPES)) &&
		 lin_stage_passes(&the_cast->stage) &&
		 interrupts_acted(the_cast->stage.actors);
	if (gomap_check(map)) {
		pr_err("# an invariant of the map does not hold\n");
		passes = false;
	}
	gomap_put(map);
	return passes;
}

static int failures;
static int tests;

static void report(bool passed, const char *what, const char *of)
{
	pr_info("%sok %d - %s%s\n", passed ? "" : "not ", ++tests, what, of);
	failures += !passed;
}

static void run_tests(void)
{
	const struct lin_shape *shape;

	pr_info("KTAP version 1\n");
	pr_info("1..%d\n", 2 + LIN_SHAPES);
	pr_info("# seed %lu\n", seed);
	report(right_map_passes(), "a map that is right passes", "");
	report(wrong_map_is_caught(), "a map that is wrong is caught", "");
	for (shape = lin_shapes; shape < lin_shapes + LIN_SHAPES; shape++)
		report(gomap_passes(shape), "gomap is linearizable with ",
		       shape->name);
}

static int __init gomap_lin_init(void)
{
	the_cast = kvmalloc(sizeof(*the_cast), GFP_KERNEL);
	if (!the_cast)
		return -ENOMEM;
	if (!seed)
		seed = get_random_u32();
	run_tests();
	kvfree(the_cast);
	return failures ? -EINVAL : 0;
}

static void __exit gomap_lin_exit(void)
{
}

module_init(gomap_lin_init);
module_exit(gomap_lin_exit);

MODULE_DESCRIPTION("Linearizability of gomap, tried inside the kernel");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
