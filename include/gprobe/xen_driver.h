/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A driver (gprobe/driver.h) of a guest on this host: what changes the guest is
 * asked of the module, its memory is read through Xen.
 *
 * Features: claims with roots, watches, views. Each claim is the module's own,
 * of the client's session: it counts in the kernel, and is removed with the
 * session. A batch is one round trip for each 32 calls.
 *
 * A guest whose frames are mapped cannot go. Frames of frame_get() stay mapped
 * until they are put; others no longer than a call. When the module says that
 * the guest dies all are dropped by themselves, and reading answers -ESHUTDOWN
 * from then on. Who hears of it otherwise calls gprobe_xen_driver_drop().
 *
 * Errors are the module's, which are those of the seam; besides:
 *	-ETIMEDOUT, -EPROTO, -ENOBUFS	see gprobe/client.h: whether it was done
 *					is not known
 *
 * Not thread-safe: one thread for it, its client and its guest.
 */
#ifndef GPROBE_XEN_DRIVER_H
#define GPROBE_XEN_DRIVER_H

#include <stdint.h>

#include <gprobe/client.h>
#include <gprobe/driver.h>
#include <gprobe/guest.h>

struct gprobe_xen_driver;

/**
 * struct gprobe_xen_claims - what claims are to be; the owner's
 * @fill: say what the claim of a CLAIM_NEW does: @spec has its place and root;
 *	@action, @step, @insn_bytes, @cookie and @label are added. It is asked
 *	when the page is there, so that the instruction can be read. Answers 0
 *	or a negative errno: then the call fails with it. May be NULL: they
 *	count, and the cookie is the call's tag.
 * @deleted: a claim is gone; @info has its final figures. May be NULL.
 * @arg: for both
 *
 * Neither calls the driver, but for its read.
 */
struct gprobe_xen_claims {
	int (*fill)(void *arg, const struct gprobe_call *call,
		    struct gprobe_claim_spec *spec);
	void (*deleted)(void *arg, const struct gprobe_claim_info *info);
	void *arg;
};

int gprobe_xen_driver_new(struct gprobe_client *client,
			  struct gprobe_guest *guest, uint32_t domid,
			  const struct gprobe_xen_claims *claims,
			  struct gprobe_xen_driver **driver);
void gprobe_xen_driver_free(struct gprobe_xen_driver *driver);
struct gprobe_driver gprobe_xen_driver(struct gprobe_xen_driver *driver);
void gprobe_xen_driver_drop(struct gprobe_xen_driver *driver);

#endif /* GPROBE_XEN_DRIVER_H */
