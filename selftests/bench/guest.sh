#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh - the job of the guest that scripts/bench.sh boots: prints the records
# of the module and of the peers.  ONLY names a figure, if it is not to be all.
set -u

# Who uses maps has a memory cgroup of his own; the root is not charged.
enter_cgroup()
{
	mount -t cgroup2 none /sys/fs/cgroup &&
		echo +memory >/sys/fs/cgroup/cgroup.subtree_control &&
		mkdir /sys/fs/cgroup/bench &&
		echo $$ >/sys/fs/cgroup/bench/cgroup.procs
}

mount -t tracefs none /sys/kernel/tracing
dmesg -n 1
enter_cgroup || exit
modprobe gomap || exit
[ "${ONLY:-}" = device ] || modprobe gomap_bench only="${ONLY:-}" || exit
dmesg | sed -n 's/^.*gomap_bench: {/{/p'
[ "${ONLY:-memory}" != memory ] || bpf_memory kernel
[ "${ONLY:-device}" != device ] || device
