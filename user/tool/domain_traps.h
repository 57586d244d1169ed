/* SPDX-License-Identifier: GPL-2.0 */
/* Traps as people ask for them, and a line for each of their events. */
#ifndef GPROBE_TOOL_DOMAIN_TRAPS_H
#define GPROBE_TOOL_DOMAIN_TRAPS_H

#include <stdbool.h>
#include <stdint.h>

#include <gprobe/client.h>

/* One of each kind, and several MSRs. */
#define TRAPS_MAX	32

/* Room for "msr:0xffffffff" and all other names. */
#define TRAPS_NAME_BYTES	20

/**
 * struct traps - what is asked for
 * @specs: the traps; @cookie of each is its index
 * @nr: how many
 */
struct traps {
	struct gprobe_trap_spec specs[TRAPS_MAX];
	unsigned int nr;
};

/* The name that one was asked for by. */
struct traps_name {
	char text[TRAPS_NAME_BYTES];
};

/**
 * struct traps_event - an event of a trap
 * @upcall: what the module says of it
 * @time_ns: when, since the beginning
 * @domain: of several guests the name of its own; else NULL
 * @domain_width: of the names of all of them
 */
struct traps_event {
	const struct gprobe_upcall *upcall;
	uint64_t time_ns;
	const char *domain;
	size_t domain_width;
};

int traps_parse(struct traps *traps, const char *words, char *list);
struct traps_name traps_name(const struct gprobe_trap_spec *spec);
void traps_print_titles(size_t domain_width);
void traps_print(const struct traps *traps, const struct traps_event *event);
void traps_print_json(const struct traps *traps,
		      const struct traps_event *event);

#endif /* GPROBE_TOOL_DOMAIN_TRAPS_H */
