/* SPDX-License-Identifier: GPL-2.0-only */
/* speed_bpf.h - the running kernel's BPF HASH map as a peer. */
#ifndef SPEED_BPF_H
#define SPEED_BPF_H

#include "speed_bench.h"

/* From inside of the kernel. */
extern const struct speed_peer speed_bpf;

/* Whether this kernel permits it; says why not. */
bool speed_bpf_works(void);

/* By system calls, one entry each and in batches. */
void speed_bpf_calls(const struct setting *s);

#endif /* SPEED_BPF_H */
