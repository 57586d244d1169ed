/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The stack of a Linux guest's kernel, function by function, by its ORC tables, which
 * a kernel with CONFIG_UNWINDER_ORC, as those of distributions are, has in memory.
 * They are read once; a walk reads two or three words of the stack for each function,
 * and never believes them.
 */
#ifndef GPROBE_UNWIND_H
#define GPROBE_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/fetch.h>
#include <gprobe/probe.h>

struct gprobe_unwind;

int gprobe_unwind_new(const struct gprobe_space *space, const char *version,
		      struct gprobe_unwind **unwind, struct gprobe_why *why);
void gprobe_unwind_free(struct gprobe_unwind *unwind);
size_t gprobe_unwind_run(const struct gprobe_unwind *unwind,
			 const struct gprobe_fetch_source *source,
			 uint64_t *addresses, size_t max, bool *is_whole);

#endif /* GPROBE_UNWIND_H */
