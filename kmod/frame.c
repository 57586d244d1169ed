// SPDX-License-Identifier: GPL-2.0
#include "frame.h"

#include <linux/err.h>
#include <linux/slab.h>

#include "access.h"
#include "domain.h"
#include "shadow.h"
#include "site.h"
#include "store.h"
#include "view.h"
#include "xen_abi.h"

/*
 * Show the shadow frame in the view. Xen gives a remapped gfn the access of
 * the gfn it is remapped to, so the shadow frame's access is set first, and
 * one change hides and protects. Either call may answer 0 without effect:
 * the result is read back.
 */
static int show(struct gprobe_frame *frame, const struct gprobe_xen *xen)
{
	u16 view = frame->view->id;
	u16 access;
	int ret;

	ret = gprobe_xen_view_set_access(xen, view, frame->shadow->gfn,
					 GPROBE_XEN_ACCESS_X);
	if (ret)
		return ret;
	ret = gprobe_xen_view_remap(xen, view, frame->gfn, frame->shadow->gfn);
	if (ret)
		return ret;
	ret = gprobe_xen_view_access(xen, view, frame->gfn, &access);
	if (!ret && access != GPROBE_XEN_ACCESS_X)
		ret = -EAGAIN;
	if (ret)
		gprobe_access_unshow(frame);
	return ret;
}

/* The guest is paused while its frame is copied: no write may fall between. */
static int copy_and_show(struct gprobe_frame *frame,
			 const struct gprobe_xen *xen)
{
	int ret = gprobe_xen_pause(xen);

	if (ret)
		return ret;
	memcpy(frame->shadow->map.va, frame->original.va, PAGE_SIZE);
	ret = show(frame, xen);
	gprobe_xen_unpause(xen);
	return ret;
}

static int publish(struct gprobe_frame *frame)
{
	struct gprobe_domain *domain = frame->view->domain;
	struct gprobe_table_slot *slots;
	u64 key = gprobe_key(frame->view->id, frame->gfn, 0);

	slots = gprobe_table_grow_alloc(&domain->frames);
	if (IS_ERR(slots))
		return PTR_ERR(slots);
	spin_lock_irq(&domain->event_lock);
	slots = gprobe_table_insert(&domain->frames, slots, key, frame);
	list_add(&frame->node, &frame->view->frames);
	spin_unlock_irq(&domain->event_lock);
	kvfree(slots);
	frame->view->nr_frames++;
	return 0;
}

static void unpublish(struct gprobe_frame *frame)
{
	struct gprobe_domain *domain = frame->view->domain;
	u64 key = gprobe_key(frame->view->id, frame->gfn, 0);

	spin_lock_irq(&domain->event_lock);
	gprobe_table_remove(&domain->frames, key);
	list_del(&frame->node);
	spin_unlock_irq(&domain->event_lock);
	frame->view->nr_frames--;
}

static struct gprobe_frame *frame_new(struct gprobe_view *view, u64 gfn)
{
	struct gprobe_domain *domain = view->domain;
	struct gprobe_frame *frame = kzalloc(sizeof(*frame), GFP_KERNEL);
	int ret;

	if (!frame)
		return ERR_PTR(-ENOMEM);
	frame->view = view;
	frame->gfn = gfn;
	INIT_LIST_HEAD(&frame->sites);
	ret = gprobe_map_new(&frame->original, domain->xen.domid, gfn, false);
	if (ret)
		goto err_free;
	frame->shadow = gprobe_shadow_get(&domain->pool, &domain->xen);
	if (IS_ERR(frame->shadow)) {
		ret = PTR_ERR(frame->shadow);
		goto err_unmap;
	}
	ret = publish(frame);
	if (ret)
		goto err_shadow;
	ret = copy_and_show(frame, &domain->xen);
	if (ret)
		goto err_unpublish;
	return frame;

err_unpublish:
	unpublish(frame);
err_shadow:
	gprobe_shadow_put(&domain->pool, frame->shadow);
err_unmap:
	gprobe_map_free(&frame->original);
err_free:
	kfree(frame);
	return ERR_PTR(ret);
}

