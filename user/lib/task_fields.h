/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which fields of a Linux kernel's structs tell of its tasks, whatever has types. */
#ifndef GPROBE_LIB_TASK_FIELDS_H
#define GPROBE_LIB_TASK_FIELDS_H

#include <stdint.h>

struct json_scan;

enum gprobe_task_field {
	GPROBE_TASK_COMM,
	GPROBE_TASK_PID,
	GPROBE_TASK_TGID,
	/* From Linux 6.2 to 6.14 it is in a struct. */
	GPROBE_TASK_CURRENT,
	GPROBE_TASK_LIST,
	GPROBE_TASK_MM,
	GPROBE_TASK_MM_PGD,
	GPROBE_TASK_FIELDS,
};

/* Structs in structs, without a name of their own, are looked into so deep. */
#define GPROBE_TASK_FIELD_DEPTH	8

/* What they are called. */
struct gprobe_task_field_name {
	const char *type, *member;
};

extern const struct gprobe_task_field_name
	gprobe_task_field_names[GPROBE_TASK_FIELDS];

/* Where they are in their structs, in bytes; -1: there are none. */
struct gprobe_task_fields {
	int64_t at[GPROBE_TASK_FIELDS];
};

/*
 * Read "user_types" of ISF, whose value is next, in the scan's own memory. Answers 0 or
 * -ENOMEM; what is wrong with the text is in @json.
 */
int gprobe_task_fields_read_isf(struct gprobe_task_fields *fields,
				struct json_scan *json);

#endif /* GPROBE_LIB_TASK_FIELDS_H */
