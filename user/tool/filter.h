/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which hits are wanted, as the kernel's event filters say it
 * (Documentation/trace/events.rst, "Event filtering"): FIELD OP VALUE, with &&, ||, !
 * and parentheses. Numbers are compared by == != < <= > >= and &, texts, which stand
 * in " or ', by == != and ~ (a glob).
 *
 * A FIELD is the name of what a hit fetched, or, unless some probe fetches something of
 * that name: vcpu, cpl, root, ip, probe (its text), duration (in seconds, where
 * returns are probed) or domain (where there are several).
 *
 * No comparison matches a value that a hit has not, as its probe does not fetch it, as
 * it could not be read, or as a duration is not known: nor does its contrary.
 */
#ifndef GPROBE_TOOL_FILTER_H
#define GPROBE_TOOL_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include <gprobe/fetch.h>
#include <gprobe/probe.h>
#include <gprobe/why.h>

#include "hits.h"

/* So many FIELD OP VALUE, and so many parentheses in each other. */
#define FILTER_TESTS_MAX	64
#define FILTER_NESTING_MAX	64

struct filter;

/**
 * struct filter_scope - what hits can be of
 * @probes: of which probes, as the hits have their numbers; @text and @part are there
 * @fetches: what each of them fetches
 * @nr_probes: how many
 * @domains: the guests they are in; NULL as long as there are no hits
 * @nr_domains: how many
 *
 * All of it is the caller's.
 */
struct filter_scope {
	const struct gprobe_probe *probes;
	struct gprobe_fetch *const *fetches;
	size_t nr_probes;
	const struct hits_domain *domains;
	size_t nr_domains;
};

int filter_parse(const char *text, struct filter **filter,
		 struct gprobe_why *why);
int filter_bind(struct filter *filter, const struct filter_scope *scope,
		struct gprobe_why *why);
bool filter_matches(const struct filter *filter, const struct hit *hit);
void filter_free(struct filter *filter);

#endif /* GPROBE_TOOL_FILTER_H */