/**
 * gprobe_frame_get() - Find the probed frame of a gfn, or make it.
 * @view: in which view
 * @gfn: which gfn
 *
 * Context: Process, control lock held, may sleep.
 * Return: the frame; ERR_PTR, -ENXIO when there is no memory at @gfn: then
 * the guest is as before.
 */
struct gprobe_frame *gprobe_frame_get(struct gprobe_view *view, u64 gfn)
{
	struct gprobe_frame *frame;

	frame = gprobe_table_find(&view->domain->frames,
				  gprobe_key(view->id, gfn, 0));
	return frame ?: frame_new(view, gfn);
}

/**
 * gprobe_frame_free() - Forget a frame that its view shows no more.
 * @frame: no sites in it; not to be used after
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_frame_free(struct gprobe_frame *frame)
{
	unpublish(frame);
	gprobe_shadow_put(&frame->view->domain->pool, frame->shadow);
	gprobe_map_free(&frame->original);
	kfree(frame);
}

/**
 * gprobe_frame_put() - Remove a frame when no site is left in it.
 * @frame: the frame; not to be used after
 * @dying: only our own side is left to be cleaned
 *
 * The view shows the guest's frame again before the shadow frame is free for
 * others. If Xen refuses, the frame stays, with the guest's bytes in it, until
 * its view goes.
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_frame_put(struct gprobe_frame *frame, bool dying)
{
	if (frame->nr_sites)
		return;
	if (!dying && gprobe_access_unshow(frame))
		return;
	gprobe_frame_free(frame);
}

/**
 * gprobe_frame_arm() - Put an INT3 into a frame, or take it out.
 * @frame: the frame
 * @offset: where
 * @on: put or take
 *
 * One byte store; the guest may be running there.
 *
 * Context: Event lock held.
 */
void gprobe_frame_arm(struct gprobe_frame *frame, u32 offset, bool on)
{
	lockdep_assert_held(&frame->view->domain->event_lock);
	__assign_bit(offset, frame->armed, on);
	WRITE_ONCE(frame->shadow->map.va[offset],
		   on ? GPROBE_INT3 : READ_ONCE(frame->original.va[offset]));
}

/* Eight bytes of the guest with the INT3s of the bits set in @armed. */
static u64 with_int3s(u64 bytes, u8 armed)
{
	unsigned int i;

	for (i = 0; armed; i++, armed >>= 1) {
		if (!(armed & 1))
			continue;
		bytes &= ~(0xffULL << (8 * i));
		bytes |= (u64)GPROBE_INT3 << (8 * i);
	}
	return bytes;
}

/* Take the guest's bytes anew; an INT3 of ours is never away meanwhile. */
static void carry(struct gprobe_frame *frame)
{
	const u64 *from = (const u64 *)frame->original.va;
	u64 *to = (u64 *)frame->shadow->map.va;
	unsigned long armed;
	unsigned int i;
	u64 bytes;

	for (i = 0; i < PAGE_SIZE / sizeof(*from); i++) {
		armed = frame->armed[i * 8 / BITS_PER_LONG] >>
			(i * 8 % BITS_PER_LONG);
		bytes = with_int3s(READ_ONCE(from[i]), armed);
		if (to[i] != bytes)
			WRITE_ONCE(to[i], bytes);
	}
}

/**
 * gprobe_frame_wrote() - The guest has written to a probed frame.
 * @domain: the guest
 * @store: where; the vCPU that wrote still waits
 *
 * Context: Event lock held.
 */
void gprobe_frame_wrote(struct gprobe_domain *domain,
			const struct gprobe_store *store)
{
	struct gprobe_frame *frame;
	struct gprobe_view *view;

	lockdep_assert_held(&domain->event_lock);
	list_for_each_entry(view, &domain->views, node)
		list_for_each_entry(frame, &view->frames, node)
			if (gprobe_store_reaches(store, frame->gfn))
				carry(frame);
}
