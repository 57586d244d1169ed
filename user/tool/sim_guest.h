/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest in memory, for `gprobe --driver sim`: two processes with a kernel, a
 * vCPU each, that work in rounds. In a round each process
 *
 *	- calls sys_munmap, and its page of code at 0x401000 goes
 *	- calls sys_mmap, and that page is another frame
 *	- calls work() in it twice
 *	- calls sys_read 6 times, sys_write 3 times, sys_openat once
 *
 * sys_openat is called with the folder, the path and flags, sys_read and sys_write
 * with a file, an address and a length; process 0 opens /etc/hostname, process 1
 * /etc/passwd. Functions are push %rbp; mov %rsp,%rbp; pop %rbp; ret.
 */
#ifndef GPROBE_TOOL_SIM_GUEST_H
#define GPROBE_TOOL_SIM_GUEST_H

#include <stdint.h>

#include <linux/gprobe.h>

#include <gprobe/event.h>
#include <gprobe/sim.h>
#include <gprobe/symbols.h>
#include <gprobe/walk.h>

#define SIM_GUEST_VCPUS		2u
#define SIM_GUEST_INSNS		96u

/**
 * struct sim_guest - the guest
 * @sim: its memory and vCPUs
 * @symbols: of its kernel and of what its processes run
 * @roots: of its processes
 * @entries: gpas of the entries that map the processes' code
 * @frames: gfns that @entries lead to, in turn
 * @rounds: that were begun
 * @scripts: what the vCPUs do in this round
 */
struct sim_guest {
	struct gprobe_sim *sim;
	struct gprobe_symbols *symbols;
	uint64_t roots[SIM_GUEST_VCPUS];
	uint64_t entries[SIM_GUEST_VCPUS];
	uint64_t frames[SIM_GUEST_VCPUS][2];
	uint64_t rounds;
	struct gprobe_sim_insn scripts[SIM_GUEST_VCPUS][SIM_GUEST_INSNS];
};

int sim_guest_new(struct sim_guest **guest);
void sim_guest_free(struct sim_guest *guest);
void sim_guest_regs(const struct sim_guest *guest,
		    const struct gprobe_event *event, struct gprobe_regs *regs);
void sim_guest_vcpus(const struct sim_guest *guest, struct gprobe_vcpu *vcpus);
int sim_guest_begin_round(struct sim_guest *guest);

#endif /* GPROBE_TOOL_SIM_GUEST_H */
