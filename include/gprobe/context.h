/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses as a guest's program knows them, and pages that come and go. */
#ifndef GPROBE_CONTEXT_H
#define GPROBE_CONTEXT_H

#include <stdint.h>

/**
 * struct gprobe_context - an address
 * @gva: the guest's virtual address, canonical
 * @root: whose: CR3; its control bits do not matter (GPROBE_ROOT_MASK)
 */
struct gprobe_context {
	uint64_t gva;
	uint64_t root;
};

/**
 * struct gprobe_paging - a page came or went
 * @context: the address; its offset in the page does not matter
 * @gpa: where it is mapped now, or was until now; the offset does not matter
 * @view: whose breakpoints this is for
 */
struct gprobe_paging {
	struct gprobe_context context;
	uint64_t gpa;
	uint32_t view;
};

#endif /* GPROBE_CONTEXT_H */
