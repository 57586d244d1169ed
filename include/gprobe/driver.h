/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seam between the controller's tables and whatever reaches a guest: the
 * module over netlink, libxenctrl, or a guest that exists only in memory.
 * Anyone can implement it; the tables never know what is under them.
 *
 * One driver is one guest. Frames are guest frame numbers (gfn) of 4096 bytes
 * and below 1 << GPROBE_GFN_BITS; gpa = gfn * 4096 + offset. Views are altp2m
 * view numbers; view 0 is the guest's own memory, where there is nothing to be
 * changed: what a call would change there is -EINVAL.
 *
 * Every call returns 0 or a negative errno. These have one meaning in all:
 *	-ENOENT		there is no such view (or it is gone)
 *	-ENXIO		there is no such frame, or nothing is mapped there
 *	-EINVAL		view 0, or a value that cannot be
 *	-ENOMEM		no memory, here or in Xen
 *	-EBUSY		used by somebody else, now
 *	-EOPNOTSUPP	this driver, host or guest cannot
 *	-ESHUTDOWN	the guest is dying; what is asked for is moot
 * and any other one is a failure that nothing is concluded from. A call that
 * failed had no effect.
 *
 * Threads: a driver is called by one thread at a time and need not lock. It
 * never calls back. Whoever uses it sees to it that it outlives the tables.
 */
#ifndef GPROBE_DRIVER_H
#define GPROBE_DRIVER_H

#include <stddef.h>
#include <stdint.h>

/* View 0: the guest's own memory. No traps there. */
#define GPROBE_VIEW_HOST	0u

/**
 * enum gprobe_access - what a view's page allows
 *
 * Bits, and the values of xenmem_access_t (xen/memory.h) from n to rwx. Names
 * as Xen's. Intersection is &.
 */
enum gprobe_access {
	GPROBE_ACCESS_N = 0,
	GPROBE_ACCESS_R = 1,
	GPROBE_ACCESS_W = 2,
	GPROBE_ACCESS_RW = 3,
	GPROBE_ACCESS_X = 4,
	GPROBE_ACCESS_RX = 5,
	GPROBE_ACCESS_WX = 6,
	GPROBE_ACCESS_RWX = 7,
};

/**
 * enum gprobe_driver_feature - what of the seam a driver has
 * @GPROBE_DRIVER_CLAIMS: CLAIM_NEW and CLAIM_DEL: it keeps shadow frames, arms
 *	INT3s in them and protects their pages by itself, as the module does
 * @GPROBE_DRIVER_SHADOWS: shadow_alloc, shadow_free, REMAP and UNMAP: the
 *	shadow frames are kept above it (gprobe/shadow.h)
 * @GPROBE_DRIVER_VIEWS: view_new, view_del and view_switch
 * @GPROBE_DRIVER_WATCHES: WATCH: it protects the pages of page tables by itself
 *	and lets stores to entries that are not watched happen, as the module
 *	does
 * @GPROBE_DRIVER_CLAIM_ROOTS: besides CLAIMS: a claim is for @root alone, has a
 *	@key and a @tag, and there may be several at one place. Their hits need
 *	not come as events.
 */
enum gprobe_driver_feature {
	GPROBE_DRIVER_CLAIMS = 1,
	GPROBE_DRIVER_SHADOWS = 2,
	GPROBE_DRIVER_VIEWS = 4,
	GPROBE_DRIVER_WATCHES = 8,
	GPROBE_DRIVER_CLAIM_ROOTS = 16,
};

/**
 * enum gprobe_call_kind - one call of a batch
 * @GPROBE_CALL_ACCESS_GET: read @access of a page. A page that the view has no
 *	entry of its own for yet has the view's default access.
 * @GPROBE_CALL_ACCESS_SET: set it to @access
 * @GPROBE_CALL_REMAP: from now on @gfn is the shadow frame @to in this view,
 *	with @access. One step: no vCPU sees the one without the other. (Xen's
 *	change_gfn takes the access of the new frame's entry in that view, so
 *	there the driver sets that one first.)
 * @GPROBE_CALL_UNMAP: @gfn is its own frame again. Its access is the view's
 *	default afterwards, whatever it was.
 * @GPROBE_CALL_CLAIM_NEW: put an INT3 at (@view, @gfn, @offset); any root; its
 *	hits come as events. @id is the answer. With CLAIM_ROOTS: @root, @key
 *	and @tag, too.
 * @GPROBE_CALL_CLAIM_DEL: take back the INT3 that CLAIM_NEW answered @id for;
 *	@view, @gfn and @offset as then. An unknown one is -ENOENT.
 * @GPROBE_CALL_WATCH: from now on these @entries of the page table's page @gfn
 *	are watched in @view, and no others: a store to one of them is told
 *	while the vCPU that does it is held. One that was watched before is so
 *	all along. NULL, or none: the page is not watched any more. The driver
 *	protects the page by itself; others' reasons for its access are
 *	respected, and ACCESS_GET and ACCESS_SET are about those alone. A store
 *	to an entry that is not watched happens; it may be told or not. What was
 *	stored before this is not told: who wants an entry's value reads it
 *	after it is watched. -ENXIO: there is no such frame; -ENOENT: no such
 *	view.
 */
