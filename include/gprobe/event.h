/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a vCPU ran into. The fields are those of Xen's vm_event requests
 * (xen/vm_event.h); the vCPU waits until the event is answered.
 */
#ifndef GPROBE_EVENT_H
#define GPROBE_EVENT_H

#include <stdint.h>

/**
 * enum gprobe_event_kind - what happened
 * @GPROBE_EVENT_BREAKPOINT: an INT3 was reached: the guest's own or one of ours
 * @GPROBE_EVENT_ACCESS: an access that the view's page does not allow
 */
enum gprobe_event_kind {
	GPROBE_EVENT_BREAKPOINT = 1,
	GPROBE_EVENT_ACCESS,

	__GPROBE_EVENT_MAX,
	GPROBE_EVENT_MAX = (__GPROBE_EVENT_MAX - 1)
};

/**
 * struct gprobe_event - what happened, where and to whom
 * @kind: enum gprobe_event_kind
 * @vcpu: whose
 * @view: the altp2m view it runs in
 * @access: of ACCESS: what it tried, enum gprobe_access
 * @bytes: of ACCESS: how many it tried to access; 0: not known
 * @gpa: of BREAKPOINT: where the INT3 is; of ACCESS: what it tried to access
 * @gva: the same as the guest's virtual address; of BREAKPOINT: RIP
 * @root: CR3; control bits may be set in it
 */
struct gprobe_event {
	uint32_t kind;
	uint32_t vcpu;
	uint32_t view;
	uint32_t access;
	uint32_t bytes;
	uint64_t gpa;
	uint64_t gva;
	uint64_t root;
};

#endif /* GPROBE_EVENT_H */
