/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What finding the place of a probe, and of its exits, has in common. */
#ifndef GPROBE_LIB_PROBE_H
#define GPROBE_LIB_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include <gprobe/probe.h>

/* So much of a function is looked at. */
#define GPROBE_FUNCTION_BYTES_MAX	65536

/* All of @text is a number; hexadecimal needs 0x, and decimal may be refused. */
bool gprobe_probe_parse_number(const char *text, bool decimal,
			       uint64_t *number);
/* The action that was meant by @text, maybe; NULL: none is near. */
const char *gprobe_probe_near_action(const char *text);

/* Each says why not, and answers 0 or a negative errno. */
/* Cuts @target off at its actions, which are taken; the part is known. */
int gprobe_probe_parse_actions(char *target, struct gprobe_probe *probe,
			       struct gprobe_why *why);
int gprobe_probe_find_file(const struct gprobe_probe *probe,
			   const struct gprobe_space *space,
			   struct gprobe_space_file *found,
			   struct gprobe_why *why);
int gprobe_probe_settle(struct gprobe_probe *probe,
			const struct gprobe_space *space,
			const struct gprobe_place *place,
			struct gprobe_why *why);

/* These two go together: what walking answers, and what it means. */
int gprobe_probe_walk(const struct gprobe_probe *probe,
		      const struct gprobe_space *space,
		      struct gprobe_place *place,
		      const struct gprobe_vcpu **vcpu, uint64_t *root);
int gprobe_probe_walk_failed(const struct gprobe_probe *probe, int err,
			     struct gprobe_why *why);

#endif /* GPROBE_LIB_PROBE_H */