enum gprobe_call_kind {
	GPROBE_CALL_ACCESS_GET = 1,
	GPROBE_CALL_ACCESS_SET,
	GPROBE_CALL_REMAP,
	GPROBE_CALL_UNMAP,
	GPROBE_CALL_CLAIM_NEW,
	GPROBE_CALL_CLAIM_DEL,
	GPROBE_CALL_WATCH,

	__GPROBE_CALL_MAX,
	GPROBE_CALL_MAX = (__GPROBE_CALL_MAX - 1)
};

/**
 * struct gprobe_call - one call of a batch
 * @kind: enum gprobe_call_kind
 * @view: in which view; not 0
 * @gfn: the page
 * @to: REMAP: a frame of shadow_alloc()
 * @entries: WATCH: a bit for each of the page's 512: entry n is bit n % 8 of
 *	byte n / 8; or NULL. Not kept.
 * @access: enum gprobe_access; asked for, or the answer of ACCESS_GET
 * @root: CLAIM_NEW, CLAIM_ROOTS: CR3 without control bits; 0: any
 * @key: CLAIM_NEW, CLAIM_ROOTS: whose; the caller's own
 * @tag: CLAIM_NEW, CLAIM_ROOTS: comes with each hit; the caller's own
 * @offset: CLAIM_*: in the page
 * @id: CLAIM_*: the driver's number
 * @ret: the answer: 0, or why this one failed; -ECANCELED: it was not tried
 */
struct gprobe_call {
	uint32_t kind;
	uint32_t view;
	uint64_t gfn;
	uint64_t to;
	const uint8_t *entries;
	uint64_t root;
	uint64_t key;
	uint64_t tag;
	uint32_t access;
	uint32_t offset;
	uint32_t id;
	int ret;
};

/**
 * struct gprobe_translation - from a virtual address to a physical one
 * @root: CR3 without control bits (GPROBE_ROOT_MASK)
 * @gva: the guest's virtual address
 * @gpa: the answer
 * @ret: 0; -ENXIO nothing is mapped there; otherwise it could not be told
 */
struct gprobe_translation {
	uint64_t root;
	uint64_t gva;
	uint64_t gpa;
	int ret;
};

/**
 * struct gprobe_driver_ops - what a driver does
 * @features: enum gprobe_driver_feature; what it lacks may be NULL
 * @paging_levels: how many levels the guest's page tables have now: 4 or 5; 0
 *	without paging; -EOPNOTSUPP others
 * @translate: translate @nr addresses as the guest would now. Each has a @ret;
 *	the function itself fails (with that errno) only if none was tried. A
 *	guest that pages in a way the driver does not know is -EOPNOTSUPP.
 * @read: copy @bytes bytes at @offset of a frame as it is in view 0; all in
 *	that frame. As in struct gprobe_memory.
 * @frame_get: map @nr frames of the guest as they are in view 0, read-only,
 *	until each is put. maps[i] is page-aligned and shows the frame as the
 *	guest changes it. All or none: -ENXIO one of them is not there. A frame
 *	that is got twice is put twice.
 * @frame_put: give one of them back. Cannot fail.
 * @call: do a batch of @nr calls in one round trip, in the array's order, and
 *	set the @ret of each. One that fails may end the batch (then all behind
 *	it are -ECANCELED), or not; those that were done stay done. Answers 0
 *	if all were done, else the @ret of the first that was not. @nr is never
 *	0.
 * @shadow_alloc: make @nr shadow frames, all zero: gfns[i] that the guest does
 *	not know, not to be reached in any view but by REMAP; mapped writable
 *	at maps[i] until freed. All or none.
 * @shadow_free: free @nr of them. No view maps them any more. Cannot fail.
 * @view_new: make a view that shows what view 0 shows
 * @view_del: remove it: -EBUSY a vCPU is in it
 * @view_switch: run all vCPUs in this view; 0 too
 */
struct gprobe_driver_ops {
	uint32_t features;
	int (*paging_levels)(void *arg);
	int (*translate)(void *arg, struct gprobe_translation *translations,
			 size_t nr);
	int (*read)(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		    size_t bytes);
	int (*frame_get)(void *arg, const uint64_t *gfns, size_t nr,
			 const void **maps);
	void (*frame_put)(void *arg, uint64_t gfn, const void *map);
	int (*call)(void *arg, struct gprobe_call *calls, size_t nr);
	int (*shadow_alloc)(void *arg, size_t nr, uint64_t *gfns, void **maps);
	void (*shadow_free)(void *arg, size_t nr, const uint64_t *gfns,
			    void *const *maps);
	int (*view_new)(void *arg, uint32_t *view);
	int (*view_del)(void *arg, uint32_t view);
	int (*view_switch)(void *arg, uint32_t view);
};

/**
 * struct gprobe_driver - a guest
 * @ops: how it is reached
 * @arg: for @ops
 */
struct gprobe_driver {
	const struct gprobe_driver_ops *ops;
	void *arg;
};

#endif /* GPROBE_DRIVER_H */
