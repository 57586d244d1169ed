/* SPDX-License-Identifier: GPL-2.0 */
/* Calls that have not returned, where no BPF program keeps them: see bpf/calls.h. */
#ifndef GPROBE_TOOL_OPEN_CALLS_H
#define GPROBE_TOOL_OPEN_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

#include "calls.h"

struct open_calls;

struct open_calls *open_calls_new(void);
void open_calls_free(struct open_calls *calls);
void open_calls_enter(struct open_calls *calls, const struct call_key *key,
		      uint64_t time_ns);
void open_calls_delay(struct open_calls *calls, const struct call_key *key,
		      uint64_t time_ns);
bool open_calls_leave(struct open_calls *calls, const struct call_key *key,
		      uint64_t *entered_ns);
void open_calls_forget(struct open_calls *calls);

#endif /* GPROBE_TOOL_OPEN_CALLS_H */
