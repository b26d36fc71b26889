// SPDX-License-Identifier: GPL-2.0-only
/*
 * nmi.c - readers in NMI context, on machines with a local APIC: one CPU sends
 * another, or itself, an NMI, which nothing there can keep off.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <asm/apic.h>
#include <asm/nmi.h>

#include "torture.h"

#define NMI_LOOKUPS	2
#define HANDLER_NAME	"gomap_torture"

static struct actor *nmi_actors;	/* one for each CPU */

/* 1 from the sending of an NMI to its handling: two would be told as one. */
static DEFINE_PER_CPU(int, nmi_sent);

static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	if (!this_cpu_xchg(nmi_sent, 0))
		return NMI_DONE;
	read_at_random(&nmi_actors[smp_processor_id()], NMI_LOOKUPS);
	return NMI_HANDLED;
}

int nmi_create(u32 seed)
{
	unsigned int cpu;
	int err;

	nmi_actors = kcalloc(nr_cpu_ids, sizeof(*nmi_actors), GFP_KERNEL);
	if (!nmi_actors)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		actor_init(&nmi_actors[cpu], IN_NMI, seed - cpu);
	err = register_nmi_handler(NMI_LOCAL, on_nmi, 0, HANDLER_NAME);
	if (err)
		kfree(nmi_actors);
	return err;
}

void nmi_send(unsigned int cpu)
{
	if (cpu_online(cpu) && !cmpxchg(&per_cpu(nmi_sent, cpu), 0, 1))
		apic->send_IPI(cpu, NMI_VECTOR);
}

/* Wait for those that are on their way: nobody else would know them. */
void nmi_destroy(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		while (READ_ONCE(per_cpu(nmi_sent, cpu)))
			msleep(20);
	unregister_nmi_handler(NMI_LOCAL, HANDLER_NAME);
	kfree(nmi_actors);
}

void nmi_total(struct tally *total)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		tally_add(total, &nmi_actors[cpu].tally);
}
