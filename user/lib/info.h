/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages to structs. */
#ifndef GPROBE_LIB_INFO_H
#define GPROBE_LIB_INFO_H

#include <gprobe/client.h>

struct nlmsghdr;

/**
 * struct gprobe_kind - how the answers about one kind of object are read
 * @fields: closed by one with attribute 0
 * @bytes: size of the struct that is filled in
 * @variants: whose fields must be there
 */
struct gprobe_kind {
	const struct gprobe_field *fields;
	size_t bytes;
	uint8_t variants;
};

extern const struct gprobe_kind gprobe_kind_domain;
extern const struct gprobe_kind gprobe_kind_view;
extern const struct gprobe_kind gprobe_kind_site;
extern const struct gprobe_kind gprobe_kind_claim;
extern const struct gprobe_kind gprobe_kind_watch;
extern const struct gprobe_kind gprobe_kind_trap;
/* Of a reason that nobody here knows; then by reason; those with _late: too late. */
extern const struct gprobe_kind gprobe_kind_upcall;
extern const struct gprobe_kind gprobe_kind_upcall_table;
extern const struct gprobe_kind gprobe_kind_upcall_hit;
extern const struct gprobe_kind gprobe_kind_upcall_late_hit;
extern const struct gprobe_kind gprobe_kind_upcall_trap;
extern const struct gprobe_kind gprobe_kind_upcall_late_trap;
extern const struct gprobe_kind gprobe_kind_session;

int gprobe_info_parse(const struct gprobe_kind *kind,
		      const struct nlmsghdr *message, void *info);

#endif /* GPROBE_LIB_INFO_H */
