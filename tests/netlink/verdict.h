/* SPDX-License-Identifier: GPL-2.0 */
/* Verdicts, from words; and those that no module may take. */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

#include <gprobe/client.h>

#define VERDICT_REGS 4

/**
 * struct verdict - what is said of each upcall
 * @verdict: that; without registers
 * @own_view: its view is still to be made
 * @nr: how many registers are changed
 * @regs: which: index of a word in struct gprobe_regs
 * @values: to what
 * @added: or by how much
 */
struct verdict {
	struct gprobe_verdict verdict;
	bool own_view;
	unsigned int nr, regs[VERDICT_REGS];
	uint64_t values[VERDICT_REGS];
	bool added[VERDICT_REGS];
};

/* 0, or -EINVAL: the words are none. */
int verdict_parse(struct verdict *verdict, char *words);
struct gprobe_verdict verdict_make(const struct verdict *verdict,
				   const struct gprobe_upcall *upcall);
/* Reply what cannot be; prints "bad NAME ERRNO WORDS" for each. */
void verdict_try_bad(struct gprobe_client *client,
		     const struct gprobe_upcall *upcall);

#endif /* VERDICT_H */
