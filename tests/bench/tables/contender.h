/* SPDX-License-Identifier: GPL-2.0 */
/* What the breakpoint table's work is, for whoever does it. */
#ifndef GPROBE_BENCH_CONTENDER_H
#define GPROBE_BENCH_CONTENDER_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_VIEW	1u

/* So many pages come and go in one call. */
#define BENCH_MANY	250u

/* A breakpoint of key 1 in view BENCH_VIEW. */
struct bench_point {
	uint64_t gva, root, gpa, tag;
};

/**
 * struct contender - a table
 * @name: in the output
 * @new: make an empty one; it may know how many breakpoints there will be
 * @free: free it with all that is in it
 * @insert: a breakpoint, active
 * @lookup: what an INT3 at this place is for: the tag, or 0
 * @remove: by address
 * @page_out: all of the address's page become pending
 * @page_in: and active again
 * @page_many: both, of many; NULL: it has no call for that
 */
struct contender {
	const char *name;
	void *(*new)(uint32_t nr);
	void (*free)(void *table);
	bool (*insert)(void *table, const struct bench_point *point);
	uint64_t (*lookup)(void *table, const struct bench_point *point);
	bool (*remove)(void *table, const struct bench_point *point);
	bool (*page_out)(void *table, const struct bench_point *point);
	bool (*page_in)(void *table, const struct bench_point *point);
	bool (*page_many)(void *table, const struct bench_point *points,
			  uint32_t nr);
};

extern const struct contender contender_gprobe;
extern const struct contender contender_uthash;
extern const struct contender contender_rculfhash;

void bench_driver_calls(void);

#endif /* GPROBE_BENCH_CONTENDER_H */
