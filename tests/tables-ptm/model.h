/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page-table monitor beside a reference that is plain and slow: lists, and
 * every way walked anew. The guest is tiny, so that tables are shared, mapped
 * into themselves and met at several levels all the time.
 */
#ifndef GPROBE_TABLES_MODEL_H
#define GPROBE_TABLES_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* Numbers that decide what is done; false: there are no more. */
struct model_source {
	bool (*next)(void *arg, uint64_t *number);
	void *arg;
};

/* What was met, so that a test can tell that it tested. */
struct model_seen {
	uint64_t steps, outs, ins, failed, retried, torn, untold, raced;
};

/* Aborts where the two differ. The driver has these features. */
void model_run(const struct model_source *source, uint32_t features,
	       uint64_t steps, struct model_seen *seen);

#endif /* GPROBE_TABLES_MODEL_H */
