/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Driving a tiny guest from dom0, for C programs.
 *
 * Functions return 0 or a negative errno unless they say otherwise. One
 * handle is one mapping of the guest's control pages; it is not locked, and
 * only one program at a time may give one vCPU commands. Mapped pages keep a
 * destroyed guest from going away: close in time.
 */
#ifndef TINYCTL_H
#define TINYCTL_H

#include "tiny.h"

struct xenforeignmemory_handle;

struct tinyctl {
	uint32_t domid;
	struct xenforeignmemory_handle *fmem;
	struct tiny_ctl *ctl;
	struct tiny_vcpu *vcpus;
	const uint8_t *code;	/* the code under test, read only */
};

int tinyctl_open(struct tinyctl *t, uint32_t domid);
void tinyctl_close(struct tinyctl *t);

/* -ETIMEDOUT when the guest does not come up, also if it is not a tiny one. */
int tinyctl_wait_ready(const struct tinyctl *t, uint64_t timeout_ms);

/*
 * Starts a command; seq and stop of cmd are filled in here. -EBUSY while the
 * vCPU still runs another one, -EINVAL if there is no such vCPU, -EFAULT if
 * it stopped at a fault.
 */
int tinyctl_start(const struct tinyctl *t, unsigned int vcpu,
		  const struct tiny_cmd *cmd);
int tinyctl_stop(const struct tinyctl *t, unsigned int vcpu);
/* 1 done, 0 still running, -EFAULT stopped at a fault. */
int tinyctl_done(const struct tinyctl *t, unsigned int vcpu);
int tinyctl_wait(const struct tinyctl *t, unsigned int vcpu,
		 uint64_t timeout_ms);

/* The measured cost of one call in the last BENCH, or a negative number. */
double tinyctl_bench_cost(const struct tinyctl *t, unsigned int vcpu);

/* Index of a function by name, -ENOENT if there is none. */
int tinyctl_func(const char *name);
const char *tinyctl_func_name(unsigned int index);

uint64_t tinyctl_now_ms(void);

#endif /* TINYCTL_H */
